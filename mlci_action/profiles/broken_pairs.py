"""Which rows are in a pair that there must never be? Rows are compared within equal ones only."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.domain.expressions import Value
from mlci_action.domain.row_pairs import PairColumn, PairComparison, PairRule
from mlci_action.errors import DatasetError
from mlci_action.evaluation.reading.columns import Kind, Values, read_values
from mlci_action.profiles.distinct import Hashes
from mlci_action.profiles.row_keys import named_columns, row_keys
from mlci_action.profiles.rule_counts import ASKED_BY, MOST_ROW_NUMBERS, RuleCount

MOST_PAIRS = 20_000_000
_AT_ONCE = 1_000_000
_ONE_KIND = ({Kind.BOOLEANS, Kind.NUMBERS}, {Kind.TEXT}, {Kind.TIMES})

Places = NDArray[np.intp]
_SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class PairCounter:
    """Chunks in; the columns that the rule names are kept, since any two rows may be a pair."""

    def __init__(self, rule: PairRule, *, text: str, most_pairs: int = MOST_PAIRS) -> None:
        self._rule = rule
        self._asked_by = f"{ASKED_BY} {text!r}"
        self._most_pairs = most_pairs
        self._keys: list[Hashes] = []
        self._parts: list[pd.DataFrame] = []

    def add(self, frame: pd.DataFrame, start: int) -> None:
        """Take in a chunk of rows, the first of which has the number `start`."""
        columns = named_columns(frame, self._rule.columns, asked_by=self._asked_by)
        keys, known = row_keys(columns[list(self._rule.same)])
        kept = np.flatnonzero(known)
        self._keys.append(keys[kept])
        self._parts.append(columns.iloc[kept].set_axis(start + kept))

    def count(self) -> RuleCount:
        """The rows that are one of a broken pair, whichever of both is wrong."""
        if not self._parts:
            return RuleCount(rows=0, asked=0)
        frame = pd.concat(self._parts)
        groups, note = self._groups(np.concatenate(self._keys))
        compare = [self._comparison(frame, other) for other in self._rule.others]
        broken = np.zeros(len(frame), dtype=bool)
        for first, second in _pairs(groups):
            found = first != second
            for holds in compare:
                found[found] = holds(first[found], second[found])
            broken[first[found]] = broken[second[found]] = True
        at = frame.index.to_numpy()[broken]
        return RuleCount(
            rows=len(at), asked=len(frame), at=at[:MOST_ROW_NUMBERS].tolist(), note=note
        )

    def _groups(self, keys: Hashes) -> tuple[list[Places], str]:
        """The rows of each group of equal ones, those beyond the bound on pairs left out."""
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        starts = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
        groups = [group for group in np.split(order, starts) if len(group) > 1]
        most = _most_rows([len(group) for group in groups], self._most_pairs)
        note = ""
        if any(len(group) > most for group in groups):
            note = (
                f"only the first {most:,} rows with equal {', '.join(map(repr, self._rule.same))} "
                f"were compared with each other, to stay within {self._most_pairs:,} pairs"
            )
        return [group[:most] for group in groups], note

    def _comparison(
        self, frame: pd.DataFrame, asked: PairComparison
    ) -> Callable[[Places, Places], NDArray[np.bool_]]:
        sides = [
            read_values(frame[side.name]) if isinstance(side, PairColumn) else _constant(side.value)
            for side in (asked.left, asked.right)
        ]
        self._must_be_one_kind(asked, sides)
        left, right = _comparable(*sides)
        of_a = [isinstance(s, PairColumn) and s.row == "a" for s in (asked.left, asked.right)]
        fixed = [not isinstance(side, PairColumn) for side in (asked.left, asked.right)]
        sign = _SIGNS[asked.operator]

        def holds(first: Places, second: Places) -> NDArray[np.bool_]:
            at = [
                np.zeros_like(first) if constant else (first if is_a else second)
                for constant, is_a in zip(fixed, of_a, strict=True)
            ]
            known = sides[0].present[at[0]] & sides[1].present[at[1]]
            found: NDArray[np.bool_] = known & sign(left[at[0]], right[at[1]])
            return found

        return holds

    def _must_be_one_kind(self, asked: PairComparison, sides: list[Values]) -> None:
        kinds = {side.kind for side in sides} - {Kind.NOTHING}
        if not any(kinds <= together for together in _ONE_KIND):
            names = [
                f"column {operand.name!r} holds {side.kind.value}"
                for operand, side in zip((asked.left, asked.right), sides, strict=True)
                if isinstance(operand, PairColumn)
            ]
            message = f"{self._asked_by}: {' and '.join(names)}, which cannot be compared"
            raise DatasetError(message, hint="compare columns that hold the same kind of values")


def _constant(value: Value) -> Values:
    kind = Kind.TEXT if isinstance(value, str) else Kind.NUMBERS
    array = np.array([value], dtype=object if isinstance(value, str) else float)
    return Values(kind=kind, array=array, present=np.ones(1, dtype=bool))


def _comparable(first: Values, second: Values) -> tuple[NDArray[Any], NDArray[Any]]:
    """Texts as numbers in their order; other values as they are."""
    if Kind.TEXT not in (first.kind, second.kind):
        return first.array, second.array
    both = [side.array[side.present].astype(object) for side in (first, second)]
    known, places = np.unique(np.concatenate(both), return_inverse=True)
    del known
    ordered = []
    for side, found in zip((first, second), np.split(places, [len(both[0])]), strict=True):
        values = np.zeros(len(side.array), dtype=np.int64)
        values[side.present] = found
        ordered.append(values)
    return ordered[0], ordered[1]


def _most_rows(sizes: list[int], most_pairs: int) -> int:
    """The largest m such that groups of at most m rows make no more pairs than allowed."""
    low, high = 1, max(sizes, default=1)
    squares = np.array(sizes, dtype=np.int64)
    while low < high:
        middle = (low + high + 1) // 2
        within = int(np.square(np.minimum(squares, middle)).sum()) <= most_pairs
        low, high = (middle, high) if within else (low, middle - 1)
    return low


def _pairs(groups: list[Places]) -> Iterator[tuple[Places, Places]]:
    """Every row with every row of its group, about a million pairs at once."""
    waiting: list[tuple[Places, Places]] = []
    n_waiting = 0
    for group in groups:
        rows = max(_AT_ONCE // len(group), 1)
        for start in range(0, len(group), rows):
            some = group[start : start + rows]
            waiting.append((np.repeat(some, len(group)), np.tile(group, len(some))))
            n_waiting += len(waiting[-1][0])
            if n_waiting >= _AT_ONCE:
                yield _joined(waiting)
                waiting, n_waiting = [], 0
    if waiting:
        yield _joined(waiting)


def _joined(parts: list[tuple[Places, Places]]) -> tuple[Places, Places]:
    return np.concatenate([a for a, _ in parts]), np.concatenate([b for _, b in parts])
