"""Simulated flips: a limit at the true rate is hardly ever passed, whatever belongs together."""

from __future__ import annotations

import numpy as np
import pytest

from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import Task
from mlci_action.domain.metrics import METRICS
from mlci_action.evaluation.behaviour.flips import flips
from mlci_action.evaluation.compare import compare_models
from mlci_action.evaluation.reading.dependence import units_of
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions, Target

SETS = 1000


@pytest.mark.parametrize(("units", "rate"), [(300, 0.005), (30, 0.02), (100, 0.1)])
def test_the_rate_of_flips_in_units_is_hardly_ever_said_to_be_lower(
    units: int, rate: float
) -> None:
    """Ten rows a unit, which flip together or not at all more often than by chance."""
    random, codes, passed = np.random.default_rng(20_260_103), np.repeat(np.arange(units), 10), 0
    truth = np.ones(len(codes), np.int64)
    for _ in range(SETS):
        of_unit = random.beta(3 * rate, 3 * (1 - rate), units)
        flipped = random.random(len(codes)) < of_unit[codes]
        found = flips(
            PairedRows(
                task=Task.BINARY,
                classes=("no", "yes"),
                truth=truth,
                candidate=Predictions(labels=truth - flipped),
                baseline=Predictions(labels=truth),
                weight=None,
                dependence=units_of(codes),
                confidence=0.95,
            )
        )
        assert found is not None
        assert found.negative.high is not None
        passed += found.negative.high < rate
    assert passed / SETS <= 0.04


def test_the_rate_of_flips_in_uneven_units_is_hardly_ever_said_to_be_lower() -> None:
    """A tenth of the units hold 50 rows, the others 2; units flip as a whole or not at all."""
    random, passed, units, rate = np.random.default_rng(20_260_106), 0, 300, 0.02
    for _ in range(SETS):
        codes = np.repeat(np.arange(units), np.where(random.random(units) < 0.1, 50, 2))
        truth, flipped = np.ones(len(codes), np.int64), (random.random(units) < rate)[codes]
        found = flips(
            PairedRows(
                task=Task.BINARY,
                classes=("no", "yes"),
                truth=truth,
                candidate=Predictions(labels=truth - flipped),
                baseline=Predictions(labels=truth),
                weight=None,
                dependence=units_of(codes),
                confidence=0.95,
            )
        )
        assert found is not None
        assert found.negative.high is not None
        passed += found.negative.high < rate
    assert passed / SETS <= 0.05


@pytest.mark.parametrize(
    ("metric", "loss"), [("accuracy", 0.04), ("recall", 0.04), ("f1", 0.04 / (2 - 0.04))]
)
def test_uneven_units_that_only_lose_hardly_ever_pass(metric: str, loss: float) -> None:
    """A tenth of the units hold 20 rows, the others 2; units lose all of their rows or none."""
    random, passed, units, rate = np.random.default_rng(20_260_104), 0, 100, 0.04
    for _ in range(SETS):
        sizes = np.where(random.random(units) < 0.1, 20, 2)
        codes = np.repeat(np.arange(units), sizes)
        truth = np.ones(len(codes), np.int64)
        truth[0] = 0
        lost = (random.random(units) < rate)[codes]
        compared = compare_models(
            Target(
                task=Task.BINARY, rows=np.ones(len(codes), bool), values=truth, classes=("0", "1")
            ),
            Predictions(labels=np.where(lost, 1 - truth, truth)),
            Predictions(labels=truth),
            metrics=[METRICS[metric]],
            evidence=Evidence(),
            units=codes,
        )
        interval = compared.rows[0].interval
        assert interval is not None
        assert interval.low is not None
        passed += interval.low > -loss
    assert passed / SETS <= 0.05
