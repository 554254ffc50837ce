from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, OneHotEncoder, OrdinalEncoder, StandardScaler

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.loading import load_model, shown_class
from tests.unit.worker.boosters import AS_TEXT, NUMBERS, THREE, TWO, close

TEXTS = ["good day", "bad day", "good night", "bad night"]
WORDS = TfidfVectorizer().fit(TEXTS)
OF_WORDS = LogisticRegression().fit(WORDS.transform(TEXTS), ["up", "down", "up", "down"])
SCALER = StandardScaler().fit(NUMBERS)
SCALED = LogisticRegression().fit(SCALER.transform(NUMBERS), TWO)
LABELS = LabelEncoder().fit(["no", "yes"])
WHOLE = make_pipeline(SCALER, SCALED)


def loaded(tmp_path: Path, content: object) -> Any:  # noqa: ANN401
    path = tmp_path / "model.joblib"
    joblib.dump(content, path)
    return load_model(path, {}, format="pickle")[0]


def refusal(tmp_path: Path, content: object) -> WorkerFailure:
    with pytest.raises(WorkerFailure) as caught:
        loaded(tmp_path, content)
    return caught.value


@pytest.mark.parametrize("kind", [tuple, list])
def test_a_vectorizer_and_a_model_are_one_chain(tmp_path: Path, kind: type) -> None:
    model = loaded(tmp_path, kind([WORDS, OF_WORDS]))

    assert model.predict(pd.Series(["good night", "bad day"])).tolist() == ["up", "down"]
    assert model.classes_.tolist() == ["down", "up"]
    assert model.predict_proba(TEXTS).shape == (4, 2)
    assert shown_class(model) == "TfidfVectorizer + LogisticRegression"
    # It is asked whether it begins with a vectorizer, as a Pipeline is.
    assert hasattr(model.steps[0][-1], "build_analyzer")


@pytest.mark.parametrize(
    "content",
    [
        (SCALER, SCALED),
        (SCALED, SCALER),
        {"model": SCALED, "scaler": SCALER},
        {"scaler": SCALER, "classifier": SCALED, "version": "1.2", "metrics": {"auc": [0.9]}},
        {"model": SCALED, "scaler": SCALER, "features": ["age x", "income"], "notes": None},
        {"model": SCALED, "scaler": SCALER, "columns": pd.Index(["age x", "income"])},
    ],
    ids=["tuple", "other-order", "dict", "remarks", "features", "index"],
)
def test_one_transformer_comes_before_the_model(tmp_path: Path, content: object) -> None:
    model = loaded(tmp_path, content)

    assert model.feature_names_in_ == ["age x", "income"]
    assert model.n_features_in_ == 2
    assert model.predict(NUMBERS).tolist() == WHOLE.predict(NUMBERS).tolist()
    assert close(model.predict_proba(NUMBERS), WHOLE.predict_proba(NUMBERS))


@pytest.mark.parametrize(
    "content",
    [(SCALER, LABELS, SCALED), (SCALER, SCALED, LABELS), {"m": SCALED, "s": SCALER, "e": LABELS}],
    ids=["before", "after", "dict"],
)
def test_a_label_encoder_decodes_what_the_model_says(tmp_path: Path, content: object) -> None:
    model = loaded(tmp_path, content)

    assert model.classes_.tolist() == ["no", "yes"]
    assert set(model.predict(NUMBERS).tolist()) == {"no", "yes"}
    assert (model.predict(NUMBERS) == "yes").tolist() == (WHOLE.predict(NUMBERS) == 1).tolist()


def test_the_labels_of_some_codes_are_those_of_these_codes(tmp_path: Path) -> None:
    """The model has seen two of the encoder's three."""
    encoder = LabelEncoder().fit(["low", "middle", "high"])
    fitted = LogisticRegression().fit(NUMBERS, np.where(TWO == 1, 2, 0))

    assert loaded(tmp_path, (fitted, encoder)).classes_.tolist() == ["high", "middle"]


def test_a_booster_in_a_bundle_gives_labels(tmp_path: Path) -> None:
    booster = xgboost.XGBClassifier(n_estimators=2, n_jobs=1).fit(NUMBERS, TWO).get_booster()

    model = loaded(tmp_path, {"model": booster, "label_encoder": LABELS})

    assert set(model.predict(NUMBERS).tolist()) == {"no", "yes"}


def test_a_model_without_probabilities_has_none_in_a_chain(tmp_path: Path) -> None:
    model = loaded(tmp_path, (SCALER, RidgeClassifier().fit(SCALER.transform(NUMBERS), TWO)))

    assert not hasattr(model, "predict_proba")
    assert model.decision_function(NUMBERS).shape == (len(NUMBERS),)


def test_a_threshold_of_the_file_makes_the_labels(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match=r"the file's own threshold, 0\.9, makes the labels"):
        model = loaded(tmp_path, {"model": WHOLE, "threshold": 0.9, "encoder": LABELS})

    expected = np.where(WHOLE.predict_proba(NUMBERS)[:, 1] >= 0.9, "yes", "no")
    assert model.predict(NUMBERS).tolist() == expected.tolist()


@pytest.mark.parametrize(
    "content",
    [
        {"one": SCALED, "two": SCALED},
        {"scaler": SCALER},
        {"model": SCALED, "scaler": SCALER, "encoder": OneHotEncoder()},
        {"model": SCALED, "mean": [0.1, 0.2], "std": [1.0, 1.0]},
        {"model": SCALED, "prepare": print},
        {"model": SCALED, "numeric_features": ["a"], "text_features": ["b"]},
        {"model": SCALED, "target_encoder": OrdinalEncoder()},
        {"model": SCALED, "frequencies": {"Bonn": 3}},
        {"model": LogisticRegression, "scaler": SCALER},
        (SCALED, SCALER, SCALER),
        (SCALED, 0.5),
        (SCALED, LABELS, LABELS),
        [],
        {},
    ],
    ids=[
        *("two", "none", "two-transformers", "numbers", "function", "two-lists", "of-the-target"),
        *("mapping", "class", "after-the-model", "number", "two-encoders", "empty", "empty-dict"),
    ],
)
def test_an_order_that_is_not_certain_asks_for_a_loader(tmp_path: Path, content: Any) -> None:  # noqa: ANN401
    error = refusal(tmp_path, content)

    assert error.kind == "not_a_model"
    assert error.message.startswith(f"is a {type(content).__name__} of {len(content)} (")
    assert "candidate.load: module:function" in error.hint


def test_the_parts_are_listed(tmp_path: Path) -> None:
    message = refusal(tmp_path, {"model": SCALED, "rf": SCALED, "k": 3}).message

    assert "('model': LogisticRegression, 'rf': LogisticRegression, 'k': int)" in message


def test_a_transformer_of_some_of_the_columns_is_not_guessed(tmp_path: Path) -> None:
    some = StandardScaler().fit(NUMBERS[["income"]])
    error = refusal(tmp_path, {"scaler": some, "model": SCALED})

    assert "a StandardScaler that gives 1 columns, and a LogisticRegression that takes 2" in (
        error.message
    )


def test_names_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, {"model": SCALED, "scaler": SCALER, "features": list(AS_TEXT)})

    assert error.message == "names 3 columns, and its StandardScaler takes 2"


def test_a_threshold_needs_two_classes(tmp_path: Path) -> None:
    several = LogisticRegression().fit(NUMBERS, THREE)

    assert "without probabilities of two classes" in (
        refusal(tmp_path, {"model": several, "threshold": 0.5}).message
    )


def test_an_encoder_beside_labels_is_refused(tmp_path: Path) -> None:
    said = LogisticRegression().fit(NUMBERS, np.where(TWO == 1, "yes", "no"))

    assert "a LabelEncoder beside a model that gives labels" in (
        refusal(tmp_path, (said, LABELS)).message
    )
