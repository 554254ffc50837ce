"""Dependent rows: sums per unit, blocks in time, and when there are too few."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t as student

from mlci_action.domain.comparison import Standing
from mlci_action.evaluation.intervals.methods import Discordant, score_interval
from mlci_action.evaluation.reading.dependence import DesignEffect, blocks_in_time, units_of
from mlci_action.evaluation.reading.predictions import Predictions
from tests.unit.evaluation.cases import (
    JUMPING,
    WITHOUT_INTERVAL,
    binary_case,
    compared,
    ends_of,
    interval_of,
    multiclass_case,
    regression_case,
    row_of,
)


def test_units_are_renumbered_without_gaps() -> None:
    units = units_of(np.array([7, 3, 7, 900]))
    assert (units.codes.tolist(), units.count) == ([1, 0, 1, 2], 3)
    taken = units.take(np.array([0, 2, 3]))
    assert (taken.codes.tolist(), taken.count) == ([0, 0, 1], 2)
    assert units.sums(np.array([1.0, 2.0, 3.0, 4.0])).tolist() == [2.0, 4.0, 4.0]


def test_blocks_are_twenty_equal_parts_in_the_order_of_time() -> None:
    order = np.random.default_rng(1).permutation(100)
    blocks = blocks_in_time(order)
    assert blocks.count == 20
    assert blocks.codes.tolist() == (order // 5).tolist()
    half = np.flatnonzero(order < 60)
    assert blocks.take(half).codes.tolist() == (order[half] // 3).tolist()


def test_fewer_rows_than_blocks_are_a_block_each() -> None:
    """Codes must stay below the count: a slice may hold a handful of rows."""
    few = blocks_in_time(np.array([4, 0, 9]))
    assert (few.codes.tolist(), few.count) == ([1, 0, 2], 3)
    assert blocks_in_time(np.empty(0, np.int64)).count == 0


@pytest.mark.parametrize("n", [2, 19, 30])
@pytest.mark.parametrize("in_time", [False, True])
def test_every_metric_keeps_its_value_where_units_are_too_few(n: int, *, in_time: bool) -> None:
    """A slice may lie in one unit alone, or in less time than there are blocks."""
    case = binary_case(n, seed=9)
    codes = np.arange(n) if in_time else np.zeros(n, np.int64)
    few = compared(case, time_order=codes) if in_time else compared(case, units=codes)
    for row, bare in zip(few.rows, compared(case).rows, strict=True):
        assert (row.candidate, row.baseline) == (bare.candidate, bare.baseline)
        assert row.interval is not None
        assert row.interval.standing is Standing.NOT_ESTIMABLE


def test_a_loss_takes_the_sums_of_the_units() -> None:
    case = binary_case(300, seed=1)
    units = np.random.default_rng(2).integers(0, 60, 300)
    interval = interval_of(compared(case, "brier_score", units=units), "brier_score")
    target, one, other = case
    assert one.scores is not None
    assert other.scores is not None
    gain = (one.scores - target.values) ** 2 - (other.scores - target.values) ** 2
    sums = np.array([(gain - gain.mean())[units == unit].sum() for unit in np.unique(units)]) / 300
    count = len(sums)
    second, fourth = (sums**2).sum(), (sums**4).sum()
    assert interval.se == pytest.approx(math.sqrt(second * count / (count - 1)))
    df = min(count - 1, 2 / (fourth / second**2 - 1 / count))
    assert interval.df == pytest.approx(df)
    half = student.ppf(0.975, df) * interval.se
    assert ends_of(interval) == pytest.approx((gain.mean() - half, gain.mean() + half))


def test_time_keeps_nineteen_degrees_of_freedom() -> None:
    comparison = compared(binary_case(400, seed=3), time_order=np.arange(400)[::-1])
    for row in comparison.rows:
        assert row.interval is not None
        assert row.interval.df is not None
        # What is added for rows that were not seen has degrees of freedom of its own.
        assert row.interval.df >= 19
        assert row.interval.df == 19 or row.metric.name in JUMPING


def test_units_of_one_row_each_change_the_cells_hardly() -> None:
    case = binary_case(300, seed=4)
    plain = interval_of(compared(case, "f1"), "f1")
    alone = interval_of(compared(case, "f1", units=np.arange(300)), "f1")
    assert plain.se is not None
    assert alone.se == pytest.approx(plain.se * math.sqrt(300 / 299), rel=1e-3)
    assert alone.centre == plain.centre


def test_rows_repeated_within_units_widen_every_interval_by_as_much() -> None:
    """Ten copies of each row are no more evidence than the row, once they are one unit."""
    for case in (binary_case(200, 5), multiclass_case(200, 5), regression_case(200, 5)):
        target, one, other = case
        times = np.repeat(np.arange(200), 10)
        copies = type(target)(
            task=target.task,
            rows=np.ones(2000, bool),
            values=target.values[times],
            classes=target.classes,
        )
        many = (copies, _repeated(one, times), _repeated(other, times))
        plain, naive = compared(case), compared(many)
        together = compared(many, units=times)
        for row in plain.rows:
            if row.metric.name in WITHOUT_INTERVAL:
                continue
            assert row.interval is not None
            low, high = ends_of(row.interval)
            width = high - low
            name = row.metric.name
            too_narrow = ends_of(interval_of(naive, name))
            honest = ends_of(interval_of(together, name))
            assert too_narrow[1] - too_narrow[0] < 0.5 * width
            assert honest[1] - honest[0] == pytest.approx(width, rel=0.12)


def _repeated(model: Predictions, times: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Predictions:
    return Predictions(
        labels=None if model.labels is None else model.labels[times],
        scores=None if model.scores is None else model.scores[times],
        probabilities=model.probabilities,
        values=None if model.values is None else model.values[times],
    )


def test_a_proportion_divides_its_counts_by_the_design_effect() -> None:
    case = binary_case(400, seed=6)
    target, one, other = case
    assert one.labels is not None
    assert other.labels is not None
    right = 1.0 * (one.labels == target.values) - 1.0 * (other.labels == target.values)
    # Units that hold all wins, all losses or all else: as dependent as rows can be.
    units = np.argsort(np.argsort(right, kind="stable"), kind="stable") // 10
    influence = (right - right.mean()) / 400
    sums = np.bincount(units, influence)
    effect = (sums**2).sum() * 40 / 39 / (influence**2).sum()
    assert effect > 5
    expected = score_interval(
        Discordant(
            only_candidate=(right > 0).sum() / effect,
            only_baseline=(right < 0).sum() / effect,
            rows=400 / effect,
        ),
        confidence=0.95,
        df=2 / ((sums**4).sum() / (sums**2).sum() ** 2 - 1 / 40),
    )
    interval = interval_of(compared(case, "accuracy", units=units), "accuracy")
    assert ends_of(interval) == pytest.approx(ends_of(expected))


def design_effect(moved: list[list[float]], *, in_time: bool = False) -> DesignEffect:
    """Of units given row by row."""
    return DesignEffect.of(
        sums=np.array([sum(unit) for unit in moved]),
        squares=np.array([sum(row**2 for row in unit) for unit in moved]),
        sizes=np.array([len(unit) for unit in moved]),
        in_time=in_time,
    )


def test_small_units_that_moved_as_a_whole_tell_that_large_ones_would() -> None:
    """Their own sums are four times too wide, and of the sizes 2 and 50 a row meets 34 others."""
    small, large = [[0.0] * 2] * 30, [[0.0] * 50] * 5
    found = design_effect([*[[1.0, 1.0]] * 6, *small, *large])
    assert found.times == pytest.approx((36 * 4 + 5 * 2500) / (36 * 2 + 5 * 50))
    assert found.df == pytest.approx(2 / (1 / 6 - 1 / 41))


def test_rows_that_move_alone_in_their_unit_have_no_design_effect() -> None:
    found = design_effect([[1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]] * 10)
    assert found == DesignEffect(times=1.0, df=19.0)


def test_where_nothing_moved_or_units_hold_one_row_their_sizes_decide() -> None:
    still = design_effect([[0.0] * 3, [0.0] * 5] * 10)
    assert still == DesignEffect(times=34 / 8, df=19.0)
    assert design_effect([[1.0], [0.0], [-1.0]] * 10).times == 1.0
    alone = design_effect([[1.0], [-1.0], [0.0] * 4] * 5)
    assert alone.times == pytest.approx((10 + 80) / 30)


def test_units_that_hold_no_row_that_counts_are_no_units() -> None:
    counted = design_effect([[1.0, 1.0], [0.0, -1.0], [0.0, 0.0]] * 5)
    assert design_effect([*[[1.0, 1.0], [0.0, -1.0], [0.0, 0.0]] * 5, [], []]) == counted


def test_in_time_the_degrees_of_freedom_stay() -> None:
    assert design_effect([[1.0, 1.0], *[[0.0, 0.0]] * 19]).df < 3
    assert design_effect([[1.0, 1.0], *[[0.0, 0.0]] * 19], in_time=True).df == 19


def test_without_a_discordant_row_each_unit_counts_as_one_row() -> None:
    target, model, _ = binary_case(400, seed=7)
    assert model.scores is not None
    other = Predictions(labels=model.labels, scores=model.scores / 2, probabilities=True)
    case = (target, model, other)
    interval = interval_of(compared(case, "accuracy", units=np.arange(400) // 8), "accuracy")
    assert interval.counts == (0.0, 0.0, 50.0)
    auc = interval_of(compared(case, "roc_auc"), "roc_auc")
    of_units = interval_of(compared(case, "roc_auc", units=np.arange(400) // 8), "roc_auc")
    assert auc.se is not None
    assert of_units.se == pytest.approx(8 * auc.se)


@pytest.mark.parametrize(("units", "standing"), [(9, "not_estimable"), (10, "settles")])
def test_under_ten_units_nothing_is_estimable(units: int, standing: str) -> None:
    comparison = compared(binary_case(300, seed=8), units=np.arange(300) % units)
    assert {row.interval.standing for row in comparison.rows if row.interval} == {
        Standing(standing)
    }
    row = row_of(comparison, "f1")
    assert row.note == ("only 9 independent units" if units == 9 else "")


@pytest.mark.parametrize("n", [39, 40])
def test_under_forty_rows_time_is_not_estimable(n: int) -> None:
    comparison = compared(binary_case(n, seed=9), "f1", time_order=np.arange(n))
    note = "fewer than 40 rows in 20 blocks of time" if n == 39 else ""
    assert row_of(comparison, "f1").note == note


def test_equal_numbers_of_too_few_units_settle_nothing() -> None:
    target, model, _ = regression_case(120, seed=10)
    case = (target, model, model)
    row = row_of(
        compared(case, "mean_absolute_error", units=np.arange(120) // 60), "mean_absolute_error"
    )
    assert row.interval is not None
    assert row.interval.standing is Standing.NOT_ESTIMABLE


@pytest.mark.parametrize("name", ["recall", "roc_auc", "average_precision"])
def test_positives_of_under_ten_units_are_not_estimable(name: str) -> None:
    """Sixty positives of three units are three independent positives."""
    target, one, other = binary_case(400, seed=11)
    units = np.where(target.values == 1, np.arange(400) % 3, np.arange(400) // 4)
    interval = interval_of(compared((target, one, other), name, units=units), name)
    assert interval.standing is Standing.NOT_ESTIMABLE
    assert "only 3 independent units" in interval.note
