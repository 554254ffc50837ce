from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import pytest
import xgboost

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.formats import format_of
from mlci_action.worker.loading import load_model
from tests.unit.worker.boosters import NUMBERS, TWO

OLD_TORCH = bytes.fromhex("80028a0a6cfc9c46f9206aa850192e")


def refusal(path: Path) -> WorkerFailure:
    with pytest.raises(WorkerFailure) as caught:
        load_model(path, {}, format="other")
    return caught.value


def archive(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        for name in names:
            packed.writestr(name, b"x")
    return content.getvalue()


def with_a_password(content: bytes) -> bytes:
    """The flag that says so, in the header of the first member and in the directory."""
    flagged = bytearray(content)
    flagged[6] |= 1
    flagged[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(flagged)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes them"),
        (archive("config.json", "model.weights.h5"), "a Keras model"),
        (archive("archive/data.pkl", "archive/version"), "a file of PyTorch's"),
        (archive("m/data.pkl", "m/constants.pkl"), "a TorchScript model"),
        (OLD_TORCH, "a file of PyTorch's"),
        (archive("model.ini"), "an H2O MOJO"),
        (archive("a.txt"), "a zip archive"),
        (with_a_password(archive("schema")), "an archive with a password"),
        (b"\x1c\0\0\0TFL3", "a TensorFlow Lite model"),
        (b"\x40\0\0\0\0\0\0\0" + b'{"weight":', "a file of safetensors"),
        (b"GGUF\x03", "a GGUF file of weights"),
        (b'<?xml version="1.0"?><PMML version="4.4">', "a PMML file"),
        (b"<!DOCTYPE html>", "an XML or HTML file"),
        (b'{"weights": [1, 2]}', "a JSON file"),
    ],
)
def test_a_file_that_is_not_loaded_is_called_what_it_is(
    tmp_path: Path, content: bytes, name: str
) -> None:
    path = tmp_path / "model"
    path.write_bytes(content)

    assert format_of(path) == "other"
    error = refusal(path)
    assert error.message == f"is {name}, which is not loaded by itself"
    assert "candidate.load: module:function" in error.hint
    assert "candidate.predict" in error.hint


@pytest.mark.parametrize(
    ("content", "said", "remedy"),
    [
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n",
            "is a pointer of Git LFS, not the model",
            "`lfs: true` at actions/checkout",
        ),
        (b"outs:\n- md5: 0\n  path: model.pkl\n", "is a pointer of DVC", "`dvc pull`"),
        (b"", "is an empty file", "save the model again"),
    ],
)
def test_what_stands_for_a_file_is_told_apart(
    tmp_path: Path, content: bytes, said: str, remedy: str
) -> None:
    path = tmp_path / "model"
    path.write_bytes(content)

    assert format_of(path) == "other"
    assert said in refusal(path).message
    assert remedy in refusal(path).hint


def test_a_folder_is_called_what_is_in_it(tmp_path: Path) -> None:
    assert "is a folder, which" in refusal(tmp_path).message
    (tmp_path / "metadata").mkdir()
    (tmp_path / "metadata" / "part-00000").touch()

    assert "is a folder with a Spark model" in refusal(tmp_path).message


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_that_holds_a_booster_is_a_pickle(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "model"
    fitted = xgboost.XGBClassifier(n_estimators=1, n_jobs=1).fit(NUMBERS, TWO)
    path.write_bytes(pickle.dumps(fitted, protocol=protocol))

    assert format_of(path) == "pickle"
