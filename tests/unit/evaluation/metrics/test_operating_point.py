"""Labels at a threshold: a named one, and one that is tuned where it is not judged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from mlci_action.domain.comparison import ComparisonRow, Interval, Standing
from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import TUNED, Metric, Parameters, Task
from mlci_action.domain.metrics import METRICS
from mlci_action.domain.slices import Slice
from mlci_action.evaluation.compare import compare_models
from mlci_action.evaluation.metrics.operating_point import at_tuned_thresholds
from mlci_action.evaluation.reading.dependence import Dependence, blocks_in_time, units_of
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions, SliceRows, Target
from tests.unit.evaluation.cases import Float, Int, binary, binary_case, ends_of, target_of

Case = tuple[Target, Predictions, Predictions | None]


def at(threshold: float, function: str = "f1") -> Metric:
    return METRICS[function].asked_at(Parameters(threshold=threshold))


def row_of(
    case: Case, metric: Metric, *, seed: int = 0, weight: Float | None = None
) -> ComparisonRow:
    target, candidate, baseline = case
    return compare_models(
        target,
        candidate,
        baseline,
        metrics=[metric],
        evidence=Evidence(seed=seed),
        sample_weight=weight,
    ).rows[0]


def interval_of(row: ComparisonRow) -> Interval:
    assert row.interval is not None
    return row.interval


def rows_of(case: Case, dependence: Dependence | None = None) -> PairedRows:
    target, candidate, baseline = case
    return PairedRows(
        task=Task.BINARY,
        classes=("0", "1"),
        truth=target.values,
        candidate=candidate,
        baseline=baseline,
        weight=None,
        dependence=dependence,
        confidence=0.95,
    )


def tuned(rows: PairedRows, metric: Metric | None = None, *, seed: int = 0) -> PairedRows:
    return at_tuned_thresholds(rows, [metric or at(TUNED)], seed=seed)[0]


@pytest.mark.parametrize("threshold", [0.2, 0.35, 0.99])
def test_a_threshold_makes_labels_of_scores(threshold: float) -> None:
    """A score that is the threshold counts as positive."""
    case = binary_case(200, seed=1)
    target, candidate, baseline = case
    assert candidate.scores is not None
    row = row_of(case, at(threshold, "accuracy"))
    labels = candidate.scores >= threshold
    assert row.candidate == pytest.approx(sk.accuracy_score(target.values, labels))
    assert baseline.labels is not None
    same = replace(candidate, labels=1 - baseline.labels)
    assert row_of((target, same, baseline), at(threshold, "accuracy")) == row


@pytest.mark.parametrize("threshold", [0.4, TUNED])
@pytest.mark.parametrize(
    ("scores", "note"),
    [
        (None, "the model gives no scores"),
        (np.full(200, np.nan), "the model gives scores that are not finite"),
    ],
)
def test_a_threshold_needs_scores(threshold: float, scores: Float | None, note: str) -> None:
    """Every comparison with NaN is false, which would be a label."""
    target, model, _ = binary_case(200, seed=2)
    row = row_of((target, replace(model, scores=scores), None), at(threshold))
    assert (row.candidate, row.note) == (None, note)


@pytest.mark.parametrize("function", ["precision", "recall", "recall_macro", "precision_micro"])
def test_a_threshold_that_nothing_holds_back_cannot_be_tuned(function: str) -> None:
    with pytest.raises(ValueError, match=f"the threshold of {function} cannot be tuned"):
        at(TUNED, function)
    assert at(0.5, function).parameters.threshold == 0.5


@pytest.mark.parametrize("weight", [None, np.full(400, 2.5)], ids=["plain", "weighted"])
def test_a_tuned_threshold_is_the_middle_of_the_good_ones_of_the_other_half(
    weight: Float | None,
) -> None:
    target, model, _ = binary_case(400, seed=3)
    assert model.scores is not None
    block = np.arange(400) // 20 % 2
    rows = rows_of((target, model, None), blocks_in_time(np.arange(400)))
    chosen = tuned(replace(rows, weight=weight), at(TUNED, "accuracy")).candidate
    expected = tuple(
        _middle_of_the_good(target.values[block == other], model.scores[block == other])
        for other in (1, 0)
    )
    assert chosen.thresholds == expected
    assert chosen.labels is not None
    assert chosen.labels.tolist() == list(model.scores >= np.array(expected)[block])


def _middle_of_the_good(truth: Int, scores: Float) -> float:
    """One threshold after the other; the accuracy's standard error is a proportion's."""
    thresholds = [np.inf, *sorted(set(scores.tolist()), reverse=True)]
    shares = [sk.accuracy_score(truth, scores >= threshold) for threshold in thresholds]
    best = max(shares)
    error = (best * (1 - best) / len(truth)) ** 0.5
    good = [one for one, share in zip(thresholds, shares, strict=True) if share >= best - error]
    return float(good[len(good) // 2])


def test_no_row_is_judged_at_a_threshold_that_it_helped_to_choose() -> None:
    target, model, other = binary_case(400, seed=5)
    second = np.arange(400) // 20 % 2 == 1
    turned = replace(target, values=np.where(second, 1 - target.values, target.values))
    dependence = blocks_in_time(np.arange(400))
    before = tuned(rows_of((target, model, other), dependence))
    after = tuned(rows_of((turned, model, other), dependence))
    for one, two in ((before.candidate, after.candidate), (before.baseline, after.baseline)):
        assert one is not None
        assert two is not None
        assert one.labels is not None
        assert two.labels is not None
        assert (one.labels == two.labels)[second].all()
        assert not (one.labels == two.labels)[~second].all()


def test_a_unit_is_in_one_half() -> None:
    target, model, _ = binary_case(400, seed=6)
    assert model.scores is not None
    units = np.arange(400) // 8
    labelled = tuned(rows_of((target, model, None), units_of(units))).candidate
    low, high = sorted(labelled.thresholds)
    between = (model.scores >= low) & (model.scores < high)
    assert between.any()
    for unit in np.unique(units[between]):
        assert labelled.labels is not None
        assert len(np.unique(labelled.labels[between & (units == unit)])) == 1


def test_both_halves_hold_as_many_rows_of_a_rare_class() -> None:
    """Two positives: without care for the classes every other split would have an empty half."""
    truth = np.array([1, 1] + [0] * 98)
    model = binary(np.linspace(1, 0, 100))
    for seed in range(20):
        rows = rows_of((target_of(Task.BINARY, truth), model, None))
        assert len(tuned(rows, seed=seed).candidate.thresholds) == 2


def test_a_half_of_one_class_tunes_nothing() -> None:
    truth = np.array([1] + [0] * 99)
    row = row_of((target_of(Task.BINARY, truth), binary(np.linspace(1, 0, 100)), None), at(TUNED))
    note = "one half of the rows holds one class only, so no threshold can be tuned"
    assert (row.candidate, row.note) == (None, note)


def test_a_class_too_rare_is_best_never_predicted() -> None:
    """Accuracy is at its best without a positive where scores say nothing."""
    draw = np.random.default_rng(7)
    truth = (np.arange(400) % 50 == 0).astype(np.int64)
    rows = rows_of((target_of(Task.BINARY, truth), binary(draw.random(400)), None))
    labels = tuned(rows, at(TUNED, "accuracy")).candidate.labels
    assert labels is not None
    assert labels.mean() < 0.02


def test_the_seed_decides_the_halves() -> None:
    case = binary_case(300, seed=8)
    one, again, other = (row_of(case, at(TUNED), seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one.note != other.note


def test_the_thresholds_are_told() -> None:
    case = binary_case(300, seed=8)
    ours, theirs = (
        model.thresholds
        for model in (tuned(rows_of(case)).candidate, tuned(rows_of(case)).baseline)
        if model is not None
    )
    told = (
        f"thresholds {ours[0]:.3g} and {ours[1]:.3g} of the candidate, {theirs[0]:.3g} and "
        f"{theirs[1]:.3g} of the baseline, each tuned on the other half of the rows"
    )
    assert row_of(case, at(TUNED)).note == told
    alone = row_of((*case[:2], None), at(TUNED)).note
    assert alone == told.replace(told[told.index(", ") : told.index(", each")], "")


def test_an_interval_at_tuned_thresholds_is_wider_by_what_they_vary() -> None:
    case = binary_case(400, seed=9)
    for function in ("accuracy", "balanced_accuracy", "f1", "matthews_corrcoef"):
        seen = tuned(rows_of(case), at(TUNED, function))
        assert seen.baseline is not None
        row = row_of(case, at(TUNED, function))
        fixed = row_of((case[0], seen.candidate, seen.baseline), METRICS[function])
        assert (row.candidate, row.baseline) == (fixed.candidate, fixed.baseline)
        (low, high), (inner_low, inner_high) = (
            ends_of(interval_of(row)),
            ends_of(interval_of(fixed)),
        )
        assert low < inner_low < inner_high < high
        assert high - low < 2 * (inner_high - inner_low)


def test_thresholds_tuned_on_very_few_rows_settle_nothing() -> None:
    truth = np.zeros(300, np.int64)
    truth[:19] = 1
    draw = np.random.default_rng(10)
    case = (target_of(Task.BINARY, truth), binary(draw.random(300)), binary(draw.random(300)))
    interval = interval_of(row_of(case, at(TUNED)))
    assert interval.standing is Standing.NOT_ESTIMABLE
    assert interval.note == "only 19 rows of the smaller class, too few to tune a threshold on"
    truth[19] = 1
    assert interval_of(row_of(case, at(TUNED))).standing is Standing.SETTLES


def test_a_slice_is_judged_at_the_thresholds_of_all_rows() -> None:
    """One model runs at one operating point, whoever it is asked about."""
    target, one, other = binary_case(600, seed=11)
    inside = np.arange(600) % 3 == 0
    seen = tuned(rows_of((target, one, other)))
    row = compare_models(
        target,
        one,
        other,
        metrics=[at(TUNED)],
        slices=[SliceRows(slice=Slice(where="x"), rows=inside, judged=True)],
        evidence=Evidence(),
    ).rows[1]
    labels = seen.candidate.labels
    assert labels is not None
    assert row.candidate == pytest.approx(sk.f1_score(target.values[inside], labels[inside]))
    assert row.note.startswith("thresholds ")


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.booleans(), st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=120
    )
)
def test_whatever_the_rows_a_tuned_metric_has_a_width_or_says_why_not(
    rows: list[tuple[bool, int, int]],
) -> None:
    truth = np.array([row[0] for row in rows]).astype(np.int64)
    one, other = (binary(np.array([row[which] for row in rows]) / 8) for which in (1, 2))
    functions = ("accuracy", "balanced_accuracy", "f1", "jaccard", "matthews_corrcoef")
    for function in functions:
        row = row_of((target_of(Task.BINARY, truth), one, other), at(TUNED, function))
        if interval_of(row).standing is Standing.NOT_ESTIMABLE:
            assert row.note
        else:
            low, high = ends_of(interval_of(row))
            assert row.diff is not None
            assert low < row.diff < high


@pytest.mark.parametrize("seed", range(40))
def test_calling_all_rows_positive_is_never_the_best_correlation(seed: int) -> None:
    """It has none; sums of weights that rounding leaves must not make it an infinite one."""
    random = np.random.default_rng(seed)
    truth = np.arange(40) % 2
    scores = np.round(0.6 * truth + random.random(40), 2)
    rows = rows_of((target_of(Task.BINARY, truth), binary(scores), None))
    (tuned,) = at_tuned_thresholds(
        replace(rows, weight=10 * random.random(40)), [at(TUNED, "matthews_corrcoef")], seed=0
    )
    assert min(tuned.candidate.thresholds) > scores.min() + 0.1
