"""Simulated test sets: operating points and metrics of the top cover as often as they say.

Two noisy scores of one signal, seeded. The true difference of models at tuned thresholds is what
models tuned on other rows are worth, so it is a mean over many sets, not the value of two
thresholds at hand.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from mlci_action.domain.comparison import Comparison, Standing
from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import TUNED, Metric, Parameters, Task
from mlci_action.domain.metrics import METRICS
from mlci_action.evaluation.compare import compare_models
from mlci_action.evaluation.reading.predictions import Predictions, Target
from tests.unit.evaluation.cases import Float, binary, target_of

Case = tuple[Target, Predictions, Predictions]
TOP = (
    METRICS["precision_at_k"].asked_at(Parameters(k=0.1)),
    METRICS["recall_at_k"].asked_at(Parameters(k=0.1)),
    METRICS["lift_at_k"].asked_at(Parameters(k=0.05)),
    METRICS["recall_at_precision"].asked_at(Parameters(precision=0.4)),
)


def draw(random: np.random.Generator, n: int, cut: float) -> Case:
    """The candidate's noise is the smaller, and half of it is the baseline's as well."""
    signal, common = random.normal(size=(2, n))
    truth = (signal + random.normal(size=n) > cut).astype(np.int64)
    one, other = (
        binary(_logistic(signal + noise * (common + random.normal(size=n)) / 1.4 - cut))
        for noise in (0.5, 0.8)
    )
    return target_of(Task.BINARY, truth), one, other


def _logistic(value: Float) -> Float:
    return np.asarray(1 / (1 + np.exp(-1.7 * value)))


def compared(case: Case, *metrics: Metric) -> Comparison:
    target, one, other = case
    return compare_models(target, one, other, metrics=metrics, evidence=Evidence())


def covered(comparisons: list[Comparison], truth: dict[str, float]) -> dict[str, float]:
    """By metric, how often an interval that settles held the true difference."""
    settled, held = Counter[str](), Counter[str]()
    for comparison in comparisons:
        for row in comparison.rows:
            interval = row.interval
            if interval is None or interval.standing is not Standing.SETTLES:
                continue
            assert interval.low is not None
            assert interval.high is not None
            settled[row.metric.name] += 1
            held[row.metric.name] += interval.low <= truth[row.metric.name] <= interval.high
    assert min(settled[name] for name in truth) > 0.9 * len(comparisons)
    return {name: held[name] / settled[name] for name in truth}


def test_metrics_of_the_top_cover_with_a_hundred_positives() -> None:
    population = compared(draw(np.random.default_rng(1), 1_000_000, 1.8), *TOP)
    truth = {row.metric.name: row.diff or 0.0 for row in population.rows}
    random = np.random.default_rng(2)
    shares = covered([compared(draw(random, 1000, 1.8), *TOP) for _ in range(500)], truth)
    assert min(shares.values()) >= 0.93, shares


def test_metrics_at_tuned_thresholds_cover_what_models_tuned_likewise_are_worth() -> None:
    metrics = [
        METRICS[name].asked_at(Parameters(threshold=TUNED))
        for name in ("f1", "accuracy", "balanced_accuracy", "matthews_corrcoef")
    ]
    random = np.random.default_rng(3)
    comparisons = [compared(draw(random, 1000, 0.8), *metrics) for _ in range(250)]
    # Each set is judged where it was not tuned, so that its differences are right in the mean.
    others = [compared(draw(random, 1000, 0.8), *metrics) for _ in range(250)]
    truth = {
        metric.name: float(np.mean([other.rows[place].diff for other in others]))
        for place, metric in enumerate(metrics)
    }
    shares = covered(comparisons, truth)
    assert min(shares.values()) >= 0.93, shares


def only_losses(random: np.random.Generator, n: int, hits: float) -> Case:
    """Positives among the first twentieth change places with negatives below, `hits` on average."""
    target, _, baseline = draw(random, n, 1.8)
    assert baseline.scores is not None
    scores = baseline.scores.copy()
    on_top = scores >= np.quantile(scores, 0.95)
    positives = np.flatnonzero(on_top & (target.values == 1))
    lost = positives[random.random(len(positives)) < hits / max(len(positives), 1)]
    instead = random.choice(np.flatnonzero(~on_top & (target.values == 0)), len(lost), False)
    scores[lost], scores[instead] = baseline.scores[instead], baseline.scores[lost]
    return target, binary(scores), baseline


def test_few_hits_that_are_lost_hardly_ever_pass_falsely() -> None:
    metrics = [
        METRICS[name].asked_at(Parameters(k=0.05)) for name in ("precision_at_k", "lift_at_k")
    ]
    for hits in (1.0, 3.0, 5.0):
        random, passed, sets = np.random.default_rng(4), Counter[str](), 300
        rows = [compared(only_losses(random, 1000, hits), *metrics).rows for _ in range(sets)]
        for place, metric in enumerate(metrics):
            mean = float(np.mean([row[place].diff for row in rows]))
            for row in rows:
                interval = row[place].interval
                assert interval is not None
                assert interval.low is not None
                assert interval.high is not None
                assert interval.high - interval.low > 0.01
                passed[metric.name] += interval.low > mean
        assert max(passed.values()) / sets <= 0.05, hits
