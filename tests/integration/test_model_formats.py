"""Every format of a model, asked in a process of its own as the gate asks it."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import catboost
import joblib
import lightgbm
import numpy as np
import pytest
import skops.io
import xgboost
import yaml
from numpy.typing import NDArray
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from mlci_action.adapters.interpreters import Interpreter
from mlci_action.adapters.worker_answer import WorkerAnswer
from mlci_action.adapters.worker_process import WorkerSetup
from mlci_action.adapters.worker_questions import predict
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.settings.values import HowAsked
from tests.unit.worker.boosters import AS_CATEGORIES, AS_TEXT, NUMBERS, TWO

HERE = Interpreter(path=Path(sys.executable), reason="", version=platform.python_version())
LABELS = np.where(TWO == 1, "yes", "no")
# The columns stand in another order than the models', beside others.
FRAME = AS_TEXT.assign(id=range(len(TWO)), y=LABELS)[["city", "id", "income", "y", "age x"]]
LINEAR = make_pipeline(
    make_column_transformer((OneHotEncoder(), ["city"]), remainder=StandardScaler()),
    LogisticRegression(),
).fit(AS_TEXT, LABELS)


def asked(
    path: Path,
    kind: ModelFormat,
    how: HowAsked | None = None,
    trusted_types: tuple[str, ...] = (),
) -> WorkerAnswer:
    folder = path.parent
    return predict(
        path,
        FRAME,
        target="y",
        set_aside=["id"],
        setup=WorkerSetup(interpreter=HERE, environ=os.environ, working_directory=folder),
        who="the candidate",
        show_log=lambda _text: None,
        format=kind,
        how=how or HowAsked(),
        trusted_types=trusted_types,
    )


def of_yes(answer: WorkerAnswer) -> NDArray[np.float64]:
    assert answer.output.probabilities is not None
    return answer.output.probabilities[:, 1]


def test_xgboost(tmp_path: Path) -> None:
    path = tmp_path / "model.ubj"
    fitted = xgboost.XGBClassifier(n_estimators=3, n_jobs=1, enable_categorical=True)
    fitted.fit(AS_CATEGORIES, TWO).save_model(path)

    answer = asked(path, ModelFormat.XGBOOST)

    np.testing.assert_allclose(of_yes(answer), fitted.predict_proba(AS_CATEGORIES)[:, 1], rtol=1e-6)
    assert answer.output.classes == (0, 1)
    assert answer.facts["format"] == "xgboost"
    assert answer.facts["model_class"] == "xgboost.Booster (binary:logistic)"
    assert answer.facts["recorded"] == {"xgboost": xgboost.__version__}
    assert answer.facts["columns"] == ["age x", "income", "city"]


def test_lightgbm(tmp_path: Path) -> None:
    path = tmp_path / "model.txt"
    fitted = lightgbm.LGBMClassifier(n_estimators=3, n_jobs=1, verbose=-1)
    fitted.fit(AS_CATEGORIES, TWO).booster_.save_model(path)

    answer = asked(path, ModelFormat.LIGHTGBM)

    expected = np.asarray(fitted.predict_proba(AS_CATEGORIES))
    np.testing.assert_allclose(of_yes(answer), expected[:, 1])
    assert answer.facts["columns"] == ["age x", "income", "city"]


def test_catboost(tmp_path: Path) -> None:
    path = tmp_path / "model.cbm"
    fitted = catboost.CatBoostClassifier(
        iterations=3, cat_features=["city"], verbose=0, allow_writing_files=False
    )
    fitted.fit(AS_TEXT, LABELS).save_model(str(path))

    answer = asked(path, ModelFormat.CATBOOST)

    assert answer.output.predictions.tolist() == fitted.predict(AS_TEXT).tolist()
    assert answer.output.classes == ("no", "yes")


@pytest.mark.parametrize("rows_at_once", [None, 1, 32])
def test_onnx(tmp_path: Path, rows_at_once: int | None) -> None:
    path = tmp_path / "model.onnx"
    kinds = {"age x": FloatTensorType, "income": FloatTensorType, "city": StringTensorType}
    types = [(name, kind([rows_at_once, 1])) for name, kind in kinds.items()]
    model = to_onnx(LINEAR, initial_types=types, target_opset=17)
    path.write_bytes(model.SerializeToString())

    answer = asked(path, ModelFormat.ONNX)

    np.testing.assert_allclose(of_yes(answer), LINEAR.predict_proba(AS_TEXT)[:, 1], atol=1e-5)
    assert answer.output.predictions.tolist() == LINEAR.predict(AS_TEXT).tolist()
    assert answer.output.classes == ("no", "yes")


def test_onnx_of_one_tensor_takes_the_columns_that_are_named(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    array = NUMBERS.to_numpy(np.float32)
    fitted = LogisticRegression().fit(array, LABELS)
    path.write_bytes(to_onnx(fitted, array[:1], target_opset=17).SerializeToString())

    answer = asked(path, ModelFormat.ONNX, HowAsked(columns=("age x", "income")))

    np.testing.assert_allclose(of_yes(answer), fitted.predict_proba(array)[:, 1], atol=1e-5)


def test_mlflow(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    flavor = {"pickled_model": "model.pkl", "sklearn_version": "1.2.3"}
    (folder / "MLmodel").write_text(yaml.safe_dump({"flavors": {"sklearn": flavor}}))
    joblib.dump(LINEAR, folder / "model.pkl")

    answer = asked(folder, ModelFormat.MLFLOW)

    assert answer.output.predictions.tolist() == LINEAR.predict(AS_TEXT).tolist()
    assert answer.facts["format"] == "mlflow (sklearn)"
    assert answer.facts["recorded"]["scikit-learn"] == "1.2.3"


def test_skops_with_a_type_that_is_trusted(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    (tmp_path / "own_features.py").write_text("def same(table):\n    return table\n")
    sys.path.insert(0, str(tmp_path))
    try:
        from own_features import same  # type: ignore[import-not-found]  # noqa: PLC0415
    finally:
        del sys.path[0]
    fitted = make_pipeline(FunctionTransformer(same), LogisticRegression()).fit(NUMBERS, LABELS)
    skops.io.dump(fitted, path)

    how = HowAsked(columns=("age x", "income"))
    answer = asked(path, ModelFormat.SKOPS, how, trusted_types=("own_features.same",))

    assert answer.output.predictions.tolist() == fitted.predict(NUMBERS).tolist()


def test_a_bundle(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    scaler = StandardScaler().fit(NUMBERS)
    fitted = LogisticRegression().fit(scaler.transform(NUMBERS), LABELS)
    joblib.dump({"scaler": scaler, "model": fitted}, path)

    answer = asked(path, ModelFormat.PICKLE)

    expected = fitted.predict(scaler.transform(NUMBERS))
    assert answer.output.predictions.tolist() == expected.tolist()
    assert answer.facts["model_class"] == "StandardScaler + LogisticRegression"


def test_a_load_hook(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    path.write_text('{"income": 1.0}')
    (tmp_path / "models.py").write_text(
        "import json\n"
        "class Linear:\n"
        "    def __init__(self, weights):\n"
        "        self.weights = weights\n"
        "    def predict(self, table):\n"
        "        total = sum(table[name] * by for name, by in self.weights.items())\n"
        "        return ['yes' if value > 0 else 'no' for value in total]\n"
        "def load(path):\n"
        "    return Linear(json.load(open(path)))\n"
    )

    answer = asked(path, ModelFormat.OTHER, HowAsked(load="models.py:load"))

    expected = np.where(FRAME["income"] > 0, "yes", "no")
    assert answer.output.predictions.tolist() == expected.tolist()
    assert answer.facts["format"] == "load hook"
    assert answer.facts["model_class"] == "models.Linear"
