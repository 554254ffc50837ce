"""What does a model say of the rows, and of the same rows a little different? Its arrays on disk.

The answer on the rows as they are is whole before a variant is asked: whatever a variant does to
the process cannot take it away.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

from mlci_action.worker.answers import class_labels
from mlci_action.worker.columns import GivenInput, choose_input
from mlci_action.worker.environment import distributions, parameters
from mlci_action.worker.expectations import unexpected_values
from mlci_action.worker.failures import WorkerFailure, shown
from mlci_action.worker.foreign import Array, Model
from mlci_action.worker.libraries import library
from mlci_action.worker.loading import load_model, shown_class
from mlci_action.worker.memory import peak_bytes
from mlci_action.worker.predicting import predict_arrays
from mlci_action.worker.preparing import Features, prepared_input
from mlci_action.worker.results import write_arrays, write_result
from mlci_action.worker.rows import Rows
from mlci_action.worker.skops_file import must_keep_to_its_list
from mlci_action.worker.versions import recorded_versions

_MAX_TEXT = 500


class Asker:
    """A loaded model, and the way from raw rows to what it takes."""

    def __init__(self, model: Model, request: Dict[str, Any], recorded: Dict[str, str]) -> None:
        self.model = model
        self._request, self._recorded = request, recorded
        self._features: Optional[Features] = None
        if request["features"] is not None:
            self._features = Features(request["features"], Path(request["working_directory"]))

    def given(self, rows: Rows) -> GivenInput:
        """What the model gets of the rows."""
        asked = {
            "set_aside": self._request["set_aside"],
            "withheld": self._request["withheld"],
            "recorded": self._recorded,
            "columns": self._request["columns"],
        }
        if self._features is None:
            return choose_input(self.model, rows, **asked)
        made = self._features.of(rows, self._request["withheld"])
        return prepared_input(self.model, made, **asked)

    def arrays(self, given: GivenInput) -> Dict[str, Array]:
        """What the model says of it, by the names of `predict_arrays`."""
        return predict_arrays(self.model, given, self._recorded)


def loaded_asker(request: Dict[str, Any], facts: Dict[str, Any]) -> Asker:
    """The request's model, ready to be asked; what is seen on the way goes into `facts`."""
    folder, path = request["working_directory"], Path(request["model"])
    if request["code_allowed"]:
        sys.path.insert(0, folder)
    elif request["load"] is not None or request["features"] is not None:
        raise WorkerFailure(
            "untrusted",
            "needs code of the change (load or features), which may not run here",
            "trust.pickle of the base branch says when it may",
        )
    if request["format"] == "skops" and not request["code_allowed"]:
        must_keep_to_its_list(library("skops", what="a skops file").__version__)
    facts["recorded"] = recorded_versions(path)
    started = time.perf_counter()
    model, facts["format"] = load_model(
        path,
        facts["recorded"],
        format=request["format"],
        load=request["load"],
        trusted_types=request["trusted_types"],
        folder=Path(folder),
    )
    facts["seconds_to_load"] = time.perf_counter() - started
    facts["model_class"] = shown_class(model)
    return Asker(model, request, facts["recorded"])


def answer_predict(request: Dict[str, Any], output: Path, facts: Dict[str, Any]) -> None:
    """Write the arrays of the rows, then those of each variant, and what is known before each.

    The request: `model` (path), `format`, `load` and `features` (None, or `module:function`),
    `trusted_types` (for skops), `code_allowed`, `columns` (None, or those that the model gets),
    `withheld` (the target's name; its values are not among the rows), `set_aside` (columns for a
    model that names them, and for no other), `variants`: `rows` (a file of positions in `arrays`)
    and `data` (a folder beside that of the rows, with the changed columns) of each.
    `facts["variants"]` has an entry for each that was asked, in their order.
    """
    asker, rows = loaded_asker(request, facts), Rows(Path(request["data"]))
    given = asker.given(rows)
    facts["columns"] = given.columns
    started = time.perf_counter()
    arrays = asker.arrays(given)
    facts["seconds_to_predict"] = time.perf_counter() - started
    facts["classes"] = class_labels(asker.model)
    write_arrays(output, arrays)
    facts["peak_bytes"] = peak_bytes()
    facts["distributions"] = distributions()
    facts["parameters"] = parameters(asker.model)
    facts["variants"] = []
    facts["unexpected"] = unexpected_values(asker.model, given)
    del given, arrays
    sample = _Sample(rows)
    for number, variant in enumerate(request["variants"]):
        write_result(output, facts)
        folder = output / f"variant-{number}"
        facts["variants"].append({"error": _asked(asker, sample, variant, request, folder)})


class _Sample:
    """The rows at some positions; those that several variants change are read once."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._last: Optional[Tuple[Array, Rows]] = None

    def at(self, positions: Array) -> Rows:
        import numpy as np

        if self._last is None or not np.array_equal(self._last[0], positions):
            self._last = (positions, self._rows.at(positions))
        return self._last[1]


def _asked(
    asker: Asker, sample: _Sample, variant: Dict[str, str], request: Dict[str, Any], folder: Path
) -> Optional[str]:
    """None where the answer is in the folder, else why there is none."""
    import numpy as np

    try:
        positions = np.load(Path(request["arrays"]) / variant["rows"], allow_pickle=False)
        changed = Rows(Path(request["data"]).parent / variant["data"])
        arrays = asker.arrays(asker.given(sample.at(positions).with_changed(changed)))
        folder.mkdir()
        write_arrays(folder, arrays)
    except WorkerFailure as failure:
        return failure.message[:_MAX_TEXT]
    except MemoryError:
        return "ran out of memory"
    except (Exception, SystemExit) as error:  # noqa: BLE001  user code raises anything
        return f"cannot be used: {shown(error)}"[:_MAX_TEXT]
    return None
