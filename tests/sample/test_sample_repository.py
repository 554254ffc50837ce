"""Do the pieces of sample-repo/ agree with each other and with what is installed?"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest
import yaml
from sklearn.metrics import roc_auc_score

from mlci_action.adapters.git import Git
from mlci_action.adapters.github_event import Change
from mlci_action.adapters.sample import DemoRuns
from mlci_action.adapters.training.commits import own_commit
from mlci_action.adapters.training.records import record_path
from mlci_action.adapters.world import Speaker
from mlci_action.retraining import retrain
from mlci_action.runs import RunOptions, real_world
from mlci_action.settings.parse import parse_settings
from tests.fakes.repositories import Repository

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample-repo"
CONFIG: dict[str, Any] = yaml.safe_load((SAMPLE / "mlci.yml").read_text(encoding="utf-8"))
WORKFLOW = (SAMPLE / ".github" / "workflows" / "model.yml").read_text(encoding="utf-8")
RETRAIN: dict[Any, Any] = yaml.safe_load(
    (SAMPLE / ".github" / "workflows" / "retrain.yml").read_text(encoding="utf-8")
)
TRAIN = pd.read_csv(SAMPLE / "data" / "train.csv")
TEST = pd.read_csv(SAMPLE / "data" / "test.csv")


def pins(path: Path) -> dict[str, set[str]]:
    """Per package, every version that a requirements file pins (a lock may pin one per Python)."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([\w.-]+)==([\w.]+)", path.read_text(encoding="utf-8"), re.MULTILINE
    ):
        found.setdefault(name, set()).add(version)
    return found


def probabilities(model: Path) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(513,) probability of a good risk for every test row."""
    scores: np.ndarray[Any, np.dtype[np.float64]] = joblib.load(model).predict_proba(TEST)[:, 1]
    return scores


def auc_difference(baseline: Path, candidate: Path, *, draws: int = 400) -> tuple[float, float]:
    """A paired bootstrap interval (95 %), so that the sample's story rests on no code of ours."""
    truth, old, new = TEST["risk"].to_numpy(), probabilities(baseline), probabilities(candidate)
    generator = np.random.default_rng(0)
    differences = []
    for _ in range(draws):
        rows = generator.integers(0, len(truth), len(truth))
        differences.append(
            roc_auc_score(truth[rows], new[rows]) - roc_auc_score(truth[rows], old[rows])
        )
    low, high = np.quantile(differences, [0.025, 0.975])
    return float(low), float(high)


def test_the_sample_pins_versions_of_our_own_lock() -> None:
    """The demo trains in our environment and the worker loads the model there."""
    locked = pins(ROOT / "requirements" / "run.txt")
    sample = pins(SAMPLE / "requirements.txt")

    assert set(sample) == {"joblib", "numpy", "pandas", "scikit-learn"}
    assert {name: versions <= locked[name] for name, versions in sample.items()} == dict.fromkeys(
        sample, True
    )


@pytest.mark.parametrize("rows", [TRAIN, TEST], ids=["train", "test"])
def test_the_schema_accepts_the_committed_rows(rows: pd.DataFrame) -> None:
    schema = pa.DataFrameSchema.from_yaml(SAMPLE / "schema.yml")

    pd.testing.assert_frame_equal(schema.validate(rows), rows)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("loan_id", int(TEST["loan_id"].iloc[1])),
        ("risk", 2),
        ("sex", "unknown"),
        ("job", 4),
        ("housing", "tent"),
        ("saving_accounts", ""),
        ("checking_account", "quite rich"),
        ("credit_amount", 0),
        ("duration", 121),
        ("purpose", "Car"),
        ("age", 17),
    ],
)
def test_the_schema_refuses_a_wrong_value_in_every_column(column: str, value: str | int) -> None:
    broken = TEST.copy()
    broken.loc[0, column] = value
    schema = pa.DataFrameSchema.from_yaml(SAMPLE / "schema.yml")

    with pytest.raises(pa.errors.SchemaError) as caught:
        schema.validate(broken)

    assert caught.value.schema.name == column


def test_the_schema_refuses_a_new_column() -> None:
    schema = pa.DataFrameSchema.from_yaml(SAMPLE / "schema.yml")

    with pytest.raises(pa.errors.SchemaErrors, match="column 'casual' not in"):
        schema.validate(TEST.assign(casual=1), lazy=True)


def test_no_loan_is_in_both_parts_even_under_another_id() -> None:
    facts = [column for column in TEST.columns if column != "loan_id"]

    assert len(TRAIN.merge(TEST, on="loan_id")) == 0
    assert len(TRAIN.merge(TEST, on=facts)) == 0


def test_the_two_parts_are_all_loans_of_the_source() -> None:
    source = pd.read_csv(SAMPLE / "data" / "german_credit.csv")
    joined = pd.concat([TRAIN, TEST]).sort_values("loan_id", ignore_index=True)

    assert joined["loan_id"].tolist() == list(range(1, 1001))
    pd.testing.assert_frame_equal(joined.drop(columns="loan_id"), source)


def test_splitting_again_writes_the_committed_files(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    shutil.copyfile(SAMPLE / "split.py", tmp_path / "split.py")
    shutil.copyfile(SAMPLE / "data" / "german_credit.csv", tmp_path / "data" / "german_credit.csv")

    subprocess.run([sys.executable, str(tmp_path / "split.py")], check=True)

    for name in ("train.csv", "test.csv"):
        written = (tmp_path / "data" / name).read_bytes()
        assert written == (SAMPLE / "data" / name).read_bytes()


def test_the_committed_baseline_is_what_training_gives(runs: DemoRuns) -> None:
    """A committed model rots when the code, the data or the pins move on without it."""
    committed = probabilities(SAMPLE / "models" / "model.joblib")

    np.testing.assert_allclose(committed, probabilities(runs.baseline), rtol=0, atol=1e-6)


def test_the_committed_baseline_is_small() -> None:
    assert (SAMPLE / "models" / "model.joblib").stat().st_size < 200_000


def test_the_test_rows_settle_that_the_good_candidate_is_not_worse(runs: DemoRuns) -> None:
    margin = CONFIG["metrics"]["roc_auc"]["max_regression"]

    low, _ = auc_difference(runs.baseline, runs.good_candidate)

    assert low > -margin


def test_the_test_rows_settle_that_the_bad_candidate_is_worse(runs: DemoRuns) -> None:
    margin = CONFIG["metrics"]["roc_auc"]["max_regression"]

    _, high = auc_difference(runs.baseline, runs.bad_candidate)

    assert high < -margin


def test_the_good_candidate_is_above_the_absolute_limit_and_the_bad_one_below(
    runs: DemoRuns,
) -> None:
    limit = CONFIG["metrics"]["roc_auc"]["min"]

    good, bad = (
        roc_auc_score(TEST["risk"], probabilities(model))
        for model in (runs.good_candidate, runs.bad_candidate)
    )

    assert bad < limit <= good


def test_every_slice_has_the_rows_to_be_judged() -> None:
    slices = CONFIG["slices"]

    smallest = {column: int(TEST[column].value_counts().min()) for column in slices["by"]}

    assert smallest == {"sex": 159}
    assert slices["min_rows"] <= 159


def test_the_config_is_accepted_as_it_stands() -> None:
    text = (SAMPLE / "mlci.yml").read_text(encoding="utf-8")

    settings = parse_settings(text, path="mlci.yml")

    assert [limits.metric.name for limits in settings.metrics] == list(CONFIG["metrics"])


def test_the_readme_quotes_what_the_models_score(runs: DemoRuns) -> None:
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")

    baseline, good, bad = (
        f"{roc_auc_score(TEST['risk'], probabilities(model)):.3f}"
        for model in (runs.baseline, runs.good_candidate, runs.bad_candidate)
    )

    assert f"| {baseline} → {good} |" in readme
    assert f"| {baseline} → {bad} |" in readme


def test_the_config_names_files_and_columns_that_exist() -> None:
    data = CONFIG["data"]
    files = [data["evaluation"], data["schema"], CONFIG["candidate"]["model"]]

    assert [(SAMPLE / name).is_file() for name in files] == [True, True, True]
    assert {data["target"], data["id"]} <= set(TEST.columns)
    assert CONFIG["baseline"]["from"] == [f"git:base:{CONFIG['candidate']['model']}"]


def test_the_release_compares_the_output_and_waits_for_nothing_less() -> None:
    """A bare `deploy` is true when it says 'false'; always() opens when the gate was lost."""
    release: dict[str, Any] = yaml.safe_load(WORKFLOW)["jobs"]["release"]

    assert release["needs"] == "gate"
    assert release["if"] == "github.event_name == 'push' && needs.gate.outputs.deploy == 'true'"


def test_the_gate_job_can_write_nothing_but_its_comment() -> None:
    workflow: dict[str, Any] = yaml.safe_load(WORKFLOW)

    assert workflow["permissions"] == {}
    assert workflow["jobs"]["gate"]["permissions"] == {
        "contents": "read",
        "pull-requests": "write",
    }


def test_the_release_ships_only_the_bytes_that_passed() -> None:
    """The digest is the gate job's own word, and no file's: the artifact has to fit it."""
    document: dict[str, Any] = yaml.safe_load(WORKFLOW)
    kept = document["jobs"]["gate"]["steps"][-1]
    got, promoted = document["jobs"]["release"]["steps"]

    assert kept["if"].endswith("&& steps.gate.outputs.deploy == 'true'")
    assert kept["with"]["name"] == got["with"]["name"]
    assert promoted["uses"].startswith("org/mlci-action/promote@")
    inputs = yaml.safe_load((ROOT / "promote" / "action.yml").read_text(encoding="utf-8"))["inputs"]
    assert promoted["with"].keys() <= inputs.keys()
    assert promoted["with"]["report"] == got["with"]["path"]
    assert promoted["with"]["model-digest"] == "${{ needs.gate.outputs.model-digest }}"


def test_retraining_follows_the_inputs_and_not_what_it_writes() -> None:
    paths = RETRAIN[True]["push"]["paths"]  # YAML 1.1 reads `on` as true

    assert paths == [*CONFIG["train"]["inputs"], "mlci.yml"]
    assert CONFIG["train"]["output"] == CONFIG["candidate"]["model"]


def test_the_job_that_trains_can_write_nothing() -> None:
    assert RETRAIN["permissions"] == {}
    assert RETRAIN["jobs"]["train"]["permissions"] == {"contents": "read"}
    written = RETRAIN["jobs"]["propose"]["permissions"]
    assert written == {"contents": "write", "pull-requests": "write"}
    assert "GH_TOKEN" not in str(RETRAIN["jobs"]["train"])


def test_the_proposal_is_a_commit_of_two_files_that_nothing_is_trained_on_again(
    tmp_path: Path,
) -> None:
    """The step of the workflow itself, on an artifact that holds more than it should."""
    (step,) = (s for s in RETRAIN["jobs"]["propose"]["steps"] if "git commit" in s.get("run", ""))
    repository = Repository(tmp_path / "repository")
    repository.commit({"train.py": b"", "models/model.joblib": b"old"}, "begin")
    output, folder = repository.folder / CONFIG["train"]["output"], repository.folder / "trained"
    folder.mkdir()
    for name in (output.name, record_path(output).name, "train.py"):
        (folder / name).write_bytes(b"new")

    environ = {"PATH": os.environ["PATH"], "BRANCH": "b", "GIT_CONFIG_GLOBAL": os.devnull}
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
    subprocess.run(command, cwd=repository.folder, env=environ, check=True, capture_output=True)

    changed = repository.git("show", "--name-only", "--format=", "HEAD").splitlines()
    assert changed == ["models/model.joblib", "models/model.joblib.mlci.json"]
    assert own_commit(Git(folder=repository.folder), repository.folder, output, ["train.py"])


def test_training_the_sample_is_reproducible_and_then_there_is_nothing_to_do(
    runs: DemoRuns, tmp_path: Path
) -> None:
    folder = tmp_path / "retrained"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", "mlci-report"))
    options = RunOptions(
        config=folder / "mlci.yml", python=sys.executable, baseline="models/none.joblib"
    )
    speaker = Speaker(say=lambda _: None, foreign=lambda _: None)
    with real_world(options, Change(), environ=os.environ, speaker=speaker) as world:
        first = retrain(world, reproduce=True)
        again = retrain(world)

    assert first.reproduced is not None
    assert first.reproduced.same_bytes
    assert first.record is not None
    assert first.record.rows == len(TRAIN)
    assert not again.plan.train
    expected = probabilities(runs.baseline)
    np.testing.assert_array_equal(probabilities(folder / "models" / "model.joblib"), expected)
