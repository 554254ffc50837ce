"""Are a model's outputs predictions of this target? Checked, and in the target's codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.domain.metric import Needs, Task
from mlci_action.errors import ModelError, SettingsError
from mlci_action.evaluation.reading.class_codes import (
    are_probabilities_of_one,
    must_not_be_turned_around,
    one_is_negative,
    with_labels_of_scores,
)
from mlci_action.evaluation.reading.labels import LabelCodes, label_text, quoted, zero_or_one
from mlci_action.evaluation.reading.predictions import ModelOutput, Predictions, Target

_MAX_SHOWN = 5
_OUTSIDE = 1e-6  # how far rounding may take a probability out of 0..1
_SUM_OFF = 1e-3  # how far rounding (float32, printed digits) may take a row's sum from 1
_THRESHOLD = 0.5
_NOT_TWO = {Task.MULTICLASS: "of more than two classes", Task.REGRESSION: "a number"}


def read_predictions(
    output: ModelOutput,
    target: Target,
    *,
    needs: frozenset[Needs],
    needs_probabilities: bool = False,
    threshold: float | None = None,
    who: str,
) -> Predictions:
    """The predictions of the scored rows in the target's codes; ModelError says why not.

    Labels are matched by their text. For two classes, 0/1 or booleans from the model are mapped as
    well: 1 is the target's positive label, unless that cannot be. A model that only gives numbers
    between 0 and 1 for two classes is read as the probability of the positive one, with labels at
    0.5; one that gives a column of them for each of the classes 0, 1, 2, ... by its largest.
    Scores are read only when `needs` asks for them: probabilities if there are any, else decision
    values (unless `needs_probabilities`). With more than two classes, one that the model has never
    seen gets a score of 0, and scores for a class that no scored row has are left out.
    With a `threshold`, scores are read as well, and the labels of two classes are those that it
    makes of them: positive from there on. SettingsError when there are not two classes.
    `who` is "the candidate" or "the baseline".
    """
    output = with_labels_of_scores(output, target)
    raw = _one_per_row(output.predictions, target, who)
    if threshold is not None and target.task is not Task.BINARY:
        raise SettingsError(
            f"{who} has a threshold, and the target is {_NOT_TWO[target.task]}",
            hint="a threshold makes labels of two classes: remove it",
        )
    if target.task is Task.REGRESSION:
        values = _read_values(raw, who)
        return Predictions(values=values, raw_scores=values)
    reader = _ClassReader(output, target, raw, who)
    if Needs.SCORES not in needs and threshold is None:
        return Predictions(labels=reader.labels(), raw_scores=reader.raw_scores())
    scores, are_probabilities = reader.scores()
    if needs_probabilities and not are_probabilities:
        raise ModelError(
            f"{who} has no predict_proba, only decision_function, and metrics such as log_loss "
            "need probabilities",
            hint="calibrate the model (CalibratedClassifierCV), or use roc_auc",
        )
    return Predictions(
        labels=reader.labels() if threshold is None else _labels_from(scores, threshold),
        scores=scores,
        probabilities=are_probabilities,
        raw_scores=reader.raw_scores(),
    )


def _labels_from(scores: NDArray[np.float64], threshold: float) -> NDArray[np.int64]:
    return (scores >= threshold).astype(np.int64)


def _one_per_row(predictions: NDArray[Any], target: Target, who: str) -> NDArray[Any]:
    """(n,): the predictions of the scored rows."""
    n_rows = len(target.rows)
    if predictions.ndim > 1 and predictions.shape[1:] != (1,):
        raise ModelError(
            f"{who} predicts an array of shape {predictions.shape}, not one value a row",
            hint="predict must return one label or number for each row; which labels columns of "
            "probabilities are for is said with candidate.classes",
        )
    if len(predictions) != n_rows:
        raise ModelError(
            f"{who} predicts {len(predictions)} values for {n_rows} rows",
            hint="predict must keep every row: drop none and add none",
        )
    raw = predictions.reshape(n_rows)[target.rows]
    if raw.dtype.kind == "f":
        _must_be_finite(raw, "predictions", who)
    return raw


def _must_be_finite(values: NDArray[Any], what: str, who: str) -> None:
    bad = ~np.isfinite(values)
    n_bad = int(bad.any(axis=1).sum() if bad.ndim > 1 else bad.sum())
    if n_bad:
        raise ModelError(
            f"{who} gives NaN or infinite {what} in {n_bad} of {len(values)} rows",
            hint="a model must answer every row; impute missing values inside it",
        )


def _read_values(raw: NDArray[Any], who: str) -> NDArray[np.float64]:
    if raw.dtype.kind not in "iuf":
        kind = "true/false" if raw.dtype.kind == "b" else "text"
        raise ModelError(
            f"{who} predicts {kind}, and the target is a number",
            hint="is this the right model for data.target?",
        )
    return raw.astype(np.float64)


class _ClassReader:
    """One classifier's outputs beside the target; labels and scores are read by one mapping."""

    def __init__(self, output: ModelOutput, target: Target, raw: NDArray[Any], who: str) -> None:
        self._output, self._target, self._who = output, target, who
        self._is_score = are_probabilities_of_one(output, target, raw)
        self._one_is_negative = one_is_negative(target)
        self._raw = 1 - raw if self._is_score and self._one_is_negative else raw
        self._are_taken_for_granted = self._is_score
        self._classes = [label_text(label) for label in output.classes or ()]
        twice = [text for text in dict.fromkeys(self._classes) if self._classes.count(text) > 1]
        if twice:
            raise ModelError(
                f"{who} names its class {twice[0]!r} more than once",
                hint="each column of scores needs a class of its own",
            )
        found, values = pd.factorize(raw)
        self._row_label = found
        self._labels = [] if self._is_score else [label_text(v) for v in values.tolist()]
        self._codes = self._codes_by_text()
        if self._are_taken_for_granted:
            must_not_be_turned_around(self.labels(), target, who)

    def labels(self) -> NDArray[np.int64]:
        """(n,) codes."""
        if self._is_score:
            return _labels_from(self._raw, _THRESHOLD)
        codes = [self._codes[text] for text in self._labels]
        return np.array(codes, dtype=np.int64)[self._row_label]

    def raw_scores(self) -> NDArray[np.float64] | None:
        """(n, ...) what the model gave beside labels, unchecked; None when there is nothing."""
        if self._is_score:
            return self._raw.astype(np.float64)
        said = self._output.probabilities
        said = self._output.decisions if said is None else said
        fits = said is not None and len(said) == len(self._target.rows)
        return said[self._target.rows] if said is not None and fits else None

    def scores(self) -> tuple[NDArray[np.float64], bool]:
        """(n,) for two classes, (n, k) for more; and whether they are probabilities."""
        if self._is_score:
            return self._raw.astype(np.float64), True
        if self._output.probabilities is not None:
            return self._probabilities(self._scored(self._output.probabilities)), True
        if self._output.decisions is not None:
            return self._decisions(self._scored(self._output.decisions)), False
        raise ModelError(
            f"{self._who} has neither predict_proba nor decision_function: a metric or a threshold "
            "needs one",
            hint="use a model that has one, or metrics on labels (accuracy, f1, ...)",
        )

    def _scored(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        if len(values) != len(self._target.rows):
            raise ModelError(
                f"{self._who} gives {len(values)} rows of scores for {len(self._target.rows)} rows"
            )
        if values.ndim > 2:  # noqa: PLR2004  rows and classes
            raise ModelError(
                f"{self._who} gives scores of shape {values.shape}",
                hint="one row of scores for each row of data, one column for each class",
            )
        return values[self._target.rows]

    def _probabilities(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        _must_be_finite(values, "probabilities", self._who)
        inside = (values >= -_OUTSIDE) & (values <= 1 + _OUTSIDE)
        if not inside.all():
            n_bad = int((~inside.reshape(len(values), -1).all(axis=1)).sum())
            raise ModelError(
                f"{self._who} gives probabilities outside 0 to 1 in {n_bad} of {len(values)} rows",
                hint="predict_proba must return probabilities, not margins",
            )
        values = values.clip(0.0, 1.0)
        if values.ndim == 1 or values.shape[1] == 1:
            alone = self._of_positive_alone(values.reshape(-1), "probabilities")
            return alone if self._speaks_for_positive() else 1 - alone
        sums_to_one = np.abs(values.sum(axis=1) - 1) <= _SUM_OFF
        if not sums_to_one.all():
            n_bad = int((~sums_to_one).sum())
            raise ModelError(
                f"{self._who} gives probabilities that do not sum to 1 in {n_bad} of "
                f"{len(values)} rows",
                hint="one probability for each class of one target",
            )
        return self._by_class(values, "probabilities")

    def _decisions(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        _must_be_finite(values, "decision values", self._who)
        if values.ndim > 1 and values.shape[1] > 1:
            return self._by_class(values, "decision values")
        flat = self._of_positive_alone(values.reshape(-1), "decision values")
        return flat if self._speaks_for_positive() else -flat

    def _speaks_for_positive(self) -> bool:
        """Whether one score a row is of the positive label: it is of the model's second class."""
        if self._classes:
            return self._codes[self._classes[-1]] == 1
        return not self._one_is_negative

    def _of_positive_alone(self, values: NDArray[np.float64], what: str) -> NDArray[np.float64]:
        if self._target.task is not Task.BINARY or len(self._classes) not in (0, 2):
            raise ModelError(
                f"{self._who} gives one column of {what}, and the target has "
                f"{len(self._target.classes)} classes",
                hint="was it fitted on all classes of the target?",
            )
        return values

    def _by_class(self, values: NDArray[np.float64], what: str) -> NDArray[np.float64]:
        """The columns in the target's code order; for two classes only the positive one."""
        classes = self._classes or self._plain_order(values.shape[1])
        if len(classes) != values.shape[1]:
            raise ModelError(
                f"{self._who} gives {values.shape[1]} columns of {what} for {len(classes)} classes"
            )
        ordered = np.zeros((len(values), len(self._target.classes)))
        for position, text in enumerate(classes):
            code = self._codes.get(text)
            if code is not None:
                ordered[:, code] = values[:, position]
        return ordered[:, 1] if self._target.task is Task.BINARY else ordered

    def _plain_order(self, n_columns: int) -> Sequence[str]:
        """The only order that needs no names: the target's classes are 0, 1, 2, ..."""
        numbered = [str(number) for number in range(n_columns)]
        if list(self._target.classes) == numbered:
            self._codes.update({text: code for code, text in enumerate(numbered)})
            return numbered
        raise ModelError(
            f"{self._who} gives {n_columns} columns of scores and does not say for which classes",
            hint="name the labels in the order of the columns: candidate.classes",
        )

    def _codes_by_text(self) -> dict[str, int]:
        """The code of each label that the model names or predicts; they are judged as a set.

        A set that is partly known must not be matched: 0/1 for the labels 1/2 would be nonsense, as
        would 0/1/2 for 1/2/3. Only classes with names may be so rare that one set lacks them.
        """
        texts = list(dict.fromkeys([*self._classes, *self._labels]))
        known = LabelCodes(self._target.classes)
        unknown = known.unknown(texts)
        if unknown and self._target.task is Task.BINARY:
            bits = {text: zero_or_one(text) for text in texts}
            if None not in bits.values():
                self._are_taken_for_granted = True
                return {text: bit for text, bit in bits.items() if bit is not None}
        predicted = known.unknown(self._labels)
        never_seen = len({known.find(text) for text in texts} - {None}) < len(self._target.classes)
        shifted = never_seen and all(text.lstrip("-").isdigit() for text in texts)
        if predicted or (unknown and (self._target.task is Task.BINARY or shifted)):
            self._raise_unknown(predicted or unknown)
        return {text: code for text in texts if (code := known.find(text)) is not None}

    def _raise_unknown(self, labels: Sequence[str]) -> NoReturn:
        if self._raw.dtype.kind == "f" and (self._raw != np.floor(self._raw)).any():
            raise ModelError(
                f"{self._who} predicts numbers that are no labels of the target",
                hint="predict must return labels, or for two classes a probability in 0 to 1",
            )
        shown = ", ".join(quoted(text) for text in labels[:_MAX_SHOWN])
        more = f" and {len(labels) - _MAX_SHOWN} more" if len(labels) > _MAX_SHOWN else ""
        truth = ", ".join(quoted(text) for text in self._target.classes[:_MAX_SHOWN])
        raise ModelError(
            f"{self._who} has labels that the target does not have: {shown}{more}; "
            f"the target has {truth}",
            hint="name the labels of the codes 0, 1, 2, ... (candidate.classes), or save the "
            "encoder inside the model; do the evaluation rows hold every class?",
        )
