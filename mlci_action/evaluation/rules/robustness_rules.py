"""Do the answers move no further than they may? One answer for every limit on changed rows.

A model that gives no answer to changed rows has broken every limit on it: that is what was asked.
Where it is the baseline that gives none, nothing was compared: `not_run`, which never passes. The
code that a change brings (features, a load hook) runs for the baseline as well, so to fail on its
behalf must not be a way to pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mlci_action.domain.behaviour import Value
from mlci_action.domain.comparison import ComparisonRow, Standing
from mlci_action.domain.limits import ChangeRule, DecideBy, Evidence, Margin
from mlci_action.domain.metric import Metric
from mlci_action.domain.outcomes import Area, Outcome
from mlci_action.domain.results import CheckResult
from mlci_action.domain.robustness import Perturbation, PerturbationLimits, RobustnessLimits
from mlci_action.evaluation.intervals.methods import not_estimable
from mlci_action.evaluation.robustness.measure import FLIPS, VIOLATIONS, Measured, Robustness
from mlci_action.evaluation.robustness.phrases import changed_rows
from mlci_action.evaluation.robustness.plan import Trial
from mlci_action.evaluation.robustness.rises import drop_ends, drop_of
from mlci_action.evaluation.rules.change_rules import judge_change
from mlci_action.evaluation.rules.robustness_limits import LimitOnRows, limits_of, told_apart
from mlci_action.evaluation.rules.robustness_wording import (
    drop_message,
    flips_message,
    rise_message,
    violations_message,
)

_Message = Callable[[LimitOnRows, Measured, Outcome, Evidence], str]
_NO_METRIC = "none of the metrics has an interval, so no drop can be judged"
_NO_LABELS = "the target is a number: there are no labels that could flip"
_NO_SCORE = "the target has more than two classes: there is no one score that should go one way"


def judge_robustness(
    found: Robustness, evidence: Evidence, *, no_baseline: tuple[Outcome, str] | None = None
) -> tuple[CheckResult, ...]:
    """Every configured limit answers exactly once; a number that is not there never passes.

    `no_baseline`: outcome and message of all limits that need a baseline, when there is none.
    """
    if no_baseline is None and not found.has_baseline:
        no_baseline = Outcome.NOT_RUN, "there is no baseline"
    if found.baseline_unasked:
        why = f"the baseline does not answer the rows again: it {found.baseline_unasked}"
        no_baseline = Outcome.ERRORED, why
    judging = _Judging(found=found, evidence=evidence, no_baseline=no_baseline)
    return told_apart(
        judging.answer(rule, trial)
        for trial in found.trials
        for rule in limits_of(trial.asks, trial.column, found.metrics, evidence)
    )


def unanswered(
    limits: RobustnessLimits,
    metrics: Sequence[Metric],
    outcome: Outcome,
    why: str,
    *,
    evidence: Evidence,
) -> tuple[CheckResult, ...]:
    """Every configured limit with this outcome, for when nothing could be asked.

    metrics: those of the settings.
    """
    tried = [(asks, column) for asks in limits.perturbations for column in asks.alone]
    rules = [rule for each in tried for rule in limits_of(*each, metrics, evidence)]
    rules += [
        rule for asks in limits.properties for rule in limits_of(asks, asks.column, (), evidence)
    ]
    return told_apart(rule.answer(outcome, why) for rule in rules)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Moved:
    """A number that may be at most so large, with what settles it."""

    value: float | None
    low: float | None
    high: float | None
    standing: Standing = Standing.SETTLES
    facts: Mapping[str, Any] = field(default_factory=dict)

    def outcome(self, limit: float, decide_by: DecideBy) -> Outcome:
        """By the interval, as `max_regression` is; without a width it is exact."""
        if self.value is None or not math.isfinite(self.value):
            return Outcome.NOT_RUN
        exact = self.low is not None and self.low == self.high
        if decide_by is DecideBy.POINT or exact:
            return Outcome.PASSED if self.value <= limit else Outcome.FAILED
        if self.low is None or self.high is None:
            return Outcome.INCONCLUSIVE
        if self.high <= limit:
            settles = self.standing is Standing.SETTLES
            return Outcome.PASSED if settles else Outcome.INCONCLUSIVE
        return Outcome.FAILED if self.low > limit else Outcome.INCONCLUSIVE


@dataclass(frozen=True, kw_only=True, slots=True)
class _Judging:
    """What was measured, and how it is judged."""

    found: Robustness
    evidence: Evidence
    no_baseline: tuple[Outcome, str] | None

    def answer(self, rule: LimitOnRows, trial: Trial) -> CheckResult:
        """The answer to one limit of one trial."""
        measured = self.found.of(trial, rule.measure)
        if trial.why_not or self.found.unasked or measured is None:
            return rule.answer(Outcome.ERRORED, self._why_not(rule, trial))
        silent = self._where_one_is_silent(rule, measured)
        if silent is not None:
            return silent
        if rule.measure == VIOLATIONS:
            return self._violations(rule, measured)
        if rule.compares:
            return self._rise(rule, measured)
        if rule.margin is not None and measured.row is not None:
            return self._drop(rule, measured, measured.row, rule.margin)
        return self._flips(rule, measured)

    def _why_not(self, rule: LimitOnRows, trial: Trial) -> str:
        if trial.why_not:
            return f"{rule.asks.what}: {trial.why_not}"
        if self.found.unasked:
            return f"the candidate does not answer the rows again: it {self.found.unasked}"
        return f"{rule.asks.what}: {_why_unmeasured(rule)}"

    def _where_one_is_silent(self, rule: LimitOnRows, measured: Measured) -> CheckResult | None:
        """The answer where a model gave none of the changed rows; else None."""
        rows = changed_rows(rule.asks, rule.column)
        if measured.fails:
            message = f"the candidate fails on {rows}: it {measured.fails}"
            facts = self._of(measured.trial)
            return rule.answer(Outcome.FAILED, message, rows=measured.n, evidence=facts)
        if rule.compares and self.no_baseline is not None:
            return rule.answer(*self.no_baseline)
        if rule.compares and measured.baseline_fails:
            message = f"the baseline fails on {rows}, so there is nothing to compare with"
            return rule.answer(Outcome.NOT_RUN, f"{message}: it {measured.baseline_fails}")
        return None

    def _drop(
        self, rule: LimitOnRows, measured: Measured, row: ComparisonRow, margin: Margin
    ) -> CheckResult:
        # What is lost from before to after is judged as a regression is.
        judged = judge_change(
            row,
            ChangeRule.MAX_REGRESSION,
            margin,
            severity=rule.asks.severity,
            evidence=self.evidence,
        )
        low, high = drop_ends(row)
        facts = {**judged.evidence, "ci_low": low, "ci_high": high}
        facts |= {"before": facts.pop("baseline"), "after": facts.pop("candidate")}
        return replace(
            judged,
            id=rule.id,
            area=Area.ROBUSTNESS,
            message=drop_message(rule, row, margin, judged, self.evidence),
            column=rule.column,
            observed=drop_of(row),
            evidence={**self._of(measured.trial), **facts},
        )

    def _flips(self, rule: LimitOnRows, measured: Measured) -> CheckResult:
        share = measured.candidate
        moved = _Moved(
            value=share.value,
            low=share.low,
            high=share.high,
            facts={
                "rows": measured.count,
                "method": "score",
                "ci_low": share.low,
                "ci_high": share.high,
            },
        )
        return self._judged(rule, measured, moved, flips_message)

    def _rise(self, rule: LimitOnRows, measured: Measured) -> CheckResult:
        rise = measured.rise or Value(value=None)
        interval = measured.rise_interval or not_estimable("", rise.note)
        moved = _Moved(
            value=rise.value,
            low=rise.low,
            high=rise.high,
            standing=interval.standing,
            facts={
                "candidate": measured.candidate.value,
                "baseline": None if measured.baseline is None else measured.baseline.value,
                "method": interval.method,
                "ci_low": rise.low,
                "ci_high": rise.high,
                "standing": str(interval.standing),
            },
        )
        return self._judged(rule, measured, moved, rise_message)

    def _violations(self, rule: LimitOnRows, measured: Measured) -> CheckResult:
        share, baseline = measured.candidate.value, measured.baseline
        moved = _Moved(
            value=share,
            low=share,
            high=share,
            facts={
                "rows": measured.count,
                "baseline": None if baseline is None else baseline.value,
            },
        )
        return self._judged(rule, measured, moved, violations_message)

    def _judged(
        self, rule: LimitOnRows, measured: Measured, moved: _Moved, message: _Message
    ) -> CheckResult:
        limit = rule.limit or 0.0
        outcome = moved.outcome(limit, self.evidence.decide_by)
        facts = {**self._of(measured.trial), **moved.facts}
        if outcome is Outcome.INCONCLUSIVE and moved.value is not None and moved.value <= limit:
            facts["point_inside_margin"] = True
        return rule.answer(
            outcome,
            message(rule, measured, outcome, self.evidence),
            rows=measured.n,
            observed=moved.value,
            evidence=facts,
        )

    def _of(self, trial: Trial) -> dict[str, Any]:
        """What was tried, as JSON values."""
        facts: dict[str, Any] = {
            "n": self.found.n,
            "seed": self.found.seed,
            "columns": list(trial.columns),
            "cells": trial.cells,
        }
        asks = trial.asks
        if not isinstance(asks, PerturbationLimits):
            return facts | {"asked_times": len(trial.variants)}
        names = {Perturbation.NOISE: "scale", Perturbation.UNITS: "factor"}
        if asks.kind in names:
            facts[names[asks.kind]] = asks.amount
        return facts | {"share": asks.share}


def _why_unmeasured(rule: LimitOnRows) -> str:
    if rule.measure == FLIPS:
        return _NO_LABELS
    return _NO_SCORE if rule.measure == VIOLATIONS else _NO_METRIC
