"""The same manifest gives the same bytes, and what nobody vouches for is read without trust."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mlci_action.domain.fingerprint import Fingerprint, TrainingRecord
from mlci_action.domain.ledger import Ledger
from mlci_action.domain.manifest import MAX_HISTORY, FileEntry, Manifest, MetricEntry, Promoted
from mlci_action.domain.outcomes import Verdict
from mlci_action.errors import BundleError
from mlci_action.rendering.manifest_json import (
    manifest_from_json,
    manifest_schema,
    manifest_to_json,
)
from mlci_action.rendering.manifest_schema import MAX_CHARACTERS
from tests.builders import HOSTILE
from tests.builders_bundle import make_manifest, sha256

_VALIDATOR = Draft202012Validator(manifest_schema())
_PUBLISHED = Path(__file__).resolve().parents[3] / "docs" / "manifest.schema.json"
_OTHER = "sha256:" + "0" * 64


def full() -> Manifest:
    """A manifest in which every field says something."""
    return make_manifest(
        baseline=_OTHER,
        training=TrainingRecord(
            model=_OTHER,
            command="python train.py",
            fingerprint=Fingerprint(data={"data/train.csv": _OTHER}, code={"train.py": _OTHER}),
            python="3.11.2",
            rows=1_000,
            parameters={"depth": 3},
        ),
        history=(Promoted(manifest=_OTHER, model=_OTHER, commit="c" * 40),),
        ledger=Ledger(judged={sha256("rows"): (_OTHER, sha256("b")), _OTHER: (_OTHER,)}),
        files=(FileEntry(path="profile.json", digest=_OTHER, n_bytes=12),),
    )


def document(of: Manifest | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(manifest_to_json(of or full()))
    return found


def test_the_schema_is_a_schema_and_the_published_one(request: pytest.FixtureRequest) -> None:
    Draft202012Validator.check_schema(manifest_schema())
    text = json.dumps(manifest_schema(), indent=1, ensure_ascii=False) + "\n"
    if request.config.getoption("--update-golden"):
        _PUBLISHED.write_text(text, encoding="utf-8")
    assert _PUBLISHED.read_text(encoding="utf-8") == text, "run pytest --update-golden on this file"


@pytest.mark.parametrize("manifest", [full(), make_manifest()], ids=["full", "plain"])
def test_a_manifest_is_read_as_it_was_written(manifest: Manifest) -> None:
    text = manifest_to_json(manifest)
    assert manifest_from_json(text) == manifest
    assert manifest_to_json(manifest_from_json(text)) == text
    _VALIDATOR.validate(json.loads(text))


def test_the_public_names_are_spelt_as_published() -> None:
    found = document()
    assert list(found) == sorted(found)
    assert found["manifest_version"] == 1
    assert found["model"] == {
        "path": "model.joblib",
        "digest": "sha256:fd75569a0f28d058779df3bdc96eb9744e90630b816cdac2b2ecd850ec144c75",
        "size": 21,
        "format": "other",
    }
    assert found["checks"] == {"passed": ["data.missing", "metric.roc_auc.max_regression"]}
    assert found["ledger"][1] == {"data": _OTHER, "models": [_OTHER]}


def test_the_order_in_which_things_were_said_changes_no_byte() -> None:
    backwards = replace(
        full(),
        environment=dict(sorted(full().environment.items(), reverse=True)),
        parameters=dict(sorted(full().parameters.items(), reverse=True)),
    )
    assert manifest_to_json(backwards) == manifest_to_json(full())


def test_a_number_that_does_not_exist_is_null() -> None:
    manifest = make_manifest(metrics=(MetricEntry(metric="r2", n=3, candidate=float("nan")),))
    assert document(manifest)["metrics"][0]["candidate"] is None


def test_history_and_ledger_are_cut_and_everything_else_is_refused() -> None:
    one = Promoted(manifest=_OTHER, model=_OTHER)
    assert len(document(make_manifest(history=(one,) * 500))["history"]) == MAX_HISTORY
    with pytest.raises(BundleError, match="no manifest can be written"):
        manifest_to_json(make_manifest(parameters={str(n): n for n in range(2_000)}))


def _set(*path: str | int, to: object) -> Callable[[dict[str, Any]], None]:
    def change(found: dict[str, Any]) -> None:
        here: Any = found
        for key in path[:-1]:
            here = here[key]
        here[path[-1]] = to

    return change


_HOSTILE: dict[str, Callable[[dict[str, Any]], None]] = {
    "another version": _set("manifest_version", to=2),
    "no version": lambda found: found.pop("manifest_version"),
    "an unknown key": _set("surprise", to=1),
    "a failed one that deploys": _set("verdict", to="fail"),
    "deploy as a text": _set("deploy", to="true"),
    "a digest with a line break": _set("model", "digest", to=_OTHER + "\n"),
    "a digest in capitals": _set("model", "digest", to="sha256:" + "A" * 64),
    "a digest of another kind": _set("model", "digest", to="md5:" + "0" * 32),
    "a short digest": _set("baseline", to="sha256:00"),
    "a path that leads out": _set("model", "path", to="../model.joblib"),
    "a path from the root": _set("files", 0, "path", to="/etc/passwd"),
    "a path of a drive": _set("files", 0, "path", to="C:x"),
    "a path with a line break": _set("model", "path", to="model.joblib\n"),
    "a path with a backslash": _set("files", 0, "path", to="a\\b"),
    "a file that is the manifest": _set("files", 0, "path", to="manifest.json"),
    "a file that is derived": _set("files", 0, "path", to="MLBOM.cdx.json"),
    "a file that is the model": _set("files", 0, "path", to="MODEL.joblib"),
    "a file within the model": _set("files", 0, "path", to="model.joblib/x"),
    "a negative size": _set("model", "size", to=-1),
    "true for a size": _set("model", "size", to=True),
    "a text without end": _set("reasons", 0, to="x" * 100_000),
    "a surrogate": _set("repository", to="\ud800"),
    "a set twice in the ledger": lambda found: found["ledger"].append(found["ledger"][0]),
    "an unknown outcome": _set("checks", "fine", to=[]),
    "an id with a blank": _set("checks", "passed", to=["a b"]),
    "deep parameters": _set("parameters", to=json.loads('{"a":' * 30 + "1" + "}" * 30)),
}


@pytest.mark.parametrize("change", _HOSTILE.values(), ids=_HOSTILE.keys())
def test_a_manifest_that_was_tampered_with_is_none(change: Callable[[Any], None]) -> None:
    found = document()
    change(found)
    with pytest.raises(BundleError):
        manifest_from_json(json.dumps(found))


@pytest.mark.parametrize(
    "text",
    [
        *("", "null", "[]", "{}", "NaN", "{", "\ufeff{}", "[" * 100_000, "1e999", "9" * 5_000),
        '{"verdict": "pass", "verdict": "pass"}',
    ],
    ids=lambda text: repr(text[:12]),
)
def test_what_is_no_json_object_of_ours_is_no_manifest(text: str) -> None:
    with pytest.raises(BundleError):
        manifest_from_json(text)


def test_a_manifest_that_is_too_long_is_none() -> None:
    text = manifest_to_json(full())
    assert manifest_from_json(text.ljust(MAX_CHARACTERS)) == full()
    with pytest.raises(BundleError, match="more than the"):
        manifest_from_json(text.ljust(MAX_CHARACTERS + 1))


def test_a_key_that_stands_twice_is_refused() -> None:
    text = manifest_to_json(make_manifest())
    with pytest.raises(BundleError, match="a key stands twice"):
        manifest_from_json(text.replace('\n "deploy"', '\n "deploy": true,\n "deploy"'))


@pytest.mark.parametrize("number", ["NaN", "1e999", "-Infinity", "9" * 30])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    text = manifest_to_json(make_manifest())
    assert '"C": 1.0' in text
    with pytest.raises(BundleError, match="number"):
        manifest_from_json(text.replace('"C": 1.0', f'"C": {number}'))


def test_a_message_shows_nothing_of_a_hostile_text() -> None:
    found = document()
    found["verdict"] = HOSTILE
    with pytest.raises(BundleError) as refused:
        manifest_from_json(json.dumps(found))
    assert HOSTILE not in str(refused.value)
    assert "\n" not in str(refused.value)


@settings(max_examples=200)
@given(
    st.sampled_from(sorted(document())),
    st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=8),
)
def test_no_value_in_any_place_is_a_bug(key: str, value: object) -> None:
    try:
        manifest_from_json(json.dumps({**document(), key: value}))
    except BundleError:
        return


def test_only_a_pass_or_an_allowed_doubt_may_be_deployed() -> None:
    assert make_manifest().passed
    assert make_manifest(verdict=Verdict.INCONCLUSIVE).passed
    assert not make_manifest(deploy=False).passed
    assert not make_manifest(verdict=Verdict.FAIL).passed


def test_the_history_of_what_follows_begins_with_this_one() -> None:
    manifest = full()
    first, second = manifest.followed_by(_OTHER)
    assert first == Promoted(manifest=_OTHER, model=manifest.model.digest, commit="c" * 40)
    assert (second,) == manifest.history
    assert make_manifest(history=(first, second)).parent == first
