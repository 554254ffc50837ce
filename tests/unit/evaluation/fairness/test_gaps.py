"""Fairness is fairlearn's, and what it cannot say of small or empty groups is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import fairlearn.metrics as fairlearn  # type: ignore[import-untyped]
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from mlci_action.domain.behaviour import GroupRates
from mlci_action.domain.comparison import ComparisonRow, Interval, Standing
from mlci_action.domain.limits import FairnessLimits
from mlci_action.domain.metric import Task
from mlci_action.domain.metrics import FAIRNESS_METRICS
from mlci_action.errors import DatasetError
from mlci_action.evaluation.fairness.gaps import fairness
from mlci_action.evaluation.fairness.joint_rates import joint_rates
from mlci_action.evaluation.reading.dependence import Dependence, blocks_in_time, units_of
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions, SliceRows
from mlci_action.evaluation.reading.slices import sensitive_groups
from tests.unit.evaluation.cases import binary_case

Int = NDArray[np.int64]
Float = NDArray[np.float64]
NAMES = tuple(FAIRNESS_METRICS)
ODDS = "equalized_odds_difference"
PARITY = "demographic_parity_difference"


def paired(
    truth: Int,
    candidate: Int | None,
    baseline: Int | None,
    *,
    weight: Float | None = None,
    dependence: Dependence | None = None,
) -> PairedRows:
    return PairedRows(
        task=Task.BINARY,
        classes=("no", "yes"),
        truth=truth,
        candidate=Predictions(labels=candidate),
        baseline=None if baseline is None else Predictions(labels=baseline),
        weight=weight,
        dependence=dependence,
        confidence=0.95,
    )


def parts_of(sex: Sequence[str] | NDArray[Any], min_rows: int = 1) -> tuple[SliceRows, ...]:
    limits = FairnessLimits(sensitive=(("sex",),), min_rows=min_rows)
    return sensitive_groups(pd.DataFrame({"sex": sex}), limits)[0]


def asked(
    rows: PairedRows,
    sex: Sequence[str] | NDArray[Any],
    *names: str,
    min_rows: int = 1,
    same: str = "",
) -> tuple[dict[str, ComparisonRow], tuple[GroupRates, ...]]:
    metrics = [FAIRNESS_METRICS[name] for name in names or NAMES]
    found, groups = fairness(
        rows, parts_of(sex, min_rows), "sex", metrics, min_rows=min_rows, same=same
    )
    return {row.metric.name: row for row in found}, groups


def case(n: int, seed: int, k: int = 3) -> tuple[Int, Int, Int, Int]:
    """Truth, both models' labels, and groups of unequal size and rates."""
    target, one, other = binary_case(n, seed)
    assert one.labels is not None
    assert other.labels is not None
    group = np.minimum(np.random.default_rng(seed).geometric(0.5, size=n) - 1, k - 1)
    ours = np.where((group == 0) & (np.arange(n) % 5 == 0), 0, one.labels)
    return np.asarray(target.values), ours, other.labels, group


def ends(row: ComparisonRow) -> tuple[float, float]:
    interval = row.interval
    assert interval is not None
    assert interval.low is not None
    assert interval.high is not None
    return interval.low, interval.high


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("most", [1.0, 3.0])
@pytest.mark.parametrize("k", [2, 5])
def test_values_equal_those_of_fairlearn(name: str, most: float, k: int) -> None:
    truth, ours, theirs, group = case(1200, seed=k, k=k)
    weight = np.random.default_rng(1).uniform(1, most, 1200)
    row = asked(paired(truth, ours, theirs, weight=weight), group, name)[0][name]
    value = getattr(fairlearn, name)
    for said, ask in ((ours, row.candidate), (theirs, row.baseline)):
        expected = value(truth, said, sensitive_features=group, sample_weight=weight)
        assert ask == pytest.approx(expected, abs=1e-12)
    assert row.candidate is not None
    assert row.baseline is not None
    assert row.diff == row.candidate - row.baseline


def test_the_table_of_groups_equals_that_of_fairlearn() -> None:
    truth, ours, theirs, group = case(900, seed=4)
    names = ("selection_rate", "true_positive_rate", "false_positive_rate")
    _, groups = asked(paired(truth, ours, theirs), group)
    assert [(g.sensitive, g.group, g.n, g.positives, g.judged, g.note) for g in groups] == [
        ("sex", str(g), int((group == g).sum()), int(truth[group == g].sum()), True, "")
        for g in range(3)
    ]
    for place, said in enumerate((theirs, ours)):
        frame = fairlearn.MetricFrame(
            metrics={name: getattr(fairlearn, name) for name in names},
            y_true=truth,
            y_pred=said,
            sensitive_features=group,
        )
        for code, shown in enumerate(groups):
            for name in names:
                expected = pytest.approx(frame.by_group.loc[code, name], abs=1e-12)
                assert shown.rates[name][place] == expected


def test_a_difference_has_an_interval_around_it_and_each_value_its_own() -> None:
    truth, ours, theirs, group = case(2000, seed=5)
    rows, _ = asked(paired(truth, ours, theirs), group)
    for row in rows.values():
        low, high = ends(row)
        assert row.interval is not None
        assert row.interval.method == "groups"
        assert row.interval.standing is Standing.SETTLES
        assert row.diff is not None
        assert -1 <= low < row.diff < high <= 1
        for value, own in (
            (row.candidate, row.candidate_interval),
            (row.baseline, row.baseline_interval),
        ):
            assert own is not None
            assert value is not None
            assert 0 <= own[0] <= value <= own[1] <= 1
            assert own[0] < own[1]


@pytest.mark.parametrize("name", NAMES)
def test_exchanging_the_models_turns_the_interval_round(name: str) -> None:
    truth, ours, theirs, group = case(800, seed=6)
    low, high = ends(asked(paired(truth, ours, theirs), group, name)[0][name])
    back = ends(asked(paired(truth, theirs, ours), group, name)[0][name])
    assert (-back[1], -back[0]) == pytest.approx((low, high), abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_weights_of_one_are_no_weights_and_rows_of_no_weight_are_no_rows(name: str) -> None:
    truth, ours, theirs, group = case(800, seed=7)
    plain, _ = asked(paired(truth, ours, theirs), group, name)
    ones, _ = asked(paired(truth, ours, theirs, weight=np.ones(800)), group, name)
    assert ends(ones[name]) == pytest.approx(ends(plain[name]), abs=1e-12)
    some = np.where(np.arange(800) < 500, 1.0, 0.0)
    kept, shown = asked(paired(truth, ours, theirs, weight=some), group, name)
    first, of_first = asked(
        paired(truth[:500], ours[:500], theirs[:500], weight=np.ones(500)), group[:500], name
    )
    assert (kept, shown) == (first, of_first)


@pytest.mark.parametrize("name", NAMES)
def test_copies_of_rows_in_one_unit_are_one_row_each(name: str) -> None:
    """Five copies of every row, declared as one unit, know as much as the rows once."""
    truth, ours, theirs, group = (np.repeat(part, 5) for part in case(600, seed=8))
    units = units_of(np.repeat(np.arange(600), 5))
    once = asked(paired(*(part[::5] for part in (truth, ours, theirs))), group[::5], name)[0][name]
    copied = asked(paired(truth, ours, theirs, dependence=units), group, name)[0][name]
    alone = asked(paired(truth, ours, theirs), group, name)[0][name]
    width, of_once, of_rows = (high - low for low, high in map(ends, (copied, once, alone)))
    assert copied.diff == pytest.approx(once.diff, abs=1e-12)
    assert width == pytest.approx(of_once, rel=0.1)
    assert of_rows < 0.6 * width


def test_what_was_not_seen_would_move_as_a_unit_too() -> None:
    """Five copies of rows on which the models never differ leave the width of the rows once."""
    truth, ours, _, group = case(600, seed=8)
    units = units_of(np.repeat(np.arange(600), 5))
    copies = [np.repeat(part, 5) for part in (truth, ours, ours)]
    copied = asked(paired(*copies, dependence=units), np.repeat(group, 5), PARITY)[0][PARITY]
    once = asked(paired(truth, ours, ours), group, PARITY)[0][PARITY]
    assert ends(copied) == pytest.approx(ends(once), rel=0.02)


def test_rows_that_are_units_of_their_own_are_as_uncertain_as_few_units_are() -> None:
    """Of 30 units the variance is 30 / 29 that of the rows, of half rows that squared."""
    truth, ours, theirs, _ = case(30, seed=3)
    dependent = paired(truth, ours, theirs, dependence=units_of(np.arange(30)))
    code = np.arange(30) % 2
    alone = joint_rates(paired(truth, ours, theirs), ours, theirs, code, 2)
    apart = joint_rates(dependent, ours, theirs, code, 2)
    ratio = np.diagonal(apart.second[0]) / np.diagonal(alone.second[0])
    assert (ratio > 30 / 29).all()
    assert (ratio < (30 / 29) ** 2).all()


def test_blocks_of_time_widen_what_drifts() -> None:
    truth, ours, theirs, group = case(2000, seed=9)
    drifting = np.where(np.arange(2000) // 100 % 2 == 0, ours, theirs)
    alone = asked(paired(truth, drifting, theirs), group, PARITY)[0][PARITY]
    in_time = paired(truth, drifting, theirs, dependence=blocks_in_time(np.arange(2000)))
    widened = asked(in_time, group, PARITY)[0][PARITY]
    assert ends(widened)[1] - ends(widened)[0] > ends(alone)[1] - ends(alone)[0]


def test_too_few_units_give_no_interval() -> None:
    truth, ours, theirs, group = case(600, seed=8)
    dependent = paired(truth, ours, theirs, dependence=units_of(np.arange(600) // 100))
    row = asked(dependent, group, ODDS)[0][ODDS]
    assert row.interval == Interval(
        method="groups", standing=Standing.NOT_ESTIMABLE, note="only 6 independent units"
    )
    assert row.candidate_interval is None
    assert row.diff is not None


def test_a_group_of_few_units_gives_no_interval() -> None:
    """Two hundred customers in one group say nothing of the three in the other."""
    truth, ours, theirs, _ = case(600, seed=8)
    units = np.where(np.arange(600) < 150, np.arange(600) // 50, np.arange(600))
    dependent = paired(truth, ours, theirs, dependence=units_of(units))
    row = asked(dependent, np.arange(600) < 150, PARITY)[0][PARITY]
    assert row.interval is not None
    assert row.interval.standing is Standing.NOT_ESTIMABLE
    assert row.note == "only 3 independent units in one of the groups"


def test_groups_under_the_smallest_size_are_shown_and_drive_nothing() -> None:
    truth, ours, theirs, _ = case(400, seed=10)
    sex = np.where(np.arange(400) < 200, "f", "m").astype(object)
    rows, _ = asked(paired(truth, ours, theirs), sex, min_rows=50)
    more = np.append(sex, ["x"] * 12)
    longer = [np.append(part, np.ones(12, np.int64)) for part in (truth, ours, theirs)]
    with_small, groups = asked(paired(*longer), more, min_rows=50)
    note = "left out: 'x' (12 of the 50 rows asked for)"
    assert with_small == {
        name: replace(row, note="; ".join(part for part in (row.note, note) if part))
        for name, row in rows.items()
    }
    assert {row.n for row in with_small.values()} == {400}
    assert groups[2] == GroupRates(
        sensitive="sex",
        group="x",
        n=12,
        positives=12,
        judged=False,
        rates={
            "selection_rate": (1.0, 1.0),
            "true_positive_rate": (1.0, 1.0),
            "false_positive_rate": (None, None),
        },
        note="fewer than 50 rows",
    )


def test_a_group_without_positives_is_left_out_of_that_rate_and_named() -> None:
    truth, ours, theirs, group = case(900, seed=11)
    truth = np.where(group == 2, 0, truth)
    rows, groups = asked(paired(truth, ours, theirs), group, "equal_opportunity_difference", PARITY)
    row = rows["equal_opportunity_difference"]
    assert row.note == "left out: '2' (no positives)"
    inside = group < 2
    assert row.candidate == pytest.approx(
        fairlearn.equal_opportunity_difference(
            truth[inside], ours[inside], sensitive_features=group[inside]
        )
    )
    assert rows[PARITY].note == ""
    assert (groups[2].judged, groups[2].note) == (True, "no positives")
    assert groups[2].rates["true_positive_rate"] == (None, None)


def test_of_many_groups_left_out_five_are_named() -> None:
    truth, ours, theirs, _ = case(400, seed=10)
    sex = np.where(np.arange(400) < 380, np.arange(400) % 2, np.arange(400))
    row = asked(paired(truth, ours, theirs), sex, PARITY, min_rows=50)[0][PARITY]
    assert row.note.startswith("left out: '380' (1 of the 50 rows asked for), '381' (1 of")
    assert row.note.endswith(" and 15 more")


@pytest.mark.parametrize(
    ("sex", "name", "why"),
    [
        (["f"] * 100, PARITY, "only one group has at least 50 rows"),
        (["f"] * 60 + ["m"] * 40, PARITY, "only one group has at least 50 rows; left out: 'm' "),
        (["f", "m", "x", "y"] * 25, PARITY, "no group has at least 50 rows; left out: 'f' "),
        (
            ["f"] * 50 + ["m"] * 50,
            ODDS,
            "only one group has at least 50 rows and a true positive rate",
        ),
    ],
)
def test_fewer_than_two_groups_have_no_value(sex: list[str], name: str, why: str) -> None:
    truth = np.zeros(100, np.int64)
    truth[:10] = 1
    row = asked(paired(truth, truth, truth), sex, name, min_rows=50)[0][name]
    assert (row.candidate, row.baseline, row.diff) == (None, None, None)
    assert row.note.startswith(why)
    nothing = Interval(method="groups", standing=Standing.NOT_ESTIMABLE, note=row.note)
    assert row.interval == nothing
    alone = asked(paired(truth, truth, None), sex, name, min_rows=50)[0][name]
    assert alone == replace(row, interval=None)


def test_a_ratio_of_zeros_has_no_value() -> None:
    truth, ours, _, group = case(600, seed=12)
    nobody = np.zeros(600, np.int64)
    name = "demographic_parity_ratio"
    why = "the selection rate of every group is 0"
    row = asked(paired(truth, ours, nobody), group, name)[0][name]
    assert (row.baseline, row.diff, row.note) == (None, None, f"baseline: {why}")
    assert row.candidate is not None
    row = asked(paired(truth, nobody, ours), group, name)[0][name]
    assert (row.candidate, row.note) == (None, f"candidate: {why}")
    assert row.interval is not None
    assert row.interval.standing is Standing.NOT_ESTIMABLE
    row = asked(paired(truth, nobody, None), group, name)[0][name]
    assert (row.candidate, row.note, row.interval) == (None, why, None)


def test_without_a_baseline_there_is_the_candidate_alone() -> None:
    truth, ours, _, group = case(600, seed=13)
    rows, groups = asked(paired(truth, ours, None), group)
    for name, row in rows.items():
        expected = getattr(fairlearn, name)(truth, ours, sensitive_features=group)
        assert row.candidate == pytest.approx(expected, abs=1e-12)
        assert (row.baseline, row.diff, row.interval) == (None, None, None)
        assert row.candidate_interval is not None
    assert groups[0].rates["selection_rate"][0] is None


def test_models_without_labels_have_no_values() -> None:
    truth, ours, _, group = case(200, seed=13)
    for rows, who in (
        (paired(truth, None, ours), "candidate"),
        (replace(paired(truth, ours, ours), baseline=Predictions()), "baseline"),
    ):
        found, groups = asked(rows, group, ODDS)
        assert found[ODDS].candidate is None
        assert found[ODDS].note == f"{who}: the model gives no class labels"
        assert found[ODDS].interval is not None
        assert groups == ()


def test_equal_labels_of_two_models_keep_a_width_and_one_model_has_none() -> None:
    truth, ours, _, group = case(600, seed=14)
    for row in asked(paired(truth, ours, ours), group)[0].values():
        low, high = ends(row)
        assert row.diff == 0
        assert low < 0 < high
    why = "the two models are the same file"
    for row in asked(paired(truth, ours, ours), group, same=why)[0].values():
        assert row.interval == Interval(
            method="identical", standing=Standing.SETTLES, low=0.0, high=0.0, note=why
        )


def test_more_groups_than_an_interval_is_made_of_have_values_alone() -> None:
    truth, ours, theirs, _ = case(3000, seed=15)
    row = asked(paired(truth, ours, theirs), np.arange(3000) % 51, PARITY)[0][PARITY]
    assert row.diff is not None
    assert row.interval is not None
    assert row.interval.note == "51 groups, of which at most 50 make an interval"
    most = asked(paired(truth, ours, theirs), np.arange(3000) % 50, PARITY)[0][PARITY]
    assert ends(most)[0] < ends(most)[1]


def test_columns_that_are_crossed_make_groups_of_their_own() -> None:
    frame = pd.DataFrame({"sex": ["f", "m", "f", None], "region": ["n", "n", "s", "s"]})
    limits = FairnessLimits(sensitive=(("sex", "region"), ("sex",)), min_rows=2)
    crossed, alone = sensitive_groups(frame, limits)
    assert limits.labels == ("sex & region", "sex")
    rows = paired(*(np.array([0, 1, 1, 0]) for _ in range(3)))
    _, groups = fairness(rows, crossed, limits.labels[0], [], min_rows=2)
    assert [(g.sensitive, g.group, g.n) for g in groups] == [
        ("sex & region", "(missing) & s", 1),
        ("sex & region", "f & n", 1),
        ("sex & region", "f & s", 1),
        ("sex & region", "m & n", 1),
    ]
    assert [(part.slice.label, part.judged) for part in alone] == [
        ("sex=(missing)", False),
        ("sex=f", True),
        ("sex=m", False),
    ]


def test_a_sensitive_column_that_is_not_there_is_asked_for_by_its_setting() -> None:
    limits = FairnessLimits(sensitive=(("sx",),))
    with pytest.raises(DatasetError, match=r"fairness\.sensitive"):
        sensitive_groups(pd.DataFrame({"sex": ["f"]}), limits)


def test_a_share_of_the_baseline_is_known_to_be_uncertain() -> None:
    truth, ours, theirs, group = case(1500, seed=16)
    for row in asked(paired(truth, ours, theirs), group)[0].values():
        assert row.interval is not None
        assert row.interval.baseline_variance is not None
        assert row.interval.covariance is not None
        assert row.interval.baseline_variance > 0


@pytest.mark.parametrize("name", NAMES)
def test_groups_of_a_row_or_two_have_the_widest_of_intervals(name: str) -> None:
    """Their rates may move as one; that is nothing known, not a difference of no width."""
    rows = paired(np.array([1, 1, 0, 0]), np.array([1, 1, 1, 1]), np.array([0, 0, 0, 1]))
    found, _ = asked(rows, ["a", "b", "a", "b"], name)
    interval = found[name].interval
    assert interval is not None
    if interval.standing is not Standing.NOT_ESTIMABLE:
        assert interval.low is not None
        assert interval.high is not None
        assert interval.high - interval.low >= 1
