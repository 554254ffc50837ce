"""One pull request that edits data: what was done to it is found, and where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlci_action import check_data
from mlci_action.__main__ import main
from mlci_action.adapters.schemas import check_yaml_schema
from tests.fakes.repositories import Repository

SETTINGS = """\
data: {evaluation: test.csv, target: approved}
candidate: {model: new.joblib}
baseline: {from: "git:base:old.joblib"}
metrics: {roc_auc: {min: 0.6}}
"""


@pytest.fixture
def edited(project: Path) -> Path:
    """The project's data in a first commit, and edited in the working copy."""
    (project / "mlci.yml").write_text(SETTINGS, encoding="utf-8")
    Repository(project).commit({}, "base")
    frame = pd.read_csv(project / "test.csv").astype({"a": object})
    frame.loc[41, "a"] = "0.5 kg"
    frame.loc[[3, 9], "b"] = 1e9
    frame.to_csv(project / "test.csv", index=False)
    return project


def wrong(report: dict[str, Any]) -> set[tuple[str, str | None, int | None]]:
    checks = report["checks"]
    return {(c["id"], c["column"], c["rows"]) for c in checks if c["outcome"] == "failed"}


def test_edited_cells_are_found_beside_the_commit_before_with_their_lines(edited: Path) -> None:
    assert main(["data"]) == 1
    folder = edited / "mlci-report"
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert wrong(report) == {("data.dtype", "a", 1), ("data.outliers", "b", 2)}
    assert report["data"]["reference"]["origin"].startswith("test.csv of commit ")
    sarif = json.loads((folder / "report.sarif").read_text(encoding="utf-8"))
    lines = {
        (result["ruleId"], place["physicalLocation"]["region"]["startLine"])
        for result in sarif["runs"][0]["results"]
        for place in result["locations"]
        if "region" in place["physicalLocation"]
    }
    # Line 1 is the header, and rows count from 0.
    assert lines == {("data.dtype", 43), ("data.outliers", 5), ("data.outliers", 11)}
    assert "0.5 kg" not in (folder / "comment.md").read_text(encoding="utf-8")


def test_a_stored_profile_answers_as_the_table_that_it_was_made_of(edited: Path) -> None:
    Repository(edited).git("show", "HEAD:test.csv")
    before = edited / "before.csv"
    before.write_bytes(Repository(edited).git("show", "HEAD:test.csv").encode() + b"\n")
    by_table = check_data(edited / "test.csv", reference=before, target="approved")
    profile = edited / "profile.json"
    stored = check_data(before, target="approved").profile_to_json()
    profile.write_text(stored, encoding="utf-8")
    by_profile = check_data(edited / "test.csv", reference=profile, target="approved")
    pd.testing.assert_frame_equal(by_table.to_frame(), by_profile.to_frame())
    pd.testing.assert_frame_equal(by_table.drift_to_frame(), by_profile.drift_to_frame())


def test_a_reference_that_is_named_and_not_there_is_an_error(
    edited: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = SETTINGS.replace("target: approved}", "target: approved, reference: gone.csv}")
    (edited / "mlci.yml").write_text(text, encoding="utf-8")
    assert main(["data"]) == 2
    assert "no data at 'gone.csv'" in capsys.readouterr().out


def test_a_schema_is_proposed_that_the_data_follow(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema", "infer", "test.csv"]) == 0
    (project / "schema.yml").write_text(capsys.readouterr().out, encoding="utf-8")
    assert check_yaml_schema("schema.yml", project, pd.read_csv("test.csv")) == ()
