"""The command line on real files and real models: what is printed, written and answered."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import joblib
import jsonschema
import numpy as np
import pandas as pd
import pytest
from markdown_it import MarkdownIt

import mlci_action
from mlci_action.__main__ import main
from mlci_action._version import __version__
from mlci_action.adapters.world import RealWorld
from mlci_action.rendering.schema import report_schema
from tests.fakes.projects import SETTINGS
from tests.fakes.repositories import Repository


def gate(*more: str) -> int:
    return main(["gate", "--python", sys.executable, *more])


def report(folder: str = "mlci-report") -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(folder, "report.json").read_text(encoding="utf-8"))
    jsonschema.validate(content, report_schema())
    return content


def test_a_better_candidate_passes_with_exit_0(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gate() == 0
    out, err = capsys.readouterr()
    assert out.startswith("mlci: pass, deploy\n")
    assert max(len(line) for line in out.splitlines()) <= 80
    assert "models run in" in err
    content = report()
    assert (content["verdict"], content["deploy"]) == ("pass", True)
    assert content["data"]["rows"] == 600
    assert content["provenance"]["baseline"]["source"] == "old.joblib"
    assert content["provenance"]["policy"]["origin"] == "the working copy"
    assert {path.name for path in (project / "mlci-report").iterdir()} == {
        ".gitignore",
        "flips.csv",
        "report.json",
        "comment.md",
        "summary.md",
        "report.sarif",
        "profile.json",
        "predictions.npz",
        "manifest.json",
        "bundle",
        "ledger.json",
    }


def test_the_models_swapped_fail_with_exit_1(project: Path) -> None:
    assert gate("--candidate", "old.joblib", "--baseline", "new.joblib") == 1
    content = report()
    assert (content["verdict"], content["deploy"]) == ("fail", False)
    assert content["reasons"][0].startswith("roc_auc fell by ")


def test_the_same_file_as_both_passes_and_deploys_nothing(project: Path) -> None:
    assert gate("--baseline", "new.joblib") == 0
    content = report()
    assert (content["verdict"], content["deploy"]) == ("pass", False)
    assert content["reasons"][0].startswith("no new model version")


def test_json_on_stdout_is_the_report(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate("--json") == 0
    assert json.loads(capsys.readouterr().out) == report()


def test_the_same_inputs_give_the_same_numbers(project: Path) -> None:
    """Nothing is drawn at random."""
    gate("--output", "one")
    gate("--output", "two")
    one, two = report("one"), report("two")
    assert one["comparison"] == two["comparison"]
    assert one["checks"] == two["checks"]


def test_a_baseline_in_git_is_read_without_a_checkout(project: Path) -> None:
    repository = Repository(project)
    (project / "models").mkdir()
    shutil.copy("old.joblib", "models/m.joblib")
    repository.commit({}, "the old model")
    shutil.copy("new.joblib", "models/m.joblib")
    source = "git:base:models/m.joblib"
    assert gate("--candidate", "models/m.joblib", "--baseline", source) == 0
    found = report()["provenance"]["baseline"]
    assert (found["source"], found["commit"]) == (source, repository.head())
    assert found["digest"] != report()["provenance"]["candidate"]["digest"]


def test_the_commit_under_test_is_a_set_up_error(project: Path) -> None:
    repository = Repository(project)
    repository.commit({}, "all of it")
    for _ in range(2):
        # The report of the first run is no change of the working copy for the second.
        assert gate("--baseline", "git:HEAD:old.joblib") == 2
    assert "is the commit under test" in report()["reasons"][0]


WRONG_SETUPS: tuple[tuple[str, str, str], ...] = (
    ("mlci.yml", "", "mlci.yml"),
    ("mlci.yml", "data: [", "mlci.yml"),
    ("mlci.yml", "metrics: {roc_auc: {min: 0.5}}", "data"),
    ("test.csv", "", "'test.csv' is empty"),
    ("test.csv", "a,b,c\n1,2,3\n", "no column 'approved'"),
    ("test.csv", "a,b,c,approved\n1,2,3,1\n1,2,3,1\n", "one label only"),
    ("test.csv", "a,b,approved\n1,2,1\n1,2,0\n", "'c'"),
    ("new.joblib", "this is not a model", "the candidate"),
    ("new.joblib", "version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"),
    ("old.joblib", "this is not a model", "the baseline"),
)


@pytest.mark.parametrize(("name", "content", "reason"), WRONG_SETUPS)
def test_a_wrong_set_up_is_one_line_exit_2_and_a_report(
    project: Path, name: str, content: str, reason: str
) -> None:
    (project / name).write_text(content)
    assert gate() == 2
    written = report()
    assert (written["verdict"], written["deploy"]) == ("error", False)
    assert any(reason in line for line in written["reasons"])
    assert "\n" not in written["reasons"][0]


def test_a_single_mistake_in_the_settings_is_told_once(project: Path) -> None:
    (project / "mlci.yml").write_text(f"{SETTINGS}evidence: {{sed: 1}}\n")
    assert gate() == 2
    (reason,) = report()["reasons"]
    assert reason.startswith("mlci.yml:7: evidence.sed: ")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--config", "nothing.yml"), "cannot read 'nothing.yml'"),
        (("--candidate", "nothing.joblib"), "does not exist"),
        (("--baseline", "git:nowhere:old.joblib"), "'nowhere'"),
        (("--baseline", "artifact:a/b"), "not the name of an artifact"),
        (("--python", "no-such-python"), "no-such-python"),
    ],
)
def test_a_wrong_option_is_exit_2_and_a_report(
    project: Path, arguments: tuple[str, ...], reason: str
) -> None:
    Repository(project).commit({}, "all of it")
    assert gate(*arguments) == 2
    written = report()
    assert (written["verdict"], written["deploy"]) == ("error", False)
    assert any(reason in line for line in written["reasons"])


def test_missing_baselines_are_inconclusive_and_say_the_way_out(project: Path) -> None:
    (project / "old.joblib").unlink()
    assert gate() == 1
    written = report()
    assert (written["verdict"], written["deploy"]) == ("inconclusive", False)
    assert "first_model: deploy" in written["reasons"][0]


def test_nothing_of_an_earlier_report_is_lost_when_the_new_one_cannot_be_written(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "taken").write_text("a file, not a folder")
    assert gate("--output", "taken") == 2
    assert "cannot write the report to taken" in capsys.readouterr().err
    assert (project / "taken").read_text() == "a file, not a folder"


@pytest.mark.parametrize("how", ["not written", "killed"])
def test_an_earlier_report_is_never_taken_for_this_runs(
    project: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the next step would post, or promote, the pass of another run."""
    assert gate() == 0
    seen: list[bool] = []

    def looked(_: RealWorld) -> None:
        seen.append(Path("mlci-report", "report.json").exists())
        raise KeyboardInterrupt

    if how == "killed":
        monkeypatch.setattr(RealWorld, "find_candidate", looked)
        assert gate() == 130
        assert seen == [False]
    else:
        (project / "mlci-report" / "summary.md").unlink()
        (project / "mlci-report" / "summary.md").mkdir()
        assert gate("--candidate", "old.joblib", "--baseline", "new.joblib") == 2
        assert not (project / "mlci-report" / "report.json").exists()


def test_foreign_names_on_stdout_are_no_commands_on_a_runner(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert gate("--baseline", "::error::x##[error]y") == 1
    assert gate("--baseline", "::error::x##[error]y", "--json") == 1
    assert main(["baseline", "pull", "::error::x##[error]y"]) == 1
    out = capsys.readouterr().out
    assert "error" in out
    assert "##[" not in out
    assert "::" not in out


def test_a_bug_of_ours_says_so_and_still_writes_deploy_false(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: RealWorld) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(RealWorld, "load_data", broken)
    assert gate() == 3
    written = report()
    assert (written["verdict"], written["deploy"]) == ("error", False)
    assert written["reasons"] == ["this is a bug in mlci: ZeroDivisionError: oh"]
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_leaves_a_report_that_deploys_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: RealWorld) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(RealWorld, "load_data", interrupted)
    assert gate() == 130
    assert report()["deploy"] is False


HOSTILE = "a|b\n::error::@team <script>"


def test_a_hostile_column_name_reaches_no_output_as_a_command_or_markup(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the data, in the settings, and from there in the comment, the summary and the console."""
    frame = pd.read_csv("test.csv")
    frame[HOSTILE] = np.where(frame["a"] > 0, "<img src=x>", "##[set-output name=deploy]true")
    frame.to_csv("test.csv", index=False)
    settings = (project / "mlci.yml").read_text()
    (project / "mlci.yml").write_text(
        settings + f"slices: {{by: [{json.dumps(HOSTILE)}], max_regression: 0.2}}\n"
    )
    assert gate() == 0
    out, err = capsys.readouterr()
    content = report()
    assert any(row["slice"] and HOSTILE in row["slice"] for row in content["comparison"])
    assert not any(line.lstrip().startswith("::") for line in (out + err).splitlines())
    for name in ("comment.md", "summary.md"):
        text = Path("mlci-report", name).read_text(encoding="utf-8")
        html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text)
        assert "<script" not in html
        assert "<img" not in html
        assert "@team" not in re.sub(r"<code>.*?</code>", "", html)


def test_data_checks_alone_judge_no_model(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "new.joblib").unlink()
    settings = (project / "mlci.yml").read_text()
    checks = "target: approved, checks: {missing: {max_share: 0.0}}}"
    (project / "mlci.yml").write_text(settings.replace("target: approved}", checks))
    assert main(["data"]) == 0
    assert report()["deploy"] is False
    frame = pd.read_csv("test.csv")
    frame.loc[3, "a"] = None
    frame.to_csv("test.csv", index=False)
    assert main(["data"]) == 1
    assert "column 'a' lacks 1 of 600 values, above the limit of 0" in capsys.readouterr().out


def test_baseline_list_asks_every_source_and_pull_takes_the_first(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = (project / "mlci.yml").read_text()
    (project / "mlci.yml").write_text(
        settings.replace("from: old.joblib", "from: [older.joblib, old.joblib]")
    )
    assert main(["baseline", "list"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("older.joblib: there is no baseline")
    assert out[1].startswith("old.joblib: sha256:")
    assert main(["baseline", "pull", "--output", "pulled"]) == 0
    assert Path("pulled/old.joblib").read_bytes() == Path("old.joblib").read_bytes()
    assert main(["baseline", "pull", "older.joblib"]) == 1


def test_schema_prints_a_json_schema_that_takes_the_project(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)


def test_a_comment_without_a_pull_request_is_knowingly_skipped(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gate()
    capsys.readouterr()
    assert main(["comment", "mlci-report"]) == 0
    assert capsys.readouterr().out.startswith("skipped: no comment")


def test_version_and_help_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"mlci {__version__}\n"
    with pytest.raises(SystemExit):
        main(["--help"])
    out = capsys.readouterr().out
    assert "examples:" in out
    assert "exit codes:" in out


def test_an_unknown_option_is_exit_2() -> None:
    with pytest.raises(SystemExit) as caught:
        main(["gate", "--no-such-option"])
    assert caught.value.code == 2


def test_a_model_that_needs_a_column_the_data_lack_is_told_by_name(project: Path) -> None:
    frame = pd.read_csv("test.csv").rename(columns={"b": "B"})
    frame.to_csv("test.csv", index=False)
    assert gate() == 2
    assert "'b'" in report()["reasons"][0]


def test_predictions_of_the_wrong_length_are_an_error(project: Path) -> None:
    model = joblib.load("new.joblib")
    assert model.predict(pd.read_csv("test.csv")[["a", "b", "c"]]).shape == (600,)
    Path("short.py").write_text(
        "class Short:\n"
        "    classes_ = [0, 1]\n"
        "    def predict(self, X):\n        return [0] * (len(X) - 1)\n"
        "    def predict_proba(self, X):\n        return [[1.0, 0.0]] * (len(X) - 1)\n"
    )
    Path("dump.py").write_text("import joblib, short; joblib.dump(short.Short(), 'new.joblib')")
    subprocess.run([sys.executable, "dump.py"], check=True)
    assert gate() == 2
    assert "599" in report()["reasons"][0]


def test_a_baseline_whose_code_rewrites_the_candidate_is_found_out(project: Path) -> None:
    """The file that is judged has to be the file whose digest the report names."""
    Path("trap.py").write_text(
        "import shutil\n"
        "class Trap:\n"
        "    classes_ = [0, 1]\n"
        "    def predict(self, X):\n"
        "        shutil.copy('good.joblib', 'new.joblib')\n"
        "        return [0] * len(X)\n"
        "    def predict_proba(self, X):\n        return [[0.6, 0.4]] * len(X)\n"
    )
    shutil.copy("new.joblib", "good.joblib")
    shutil.copy("old.joblib", "new.joblib")
    dump = "import joblib, trap; joblib.dump(trap.Trap(), 'old.joblib')"
    subprocess.run([sys.executable, "-c", dump], check=True)
    assert gate() == 2
    assert "the candidate changed while the gate ran" in report()["reasons"][0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_told_to_end_leaves_a_report_that_deploys_nothing(
    project: Path, number: signal.Signals
) -> None:
    """And ends the model's process, which it was waiting for."""
    Path("slow.py").write_text(
        "import pathlib, time\n"
        "class Slow:\n"
        "    def predict(self, X):\n"
        "        while True:\n"
        "            pathlib.Path('asked').write_text(str(time.time_ns()))\n"
        "            time.sleep(0.01)\n"
    )
    dump = "import joblib, slow; joblib.dump(slow.Slow(), 'new.joblib')"
    subprocess.run([sys.executable, "-c", dump], check=True)
    command = [sys.executable, "-m", "mlci_action", "gate", "--python", sys.executable]
    environ = {**os.environ, "PYTHONPATH": str(Path(mlci_action.__file__).parents[1])}
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as running:
        for _ in range(600):
            if Path("asked").exists() and Path("asked").read_text():
                break
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(0.1)
        running.send_signal(number)
        assert running.wait(30) == 143
    assert (report()["verdict"], report()["deploy"]) == ("error", False)
    last = Path("asked").read_text()
    time.sleep(0.5)
    assert Path("asked").read_text() == last
