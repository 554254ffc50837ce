"""What does an ONNX model say of rows, as a scikit-learn estimator would say it?"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, NoReturn, Optional

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.foreign import Array, Model, Table
from mlci_action.worker.libraries import library
from mlci_action.worker.onnx_header import Labels, read_onnx_header
from mlci_action.worker.onnx_inputs import Inputs
from mlci_action.worker.onnx_outputs import DECISIONS, PROBABILITIES, Outputs

_ONLY_ERRORS = 3


def load_onnx(path: Path) -> Model:
    """The model in the file, run by onnxruntime on the CPU."""
    runtime = library("onnxruntime", what="an ONNX model")
    options = runtime.SessionOptions()
    options.log_severity_level = _ONLY_ERRORS
    session = runtime.InferenceSession(
        str(path), sess_options=options, providers=["CPUExecutionProvider"]
    )
    return OnnxModel(session, read_onnx_header(path).classes)


class OnnxModel:
    """A graph. `classes_` is None until the file, or an answer, says which they are."""

    # skl2onnx makes a blank in a column's name so.
    writes_blanks_as = "_"

    def __init__(self, session: Any, classes: Optional[Labels]) -> None:  # noqa: ANN401
        self._session = session
        self._inputs = Inputs(session.get_inputs())
        self._outputs = Outputs(session.get_outputs(), classes)
        self.shown_class = "onnxruntime.InferenceSession"
        self.feature_names_in_ = self._inputs.names
        self.n_features_in_ = self._inputs.n_columns

    @property
    def classes_(self) -> Optional[Labels]:
        """The labels of the columns of probabilities."""
        return self._outputs.classes

    def predict(self, table: Table) -> Array:
        """(N,) labels, or numbers."""
        return self._outputs.predictions(self._run(table))

    def predict_proba(self, table: Table) -> Array:
        """(N, k); NotImplementedError where the model gives no probabilities."""
        self._outputs.must_be(PROBABILITIES)
        return self._outputs.scores(self._run(table), PROBABILITIES)

    def decision_function(self, table: Table) -> Array:
        """(N, k) numbers of each class; NotImplementedError where the model gives none."""
        self._outputs.must_be(DECISIONS)
        return self._outputs.scores(self._run(table), DECISIONS)

    def _run(self, table: Table) -> List[Any]:
        """What the graph gives, in the order of `Outputs.names`.

        In pieces where it takes only so many rows at once.
        """
        feed = self._inputs.feed(table)
        size = self._inputs.batch
        if size is None:
            said: List[Any] = self._session.run(self._outputs.names, feed)
            return said
        n_rows = len(next(iter(feed.values())))
        pieces = [
            self._piece(feed, start, min(size, n_rows - start), size)
            for start in range(0, n_rows, size)
        ]
        return [_joined([piece[at] for piece in pieces]) for at in range(len(self._outputs.names))]

    def _piece(self, feed: Dict[str, Array], start: int, n_rows: int, size: int) -> List[Any]:
        """The answers to some rows, filled up to the size by repeating the last of them."""
        import numpy as np

        at = start + np.minimum(np.arange(size), n_rows - 1)
        said = self._session.run(self._outputs.names, {k: array[at] for k, array in feed.items()})
        for answer in said:
            if len(answer) != size:
                _refuse_size(size, len(answer))
        return [answer[:n_rows] for answer in said]


def _joined(parts: List[Any]) -> Any:  # noqa: ANN401  arrays, or lists of mappings
    import numpy as np

    if isinstance(parts[0], list):
        return [row for part in parts for row in part]
    return np.concatenate(parts)


def _refuse_size(given: int, said: int) -> NoReturn:
    raise WorkerFailure("output", f"takes {given} rows at once, and gives {said} answers to them")
