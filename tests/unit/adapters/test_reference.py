"""What are the data compared with? The settings' word, then the baseline's, then training data."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlci_action.adapters.baselines import Baseline, BaselineFinder
from mlci_action.adapters.git import Git
from mlci_action.adapters.reference import FoundReference, ReferenceFinder, stored_profile
from mlci_action.domain.sources import parse_source
from mlci_action.errors import BaselineError, BaselineMissing, DatasetError
from mlci_action.settings.values import DataSettings
from tests.fakes.repositories import Repository

DATA = DataSettings(evaluation="data/test.csv", target="y")
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n"
BEFORE = {"m.joblib": b"old", "data/test.csv": b"x,y\n1,0\n"}


def no_fetch(ref: str) -> str:
    raise BaselineError(f"the ref {ref!r} cannot be fetched")


def made(tmp_path: Path, before: dict[str, bytes], now: dict[str, bytes]) -> ReferenceFinder:
    repository = Repository(tmp_path / "work")
    repository.commit(before, "base")
    repository.commit({"m.joblib": b"new", **now}, "head")
    git = Git(folder=repository.folder)
    baselines = BaselineFinder(
        folder=repository.folder,
        store=tmp_path / "store",
        git=git,
        base=git.commit("HEAD~1"),
        no_base="no base",
        under_test=frozenset({repository.head()}),
        fetch=no_fetch,
    )
    return ReferenceFinder(
        folder=repository.folder, store=tmp_path / "store" / "data", baselines=baselines
    )


def baseline_of(finder: ReferenceFinder, source: str = "git:base:m.joblib") -> Baseline:
    return finder.baselines.find([parse_source(source)])


def text_at(found: FoundReference) -> str:
    return Path(found.pattern).read_text(encoding="utf-8")


def test_it_is_the_evaluation_data_of_the_baselines_commit(tmp_path: Path) -> None:
    finder = made(tmp_path, BEFORE, {"data/test.csv": b"x,y\n2,1\n"})
    found = finder.find(DATA, baseline_of(finder))
    assert text_at(found) == "x,y\n1,0\n"
    assert found.origin.startswith("data/test.csv of commit ")
    assert not found.is_train


def test_a_profile_beside_the_baseline_comes_before_its_data(tmp_path: Path) -> None:
    finder = made(tmp_path, {**BEFORE, "profile.json": b'{"version":1}'}, {})
    found = finder.find(DATA, baseline_of(finder))
    assert text_at(found) == '{"version":1}'
    assert found.origin.startswith("profile.json of commit ")


def test_a_baseline_that_is_a_file_has_its_profile_beside_it(tmp_path: Path) -> None:
    finder = made(tmp_path, BEFORE, {"old/m.joblib": b"older", "old/profile.json": b"{}"})
    found = finder.find(DATA, baseline_of(finder, "old/m.joblib"))
    assert found.origin == "the baseline's profile.json"
    assert text_at(found) == "{}"


def test_labels_in_a_file_of_their_own_come_from_the_same_commit(tmp_path: Path) -> None:
    labels = {"data/y.csv": b"y\n0\n"}
    data = DataSettings(evaluation="data/test.csv", labels="data/y.csv", target="y")
    finder = made(tmp_path, {**BEFORE, **labels}, {"data/y.csv": b"y\n1\n"})
    found = finder.find(data, baseline_of(finder))
    assert found.labels is not None
    assert Path(found.labels).read_text(encoding="utf-8") == "y\n0\n"


def test_the_settings_word_comes_first(tmp_path: Path) -> None:
    finder = made(tmp_path, {**BEFORE, "profile.json": b"{}"}, {})
    by_path = DataSettings(evaluation="data/test.csv", target="y", reference="july.csv")
    assert finder.find(by_path, None) == FoundReference(pattern="july.csv", origin="july.csv")
    in_git = DataSettings(
        evaluation="data/test.csv", target="y", reference="git:base:data/test.csv"
    )
    assert text_at(finder.find(in_git, None)) == "x,y\n1,0\n"
    absent = DataSettings(evaluation="data/test.csv", target="y", reference="git:base:no.csv")
    with pytest.raises(DatasetError, match=r"has no file 'no\.csv'"):
        finder.find(absent, None)


def test_training_data_stand_in_for_want_of_anything_better(tmp_path: Path) -> None:
    data = DataSettings(evaluation="data/test.csv", target="y", train="train.csv")
    finder = made(tmp_path, {"m.joblib": b"old"}, {"data/test.csv": b"x,y\n1,0\n"})
    for baseline in (None, baseline_of(finder)):
        found = finder.find(data, baseline)
        assert (found.pattern, found.is_train) == ("train.csv", True)


def test_without_any_the_reasons_are_told_with_the_ways_to_one(tmp_path: Path) -> None:
    """An LFS pointer is no data."""
    finder = made(tmp_path, {**BEFORE, "data/test.csv": POINTER}, {})
    with pytest.raises(
        BaselineMissing, match=r"has neither profile\.json nor data/test\.csv"
    ) as told:
        finder.find(DATA, baseline_of(finder))
    assert "data.reference" in told.value.hint
    with pytest.raises(
        BaselineMissing, match=r"there is no baseline, and data\.train is not given"
    ):
        finder.find(DATA, None)


def test_a_profile_is_told_from_a_table_by_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(' {"version":1}', encoding="utf-8")
    (tmp_path / "t.json").write_text("a,b\n1,2\n", encoding="utf-8")
    assert stored_profile("p.csv", tmp_path) == ' {"version":1}'
    assert stored_profile("t.json", tmp_path) is None
    assert stored_profile("*.csv", tmp_path) is None
