"""statsmodels is heavy and rare: these stand for its results, which pickle the same attributes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mlci_action.worker.statsmodels_results import StatsModel, is_results
from tests.unit.worker.boosters import NUMBERS, close


class Design:
    """A model: the names of its columns, and the formula that made them."""

    def __init__(self, names: list[str], formula: str | None = None) -> None:
        self.exog_names = names
        if formula is not None:
            self.formula = formula


class Results:
    """Fitted results: a weight for each column, in their order."""

    def __init__(self, names: list[str], formula: str | None = None) -> None:
        self.model = Design(names, formula)

    def predict(self, exog: Any) -> NDArray[np.float64]:  # noqa: ANN401
        if hasattr(self.model, "formula"):
            return np.asarray(exog["income"] * 10)
        weights = [10.0**at for at in range(len(self.model.exog_names))]
        return np.asarray(np.asarray(exog) @ weights)


Results.__module__ = "statsmodels.regression.linear_model"


@pytest.mark.parametrize("names", [["const", "age x", "income"], ["age x", "const", "income"]])
def test_the_constant_is_put_where_it_was(names: list[str]) -> None:
    results = Results(names)
    model = StatsModel(results)

    assert model.feature_names_in_ == ["age x", "income"]
    with_constant = NUMBERS.assign(const=1.0)[names]
    assert close(model.predict(NUMBERS), results.predict(with_constant))
    assert close(model.predict(NUMBERS.to_numpy()), results.predict(with_constant))


def test_names_that_were_made_up_are_none() -> None:
    model = StatsModel(Results(["const", "x1", "x2"]))

    assert model.feature_names_in_ is None
    assert model.n_features_in_ == 2


def test_a_formula_finds_its_columns_by_itself() -> None:
    model = StatsModel(Results(["Intercept", "income"], "y ~ income"))

    assert model.feature_names_in_ is None
    assert not hasattr(model, "n_features_in_")
    assert model.predict(NUMBERS).tolist() == (NUMBERS["income"] * 10).tolist()


def test_only_results_of_statsmodels_are_such() -> None:
    assert is_results(Results(["x1"]))
    assert not is_results(Design(["x1"]))
    assert not is_results(None)
