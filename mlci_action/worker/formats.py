"""Which format is a model file in, told by its first bytes?"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from mlci_action.worker.compressed import is_zip
from mlci_action.worker.mlmodel import find_mlmodel
from mlci_action.worker.old_xgboost import OLD_XGBOOST
from mlci_action.worker.onnx_header import is_onnx
from mlci_action.worker.unreadable import what_it_is

_HEAD_BYTES = 1 << 16
_STARTS = {
    b"CBM1": "catboost",
    b"tree\n": "lightgbm",
    b"tree\r\n": "lightgbm",
    b"{L\x00": "xgboost",
    b"bs64": "xgboost",
}
_IN_JSON = (
    (re.compile(rb'"learner"\s*:'), "xgboost"),
    (re.compile(rb'"(ctr_data|features_info|model_info|oblivious_trees|trees)"\s*:'), "catboost"),
)


def format_of(path: Path) -> str:
    """`pickle`, `skops`, `onnx`, `xgboost`, `lightgbm`, `catboost`, `mlflow` (a folder) or `other`.

    What is like nothing known is taken for a pickle: those have no sure beginning.
    """
    if path.is_dir():
        return "mlflow" if find_mlmodel(path) else "other"
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    sure = next((name for start, name in _STARTS.items() if head.startswith(start)), None)
    if sure:
        return sure
    if is_zip(path):
        with zipfile.ZipFile(path) as archive:
            return "skops" if "schema.json" in archive.namelist() else "other"
    if head.lstrip().startswith(b"{"):
        return next((name for pattern, name in _IN_JSON if pattern.search(head)), "other")
    return _without_a_sure_start(path, head)


def _without_a_sure_start(path: Path, head: bytes) -> str:
    if OLD_XGBOOST.match(head):
        return "xgboost"
    if is_onnx(path):
        return "onnx"
    return "other" if what_it_is(path) else "pickle"
