"""What a step with a token brought is read by one without: as it was taken, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlci_action.adapters.baseline_sources.taken import Taken
from mlci_action.adapters.fetched import (
    FetchedBaseline,
    FetchedRefs,
    read_fetched,
    write_fetched,
)
from mlci_action.domain.sources import parse_source
from mlci_action.errors import BaselineError, BaselineMissing, BaselineUnknown

ARTIFACT = parse_source("artifact")


def kept(state: Path, one: FetchedBaseline) -> FetchedRefs:
    refs = FetchedRefs(
        commits={"v1": "c" * 40}, problems={"v2": "no"}, baselines={str(ARTIFACT): one}
    )
    write_fetched(refs, state)
    assert read_fetched(state) == refs
    return read_fetched(state)


def test_what_was_taken_is_handed_on(tmp_path: Path) -> None:
    path = tmp_path / "m.joblib"
    path.write_bytes(b"model")
    taken = Taken(path=path, origin="artifact x", commit="c" * 40, modified="2026", url="https://x")
    assert kept(tmp_path, FetchedBaseline.of(taken)).baseline(ARTIFACT) == taken


@pytest.mark.parametrize("what", ["changed", "gone"])
def test_what_is_not_the_same_file_any_more_is_not_used(tmp_path: Path, what: str) -> None:
    path = tmp_path / "m.joblib"
    path.write_bytes(b"model")
    refs = kept(tmp_path, FetchedBaseline.of(Taken(path=path, origin="artifact x")))
    path.unlink()
    if what == "changed":
        path.write_bytes(b"planted")
    with pytest.raises(BaselineError, match="artifact x changed after it was fetched") as caught:
        refs.baseline(ARTIFACT)
    assert not isinstance(caught.value, BaselineMissing)


@pytest.mark.parametrize("kind", [BaselineError, BaselineMissing, BaselineUnknown])
def test_why_it_was_not_taken_is_said_again(tmp_path: Path, kind: type[BaselineError]) -> None:
    refs = kept(tmp_path, FetchedBaseline.not_taken(kind("why", hint="what to do")))
    with pytest.raises(BaselineError) as caught:
        refs.baseline(ARTIFACT)
    assert type(caught.value) is kind
    assert (caught.value.message, caught.value.hint) == ("why", "what to do")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"commits": {}, "problems": {}}', None])
def test_whatever_nobody_asked_for_is_not_known(tmp_path: Path, text: str | None) -> None:
    """A step that was cut short proves nothing about a first model."""
    if text is not None:
        (tmp_path / "fetched.json").write_text(text)
    assert read_fetched(tmp_path) == FetchedRefs()
    with pytest.raises(BaselineUnknown):
        read_fetched(tmp_path).baseline(ARTIFACT)
