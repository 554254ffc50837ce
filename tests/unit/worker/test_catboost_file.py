from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import catboost
import numpy as np
import pytest

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.loading import load_model, shown_class
from mlci_action.worker.versions import recorded_versions
from tests.unit.worker.boosters import AMOUNT, AS_TEXT, NUMBERS, THREE, TWO, close

QUIET = {"iterations": 3, "verbose": 0, "allow_writing_files": False, "thread_count": 1}


@pytest.mark.parametrize("kind", ["cbm", "json"])
@pytest.mark.parametrize(
    ("target", "classes"),
    [
        (np.where(TWO == 1, "yes", "no"), ["no", "yes"]),
        (TWO, [0, 1]),
        (TWO.astype(bool), [False, True]),
        (THREE, [0, 1, 2]),
    ],
    ids=["text", "codes", "booleans", "several"],
)
def test_a_classifier_gives_the_labels_of_its_file(
    tmp_path: Path,
    kind: str,
    target: Any,  # noqa: ANN401
    classes: list[Any],
) -> None:
    path = tmp_path / "model"
    fitted = catboost.CatBoostClassifier(cat_features=["city"], **QUIET).fit(AS_TEXT, target)
    fitted.save_model(str(path), format=kind)

    model, loaded_as = load_model(path, {}, format="catboost")

    assert loaded_as == "catboost"
    assert model.feature_names_in_ == ["age x", "income", "city"]
    assert model.classes_.tolist() == classes
    assert model.predict(AS_TEXT).tolist() == fitted.predict(AS_TEXT).reshape(-1).tolist()
    assert close(model.predict_proba(AS_TEXT), fitted.predict_proba(AS_TEXT))
    assert recorded_versions(path) == {"catboost": catboost.__version__}


def test_categories_by_position_need_no_names(tmp_path: Path) -> None:
    path = tmp_path / "model.cbm"
    table = AS_TEXT[["income", "city"]]
    fitted = catboost.CatBoostClassifier(cat_features=[1], **QUIET).fit(table.to_numpy(), TWO)
    fitted.save_model(str(path))

    model, _ = load_model(path, {}, format="catboost")

    assert model.feature_names_in_ is None
    assert model.n_features_in_ == 2
    expected = fitted.predict(table.to_numpy()).tolist()
    assert model.predict(table).tolist() == expected
    assert model.predict(table.to_numpy()).tolist() == expected


def test_a_regressor_answers_on_the_scale_of_the_target(tmp_path: Path) -> None:
    path = tmp_path / "model.cbm"
    fitted = catboost.CatBoostRegressor(loss_function="Poisson", **QUIET).fit(NUMBERS, THREE)
    fitted.save_model(str(path))

    model, _ = load_model(path, {}, format="catboost")

    assert shown_class(model) == "catboost.CatBoost (Poisson)"
    assert not hasattr(model, "predict_proba")
    assert close(model.predict(NUMBERS), fitted.predict(NUMBERS))


def test_a_pickled_model_without_a_kind_gives_labels(tmp_path: Path) -> None:
    """Its own `predict` gives margins."""
    path = tmp_path / "model.pkl"
    fitted = catboost.CatBoost({"loss_function": "Logloss", **QUIET}).fit(NUMBERS, TWO)
    path.write_bytes(pickle.dumps(fitted))

    model, _ = load_model(path, {}, format="pickle")

    expected = fitted.predict(NUMBERS, prediction_type="Class")
    assert model.predict(NUMBERS).tolist() == expected.tolist()
    assert close(model.predict_proba(NUMBERS), fitted.predict(NUMBERS, "Probability"))


def test_a_pickled_regressor_stays_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(catboost.CatBoostRegressor(**QUIET).fit(NUMBERS, AMOUNT)))

    assert type(load_model(path, {}, format="pickle")[0]) is catboost.CatBoostRegressor


@pytest.mark.parametrize("kind", ["cbm", "json"])
def test_half_a_file_is_said_to_be_damaged(tmp_path: Path, kind: str) -> None:
    """CatBoost itself takes half of a JSON file for a model."""
    path = tmp_path / "model"
    catboost.CatBoostClassifier(**QUIET).fit(NUMBERS, TWO).save_model(str(path), format=kind)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])

    with pytest.raises(WorkerFailure) as caught:
        load_model(path, {}, format="catboost")

    assert "the file is damaged or holds no catboost model" in caught.value.message
