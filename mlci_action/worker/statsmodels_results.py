"""What do the results of statsmodels say of rows, as a scikit-learn estimator would say it?"""

from __future__ import annotations

import re
from typing import Any

from mlci_action.worker.foreign import Array, Table
from mlci_action.worker.matrices import as_floats, is_frame

_CONSTANT = "const"
_MADE_UP = re.compile(r"x\d+")


def is_results(thing: Any) -> bool:  # noqa: ANN401  whatever was loaded
    """Whether it is a fitted model of statsmodels' that predicts from columns."""
    ours = type(thing).__module__.split(".")[0] == "statsmodels"
    names = getattr(getattr(thing, "model", None), "exog_names", None)
    return ours and isinstance(names, list) and callable(getattr(thing, "predict", None))


class StatsModel:
    """Fitted results. A column of ones that `add_constant` made is made here again."""

    def __init__(self, results: Any) -> None:  # noqa: ANN401  of the user's statsmodels
        self._results = results
        self._names = [str(name) for name in results.model.exog_names]
        self._by_formula = getattr(results.model, "formula", None) is not None
        self.shown_class = f"statsmodels.{type(results.model).__name__}"
        self.feature_names_in_ = None
        if self._by_formula:
            return
        own = [name for name in self._names if name != _CONSTANT]
        self.n_features_in_ = len(own)
        if not all(_MADE_UP.fullmatch(name) for name in own):
            self.feature_names_in_ = own

    def predict(self, table: Table) -> Array:
        """(N,) numbers; probabilities of a model of two classes."""
        import numpy as np

        if self._by_formula:
            return np.asarray(self._results.predict(table))
        values = as_floats(table) if is_frame(table) else np.asarray(table, dtype=np.float64)
        if _CONSTANT in self._names:
            values = np.insert(values, self._names.index(_CONSTANT), 1.0, axis=1)
        return np.asarray(self._results.predict(values))
