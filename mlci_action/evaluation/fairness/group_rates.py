"""How does each model treat each group of a sensitive column?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.behaviour import GroupRates
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import SliceRows


class Rate(StrEnum):
    """The share of which rows that get the positive label, by fairlearn's names."""

    SELECTION = "selection_rate"
    TRUE_POSITIVE = "true_positive_rate"
    FALSE_POSITIVE = "false_positive_rate"


_TRUTH_OF = {
    Rate.SELECTION: (0, 1),
    Rate.TRUE_POSITIVE: (1,),
    Rate.FALSE_POSITIVE: (0,),
}
_WITHOUT = {Rate.TRUE_POSITIVE: "no positives", Rate.FALSE_POSITIVE: "no negatives"}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Groups:
    """The G groups of one sensitive entry, and how their rows were answered.

    names: (G,) texts. code: (n,) the group of each row, -1 for none. rows: (G, 2) numbers of rows,
    weight: (G, 2) their weights, negatives first. candidate, baseline: (G, 2) weights of the rows
    with the positive label, baseline None without one. judged: (G,) which drive a value.
    """

    names: tuple[str, ...]
    code: NDArray[np.int64]
    rows: NDArray[np.int64]
    weight: NDArray[np.float64]
    candidate: NDArray[np.float64]
    baseline: NDArray[np.float64] | None
    judged: NDArray[np.bool_]
    min_rows: int

    def counting(self, rate: Rate) -> NDArray[np.int64]:
        """The judged groups that have rows for this rate."""
        there = self.rows[:, _TRUTH_OF[rate]].sum(axis=1) > 0
        return np.flatnonzero(self.judged & there)

    def rates(self, said: NDArray[np.float64], rate: Rate) -> NDArray[np.float64]:
        """(G,) the rate in each group; `said` is `candidate` or `baseline`; NaN without rows."""
        truth = _TRUTH_OF[rate]
        with np.errstate(invalid="ignore"):
            return np.asarray(said[:, truth].sum(axis=1) / self.weight[:, truth].sum(axis=1))

    def rate_of_rows(
        self, truth: NDArray[np.int64], rates: Sequence[Rate]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(n,) which rate of which counting group each row belongs to, -1 for none; (K,) its kind.

        No row belongs to two of `rates`.
        """
        code, kinds = np.full(len(truth), -1, dtype=np.int64), np.empty(0, dtype=np.int64)
        for kind, rate in enumerate(rates):
            counting = self.counting(rate)
            # The last place is found by the code -1, which stands for no group.
            place = np.full(len(self.names) + 1, -1, dtype=np.int64)
            place[counting] = len(kinds) + np.arange(len(counting))
            of_rate = np.isin(truth, _TRUTH_OF[rate])
            code[of_rate] = place[self.code[of_rate]]
            kinds = np.append(kinds, np.full(len(counting), kind))
        return code, kinds

    def left_out(self, rates: Sequence[Rate]) -> str:
        """Which groups the values do not cover and why, or an empty text."""
        small = self.rows.sum(axis=1)
        said = [
            f"{name!r} ({rows:,} of the {self.min_rows:,} rows asked for)"
            for name, rows, judged in zip(self.names, small.tolist(), self.judged, strict=True)
            if not judged
        ]
        for rate in rates:
            lacking = self.judged.copy()
            lacking[self.counting(rate)] = False
            said += [
                f"{self.names[group]!r} ({_WITHOUT[rate]})" for group in np.flatnonzero(lacking)
            ]
        return f"left out: {_some_of(said)}" if said else ""


def groups_of(rows: PairedRows, parts: Sequence[SliceRows], min_rows: int) -> Groups:
    """Count the answers in each group; both models' labels must be there."""
    code = np.full(rows.n, -1, dtype=np.int64)
    for group, part in enumerate(parts):
        code[part.rows] = group
    inside, count = np.flatnonzero(code >= 0), len(parts)
    cell = code[inside] * 2 + rows.truth[inside]
    weight = np.ones(len(inside)) if rows.weight is None else rows.weight[inside]

    def total(of_rows: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(cell, of_rows, 2 * count).reshape(count, 2).astype(np.float64)

    ours = rows.candidate.labels
    theirs = None if rows.baseline is None else rows.baseline.labels
    numbers = np.bincount(cell, minlength=2 * count).reshape(count, 2)
    return Groups(
        names=tuple(" & ".join(value for _, value in part.slice.by) for part in parts),
        code=code,
        rows=numbers,
        weight=total(weight),
        candidate=np.zeros((count, 2)) if ours is None else total(weight * ours[inside]),
        baseline=None if theirs is None else total(weight * theirs[inside]),
        judged=numbers.sum(axis=1) >= min_rows,
        min_rows=min_rows,
    )


def group_table(groups: Groups, sensitive: str) -> tuple[GroupRates, ...]:
    """One entry per group, the small ones included."""
    ours = {rate: groups.rates(groups.candidate, rate) for rate in Rate}
    before = groups.baseline
    theirs = None if before is None else {rate: groups.rates(before, rate) for rate in Rate}
    return tuple(
        GroupRates(
            sensitive=sensitive,
            group=name,
            n=int(groups.rows[group].sum()),
            positives=int(groups.rows[group, 1]),
            judged=bool(groups.judged[group]),
            rates=_of_group(group, ours, theirs),
            note=_note(groups, group),
        )
        for group, name in enumerate(groups.names)
    )


_PerGroup = Mapping[Rate, NDArray[np.float64]]


def _of_group(
    group: int, ours: _PerGroup, theirs: _PerGroup | None
) -> dict[str, tuple[float | None, float | None]]:
    return {
        str(rate): (
            None if theirs is None else _known(theirs[rate][group]),
            _known(ours[rate][group]),
        )
        for rate in Rate
    }


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _note(groups: Groups, group: int) -> str:
    if not groups.judged[group]:
        return f"fewer than {groups.min_rows:,} rows"
    lacking = [why for rate, why in _WITHOUT.items() if group not in groups.counting(rate)]
    return ", ".join(lacking)


_MOST_NAMED = 5


def _some_of(said: Sequence[str]) -> str:
    more = len(said) - _MOST_NAMED
    named = ", ".join(said[:_MOST_NAMED])
    return f"{named} and {more:,} more" if more > 0 else named
