"""What does an XGBoost booster say of rows, as a scikit-learn estimator would say it?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Optional

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.foreign import Array, Model, Table
from mlci_action.worker.libraries import library
from mlci_action.worker.matrices import (
    as_floats,
    is_frame,
    kind_of,
    must_have_columns,
    real_names,
)
from mlci_action.worker.old_xgboost import old_learner

_BINARY = ("binary:logistic", "binary:logitraw", "binary:hinge")
_MULTICLASS = ("multi:softprob", "multi:softmax")
_CATEGORY = "c"
_TAIL_BYTES = 64


def load_xgboost(path: Path) -> Model:
    """The booster in the file, whichever of XGBoost's formats that is in."""
    xgboost = library("xgboost", what="an XGBoost model")
    _must_be_whole(path)
    booster = xgboost.Booster()
    # By its path, it would be read as its name says, whatever is in it.
    booster.load_model(bytearray(path.read_bytes()))
    return XGBoostModel(booster)


def _must_be_whole(path: Path) -> None:
    """EOFError when JSON, in text or binary, has no end: XGBoost then may read for ever."""
    with path.open("rb") as file:
        is_json = file.read(1) == b"{"
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        ends = file.read().rstrip().endswith(b"}")
    if is_json and not ends:
        raise EOFError("the last bracket is missing")


class XGBoostModel:
    """A booster: labels are the codes 0, 1, 2, ..., which is what XGBoost is fitted on."""

    def __init__(self, booster: Any) -> None:  # noqa: ANN401  of the user's XGBoost
        self._xgboost = library("xgboost", what="an XGBoost model")
        self._booster = booster
        learner = _learner(booster)
        self._objective = str(learner["learner_train_param"]["objective"])
        self._n_classes = int(learner["learner_model_param"]["num_class"])
        self._types: Optional[List[str]] = getattr(booster, "feature_types", None)
        self._attributes = booster.attributes()
        self.shown_class = f"xgboost.Booster ({self._objective})"
        self.feature_names_in_ = real_names(booster.feature_names, "f{}")
        self.n_features_in_ = int(learner["learner_model_param"]["num_feature"]) or None
        if self._objective in _BINARY or self._objective in _MULTICLASS:
            self.classes_ = self._classes()
            if self._objective != "binary:hinge":
                self.predict_proba = self._probabilities

    def predict(self, table: Table) -> Array:
        """(N,) codes of classes, or numbers."""
        import numpy as np

        if self._objective == "binary:hinge":
            return self.classes_[self._ask(table).astype(np.int64)]
        if hasattr(self, "classes_"):
            return self.classes_[self._probabilities(table).argmax(axis=1)]
        return self._ask(table)

    def _probabilities(self, table: Table) -> Array:
        """(N, k), the same from every objective of that many classes."""
        import numpy as np

        if self._objective == "multi:softmax":
            margins = self._ask(table, output_margin=True).reshape(-1, self._n_classes)
            powers = np.exp(margins - margins.max(axis=1, keepdims=True))
            return powers / powers.sum(axis=1, keepdims=True)
        said = self._ask(table)
        if self._objective == "multi:softprob":
            return said.reshape(-1, self._n_classes)
        if self._objective == "binary:logitraw":
            said = 1 / (1 + np.exp(-said.astype(np.float64)))
        return np.column_stack([1 - said, said])

    def _classes(self) -> Array:
        """The labels, where scikit-learn's interface of before 2.0 wrote them down; else codes."""
        import numpy as np

        n_classes = max(self._n_classes, 2)
        try:
            said = json.loads(self._attributes.get("scikit_learn") or "{}")
            labels = said.get("_le", said).get("classes_") or []
        except (ValueError, AttributeError):
            labels = []
        return np.array(labels) if len(labels) == n_classes else np.arange(n_classes)

    def _ask(self, table: Table, **how: bool) -> Array:
        must_have_columns(table, self.n_features_in_)
        best = self._attributes.get("best_iteration")
        # As scikit-learn's interface does, whose file it is; a bare booster asks all its trees.
        if best is not None and "scikit_learn" in self._attributes:
            return self._booster.predict(
                self._matrix(table), iteration_range=(0, int(best) + 1), **how
            )
        return self._booster.predict(self._matrix(table), **how)

    def _matrix(self, table: Table) -> Any:  # noqa: ANN401  of the user's XGBoost
        how: Dict[str, Any] = {}
        if self._types and _CATEGORY in self._types:
            how["enable_categorical"] = True
            if is_frame(table):
                table = self._with_categories(table)
        if not is_frame(table) or self.feature_names_in_ is None:
            if not is_frame(table) or _CATEGORY not in (self._types or ()):
                table, how["feature_types"] = as_floats(table), self._types
                how["feature_names"] = self._booster.feature_names
            elif self._booster.feature_names is not None:
                table = table.set_axis(self._booster.feature_names, axis=1)
        return self._xgboost.DMatrix(table, **how)

    def _with_categories(self, table: Table) -> Table:
        """Columns of text become categories, where the file says which category has which code."""
        table = table.copy(deep=False)
        for at, name in enumerate(list(table.columns)):
            is_category = self._types is not None and self._types[at] == _CATEGORY
            if not is_category or kind_of(table.iloc[:, at]) != "text":
                continue
            if not self._knows_categories():
                raise WorkerFailure(
                    "columns",
                    f"takes the column {str(name)!r} as a category, and its file does not say which"
                    " text has which code",
                    "save it with xgboost 3.1 or later, or give it the codes (candidate.features)",
                )
            table[name] = table[name].astype("category")
        return table

    def _knows_categories(self) -> bool:
        """Since 3.1 a booster holds the categories, and puts the codes of others right."""
        known = getattr(self._booster, "get_categories", None)
        return callable(known) and not known().empty()


def _learner(booster: Any) -> Dict[str, Any]:  # noqa: ANN401  of the user's XGBoost
    if hasattr(booster, "save_config"):
        said: Dict[str, Any] = json.loads(booster.save_config())["learner"]
        return said
    return old_learner(bytes(booster.save_raw()))
