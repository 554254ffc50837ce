"""Shapley values over the trained corners: the axioms, a brute force, and real predictions."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlci_action.domain.fingerprint import Part
from mlci_action.domain.metric import Direction, Needs, Task
from mlci_action.domain.metrics import METRICS, custom_metric
from mlci_action.domain.moves import WhyMoved, corner_name
from mlci_action.evaluation.moves import Corner, corners_of, split, why_moved_from
from mlci_action.evaluation.reading.predictions import Predictions
from mlci_action.evaluation.scored_rows import Question, Truth
from tests.unit.evaluation.cases import binary_case, case_of, compared, row_of

D, C, P, E = Part.DATA, Part.CODE, Part.PARAMETERS, Part.DEPENDENCIES
N = 400


@st.composite
def games(draw: st.DrawFn) -> dict[Corner, float]:
    """The values of all corners of one to four parts."""
    parts = draw(st.lists(st.sampled_from(Part), min_size=1, max_size=4, unique=True))
    numbers = st.floats(-100, 100, allow_nan=False)
    return {corner: draw(numbers) for corner in corners_of(parts)}


def parts_of(values: dict[Corner, float]) -> Corner:
    return max(values, key=len)


@given(games())
def test_shares_are_the_means_over_all_orders_of_change(values: dict[Corner, float]) -> None:
    parts = parts_of(values)
    orders = list(permutations(parts))
    expected = dict.fromkeys(parts, 0.0)
    for order in orders:
        for place, part in enumerate(order):
            before = frozenset(order[:place])
            expected[part] += (values[before | {part}] - values[before]) / len(orders)
    assert split(values, parts) == pytest.approx(expected, abs=1e-9)


@given(games())
def test_shares_sum_to_the_whole_change(values: dict[Corner, float]) -> None:
    parts = parts_of(values)
    total = sum(split(values, parts).values())
    assert total == pytest.approx(values[parts] - values[frozenset()], abs=1e-9)


@given(games())
def test_a_part_that_adds_nothing_has_no_share(values: dict[Corner, float]) -> None:
    parts = parts_of(values)
    idle = next(part for part in Part if part in parts)
    same = {corner: values[corner - {idle}] for corner in values}
    assert split(same, parts)[idle] == pytest.approx(0, abs=1e-12)


@given(games())
def test_parts_that_add_the_same_have_the_same_share(values: dict[Corner, float]) -> None:
    parts = parts_of(values)
    by_size = {corner: float(len(corner)) ** 2 + values[frozenset()] for corner in values}
    shares = list(split(by_size, parts).values())
    assert shares == pytest.approx([shares[0]] * len(parts))


def test_two_parts_worked_out_by_hand() -> None:
    """Data first adds 2, after the code 6; the code first adds -1, after the data 3."""
    values = {frozenset[Part](): 10.0, frozenset({D}): 12.0, frozenset({C}): 9.0}
    assert split({**values, frozenset({D, C}): 15.0}, [D, C]) == {D: 4.0, C: 1.0}


def test_one_part_brings_all_of_it() -> None:
    assert split({frozenset(): 0.5, frozenset({E}): 0.4}, [E]) == {E: pytest.approx(-0.1)}


@pytest.mark.parametrize("lacking", corners_of([D, C]), ids=corner_name)
def test_without_any_corner_there_are_no_shares(lacking: Corner) -> None:
    values = {corner: float(len(corner)) for corner in corners_of([D, C]) if corner != lacking}
    assert split(values, [D, C]) == {}


def test_corners_of_parts_that_did_not_change_do_not_matter() -> None:
    values = {corner: float(len(corner)) for corner in corners_of([D])}
    assert split({**values, frozenset({D, P}): 99.0}, [D]) == {D: 1.0}


def test_there_are_sixteen_corners_of_four_parts_from_old_to_new() -> None:
    corners = corners_of([E, P, C, D])
    assert (len(corners), corners[0], corners[-1]) == (16, frozenset(), frozenset(Part))
    assert corner_name(frozenset({C, D})) == "data+code"


def question(*names: str) -> Question:
    return Question(metrics=tuple(METRICS[name] for name in names))


def truth_and_corners() -> tuple[Truth, dict[Corner, Predictions]]:
    """Four models of one target, each another noise."""
    target, old, new = binary_case(N, seed=1)
    _, data, code = binary_case(N, seed=2)
    corners = {
        frozenset[Part](): old, frozenset({D}): data, frozenset({C}): code, frozenset({D, C}): new,
    }  # fmt: skip
    truth = Truth(target=target, column=pd.Series(target.values), metrics=())
    return truth, corners


def test_each_metric_is_shared_out_by_its_own_values() -> None:
    truth, corners = truth_and_corners()
    frame = pd.DataFrame({"x": np.zeros(N)})
    found = why_moved_from(question("roc_auc", "log_loss"), truth, frame, corners)
    assert (found.changed, found.note) == ((D, C), "")
    assert [move.metric for move in found.moves] == ["roc_auc", "log_loss"]
    pair = (truth.target, corners[frozenset({D, C})], corners[frozenset()])
    for move in found.moves:
        row = row_of(compared(pair, move.metric), move.metric)
        assert (move.diff, move.n) == (row.diff, N)
        assert (move.corners[""], move.corners["data+code"]) == (row.baseline, row.candidate)
        assert set(move.corners) == {"", "data", "code", "data+code"}
        assert sum(move.shares.values()) == pytest.approx(move.diff)
        assert move.direction is METRICS[move.metric].direction
    assert [move.sign for move in found.moves] == [1, -1]


def test_rows_count_by_their_weight_and_those_without_a_label_not_at_all() -> None:
    target, old, new = case_of(Task.REGRESSION, N, seed=1)
    weight = np.random.default_rng(0).uniform(0.5, 2, N)
    frame = pd.DataFrame({"weight": [*weight, 1.0]})
    labelled = np.array([True] * N + [False])
    whole = Truth(
        target=type(target)(task=target.task, rows=labelled, values=target.values),
        column=pd.Series(np.append(target.values, np.nan)),
        metrics=(),
    )
    asked = Question(metrics=(METRICS["mean_absolute_error"],), sample_weight="weight")
    (move,) = why_moved_from(asked, whole, frame, {frozenset(): old, frozenset({P}): new}).moves
    row = row_of(compared((target, new, old), "mean_absolute_error", weight=weight), move.metric)
    assert move.n == N
    assert move.diff == pytest.approx(row.diff)
    assert move.shares == {P: pytest.approx(move.diff)}


def test_missing_corners_are_named_and_the_change_is_told_without_shares() -> None:
    truth, corners = truth_and_corners()
    del corners[frozenset({C})]
    frame = pd.DataFrame(index=range(N))
    found = why_moved_from(question("roc_auc"), truth, frame, corners)
    assert found.note == "no shares: 1 model was not trained, with new code"
    (move,) = found.moves
    assert (move.shares, set(move.corners)) == ({}, {"", "data", "data+code"})
    del corners[frozenset({D})]
    found = why_moved_from(question("roc_auc"), truth, frame, corners)
    assert found.note == "no shares: 2 models were not trained, with new data, code"


def test_without_the_new_model_there_is_no_change_to_explain() -> None:
    truth, corners = truth_and_corners()
    new = corners.pop(frozenset({D, C}))
    frame = pd.DataFrame(index=range(N))
    found = why_moved_from(question("roc_auc"), truth, frame, corners, changed=[C, D])
    assert (found.changed, found.moves) == ((D, C), ())
    assert found.note == "no shares: 1 model was not trained, with new data+code"
    assert why_moved_from(question("roc_auc"), truth, frame, {frozenset(): new}) == WhyMoved(
        changed=()
    )


def test_a_corner_without_a_value_takes_the_shares_of_that_metric_alone() -> None:
    truth, corners = truth_and_corners()
    corners[frozenset({C})] = Predictions(labels=corners[frozenset({C})].labels)
    frame = pd.DataFrame(index=range(N))
    auc, accuracy = why_moved_from(question("roc_auc", "accuracy"), truth, frame, corners).moves
    assert (auc.shares, auc.note) == ({}, "it has no value with new code")
    assert sum(accuracy.shares.values()) == pytest.approx(accuracy.diff)
    corners[frozenset()] = Predictions(labels=corners[frozenset()].labels)
    (only,) = why_moved_from(question("roc_auc", "accuracy"), truth, frame, corners).moves
    assert only.metric == "accuracy"


def test_metrics_of_the_users_own_are_left_out() -> None:
    truth, corners = truth_and_corners()
    own = custom_metric("m.py:gain", direction=Direction.HIGHER_IS_BETTER, needs=Needs.LABELS)
    asked = Question(metrics=(own, METRICS["accuracy"]))
    found = why_moved_from(asked, truth, pd.DataFrame(index=range(N)), corners)
    assert [move.metric for move in found.moves] == ["accuracy"]
