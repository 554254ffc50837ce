"""What is in a file of the pickle family: joblib, pickle, cloudpickle or dill?"""

from __future__ import annotations

import importlib
import pickle
from pathlib import Path

from mlci_action.worker.compressed import open_decompressed
from mlci_action.worker.foreign import Model

_MARKS = (
    (b"cloudpickle", "cloudpickle"),
    (b"dill._dill", "dill"),
    (b"joblib.numpy_pickle", "joblib"),
)
_HEAD_BYTES = 4 << 20


def load_pickle(path: Path) -> Model:
    """The object. Loading runs whatever its author put there."""
    try:
        joblib = importlib.import_module("joblib")
    except ImportError:
        joblib = None
    if joblib is not None:
        # It reads what the others wrote as well, compressed or not.
        return joblib.load(path)
    with open_decompressed(path) as stream:
        return pickle.load(stream)


def pickled_by(path: Path) -> str:
    """`joblib`, `cloudpickle`, `dill`, or `pickle` where there is no sign of the others."""
    try:
        with open_decompressed(path) as stream:
            head = stream.read(_HEAD_BYTES)
    except Exception:  # noqa: BLE001  a damaged file; loading it says so
        return "pickle"
    return next((name for mark, name in _MARKS if mark in head), "pickle")
