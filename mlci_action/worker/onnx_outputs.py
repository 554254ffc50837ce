"""Which output of an ONNX model is the label, and which are the scores?"""

from __future__ import annotations

from typing import Any, List, Optional, Sequence

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.foreign import Array
from mlci_action.worker.onnx_header import Labels
from mlci_action.worker.unreadable import NAME_A_LOADER

_OF_LABELS = ("tensor(int64)", "tensor(int32)", "tensor(string)", "tensor(bool)")
_OF_NUMBERS = ("tensor(float)", "tensor(double)", "tensor(float16)")
_MAPPINGS = "seq(map("
_SUM_OFF = 1e-3
PROBABILITIES, DECISIONS = "probabilities", "decisions"
_LABELS, _NUMBERS = "labels", "numbers"


class Outputs:
    """The outputs of one graph; `names` are those that are asked, labels first.

    classes: the labels of the columns of scores, None as long as they are not known.
    """

    def __init__(self, outputs: Sequence[Any], classes: Optional[Labels]) -> None:
        label = next((str(out.name) for out in outputs if out.type in _OF_LABELS), None)
        score = _score_output(outputs)
        self.classes = classes
        self._has_label, self._has_score = label is not None, score is not None
        self._kind: Optional[str] = None if self._has_score else _LABELS
        self.names = [name for name in (label, score) if name is not None]
        if not self.names:
            found = ", ".join(f"{str(out.name)!r} of {out.type}" for out in outputs)
            raise WorkerFailure(
                "output", f"gives neither labels nor numbers, but {found}", NAME_A_LOADER
            )

    def must_be(self, kind: str) -> None:
        """NotImplementedError when the last predictions showed another kind of scores."""
        if self._kind not in (None, kind):
            raise NotImplementedError

    def predictions(self, said: List[Any]) -> Array:
        """(N,) labels where there are any; else what the scores say, or the numbers themselves."""
        import numpy as np

        if not self._has_score:
            return np.asarray(said[0]).reshape(-1)
        scores = self._table(said)
        self._kind = self._told_by(scores)
        if self._has_label:
            self._learn_classes(said)
            return np.asarray(said[0]).reshape(-1)
        if self._kind == _NUMBERS:
            return scores.reshape(-1)
        best = scores.argmax(axis=1)
        return best if self.classes is None else np.array(self.classes)[best]

    def scores(self, said: List[Any], kind: str) -> Array:
        """(N, k), or (N,) decisions for two classes; NotImplementedError when of another kind."""
        import numpy as np

        scores = self._table(said)
        self._kind = self._told_by(scores)
        self.must_be(kind)
        self._learn_classes(said)
        if scores.shape[1] > 1:
            return scores
        return (
            np.column_stack([1 - scores, scores]) if kind == PROBABILITIES else scores.reshape(-1)
        )

    def _told_by(self, scores: Array) -> str:
        import numpy as np

        alone = scores.shape[1] == 1
        if alone and not self._has_label:
            return _NUMBERS
        inside = ((scores >= -_SUM_OFF) & (scores <= 1 + _SUM_OFF)).all()
        whole = alone or (np.abs(scores.sum(axis=1) - 1) <= _SUM_OFF).all()
        return PROBABILITIES if inside and whole else DECISIONS

    def _table(self, said: List[Any]) -> Array:
        import numpy as np

        answer = said[-1]
        if isinstance(answer, list):
            named = list(answer[0]) if answer else []
            if self.classes is None or set(self.classes) != set(named):
                self.classes = named
            order = self.classes
            return np.array([[row[label] for label in order] for row in answer])
        values = np.asarray(answer, dtype=np.float64)
        return values.reshape(len(values), -1)

    def _learn_classes(self, said: List[Any]) -> None:
        """The label of each column of scores, where the file does not say and the rows show it."""
        import numpy as np

        if self.classes is not None or not (self._has_label and self._has_score):
            return
        if isinstance(said[-1], list):
            return  # mappings name them
        labels, scores = np.asarray(said[0]).reshape(-1), self._table(said)
        if scores.shape[1] == 1 or len(labels) != len(scores):
            return
        best = scores.argmax(axis=1)
        if labels.dtype.kind in "iu" and (labels == best).all():
            self.classes = list(range(scores.shape[1]))
            return
        seen = [sorted(set(labels[best == at].tolist())) for at in range(scores.shape[1])]
        if all(len(found) == 1 for found in seen):
            self.classes = [found[0] for found in seen]


def _score_output(outputs: Sequence[Any]) -> Optional[str]:
    """The mapping of probabilities, or the one output of numbers, or that called so."""
    mappings = [str(out.name) for out in outputs if out.type.startswith(_MAPPINGS)]
    numbers = [str(out.name) for out in outputs if out.type in _OF_NUMBERS]
    if mappings:
        return mappings[0]
    likely = [name for name in numbers if "prob" in name.lower()]
    if len(numbers) > 1 and len(likely) != 1:
        raise WorkerFailure(
            "output",
            "gives several outputs of numbers, and none alone is called probabilities: "
            + ", ".join(repr(name) for name in numbers),
            NAME_A_LOADER,
        )
    return next(iter(likely or numbers), None)
