"""Which bytes a model is, and what they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlci_action.adapters.model_files import (
    ModelFile,
    as_predictions,
    digest_of_model,
    read_model_file,
    recognise,
)
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.errors import ModelError
from tests.fakes.hostile_models import SYSTEM, line_call

POINTER = b"version https://git-lfs.github.com/spec/v1\noid"
PICKLE = line_call("posix", "system", "true")


def refusal(path: Path) -> ModelError:
    with pytest.raises(ModelError) as caught:
        read_model_file(path, who="the candidate")
    return caught.value


def folder_of(path: Path, **files: bytes) -> Path:
    for name, content in files.items():
        file = path / name.replace("__", "/").replace("_pkl", ".pkl").replace("_py", ".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return path


def test_a_model_is_known_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(b"abc")

    assert read_model_file(path, who="the candidate") == ModelFile(
        path=path,
        digest="sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        n_bytes=3,
        format=ModelFormat.OTHER,
        kind="a file in no format that is known here",
        imports_complete=False,
    )


def test_a_pickle_says_what_loading_it_would_import(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(PICKLE)

    found = read_model_file(path, who="the candidate")

    assert (found.format, found.kind) == (ModelFormat.PICKLE, "a pickle")
    assert (found.imports, found.imports_complete) == ((SYSTEM,), True)
    assert found.digest == digest_of_model(path, who="the candidate")
    assert recognise(path).format is ModelFormat.PICKLE


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    error = refusal(tmp_path / "model.joblib")

    assert error.message == f"the candidate '{tmp_path}/model.joblib' does not exist"


@pytest.mark.parametrize(
    ("content", "problem", "remedy"),
    [
        (b"", "is empty", "save the model again"),
        (POINTER, "is a Git LFS pointer", "`lfs: true`"),
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


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    path.symlink_to(path)

    assert "cannot be read: " in refusal(path).message


def test_a_link_to_a_model_is_the_model(tmp_path: Path) -> None:
    (tmp_path / "model-7.pkl").write_bytes(PICKLE)
    (tmp_path / "latest.pkl").symlink_to("model-7.pkl")

    assert read_model_file(tmp_path / "latest.pkl", who="x").format is ModelFormat.PICKLE


def test_what_has_no_end_is_not_read(tmp_path: Path) -> None:
    """A repository can hold a link to a device; a step before can leave a pipe."""
    (tmp_path / "zeros").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe")

    for name in ("pipe", "zeros"):
        assert "it is no regular file" in refusal(tmp_path / name).message


def test_a_folder_of_mlflow_is_a_model(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", MLmodel=b"flavors: {}\n", model_pkl=PICKLE)

    found = read_model_file(folder, who="the candidate")

    assert (found.format, found.kind) == (ModelFormat.MLFLOW, "an MLflow model")
    assert found.n_bytes == len(b"flavors: {}\n") + len(PICKLE)
    assert (found.imports, found.imports_complete) == ((SYSTEM,), True)
    assert found.digest == digest_of_model(folder, who="the candidate")


def test_a_folder_with_code_of_its_own_may_import_more(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", MLmodel=b"flavors: {}", code__kit_py=b"import os")

    assert not read_model_file(folder, who="x").imports_complete


@pytest.mark.parametrize(
    ("files", "format", "kind"),
    [
        (("run/MLmodel", "run/model.pkl"), ModelFormat.MLFLOW, "an MLflow model"),
        (("a/MLmodel", "b/MLmodel"), ModelFormat.OTHER, "a folder"),
        (("a/b/MLmodel",), ModelFormat.OTHER, "a folder"),
        (("saved_model.pb",), ModelFormat.OTHER, "a TensorFlow SavedModel"),
        (("1/saved_model.pb",), ModelFormat.OTHER, "a TensorFlow SavedModel"),
        (("metadata/part-00000",), ModelFormat.OTHER, "a Spark model"),
        (
            ("config.json", "model.safetensors"),
            ModelFormat.OTHER,
            "a folder with the weights of a neural network",
        ),
    ],
)
def test_a_folder_is_told_by_its_files(
    tmp_path: Path,
    files: tuple[str, ...],
    format: ModelFormat,  # noqa: A002
    kind: str,
) -> None:
    folder_of(tmp_path / "m", **{name.replace("/", "__"): b"x" for name in files})

    found = read_model_file(tmp_path / "m", who="x")

    assert (found.format, found.kind) == (format, kind)


def test_folders_differ_when_any_name_or_byte_does(tmp_path: Path) -> None:
    """Moving a byte from one file's end to the next one's start is a change too."""
    folders = [
        {"a": b"12", "b": b"3"},
        {"a": b"1", "b": b"23"},
        {"a": b"12", "c": b"3"},
        {"a": b"12", "x__b": b"3"},
        {"a": b"12"},
        {"a": b"12", "b": b"3", "c": b""},
    ]
    digests = set()
    for number, files in enumerate(folders):
        for copy in ("one", "two"):
            folder = folder_of(tmp_path / f"{copy}{number}", **files)
            digests.add((number, digest_of_model(folder, who="x")))

    assert len(digests) == len(folders)
    assert len({digest for _, digest in digests}) == len(folders)


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()

    error = refusal(tmp_path)

    assert error.message.endswith("is a folder without a file")
    assert error.hint == "name the model's file, or a folder of regular files"


def test_links_and_pipes_in_a_folder_are_refused(tmp_path: Path) -> None:
    folder_of(tmp_path / "m", MLmodel=b"x")
    (tmp_path / "m" / "model.pkl").symlink_to("/etc/passwd")
    folder_of(tmp_path / "n", MLmodel=b"x")
    os.mkfifo(tmp_path / "n" / "pipe")

    assert "in which 'model.pkl' is a link" in refusal(tmp_path / "m").message
    assert "in which 'pipe' is no regular file" in refusal(tmp_path / "n").message


def test_a_pointer_in_a_folder_is_refused(tmp_path: Path) -> None:
    folder_of(tmp_path / "m", MLmodel=b"x", model_pkl=POINTER)

    error = refusal(tmp_path / "m")

    assert "is a folder in which 'model.pkl' is a Git LFS pointer" in error.message
    assert "`lfs: true`" in error.hint


@pytest.mark.parametrize(
    ("limit", "value", "problem"),
    [
        ("model_bytes.folders.MAX_FILES", 2, "with more than 2 files"),
        ("model_bytes.folders._MAX_DEPTH", 1, "nested more than 1 deep"),
        ("model_files._MAX_FOLDER_BYTES", 3, "of more than 0 GiB"),
    ],
)
def test_a_folder_beyond_the_limits_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, problem: str
) -> None:
    folder_of(tmp_path / "m", a=b"12", b=b"34", c__d__e=b"5")
    monkeypatch.setattr(f"mlci_action.adapters.{limit}", value)

    assert problem in refusal(tmp_path / "m").message


def test_a_file_of_predictions_is_what_the_settings_say(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"\x28\xb5\x2f\xfd")
    found = as_predictions(read_model_file(path, who="x"), who="the candidate")

    assert found.format is ModelFormat.PREDICTIONS


@pytest.mark.parametrize("content", [PICKLE, b"CBM1....", b"tree\nversion=v4\n"])
def test_a_model_is_no_file_of_predictions(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "predictions.csv"
    path.write_bytes(content)

    with pytest.raises(ModelError, match="and no file of predictions"):
        as_predictions(read_model_file(path, who="x"), who="the candidate")
