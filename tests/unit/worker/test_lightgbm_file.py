from __future__ import annotations

import pickle
from pathlib import Path

import lightgbm
import numpy as np
import pytest

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.loading import load_model, shown_class
from mlci_action.worker.versions import recorded_versions
from tests.unit.worker.boosters import AMOUNT, AS_CATEGORIES, AS_TEXT, NUMBERS, THREE, TWO, close


def classifier(objective: str = "binary") -> lightgbm.LGBMClassifier:
    return lightgbm.LGBMClassifier(n_estimators=3, objective=objective, n_jobs=1, verbose=-1)


def test_a_classifier_answers_as_the_estimator_that_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "model.txt"
    fitted = classifier().fit(NUMBERS, TWO)
    fitted.booster_.save_model(path)

    model, loaded_as = load_model(path, {}, format="lightgbm")

    assert loaded_as == "lightgbm"
    assert shown_class(model) == "lightgbm.Booster (binary)"
    assert model.feature_names_in_ == ["age_x", "income"]
    assert model.writes_blanks_as == "_"
    assert model.predict(NUMBERS).tolist() == np.asarray(fitted.predict(NUMBERS)).tolist()
    assert close(model.predict_proba(NUMBERS), fitted.predict_proba(NUMBERS))
    assert recorded_versions(path) == {"LightGBM format": "v4"}


@pytest.mark.parametrize("objective", ["multiclass", "multiclassova"])
def test_several_classes_sum_to_one(tmp_path: Path, objective: str) -> None:
    path = tmp_path / "model.txt"
    fitted = classifier(objective).fit(NUMBERS.to_numpy(), THREE)
    fitted.booster_.save_model(path)

    model, _ = load_model(path, {}, format="lightgbm")

    assert model.feature_names_in_ is None
    assert model.n_features_in_ == 2
    assert (
        model.predict(NUMBERS).tolist() == np.asarray(fitted.predict(NUMBERS.to_numpy())).tolist()
    )
    assert close(model.predict_proba(NUMBERS.to_numpy()).sum(axis=1), np.ones(len(NUMBERS)))


def test_text_becomes_the_categories_of_the_file(tmp_path: Path) -> None:
    """Some of the rows lack a category: their own codes would be others."""
    path = tmp_path / "model.txt"
    fitted = classifier().fit(AS_CATEGORIES, TWO)
    fitted.booster_.save_model(path)

    model, _ = load_model(path, {}, format="lightgbm")

    without = (AS_TEXT["city"] != "Bonn").to_numpy()
    expected = fitted.predict_proba(AS_CATEGORIES)[without]
    assert close(model.predict_proba(AS_TEXT[without]), expected)


def test_a_regressor_has_no_classes(tmp_path: Path) -> None:
    path = tmp_path / "model.txt"
    fitted = lightgbm.LGBMRegressor(n_estimators=3, n_jobs=1, verbose=-1).fit(NUMBERS, AMOUNT)
    fitted.booster_.save_model(path)

    model, _ = load_model(path, {}, format="lightgbm")

    assert not hasattr(model, "classes_")
    assert close(model.predict(NUMBERS), fitted.predict(NUMBERS))


def test_a_pickled_booster_answers_as_its_file_would(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    fitted = classifier().fit(NUMBERS, TWO)
    path.write_bytes(pickle.dumps(fitted.booster_))

    model, _ = load_model(path, {}, format="pickle")

    assert close(model.predict_proba(NUMBERS), fitted.predict_proba(NUMBERS))


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_half_a_file_is_said_to_be_damaged(tmp_path: Path, kept: float) -> None:
    """LightGBM itself never comes back from some of them, and crashes on others."""
    path = tmp_path / "model.txt"
    classifier().fit(NUMBERS, TWO).booster_.save_model(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])

    with pytest.raises(WorkerFailure) as caught:
        load_model(path, {}, format="lightgbm")

    assert "the file is damaged or holds no lightgbm model" in caught.value.message
