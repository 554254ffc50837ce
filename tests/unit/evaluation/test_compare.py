"""Every metric of every task: both models' values, their intervals, and what has none."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlci_action.domain.comparison import ComparisonRow, Interval, Standing
from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import Needs, Task
from mlci_action.domain.metrics import METRICS
from mlci_action.domain.slices import Slice
from mlci_action.errors import SettingsError
from mlci_action.evaluation.reading.predictions import Predictions, SliceRows, Target
from tests.unit.evaluation.cases import (
    JUMPING,
    WITHOUT_INTERVAL,
    Float,
    binary,
    binary_case,
    case_of,
    compared,
    ends_of,
    interval_of,
    metrics_of,
    multiclass_case,
    numbers,
    regression_case,
    row_of,
    sklearn_value,
    target_of,
)

Case = tuple[Target, Predictions, Predictions]
EVERY_METRIC = [(task, metric.name) for task in Task for metric in metrics_of(task)]
EVERY_INTERVAL = [asked for asked in EVERY_METRIC if asked[1] not in WITHOUT_INTERVAL]
EVERY_SMOOTH = [asked for asked in EVERY_INTERVAL if asked[1] not in JUMPING]
PLAIN_OR_WEIGHTED = pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])


@PLAIN_OR_WEIGHTED
@pytest.mark.parametrize(("task", "name"), EVERY_METRIC)
def test_values_are_those_of_scikit_learn(task: Task, name: str, *, weighted: bool) -> None:
    target, candidate, baseline = case_of(task, 150, seed=1)
    weight = np.random.default_rng(2).uniform(0.2, 3, 150) if weighted else None
    row = row_of(compared((target, candidate, baseline), name, weight=weight), name)
    ours = sklearn_value(name, target, candidate, weight)
    theirs = sklearn_value(name, target, baseline, weight)
    assert (row.candidate, row.baseline) == pytest.approx((ours, theirs), abs=1e-9)
    assert row.diff == pytest.approx(ours - theirs, abs=1e-9)


@pytest.mark.parametrize(("task", "name"), EVERY_SMOOTH)
def test_the_influence_of_a_row_is_the_derivative_by_its_weight(task: Task, name: str) -> None:
    """SE and degrees of freedom from scikit-learn alone, moving the weight of one row at a time."""
    n = 64 if task is Task.MULTICLASS else 40
    case = case_of(task, n, seed=3)
    weight = np.random.default_rng(4).uniform(0.5, 2, n)
    interval = interval_of(compared(case, name, weight=weight), name)
    second, fourth, count = np.ones(n), np.ones(n), n
    if interval.method == "cells":
        mean, square, power = weight.mean(), (weight**2).mean(), (weight**4).mean()
        case, weight = _with_half_rows(case), np.append(weight, np.full(4, mean / 2))
        # Half a row counts half as often as one row; it is not one row of half the weight.
        second = np.append(second, np.full(4, 2 * square / mean**2))
        fourth = np.append(fourth, np.full(4, 8 * power / mean**4))
        count = n + 2
    influence = _derivatives(name, case, weight)
    variance = float((influence**2 * second).sum())
    powers = float((influence**4 * fourth).sum())
    if task is Task.MULTICLASS and METRICS[name].needs is Needs.LABELS:
        assert powers / variance**2 > 1 / count
        powers += -(variance**2) / count + 2 * _unseen(name, case, weight) ** 4
        variance += 2 * _unseen(name, case, weight) ** 2
        powers += variance**2 / count
    widened = 1.0 if METRICS[name].needs is Needs.LABELS else _widened(case)
    assert interval.se == pytest.approx(math.sqrt(variance * widened), rel=1e-5)
    kurtosis = powers / variance**2
    assert interval.df == pytest.approx(2 / (kurtosis - 1 / count), rel=1e-4)


@pytest.mark.parametrize(("task", "name"), EVERY_METRIC)
def test_weights_of_one_are_no_weights(task: Task, name: str) -> None:
    """Proportions alone change: a weighted one has no counts, so it takes the t interval."""
    case = case_of(task, 90, seed=3)
    plain = interval_of(compared(case, name), name)
    weighted = interval_of(compared(case, name, weight=np.ones(90)), name)
    if plain.method in {"score", "mover"}:
        two_answers = task is Task.BINARY or name == "top_k_accuracy"
        assert weighted.method == ("cells" if two_answers else "influence")
        assert ends_of(weighted) == pytest.approx(ends_of(plain), abs=0.03)
    else:
        assert weighted == plain


def _widened(case: tuple[Target, Predictions, Predictions]) -> float:
    """Two rows more of those that differ, unless all rows do."""
    _, one, other = case
    said = (one.scores, other.scores) if one.values is None else (one.values, other.values)
    differ = np.asarray(said[0] != said[1]).reshape(len(case[0].values), -1).any(axis=1)
    return float(1 + 2 / differ.sum() * (1 - differ.mean()))


def _with_half_rows(case: Case) -> Case:
    target, candidate, baseline = case
    assert candidate.labels is not None
    assert baseline.labels is not None
    return (
        target_of(Task.BINARY, np.append(target.values, [0, 0, 1, 1])),
        Predictions(labels=np.append(candidate.labels, [0, 1, 0, 1])),
        Predictions(labels=np.append(baseline.labels, [1, 0, 1, 0])),
    )


def _unseen(name: str, case: Case, weight: Float) -> float:
    """How far one row's change to its worst other label moves the metric: root mean square."""
    target, *models = case
    step, moved = 1e-7, []
    for model in models:
        assert model.labels is not None
        before = sklearn_value(name, target, model, weight)
        slope = np.empty((4, 4))
        for truth, label in np.ndindex(4, 4):
            longer = target_of(Task.MULTICLASS, np.append(target.values, truth), 4)
            one_more = Predictions(labels=np.append(model.labels, label))
            after = sklearn_value(name, longer, one_more, np.append(weight, step))
            slope[truth, label] = (after - before) / step
        farthest = np.abs(slope[:, :, None] - slope[:, None, :]).max(axis=2)
        moved.append(farthest[target.values, model.labels] * weight)
    return math.sqrt(float((np.concatenate(moved) ** 2).mean()))


def _derivatives(name: str, case: Case, weight: Float) -> Float:
    target, candidate, baseline = case

    def difference(weight: Float) -> float:
        ours = sklearn_value(name, target, candidate, weight)
        return ours - sklearn_value(name, target, baseline, weight)

    step, before = 1e-6, difference(weight)
    moved = weight * (1 + step * np.eye(len(weight)))
    return np.array([(difference(row) - before) / step for row in moved])


@pytest.mark.parametrize(("task", "name"), EVERY_INTERVAL)
def test_an_interval_holds_its_difference_and_stays_inside_the_range(task: Task, name: str) -> None:
    row = row_of(compared(case_of(task, 400, seed=5), name), name)
    assert row.interval is not None
    assert row.interval.standing is Standing.SETTLES
    low, high = ends_of(row.interval)
    assert row.diff is not None
    assert low < row.diff < high
    if row.metric.lowest is not None and row.metric.highest is not None:
        assert high - low <= 2 * (row.metric.highest - row.metric.lowest)


@pytest.mark.parametrize(("task", "name"), EVERY_INTERVAL)
def test_swapped_models_negate_the_interval(task: Task, name: str) -> None:
    target, one, other = case_of(task, 90, seed=6)
    low, high = ends_of(interval_of(compared((target, one, other), name), name))
    swapped = ends_of(interval_of(compared((target, other, one), name), name))
    assert swapped == pytest.approx((-high, -low), abs=1e-12)


@pytest.mark.parametrize(("task", "name"), EVERY_INTERVAL)
def test_the_order_of_the_rows_does_not_matter(task: Task, name: str) -> None:
    target, one, other = case_of(task, 90, seed=7)
    order = np.random.default_rng(8).permutation(90)
    mixed = (
        replace(target, values=target.values[order]),
        _shuffled(one, order),
        _shuffled(other, order),
    )
    before = ends_of(interval_of(compared((target, one, other), name), name))
    assert ends_of(interval_of(compared(mixed, name), name)) == pytest.approx(before, abs=1e-12)


def _shuffled(model: Predictions, order: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Predictions:
    return replace(
        model,
        labels=None if model.labels is None else model.labels[order],
        scores=None if model.scores is None else model.scores[order],
        values=None if model.values is None else model.values[order],
    )


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.booleans(), st.integers(0, 10), st.integers(0, 10)), min_size=1, max_size=60
    )
)
def test_no_binary_interval_of_two_different_models_has_zero_width(
    rows: list[tuple[bool, int, int]],
) -> None:
    """A zero-width interval would settle any margin, which no sample can."""
    truth = np.array([int(row[0]) for row in rows], dtype=np.int64)
    one, other = (np.array([row[which] / 10 for row in rows]) for which in (1, 2))
    comparison = compared((target_of(Task.BINARY, truth), binary(one), binary(other)))
    for row in comparison.rows:
        assert row.candidate is None or math.isfinite(row.candidate)
        assert row.interval is not None
        if row.interval.standing is not Standing.NOT_ESTIMABLE:
            low, high = ends_of(row.interval)
            assert high - low > 1e-6


@pytest.mark.parametrize("task", list(Task))
def test_one_file_asked_twice_is_identical_in_every_metric(task: Task) -> None:
    target, model, _ = case_of(task, 40, seed=9)
    for row in compared((target, model, replace(model)), same_model=True).rows:
        assert row.diff == 0.0
        assert row.interval == Interval(
            method="identical",
            standing=Standing.SETTLES,
            low=0.0,
            high=0.0,
            note="the two models are the same file",
        )


@pytest.mark.parametrize("task", list(Task))
def test_two_files_that_answer_alike_on_every_row_keep_a_width_or_have_none(task: Task) -> None:
    """Rows on which nothing differs say how rare a difference is, not that there is none."""
    target, model, _ = case_of(task, 400, seed=9)
    for row in compared((target, model, replace(model))).rows:
        assert row.diff == 0.0
        assert row.interval is not None
        assert row.interval.method != "identical"
        unbounded = row.metric.lowest is None or row.metric.highest is None
        if row.interval.standing is Standing.NOT_ESTIMABLE:
            assert unbounded
            continue
        low, high = ends_of(row.interval)
        assert -low == pytest.approx(high)
        assert high > 2 / 400


@pytest.mark.parametrize("task", list(Task))
def test_scores_that_agree_to_the_last_bit_on_every_row_are_identical(task: Task) -> None:
    target, model, _ = case_of(task, 400, seed=9)
    raw = model.values if model.scores is None else model.scores
    assert raw is not None
    one, other = replace(model, raw_scores=raw), replace(model, raw_scores=np.copy(raw))
    for row in compared((target, one, other)).rows:
        assert row.interval is not None
        assert row.interval.method == "identical"
        assert ends_of(row.interval) == (0.0, 0.0)
        assert row.note == "the two models give the same scores on every row"


def test_one_score_in_one_bit_is_enough_to_be_another_model() -> None:
    target, model, _ = binary_case(400, seed=9)
    assert model.scores is not None
    raw = model.scores.copy()
    raw[17] = np.nextafter(raw[17], 1.0)
    other = replace(model, raw_scores=raw)
    one = replace(model, raw_scores=model.scores)
    assert interval_of(compared((target, one, other), "accuracy"), "accuracy").method == "score"


def test_scores_of_two_values_are_labels_by_another_name() -> None:
    target, model, _ = binary_case(400, seed=9)
    assert model.labels is not None
    hard = replace(model, raw_scores=model.labels.astype(np.float64))
    assert interval_of(compared((target, hard, hard), "accuracy"), "accuracy").method == "score"


def test_equal_labels_with_other_scores_are_not_identical() -> None:
    """No discordant row in 100 is evidence, not proof: the score interval is ±3.8 / n."""
    target, model, _ = binary_case(100, seed=10)
    assert model.scores is not None
    other = replace(model, scores=model.scores * 0.999)
    comparison = compared((target, model, other))
    accuracy = interval_of(comparison, "accuracy")
    assert accuracy.counts == (0.0, 0.0, 100.0)
    assert ends_of(accuracy) == pytest.approx((-0.037, 0.037), abs=0.0001)
    assert accuracy.note == "rests on 0 rows that the two models differ on"
    low, high = ends_of(interval_of(comparison, "f1"))
    assert -low == pytest.approx(high)
    assert high > 0.037


def test_an_unchanged_order_gives_auc_the_width_of_two_rows_of_the_smaller_class() -> None:
    target, model, _ = binary_case(400, seed=11)
    assert model.scores is not None
    other = replace(model, scores=model.scores * 0.999)
    interval = interval_of(compared((target, model, other), "roc_auc"), "roc_auc")
    smaller = min(int(target.values.sum()), int((1 - target.values).sum()))
    assert interval.se == pytest.approx(math.sqrt(2) / smaller)
    assert interval.df == 4.0


def test_an_unchanged_order_of_weighted_rows_counts_the_heaviest() -> None:
    target, model, _ = binary_case(400, seed=11)
    assert model.scores is not None
    other = replace(model, scores=model.scores * 0.999)
    weight = np.ones(400)
    weight[0] = 5.0
    case = (target, model, other)
    plain = interval_of(compared(case, "roc_auc"), "roc_auc")
    weighted = interval_of(compared(case, "roc_auc", weight=weight), "roc_auc")
    assert plain.se is not None
    assert weighted.se == pytest.approx(plain.se * 5 / weight.mean())


def test_models_that_differ_by_the_same_on_every_row_have_no_interval() -> None:
    truth = np.arange(100.0)
    case = (target_of(Task.REGRESSION, truth), numbers(truth + 1.0), numbers(truth + 3.0))
    row = row_of(compared(case, "mean_absolute_error"), "mean_absolute_error")
    assert row.diff == -2.0
    assert row.interval == Interval(
        method="influence",
        standing=Standing.NOT_ESTIMABLE,
        note="the difference does not vary between these rows",
    )


def test_multiclass_labels_that_agree_on_every_row_still_get_a_width() -> None:
    target, model, _ = multiclass_case(200, seed=12)
    assert model.scores is not None
    other = replace(model, scores=model.scores**1.01)
    for weight in (None, np.full(200, 2.0)):
        comparison = compared((target, model, other), "f1_macro", weight=weight)
        interval = interval_of(comparison, "f1_macro")
        low, high = ends_of(interval)
        assert high == -low
        assert 0.005 < high < 0.1
        assert interval.note == "rests on 0 rows that the two models differ on"


def test_very_few_rows_of_a_class_have_no_ranking_interval() -> None:
    truth = np.zeros(200, np.int64)
    truth[:9] = 1
    draw = np.random.default_rng(13)
    case = (target_of(Task.BINARY, truth), binary(draw.random(200)), binary(draw.random(200)))
    for name, method in (("roc_auc", "delong"), ("average_precision", "influence")):
        row = row_of(compared(case, name), name)
        assert row.candidate is not None
        assert row.interval == Interval(
            method=method,
            standing=Standing.NOT_ESTIMABLE,
            note="only 9 rows of the smaller class",
        )


def test_few_rows_of_a_class_may_fail_but_not_pass() -> None:
    truth = np.ones(200, np.int64)
    truth[:19] = 0
    draw = np.random.default_rng(14)
    case = (target_of(Task.BINARY, truth), binary(draw.random(200)), binary(draw.random(200)))
    interval = interval_of(compared(case, "roc_auc"), "roc_auc")
    assert interval.standing is Standing.MAY_FAIL
    assert interval.note == "only 19 rows of the smaller class"
    truth[19] = 0
    interval = interval_of(compared(case, "roc_auc"), "roc_auc")
    assert (interval.standing, interval.note) == (Standing.SETTLES, "")


@pytest.mark.parametrize(("n", "standing"), [(50, Standing.MAY_FAIL), (51, Standing.SETTLES)])
def test_a_loss_on_fifty_rows_may_fail_but_not_pass(n: int, standing: Standing) -> None:
    for case, name in (
        (binary_case(n, seed=15), "log_loss"),
        (regression_case(n, seed=15), "root_mean_squared_error"),
    ):
        interval = interval_of(compared(case, name), name)
        assert interval.standing is standing
        assert interval.note == ("only 50 rows" if n == 50 else "")


@pytest.mark.parametrize(("differing", "standing"), [(29, "may_fail"), (30, "settles")])
def test_a_loss_that_few_rows_decide_may_fail_but_not_pass(differing: int, standing: str) -> None:
    """The dear ones among them may not be in the sample."""
    target, model, _ = regression_case(1000, seed=15)
    assert model.values is not None
    values = model.values.copy()
    values[:differing] += 1
    for name in ("mean_absolute_error", "root_mean_squared_error"):
        interval = interval_of(compared((target, numbers(values), model), name), name)
        assert interval.standing == standing
    assert "rests on 29 rows" in interval.note or differing == 30


@pytest.mark.parametrize(("differing", "standing"), [(5, "may_fail"), (6, "settles")])
def test_an_average_precision_that_few_rows_decide_may_fail_but_not_pass(
    differing: int, standing: str
) -> None:
    target, model, _ = binary_case(300, seed=16)
    assert model.scores is not None
    scores = model.scores.copy()
    scores[:differing] = 1 - scores[:differing]
    row = row_of(
        compared((target, binary(scores), model), "average_precision"), "average_precision"
    )
    assert row.interval is not None
    assert row.interval.standing == standing


def test_few_discordant_rows_are_noted() -> None:
    target, model, _ = binary_case(300, seed=16)
    assert model.labels is not None
    assert model.scores is not None
    labels, scores = model.labels.copy(), model.scores.copy()
    labels[:5], scores[:5] = 1 - labels[:5], 1 - scores[:5]
    other = replace(model, labels=labels, scores=scores)
    for row in compared((target, model, other), "f1", "accuracy", "log_loss", "roc_auc").rows:
        assert row.note == "rests on 5 rows that the two models differ on"
    labels[1:], scores[1:] = model.labels[1:], model.scores[1:]
    assert row_of(compared((target, model, other), "f1"), "f1").note == (
        "rests on 1 row that the two models differ on"
    )


def test_a_metric_that_scikit_learn_only_warns_about_has_no_value() -> None:
    truth = np.array([0, 1] * 20, dtype=np.int64)
    never = binary(np.full(40, 0.1))
    fine = binary(np.linspace(0, 1, 40))
    row = row_of(compared((target_of(Task.BINARY, truth), never, fine), "precision"), "precision")
    note = "candidate: the positive class is never predicted"
    assert row == ComparisonRow(
        metric=METRICS["precision"],
        slice=None,
        n=40,
        candidate=None,
        baseline=0.5,
        interval=Interval(method="influence", standing=Standing.NOT_ESTIMABLE, note=note),
        note=note,
    )
    row = row_of(compared((target_of(Task.BINARY, truth), fine, never), "precision"), "precision")
    assert row.note == "baseline: the positive class is never predicted"


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("balanced_accuracy", "the rows hold fewer than two classes"),
        ("recall", "no row is of the positive class"),
        ("recall_macro", "a class that is predicted has no rows"),
        ("roc_auc", "the rows hold only one class"),
        ("average_precision", "the rows hold only one class"),
    ],
)
def test_one_class_defines_neither_ranking_nor_recall(name: str, note: str) -> None:
    scores = np.append(np.full(19, 0.2), 0.9)
    case = (target_of(Task.BINARY, np.zeros(20, np.int64)), binary(scores), None)
    row = row_of(compared(case, name), name)
    assert (row.candidate, row.note) == (None, note)


def test_f1_without_a_positive_anywhere_has_no_value() -> None:
    case = (target_of(Task.BINARY, np.zeros(20, np.int64)), binary(np.zeros(20)), None)
    row = row_of(compared(case, "f1"), "f1")
    assert (row.candidate, row.note) == (None, "the class is neither in the data nor predicted")
    row = row_of(compared(case, "precision_macro"), "precision_macro")
    assert row.candidate == 1.0


def test_a_class_that_is_never_predicted_leaves_macro_precision_undefined() -> None:
    target, model, _ = multiclass_case(60, seed=17)
    assert model.labels is not None
    collapsed = replace(model, labels=np.where(model.labels == 3, 0, model.labels))
    row = row_of(compared((target, collapsed, model), "precision_macro"), "precision_macro")
    assert row.note == "candidate: a class that is there is never predicted"
    f1 = row_of(compared((target, collapsed, model), "f1_macro"), "f1_macro")
    assert f1.candidate == pytest.approx(sklearn_value("f1_macro", target, collapsed), abs=1e-9)


def test_a_constant_model_has_a_correlation_of_zero() -> None:
    """scikit-learn says 0 without a warning, so a collapsed model fails and is not unknown."""
    target, model, _ = binary_case(100, seed=18)
    constant = binary(np.full(100, 0.9))
    row = row_of(compared((target, constant, model), "matthews_corrcoef"), "matthews_corrcoef")
    assert row.candidate == 0.0
    assert row.interval is not None
    assert ends_of(row.interval)[1] < 0
    target, model, _ = multiclass_case(100, seed=18)
    constant = replace(model, labels=np.zeros(100, np.int64))
    row = row_of(compared((target, constant, model), "matthews_corrcoef"), "matthews_corrcoef")
    assert row.candidate == 0.0
    assert row.interval is not None
    assert row.interval.standing is Standing.NOT_ESTIMABLE


def test_averages_over_different_classes_are_not_compared() -> None:
    target, model, other = multiclass_case(60, seed=19)
    assert other.labels is not None
    without = target_of(Task.MULTICLASS, np.where(target.values == 3, 0, target.values), 4)
    labels = np.where(other.labels == 3, 0, other.labels)
    row = row_of(compared((without, model, replace(other, labels=labels)), "f1_macro"), "f1_macro")
    assert row.diff is not None
    assert row.note == "the two models' averages do not cover the same classes"


def test_macro_averages_of_rows_of_one_class_are_not_compared() -> None:
    draw = np.random.default_rng(20)
    case = (
        target_of(Task.BINARY, np.zeros(40, np.int64)),
        binary(draw.random(40)),
        binary(draw.random(40)),
    )
    assert row_of(compared(case, "f1_macro"), "f1_macro").note == "the rows hold only one class"


def test_a_missing_class_leaves_one_vs_rest_undefined() -> None:
    target, model, _ = multiclass_case(60, seed=21)
    without = target_of(Task.MULTICLASS, np.where(target.values == 3, 0, target.values), 4)
    row = row_of(compared((without, model, None), "roc_auc_ovr"), "roc_auc_ovr")
    assert (row.candidate, row.note) == (None, "the rows hold none of 1 of the 4 classes")


@pytest.mark.parametrize("name", ["r2", "explained_variance"])
def test_a_constant_target_has_no_explained_share(name: str) -> None:
    case = (target_of(Task.REGRESSION, np.full(9, 0.1)), numbers(np.arange(9.0)), None)
    row = row_of(compared(case, name), name)
    assert (row.candidate, row.note) == (None, "the target is the same on every row")


def test_a_model_without_any_error_has_a_value_but_no_interval() -> None:
    truth = np.arange(60.0)
    case = (target_of(Task.REGRESSION, truth), numbers(truth), numbers(truth**1.1))
    row = row_of(compared(case, "root_mean_squared_error"), "root_mean_squared_error")
    assert row.candidate == 0.0
    assert row.note == "the metric does not vary smoothly here"


@pytest.mark.parametrize(
    ("name", "model", "note"),
    [
        ("accuracy", Predictions(), "the model gives no class labels"),
        ("roc_auc", Predictions(), "the model gives no scores"),
        ("log_loss", Predictions(scores=np.zeros(4)), "the model's scores are no probabilities"),
        (
            "roc_auc",
            Predictions(scores=np.full(4, np.nan)),
            "the model gives scores that are not finite",
        ),
    ],
)
def test_what_a_model_does_not_give_is_said(name: str, model: Predictions, note: str) -> None:
    target = target_of(Task.BINARY, np.array([0, 1, 0, 1]))
    row = row_of(compared((target, model, None), name), name)
    assert (row.candidate, row.note) == (None, note)
    against = row_of(compared((target, binary(np.array([0.1, 0.9, 0.2, 0.4])), model), name), name)
    assert against.baseline is None
    assert against.candidate is not None
    assert against.note == f"baseline: {note}"


@pytest.mark.parametrize(
    ("model", "note"),
    [
        (Predictions(), "the model gives no numbers"),
        (numbers(np.array([1.0, np.inf])), "the model gives numbers that are not finite"),
    ],
)
def test_numbers_that_are_not_there_are_said(model: Predictions, note: str) -> None:
    case = (target_of(Task.REGRESSION, np.array([1.0, 2.0])), model, None)
    for name in ("root_mean_squared_error", "r2"):
        assert row_of(compared(case, name), name).note == note


def test_a_baseline_without_a_value_is_not_explained_by_a_note_on_the_candidate() -> None:
    """A target near zero is worth a note where there is a value, and no reason for having none."""
    truth = np.append(np.full(39, 100.0), 1e-3)
    case = target_of(Task.REGRESSION, truth), numbers(truth + 1), numbers(truth * np.nan)
    name = "mean_absolute_percentage_error"
    alone = row_of(compared((*case[:2], None), name), name)
    assert alone.note == "1 row makes more than half of it: its target is near zero"
    row = row_of(compared(case, name), name)
    assert (row.candidate, row.baseline) == (alone.candidate, None)
    assert row.note == "baseline: the model gives numbers that are not finite"


def test_rows_without_any_weight_have_no_value() -> None:
    for task in Task:
        for row in compared(case_of(task, 30, seed=22), weight=np.zeros(30)).rows:
            assert (row.candidate, row.baseline) == (None, None)
            assert row.note


def test_without_a_baseline_only_the_candidate_has_values() -> None:
    target, model, _ = binary_case(50, seed=23)
    comparison = compared((target, model, None), "accuracy")
    assert comparison.disagreement is None
    assert comparison.rows == (
        ComparisonRow(
            metric=METRICS["accuracy"],
            slice=None,
            n=50,
            candidate=sklearn_value("accuracy", target, model),
        ),
    )


def test_rows_come_overall_first_then_slice_by_slice() -> None:
    case = binary_case(200, seed=24)
    inside = np.arange(200) % 4 == 0
    first, second, empty = Slice(by=(("sex", "f"),)), Slice(where="age > 60"), Slice(where="no")
    slices = (
        SliceRows(slice=first, rows=inside, judged=True),
        SliceRows(slice=second, rows=~inside, judged=False),
        SliceRows(slice=empty, rows=np.zeros(200, bool), judged=True, required=True),
    )
    comparison = compared(case, "f1", "log_loss", slices=slices)
    assert [(row.slice, row.metric.name, row.n) for row in comparison.rows] == [
        (None, "f1", 200),
        (None, "log_loss", 200),
        (first, "f1", 50),
        (first, "log_loss", 50),
        (second, "f1", 150),
        (second, "log_loss", 150),
        (empty, "f1", 0),
        (empty, "log_loss", 0),
    ]
    target, one, other = case
    alone = compared(
        (
            target_of(Task.BINARY, target.values[inside]),
            _shuffled(one, np.flatnonzero(inside)),
            _shuffled(other, np.flatnonzero(inside)),
        ),
        "f1",
    )
    assert comparison.rows[2] == replace(alone.rows[0], slice=first)
    assert comparison.rows[6].note == "there are no rows"


def test_the_comparison_says_what_it_rests_on() -> None:
    case = binary_case(200, seed=25)
    units = np.arange(200) // 4
    comparison = compared(
        case, "f1", units=units, weight=np.ones(200), evidence=Evidence(unit="customer|id")
    )
    assert comparison.n_rows == 200
    assert comparison.confidence == 0.95
    assert comparison.disagreement == pytest.approx(np.mean(case[1].labels != case[2].labels))
    assert comparison.notes == (
        "rows are counted by 50 independent units of 'customer|id'",
        "rows are weighted",
    )
    in_time = compared(case, "f1", time_order=np.arange(200), evidence=Evidence(time="day"))
    assert in_time.notes == ("rows are counted by 20 blocks of time along 'day'",)


def test_metrics_of_another_task_are_left_out() -> None:
    assert compared(binary_case(30, seed=26), "r2", "roc_auc_ovr").rows == ()


def test_a_unit_and_a_time_together_are_a_wrong_setup() -> None:
    with pytest.raises(SettingsError, match="both a unit and a time"):
        compared(binary_case(30, seed=27), "f1", units=np.arange(30), time_order=np.arange(30))


def test_a_lower_confidence_narrows_every_interval() -> None:
    case = binary_case(200, seed=28)
    wide, narrow = compared(case), compared(case, evidence=Evidence(confidence=0.9))
    for one, other in zip(wide.rows, narrow.rows, strict=True):
        assert one.interval is not None
        assert other.interval is not None
        assert ends_of(one.interval)[0] < ends_of(other.interval)[0]
        assert ends_of(other.interval)[1] < ends_of(one.interval)[1]


@pytest.mark.parametrize("task", list(Task))
def test_rows_of_no_weight_are_no_rows(task: Task) -> None:
    """They are no class, no discordant cell, and no evidence that models agree."""
    n = 120
    target, one, other = case_of(task, 3 * n, seed=21)
    weight = np.where(np.arange(3 * n) < n, 1.0, 0.0)
    first = np.arange(n)
    short = (
        replace(target, rows=target.rows[:n], values=target.values[:n]),
        _shuffled(one, first),
        _shuffled(other, first),
    )
    long = compared((target, one, other), weight=weight)
    assert long.rows == compared(short, weight=np.ones(n)).rows


def test_a_correlation_says_nothing_of_rows_of_one_class() -> None:
    target, one, other = binary_case(200, seed=22)
    part = SliceRows(slice=Slice(where="x"), rows=target.values == 0, judged=True)
    row = compared((target, one, other), "matthews_corrcoef", slices=[part]).rows[1]
    assert row.interval is not None
    assert row.interval.note == "the rows hold only one class"


@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_a_slice_is_compared_as_its_rows_alone_would_be(task: Task, *, weighted: bool) -> None:
    n = 240
    target, one, other = case_of(task, n, seed=31)
    draw = np.random.default_rng(32)
    units, codes = draw.integers(0, 80, n), draw.integers(0, 2, n)
    weight = draw.integers(0, 3, n).astype(np.float64) if weighted else None
    slices = [
        SliceRows(slice=Slice(where=f"x == {code}"), rows=codes == code, judged=True)
        for code in range(2)
    ]
    together = compared((target, one, other), slices=slices, units=units, weight=weight)
    for part in slices:
        index = np.flatnonzero(part.rows)
        rows = replace(target, rows=target.rows[index], values=target.values[index])
        alone = compared(
            (rows, _shuffled(one, index), _shuffled(other, index)),
            units=units[index],
            weight=None if weight is None else weight[index],
        )
        inside = [row for row in together.rows if row.slice == part.slice]
        assert [row.metric.name for row in inside] == [row.metric.name for row in alone.rows]
        for row, expected in zip(inside, alone.rows, strict=True):
            assert (row.candidate, row.baseline) == (expected.candidate, expected.baseline)
            assert row.interval == expected.interval


@pytest.mark.parametrize("task", [Task.BINARY, Task.MULTICLASS])
def test_intervals_of_label_metrics_do_not_depend_on_the_unit_of_the_weights(task: Task) -> None:
    """Fourth powers of small weights do not fit a float."""
    names = [metric.name for metric in metrics_of(task) if metric.needs is Needs.LABELS]
    case = case_of(task, 90, seed=33)
    weight = np.random.default_rng(34).uniform(0.5, 2, 90)
    plain = compared(case, *names, weight=weight)
    small = compared(case, *names, weight=weight * 2.0**-300)
    for one, other in zip(plain.rows, small.rows, strict=True):
        assert one.interval is not None
        assert other.interval is not None
        assert (other.interval.se, other.interval.df) == (one.interval.se, one.interval.df)


@pytest.mark.parametrize("seed", range(4))
def test_weights_give_no_slope_to_the_correlation_of_a_constant(seed: int) -> None:
    """Sums of weights miss by a rounding what makes it undefined, and the rest would be noise."""
    weight = np.random.default_rng(seed).uniform(0.2, 3, 120)
    target, model, _ = multiclass_case(120, seed=seed)
    constant = replace(model, labels=np.zeros(120, np.int64))
    case = (target, model, constant)
    interval = interval_of(compared(case, "matthews_corrcoef", weight=weight), "matthews_corrcoef")
    assert interval.note == "a model that gives one class alone has no interval"
    target, model, _ = binary_case(120, seed=seed)
    case = (target, model, binary(np.full(120, 0.9)))
    interval = interval_of(compared(case, "matthews_corrcoef", weight=weight), "matthews_corrcoef")
    assert interval.standing is Standing.SETTLES
    assert interval.baseline_variance is None


def test_a_class_that_only_the_truth_lacks_warns_of_nothing() -> None:
    """Slopes without end, less one another, are no number: they are looked at before."""
    target, model, _ = multiclass_case(60, seed=35)
    case = (target, replace(model, labels=np.zeros(60, np.int64)), model)
    for row in compared(case, "matthews_corrcoef", "accuracy", "f1_macro").rows:
        assert row.candidate is not None
