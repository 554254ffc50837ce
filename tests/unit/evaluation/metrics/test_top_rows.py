"""Metrics of the rows that a model puts on top."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from mlci_action.domain.comparison import ComparisonRow, Interval, Standing
from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import Metric, Parameters, Task
from mlci_action.domain.metrics import METRICS
from mlci_action.evaluation.compare import compare_models
from mlci_action.evaluation.metrics.border import ranked, top_of
from mlci_action.evaluation.reading.predictions import Predictions, Target
from tests.unit.evaluation.cases import Float, Int, binary, binary_case, ends_of, target_of

Case = tuple[Target, Predictions, Predictions | None]
NAMES = ("precision_at_k", "recall_at_k", "lift_at_k")


def at(k: float, function: str = "precision_at_k") -> Metric:
    return METRICS[function].asked_at(Parameters(k=k))


def row_of(
    case: Case, metric: Metric, *, weight: Float | None = None, units: Int | None = None
) -> ComparisonRow:
    target, candidate, baseline = case
    return compare_models(
        target,
        candidate,
        baseline,
        metrics=[metric],
        evidence=Evidence(),
        sample_weight=weight,
        units=units,
    ).rows[0]


def interval_of(row: ComparisonRow) -> Interval:
    assert row.interval is not None
    return row.interval


def case_of(truth: list[int], scores: list[float]) -> Case:
    return target_of(Task.BINARY, np.array(truth)), binary(np.array(scores)), None


def test_the_first_rows_are_those_of_the_highest_scores() -> None:
    case = case_of([1, 0, 1, 1, 0, 0, 0, 0], [0.9, 0.8, 0.7, 0.4, 0.3, 0.2, 0.1, 0.05])
    values = [row_of(case, at(3.0, name)).candidate for name in NAMES]
    assert values == pytest.approx([2 / 3, 2 / 3, (2 / 3) / (3 / 8)])


@pytest.mark.parametrize("name", NAMES)
def test_a_number_of_rows_is_the_share_that_it_is(name: str) -> None:
    case = binary_case(200, seed=1)
    number, share = (row_of(case, at(k, name)) for k in (30.0, 0.15))
    assert (number.candidate, number.baseline) == pytest.approx((share.candidate, share.baseline))
    assert ends_of(interval_of(number)) == pytest.approx(ends_of(interval_of(share)))


def test_a_row_is_the_smallest_top_and_all_rows_are_the_largest() -> None:
    case = case_of([0, 1, 1, 0], [0.9, 0.8, 0.7, 0.4])
    assert row_of(case, at(1.0)).candidate == 0.0
    assert row_of(case, at(4.0)).candidate == 0.5
    assert row_of(case, at(4.0, "recall_at_k")).candidate == 1.0


def test_tied_rows_count_as_their_mean_over_all_orders() -> None:
    truth, scores = [1, 0, 1, 0, 0], [0.9, 0.5, 0.5, 0.5, 0.1]
    expected = [
        np.mean([truth[0], *(truth[row] for row in order[:1])]) for order in permutations((1, 2, 3))
    ]
    assert row_of(case_of(truth, scores), at(2.0)).candidate == pytest.approx(np.mean(expected))


def test_a_share_may_end_within_a_row() -> None:
    """A quarter of six rows: the first, and half of the second."""
    case = case_of([1, 1, 0, 0, 0, 1], [0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    assert row_of(case, at(0.25, "recall_at_k")).candidate == pytest.approx(1.5 / 3)


def test_more_rows_than_there_are_have_no_value() -> None:
    row = row_of(binary_case(30, seed=2), at(31.0))
    assert (row.candidate, row.note) == (None, "candidate: there are only 30 rows")


@pytest.mark.parametrize("name", ["recall_at_k", "lift_at_k"])
def test_without_a_positive_nothing_is_found(name: str) -> None:
    row = row_of(case_of([0] * 20, list(np.linspace(0, 1, 20))), at(5.0, name))
    assert (row.candidate, row.note) == (None, "no row is of the positive class")
    assert row_of(case_of([0] * 20, list(np.linspace(0, 1, 20))), at(5.0)).candidate == 0.0


@pytest.mark.parametrize("name", [*NAMES, "recall_at_precision"])
@pytest.mark.parametrize(
    ("scores", "note"),
    [
        (None, "the model gives no scores"),
        (np.full(40, np.nan), "the model gives scores that are not finite"),
    ],
)
def test_a_ranking_needs_scores(name: str, scores: Float | None, note: str) -> None:
    target, model, _ = binary_case(40, seed=3)
    parameters = Parameters(precision=0.5) if name == "recall_at_precision" else Parameters(k=5.0)
    case = (target, replace(model, scores=scores), None)
    row = row_of(case, METRICS[name].asked_at(parameters))
    assert (row.candidate, row.note) == (None, note)


@pytest.mark.parametrize("name", NAMES)
def test_the_influence_of_a_row_is_the_derivative_where_many_tie_at_the_border(name: str) -> None:
    """The tied rows are their own neighbours then, and the value has a slope."""
    draw = np.random.default_rng(4)
    truth = (draw.random(300) < 0.4).astype(np.int64)
    one, other = (binary((draw.random(300) * 3).astype(np.int64) / 3) for _ in range(2))
    case = (target_of(Task.BINARY, truth), one, other)
    weight = draw.uniform(0.5, 2, 300)
    metric = at(0.5, name)
    interval = interval_of(row_of(case, metric, weight=weight))

    def difference(weight: Float) -> float:
        return row_of(case, metric, weight=weight).diff or 0.0

    step, before = 1e-6, difference(weight)
    influence = [
        (difference(weight * (1 + step * (np.arange(300) == row))) - before) / step
        for row in range(300)
    ]
    of_one_hit = {"precision_at_k": 0.5 * weight.sum(), "recall_at_k": (truth * weight).sum()}
    of_one_hit["lift_at_k"] = 0.5 * of_one_hit["recall_at_k"]
    unseen = 2 * (weight**2).mean() / of_one_hit[name] ** 2
    assert interval.se is not None
    assert interval.se**2 == pytest.approx(np.sum(np.square(influence)) + unseen, rel=1e-4)


def test_very_few_rows_on_top_do_not_make_a_narrow_interval() -> None:
    """The candidate loses one hit in twenty; two of them, or none, would be no surprise."""
    truth = np.array([1] * 20 + [0] * 480)
    scores = np.linspace(1, 0, 500)
    other = scores.copy()
    other[[3, 400]] = other[[400, 3]]
    case = (target_of(Task.BINARY, truth), binary(other), binary(scores))
    row = row_of(case, at(20.0))
    low, high = ends_of(interval_of(row))
    assert row.diff == pytest.approx(-0.05)
    assert row.note == "rests on 2 rows that the two models differ on"
    assert low < -0.15
    assert high > 0


def test_tops_of_the_same_rows_keep_the_width_of_two_rows() -> None:
    target, model, _ = binary_case(400, seed=5)
    assert model.scores is not None
    other = replace(model, scores=model.scores * 0.999)
    interval = interval_of(row_of((target, model, other), at(50.0)))
    low, high = ends_of(interval)
    assert -low == pytest.approx(high)
    assert high > 2 / 50
    assert interval.note == "rests on 0 rows that the two models differ on"


def test_few_units_with_positives_settle_nothing() -> None:
    draw = np.random.default_rng(6)
    truth = np.zeros(400, np.int64)
    truth[:90] = draw.random(90) < 0.7
    case = (target_of(Task.BINARY, truth), binary(draw.random(400)), binary(draw.random(400)))
    interval = interval_of(row_of(case, at(40.0), units=np.arange(400) // 10))
    assert interval.standing is Standing.NOT_ESTIMABLE
    assert interval.note == "only 9 independent units hold positives"


def test_rows_that_move_together_widen_the_interval() -> None:
    case = binary_case(400, seed=7)
    target, one, other = case
    assert one.scores is not None
    assert other.scores is not None
    fours = np.arange(400) // 4 * 4
    together = (
        replace(target, values=target.values[fours]),
        binary(one.scores[fours]),
        binary(other.scores[fours]),
    )
    apart = interval_of(row_of(together, at(0.2)))
    united = interval_of(row_of(together, at(0.2), units=fours))
    assert apart.se is not None
    assert united.se is not None
    # Twice as wide, and four times where a whole unit may move that was not seen to.
    assert 2 < united.se / apart.se < 2.5


@pytest.mark.parametrize("k", [0.0, -1.0, 1.5, float("inf"), float("nan")])
def test_a_number_of_rows_is_whole_and_positive(k: float) -> None:
    with pytest.raises(ValueError, match="k cannot be"):
        at(k)


def test_the_border_of_a_ranking_is_among_its_neighbours() -> None:
    """Positives on every third place: a third, whichever row the border falls on."""
    truth = np.arange(300) % 3 == 0
    ranking = ranked(truth, np.linspace(1, 0, 300), None)
    for weight in (99.0, 100.0, 101.0):
        top = top_of(ranking, weight)
        assert top.hits == pytest.approx(np.ceil(weight / 3))
        assert top.border == pytest.approx(1 / 3, abs=0.02)
