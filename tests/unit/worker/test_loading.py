from __future__ import annotations

import gzip
import io
import pickle
import platform
import sys
import types
import zipfile
from pathlib import Path
from typing import Any

import cloudpickle
import joblib
import numpy as np
import pytest
import sklearn
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
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


def save_cloudpickled(path: Path) -> None:
    scaled = FunctionTransformer(lambda table: table * 2)
    model = make_pipeline(scaled, LogisticRegression()).fit(np.array([[0.0], [1.0]]), [0, 1])
    path.write_bytes(cloudpickle.dumps(model))


def save_skops(path: Path) -> None:
    skops.io.dump(fitted(), path)


@pytest.mark.parametrize(
    ("save", "loaded_as"),
    [
        (save_plain, "pickle"),
        (save_gzipped, "pickle"),
        (save_compressed, "joblib"),
        (save_skops, "skops"),
        (save_cloudpickled, "cloudpickle"),
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


def test_a_pickle_that_ends_with_an_archive_is_a_pickle(tmp_path: Path) -> None:
    """Wrappers of neural networks keep their weights so."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("weights", b"")
    model = fitted()
    model.weights_ = content.getvalue()
    path = saved(tmp_path, model)
    assert zipfile.is_zipfile(path)

    assert load_model(path, {})[1] == "pickle"


@pytest.mark.parametrize("content", [b"\x80\x05", b"hello world\n", pickle.dumps(fitted())[:50]])
def test_a_damaged_file_is_said_to_be_one(tmp_path: Path, content: bytes) -> None:
    assert (
        "the file is damaged or holds no pickled model" in refusal(saved(tmp_path, content)).message
    )


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (io.BytesIO(), "is a BytesIO without a predict method"),
        (0.5, "is a float without a predict method"),
        (np.zeros(3), "is a ndarray of numpy without a predict method"),
    ],
    ids=["bytes", "number", "array"],
)
def test_what_does_not_predict_is_described(tmp_path: Path, content: object, found: str) -> None:
    error = refusal(saved(tmp_path, content))

    assert error.message == f"{found}; not one object that predicts"
    assert "Pipeline" in error.hint
    assert "candidate.load: module:function" in error.hint


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


def test_a_parameter_search_stays_what_it_is(tmp_path: Path) -> None:
    search = GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=2)
    search.fit(np.array([[0.0], [1.0], [0.1], [1.1]]), [0, 1, 0, 1])

    assert type(load_model(saved(tmp_path, search), {}, format="pickle")[0]) is GridSearchCV


def test_functions_of_another_python_are_a_matter_of_that(tmp_path: Path) -> None:
    """Cloudpickle writes functions as byte code, which every Python has its own of."""

    class FromAnotherPython:
        def __reduce__(self) -> tuple[Any, ...]:
            return (_wrong_code, ("cloudpickle",))

    error = refusal(saved(tmp_path, FromAnotherPython()))

    assert error.kind == "versions"
    assert f"another version of Python, and this is {platform.python_version()}" in error.message
    assert "baseline.python" in error.hint


def _wrong_code(_mark: str) -> None:
    raise TypeError("code() argument 13 must be str, not int")


def test_a_compression_without_its_library_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lz4", None)
    error = refusal(saved(tmp_path, b"\x04\x22\x4d\x18" + bytes(64)))

    assert error.message.startswith("cannot be loaded: it needs the module 'lz4'")


def test_the_library_of_a_native_file_is_named_where_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "catboost", None)
    error = refusal(saved(tmp_path, b"CBM1" + bytes(64)))

    assert error.message == (
        f"cannot be loaded: it is a CatBoost model, which needs catboost, and {sys.executable} "
        "does not have it"
    )
    assert error.hint == "install catboost in that environment"


def test_several_versions_that_differ_are_all_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xgboost", types.SimpleNamespace(__version__="3.1.0"))
    recorded = {"scikit-learn": "0.19.0", "xgboost": "1.7", "python": "3.4.1", "pandas": "0.1"}

    error = refusal(saved(tmp_path, pickled_from("sklearn.gone", "X")), recorded)

    assert error.message.endswith(
        f"it was saved by scikit-learn 0.19.0 and xgboost 1.7, and scikit-learn "
        f"{sklearn.__version__} and xgboost 3.1.0 are installed"
    )
    assert error.hint == (
        "pin scikit-learn==0.19.0 and xgboost==1.7.* in that environment; or, for a baseline, give "
        "it an environment of its own (`baseline.requirements: git:base:requirements.txt`), or "
        "keep the report's predictions.npz beside it"
    )
