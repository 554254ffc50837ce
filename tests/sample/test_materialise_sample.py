"""Does the demo get its copy of the sample, and leave everything else alone?"""

from __future__ import annotations

import os
import shutil
import tomllib
from pathlib import Path

import pytest

from mlci_action.adapters import sample
from mlci_action.adapters.sample import DemoRuns, materialise_sample
from mlci_action.errors import InterpreterError, MlciError

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample-repo"


def tree(folder: Path) -> dict[str, bytes]:
    """Every file under `folder` with its content, but for what runs leave behind."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not sample._LEFT_BY_RUNS.intersection(path.parts)
    }


def stand_in_python(folder: Path, script: str) -> Path:
    """An executable that is started as Python would be: train.py --preset NAME --output MODEL."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def quick_python(tmp_path: Path) -> Path:
    """Writes the name of the preset in place of a model."""
    return stand_in_python(tmp_path, 'echo "$3" > "$5"')


def test_the_demo_has_a_config_a_baseline_and_two_candidates(runs: DemoRuns) -> None:
    folder = runs.folder

    assert folder.name == "a demo"
    assert runs == DemoRuns(
        folder=folder,
        config=folder / "mlci.yml",
        baseline=folder / "models" / "model.joblib",
        good_candidate=folder / "models" / "good.joblib",
        bad_candidate=folder / "models" / "bad.joblib",
    )
    assert len({model.read_bytes() for model in (folder / "models").iterdir()}) == 3


def test_everything_but_the_models_is_copied_as_it_is(runs: DemoRuns) -> None:
    models = {"models/model.joblib", "models/good.joblib", "models/bad.joblib"}
    copied, shipped = tree(runs.folder), tree(SAMPLE)

    assert copied.keys() == shipped.keys() | models
    assert all(copied[name] == shipped[name] for name in shipped.keys() - models)
    assert ".github/workflows/model.yml" in copied


def test_each_model_is_trained_by_its_preset(tmp_path: Path, quick_python: Path) -> None:
    runs = materialise_sample(tmp_path / "demo", python=quick_python)

    assert runs.baseline.read_text(encoding="utf-8") == "baseline\n"
    assert runs.good_candidate.read_text(encoding="utf-8") == "checking-account\n"
    assert runs.bad_candidate.read_text(encoding="utf-8") == "misjoined\n"


def test_a_read_only_installation_gives_a_writable_copy(
    tmp_path: Path, quick_python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "installed"
    shutil.copytree(SAMPLE, installed)
    for path in (installed, *installed.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    monkeypatch.setattr(sample, "_PLACES", (installed,))

    runs = materialise_sample(tmp_path / "demo", python=quick_python)

    for path in (installed, *installed.rglob("*")):
        path.chmod(0o755)
    assert all(path.stat().st_mode & 0o200 for path in (runs.folder, *runs.folder.rglob("*")))


def test_nothing_is_left_outside_the_folder(runs: DemoRuns, elsewhere: Path) -> None:
    """Home, working directory and the place for temporary files stay empty, training included."""
    assert list(elsewhere.iterdir()) == []
    assert sorted(path.name for path in runs.folder.parent.iterdir()) == ["a demo", "elsewhere"]


def test_what_runs_leave_behind_is_not_copied(
    tmp_path: Path, quick_python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = tmp_path / "used"
    shutil.copytree(SAMPLE, used)
    for name in ("__pycache__", "mlci-report", ".git", ".venv"):
        (used / name).mkdir()
        (used / name / "file").touch()
    monkeypatch.setattr(sample, "_PLACES", (used,))

    runs = materialise_sample(tmp_path / "demo", python=quick_python)

    names = {path.name for path in runs.folder.rglob("*")}
    assert names.isdisjoint({"__pycache__", "mlci-report", ".git", ".venv", "file"})
    assert names >= {"mlci.yml", "train.csv", "good.joblib"}


def test_a_relative_folder_is_taken_from_the_working_directory(
    tmp_path: Path, quick_python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    runs = materialise_sample(Path("demo"), python=quick_python)

    assert runs.folder == tmp_path / "demo"
    assert runs.bad_candidate.is_file()


def test_an_empty_folder_is_used(tmp_path: Path, quick_python: Path) -> None:
    (tmp_path / "demo").mkdir()

    assert materialise_sample(tmp_path / "demo", python=quick_python).config.is_file()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path, quick_python: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "mlci.yml").write_text("mine", encoding="utf-8")

    with pytest.raises(MlciError) as caught:
        materialise_sample(tmp_path / "demo", python=quick_python)

    assert caught.value.message == (
        f"'{tmp_path / 'demo'}' is not empty, and the demo overwrites nothing"
    )
    assert tree(tmp_path / "demo") == {"mlci.yml": b"mine"}


def test_a_file_in_the_folders_place_is_refused(tmp_path: Path, quick_python: Path) -> None:
    (tmp_path / "demo").write_text("mine", encoding="utf-8")

    with pytest.raises(MlciError) as caught:
        materialise_sample(tmp_path / "demo", python=quick_python)

    assert caught.value.message == (
        f"cannot copy the sample to '{tmp_path / 'demo'}': Not a directory"
    )


def test_an_interpreter_without_the_libraries_is_told_what_to_install(tmp_path: Path) -> None:
    lines = "echo Traceback >&2; echo \"ModuleNotFoundError: No module named 'joblib'\" >&2; exit 1"
    python = stand_in_python(tmp_path, lines)

    with pytest.raises(InterpreterError) as caught:
        materialise_sample(tmp_path / "demo", python=python)

    requirements = tmp_path / "demo" / "requirements.txt"
    assert caught.value.message == (
        f"'{python}' cannot train the sample: ModuleNotFoundError: No module named 'joblib'"
    )
    assert caught.value.hint == f"'{python}' -m pip install --requirement '{requirements}'"


def test_training_that_writes_no_model_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(InterpreterError, match="cannot train the sample: it said nothing"):
        materialise_sample(tmp_path / "demo", python=stand_in_python(tmp_path, "exit 0"))


def test_training_that_fails_after_writing_a_model_is_no_success(tmp_path: Path) -> None:
    python = stand_in_python(tmp_path, 'echo half > "$5"; echo "killed" >&2; exit 137')

    with pytest.raises(InterpreterError, match="cannot train the sample: killed"):
        materialise_sample(tmp_path / "demo", python=python)


def test_an_interpreter_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(InterpreterError) as caught:
        materialise_sample(tmp_path / "demo", python=tmp_path / "python9")

    assert caught.value.message == (
        f"cannot start '{tmp_path / 'python9'}': No such file or directory"
    )


def test_training_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "_TRAINING_SECONDS", 0.2)
    python = stand_in_python(tmp_path, f'echo $$ > "{tmp_path}/pid"; while :; do :; done')

    with pytest.raises(InterpreterError, match="took more than"):
        materialise_sample(tmp_path / "demo", python=python)

    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text(encoding="utf-8")), 0)


def test_an_installation_without_the_sample_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "_PLACES", (tmp_path / "_sample", tmp_path / "sample-repo"))

    with pytest.raises(MlciError) as caught:
        materialise_sample(tmp_path / "demo")

    assert caught.value.message == "this installation has no sample repository"


def test_the_wheel_puts_the_sample_where_it_is_looked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]

    assert included["sample-repo"] == str(sample._PLACES[0].relative_to(ROOT))
    assert sample._PLACES[1] == SAMPLE
