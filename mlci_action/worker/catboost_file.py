"""What does a CatBoost file say of rows, as a scikit-learn estimator would say it?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Optional

from mlci_action.worker.foreign import Array, Model, Table
from mlci_action.worker.libraries import library
from mlci_action.worker.matrices import is_frame, kind_of, real_names

_OF_CLASSES = ("Logloss", "CrossEntropy", "MultiClass", "MultiClassOneVsAll", "Focal")
_OF_LOGARITHMS = ("Poisson", "Tweedie")


def load_catboost(path: Path) -> Model:
    """The model in a file of CatBoost's, binary or JSON."""
    catboost = library("catboost", what="a CatBoost model")
    with path.open("rb") as file:
        kind = "cbm" if file.read(4) == b"CBM1" else "json"
    if kind == "json":
        # CatBoost takes half of a JSON file for a model.
        json.loads(path.read_bytes())
    bare = catboost.CatBoost()
    bare.load_model(str(path), format=kind)
    return CatBoostModel(bare)


class CatBoostModel:
    """A classifier or a regressor, as its own loss says."""

    def __init__(self, bare: Any) -> None:  # noqa: ANN401  of the user's CatBoost
        self._model = bare
        self._loss = _loss(bare)
        self._names = list(bare.feature_names_ or [])
        self._categories = set(bare.get_cat_feature_indices())
        self.shown_class = f"catboost.CatBoost ({self._loss or 'a loss of its own'})"
        self.feature_names_in_ = real_names(self._names, "{}")
        self.n_features_in_ = len(self._names) or None
        if self._loss in _OF_CLASSES:
            self.classes_ = bare.classes_
            self.predict_proba = self._probabilities

    def predict(self, table: Table) -> Array:
        """(N,) labels, or numbers on the target's scale."""
        kind = "Exponent" if self._loss in _OF_LOGARITHMS else "RawFormulaVal"
        said = self._ask(table, "Class" if hasattr(self, "classes_") else kind)
        return said.reshape(-1) if said.ndim > 1 and said.shape[1] == 1 else said

    def _probabilities(self, table: Table) -> Array:
        """(N, k)."""
        return self._ask(table, "Probability")

    def _ask(self, table: Table, kind: str) -> Array:
        import numpy as np

        return np.asarray(self._model.predict(self._prepared(table), prediction_type=kind))

    def _prepared(self, table: Table) -> Table:
        if not is_frame(table):
            return table
        if self.feature_names_in_ is None and len(self._names) == table.shape[1]:
            table = table.set_axis(self._names, axis=1)
        # CatBoost takes text only as plain objects.
        texts = [
            name
            for at, name in enumerate(table.columns)
            if at in self._categories and kind_of(table.iloc[:, at]) == "text"
        ]
        return table.astype(dict.fromkeys(texts, object)) if texts else table


def _loss(bare: Any) -> Optional[str]:  # noqa: ANN401  of the user's CatBoost
    text = bare.get_metadata().get("params", "{}")
    said = json.loads(text).get("loss_function", {}).get("type")
    return str(said) if said else None
