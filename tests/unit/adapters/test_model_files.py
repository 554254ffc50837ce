from __future__ import annotations

from pathlib import Path

import pytest

from mlci_action.adapters.model_files import ModelFile, read_model_file
from mlci_action.errors import ModelError


def refusal(path: Path) -> ModelError:
    with pytest.raises(ModelError) as caught:
        read_model_file(path, who="the candidate")
    return caught.value


def test_a_model_is_known_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(b"abc")

    assert read_model_file(path, who="the candidate") == ModelFile(
        path=path,
        digest="sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        n_bytes=3,
    )


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    error = refusal(tmp_path / "model.joblib")

    assert error.message == f"the candidate '{tmp_path}/model.joblib' does not exist"


@pytest.mark.parametrize(
    ("content", "problem", "remedy"),
    [
        (b"", "is empty", "save the model again"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "is a Git LFS pointer", "`lfs: true`"),
        (b"outs:\n- md5: 0123\n", "is a DVC pointer", "`dvc pull`"),
    ],
)
def test_what_only_stands_for_a_model_is_refused_by_name(
    tmp_path: Path, content: bytes, problem: str, remedy: str
) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(content)

    error = refusal(path)

    assert problem in error.message
    assert remedy in error.hint


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path).hint == "name the model's file"


def test_an_mlflow_folder_says_which_file_to_name(tmp_path: Path) -> None:
    (tmp_path / "MLmodel").write_text("flavors: {}")
    (tmp_path / "model.pkl").write_bytes(b"x")

    assert refusal(tmp_path).hint == (
        f"it is an MLflow model; name the file in it, such as {tmp_path}/model.pkl"
    )


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    path.symlink_to(path)

    assert "cannot be read: " in refusal(path).message
