"""What is the worker asked, and what does it answer? A request in, a result and arrays out."""

from __future__ import annotations

import json
import traceback
import warnings
from pathlib import Path
from typing import Any, Dict, List

from mlci_action.worker.cost_job import answer_costs
from mlci_action.worker.failures import WorkerFailure, shown
from mlci_action.worker.metric_job import answer_metrics
from mlci_action.worker.predict_job import answer_predict
from mlci_action.worker.results import write_result
from mlci_action.worker.schema_job import answer_schema

_MAX_WARNINGS = 20
_MAX_WARNING_TEXT = 300


def run_job(request_path: Path) -> None:
    """Answer one request, a JSON object.

    Always: `task`, `data` and `arrays` (folders of what is asked about), `output` (folder) and
    `working_directory`. For `schema`: `schema`, as `module:Object`. For `predict`,
    `costs` and `metrics`: see `predict_job`, `cost_job` and `metric_job`.
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
    write_result(output, facts)


_TASKS = {
    "predict": answer_predict,
    "costs": answer_costs,
    "schema": answer_schema,
    "metrics": answer_metrics,
}


def _one_line_each(caught: List[warnings.WarningMessage]) -> List[str]:
    lines = []
    for warning in caught:
        text = " ".join(str(warning.message).split())[:_MAX_WARNING_TEXT]
        line = f"{warning.category.__name__}: {text}"
        if line not in lines:
            lines.append(line)
    return lines[:_MAX_WARNINGS]
