"""What does a LightGBM booster say of rows, as a scikit-learn estimator would say it?"""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any

from mlci_action.worker.foreign import Array, Model, Table
from mlci_action.worker.libraries import library
from mlci_action.worker.matrices import as_floats, is_frame, kind_of, real_names

_MULTICLASS = ("multiclass", "multiclassova", "softmax", "multiclass_ova", "ova", "ovr")


def load_lightgbm(path: Path) -> Model:
    """The booster in a text file of LightGBM's."""
    lightgbm = library("lightgbm", what="a LightGBM model")
    _must_be_whole(path)
    return LightGBMModel(lightgbm.Booster(model_file=str(path)))


def _must_be_whole(path: Path) -> None:
    """EOFError when the text ends too early: LightGBM reads on and on there, or crashes."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        after_trees = content.rfind(b"\nend of trees")
        if after_trees < 0 or content.find(b"\nnum_class=") < 0:
            raise EOFError("the text ends before the trees do")
        has_parameters = content.find(b"\nparameters:", after_trees) >= 0
        if has_parameters and content.rfind(b"\nend of parameters") < 0:
            raise EOFError("the text ends before the parameters do")


class LightGBMModel:
    """A booster: labels are the codes 0, 1, 2, ..., which is what LightGBM is fitted on."""

    # A blank in a column's name became `_` when it was fitted.
    writes_blanks_as = "_"

    def __init__(self, booster: Any) -> None:  # noqa: ANN401  of the user's LightGBM
        import numpy as np

        self._booster = booster
        self._objective = _objective(booster)
        self.shown_class = f"lightgbm.Booster ({self._objective or 'an objective of its own'})"
        self.feature_names_in_ = real_names(booster.feature_name(), "Column_{}")
        self.n_features_in_ = booster.num_feature()
        n_classes = booster.num_model_per_iteration()
        if self._objective == "binary" or self._objective in _MULTICLASS:
            self.classes_ = np.arange(max(n_classes, 2))
            self.predict_proba = self._probabilities

    def predict(self, table: Table) -> Array:
        """(N,) codes of classes, or numbers."""
        if hasattr(self, "classes_"):
            return self.classes_[self._probabilities(table).argmax(axis=1)]
        return self._ask(table)

    def _probabilities(self, table: Table) -> Array:
        """(N, k)."""
        import numpy as np

        said = self._ask(table)
        if said.ndim > 1:
            # One against all: the numbers of a row do not sum to one.
            return said / said.sum(axis=1, keepdims=True)
        return np.column_stack([1 - said, said])

    def _ask(self, table: Table) -> Array:
        if not is_frame(table):
            return self._booster.predict(as_floats(table))
        return self._booster.predict(self._with_categories(table))

    def _with_categories(self, table: Table) -> Table:
        """Columns of text become categories as the file has them; LightGBM goes by their order."""
        import pandas as pd

        known = getattr(self._booster, "pandas_categorical", None) or []
        found = [at for at in range(table.shape[1]) if kind_of(table.iloc[:, at]) != "other"]
        if len(known) != len(found):
            return table
        table = table.copy(deep=False)
        for at, categories in zip(found, known):  # noqa: B905  Python 3.8 has no strict
            name = table.columns[at]
            table[name] = table[name].astype(pd.CategoricalDtype(categories))
        return table


def _objective(booster: Any) -> str:  # noqa: ANN401  of the user's LightGBM
    """As the file has it; empty for a function of the user's."""
    head = booster.model_to_string(num_iteration=1).split("\nTree=", 1)[0]
    lines = [line for line in head.splitlines() if line.startswith("objective=")]
    return lines[0].partition("=")[2].split()[0] if lines else ""
