"""Simulated gates: a proposed margin passes equal candidates as often as it promises."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mlci_action.domain.limits import ChangeRule, Evidence, Margin, MetricLimits
from mlci_action.domain.metric import Task
from mlci_action.domain.metrics import METRICS
from mlci_action.domain.outcomes import Outcome, Severity
from mlci_action.evaluation.compare import compare_models
from mlci_action.evaluation.margins import advise
from mlci_action.evaluation.reading.predictions import Predictions, Target
from mlci_action.evaluation.rules.change_rules import judge_change

SETS = 400


def _two_models(random: np.random.Generator, n: int) -> tuple[Target, Predictions, Predictions]:
    """Two noisy looks at one truth, equally good."""
    truth = random.integers(0, 2, n)
    signal = truth + random.normal(0, 1.0, n)
    return (
        Target(task=Task.BINARY, values=truth, classes=("no", "yes"), rows=np.ones(n, bool)),
        _predictions(signal + random.normal(0, 0.3, n)),
        _predictions(signal + random.normal(0, 0.3, n)),
    )


def _predictions(signal: NDArray[np.float64]) -> Predictions:
    scores = 1 / (1 + np.exp(-2 * (signal - 0.5)))
    return Predictions(labels=(scores >= 0.5).astype(np.int64), scores=scores, probabilities=True)


@pytest.mark.parametrize("metric", ["roc_auc", "accuracy", "log_loss"])
def test_a_proposed_margin_does_what_it_says(metric: str) -> None:
    """One set of rows proposes; fresh sets of as many rows are then judged by it."""
    random, evidence, named = np.random.default_rng(20_261_101), Evidence(), METRICS[metric]
    promised, got = [], []
    for _ in range(SETS):
        target, one, other = _two_models(random, 800)
        (row,) = compare_models(target, one, other, metrics=[named], evidence=evidence).rows
        advice = advise(MetricLimits(metric=named), [row], confidence=0.95)
        margin = advice.proposed[0]
        target, one, other = _two_models(random, 800)
        (row,) = compare_models(target, one, other, metrics=[named], evidence=evidence).rows
        result = judge_change(
            row,
            ChangeRule.MAX_REGRESSION,
            Margin(absolute=margin.margin),
            severity=Severity.FAIL,
            evidence=evidence,
        )
        promised.append(margin.passes)
        got.append(result.outcome is Outcome.PASSED)
    assert np.mean(got) == pytest.approx(np.mean(promised), abs=0.06)
    assert 0.78 <= float(np.mean(promised)) <= 0.9
