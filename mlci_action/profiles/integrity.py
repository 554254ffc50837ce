"""Which rows break the rules that the owner states? Counted chunk by chunk, each rule by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pandas as pd

from mlci_action.domain.expressions import Not
from mlci_action.domain.integrity import Dependency, IntegrityRule, RowRule
from mlci_action.domain.row_pairs import PairRule
from mlci_action.errors import DatasetError
from mlci_action.evaluation.reading.conditions import rows_where
from mlci_action.profiles.broken_pairs import PairCounter
from mlci_action.profiles.dependencies import DependencyCounter
from mlci_action.profiles.rule_counts import ASKED_BY, MOST_ROW_NUMBERS, RuleCount


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokenRule:
    """How far a rule is broken: in `rows` of `of` rows, the first 1,000 of which are `at` (from 0).

    `asked` rows have what the rule asks about; missing values leave it open for the others. `note`
    says what was not looked at. With a `problem` the rule could not be asked at all.
    """

    rule: IntegrityRule
    rows: int = 0
    of: int = 0
    asked: int = 0
    at: tuple[int, ...] = ()
    note: str = ""
    problem: str = ""

    @property
    def share(self) -> float:
        """The part of all rows that break it; NaN when there are none."""
        return self.rows / self.of if self.of else float("nan")


class IntegrityCounter:
    """Chunks of rows in, one answer for each rule out."""

    def __init__(self, rules: Sequence[IntegrityRule]) -> None:
        self._rules = tuple(rules)
        self._counters = [_counter(rule) for rule in self._rules]
        self._problems = [""] * len(self._rules)
        self._rows = 0

    def add(self, frame: pd.DataFrame, start: int) -> None:
        """Take in a chunk with typed columns; its first row has the number `start` (from 0)."""
        self._rows += len(frame)
        for place, counter in enumerate(self._counters):
            if not self._problems[place]:
                try:
                    counter.add(frame, start)
                except DatasetError as error:
                    self._problems[place] = str(error)

    def result(self) -> tuple[BrokenRule, ...]:
        """One answer for each rule, in their order."""
        return tuple(self._answer(place) for place in range(len(self._rules)))

    def _answer(self, place: int) -> BrokenRule:
        answer = BrokenRule(rule=self._rules[place], of=self._rows)
        if self._problems[place]:
            return replace(answer, problem=self._problems[place])
        try:
            count = self._counters[place].count()
        except DatasetError as error:
            return replace(answer, problem=str(error))
        return replace(
            answer, rows=count.rows, asked=count.asked, at=tuple(count.at), note=count.note
        )


class _Counter(Protocol):
    def add(self, frame: pd.DataFrame, start: int) -> None: ...
    def count(self) -> RuleCount: ...


def _counter(rule: IntegrityRule) -> _Counter:
    match rule.asks:
        case RowRule() as asked:
            return _RowCounter(asked)
        case Dependency() as asked:
            return DependencyCounter(asked, text=rule.text)
        case PairRule() as asked:
            return PairCounter(asked, text=rule.text)


class _RowCounter:
    """A condition on each row: where it is true, where it is false, and elsewhere it is open."""

    def __init__(self, rule: RowRule) -> None:
        self._never = rule.never
        self._holds = rule.condition
        self._fails = replace(rule.condition, condition=Not(part=rule.condition.condition))
        self._rows = self._asked = 0
        self._at: list[int] = []

    def add(self, frame: pd.DataFrame, start: int) -> None:
        true = rows_where(frame, self._holds, asked_by=ASKED_BY)
        false = rows_where(frame, self._fails, asked_by=ASKED_BY)
        broken = np.flatnonzero(true if self._never else false)
        self._rows += len(broken)
        self._asked += int(np.count_nonzero(true | false))
        self._at += (start + broken[: MOST_ROW_NUMBERS - len(self._at)]).tolist()

    def count(self) -> RuleCount:
        return RuleCount(rows=self._rows, asked=self._asked, at=self._at)
