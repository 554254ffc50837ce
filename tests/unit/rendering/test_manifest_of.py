"""The manifest says of a finished run what its verdict was bound to, and no more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mlci_action.domain.ledger import Ledger
from mlci_action.domain.manifest import DataEntry, FileEntry, Manifest, MetricEntry, Promoted
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.domain.outcomes import Outcome, Verdict
from mlci_action.domain.policy import PolicyFacts
from mlci_action.domain.report import Report
from mlci_action.rendering.manifest_json import manifest_from_json, manifest_to_json
from mlci_action.rendering.manifest_of import environment_text, manifest_of
from tests.builders_bundle import make_manifest, sha256
from tests.sample_reports import SAMPLES, passing

_MODEL = FileEntry(path="model.joblib", digest=sha256("candidate"), n_bytes=9)
_ROWS, _TRAIN = sha256("rows"), sha256("train")


def finished(**provenance: Any) -> Report:  # noqa: ANN401 - JSON values
    """A run that passed, as the real world describes it."""
    told = {
        "change": {"repository": "octo/models", "head_sha": "d" * 40},
        "baseline": {"digest": sha256("baseline")},
        "policy": {"digest": sha256("mlci.yml")},
        "confidence": 0.9,
        "seed": 7,
        **provenance,
    }
    train = {"path": "data/train.csv", "rows": 2_000, "digest": _TRAIN}
    data = {"path": "data/test.csv", "rows": 6_512, "digest": _ROWS, "train": train}
    return replace(passing(), provenance=told, data=data)


def bound(report: Report, **more: Any) -> Manifest:  # noqa: ANN401 - the arguments of manifest_of
    return manifest_of(report, model=_MODEL, format=ModelFormat.PICKLE, clean=True, **more)


def test_everything_that_the_report_knows_is_in_it() -> None:
    found = bound(finished())
    assert (found.verdict, found.deploy) == (Verdict.PASS, True)
    assert found.reasons == passing().decision.reasons
    assert (found.model, found.format) == (_MODEL, ModelFormat.PICKLE)
    assert found.baseline == sha256("baseline")
    assert (found.repository, found.commit, found.clean) == ("octo/models", "d" * 40, True)
    assert (found.seed, found.confidence) == (7, 0.9)
    assert found.policy == sha256("mlci.yml")
    assert found.data == (
        DataEntry(role="evaluation", path="data/test.csv", digest=_ROWS, rows=6_512),
        DataEntry(role="train", path="data/train.csv", digest=_TRAIN, rows=2_000),
    )
    assert found.metrics[0] == MetricEntry(
        metric="roc_auc",
        n=6_512,
        candidate=0.8801,
        baseline=0.8712,
        diff=0.0089,
        ci_low=0.0012,
        ci_high=0.0166,
        method="delong",
    )
    assert [entry.metric for entry in found.metrics] == ["roc_auc", "log_loss"]
    assert set(found.checks) == {Outcome.PASSED}
    assert len(found.checks[Outcome.PASSED]) == len(passing().checks)
    assert found.files == ()
    assert manifest_from_json(manifest_to_json(found)) == found


def test_the_limits_in_force_outrank_the_settings_file() -> None:
    policy = PolicyFacts(origin="the base branch", digest=sha256("base"))
    assert bound(replace(finished(), policy=policy)).policy == sha256("base")
    unknown = replace(finished(), policy=PolicyFacts(origin="this working copy"))
    assert bound(unknown).policy == sha256("mlci.yml")


def test_this_look_is_added_to_the_ledger() -> None:
    before = Ledger(judged={_ROWS: (sha256("older"),)})
    found = bound(finished(), ledger=before)
    assert found.ledger.models(_ROWS) == (sha256("older"), _MODEL.digest)
    assert found.ledger.models(_TRAIN) == ()
    assert bound(replace(finished(), data={}), ledger=before).ledger == before


def test_what_the_report_cannot_know_is_taken_from_the_run() -> None:
    history = (Promoted(manifest=sha256("m"), model=sha256("b")),)
    found = bound(
        finished(change={}),
        commit="e" * 40,
        python="3.12.1",
        environment={"numpy": "2.0"},
        parameters={"C": 1},
        history=history,
    )
    assert (found.repository, found.commit) == (None, "e" * 40)
    assert (found.python, found.environment, found.parameters) == (
        *("3.12.1", {"numpy": "2.0"}, {"C": 1}),
    )
    assert found.parent == history[0]


def test_odd_facts_are_left_out_and_every_report_has_a_manifest() -> None:
    odd = bound(
        replace(
            finished(baseline={"digest": "md5:1"}, policy=None, seed="x", confidence=None),
            data={"path": "x", "digest": "sha256:short", "rows": 1, "train": {"rows": True}},
        )
    )
    assert (odd.baseline, odd.policy, odd.data, odd.seed) == (None, None, (), 0)
    for make in SAMPLES.values():
        found = bound(make())
        assert manifest_from_json(manifest_to_json(found)) == found


def test_the_environment_is_written_as_requirements() -> None:
    assert environment_text(make_manifest()) == (
        "# Python 3.11.2\nnumpy==1.26.4\nscikit-learn==1.5.2\n"
    )
    assert environment_text(make_manifest(environment={})) == ""
