"""Which lines a change adds or edits, asked of real repositories."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from mlci_action.adapters.changed_lines import find_changed_lines
from mlci_action.adapters.git import Git
from mlci_action.adapters.report_folder import write_report
from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.places import Located, Place
from mlci_action.runs import Finished, RunOptions
from mlci_action.stages import evaluate
from tests.builders import check, report
from tests.fakes.repositories import Repository
from tests.fakes.runner import commands

FILE = "data/test.csv"
BEFORE = b"id,age\n1,20\n2,30\n3,40\n4,50\n"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "origin")
    made.commit({FILE: BEFORE}, "before")
    return made


def changed(
    repository: Repository, *files: str, base: str | None = "HEAD~1"
) -> dict[str, list[range]]:
    found = find_changed_lines(Git(folder=repository.folder), base, files or (FILE,))
    return {file: list(ranges) for file, ranges in found.items()}


@pytest.mark.parametrize(
    ("after", "lines"),
    [
        (b"id,age\n1,20\n2,31\n3,40\n4,50\n", [range(3, 4)]),
        (BEFORE + b"5,60\n6,70\n", [range(6, 8)]),
        (b"id,age\n0,10\n1,20\n2,30\n3,40\n4,5\n", [range(2, 3), range(6, 7)]),
        (b"id,age\n1,20\n4,50\n", []),
        (BEFORE.removesuffix(b"\n"), [range(5, 6)]),
        (BEFORE.replace(b"\n", b"\r\n"), [range(1, 6)]),
        (BEFORE + b"@@ -1 +1,99 @@\n+++ b/data/other.csv\n--- a/x\n", [range(6, 9)]),
        (BEFORE + b'"two\nlines",1\n', [range(6, 8)]),
    ],
)
def test_added_and_edited_lines_are_told_and_removed_ones_have_none(
    repository: Repository, after: bytes, lines: list[range]
) -> None:
    repository.commit({FILE: after}, "after")
    assert changed(repository) == ({FILE: lines} if lines else {})


def test_every_line_of_a_new_file_is_new_and_an_untouched_one_has_none(
    repository: Repository,
) -> None:
    repository.commit({"data/new.csv": BEFORE}, "a copy is no rename")
    assert changed(repository, FILE, "data/new.csv", "data/nowhere.csv") == {
        "data/new.csv": [range(1, 6)]
    }


@pytest.mark.parametrize(
    "name",
    [
        *("with space.csv", 'quo"te.csv', "new\nline.csv", "tab\t.csv", "back\\slash.csv"),
        *("d\u00e9j\u00e0 b/x.csv", "-U9.csv", ":(glob)**", "*.csv", "a:b.csv", "\udcff.csv"),
        "HEAD",
    ],
)
def test_a_name_is_a_name_and_nothing_else(repository: Repository, name: str) -> None:
    repository.commit({name: b"1\n", "other.csv": b"1\n2\n3\n"}, "hostile")
    assert changed(repository, name) == {name: [range(1, 2)]}


@pytest.mark.parametrize("name", ["a\0b", "", "\ud800", "/etc/passwd", "../up", "data", "x" * 9000])
def test_what_no_file_is_called_is_left_out(repository: Repository, name: str) -> None:
    repository.commit({FILE: BEFORE + b"5,60\n"}, "after")
    assert changed(repository, name, FILE) == {FILE: [range(6, 7)]}


def test_what_came_to_the_base_meanwhile_is_not_of_this_change(repository: Repository) -> None:
    """A checkout of the branch's own head, not of its merge with the base."""
    repository.branch("feature")
    repository.commit({FILE: BEFORE + b"5,60\n"}, "mine")
    repository.git("checkout", "--quiet", "main")
    repository.commit({FILE: BEFORE.replace(b"1,20", b"1,21")}, "theirs")
    repository.git("checkout", "--quiet", "feature")
    assert changed(repository, base="main") == {FILE: [range(6, 7)]}


def test_a_merge_is_compared_with_its_base(repository: Repository) -> None:
    """What actions/checkout checks out for a pull request."""
    repository.branch("feature")
    repository.commit({FILE: BEFORE + b"5,60\n"}, "mine")
    repository.git("checkout", "--quiet", "main")
    base = repository.commit({FILE: BEFORE.replace(b"1,20", b"1,21")}, "theirs")
    repository.git("merge", "--quiet", "--no-ff", "feature")
    assert changed(repository, base=base) == {FILE: [range(6, 7)]}


def test_a_file_that_is_not_as_it_was_committed_has_other_lines(repository: Repository) -> None:
    repository.commit({FILE: BEFORE + b"5,60\n"}, "after")
    (repository.folder / FILE).write_bytes(b"# one line more\n" + BEFORE)
    assert changed(repository) == {}
    (repository.folder / FILE).unlink()
    assert changed(repository) == {}


def test_a_link_has_no_lines(repository: Repository) -> None:
    (repository.folder / "link.csv").symlink_to(FILE)
    repository.commit({}, "a link")
    assert changed(repository, "link.csv") == {}


def test_binary_files_have_no_lines(repository: Repository) -> None:
    repository.commit(
        {"data/x.csv.gz": b"\x1f\x8b\x00\n\n\n", ".gitattributes": b"*.tsv -diff\n"}, "x"
    )
    repository.commit({"data/x.csv.gz": b"\x1f\x8b\x00\n", "a.tsv": b"1\n"}, "y")
    assert changed(repository, "data/x.csv.gz", "a.tsv") == {}


@pytest.mark.parametrize("base", [None, "", "nowhere", "f" * 40, "--help"])
def test_without_a_base_nothing_is_known_to_have_changed(
    repository: Repository, base: str | None
) -> None:
    repository.commit({FILE: BEFORE + b"5,60\n"}, "after")
    assert changed(repository, base=base) == {}


def test_outside_of_a_repository_and_without_git_nothing_has_changed(tmp_path: Path) -> None:
    outside = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    assert find_changed_lines(Git(folder=tmp_path, environ=outside), "main", [FILE]) == {}
    without = Git(folder=tmp_path, environ={"PATH": str(tmp_path)})
    assert find_changed_lines(without, "main", [FILE]) == {}


def test_in_a_folder_below_the_top_files_are_told_from_the_top(repository: Repository) -> None:
    repository.commit({FILE: BEFORE + b"5,60\n"}, "after")
    git = Git(folder=repository.folder / "data")
    assert list(find_changed_lines(git, "HEAD~1", [FILE])) == [FILE]


@pytest.mark.parametrize("driver", ["external", "textconv", "filter", "fsmonitor"])
def test_programs_that_a_repository_names_are_not_run(
    repository: Repository, tmp_path: Path, driver: str
) -> None:
    """User code of this very step could have written the repository's configuration."""
    sprung, trap = tmp_path / "sprung", tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch '{sprung}'\ncat\n")
    trap.chmod(0o755)
    repository.commit({FILE: BEFORE + b"5,60\n", ".gitattributes": b"*.csv diff=t filter=t\n"}, "x")
    key = {
        "external": "diff.t.command",
        "textconv": "diff.t.textconv",
        "filter": "filter.t.clean",
        "fsmonitor": "core.fsmonitor",
    }[driver]
    repository.git("config", key, str(trap))
    os.utime(repository.folder / FILE, (1, 1))
    assert changed(repository) == {FILE: [range(6, 7)]}
    assert not sprung.exists()
    # The trap is a real one: plain git falls into it.
    subprocess.run(
        ["git", "-C", str(repository.folder), "diff", "--ext-diff", "HEAD~1"],
        check=False,
        capture_output=True,
    )
    assert sprung.exists()


def test_a_diff_without_end_is_read_to_a_limit(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlci_action.adapters.git._MAX_DIFF_BYTES", 2_000)
    lines = [b"%d\n" % number for number in range(2_000)]
    repository.commit({FILE: b"".join(lines)}, "numbers")
    edited = [b"x" * (number % 2) + line for number, line in enumerate(lines)]
    repository.commit({FILE: b"".join(edited)}, "every second")
    (ranges,) = changed(repository).values()
    assert 10 < len(ranges) < 200
    assert ranges[:2] == [range(2, 3), range(4, 5)]

    monkeypatch.setattr("mlci_action.adapters.git._MAX_HUNKS", 3)
    assert [len(ranges) for ranges in changed(repository).values()] == [3]


def test_text_of_the_file_beside_a_hunk_is_no_hunk(repository: Repository) -> None:
    """Git shows there what it takes for the name of a function."""
    lines = [b"x @@ -1 +77 @@\n", *[b"1\n"] * 9]
    repository.commit({FILE: b"".join(lines)}, "before")
    repository.commit({FILE: b"".join([*lines[:8], b"2\n", b"1\n"])}, "after")
    assert b"+77" in Git(folder=repository.folder).hunks("HEAD~1", "HEAD", FILE)[0]
    assert changed(repository) == {FILE: [range(9, 10)]}


def test_a_file_of_one_endless_line_is_one_line(repository: Repository) -> None:
    repository.commit({FILE: b"a," * 200_000 + b"@@ -1 +7 @@"}, "one line")
    assert changed(repository) == {FILE: [range(1, 2)]}


@pytest.mark.parametrize("base", ["HEAD~1", None])
def test_the_step_annotates_changed_lines_beside_the_verdict(
    repository: Repository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    base: str | None,
) -> None:
    repository.commit({FILE: BEFORE + b"5,\n"}, "after")
    wrong = check("data.missing", Outcome.FAILED, "lacks 2", column="age", rows=2)
    places = tuple(Place(file=FILE, row=line - 1, line=line) for line in (3, 6))
    found = Located(check_id="data.missing", column="age", rows=2, places=places)
    made = replace(report(wrong), located=(found,))

    def judged(options: RunOptions, **_: object) -> Finished:
        assert options.output is not None
        write_report(made, options.output)
        return Finished(report=made, exit_code=1)

    monkeypatch.setattr("mlci_action.stages.evaluate.run_gate", judged)
    event = tmp_path / "event.json"
    sha = None if base is None else Git(folder=repository.folder).commit(base)
    event.write_text(json.dumps({"before": sha}), encoding="utf-8")
    environ = {
        **os.environ,
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_WORKSPACE": str(repository.folder),
        "MLCI_STATE": str(tmp_path / "state"),
    }
    (tmp_path / "state").mkdir()
    assert evaluate.run(environ) == 0
    notes = [each for each in commands(capsys.readouterr().out) if each.name == "error"]
    assert [(each.properties.get("file"), each.properties.get("line")) for each in notes] == [
        (None, None),
        *([] if base is None else [(FILE, "6")]),
    ]
