from __future__ import annotations

import gzip
import io
import pickle
import sys
import types
import zipfile
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import sklearn
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.loading import load_model


def fitted() -> LogisticRegression:
    return LogisticRegression().fit(np.array([[0.0], [1.0]]), [0, 1])


def refusal(path: Path, recorded: dict[str, str] | None = None) -> WorkerFailure:
    with pytest.raises(WorkerFailure) as caught:
        load_model(path, recorded or {})
    return caught.value


def saved(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "model"
    path.write_bytes(content if isinstance(content, bytes) else pickle.dumps(content))
    return path


def pickled_from(module: str, name: str) -> bytes:
    """The pickle of an object whose class is where a test says."""
    return f"c{module}\n{name}\n)\x81.".encode()


def save_plain(path: Path) -> None:
    path.write_bytes(pickle.dumps(fitted(), protocol=2))


def save_gzipped(path: Path) -> None:
    path.write_bytes(gzip.compress(pickle.dumps(fitted())))


def save_compressed(path: Path) -> None:
    joblib.dump(fitted(), path, compress=3)


def save_skops(path: Path) -> None:
    skops.io.dump(fitted(), path)


@pytest.mark.parametrize(
    ("save", "loaded_as"),
    [
        (save_plain, "joblib"),
        (save_gzipped, "joblib"),
        (save_compressed, "joblib"),
        (save_skops, "skops"),
    ],
)
def test_the_format_is_told_by_the_bytes(tmp_path: Path, save: Any, loaded_as: str) -> None:  # noqa: ANN401
    path = tmp_path / "model.txt"
    save(path)

    model, found = load_model(path, {})

    assert found == loaded_as
    assert model.predict(np.array([[2.0]])).tolist() == [1]


def test_plain_pickles_do_without_joblib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model"
    save_gzipped(path)
    monkeypatch.setitem(sys.modules, "joblib", None)

    assert load_model(path, {})[1] == "pickle"


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes them"),
        (b"CBM1", "CatBoost's own format"),
        (b"tree\nversion=v4\n", "LightGBM's own text format"),
        (b"{L\x00\x00\x00", "XGBoost's own binary format"),
        (b'{"learner":', "a JSON file, such as XGBoost's own format"),
        (b"\x08\x08\x12\x07skl2onnx", "an ONNX model"),
        (b"<!DOCTYPE html>", "an XML or HTML file"),
    ],
)
def test_other_formats_are_refused_by_name(tmp_path: Path, start: bytes, name: str) -> None:
    error = refusal(saved(tmp_path, start + b"\0" * 64))

    assert error.message == f"is {name}, which is not loaded"
    assert error.hint == "save the fitted object itself: joblib.dump(model, path)"


@pytest.mark.parametrize(
    ("member", "name"), [("archive/data.pkl", "PyTorch's own format"), ("x", "a zip")]
)
def test_other_archives_are_refused_by_name(tmp_path: Path, member: str, name: str) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(member, b"")

    assert refusal(saved(tmp_path, content.getvalue())).message == f"is {name}, which is not loaded"


def test_a_pickle_that_ends_with_an_archive_is_a_pickle(tmp_path: Path) -> None:
    """Wrappers of neural networks keep their weights so."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("weights", b"")
    model = fitted()
    model.weights_ = content.getvalue()
    path = saved(tmp_path, model)
    assert zipfile.is_zipfile(path)

    assert load_model(path, {})[1] == "joblib"


@pytest.mark.parametrize("content", [b"\x80\x05", b"hello world\n", pickle.dumps(fitted())[:50]])
def test_a_damaged_file_is_said_to_be_one(tmp_path: Path, content: bytes) -> None:
    assert (
        "the file is damaged or holds no pickled model" in refusal(saved(tmp_path, content)).message
    )


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({"model": fitted(), "scaler": 1}, "is a dict with the keys 'model', 'scaler'"),
        ((1, fitted()), "is a tuple of 2: int, LogisticRegression"),
        ([0.5], "is a list of 1: float"),
        (io.BytesIO(), "is a BytesIO without a predict method"),
    ],
)
def test_what_does_not_predict_is_described(tmp_path: Path, content: object, found: str) -> None:
    error = refusal(saved(tmp_path, content))

    assert error.message == f"{found}; not one object that predicts"
    assert "Pipeline" in error.hint


def test_a_class_is_not_a_fitted_object(tmp_path: Path) -> None:
    assert refusal(saved(tmp_path, LogisticRegression)).message == (
        "is the class LogisticRegression, not a fitted object"
    )


def test_a_class_from_the_training_script_gets_its_remedy(tmp_path: Path) -> None:
    error = refusal(saved(tmp_path, pickled_from("__main__", "Doubler")))

    assert error.message == (
        "cannot be loaded: it needs 'Doubler', which was defined in the script that saved it"
    )
    assert error.hint.startswith("move the definition into a module that the script imports")


@pytest.mark.parametrize(
    ("module", "package"), [("nowhere_to_be.found", "nowhere_to_be"), ("yaml_gone", "yaml_gone")]
)
def test_a_missing_module_is_named_with_its_interpreter(
    tmp_path: Path, module: str, package: str
) -> None:
    error = refusal(saved(tmp_path, pickled_from(module, "X")))

    assert error.message == (
        f"cannot be loaded: it needs the module {package!r}, which {sys.executable} does not have"
    )
    assert error.hint.startswith(f"install {package} in that environment")


def test_a_module_that_a_library_lost_is_a_matter_of_versions(tmp_path: Path) -> None:
    path = saved(tmp_path, pickled_from("sklearn.gone", "X"))

    error = refusal(path, {"scikit-learn": "0.19.0"})

    assert error.message == (
        "cannot be loaded (ModuleNotFoundError: No module named 'sklearn.gone'): it was saved by "
        f"scikit-learn 0.19.0, and {sklearn.__version__} is installed"
    )


def test_a_private_module_is_not_something_to_install(tmp_path: Path) -> None:
    """Compiled parts of scikit-learn pickle under names such as _loss."""
    error = refusal(saved(tmp_path, pickled_from("_loss", "X")), {"scikit-learn": "1.6.1"})

    assert error.kind == "versions"


def test_a_model_saved_under_numpy_2_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "numpy", types.SimpleNamespace(__version__="1.26.4"))
    error = ModuleNotFoundError("No module named 'numpy._core'", name="numpy._core")

    class Raises:
        def __reduce__(self) -> tuple[Any, ...]:
            return (_raise, (error.args[0], error.name))

    path = saved(tmp_path, Raises())
    monkeypatch.setitem(sys.modules, "joblib", None)

    assert refusal(path).message == (
        "cannot be loaded: it was saved under numpy 2 or later, and 1.26.4 is installed"
    )


def _raise(message: str, name: str) -> None:
    raise ModuleNotFoundError(message, name=name)


def test_a_model_that_does_not_fit_into_memory_says_so(tmp_path: Path) -> None:
    class TooLarge:
        def __reduce__(self) -> tuple[Any, ...]:
            return (_out_of_memory, ())

    assert refusal(saved(tmp_path, TooLarge())).message == "does not fit into memory"


def _out_of_memory() -> None:
    raise MemoryError


def test_skops_names_the_types_that_it_does_not_trust(tmp_path: Path) -> None:
    path = tmp_path / "model"
    skops.io.dump(FunctionTransformer(func=saved), path)

    assert refusal(path).message == (
        f"holds types that skops does not trust: {saved.__module__}.saved"
    )
