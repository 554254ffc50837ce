from __future__ import annotations

import json
import pickle
import struct
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xgboost

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.loading import load_model, shown_class
from mlci_action.worker.versions import recorded_versions
from mlci_action.worker.xgboost_file import XGBoostModel
from tests.unit.worker.boosters import AMOUNT, AS_CATEGORIES, AS_TEXT, NUMBERS, THREE, TWO, close


def classifier(objective: str = "binary:logistic", **how: object) -> xgboost.XGBClassifier:
    return xgboost.XGBClassifier(n_estimators=3, objective=objective, n_jobs=1, **how)


@pytest.mark.parametrize("ending", ["ubj", "json"])
def test_a_classifier_answers_as_the_estimator_that_was_saved(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"model.{ending}"
    fitted = classifier().fit(NUMBERS, TWO)
    fitted.save_model(path)

    model, loaded_as = load_model(path, {}, format="xgboost")

    assert loaded_as == "xgboost"
    assert shown_class(model) == "xgboost.Booster (binary:logistic)"
    assert model.feature_names_in_ == ["age x", "income"]
    assert model.classes_.tolist() == [0, 1]
    assert model.predict(NUMBERS).tolist() == fitted.predict(NUMBERS).tolist()
    assert close(model.predict_proba(NUMBERS), fitted.predict_proba(NUMBERS))
    assert recorded_versions(path) == {"xgboost": xgboost.__version__}


@pytest.mark.parametrize("objective", ["multi:softprob", "multi:softmax"])
def test_both_objectives_of_several_classes_give_probabilities(
    tmp_path: Path, objective: str
) -> None:
    path = tmp_path / "model.ubj"
    fitted = classifier(objective).fit(NUMBERS.to_numpy(), THREE)
    fitted.save_model(path)

    model, _ = load_model(path, {}, format="xgboost")

    assert model.feature_names_in_ is None
    assert model.n_features_in_ == 2
    assert model.predict(NUMBERS).tolist() == fitted.predict(NUMBERS.to_numpy()).tolist()
    softly = classifier().fit(NUMBERS.to_numpy(), THREE)
    assert close(model.predict_proba(NUMBERS), softly.predict_proba(NUMBERS.to_numpy()))


def test_margins_become_probabilities_and_a_hinge_has_none(tmp_path: Path) -> None:
    path = tmp_path / "model.ubj"
    raw = classifier("binary:logitraw").fit(NUMBERS, TWO)
    raw.save_model(path)
    margins = load_model(path, {}, format="xgboost")[0]
    hinge_fitted = classifier("binary:hinge").fit(NUMBERS, TWO)
    hinge_fitted.save_model(path)
    hinge = load_model(path, {}, format="xgboost")[0]

    of_second = 1 / (1 + np.exp(-raw.predict(NUMBERS, output_margin=True)))
    assert close(margins.predict_proba(NUMBERS), np.column_stack([1 - of_second, of_second]))
    assert not hasattr(hinge, "predict_proba")
    assert hinge.predict(NUMBERS).tolist() == hinge_fitted.predict(NUMBERS).tolist()


def test_a_regressor_has_no_classes(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    fitted = xgboost.XGBRegressor(n_estimators=3, n_jobs=1).fit(NUMBERS, AMOUNT)
    fitted.save_model(path)

    model, _ = load_model(path, {}, format="xgboost")

    assert not hasattr(model, "classes_")
    assert not hasattr(model, "predict_proba")
    assert close(model.predict(NUMBERS), fitted.predict(NUMBERS))


def test_the_best_iteration_is_asked_as_the_estimator_asks_it(tmp_path: Path) -> None:
    path = tmp_path / "model.ubj"
    other = NUMBERS.iloc[::-1].reset_index(drop=True)
    fitted = classifier(early_stopping_rounds=1, learning_rate=1.0)
    fitted.set_params(n_estimators=20).fit(NUMBERS, TWO, eval_set=[(other, TWO)], verbose=False)
    assert fitted.best_iteration + 1 < fitted.get_booster().num_boosted_rounds()
    fitted.save_model(path)

    model, _ = load_model(path, {}, format="xgboost")

    assert close(model.predict_proba(NUMBERS), fitted.predict_proba(NUMBERS))


def test_text_is_given_the_codes_that_the_file_holds(tmp_path: Path) -> None:
    """Some of the rows lack a category: their own codes would be others."""
    path = tmp_path / "model.ubj"
    fitted = classifier(enable_categorical=True).fit(AS_CATEGORIES, TWO)
    fitted.save_model(path)

    model, _ = load_model(path, {}, format="xgboost")

    without = (AS_TEXT["city"] != "Bonn").to_numpy()
    expected = fitted.predict_proba(AS_CATEGORIES)[without]
    assert close(model.predict_proba(AS_TEXT[without]), expected)


def test_text_is_refused_when_the_file_holds_no_codes(tmp_path: Path) -> None:
    """Before 3.1 files did not hold them; here they are taken out."""
    path = tmp_path / "model.json"
    classifier(enable_categorical=True).fit(AS_CATEGORIES, TWO).save_model(path)
    content = json.loads(path.read_text())
    del content["learner"]["gradient_booster"]["model"]["cats"]
    path.write_text(json.dumps(content))
    model, _ = load_model(path, {}, format="xgboost")

    with pytest.raises(WorkerFailure, match="'city' as a category, and its file does not say"):
        model.predict(AS_TEXT)

    coded = AS_CATEGORIES.assign(city=AS_CATEGORIES["city"].cat.codes)
    assert len(model.predict(coded)) == len(coded)


def test_missing_values_are_left_to_the_booster(tmp_path: Path) -> None:
    path = tmp_path / "model.ubj"
    fitted = classifier().fit(NUMBERS.to_numpy(), TWO)
    fitted.save_model(path)
    gaps = NUMBERS.astype("Float64").mask(NUMBERS > 1)

    model, _ = load_model(path, {}, format="xgboost")

    expected = fitted.predict_proba(NUMBERS.mask(NUMBERS > 1).to_numpy())
    assert close(model.predict_proba(gaps), expected)


@pytest.mark.parametrize("name", ["model", "model.json", "model.bin"])
def test_a_file_may_be_called_anything(tmp_path: Path, name: str) -> None:
    path = tmp_path / "model.ubj"
    classifier().fit(NUMBERS, TWO).save_model(path)
    path = path.rename(tmp_path / name)

    assert load_model(path, {}, format="xgboost")[0].n_features_in_ == 2


def test_a_pickled_booster_answers_as_its_file_would(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    fitted = classifier().fit(NUMBERS, TWO)
    path.write_bytes(pickle.dumps(fitted.get_booster()))

    model, loaded_as = load_model(path, {}, format="pickle")

    assert loaded_as == "pickle"
    assert close(model.predict_proba(NUMBERS), fitted.predict_proba(NUMBERS))
    assert recorded_versions(path)["xgboost"] == xgboost.__version__


def test_a_pickled_estimator_stays_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(classifier().fit(NUMBERS, TWO)))

    assert type(load_model(path, {}, format="pickle")[0]) is xgboost.XGBClassifier


def test_text_in_a_column_of_numbers_is_named(tmp_path: Path) -> None:
    path = tmp_path / "model.ubj"
    classifier().fit(NUMBERS.to_numpy(), TWO).save_model(path)
    model, _ = load_model(path, {}, format="xgboost")

    with pytest.raises(WorkerFailure, match="takes numbers only, and the column 'city' holds text"):
        model.predict(AS_TEXT[["income", "city"]])


@pytest.mark.parametrize("ending", ["ubj", "json"])
@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_half_a_file_is_said_to_be_damaged(tmp_path: Path, ending: str, kept: float) -> None:
    """XGBoost itself never comes back from some of them."""
    path = tmp_path / f"model.{ending}"
    classifier().fit(NUMBERS, TWO).save_model(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])

    with pytest.raises(WorkerFailure) as caught:
        load_model(path, {}, format="xgboost")

    assert caught.value.message == (
        "cannot be loaded: the file is damaged or holds no xgboost model "
        "(EOFError: the last bracket is missing)"
    )


def test_the_wrong_number_of_columns_is_said(tmp_path: Path) -> None:
    path = tmp_path / "model.ubj"
    classifier().fit(NUMBERS.to_numpy(), TWO).save_model(path)
    model, _ = load_model(path, {}, format="xgboost")

    with pytest.raises(WorkerFailure, match="takes 2 columns, and is given 3"):
        model.predict(pd.concat([NUMBERS, NUMBERS["income"]], axis=1))


class OfLongAgo:
    """A booster of XGBoost 0.90: no configuration, but a model that says what it was fitted for."""

    feature_names = None

    def __init__(self, objective: bytes, n_classes: int) -> None:
        numbers = struct.pack("<fIi", 0.5, 2, n_classes).ljust(136, b"\0")
        parts = (objective, b"gbtree")
        self._raw = numbers + b"".join(struct.pack("<Q", len(part)) + part for part in parts)

    def save_raw(self) -> bytearray:
        return bytearray(self._raw)

    def attributes(self) -> dict[str, str]:
        return {}


def test_a_booster_of_before_1_0_tells_its_objective() -> None:
    model = XGBoostModel(OfLongAgo(b"multi:softprob", 3))

    assert shown_class(model) == "xgboost.Booster (multi:softprob)"
    assert model.classes_.tolist() == [0, 1, 2]
    assert model.n_features_in_ == 2
