"""In which format is a model file, and does reading it run code? The values are public."""

from __future__ import annotations

from enum import StrEnum


class ModelFormat(StrEnum):
    """What the bytes of a model are; `trust.formats` names them so."""

    PICKLE = "pickle"  # joblib and cloudpickle too: all three are one language
    SKOPS = "skops"
    ONNX = "onnx"
    XGBOOST = "xgboost"
    LIGHTGBM = "lightgbm"
    CATBOOST = "catboost"
    MLFLOW = "mlflow"  # a folder whose flavor only mlflow itself can load
    PREDICTIONS = "predictions"  # no model at all: what one said, row by row
    OTHER = "other"  # only a `load` hook or a `predict` command reads it

    @property
    def runs_code(self) -> bool:
        """Whether loading it runs whatever its author put there."""
        return self in (ModelFormat.PICKLE, ModelFormat.MLFLOW)
