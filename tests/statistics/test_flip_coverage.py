"""Simulated flips: a limit at the true rate is hardly ever passed, whatever belongs together."""

from __future__ import annotations

import numpy as np
import pytest

from mlci_action.domain.metric import Task
from mlci_action.evaluation.behaviour.flips import flips
from mlci_action.evaluation.reading.dependence import units_of
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions

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
