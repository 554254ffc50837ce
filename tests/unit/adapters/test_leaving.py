"""What an earlier run left is gone before the next one, and a working copy is seen as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlci_action.adapters.git import Git
from mlci_action.adapters.leaving import WorkingCopy, forget_bundle, working_copy
from mlci_action.errors import MlciError
from tests.builders_bundle import make_bundle
from tests.fakes.repositories import Repository


def test_manifest_and_bundle_of_an_earlier_run_are_taken_away(tmp_path: Path) -> None:
    make_bundle(tmp_path / "bundle")
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "ledger.json").write_text("{}")
    forget_bundle(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.json"]
    forget_bundle(tmp_path)
    forget_bundle(tmp_path / "none")


def test_a_bundle_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    make_bundle(elsewhere)
    report = tmp_path / "report"
    report.mkdir()
    (report / "bundle").symlink_to(elsewhere)
    forget_bundle(report)
    assert (elsewhere / "manifest.json").exists()


def test_what_cannot_be_taken_away_is_said(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").mkdir()
    with pytest.raises(MlciError, match="cannot remove the earlier bundle"):
        forget_bundle(tmp_path)


def test_a_working_copy_is_clean_as_long_as_it_is_the_commit(tmp_path: Path) -> None:
    assert working_copy(Git(folder=tmp_path)) == WorkingCopy(commit=None, clean=None)
    repository = Repository(tmp_path / "repository")
    commit = repository.commit({"a": b"1"}, "first")
    git = Git(folder=repository.folder)
    assert working_copy(git) == WorkingCopy(commit=commit, clean=True)
    (repository.folder / "a").write_text("2")
    assert working_copy(git) == WorkingCopy(commit=commit, clean=False)
