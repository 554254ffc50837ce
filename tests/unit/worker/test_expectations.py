"""Real models on real tables: silent where nothing is wrong, and not where a scaler is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from mlci_action.worker.columns import GivenInput
from mlci_action.worker.expectations import unexpected_values

CANCER = load_breast_cancer(as_frame=True)
X, Y = CANCER.data.iloc[:, :8], CANCER.target
FIRST = np.random.default_rng(5).random(len(X)) < 0.5  # the half that models are fitted on
RAW = X[~FIRST]
SCALED = StandardScaler().fit(X[FIRST]).set_output(transform="pandas")


def in_a_table(*steps: Any) -> Any:  # noqa: ANN401  a Pipeline
    """The last step is the model; one column is left as it is, one is text that is encoded."""
    columns = ColumnTransformer(
        [("scaled", make_pipeline(SimpleImputer(), *steps[:-1]), list(X.columns[:7]))],
        remainder="passthrough",
    )
    return make_pipeline(columns, steps[-1])


def search(model: Any) -> Any:  # noqa: ANN401
    return GridSearchCV(model, {}, cv=2)


MODELS: dict[str, Callable[[], Any]] = {
    "forest": lambda: RandomForestClassifier(20, random_state=0),
    "shallow forest": lambda: RandomForestClassifier(20, max_depth=2, random_state=0),
    "boosted trees": lambda: GradientBoostingClassifier(n_estimators=10, random_state=0),
    "histograms": lambda: HistGradientBoostingClassifier(max_iter=10),
    "neighbours": KNeighborsClassifier,
    "support vectors": SVC,
    "bayes": GaussianNB,
    "standard": lambda: make_pipeline(StandardScaler(), LogisticRegression()),
    "robust": lambda: make_pipeline(RobustScaler(), LogisticRegression()),
    "min and max": lambda: make_pipeline(MinMaxScaler(), LogisticRegression()),
    "largest": lambda: make_pipeline(MaxAbsScaler(), LogisticRegression()),
    "quantiles": lambda: make_pipeline(QuantileTransformer(n_quantiles=20), LogisticRegression()),
    "in a table": lambda: in_a_table(StandardScaler(), LogisticRegression()),
    "left as it is": lambda: in_a_table(RandomForestClassifier(10, random_state=0)),
    "searched": lambda: search(make_pipeline(StandardScaler(), LogisticRegression())),
    "voting": lambda: VotingClassifier([("a", GaussianNB()), ("b", DecisionTreeClassifier())]),
    "selected": lambda: make_pipeline(SelectKBest(k=4), KNeighborsClassifier()),
    "side by side": lambda: make_pipeline(
        make_union(StandardScaler(), MinMaxScaler()), LogisticRegression()
    ),
}


def said(model: object, table: pd.DataFrame) -> list[str]:
    return unexpected_values(model, GivenInput(table, list(table.columns)))


@pytest.mark.filterwarnings("ignore")  # what models warn of on the way is not the question
@pytest.mark.parametrize("kind", MODELS)
def test_other_rows_of_the_same_table_are_what_is_expected(kind: str) -> None:
    model = MODELS[kind]().fit(X[FIRST], Y[FIRST])

    assert said(model, RAW) == []
    for seed in range(10):
        assert said(model, RAW.sample(12, random_state=seed)) == []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", MODELS)
def test_a_missing_scaler_is_noticed(kind: str) -> None:
    """The names are the same before and after, and so nothing fails."""
    model = MODELS[kind]().fit(SCALED.transform(X[FIRST]), Y[FIRST])

    assert said(model, RAW)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "kind", ["forest", "boosted trees", "histograms", "neighbours", "standard", "in a table"]
)
def test_a_scaler_too_many_is_noticed(kind: str) -> None:
    model = MODELS[kind]().fit(X[FIRST], Y[FIRST])

    assert said(model, SCALED.transform(RAW))


def boosters() -> dict[str, Any]:
    import catboost  # noqa: PLC0415  only where they are installed
    import lightgbm  # noqa: PLC0415
    import xgboost  # noqa: PLC0415

    return {
        "lightgbm": lightgbm.LGBMClassifier(n_estimators=5, verbose=-1),
        "xgboost": xgboost.XGBClassifier(n_estimators=5),
        "catboost": catboost.CatBoostClassifier(
            iterations=20, verbose=0, allow_writing_files=False
        ),
    }


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("library", ["lightgbm", "xgboost", "catboost"])
def test_boosting_libraries_tell_as_well(library: str) -> None:
    pytest.importorskip(library)
    model = boosters()[library]

    model.fit(X[FIRST], Y[FIRST])
    assert said(model, RAW) == []
    model.fit(SCALED.transform(X[FIRST]), Y[FIRST])
    assert any("'mean area' holds values around 560" in sentence for sentence in said(model, RAW))


def test_a_column_of_mostly_zeros_is_no_surprise_to_a_tree() -> None:
    """Its only thresholds lie among the few others."""
    rng = np.random.default_rng(0)
    gain = np.where(rng.random(2000) < 0.95, 0, rng.lognormal(8, 1, 2000))
    table = pd.DataFrame({"gain": gain})
    model = DecisionTreeClassifier(max_depth=2).fit(table[:1000], table["gain"][:1000] > 3000)

    assert said(model, table[1000:]) == []


def test_a_few_rows_are_no_proof() -> None:
    """Ten rows on one side of a stump are an accident."""
    model = AdaBoostClassifier(n_estimators=2).fit(X, Y)
    one_side = X[X["mean concave points"] > 0.06].head(10)

    assert said(model, one_side) == []
    assert said(KNeighborsClassifier().fit(X, Y), X.head(9) * 1000) == []


def test_at_most_ten_columns_are_named() -> None:
    wide = load_wine(as_frame=True)
    model = KNeighborsClassifier().fit(wide.data, wide.target)

    sentences = said(model, wide.data * 1e6)

    assert len(sentences) == 11
    assert sentences[-1] == "so it is with 3 more columns"


def test_large_numbers_are_rounded() -> None:
    """A message has no value of a row."""
    model = KNeighborsClassifier().fit(
        pd.DataFrame({"income": np.linspace(-2.14, 3.41, 50)}), [0, 1] * 25
    )

    assert said(model, pd.DataFrame({"income": [41234.5] * 20})) == [
        (
            "column 'income' holds values around 41,000; the model was fitted on values between "
            "-2.1 and 3.4: is a step such as a scaler missing, or done twice? name it with "
            "candidate.features"
        )
    ]


def test_an_array_has_columns_by_number_or_by_the_names_of_the_rows() -> None:
    model = KNeighborsClassifier().fit(X.to_numpy(), Y)
    far = X.to_numpy() * 1e6

    assert unexpected_values(model, GivenInput(far, []))[0].startswith("column 0 holds")
    named = unexpected_values(model, GivenInput(far, list(X.columns)))
    assert named[0].startswith("column 'mean radius' holds")


@pytest.mark.parametrize(
    "table", [pd.DataFrame({"text": ["a"] * 20}), [{"a": 1}] * 20, pd.Series(["a"] * 20)]
)
def test_what_holds_no_numbers_is_not_looked_at(table: Any) -> None:  # noqa: ANN401
    model = KNeighborsClassifier().fit(pd.DataFrame({"text": np.arange(20)}), [0, 1] * 10)

    assert unexpected_values(model, GivenInput(table, [])) == []


def test_a_model_that_breaks_when_it_is_looked_at_costs_no_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Breaks:
        mean_ = "not a number"
        scale_ = np.ones(8)

    assert said(Breaks(), RAW) == []
    assert said(object(), RAW) == []
    capsys.readouterr()


def test_columns_that_a_step_makes_are_not_compared_with_those_of_the_data() -> None:
    """A logarithm in front of the scaler: that was fitted on no column of the data."""
    model = make_pipeline(FunctionTransformer(np.log1p), StandardScaler(), LogisticRegression())

    assert said(model.fit(X[FIRST], Y[FIRST]), RAW) == []


def test_encoded_text_beside_numbers_does_not_shift_them() -> None:
    table = X.assign(site=np.where(np.arange(len(X)) % 2, "a", "b"))
    columns = ColumnTransformer(
        [("site", OneHotEncoder(), ["site"])], remainder="passthrough", sparse_threshold=0
    )
    model = make_pipeline(columns, KNeighborsClassifier()).fit(table[FIRST], Y[FIRST])

    assert said(model, table[~FIRST]) == []
    far = table[~FIRST].assign(**{"mean area": 1e9})
    assert [sentence.split(" holds")[0] for sentence in said(model, far)] == ["column 'mean area'"]
