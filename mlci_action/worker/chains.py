"""What do the parts of a model say together: transformers, the model, the decoder of its labels?"""

from __future__ import annotations

import warnings
from typing import Any, List, Optional, Tuple

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.foreign import Array, Model, Table

_TWO = 2
_HINT = "name a function that makes one object of the file (candidate.load: module:function)"


class Chain:
    """Parts in their order, as one estimator: the columns are the first part's.

    decoder: makes the data's labels of the model's codes, such as a LabelEncoder. columns: the
    names that the first part takes, where they were kept beside it. threshold: the probability from
    which on the second of two labels is given.
    """

    def __init__(
        self,
        transformers: List[Any],
        model: Model,
        *,
        decoder: Any = None,  # noqa: ANN401  of the user's library
        columns: Optional[List[str]] = None,
        threshold: Optional[float] = None,
    ) -> None:
        self._transformers, self._model, self._decoder = transformers, model, decoder
        self._threshold = threshold
        parts = [*transformers, model]
        # scikit-learn's Pipeline names its parts so.
        self.steps: List[Tuple[str, Any]] = [(str(at), part) for at, part in enumerate(parts)]
        self.shown_class = " + ".join(
            type(part).__name__ for part in (*parts, decoder) if part is not None
        )
        names = columns if columns is not None else getattr(parts[0], "feature_names_in_", None)
        self.feature_names_in_ = None if names is None else [str(name) for name in names]
        self.n_features_in_ = (
            _taken(parts[0]) if names is None else len(self.feature_names_in_ or [])
        )
        self._must_fit()
        if threshold is not None:
            self._must_have_two_classes()
        labels = self._labels()
        if labels is not None:
            self.classes_: Array = labels
        for method in ("predict_proba", "decision_function"):
            if callable(getattr(model, method, None)):
                setattr(self, method, self._asker(method))

    def predict(self, table: Table) -> Array:
        """(N,) labels, decoded, or numbers."""
        import numpy as np

        prepared = self._prepared(table)
        if self._threshold is not None:
            positive = np.asarray(self._model.predict_proba(prepared))[:, 1]
            return self.classes_[(positive >= self._threshold).astype(np.int64)]
        said = self._model.predict(prepared)
        return said if self._decoder is None else self._decoded(said)

    def _asker(self, method: str) -> Any:  # noqa: ANN401  a function of a table
        def ask(table: Table) -> Any:  # noqa: ANN401  whatever the model gives
            return getattr(self._model, method)(self._prepared(table))

        return ask

    def _prepared(self, table: Table) -> Table:
        for transformer in self._transformers:
            table = transformer.transform(table)
        return table

    def _decoded(self, codes: Any) -> Array:  # noqa: ANN401  whatever the model gives
        import numpy as np

        whole = np.asarray(codes).reshape(-1).astype(np.int64)
        return np.asarray(self._decoder.inverse_transform(whole))

    def _labels(self) -> Optional[Array]:
        import numpy as np

        own = getattr(self._model, "classes_", None)
        if self._decoder is None:
            return None if own is None else np.asarray(own)
        if own is None:
            return np.asarray(self._decoder.classes_)
        if np.asarray(own).dtype.kind in "iub":
            return self._decoded(own)
        raise WorkerFailure(
            "not_a_model",
            f"has a {type(self._decoder).__name__} beside a model that gives labels, not codes",
            _HINT,
        )

    def _must_have_two_classes(self) -> None:
        labels = self._labels()
        proba = callable(getattr(self._model, "predict_proba", None))
        if labels is None or len(labels) != _TWO or not proba:
            raise WorkerFailure(
                "not_a_model",
                "has a threshold beside a model without probabilities of two classes",
                _HINT,
            )
        text = f"the file's own threshold, {self._threshold:g}, makes the labels"
        warnings.warn(text, stacklevel=2)

    def _must_fit(self) -> None:
        """A transformer of some of the columns, whose result somebody put among the others."""
        parts = [part for _, part in self.steps]
        for after_it, before in enumerate(parts[:-1], start=1):
            after = parts[after_it]
            given, taken = _given(before), _taken(after)
            if given is not None and taken is not None and given != taken:
                raise WorkerFailure(
                    "not_a_model",
                    f"holds a {type(before).__name__} that gives {given} columns, and a"
                    f" {type(after).__name__} that takes {taken}: what comes between them is not in"
                    " the file",
                    "say it in a function that makes one object of the file (candidate.load:"
                    " module:function), or save one Pipeline",
                )
        first = _taken(parts[0])
        named = self.feature_names_in_
        if named is not None and first is not None and len(named) != first:
            raise WorkerFailure(
                "not_a_model",
                f"names {len(named)} columns, and its {type(parts[0]).__name__} takes {first}",
                _HINT,
            )


def _taken(part: Any) -> Optional[int]:  # noqa: ANN401  of the user's library
    try:
        number = getattr(part, "n_features_in_", None)
    except Exception:  # noqa: BLE001  a property of a half-loaded part
        return None
    return number if isinstance(number, int) else None


def _given(part: Any) -> Optional[int]:  # noqa: ANN401  of the user's library
    try:
        return len(part.get_feature_names_out())
    except Exception:  # noqa: BLE001  few have it, and it may ask for names
        return None
