"""Each model is asked as its bytes, its time and its author call for, and the report says how."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.ensemble import RandomForestClassifier

from mlci_action.adapters.report_folder import PREDICTIONS
from mlci_action.adapters.world import Speaker
from mlci_action.domain.outcomes import Outcome, Verdict
from mlci_action.domain.report import Report
from mlci_action.runs import RunOptions, run
from tests.fakes.projects import SETTINGS
from tests.fakes.repositories import Repository

OURS, THEIRS = "us/loans", "them/loans"


class Run:
    """One run of the gate in the working directory: its report, and what was said meanwhile."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self.said: list[str] = []
        self.printed: list[str] = []
        speaker = Speaker(say=self.said.append, foreign=self.printed.append)
        options = RunOptions(output=Path("report"), python=sys.executable)
        finished = run(options, environ=environ or os.environ, speaker=speaker)
        assert finished.crash is None, finished.crash
        self.report: Report = finished.report

    def of(self, who: str) -> dict[str, Any]:
        """What the report says of that model."""
        known = self.report.provenance[who]
        assert isinstance(known, dict)
        return known

    @property
    def reason(self) -> str:
        """Why the verdict is what it is."""
        return self.report.decision.reasons[0]


def settings(text: str) -> None:
    Path("mlci.yml").write_text(text)


@pytest.mark.usefixtures("project")
def test_stored_predictions_stand_for_a_baseline_that_cannot_be_loaded_any_more() -> None:
    first = Run().report
    assert first.decision.verdict is Verdict.PASS
    Path("kept").mkdir()
    # What was promoted becomes the baseline, and then nobody can load it.
    shutil.copy("new.joblib", "kept/model.joblib")
    shutil.copy(f"report/{PREDICTIONS}", "kept")
    settings(
        SETTINGS.replace("old.joblib", "kept/model.joblib").replace("new.joblib", "old.joblib")
    )
    same = Run()
    assert same.of("baseline")["predictions_from"] == "stored predictions"
    assert same.of("candidate")["predictions_from"] == "the model"
    assert same.report.comparison is not None
    assert first.comparison is not None
    known = {row.metric.name: row.candidate for row in first.comparison.rows}
    again = {row.metric.name: row.baseline for row in same.report.comparison.rows}
    assert again == known
    # Of other rows they say nothing.
    table = pd.read_csv("test.csv")
    table.iloc[:-1].to_csv("test.csv", index=False)
    other = Run()
    assert other.of("baseline")["predictions_from"] == "the model"


@pytest.mark.usefixtures("project")
def test_a_baseline_that_no_interpreter_loads_says_why_its_stored_predictions_do_not_help() -> None:
    Path("old.joblib").write_bytes(Path("old.joblib").read_bytes()[:-40])
    Path(PREDICTIONS).write_bytes(b"PK\x03\x04 no archive")
    assert Run().report.decision.verdict is Verdict.ERROR
    assert "the stored predictions cannot be read" in Run().reason


@pytest.mark.usefixtures("project")
def test_predictions_are_compared_like_a_model_and_their_file_is_what_is_judged() -> None:
    model = joblib.load("new.joblib")
    rows = pd.read_csv("test.csv")
    scores = model.predict_proba(rows[["a", "b", "c"]])[:, 1]
    pd.DataFrame({"probability_1": scores}).to_csv("said.csv", index=False)
    beside = Run().report
    settings(SETTINGS.replace("model: new.joblib", "predictions: said.csv"))
    found = Run()
    assert found.report.decision.verdict is Verdict.PASS
    assert found.of("candidate")["predictions_from"] == "a file of predictions"
    assert found.report.comparison is not None
    assert beside.comparison is not None
    for ours, theirs in zip(found.report.comparison.rows, beside.comparison.rows, strict=True):
        assert ours.candidate == pytest.approx(theirs.candidate)


@pytest.mark.usefixtures("project")
def test_a_command_answers_for_both_models_and_for_changed_rows() -> None:
    Path("score.py").write_text(
        "import sys, joblib, pandas\n"
        "rows = pandas.read_csv(sys.argv[2])\n"
        "model = joblib.load(sys.argv[1])\n"
        "said = model.predict_proba(rows[['a', 'b', 'c']])[:, 1]\n"
        "pandas.DataFrame({'probability_1': said}).to_csv(sys.argv[3], index=False)\n"
    )
    command = "predict: 'python score.py {model} {input} {output}'"
    settings(
        SETTINGS.replace("model: new.joblib", f"model: new.joblib, {command}")
        + "robustness: {monotonic: {a: increasing}}\n"
    )
    found = Run()
    assert found.report.decision.verdict is Verdict.PASS, found.reason
    assert [found.of(who)["predictions_from"] for who in ("candidate", "baseline")] == [
        "a command"
    ] * 2
    monotonic = next(c for c in found.report.checks if c.id == "robustness.monotonic.a")
    assert (monotonic.outcome, monotonic.observed) == (Outcome.PASSED, 0.0)


@pytest.mark.usefixtures("project")
def test_a_baseline_in_git_is_asked_with_the_features_of_its_own_commit() -> None:
    """The change rewrites them for its own model, which would upset the one before."""
    prepare = "def prepare(rows):\n    return rows[['a', 'b', 'c']]{}\n"
    Path("features.py").write_text(prepare.format(""))
    shutil.copy("old.joblib", "model.joblib")
    with_features = "{model: model.joblib, features: 'features.py:prepare'}"
    text = SETTINGS.replace("{model: new.joblib}", with_features)
    settings(text.replace("from: old.joblib", "from: 'git:main:model.joblib'"))
    repository = Repository(Path.cwd())
    repository.commit({".gitignore": b"report\n"}, "the model before")
    repository.git("switch", "--quiet", "--create", "change")
    shutil.copy("new.joblib", "model.joblib")
    Path("features.py").write_text(prepare.format(".iloc[:, ::-1].iloc[:, ::-1] * 1.0"))
    repository.commit({}, "other features")
    found = Run()
    assert found.report.decision.verdict is Verdict.PASS, found.reason
    assert found.of("baseline")["code"] == repository.git("rev-parse", "main")
    assert "code" not in found.of("candidate")
    Path("features.py").write_text("def prepare(rows):\n    raise SystemExit('of the change')\n")
    repository.commit({}, "features that only one of them survives")
    broken = Run()
    assert broken.report.decision.verdict is Verdict.ERROR
    assert "the candidate" in broken.reason
    assert broken.of("baseline")["predictions_from"] == "the model"


@pytest.mark.usefixtures("project")
def test_the_same_bytes_with_other_features_are_asked_twice() -> None:
    prepare = "def prepare(rows):\n    return rows[['a', 'b', 'c']] * {}\n"
    Path("features.py").write_text(prepare.format(1))
    Path("other.py").write_text(prepare.format(-1))
    shutil.copy("new.joblib", "old.joblib")
    text = SETTINGS.replace(
        "{model: new.joblib}", "{model: new.joblib, features: 'other.py:prepare'}"
    )
    settings(text.replace("old.joblib", "old.joblib, features: 'features.py:prepare'"))
    found = Run()
    assert found.report.provenance["same_model"] is True
    assert found.report.decision.verdict is Verdict.FAIL
    assert not found.report.decision.deploy


@pytest.mark.usefixtures("project")
def test_columns_that_come_unscaled_are_named_in_a_warning() -> None:
    table = pd.read_csv("test.csv")
    forest = RandomForestClassifier(n_estimators=20, random_state=0)
    joblib.dump(forest.fit(table[["a", "b", "c"]], table["approved"]), "new.joblib")
    table["b"] = table["b"] * 1_000 + 50_000
    table.to_csv("test.csv", index=False)
    checks = [check for check in Run().report.checks if check.id == "provenance.inputs"]
    assert {check.outcome for check in checks} == {Outcome.WARNED}
    assert any("the candidate: column 'b'" in check.message for check in checks)


@pytest.fixture
def fork(project: Path) -> dict[str, str]:
    """The project as the pull request of a fork, whose base is the commit before."""
    repository = Repository(project)
    base = repository.commit({".gitignore": b"report\n"}, "before")
    head = repository.commit({"note": b"a change"}, "after")
    event = {
        "number": 7,
        "pull_request": {
            "number": 7,
            "head": {"ref": "patch", "sha": head, "repo": {"full_name": THEIRS}},
            "base": {"ref": "main", "sha": base, "repo": {"full_name": OURS}},
        },
    }
    (project.parent / "event.json").write_text(json.dumps(event))
    return {
        **os.environ,
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(project.parent / "event.json"),
        "GITHUB_REPOSITORY": OURS,
        "GITHUB_SHA": head,
        "GITHUB_REF": "refs/pull/7/merge",
    }


def pickled_payload(path: Path) -> None:
    """A model that leaves a file when it is loaded."""

    class Payload:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return (eval, ("open('executed', 'w').close() or __import__('json')",))

    joblib.dump(Payload(), path)


def test_a_fork_brings_no_code_and_the_base_branch_decides_that(fork: dict[str, str]) -> None:
    """Not by its pickle, and not by what it writes into its own settings."""
    pickled_payload(Path("new.joblib"))
    settings(SETTINGS + "trust: {pickle: always}\n")
    found = Run(fork)
    assert found.report.decision.verdict is Verdict.ERROR
    assert not Path("executed").exists()
    assert "it would import builtins.eval" in found.reason
    trust = found.report.provenance["trust"]
    assert trust["pickle"] == "same-repository"
    assert "of the base branch" in trust["origin"]
    assert f"the fork {THEIRS}" in trust["code"]
    # The same bytes from a branch of the repository itself are run.
    Run({**fork, "GITHUB_REPOSITORY": THEIRS})
    assert Path("executed").exists()


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ("features: 'features.py:prepare'", "features.py:prepare"),
        ("load: 'features.py:load'", "features.py:load"),
        ("predict: 'sh features.py {model} {input} {output}'", "sh features.py"),
    ],
    ids=["features", "load", "predict"],
)
def test_a_fork_names_no_code_either(fork: dict[str, str], more: str, named: str) -> None:
    Path("features.py").write_text("open('executed', 'w').close()\n")
    settings(SETTINGS.replace("model: new.joblib", f"model: new.joblib, {more}"))
    found = Run(fork)
    assert found.report.decision.verdict is Verdict.ERROR
    assert named in found.reason
    assert not Path("executed").exists()


def test_models_that_are_no_code_are_judged_for_a_fork_too(fork: dict[str, str]) -> None:
    """And nothing of the checkout is imported meanwhile, whatever it is called."""
    skops.io.dump(joblib.load("new.joblib"), "new.skops")
    for name in ("sklearn", "numpy", "skops"):
        Path(f"{name}.py").write_text("open('executed', 'w').close()\n")
    settings(SETTINGS.replace("new.joblib", "new.skops"))
    found = Run(fork)
    # The baseline is a pickle, but of the bytes that the base has.
    assert found.report.decision.verdict is Verdict.PASS, found.reason
    assert not Path("executed").exists()
    assert np.isfinite(found.of("candidate")["seconds_to_load"])


def test_a_fork_cannot_bring_its_own_python(fork: dict[str, str], project: Path) -> None:
    skops.io.dump(joblib.load("new.joblib"), "new.skops")
    settings(SETTINGS.replace("new.joblib", "new.skops"))
    theirs = project / ".venv" / "bin" / "python"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("#!/bin/sh\ntouch executed\n")
    theirs.chmod(0o755)
    speaker = Speaker(say=lambda _: None, foreign=lambda _: None)
    finished = run(RunOptions(output=Path("report")), environ=fork, speaker=speaker)
    assert finished.report.decision.verdict is Verdict.ERROR
    assert "lies in the checkout" in finished.report.decision.reasons[0]
    assert not (project / "executed").exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("predict: 'touch executed {model} {input} {output}'", "touch executed"),
        ("features: 'features.py:prepare'", "features.py:prepare"),
        ("python: ./theirs", "no environment is made"),
        ("requirements: theirs.txt", "no environment is made"),
    ],
    ids=["predict", "features", "python", "requirements"],
)
def test_a_fork_says_nothing_of_how_the_baseline_runs(
    fork: dict[str, str], more: str, said: str
) -> None:
    """Its bytes are the base's, and the settings that say how it is asked are the fork's."""
    skops.io.dump(joblib.load("new.joblib"), "new.skops")
    script = "#!/bin/sh\ntouch executed\n"
    Path("theirs").write_text(script)
    Path("theirs").chmod(0o755)
    Path("features.py").write_text("open('executed', 'w').close()\n")
    Path("theirs.txt").write_text("six\n")
    old = Path("old.joblib").read_bytes()
    text = SETTINGS.replace("new.joblib", "new.skops")
    settings(text.replace("from: old.joblib", "from: 'git:base:old.joblib', " + more))
    # A baseline that fails beside the candidate is what an environment would be made for.
    broken = Run(fork) if "no environment" not in said else None
    if broken is None:
        Path("old.joblib").write_bytes(old[:-40])
        settings(text.replace("from: old.joblib", f"from: old.joblib, {more}"))
        repository = Repository(Path.cwd())
        event = json.loads(Path(fork["GITHUB_EVENT_PATH"]).read_text())
        event["pull_request"]["base"]["sha"] = repository.commit({}, "a broken baseline")
        event["pull_request"]["head"]["sha"] = repository.commit({"note": b"2"}, "a change")
        Path(fork["GITHUB_EVENT_PATH"]).write_text(json.dumps(event))
        broken = Run({**fork, "GITHUB_SHA": event["pull_request"]["head"]["sha"]})
    assert broken.report.decision.verdict is Verdict.ERROR
    assert said in broken.reason
    assert not Path("executed").exists()
