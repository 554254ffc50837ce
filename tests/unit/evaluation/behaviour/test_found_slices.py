from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlci_action.domain.behaviour import FoundSlice
from mlci_action.domain.metric import Task
from mlci_action.evaluation.behaviour.found_slices import found_slices
from mlci_action.evaluation.reading.dependence import Dependence, blocks_in_time, units_of
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions
from tests.unit.evaluation.cases import Float, Int, binary, multiclass, numbers


def _frame(n: int, seed: int = 1) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": draw.integers(18, 90, n),
            "region": draw.choice(["north", "south", "east"], n),
            "noise": draw.normal(size=n),
        }
    )


def _rows(
    truth: Int | Float,
    candidate: Predictions,
    baseline: Predictions | None,
    task: Task = Task.BINARY,
    dependence: Dependence | None = None,
    weight: Float | None = None,
) -> PairedRows:
    classes = {Task.BINARY: ("0", "1"), Task.MULTICLASS: ("a", "b", "c"), Task.REGRESSION: ()}
    return PairedRows(
        task=task,
        classes=classes[task],
        truth=truth,
        candidate=candidate,
        baseline=baseline,
        weight=weight,
        dependence=dependence,
        confidence=0.95,
    )


def _worse_where_old(
    frame: pd.DataFrame,
    seed: int = 2,
    *,
    dependence: Dependence | None = None,
    weight: Float | None = None,
) -> PairedRows:
    """Two models of one quality, but for the candidate on rows of 60 years and more."""
    draw, n = np.random.default_rng(seed), len(frame)
    signal = draw.normal(size=n)
    truth = (signal + draw.normal(size=n) > 0).astype(np.int64)
    ours, theirs = (1 / (1 + np.exp(-signal - 0.3 * draw.normal(size=n))) for _ in "ab")
    ours = np.where(frame["age"].to_numpy() >= 60, 0.5, ours)
    return _rows(truth, binary(ours), binary(theirs), dependence=dependence, weight=weight)


def _found(rows: PairedRows, frame: pd.DataFrame, *, min_rows: int = 50) -> tuple[FoundSlice, ...]:
    return found_slices(rows, frame, most=3, seed=0, min_rows=min_rows)


def test_the_region_where_the_candidate_fails_is_found_and_measured_on_the_other_half() -> None:
    frame = _frame(4000)
    (found,) = _found(_worse_where_old(frame), frame)
    assert found.where == "age >= 60"
    assert found.loss == "brier_score"
    assert 0.4 * 2000 / 2 < found.n < 0.5 * 2000
    assert found.candidate == pytest.approx(0.25)
    assert found.diff.value == found.candidate - found.baseline
    assert found.diff.low is not None
    assert found.diff.low > 0.03


def test_of_two_equal_models_hardly_ever_a_region_is_said_to_be_worse() -> None:
    shown = 0
    for seed in range(40):
        frame = _frame(600, seed)
        rows = _worse_where_old(frame.assign(age=18), seed)
        for found in _found(rows, frame):
            assert found.diff.low is not None
            shown += found.diff.low > 0
    assert shown <= 1


def test_one_seed_gives_one_answer_and_another_another_half() -> None:
    frame = _frame(4000)
    rows = _worse_where_old(frame)
    first, again, other = (
        found_slices(rows, frame, most=1, seed=seed, min_rows=50) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_labels_are_enough_and_take_the_score_interval() -> None:
    frame = _frame(4000)
    rows = _worse_where_old(frame)
    assert rows.baseline is not None
    assert rows.baseline.labels is not None
    ours = np.where(frame["age"] >= 60, 0, rows.baseline.labels)
    bare = _rows(rows.truth, Predictions(labels=ours), Predictions(labels=rows.baseline.labels))
    (found,) = _found(bare, frame)
    assert (found.where, found.loss) == ("age >= 60", "zero_one_loss")
    assert found.diff.low is not None
    assert found.diff.high is not None
    assert found.diff.value is not None
    assert 0 < found.diff.low < found.diff.value < found.diff.high < 1


def test_numbers_take_the_absolute_error() -> None:
    frame = _frame(2000)
    truth = frame["noise"].to_numpy() * 2
    ours = truth + np.where(frame["region"] == "north", 1.0, 0.1)
    rows = _rows(truth, numbers(ours), numbers(truth + 0.2), Task.REGRESSION)
    (found,) = _found(rows, frame)
    assert (found.where, found.loss) == ("region == 'north'", "mean_absolute_error")
    assert found.candidate == pytest.approx(1.0)
    assert found.baseline == pytest.approx(0.2)


def test_several_classes_take_half_the_squared_error_over_them() -> None:
    frame = _frame(2000)
    truth = np.random.default_rng(3).integers(0, 3, 2000)
    sure = np.eye(3)[truth] * 0.7 + 0.1
    ours = np.where((frame["region"] == "south").to_numpy()[:, None], 1 / 3, sure)
    (found,) = _found(_rows(truth, multiclass(ours), multiclass(sure), Task.MULTICLASS), frame)
    assert found.where == "region == 'south'"
    assert found.candidate == pytest.approx((4 / 9 + 2 / 9) / 2)
    assert found.baseline == pytest.approx((0.04 + 0.02) / 2)


def test_units_stay_whole_and_too_few_of_them_have_no_interval() -> None:
    """A unit in both halves would tell one what it told the other."""
    codes = np.arange(4000) // 500
    frame = _frame(4000).assign(age=np.where(codes < 4, 30, 70))
    (found,) = _found(_worse_where_old(frame, dependence=units_of(codes)), frame)
    assert found.where == "age >= 50"
    assert found.n % 500 == 0
    assert (found.diff.low, found.diff.high) == (None, None)
    assert found.diff.note == f"only {found.n // 500} independent units"


def test_in_time_every_other_block_is_measured() -> None:
    frame = _frame(4000)
    order = np.arange(4000)
    blocks = blocks_in_time(order)
    (found,) = _found(_worse_where_old(frame, dependence=blocks), frame)
    assert found.where == "age >= 60"
    assert found.n == int((frame["age"] >= 60)[blocks.codes % 2 == 1].sum())
    assert found.diff.low is not None


def test_rows_count_by_their_weight() -> None:
    frame = _frame(4000)
    weight = np.where(frame["noise"] > 0, 1.0, 3.0)
    rows = _worse_where_old(frame, weight=weight)
    (found,) = _found(rows, frame)
    bare = _found(_worse_where_old(frame), frame)[0]
    assert found.where == bare.where
    assert found.n == bare.n
    assert found.baseline != bare.baseline


def test_of_very_many_columns_fewer_rows_are_looked_at() -> None:
    """A wide frame costs no more than a narrow one, and the other half is measured whole."""
    frame = _frame(4000)
    wide = pd.concat(
        [frame, pd.DataFrame(0.0, frame.index, [f"x{i}" for i in range(2500)])], axis=1
    )
    (found,) = _found(_worse_where_old(frame), wide)
    assert found.where.startswith("age >= ")
    assert found.n > 0.3 * 2000


def test_what_the_other_half_does_not_hold_or_does_not_say_is_not_shown() -> None:
    """In time every other block measures; there nobody is old, or the candidate is better."""
    blocks = blocks_in_time(np.arange(4000))
    frame = _frame(4000)
    looking = blocks.codes % 2 == 0
    rows = _worse_where_old(frame, dependence=blocks)
    assert rows.candidate.scores is not None
    assert _found(rows, frame)
    assert not _found(rows, frame.assign(age=np.where(looking, frame["age"], 18)))
    assert not _found(rows, frame, min_rows=1001)
    flipped = np.where(looking, rows.candidate.scores, rows.truth)
    assert not _found(_rows(rows.truth, binary(flipped), rows.baseline, dependence=blocks), frame)


def test_without_a_baseline_or_numbers_there_is_nothing_to_find() -> None:
    frame = _frame(4000)
    rows = _worse_where_old(frame)
    assert rows.candidate.scores is not None
    unsaid = np.full(4000, np.nan)
    assert not _found(_rows(rows.truth, rows.candidate, None), frame)
    assert not _found(_rows(rows.truth, binary(unsaid), rows.baseline), frame)
    assert not _found(_rows(rows.truth, Predictions(), rows.baseline), frame)
    assert not found_slices(rows, frame, most=0, seed=0, min_rows=50)


def test_a_column_of_two_kinds_in_one_half_only_is_passed_over() -> None:
    """One half holds text alone, the other a number as well, which compares with nothing."""
    frame = _frame(4000)
    rows = _worse_where_old(frame, dependence=blocks_in_time(np.arange(4000)))
    mixed = pd.Series(np.where(frame["age"] >= 60, "old", "young"), dtype=object)
    mixed[300] = 7  # the second block, which measures
    assert not _found(rows, pd.DataFrame({"group": mixed}))
    assert _found(rows, pd.DataFrame({"group": mixed.drop(300).reindex(range(4000))}))
