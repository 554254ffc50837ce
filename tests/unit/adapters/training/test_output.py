"""The old model is never lost, wherever a training ends."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mlci_action.adapters.model_files import digest_of_model
from mlci_action.adapters.training.output import no_output, old_output_aside
from mlci_action.adapters.training.records import record_beside, record_path, write_record
from mlci_action.domain.fingerprint import Fingerprint, TrainingRecord
from mlci_action.errors import MlciError


def put(output: Path, content: str, *, folder: bool = False) -> None:
    """A model with its record."""
    output.parent.mkdir(exist_ok=True)
    if folder:
        output.mkdir()
        (output / "MLmodel").write_text(content)
    else:
        output.write_text(content)
    made = digest_of_model(output, who="the model")
    write_record(TrainingRecord(model=made, command="c", fingerprint=Fingerprint()), output)


def all_of(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "models" / "m"


def test_the_new_model_stays_when_all_went_well(output: Path) -> None:
    put(output, "old")
    with old_output_aside(output):
        assert not output.exists()
        assert not record_path(output).exists()
        put(output, "new")
    assert output.read_text() == "new"
    assert record_beside(output) is not None
    assert sorted(path.name for path in output.parent.iterdir()) == ["m", "m.mlci.json"]


@pytest.mark.parametrize("folder", [False, True])
@pytest.mark.parametrize("left", ["nothing", "a file", "a folder", "both"])
def test_whatever_a_failure_left_the_old_one_is_back(
    output: Path,
    left: str,
    folder: bool,  # noqa: FBT001
) -> None:
    put(output, "old", folder=folder)
    before = all_of(output.parent)

    def fails() -> None:
        if left == "a folder":
            output.mkdir()
            (output / "x").write_text("half")
        elif left != "nothing":
            output.write_text("half")
        if left == "both":
            put(output, "new")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), old_output_aside(output):
        fails()
    assert all_of(output.parent) == before


def test_a_failed_first_training_leaves_nothing(output: Path) -> None:
    def fails() -> None:
        output.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), old_output_aside(output):
        fails()
    assert all_of(output.parent) == {}


def test_a_model_that_is_moved_elsewhere_leaves_the_old_one(output: Path, tmp_path: Path) -> None:
    put(output, "old")
    before = all_of(output.parent)
    with no_output(output, tmp_path / "elsewhere" / "m"):
        output.write_text("new")
    assert all_of(output.parent) == before
    assert (tmp_path / "elsewhere" / "m").read_text() == "new"


# Where a run can be killed outright: what then stands in the place and aside.
_STOPS = {
    "nothing is moved": ({"model", "record"}, set()),
    "the model is moved": ({"record"}, {"model"}),
    "both are moved": (set(), {"model", "record"}),
    "half a model is written": ({"half"}, {"model", "record"}),
    "the model is put back": ({"model"}, {"record"}),
}


@pytest.mark.parametrize("stop", _STOPS)
def test_after_a_run_that_was_killed_the_next_one_finds_the_old_model(
    output: Path, stop: str
) -> None:
    put(output, "old")
    before = all_of(output.parent)
    in_place, moved = _STOPS[stop]
    aside = output.parent / ".m.mlci-before"
    aside.mkdir()
    for name, path in (("model", output), ("record", record_path(output))):
        if name in moved:
            shutil.copy(path, aside / name)
        if name not in in_place:
            path.unlink()
    if "half" in in_place:
        output.write_text("ne")

    with pytest.raises(KeyboardInterrupt), old_output_aside(output):
        raise KeyboardInterrupt
    assert all_of(output.parent) == before


def test_a_training_that_had_ended_before_it_was_killed_counts(output: Path) -> None:
    put(output, "new")
    before = all_of(output.parent)
    aside = output.parent / ".m.mlci-before"
    aside.mkdir()
    (aside / "model").write_text("old")
    with pytest.raises(KeyboardInterrupt), old_output_aside(output):
        raise KeyboardInterrupt
    assert all_of(output.parent) == before


def test_two_trainings_of_one_output_do_not_meet(output: Path) -> None:
    put(output, "old")
    with (
        old_output_aside(output),
        pytest.raises(MlciError, match="another training"),
        old_output_aside(output),
    ):
        pass


def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(MlciError, match="cannot write"), old_output_aside(tmp_path / "models/m"):
        pass
