"""What a report leaves for a later run, and what that run believes of it."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from mlci_action.adapters.baselines import Baseline
from mlci_action.adapters.git import Git
from mlci_action.adapters.model_files import read_model_file
from mlci_action.adapters.plain_arrays import array_bytes
from mlci_action.adapters.report_folder import PREDICTIONS
from mlci_action.adapters.stored_predictions import (
    find_stored,
    read_stored,
    to_npz,
)
from mlci_action.evaluation.reading.predictions import ModelOutput
from mlci_action.settings.values import HowAsked
from tests.fakes.repositories import Repository

OUTPUT = ModelOutput(
    predictions=np.array(["no", "yes", "yes"]),
    probabilities=np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]]),
    classes=("no", "yes"),
)
ABOUT = {"version": 1, "model": "m", "data": "d", "rows": 3, "classes": None}


def stored(output: ModelOutput = OUTPUT) -> bytes:
    content = to_npz(output, model_digest="m", data_digest="d", how=HowAsked(load="a.py:b"))
    assert content is not None
    return content


def answer(path: Path, *, model: str = "m", data: str = "d", n_rows: int = 3) -> ModelOutput | str:
    return read_stored(path, model_digest=model, data_digest=data, n_rows=n_rows)


def archive(members: dict[str, bytes], *, packed: bool = False) -> bytes:
    stream = io.BytesIO()
    kind = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(stream, "w", kind) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return stream.getvalue()


def test_what_is_written_is_read_and_is_the_same_bytes_every_time(tmp_path: Path) -> None:
    path = tmp_path / PREDICTIONS
    path.write_bytes(stored())
    assert stored() == path.read_bytes()
    read = answer(path)
    assert isinstance(read, ModelOutput)
    np.testing.assert_array_equal(read.predictions, OUTPUT.predictions)
    np.testing.assert_array_equal(read.probabilities, OUTPUT.probabilities)
    assert (read.decisions, read.classes) == (None, ("no", "yes"))


def test_numpy_can_read_it_too(tmp_path: Path) -> None:
    path = tmp_path / PREDICTIONS
    path.write_bytes(stored())
    with np.load(path, allow_pickle=False) as file:
        assert file["predictions"].tolist() == ["no", "yes", "yes"]


def test_answers_that_are_no_plain_arrays_are_not_stored() -> None:
    strange = ModelOutput(predictions=np.array([None, "a"], dtype=object))
    assert to_npz(strange, model_digest="m", data_digest="d", how=HowAsked()) is None


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"model": "other"}, "the stored predictions are those of another model"),
        ({"data": "other"}, "the stored predictions are of other evaluation data"),
        ({"n_rows": 4}, "the stored predictions are of 3 rows, and the data has 4"),
    ],
    ids=["model", "data", "rows"],
)
def test_predictions_of_anything_else_are_not_taken(
    tmp_path: Path, asked: dict[str, object], why: str
) -> None:
    path = tmp_path / PREDICTIONS
    path.write_bytes(stored())
    assert answer(path, **asked) == why  # type: ignore[arg-type]


GOOD = {"about.json": json.dumps(ABOUT).encode(), "predictions.npy": array_bytes(np.arange(3))}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"no archive", "it is damaged"),
        (stored()[:-30], "it is damaged"),
        (stored().replace(b"\x93NUMPY", b"\x93NUMPI", 1), "it is damaged"),
        (archive(GOOD, packed=True), "its members are not stored as they are"),
        (archive({**GOOD, "more.npy": b""}), "it holds more than predictions"),
        (archive({**GOOD, **{str(i): b"" for i in range(9)}}), "it has too many members"),
        (archive({"predictions.npy": GOOD["predictions.npy"]}), "it does not say what it holds"),
        (archive({**GOOD, "about.json": b"[" * 100_000}), "it does not say what it holds"),
        (archive({**GOOD, "about.json": b'{"version": 2}'}), "it was written by another version"),
        (
            archive({**GOOD, "about.json": json.dumps({**ABOUT, "classes": [[]]}).encode()}),
            "its classes are not a list of labels",
        ),
        (archive({"about.json": GOOD["about.json"]}), "there are no predictions in it"),
        (
            archive({**GOOD, "decisions.npy": array_bytes(np.zeros(2))}),
            "its arrays are not of the same rows",
        ),
        (
            archive({**GOOD, "decisions.npy": array_bytes(np.array(["a", "b", "c"]))}),
            "its scores are not numbers",
        ),
        (archive({**GOOD, "predictions.npy": b"\x80\x04."}), "its header is broken"),
        (b"version https://git-lfs.github.com/spec/v1", "it is a Git LFS pointer"),
        (b"0" * 5_000_000, "it is far larger than 3 rows need"),
    ],
    ids=[
        "text", "cut", "flipped", "packed", "more", "many", "mute", "nested", "version", "classes",
        "empty", "lengths", "text scores", "pickle", "lfs", "large",
    ],
)  # fmt: skip
def test_a_file_that_somebody_made_up_is_not_believed(
    tmp_path: Path, content: bytes, why: str
) -> None:
    path = tmp_path / PREDICTIONS
    path.write_bytes(content)
    assert answer(path) == f"the stored predictions cannot be read: {why}"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(stored())
    (tmp_path / PREDICTIONS).symlink_to("real")
    assert answer(tmp_path / PREDICTIONS) == (
        "the stored predictions cannot be read: there is no such file"
    )
    assert find_stored(of_path(tmp_path / "m.joblib"), Git(folder=tmp_path), tmp_path) is None


def of_path(path: Path) -> Baseline:
    return baseline_of(path, str(path))


def baseline_of(path: Path, source: str, commit: str | None = None) -> Baseline:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"old")
    file = read_model_file(path, who="the baseline")
    return Baseline(file=file, source=source, commit=commit)


def test_they_lie_beside_a_baseline_that_is_a_file(tmp_path: Path) -> None:
    git = Git(folder=tmp_path)
    assert find_stored(of_path(tmp_path / "m.joblib"), git, tmp_path / "store") is None
    (tmp_path / PREDICTIONS).write_bytes(stored())
    found = find_stored(of_path(tmp_path / "m.joblib"), git, tmp_path / "store")
    assert found == tmp_path / PREDICTIONS


def test_they_lie_in_the_folder_and_the_commit_of_a_baseline_in_git(tmp_path: Path) -> None:
    made = Repository(tmp_path / "work")
    commit = made.commit({"models/m.joblib": b"old", f"models/{PREDICTIONS}": stored()}, "old")
    made.commit({f"models/{PREDICTIONS}": b"new"}, "new")
    baseline = baseline_of(tmp_path / "store" / "m.joblib", "git:base:models/m.joblib", commit)
    found = find_stored(baseline, Git(folder=made.folder), tmp_path / "kept")
    assert found == tmp_path / "kept" / PREDICTIONS
    assert isinstance(answer(found), ModelOutput)


@pytest.mark.parametrize("source", ["git:base:m.joblib", "git:base:models/m.joblib"])
def test_a_commit_without_them_has_none(tmp_path: Path, source: str) -> None:
    made = Repository(tmp_path / "work")
    (made.folder / "models").mkdir()
    (made.folder / "models" / PREDICTIONS).symlink_to("elsewhere")
    commit = made.commit({"m.joblib": b"old"}, "old")
    baseline = baseline_of(tmp_path / "m.joblib", source, commit)
    assert find_stored(baseline, Git(folder=made.folder), tmp_path / "kept") is None
