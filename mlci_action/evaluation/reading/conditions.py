"""For which rows does a condition hold? Expressions over whole columns at once."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.domain.arithmetic import Linear
from mlci_action.domain.expressions import (
    AllOf,
    Column,
    Comparison,
    Condition,
    Expression,
    IsNull,
    Literal,
    Membership,
    Not,
    Operand,
)
from mlci_action.errors import DatasetError
from mlci_action.evaluation.reading.columns import Kind, Values, find_column, read_values

Rows: TypeAlias = NDArray[np.bool_]


# Sums of floating-point numbers that are the same on paper differ in their last digits.
_SAME = 1e-9


def rows_where(
    frame: pd.DataFrame, expression: Expression, *, asked_by: str = "slices.where"
) -> Rows:
    """(n,) booleans: the rows of `frame` for which the expression holds.

    A comparison with a missing value is neither true nor false, as in SQL, and so is what is built
    on it: `age >= 60` and `not age >= 60` both leave out the rows without an age. Raises
    DatasetError for a column that is not there, and for values that cannot be compared; `asked_by`
    is what asks, in its words.
    """
    return _Rows(frame, expression, asked_by).answer(expression.condition).true


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Answer:
    """(n,) booleans each: where it is true, and where it is false. Elsewhere it is unknown."""

    true: Rows
    false: Rows

    def negated(self) -> _Answer:
        return _Answer(true=self.false, false=self.true)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Side:
    """One side of a comparison: a column, a sum of some, or a value with its text if it is one.

    `size` (n,) is how large the parts of a sum are, None for what is no sum.
    """

    name: str
    data: Values
    is_column: bool = False
    text: str | None = None
    size: NDArray[np.float64] | None = None


_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class _Rows:
    """The answers of one expression on one frame."""

    def __init__(self, frame: pd.DataFrame, expression: Expression, asked_by: str) -> None:
        self._asked_by = f"{asked_by} {expression.text!r}"
        self._columns = {
            name: find_column(frame, name, asked_by=self._asked_by) for name in expression.columns
        }
        self._n = len(frame)

    def answer(self, condition: Condition) -> _Answer:
        match condition:
            case Comparison(left=left, operator=sign, right=right):
                return self._compared(left, sign, right)
            case Membership(column=column, values=values):
                return _any_of(self._compared(column, "==", Literal(value=v)) for v in values)
            case IsNull(column=column):
                missing = self._columns[column.name].isna().to_numpy(dtype=bool)
                return _Answer(true=missing, false=~missing)
            case Not(part=part):
                return self.answer(part).negated()
            case AllOf(parts=parts):
                # All hold unless any does not.
                return _any_of(self.answer(part).negated() for part in parts).negated()
        return _any_of(self.answer(part) for part in condition.parts)

    def _compared(self, left: Operand, sign: str, right: Operand) -> _Answer:
        first, second = self._side(left), self._side(right)
        first, second = self._as_times(first, second), self._as_times(second, first)
        self._require_one_kind(first, second)
        both = first.data.present & second.data.present
        true = np.zeros(self._n, dtype=bool)
        if both.any():
            true[both] = _holds(sign, first, second, both)
        return _Answer(true=true, false=both & ~true)

    def _side(self, operand: Operand) -> _Side:
        match operand:
            case Column(name=name):
                data = read_values(self._columns[name])
                return _Side(name=f"column {name!r}", data=data, is_column=True)
            case Linear():
                return self._sum(operand)
            case Literal(value=str() as text):
                return _Side(name=repr(text), data=self._repeated(text, Kind.TEXT), text=text)
        kind = Kind.BOOLEANS if isinstance(operand.value, bool) else Kind.NUMBERS
        return _Side(name=str(operand.value), data=self._repeated(operand.value, kind))

    def _sum(self, linear: Linear) -> _Side:
        total = np.full(self._n, linear.constant)
        size = np.abs(total)
        present = np.ones(self._n, dtype=bool)
        for name, times in linear.terms:
            side = self._side(Column(name=name))
            if side.data.kind not in (Kind.NUMBERS, Kind.BOOLEANS, Kind.NOTHING):
                message = f"{self._asked_by}: {side.name} holds {side.data.kind.value}"
                raise DatasetError(message, hint="only numbers can be added up")
            present &= side.data.present
            part = times * np.where(side.data.present, side.data.array, 0).astype(float)
            with np.errstate(invalid="ignore", over="ignore"):
                total, size = total + part, size + np.abs(part)
        data = Values(kind=Kind.NUMBERS, array=total, present=present)
        return _Side(name="a sum", data=data, is_column=True, size=size)

    def _repeated(self, value: object, kind: Kind) -> Values:
        single = np.array(value, dtype=object if kind is Kind.TEXT else None)
        values = np.broadcast_to(single, self._n)
        return Values(kind=kind, array=values, present=np.ones(self._n, dtype=bool))

    def _as_times(self, side: _Side, other: _Side) -> _Side:
        """A text in the expression is a time when it is compared with times."""
        if side.text is None or other.data.kind is not Kind.TIMES:
            return side
        try:
            # ISO 8601 and no more: pandas also takes "now", and fills what is left out with today.
            time = pd.Timestamp(datetime.fromisoformat(side.text))
        except ValueError as error:
            hint = "write it like '2024-12-31' or '2024-12-31T18:00'"
            message = f"{self._asked_by}: {other.name} holds dates, and {side.name} is none"
            raise DatasetError(message, hint=hint) from error
        in_utc = time.tz_convert("UTC").tz_localize(None) if time.tzinfo else time
        return _Side(name=side.name, data=self._repeated(in_utc.to_datetime64(), Kind.TIMES))

    def _require_one_kind(self, first: _Side, second: _Side) -> None:
        kinds = {first.data.kind, second.data.kind} - {Kind.NOTHING}
        if Kind.OTHER not in kinds and (len(kinds) <= 1 or kinds == {Kind.BOOLEANS, Kind.NUMBERS}):
            return
        sides = [
            f"{side.name} holds {side.data.kind.value}"
            for side in (first, second)
            if side.is_column
        ]
        sides += [f"is compared with {side.name}" for side in (first, second) if not side.is_column]
        hint = "compare text with quoted values, and numbers with bare ones"
        raise DatasetError(f"{self._asked_by}: {' and '.join(sides)}", hint=hint)


def _holds(sign: str, first: _Side, second: _Side, both: Rows) -> Rows:
    """Whether the comparison holds, for the rows where both sides have a value."""
    left, right = first.data.array[both], second.data.array[both]
    plain: Rows = _COMPARE[sign](left, right)
    sizes = [side.size[both] for side in (first, second) if side.size is not None]
    if not sizes:
        return plain
    left, right = left.astype(float), right.astype(float)
    near = _SAME * reduce(np.maximum, [np.abs(left), np.abs(right), *sizes])
    with np.errstate(invalid="ignore"):
        same: Rows = (left == right) | (np.isfinite(near) & (np.abs(left - right) <= near))
    if sign in ("==", "<=", ">="):
        return same | plain
    # A sum that is no number is neither equal nor different.
    apart: Rows = plain & ~same & ~np.isnan(left) & ~np.isnan(right)
    return apart


def _any_of(answers: Iterable[_Answer]) -> _Answer:
    listed = list(answers)
    return _Answer(
        true=reduce(operator.or_, (answer.true for answer in listed)),
        false=reduce(operator.and_, (answer.false for answer in listed)),
    )
