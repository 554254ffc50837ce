"""What is the worker asked, and what does it answer? A request in, a result and arrays out."""

from __future__ import annotations

import json
import platform
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import Any, Dict, List

from mlci_action.worker.columns import choose_input
from mlci_action.worker.failures import WorkerFailure, shown
from mlci_action.worker.foreign import Array
from mlci_action.worker.loading import load_model
from mlci_action.worker.metric_job import answer_metrics
from mlci_action.worker.predicting import class_labels, predict_arrays
from mlci_action.worker.rows import Rows
from mlci_action.worker.schema_job import answer_schema
from mlci_action.worker.versions import installed_versions, recorded_versions

RESULT_FILE = "result.json"
_MAX_WARNINGS = 20
_MAX_WARNING_TEXT = 300


def run_job(request_path: Path) -> None:
    """Answer one request, a JSON object.

    Always: `task`, `data` (folder of rows), `output` (folder), `working_directory` (put on
    `sys.path`). For `predict`: `model`, `withheld` (the target's name; its values are not among the
    rows) and `set_aside` (columns for a model that names them, and for no other). For `schema`:
    `schema`, as `module:Object`. For `metrics`: see `metric_job`.
    """
    request = json.loads(request_path.read_text(encoding="utf-8"))
    output = Path(request["output"])
    facts: Dict[str, Any] = {"error": None}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            _TASKS[request["task"]](request, output, facts)
        except WorkerFailure as failure:
            # Our own sentence needs no traceback; what the user's code raised has one.
            if failure.__cause__ is not None:
                traceback.print_exception(
                    type(failure.__cause__), failure.__cause__, failure.__cause__.__traceback__
                )
            facts["error"] = {
                "kind": failure.kind,
                "message": failure.message,
                "hint": failure.hint,
            }
        except (Exception, SystemExit) as error:  # noqa: BLE001  user code raises anything
            traceback.print_exc()
            facts["error"] = {"kind": "crashed", "message": f"cannot be used: {shown(error)}"}
        facts["warnings"] = _one_line_each(caught)
    facts["python"] = platform.python_version()
    facts["installed"] = installed_versions()
    _write_whole(output / RESULT_FILE, json.dumps(facts, allow_nan=False).encode())


def _predict(request: Dict[str, Any], output: Path, facts: Dict[str, Any]) -> None:
    sys.path.insert(0, request["working_directory"])
    model_path = Path(request["model"])
    rows = Rows(Path(request["data"]))
    facts["recorded"] = recorded_versions(model_path)

    started = time.perf_counter()
    model, facts["format"] = load_model(model_path, facts["recorded"])
    facts["seconds_to_load"] = time.perf_counter() - started
    facts["model_class"] = f"{type(model).__module__}.{type(model).__qualname__}"

    given = choose_input(
        model,
        rows,
        set_aside=request["set_aside"],
        withheld=request["withheld"],
        recorded=facts["recorded"],
    )
    facts["columns"] = given.columns

    started = time.perf_counter()
    arrays = predict_arrays(model, given, facts["recorded"])
    facts["seconds_to_predict"] = time.perf_counter() - started
    facts["classes"] = class_labels(model)
    for name, array in arrays.items():
        _write_array(output / f"{name}.npy", array)


_TASKS = {"predict": _predict, "schema": answer_schema, "metrics": answer_metrics}


def _one_line_each(caught: List[warnings.WarningMessage]) -> List[str]:
    lines = []
    for warning in caught:
        text = " ".join(str(warning.message).split())[:_MAX_WARNING_TEXT]
        line = f"{warning.category.__name__}: {text}"
        if line not in lines:
            lines.append(line)
    return lines[:_MAX_WARNINGS]


def _write_array(path: Path, array: Array) -> None:
    import numpy as np

    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.save(file, array, allow_pickle=False)
    part.replace(path)


def _write_whole(path: Path, content: bytes) -> None:
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.replace(path)
