"""Which of the files that judge a change it has touched itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlci_action.adapters.git import Git
from mlci_action.adapters.judging_files import touched_files
from mlci_action.domain.policy import Move, PolicyChange
from mlci_action.settings.parse import parse_settings
from mlci_action.settings.values import Settings
from tests.fakes.repositories import Repository
from tests.unit.settings.documents import document

ROWS, OTHER_ROWS = b"a,approved\n1,0\n", b"a,approved\n1,1\n"
CHANGED = "the file itself was changed by this change"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "work")


def settings(evaluation: str = "test.csv", more: str = "", metrics: str = "") -> Settings:
    data = f"data: {{evaluation: '{evaluation}', target: approved{more}}}"
    parts = {"metrics": metrics} if metrics else {}
    return parse_settings(document(data=data, **parts), path="mlci.yml")


def told(repository: Repository, base: str, asked: Settings) -> list[tuple[str, str | None]]:
    folder = repository.folder / "ml"
    found = touched_files(asked, folder, Git(folder=folder), base)
    assert all(change.move is Move.OTHER and change.in_force for change in found)
    return [(change.rule, change.after) for change in found]


def test_a_file_as_the_base_branch_has_it_is_not_told(repository: Repository) -> None:
    base = repository.commit({"ml/test.csv": ROWS}, "base")
    repository.commit({"ml/model": b"new"}, "topic")

    assert told(repository, base, settings()) == []


def test_rows_that_the_change_touched_are_told(repository: Repository) -> None:
    base = repository.commit({"ml/test.csv": ROWS, "ml/y.csv": ROWS}, "base")
    repository.commit({"ml/test.csv": OTHER_ROWS, "ml/y.csv": OTHER_ROWS}, "topic")

    assert told(repository, base, settings(more=", labels: y.csv")) == [
        ("data.evaluation", f"{CHANGED}: 'ml/test.csv'"),
        ("data.labels", f"{CHANGED}: 'ml/y.csv'"),
    ]


def test_rows_that_were_rewritten_before_the_run_are_told(repository: Repository) -> None:
    base = repository.commit({"ml/test.csv": ROWS}, "base")
    (repository.folder / "ml" / "test.csv").write_bytes(OTHER_ROWS)

    assert told(repository, base, settings()) == [("data.evaluation", f"{CHANGED}: 'ml/test.csv'")]


def test_of_a_glob_files_that_came_went_and_changed_are_told(repository: Repository) -> None:
    files = {f"ml/test/{name}.csv": ROWS for name in "abc"}
    base = repository.commit({**files, "ml/test/deep/d.csv": ROWS, "ml/test/e.txt": b""}, "base")
    (repository.folder / "ml/test/a.csv").unlink()
    (repository.folder / "ml/test/deep/d.csv").unlink()
    (repository.folder / "ml/test/e.txt").unlink()
    repository.commit({"ml/test/b.csv": OTHER_ROWS, "ml/test/new.csv": ROWS}, "topic")

    (rule, flat), *others = told(repository, base, settings("test/*.csv"))
    assert (rule, others) == ("data.evaluation", [])
    assert flat == (
        "3 of the files were changed by this change:"
        " 'ml/test/a.csv', 'ml/test/b.csv', 'ml/test/new.csv'"
    )
    ((_, deep),) = told(repository, base, settings("test/**/*.csv"))
    assert deep == (
        "4 of the files were changed by this change:"
        " 'ml/test/a.csv', 'ml/test/b.csv', 'ml/test/deep/d.csv' and 1 more"
    )


def test_files_that_the_repository_does_not_hold_are_not_told(
    repository: Repository, tmp_path: Path
) -> None:
    base = repository.commit({"ml/.gitignore": b"test.csv\n"}, "base")
    (repository.folder / "ml" / "test.csv").write_bytes(ROWS)
    (tmp_path / "outside.csv").write_bytes(ROWS)

    for place in ("test.csv", str(tmp_path / "outside.csv"), "s3://bucket/test.csv", "none.csv"):
        assert told(repository, base, settings(place)) == []


def test_a_pointer_to_what_is_kept_elsewhere_is_not_the_file(repository: Repository) -> None:
    pointer = b"version https://host/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 9\n"
    base = repository.commit({"ml/test.csv": pointer}, "base")
    (repository.folder / "ml" / "test.csv").write_bytes(ROWS)

    assert told(repository, base, settings()) == []
    repository.commit({"ml/test.csv": pointer.replace(b"000", b"111")}, "topic")
    assert told(repository, base, settings()) == [("data.evaluation", f"{CHANGED}: 'ml/test.csv'")]


def test_a_link_in_place_of_the_file_is_told(repository: Repository) -> None:
    base = repository.commit({"ml/test.csv": ROWS, "ml/easy.csv": ROWS}, "base")
    (repository.folder / "ml" / "test.csv").unlink()
    (repository.folder / "ml" / "test.csv").symlink_to("easy.csv")
    repository.commit({}, "topic")

    assert [rule for rule, _ in told(repository, base, settings())] == ["data.evaluation"]


def test_code_that_judges_and_a_schema_are_told(repository: Repository) -> None:
    base = repository.commit(
        {"ml/costs.py": b"a", "ml/rules.py": b"a", "ml/s.yml": b"a", "ml/test.csv": ROWS}, "base"
    )
    repository.commit({"ml/costs.py": b"b", "ml/rules.py": b"b", "ml/s.yml": b"b"}, "topic")
    metrics = "metrics: {cost: {metric: 'costs.py:cost', direction: lower_is_better, max: 9}}"

    assert told(repository, base, settings(more=", schema: s.yml", metrics=metrics)) == [
        ("data.schema", f"{CHANGED}: 'ml/s.yml'"),
        ("metrics.cost", f"{CHANGED}: 'ml/costs.py'"),
    ]
    assert told(repository, base, settings(more=", schema: 'rules:Loans'")) == [
        ("data.schema", f"{CHANGED}: 'ml/rules.py'")
    ]


def test_of_very_many_files_some_are_looked_at_and_that_is_said(repository: Repository) -> None:
    base = repository.commit({f"ml/test/{n:03}.csv": ROWS for n in range(102)}, "base")

    assert told(repository, base, settings("test/*.csv")) == [
        ("data.evaluation", "many files; 2 more files were not looked at")
    ]


def test_a_change_is_no_limit_that_could_be_looser(repository: Repository) -> None:
    base = repository.commit({"ml/test.csv": ROWS}, "base")
    repository.commit({"ml/test.csv": OTHER_ROWS}, "topic")
    folder = repository.folder / "ml"

    assert touched_files(settings(), folder, Git(folder=folder), base) == (
        PolicyChange(
            rule="data.evaluation",
            move=Move.OTHER,
            after=f"{CHANGED}: 'ml/test.csv'",
            in_force=True,
        ),
    )
