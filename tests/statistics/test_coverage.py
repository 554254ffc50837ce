"""Simulated test sets: intervals cover the true difference about as often as they say.

Two noisy scores of one signal, 2,000 seeded test sets per cell, so that a coverage of 95 % is
measured to ± 0.5 points (one standard error). The true difference comes from a million rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from mlci_action.domain.comparison import Comparison, Standing
from mlci_action.domain.limits import ChangeRule, Margin
from mlci_action.domain.metric import Task
from mlci_action.domain.metrics import METRICS
from mlci_action.domain.outcomes import Outcome
from mlci_action.evaluation.change_rules import bound_of, judged_by
from mlci_action.evaluation.predictions import Predictions, Target
from tests.unit.evaluation.cases import (
    binary,
    compared,
    multiclass,
    numbers,
    row_of,
    target_of,
)

SETS = 2000
POPULATION = 1_000_000
Case = tuple[Target, Predictions, Predictions]
Draw = Callable[[np.random.Generator, int], Case]


def _binary(share: float, noise: tuple[float, float] = (0.5, 0.6)) -> Draw:
    """Positives above a quantile of the signal; both models are calibrated as well as they can."""
    cut = np.sqrt(2) * float(np.quantile(np.random.default_rng(0).normal(size=200_000), 1 - share))

    def draw(random: np.random.Generator, n: int) -> Case:
        signal = random.normal(size=n)
        truth = (signal + random.normal(size=n) > cut).astype(np.int64)
        one, other = (
            binary(1 / (1 + np.exp(-1.7 * (signal + spread * random.normal(size=n) - cut))))
            for spread in noise
        )
        return target_of(Task.BINARY, truth), one, other

    return draw


def _multiclass(random: np.random.Generator, n: int) -> Case:
    signal = random.normal(size=(n, 5))
    truth = (signal + random.normal(size=(n, 5))).argmax(axis=1)
    one, other = (
        multiclass(np.exp(signal + spread * random.normal(size=(n, 5)))) for spread in (0.5, 0.7)
    )
    return target_of(Task.MULTICLASS, truth, 5), one, other


def _regression(random: np.random.Generator, n: int) -> Case:
    truth = 5 * random.normal(size=n)
    one, other = (numbers(truth + spread * random.standard_t(5, size=n)) for spread in (1.0, 1.1))
    return target_of(Task.REGRESSION, truth), one, other


def _comparisons(draw: Draw, n: int, *names: str, sets: int = SETS) -> Iterator[Comparison]:
    random = np.random.default_rng(20_260_101)
    for _ in range(sets):
        yield compared(draw(random, n), *names)


def _true_differences(draw: Draw, *names: str) -> dict[str, float]:
    population = compared(draw(np.random.default_rng(7), POPULATION), *names)
    return {name: row_of(population, name).diff or 0.0 for name in names}


def _coverage(draw: Draw, n: int, *names: str, sets: int = SETS) -> dict[str, float]:
    """Per metric, how often an interval that settles held the true difference."""
    truth = _true_differences(draw, *names)
    settled: Counter[str] = Counter()
    covered: Counter[str] = Counter()
    for comparison in _comparisons(draw, n, *names, sets=sets):
        for row in comparison.rows:
            interval = row.interval
            if interval is None or interval.standing is not Standing.SETTLES:
                continue
            assert interval.low is not None
            assert interval.high is not None
            settled[row.metric.name] += 1
            covered[row.metric.name] += interval.low <= truth[row.metric.name] <= interval.high
    assert min(settled[name] for name in names) > 0.5 * sets
    return {name: covered[name] / settled[name] for name in names}


def _assert_between(coverage: dict[str, float], low: float, high: float) -> None:
    outside = {name: share for name, share in coverage.items() if not low <= share <= high}
    assert not outside, f"coverage outside {low} to {high}: {outside}"


def test_binary_metrics_cover_on_two_thousand_balanced_rows() -> None:
    coverage = _coverage(_binary(0.5), 2000, "accuracy", "recall", "f1", "roc_auc", "log_loss")
    _assert_between(coverage, 0.93, 0.97)


def test_binary_metrics_cover_on_two_hundred_balanced_rows() -> None:
    names = ("accuracy", "balanced_accuracy", "f1", "matthews_corrcoef", "roc_auc", "log_loss")
    coverage = _coverage(_binary(0.5), 200, *names)
    _assert_between(coverage, 0.93, 0.97)


def test_ranking_and_losses_cover_with_twenty_to_fifty_positives() -> None:
    coverage = _coverage(_binary(0.03), 1200, "roc_auc", "average_precision", "log_loss")
    _assert_between(coverage, 0.92, 1.0)


def test_averages_over_five_classes_cover() -> None:
    coverage = _coverage(_multiclass, 300, "f1_macro", "f1_weighted", sets=1000)
    _assert_between(coverage, 0.93, 0.98)


def test_errors_with_heavy_tails_cover() -> None:
    coverage = _coverage(_regression, 200, "root_mean_squared_error", "r2", "mean_absolute_error")
    _assert_between(coverage, 0.93, 0.98)


def _only_losses(random: np.random.Generator, n: int) -> Case:
    """The worst case for a gate: rarely a difference, and always to the candidate's harm."""
    truth = (random.random(n) < 0.5).astype(np.int64)
    baseline = np.where(random.random(n) < 0.8, truth, 1 - truth)
    hurt = (baseline == truth) & (random.random(n) < 0.0025)
    candidate = np.where(hurt, 1 - truth, baseline)
    return (
        target_of(Task.BINARY, truth),
        Predictions(labels=candidate),
        Predictions(labels=baseline),
    )


@pytest.mark.parametrize("n", [500, 2000])
def test_few_rows_that_all_lose_hardly_ever_pass_falsely(n: int) -> None:
    """About one (n = 500) or four discordant rows: an interval above the truth would pass it."""
    names = ("accuracy", "recall", "f1", "balanced_accuracy")
    truth = _true_differences(_only_losses, *names)
    passed: Counter[str] = Counter()
    for comparison in _comparisons(_only_losses, n, *names):
        for row in comparison.rows:
            interval = row.interval
            assert interval is not None
            assert interval.low is not None
            assert interval.high is not None
            assert interval.high - interval.low > 1e-6
            passed[row.metric.name] += interval.low > truth[row.metric.name]
    worst = max(passed.values(), default=0) / SETS
    assert worst <= 0.05


def _only_losses_of_units(random: np.random.Generator, n: int) -> Case:
    """Units of ten rows; in two of a hundred the candidate loses what the baseline had right."""
    target, _, baseline = _only_losses(random, n)
    assert baseline.labels is not None
    hurt = (random.random(n // 10) < 0.02).repeat(10) & (baseline.labels == target.values)
    return target, Predictions(labels=np.where(hurt, 1 - target.values, baseline.labels)), baseline


def test_few_units_that_all_lose_hardly_ever_pass_falsely() -> None:
    names = ("accuracy", "balanced_accuracy", "precision", "f1", "matthews_corrcoef")
    truth = _true_differences(_only_losses_of_units, *names)
    random, passed = np.random.default_rng(11), Counter[str]()
    for _ in range(SETS):
        case = _only_losses_of_units(random, 1000)
        for row in compared(case, *names, units=np.arange(1000) // 10).rows:
            assert row.interval is not None
            assert row.interval.low is not None
            passed[row.metric.name] += row.interval.low > truth[row.metric.name]
    assert max(passed.values()) / SETS <= 0.05


def _only_losses_of_five(random: np.random.Generator, n: int) -> Case:
    """Five unequal classes; the models also differ where both are wrong, which decides nothing."""
    truth = random.choice(5, size=n, p=[0.6, 0.2, 0.1, 0.06, 0.04]).astype(np.int64)
    wrong = random.random(n) < 0.3
    baseline = np.where(wrong, (truth + 1) % 5, truth)
    candidate = np.where(wrong & (random.random(n) < 0.3), (truth + 2) % 5, baseline)
    hurt = ~wrong & (random.random(n) < 0.003)
    candidate = np.where(hurt, (truth + 1) % 5, candidate)
    return (
        target_of(Task.MULTICLASS, truth, 5),
        Predictions(labels=candidate),
        Predictions(labels=baseline),
    )


def test_few_rows_of_five_classes_that_all_lose_hardly_ever_pass_falsely() -> None:
    names = ("balanced_accuracy", "f1_macro", "f1_weighted", "matthews_corrcoef")
    truth = _true_differences(_only_losses_of_five, *names)
    passed: Counter[str] = Counter()
    for comparison in _comparisons(_only_losses_of_five, 1000, *names, sets=1000):
        for row in comparison.rows:
            assert row.interval is not None
            assert row.interval.low is not None
            passed[row.metric.name] += row.interval.low > truth[row.metric.name]
    assert max(passed.values()) / 1000 <= 0.05


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
    for comparison in _comparisons(_binary(0.01), 200, "roc_auc", "average_precision", sets=300):
        for row in comparison.rows:
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
