"""What did each part of the inputs bring to a change? Its Shapley value over the trained corners.

A corner is the model that is trained with some parts new and the others as they were. A part's
share is what it adds to a corner without it, averaged over all orders in which the parts could have
changed (Shapley 1953; for models Lundberg and Lee 2017). It is the only rule by which shares sum to
the whole change, equal contributions count equally, and a part that adds nothing has none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import factorial

import pandas as pd

from mlci_action.domain.comparison import ComparisonRow
from mlci_action.domain.fingerprint import Part
from mlci_action.domain.moves import MetricMove, WhyMoved, corner_name
from mlci_action.evaluation.compare import compare_models
from mlci_action.evaluation.metrics.custom_metrics import CUSTOM
from mlci_action.evaluation.reading.predictions import Predictions
from mlci_action.evaluation.scored_rows import Question, ScoredRows, Truth, scored_rows

Corner = frozenset[Part]


def corners_of(changed: Collection[Part]) -> tuple[Corner, ...]:
    """All 2^k corners of k parts, the old model first and the new one last."""
    return tuple(_subsets([part for part in Part if part in changed]))


def split(metric_values: Mapping[Corner, float], changed: Collection[Part]) -> Mapping[Part, float]:
    """The share of each changed part, in the metric's own unit; they sum to new less old.

    Empty where a corner of the changed parts is missing: any of them moves every share. Corners of
    other parts do not matter.
    """
    if any(corner not in metric_values for corner in corners_of(changed)):
        return {}
    parts = [part for part in Part if part in changed]
    return {part: _shapley(metric_values, part, parts) for part in parts}


def why_moved_from(
    question: Question,
    truth: Truth,
    rows: pd.DataFrame,
    corners: Mapping[Corner, Predictions],
    *,
    changed: Collection[Part] | None = None,
) -> WhyMoved:
    """The shares of every metric over all rows, from what each corner's model says of them.

    rows: the N rows of the evaluation data. changed: None: all parts that some corner has new.
    Metrics of the user's own are left out. With corners missing there are no shares, and the note
    names the missing; without the old or the new model there is no change either. DatasetError
    where the rows do not fit the question.
    """
    parts = frozenset().union(*corners) if changed is None else frozenset(changed)
    wanted = corners_of(parts)
    missing = [corner for corner in wanted if corner not in corners]
    found = WhyMoved(changed=tuple(part for part in Part if part in parts), note=_why_no(missing))
    if not parts or {wanted[0], wanted[-1]} & {*missing}:
        return found
    asked = replace(question, slices=None, fairness=None, id=None)
    scored = scored_rows(asked, truth, rows)
    values = {
        corner: _values(asked, scored, corners[corner]) for corner in wanted if corner in corners
    }
    moves = [_move(name, values, wanted) for name in values[wanted[0]]]
    return replace(found, moves=tuple(move for move in moves if move is not None))


def _values(
    question: Question, scored: ScoredRows, model: Predictions
) -> Mapping[str, ComparisonRow]:
    """Each metric's row over all rows, by its name; only the model's own value is in it."""
    found = compare_models(
        scored.target,
        model,
        None,
        metrics=[metric for metric in question.metrics if metric.function != CUSTOM],
        evidence=question.evidence,
        sample_weight=scored.weight,
    )
    return {row.metric.name: row for row in found.rows}


def _move(
    name: str, values: Mapping[Corner, Mapping[str, ComparisonRow]], wanted: Sequence[Corner]
) -> MetricMove | None:
    """None where the old or the new model has no value."""
    rows = {corner: values[corner][name] for corner in wanted if corner in values}
    known = {corner: row.candidate for corner, row in rows.items() if row.candidate is not None}
    old, new = wanted[0], wanted[-1]
    if old not in known or new not in known:
        return None
    without = [corner for corner in rows if corner not in known]
    return MetricMove(
        metric=name,
        n=rows[new].n,
        diff=known[new] - known[old],
        direction=rows[new].metric.direction,
        shares=split(known, new),
        corners={corner_name(corner): value for corner, value in known.items()},
        note=f"it has no value with new {_names(without)}" if without else "",
    )


def _shapley(values: Mapping[Corner, float], part: Part, parts: Sequence[Part]) -> float:
    others = [other for other in parts if other is not part]
    share = 0.0
    for before in _subsets(others):
        orders = factorial(len(before)) * factorial(len(others) - len(before))
        added = values[before | {part}] - values[before]
        share += orders / factorial(len(parts)) * added
    return share


def _subsets(parts: Sequence[Part]) -> Iterator[Corner]:
    for size in range(len(parts) + 1):
        for some in combinations(parts, size):
            yield frozenset(some)


def _why_no(missing: Sequence[Corner]) -> str:
    if not missing:
        return ""
    count = "model was" if len(missing) == 1 else "models were"
    return f"no shares: {len(missing)} {count} not trained, with new {_names(missing)}"


def _names(corners: Sequence[Corner]) -> str:
    return ", ".join(corner_name(corner) or "nothing" for corner in corners)
