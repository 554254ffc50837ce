"""From the first model to the next ones: gate, promotion, proof, and the baseline found again."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlci_action.__main__ import main
from mlci_action.adapters.report_folder import write_report
from mlci_action.domain.report import Report
from mlci_action.errors import MlciError
from tests.fakes.projects import SETTINGS

_FOLDER = "promoted"


def settings(project: Path, **more: object) -> None:
    """mlci.yml with the promoted folder as its only baseline."""
    document = yaml.safe_load(SETTINGS) | {"baseline": {"from": _FOLDER}} | more
    (project / "mlci.yml").write_text(yaml.safe_dump(document))


def gate(*more: str) -> int:
    return main(["gate", "--python", sys.executable, *more])


def promote(*more: str) -> int:
    return main(["promote", "mlci-report", "--to", _FOLDER, *more])


def report() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path("mlci-report", "report.json").read_text())
    return content


def manifest(folder: str = "mlci-report/bundle") -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(folder, "manifest.json").read_text())
    return content


def test_a_first_model_is_accepted_promoted_and_then_the_baseline(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings(project)
    assert gate("--candidate", "old.joblib") == 1
    assert report()["verdict"] == "inconclusive"
    assert "mlci promote" in report()["provenance"]["baseline"]["missing"]
    assert not Path("mlci-report/bundle").exists()
    assert manifest("mlci-report")["deploy"] is False
    assert promote() == 1

    settings(project, deploy={"first_model": "deploy"})
    assert gate("--candidate", "old.joblib") == 0
    first = manifest()
    assert (first["verdict"], first["deploy"], first["history"]) == ("pass", True, [])
    assert promote() == 0
    assert promote() == 0
    assert "already" in capsys.readouterr().out

    assert gate("--candidate", "new.joblib") == 0
    second, told = manifest(), report()["provenance"]["baseline"]
    assert told["source"] == _FOLDER
    assert told["digest"] == first["model"]["digest"]
    # Its answers lie in the bundle, so it need not be loaded again.
    assert told["predictions_from"] != "the model"
    assert second["baseline"] == first["model"]["digest"]
    assert [one["model"] for one in second["history"]] == [first["model"]["digest"]]
    (looks,) = second["ledger"]
    assert looks["data"] == report()["data"]["digest"]
    assert len(looks["models"]) == 2
    assert promote() == 0

    assert gate("--candidate", "new.joblib") == 0
    assert report()["deploy"] is False
    assert report()["provenance"]["same_model"] is True


def test_what_was_promoted_can_be_proved_and_what_was_changed_cannot(project: Path) -> None:
    settings(project, baseline={"from": "old.joblib"})
    assert gate() == 0
    assert promote() == 0
    (bundle,) = (path for path in Path(_FOLDER).iterdir() if path.is_dir())
    model, proof = str(bundle / "new.joblib"), str(bundle / "manifest.json")
    assert main(["verify", model, "--manifest", proof]) == 0
    assert main(["verify", str(bundle)]) == 0
    statement = str(bundle / "statement.intoto.json")
    assert main(["verify", model, "--manifest", proof, "--attestation", statement]) == 0
    assert main(["verify", "old.joblib", "--manifest", proof]) == 1
    bytes_ = Path(model).read_bytes()
    Path(model).write_bytes(bytes_[:-1] + bytes([bytes_[-1] ^ 1]))
    assert main(["verify", model, "--manifest", proof]) == 1
    assert main(["verify", str(bundle)]) != 0
    assert main(["verify", model, "--manifest", "nowhere.json"]) == 2


def test_a_bundle_that_was_changed_is_no_baseline(project: Path) -> None:
    settings(project, baseline={"from": "old.joblib"})
    assert gate() == 0
    assert promote() == 0
    (bundle,) = (path for path in Path(_FOLDER).iterdir() if path.is_dir())
    shutil.copy("old.joblib", bundle / "new.joblib")
    settings(project)
    assert gate("--candidate", "new.joblib") == 2
    assert report()["verdict"] == "error"
    assert "new.joblib" in " ".join(report()["reasons"])


def test_a_report_that_did_not_pass_promotes_nothing(project: Path) -> None:
    settings(project, baseline={"from": "new.joblib"})
    assert gate("--candidate", "old.joblib") == 1
    assert promote() == 1
    assert not Path(_FOLDER, "promoted.json").exists()


def test_the_same_inputs_give_the_same_bundle(project: Path) -> None:
    settings(project, baseline={"from": "old.joblib"})
    assert gate("--output", "one") == 0
    assert gate("--output", "other") == 0
    names = {path.name for path in Path("one/bundle").iterdir()}
    assert names == {path.name for path in Path("other/bundle").iterdir()}
    assert {"manifest.json", "new.joblib", "profile.json", "predictions.npz"} <= names
    for name in names:
        assert Path("one/bundle", name).read_bytes() == Path("other/bundle", name).read_bytes()


def test_a_policy_that_lets_noise_through_is_told_at_the_top(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings(
        project,
        baseline={"from": "old.joblib"},
        metrics={"accuracy": {"max_regression": 0.9}},
    )
    assert gate() == 0
    missed = {one["sabotage"] for one in report()["self_test"]["trials"] if not one["caught"]}
    assert {"permuted", "constant"} <= missed
    assert "cannot say no" in Path("mlci-report/comment.md").read_text()[:1500]
    assert "self-test" in capsys.readouterr().out
    assert main(["self-test", "--python", sys.executable]) == 1


def test_limits_that_hold_catch_every_sabotage(project: Path) -> None:
    settings(project, baseline={"from": "old.joblib"})
    assert gate() == 0
    trials = report()["self_test"]["trials"]
    assert len(trials) >= 6
    assert all(one["caught"] for one in trials)
    assert main(["self-test", "--python", sys.executable]) == 0


def test_a_waiver_covers_what_it_names_until_its_day(project: Path) -> None:
    waiver = {
        "check": "metric.roc_auc.max_regression",
        "ceiling": 0.9,
        "reason": "known",
        "expires": "2999-01-01",
    }
    models = {"baseline": {"from": "new.joblib"}, "candidate": {"model": "old.joblib"}}
    settings(project, **models, waivers=[waiver])
    assert gate() == 0
    (waived,) = (check for check in report()["checks"] if check["outcome"] == "waived")
    assert waived["observed"] < -0.03
    assert report()["waivers"][0]["state"] == "used"
    assert "known" in Path("mlci-report/comment.md").read_text()
    settings(project, **models, waivers=[waiver | {"expires": "2020-01-01"}])
    assert gate() == 1
    assert report()["waivers"][0]["state"] == "expired"


def test_calibrate_says_what_a_margin_does(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings(project, baseline={"from": "old.joblib"})
    assert main(["calibrate", "--python", sys.executable, "--json"]) == 0
    accuracy, auc = json.loads(capsys.readouterr().out)
    assert auc["metric"] == "roc_auc"
    assert auc["current"]["margin"] == 0.03
    assert [round(rates["passes"], 1) for rates in auc["proposed"]] == [0.8, 1.0]
    assert accuracy["current"] is None
    assert main(["calibrate", "--python", sys.executable]) == 0
    out = capsys.readouterr().out
    assert max(len(line) for line in out.splitlines()) <= 80
    assert "proposed" in out


_TRAIN = """\
import os, sys
import joblib, numpy as np, pandas as pd
from sklearn.linear_model import LogisticRegression

rows = pd.read_csv("test.csv").sample(frac=0.5, random_state=int(sys.argv[1]))
model = LogisticRegression().fit(rows.drop(columns="approved"), rows["approved"])
joblib.dump(model, "new.joblib")
"""


def test_calibrate_measures_the_noise_of_retraining(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "train.py").write_text(_TRAIN)
    train = {"command": "python train.py {seed}", "inputs": ["train.py"], "output": "new.joblib"}
    settings(project, baseline={"from": "old.joblib"}, train=train)
    before = (project / "new.joblib").read_bytes()
    asked = ["calibrate", "--python", sys.executable, "--retrain", "3"]
    assert main([*asked, "--json"]) == 0
    assert all(advice["retrainings"] == 3 for advice in json.loads(capsys.readouterr().out))
    assert (project / "new.joblib").read_bytes() == before
    settings(
        project, baseline={"from": "old.joblib"}, train=train | {"command": "python train.py 1"}
    )
    assert main(asked) == 2
    assert "3 trainings gave the same bytes" in capsys.readouterr().err
    with pytest.raises(SystemExit) as caught:
        main(["calibrate", "--retrain", "2"])
    assert caught.value.code == 2


def test_a_run_that_ends_in_an_error_leaves_no_bundle(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report could not be written, so nobody may take the bundle for one that passed."""
    settings(project, baseline={"from": "old.joblib"})
    calls: list[int] = []

    def full_once(found: Report, folder: Path, *, run_url: str | None = None) -> str:
        calls.append(1)
        if len(calls) == 1:
            raise MlciError("the disk is full")
        return write_report(found, folder, run_url=run_url)

    monkeypatch.setattr("mlci_action.runs.write_report", full_once)
    assert gate() == 2
    assert report()["reasons"] == ["the disk is full"]
    assert not Path("mlci-report/bundle").exists()
    assert not Path("mlci-report/manifest.json").exists()
