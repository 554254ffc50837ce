from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import skops.io
import xgboost
import yaml
from sklearn.linear_model import LogisticRegression

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.loading import load_model, shown_class
from mlci_action.worker.versions import recorded_versions
from tests.unit.worker.boosters import NUMBERS, TWO

FITTED = LogisticRegression().fit(NUMBERS, np.where(TWO == 1, "yes", "no"))
ANY = {"loader_module": "mlflow.sklearn", "python_version": "3.9.18"}


def described(folder: Path, flavors: dict[str, Any], **more: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "MLmodel").write_text(yaml.safe_dump({"flavors": flavors, **more}))
    return folder


def of_sklearn(folder: Path, name: str = "model.pkl", **more: object) -> Path:
    flavor = {"pickled_model": name, "sklearn_version": "1.2.3", **more}
    described(folder, {"python_function": ANY, "sklearn": flavor})
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(pickle.dumps(FITTED))
    return folder


def refusal(folder: Path) -> WorkerFailure:
    with pytest.raises(WorkerFailure) as caught:
        load_model(folder, {}, format="mlflow")
    return caught.value


def test_the_flavor_of_scikit_learn_is_loaded_without_mlflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    folder = of_sklearn(tmp_path / "model")
    (folder / "requirements.txt").write_text("mlflow==2.9.2\nnumpy==1.26.4\nPandas==2.1\n")

    model, loaded_as = load_model(folder, {}, format="mlflow")

    assert loaded_as == "mlflow (sklearn)"
    assert model.predict(NUMBERS).tolist() == FITTED.predict(NUMBERS).tolist()
    assert recorded_versions(folder) == {
        "scikit-learn": "1.2.3",
        "numpy": "1.26.4",
        "python": "3.9.18",
    }


def test_the_model_may_be_one_folder_deeper(tmp_path: Path) -> None:
    of_sklearn(tmp_path / "run" / "model")
    (tmp_path / "run" / "registered_model_meta").write_text("model_name: credit\n")

    assert load_model(tmp_path / "run", {})[1] == "mlflow (sklearn)"
    assert recorded_versions(tmp_path / "run")["scikit-learn"] == "1.2.3"


def test_a_skops_model_trusts_what_the_base_branch_trusts(tmp_path: Path) -> None:
    folder = of_sklearn(tmp_path, "model.skops")
    skops.io.dump(FITTED, folder / "model.skops")

    model, _ = load_model(folder, {}, format="mlflow")

    assert type(model) is LogisticRegression


@pytest.mark.parametrize("place", ["model.xgb", "data/model.xgb"])
def test_a_booster_is_loaded_by_its_own_loader(tmp_path: Path, place: str) -> None:
    flavor = {"data": place.split("/", maxsplit=1)[0], "xgb_version": xgboost.__version__}
    folder = described(tmp_path, {"python_function": ANY, "xgboost": flavor})
    (folder / place).parent.mkdir(exist_ok=True)
    fitted = xgboost.XGBClassifier(n_estimators=2, n_jobs=1).fit(NUMBERS, TWO)
    fitted.get_booster().save_model(folder / "model.json")
    (folder / "model.json").replace(folder / place)

    model, loaded_as = load_model(folder, {}, format="mlflow")

    assert loaded_as == "mlflow (xgboost)"
    assert shown_class(model) == "xgboost.Booster (binary:logistic)"
    assert model.predict(NUMBERS).tolist() == fitted.predict(NUMBERS).tolist()


def test_modules_that_were_saved_with_the_model_can_be_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    folder = of_sklearn(tmp_path, code="code")
    (folder / "code").mkdir()
    (folder / "code" / "kept_beside_the_model.py").write_text("class Says:\n    predict = len\n")
    (folder / "model.pkl").write_bytes(b"ckept_beside_the_model\nSays\n)\x81.")

    assert load_model(folder, {}, format="mlflow")[0].predict is len


@pytest.mark.filterwarnings("ignore")  # MLflow warns while it is imported
def test_mlflow_itself_loads_what_only_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    flavor = {"loader_module": "own_loader", "code": "code", "data": "data"}
    inputs = json.dumps([{"name": "income", "type": "double"}])
    folder = described(
        tmp_path, {"python_function": flavor, "own": {}}, signature={"inputs": inputs}
    )
    (folder / "code").mkdir()
    (folder / "code" / "own_loader.py").write_text(
        "class Model:\n"
        "    def predict(self, table):\n"
        "        return (table[['income']] > 0).astype(int)\n"
        "def _load_pyfunc(path):\n"
        "    return Model()\n"
    )
    (folder / "data").mkdir()

    model, loaded_as = load_model(folder, {}, format="mlflow")

    assert loaded_as == "mlflow (own)"
    assert shown_class(model) == "mlflow.pyfunc.PyFuncModel"
    assert model.feature_names_in_ == ["income"]
    assert model.predict(NUMBERS[["income"]]).tolist() == (NUMBERS["income"] > 0).tolist()


def test_a_flavor_whose_package_is_missing_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow.pyfunc", None)
    monkeypatch.setitem(sys.modules, "mlflow", None)
    folder = described(tmp_path, {"python_function": {"loader_module": "mlflow.keras"}})

    error = refusal(folder)

    assert error.message == (
        "cannot be loaded: it is an MLflow model of the flavor 'keras', which needs mlflow, and "
        f"{sys.executable} does not have it"
    )


def test_a_description_needs_yaml_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)

    error = refusal(of_sklearn(tmp_path))

    assert "described in YAML, which needs pyyaml" in error.message
    assert error.hint == "install pyyaml in that environment"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("flavors: [", "cannot be read"),
        ("- a\n- b\n", "names no flavors"),
        ("flavors: {spark: {}}", "without a flavor that predicts: spark"),
        ("flavors: {}", "without a flavor that predicts: none"),
    ],
)
def test_a_description_that_says_nothing_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "MLmodel").write_text(text)

    assert said in refusal(tmp_path).message


@pytest.mark.parametrize("name", ["../outside.pkl", "/etc/hosts"])
def test_a_file_outside_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    joblib.dump(FITTED, tmp_path / "outside.pkl")
    folder = described(tmp_path / "model", {"sklearn": {"pickled_model": name}})

    assert "names a file outside its folder" in refusal(folder).message


def test_a_folder_without_a_description_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"")

    with pytest.raises(WorkerFailure, match="is a folder with a TensorFlow SavedModel"):
        load_model(tmp_path, {})
