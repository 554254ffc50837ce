"""Seconds and bytes become one row per measure."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mlci_action.domain.behaviour import Value
from mlci_action.domain.costs import CostRow, Costs, ModelCosts
from mlci_action.evaluation.costs import (
    cost_rows,
    median_interval,
    pairs_needed,
    ratio_of_rounds,
)


def row(costs: Costs, measure: str) -> CostRow:
    return next(each for each in cost_rows(costs, confidence=0.95) if each.measure == measure)


def test_a_size_alone_is_one_row_in_millions_of_bytes() -> None:
    costs = Costs(candidate=ModelCosts(n_bytes=1_500_000), baseline=ModelCosts(n_bytes=1_000_000))
    assert cost_rows(costs, confidence=0.95) == (
        CostRow(
            measure="model_size",
            unit="MB",
            n=1,
            candidate=1.5,
            baseline=1.0,
            ratio=Value(value=1.5),
        ),
    )


def test_every_measure_has_its_unit_and_stands_in_its_place() -> None:
    one = ModelCosts(
        n_bytes=1, load_seconds=(3.0, 1.0, 2.0), peak_bytes=7, single=(0.002,), batch=(0.5,)
    )
    rows = cost_rows(Costs(candidate=one, batch_rows=1000), confidence=0.95)
    assert [(each.measure, each.unit, each.candidate, each.n) for each in rows] == [
        ("latency", "ms", 2.0, 1),
        ("batch_latency", "ms", 500.0, 1),
        ("model_size", "MB", 1e-6, 1),
        ("memory", "MB", 7e-6, 1),
        ("load_time", "s", 2.0, 3),
    ]
    assert [each.ratio for each in rows] == [None] * 5
    assert [each.note for each in rows] == ["", "a batch is 1,000 rows", "", "", ""]


def test_rounds_are_told_by_median_and_p95() -> None:
    seconds = tuple(n / 1000 for n in range(1, 101))
    latency = row(Costs(candidate=ModelCosts(n_bytes=1, single=seconds)), "latency")
    assert (latency.candidate, latency.candidate_p95, latency.n) == (50.5, 95.0, 100)


def test_why_a_baseline_is_missing_stands_beside_what_it_lacks() -> None:
    costs = Costs(
        candidate=ModelCosts(n_bytes=2, single=(1.0,) * 20),
        baseline=ModelCosts(n_bytes=1),
        baseline_note="the baseline died",
    )
    assert row(costs, "latency").note == "the baseline died"
    assert row(costs, "latency").ratio is None
    assert row(costs, "model_size").note == ""
    assert row(costs, "model_size").ratio == Value(value=2.0)


def test_a_ratio_is_the_median_over_pairs_of_rounds_and_lies_in_its_interval() -> None:
    ratio = ratio_of_rounds([3.0] * 20, [1.0] * 20, confidence=0.95)
    assert ratio.value == pytest.approx(3)
    assert ratio.low == pytest.approx(3 * math.exp(-0.05))
    assert ratio.high == pytest.approx(3 * math.exp(0.05))


def test_whoever_comes_second_is_not_the_slower_for_it() -> None:
    """Candidate first in even rounds: coming second costs a fifth."""
    first_or_second = [1.0, 1.2] * 20
    ratio = ratio_of_rounds(first_or_second, first_or_second[::-1], confidence=0.95)
    assert ratio.value == pytest.approx(1)


def test_a_machine_that_becomes_slower_counts_for_neither() -> None:
    """The calls are candidate, baseline, baseline, candidate, and each takes 1 % longer."""
    times = 1.01 ** np.arange(80)
    order = np.tile([True, False, False, True], 20)
    ratio = ratio_of_rounds(times[order].tolist(), times[~order].tolist(), confidence=0.95)
    assert ratio.value == pytest.approx(1)


def test_without_enough_rounds_there_is_no_interval() -> None:
    eleven = ratio_of_rounds([2.0] * 11, [1.0] * 11, confidence=0.95)
    assert eleven.value == pytest.approx(2)
    assert (eleven.low, eleven.high) == (None, None)
    assert eleven.note == "10 rounds are too few for an interval; 12 do"
    assert ratio_of_rounds([2.0] * 12, [1.0] * 12, confidence=0.95).low is not None
    assert ratio_of_rounds([2.0], [1.0], confidence=0.95).value is None


@pytest.mark.parametrize(
    ("n", "confidence", "ends"),
    [
        (5, 0.95, None),
        (6, 0.95, (0, 5)),  # 2 / 64
        (8, 0.95, (0, 7)),  # 2 / 256, and 18 / 256 without the second
        (9, 0.95, (1, 7)),  # 20 / 512
        (20, 0.95, (5, 14)),
        (20, 0.99, (3, 16)),
        (4, 0.875, (0, 3)),  # 2 / 16 exactly
        (0, 0.95, None),
    ],
)
def test_the_interval_of_a_median_lies_between_two_of_the_values(
    n: int, confidence: float, ends: tuple[int, int] | None
) -> None:
    """As in tables of the sign test."""
    values = np.random.default_rng(0).permutation(n).astype(float)
    assert median_interval(values, confidence) == ends


@pytest.mark.parametrize("confidence", [0.6, 0.75, 0.875, 0.9, 0.95, 0.99, 0.999])
def test_the_fewest_values_are_those_that_have_an_interval(confidence: float) -> None:
    needed = pairs_needed(confidence)
    assert median_interval(np.arange(float(needed)), confidence) is not None
    assert median_interval(np.arange(float(needed - 1)), confidence) is None
