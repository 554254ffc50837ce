"""What do the user's metrics say of both models' predictions? Functions of their own modules."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.foreign import Array
from mlci_action.worker.metric_function import MetricFunction, Plan, Sample, ask_functions
from mlci_action.worker.rows import Rows
from mlci_action.worker.user_objects import import_place


def answer_metrics(request: Dict[str, Any], _output: Path, facts: Dict[str, Any]) -> None:
    """Put an answer for each of `request["metrics"]` into `facts["metrics"]`, in their order.

    A metric is `place` (`module:function` or `file.py:function`) and `reads` (`labels`, `scores` or
    `values`). The arrays are those of `adapters/worker_process.py`.
    """
    arrays = _Arrays(Path(request["arrays"]))
    rows = Rows(Path(request["data"]))
    folder = Path(request["working_directory"])
    answers: List[Optional[Dict[str, Any]]] = []
    asked: List[Tuple[MetricFunction, Sample]] = []
    modules: Dict[str, Any] = {}
    for metric in request["metrics"]:
        try:
            function = _function(metric["place"], folder, modules)
        except (WorkerFailure, SystemExit) as failure:
            message = getattr(failure, "message", "ended the import with SystemExit")
            answers.append({"error": f"it {message}"})
        else:
            answers.append(None)
            asked.append((function, _sample(metric["reads"], arrays, rows)))
    plan = Plan(
        slices=arrays.slices(),
        levels=request["levels"],
        seed=request["seed"],
        seconds=request["seconds"],
    )
    said = iter(ask_functions(asked, plan))
    facts["metrics"] = [next(said) if answer is None else answer for answer in answers]


class _Arrays:
    """The arrays in a folder; one that is not there is None."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> Optional[Array]:
        import numpy as np

        path = self._folder / f"{name}.npy"
        return np.load(path, allow_pickle=False) if path.exists() else None

    def slices(self) -> List[Array]:
        """The row numbers of each slice, which lie one after the other in one file."""
        import numpy as np

        rows, ends = self.get("slice_rows"), self.get("slice_ends")
        return [] if rows is None or ends is None else np.split(rows, ends)[:-1]


def _function(place: str, folder: Path, modules: Dict[str, Any]) -> MetricFunction:
    module, _, name = place.rpartition(":")
    if module not in modules:
        modules[module] = import_place(module, folder, kind="no_metric")
    function: Any = getattr(modules[module], name, None)
    if not callable(function):
        what = "is not in" if function is None else "is not a function of"
        raise WorkerFailure("no_metric", f"{what} {module!r}")
    found: MetricFunction = function
    return found


def _sample(reads: str, arrays: _Arrays, rows: Rows) -> Sample:
    classes = arrays.get("classes")

    def spelled(codes: Optional[Array]) -> Optional[Array]:
        return codes if codes is None or classes is None else classes[codes]

    said = {who: arrays.get(f"{who}_{reads}") for who in ("candidate", "baseline")}
    if reads == "labels":
        said = {who: spelled(codes) for who, codes in said.items()}
    names = rows.names_that_travel
    return Sample(
        truth=spelled(arrays.get("truth")),
        candidate=said["candidate"],
        baseline=said["baseline"],
        weight=arrays.get("weight"),
        table=lambda: rows.table(names),
        units=arrays.get("units"),
        columns=names,
    )
