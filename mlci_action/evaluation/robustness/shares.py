"""On how many rows does a model change its mind? Labels that flip, and rows that break a rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.behaviour import Flips
from mlci_action.domain.metric import Needs, Task
from mlci_action.domain.robustness import Monotonicity
from mlci_action.evaluation.behaviour.flips import flips
from mlci_action.evaluation.intervals.methods import SCORE, not_estimable
from mlci_action.evaluation.reading.predictions import Predictions, same_answers
from mlci_action.evaluation.robustness.rises import Asked, Rise, exactly_nothing
from mlci_action.evaluation.robustness.sample import UNCHANGED, Sample
from mlci_action.evaluation.scored_rows import paired_rows

_Float = NDArray[np.float64]
_Mask = NDArray[np.bool_]
_MOVES = 1e-6  # of the answers' standard deviation
# How far rounding may take an answer, as a share of its size: of numbers of 64 and of 32 bits.
_ROUNDED, _ROUNDED_SHORT = 1e-9, 1e-6


def flipped(sample: Sample, before: Predictions, after: Predictions) -> Flips | None:
    """How many rows change their label: the `negative` ones; None without labels.

    A model counts as right in what it said before, so every change is one for the worse.
    """
    if before.labels is None or after.labels is None:
        return None
    same = same_answers(after, before)[Needs.LABELS]
    rows = paired_rows(sample.rows, after, before, sample.evidence)
    return flips(replace(rows, truth=before.labels), same=UNCHANGED if same else "")


def flips_rise(sample: Sample, ours: Asked, theirs: Asked, *, same_model: bool) -> Rise | None:
    """How much more of the rows change their label than with the baseline: two paired shares."""
    one, other = _turned(ours), _turned(theirs)
    if one is None or other is None:
        return None
    still = not one.any() and not other.any() and _same(ours) and _same(theirs)
    if same_model or still:
        why = "the same model" if same_model else "neither model's answers change"
        return Rise(value=0.0, interval=exactly_nothing(why))
    said, its = (Predictions(labels=turned.astype(np.int64)) for turned in (one, other))
    row = sample.shares(said, its)
    return Rise(value=row.diff, interval=row.interval or not_estimable(SCORE, row.note))


def changed_answers(task: Task, before: Predictions, others: Sequence[Predictions]) -> _Mask:
    """(m,) rows whose label, or number, is another one for any of `others`."""
    if task is not Task.REGRESSION:
        labels = np.stack([np.asarray(one.labels) for one in (before, *others)])
        return np.asarray((labels[1:] != labels[0]).any(axis=0))
    values = np.stack([np.asarray(one.values) for one in (before, *others)])
    most = np.maximum(_MOVES * values[0].std(), _rounding(values) * np.abs(values[0]))
    return np.asarray((np.abs(values[1:] - values[0]) > most).any(axis=0))


def going_astray(rising: Sequence[Predictions], way: Monotonicity) -> _Mask:
    """(m,) rows whose score, or number, ever goes the other way as the column rises.

    rising: the answers by rising values of the column, one number a row (more than two classes have
    none). Labels stand in for scores that are lacking.
    """
    scores = np.stack([_score(one) for one in rising])
    sign = 1 if way is Monotonicity.INCREASING else -1
    most = _rounding(scores) * np.abs(scores).max(axis=0)
    return np.asarray((sign * np.diff(scores, axis=0) < -most).any(axis=0))


def _score(said: Predictions) -> _Float:
    found = said.scores if said.values is None else said.values
    return np.asarray(said.labels if found is None else found, np.float64)


def _rounding(values: _Float) -> float:
    """A model that computes in 32 bits rounds more."""
    with np.errstate(over="ignore"):
        short = (values == values.astype(np.float32)).all() and (values != np.rint(values)).any()
    return _ROUNDED_SHORT if short else _ROUNDED


def _turned(model: Asked) -> _Mask | None:
    before, after = model.before.labels, model.after.labels
    return None if before is None or after is None else np.asarray(before != after)


def _same(model: Asked) -> bool:
    return bool(same_answers(model.after, model.before)[Needs.LABELS])
