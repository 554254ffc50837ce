"""How far do both models' answers move on the changed rows? All that is shown, and judged later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mlci_action.domain.behaviour import Value
from mlci_action.domain.comparison import ComparisonRow, Interval
from mlci_action.domain.metric import Metric, Task
from mlci_action.domain.robustness import PropertyLimits, RobustnessRow
from mlci_action.evaluation.reading.predictions import Predictions
from mlci_action.evaluation.reading.variants import Answers
from mlci_action.evaluation.robustness.plan import Plan, Trial
from mlci_action.evaluation.robustness.rises import Asked, Rise, drop_ends, drop_of, rises
from mlci_action.evaluation.robustness.sample import Heard, Sample, heard, sample_of
from mlci_action.evaluation.robustness.shares import (
    changed_answers,
    flipped,
    flips_rise,
    going_astray,
)
from mlci_action.evaluation.scored_rows import Question, ScoredRows, Truth

FLIPS, VIOLATIONS = "flips", "violations"


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """One measure of one trial. measure: a metric's name, `flips` or `violations`.

    candidate, baseline, rise: as in `RobustnessRow`. count: of the n rows, how many flip or break
    the rule. row: how the candidate's metric moved, the rows as they are being its baseline.
    rise_interval: in the sign of the rise. fails, baseline_fails: what the model said instead of
    answers, continuing "the candidate ..."; empty where it answered.
    """

    trial: Trial
    measure: str
    n: int
    candidate: Value
    baseline: Value | None = None
    rise: Value | None = None
    count: int | None = None
    row: ComparisonRow | None = None
    rise_interval: Interval | None = None
    fails: str = ""
    baseline_fails: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Robustness:
    """All that was measured. metrics: those whose drops were looked at, in their order.

    unasked, baseline_unasked: why a model does not even answer the rows as they are when it is
    asked again; empty where it does. has_baseline: whether one was asked.
    """

    trials: tuple[Trial, ...]
    metrics: tuple[Metric, ...]
    task: Task
    n: int
    seed: int
    measured: tuple[Measured, ...] = ()
    has_baseline: bool = False
    unasked: str = ""
    baseline_unasked: str = ""

    @property
    def rows(self) -> tuple[RobustnessRow, ...]:
        """As reports show it."""
        return tuple(
            RobustnessRow(
                what=each.trial.asks.what,
                detail=each.trial.detail,
                measure=each.measure,
                n=each.n,
                candidate=each.candidate,
                baseline=each.baseline,
                rise=each.rise,
            )
            for each in self.measured
        )

    def of(self, trial: Trial, measure: str) -> Measured | None:
        """What was measured in that trial, if it could be."""
        return next(
            (one for one in self.measured if one.trial is trial and one.measure == measure), None
        )


def robustness(
    plan: Plan,
    question: Question,
    truth: Truth,
    scored: ScoredRows,
    candidate: Answers,
    baseline: Answers | None,
    *,
    same_model: bool = False,
) -> Robustness:
    """What the answers to the plan's variants say; both models were asked all of them.

    truth, scored: of the whole evaluation data, as for `evaluate`. same_model: both are one file,
    asked at one threshold.
    """
    sample = sample_of(plan, truth, scored, question.evidence)
    ours, theirs = question.thresholds
    after = heard(plan, truth, candidate, threshold=ours, who="the candidate")
    before = None
    if baseline is not None:
        before = heard(plan, truth, baseline, threshold=theirs, who="the baseline")
    measuring = None
    if isinstance(after, Heard):
        theirs_heard = before if isinstance(before, Heard) else None
        measuring = _Measuring(
            sample=sample, ours=after, theirs=theirs_heard, same_model=same_model
        )
    measured = () if measuring is None else measuring.all_of(plan.trials)
    return Robustness(
        trials=plan.trials,
        metrics=sample.metrics,
        task=sample.rows.target.task,
        n=sample.n,
        seed=plan.seed,
        measured=measured,
        has_baseline=baseline is not None,
        unasked=after if isinstance(after, str) else "",
        baseline_unasked=before if isinstance(before, str) else "",
    )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Measuring:
    """Both models' answers; no baseline where there is none that answers."""

    sample: Sample
    ours: Heard
    theirs: Heard | None
    same_model: bool

    @property
    def task(self) -> Task:
        """What the target is."""
        return self.sample.rows.target.task

    def all_of(self, trials: Sequence[Trial]) -> tuple[Measured, ...]:
        """What those show that can be tried."""
        able = [trial for trial in trials if not trial.why_not]
        return tuple(found for trial in able for found in self._of(trial))

    def _of(self, trial: Trial) -> Iterator[Measured]:
        """All measures of one trial; of more than two classes none has a score that should rise."""
        if isinstance(trial.asks, PropertyLimits):
            if trial.asks.direction is None or self.task is not Task.MULTICLASS:
                yield self._violations(trial, trial.asks)
            return
        ours, theirs = self._asked(trial, self.ours), self._asked(trial, self.theirs)
        drops: dict[str, Rise] = {}
        flips_more: Rise | None = None
        if isinstance(ours, Asked) and isinstance(theirs, Asked):
            drops = rises(self.sample, ours, theirs, same_model=self.same_model)
            flips_more = flips_rise(self.sample, ours, theirs, same_model=self.same_model)
        for metric in self.sample.metrics:
            yield self._drop(trial, metric, ours, theirs, drops.get(metric.name))
        flips = self._flips(trial, ours, theirs, flips_more)
        if flips is not None:
            yield flips

    def _asked(self, trial: Trial, heard: Heard | None) -> Asked | str | None:
        """Before and after; what the model said instead; None without a model."""
        after = None if heard is None else heard.said[trial.variants[0]]
        if heard is None or after is None or isinstance(after, str):
            return after if isinstance(after, str) else None
        rows = self.sample.before_and_after(heard.before, after)
        return Asked(before=heard.before, after=after, rows=rows)

    def _drop(
        self,
        trial: Trial,
        metric: Metric,
        ours: Asked | str | None,
        theirs: Asked | str | None,
        rise: Rise | None,
    ) -> Measured:
        return Measured(
            trial=trial,
            measure=metric.name,
            n=self.sample.n,
            candidate=_lost(metric, ours) or Value(value=None),
            baseline=_lost(metric, theirs),
            rise=_shown(rise),
            row=ours.rows[metric.name] if isinstance(ours, Asked) else None,
            rise_interval=None if rise is None else rise.interval,
            fails=ours if isinstance(ours, str) else "",
            baseline_fails=theirs if isinstance(theirs, str) else "",
        )

    def _flips(
        self, trial: Trial, ours: Asked | str | None, theirs: Asked | str | None, rise: Rise | None
    ) -> Measured | None:
        if isinstance(ours, str):
            found, value = None, Value(value=None, note=ours)
        else:
            found = None if ours is None else flipped(self.sample, ours.before, ours.after)
            if found is None:
                return None
            value = found.negative
        its: Value | None = None
        if isinstance(theirs, str):
            its = Value(value=None, note=theirs)
        elif theirs is not None:
            of_baseline = flipped(self.sample, theirs.before, theirs.after)
            its = None if of_baseline is None else of_baseline.negative
        return Measured(
            trial=trial,
            measure=FLIPS,
            n=self.sample.n if found is None else found.n,
            candidate=value,
            baseline=its,
            rise=_shown(rise),
            count=None if found is None else found.negative_rows,
            rise_interval=None if rise is None else rise.interval,
            fails=ours if isinstance(ours, str) else "",
            baseline_fails=theirs if isinstance(theirs, str) else "",
        )

    def _violations(self, trial: Trial, asks: PropertyLimits) -> Measured:
        ours = self._breaking(trial, asks, self.ours)
        theirs = None if self.theirs is None else self._breaking(trial, asks, self.theirs)
        return Measured(
            trial=trial,
            measure=VIOLATIONS,
            n=self.sample.n,
            candidate=_share(ours, self.sample.n),
            baseline=None if theirs is None else _share(theirs, self.sample.n),
            count=ours if isinstance(ours, int) else None,
            fails=ours if isinstance(ours, str) else "",
            baseline_fails=theirs if isinstance(theirs, str) else "",
        )

    def _breaking(self, trial: Trial, asks: PropertyLimits, heard: Heard) -> int | str:
        """On how many rows the rule is broken; what the model said instead."""
        answers: list[Predictions] = []
        for place in (0, *trial.variants):
            said = heard.said[place]
            if isinstance(said, str):
                return said
            answers.append(said)
        if asks.direction is None:
            found = changed_answers(self.task, answers[0], answers[1:])
        else:
            found = going_astray(answers[1:], asks.direction)
        return int(np.count_nonzero(found))


def _lost(metric: Metric, asked: Asked | str | None) -> Value | None:
    if asked is None or isinstance(asked, str):
        return None if asked is None else Value(value=None, note=asked)
    row = asked.rows[metric.name]
    low, high = drop_ends(row)
    return Value(value=drop_of(row), low=low, high=high, note=row.note)


def _shown(rise: Rise | None) -> Value | None:
    if rise is None:
        return None
    interval = rise.interval
    return Value(value=rise.value, low=interval.low, high=interval.high, note=interval.note)


def _share(found: int | str, n: int) -> Value:
    if isinstance(found, str):
        return Value(value=None, note=found)
    return Value(value=found / n) if n else Value(value=None, note="there are no rows")
