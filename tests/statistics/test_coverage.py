"""Simulated test sets: intervals cover the true difference about as often as they say.

A small seeded part of `benchmarks.coverage`, which draws from the same populations and says what is
asked. At 2,000 test sets a coverage of 95 % is measured to ± 0.5 points (one standard error).
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from benchmarks.coverage_cells import covered
from benchmarks.populations import (
    Draw,
    five_classes,
    in_time,
    only_losses,
    only_losses_of_five,
    samples_of,
    two_classes,
    values,
)
from mlci_action.domain.comparison import Standing
from mlci_action.domain.limits import ChangeRule, Margin
from mlci_action.domain.metric import Task
from mlci_action.domain.metrics import METRICS
from mlci_action.domain.outcomes import Outcome
from mlci_action.evaluation.reading.predictions import Predictions
from mlci_action.evaluation.rules.change_rules import bound_of, judged_by
from tests.unit.evaluation.cases import binary, compared, ends_of, numbers, row_of, target_of

SETS = 2000


def _coverage(draw: Draw, n: int, *names: str, sets: int = SETS) -> dict[str, float]:
    return covered(draw, n, [METRICS[name] for name in names], sets=sets)


def _assert_between(coverage: dict[str, float], low: float, high: float) -> None:
    outside = {name: share for name, share in coverage.items() if not low <= share <= high}
    assert not outside, f"coverage outside {low} to {high}: {outside}"


def test_binary_metrics_cover_on_two_thousand_balanced_rows() -> None:
    names = ("accuracy", "recall", "f1", "roc_auc", "log_loss")
    _assert_between(_coverage(two_classes(0.5), 2000, *names), 0.93, 0.97)


def test_binary_metrics_cover_on_two_hundred_balanced_rows() -> None:
    names = ("accuracy", "balanced_accuracy", "f1", "matthews_corrcoef", "roc_auc", "log_loss")
    _assert_between(_coverage(two_classes(0.5), 200, *names), 0.93, 0.97)


def test_binary_metrics_cover_on_twenty_thousand_rows_of_which_few_are_positive() -> None:
    """Three hundred test sets tell coverage to ± 1.3 points, which the bounds grant three times."""
    names = ("accuracy", "recall", "f1", "roc_auc", "average_precision", "log_loss")
    _assert_between(_coverage(two_classes(0.01), 20_000, *names, sets=300), 0.91, 0.985)


def test_ranking_and_losses_cover_with_twenty_to_fifty_positives() -> None:
    coverage = _coverage(two_classes(0.03), 1200, "roc_auc", "average_precision", "log_loss")
    _assert_between(coverage, 0.92, 1.0)


def test_averages_over_five_classes_cover() -> None:
    coverage = _coverage(five_classes, 300, "f1_macro", "f1_weighted", sets=1000)
    _assert_between(coverage, 0.93, 0.98)


def test_errors_with_heavy_tails_cover() -> None:
    names = ("root_mean_squared_error", "r2", "mean_absolute_error")
    _assert_between(_coverage(values("t5"), 200, *names), 0.93, 0.98)


def test_weighted_rows_cover() -> None:
    names = ("accuracy", "f1", "roc_auc", "log_loss")
    coverage = _coverage(two_classes(0.5, weighted=True), 500, *names, sets=1000)
    _assert_between(coverage, 0.925, 0.975)


def test_rows_in_time_cover_once_the_time_is_named() -> None:
    names = ("accuracy", "f1", "roc_auc", "log_loss")
    coverage = _coverage(in_time(0.5, 0.9), 2000, *names, sets=800)
    _assert_between(coverage, 0.915, 0.985)


def _passes_falsely(draw: Draw, n: int, *names: str, sets: int = SETS) -> float:
    """How often the worst metric's interval lies above the truth, which would pass it."""
    metrics = [METRICS[name] for name in names]
    (population,) = samples_of(draw, 1_000_000, 1, seed=7)
    truth = {row.metric.name: row.diff or 0.0 for row in population.compared(metrics).rows}
    passed: Counter[str] = Counter()
    for sample in samples_of(draw, n, sets):
        for row in sample.compared(metrics).rows:
            assert row.interval is not None
            low, high = ends_of(row.interval)
            assert high - low > 1e-6
            passed[row.metric.name] += low > truth[row.metric.name]
    return max(passed.values(), default=0) / sets


@pytest.mark.parametrize("n", [500, 2000])
def test_few_rows_that_all_lose_hardly_ever_pass_falsely(n: int) -> None:
    """About one (n = 500) or four discordant rows: an interval above the truth would pass it."""
    names = ("accuracy", "recall", "f1", "balanced_accuracy")
    assert _passes_falsely(only_losses(0.0025), n, *names) <= 0.05


def test_few_units_that_all_lose_hardly_ever_pass_falsely() -> None:
    names = ("accuracy", "balanced_accuracy", "precision", "f1", "matthews_corrcoef")
    assert _passes_falsely(only_losses(0.02, rows_a_unit=10), 1000, *names) <= 0.05


def test_few_rows_of_five_classes_that_all_lose_hardly_ever_pass_falsely() -> None:
    names = ("balanced_accuracy", "f1_macro", "f1_weighted", "matthews_corrcoef")
    assert _passes_falsely(only_losses_of_five, 1000, *names, sets=1000) <= 0.05


def test_both_recalls_of_dependent_rows_move_together() -> None:
    """Units in which a model is good or bad at both classes: the recalls are not independent."""
    random, covered, sets = np.random.default_rng(12), 0, 1000
    units = np.repeat(np.arange(100), 10)
    for _ in range(sets):
        truth = (random.random(1000) < 0.5).astype(np.int64)
        skills = np.clip(0.8 + 0.25 * random.normal(size=(2, 100)), 0.02, 0.98)[:, units]
        one, other = (
            Predictions(labels=np.where(random.random(1000) < skill, truth, 1 - truth))
            for skill in skills
        )
        case = (target_of(Task.BINARY, truth), one, other)
        row = row_of(compared(case, "balanced_accuracy", units=units), "balanced_accuracy")
        assert row.interval is not None
        assert row.interval.low is not None
        assert row.interval.high is not None
        covered += row.interval.low <= 0 <= row.interval.high
    assert covered / sets >= 0.92


def test_two_positives_among_two_hundred_rows_are_not_estimable() -> None:
    metrics = [METRICS["roc_auc"], METRICS["average_precision"]]
    for sample in samples_of(two_classes(0.01), 200, 300):
        for row in sample.compared(metrics).rows:
            assert row.interval is not None
            assert row.interval.standing is Standing.NOT_ESTIMABLE


def test_dependent_rows_cover_once_their_unit_is_named() -> None:
    """Eighty units of ten rows that share most of what both models say: rows alone are too sure."""
    random = np.random.default_rng(5)
    names = ("accuracy", "f1", "roc_auc", "log_loss")
    units = np.repeat(np.arange(80), 10)
    covered: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    sets = 800
    for _ in range(sets):
        signal = random.normal(size=80)[units] + 0.5 * random.normal(size=800)
        truth = (signal + 0.7 * random.normal(size=80)[units] > 0).astype(np.int64)
        one, other = (
            binary(1 / (1 + np.exp(-signal - 0.6 * random.normal(size=80)[units])))
            for _ in range(2)
        )
        case = (target_of(Task.BINARY, truth), one, other)
        for named, counts in covered.items():
            for row in compared(case, *names, units=units if named else None).rows:
                assert row.interval is not None
                assert row.interval.low is not None
                assert row.interval.high is not None
                # Two copies of one model: the true difference is zero.
                counts[row.metric.name] += row.interval.low <= 0 <= row.interval.high
    for name in names:
        assert covered[True][name] / sets >= 0.92
        assert covered[False][name] / sets < 0.85


def test_a_relative_margin_is_settled_as_rarely_at_its_edge_as_an_absolute_one() -> None:
    """The candidate is worse by exactly the share that is allowed: 2.5 % pass, 2.5 % fail.

    Its errors are the baseline's and a little more, so that the difference is known far better than
    the baseline's value, of which the margin is a share.
    """
    random, metric = np.random.default_rng(11), METRICS["mean_absolute_error"]
    outcomes: Counter[Outcome] = Counter()
    for _ in range(SETS):
        theirs = random.normal(size=300)
        ours = np.abs(theirs) + 0.1 * np.sqrt(2 / np.pi) * random.uniform(0.5, 1.5, 300)
        case = (target_of(Task.REGRESSION, np.zeros(300)), numbers(ours), numbers(theirs))
        row = row_of(compared(case, metric.name), metric.name)
        assert row.baseline is not None
        assert row.interval is not None
        bound = bound_of(ChangeRule.MAX_REGRESSION, Margin(relative=0.1), metric, row.baseline)
        assert bound is not None
        judged = judged_by(row.interval, bound, diff=row.diff or 0.0, confidence=0.95)
        outcomes[bound.settle(judged)] += 1
    for outcome in (Outcome.PASSED, Outcome.FAILED):
        assert 0.01 < outcomes[outcome] / SETS < 0.04


def test_an_error_that_only_grows_on_few_rows_hardly_ever_passes() -> None:
    """Ten of a thousand rows cost 3 more each; without the rows that were not seen 8 % pass."""
    random, passed, n, rate = np.random.default_rng(20_260_105), 0, 1000, 0.01
    for _ in range(SETS):
        truth = random.normal(size=n)
        error = random.normal(size=n)
        worse = error + 3 * np.sign(error) * (random.random(n) < rate)
        case = target_of(Task.REGRESSION, truth), numbers(truth + worse), numbers(truth + error)
        row = row_of(compared(case, "mean_absolute_error"), "mean_absolute_error")
        assert row.interval is not None
        passed += row.interval.high is not None and row.interval.high < 3 * rate
    assert passed / SETS <= 0.06
