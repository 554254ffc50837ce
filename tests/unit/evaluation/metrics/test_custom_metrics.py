from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, t

from mlci_action.domain.comparison import ComparisonRow, Interval, Standing
from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import Direction, Metric, Needs
from mlci_action.domain.metrics import METRICS, custom_metric
from mlci_action.domain.slices import Slice
from mlci_action.errors import DatasetError
from mlci_action.evaluation.evaluate import Evaluated, evaluate
from mlci_action.evaluation.intervals.methods import not_estimable
from mlci_action.evaluation.metrics.custom_metrics import (
    CustomAnswer,
    CustomQuestion,
    CustomValues,
    bootstrap_levels,
    class_values,
    custom_rows,
    fitted_to,
)
from mlci_action.evaluation.reading.dependence import blocks_in_time, units_of
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions, SliceRows
from mlci_action.evaluation.scored_rows import (
    Question,
    ScoredRows,
    paired_rows,
    read_truth,
    scored_rows,
)
from tests.unit.evaluation.cases import binary_case

COST = custom_metric(
    "costs.py:cost", name="cost", direction=Direction.LOWER_IS_BETTER, needs=Needs.LABELS
)
TARGET, ONE, OTHER = binary_case(400, seed=2)
NONE_THE_SAME = dict.fromkeys(Needs, "")
ANSWER = CustomAnswer(
    overall=CustomValues(candidate=3.0, baseline=3.5), low=-1.0, high=0.25, resamples=2000
)


def rows_of(candidate: Predictions = ONE, **fields: Any) -> PairedRows:  # noqa: ANN401
    scored = ScoredRows(target=TARGET, frame=pd.DataFrame(), labels=pd.Series(TARGET.values))
    return replace(paired_rows(scored, candidate, OTHER, Evidence()), **fields)


def row(
    answer: CustomAnswer,
    *,
    rows: PairedRows | None = None,
    same: Mapping[Needs, str] = NONE_THE_SAME,
) -> ComparisonRow:
    question = CustomQuestion(
        metrics=(COST,), rows=rows or rows_of(), classes=None, frame=pd.DataFrame()
    )
    return custom_rows(question, {"cost": answer}, [], same).rows["cost", None]


def interval(answer: CustomAnswer, **fields: Any) -> Interval:  # noqa: ANN401
    found = row(answer, **fields).interval
    assert found is not None
    return found


def test_values_and_interval_come_from_the_answer() -> None:
    assert row(ANSWER) == ComparisonRow(
        metric=COST,
        slice=None,
        n=400,
        candidate=3.0,
        baseline=3.5,
        diff=-0.5,
        interval=Interval(
            method="bootstrap",
            standing=Standing.SETTLES,
            low=-1.0,
            high=0.25,
            note="2,000 resamples",
        ),
        note="2,000 resamples",
    )


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (replace(ANSWER, low=None, high=None, resamples=499), "only 499 resamples were drawn"),
        (
            replace(ANSWER, low=None, high=None, resamples=700, without=21),
            "it has no value on 21 of 700 resamples",
        ),
        (replace(ANSWER, low=-0.5, high=-0.5), "the difference does not vary between resamples"),
        (
            replace(ANSWER, low=-0.5, high=-0.5 + 1e-16),
            "the difference does not vary between resamples",
        ),
    ],
)
def test_an_interval_that_says_nothing_is_none(answer: CustomAnswer, why: str) -> None:
    """A width of zero would pass every margin."""
    found = interval(answer)
    assert (found.standing, found.low, found.high) == (Standing.NOT_ESTIMABLE, None, None)
    assert found.note.startswith(why)


@pytest.mark.parametrize("name", ["costs.py:cost", "cost"])
def test_a_metric_that_does_not_work_is_named_once(name: str) -> None:
    asked = custom_metric(
        "costs.py:cost", name=name, direction=Direction.LOWER_IS_BETTER, needs=Needs.LABELS
    )
    question = CustomQuestion(metrics=(asked,), rows=rows_of(), classes=None, frame=pd.DataFrame())
    said = {name: CustomAnswer(error="it raised KeyError: 'x'")}
    where = name if name == "costs.py:cost" else "cost (costs.py:cost)"
    broken = custom_rows(question, said, [], NONE_THE_SAME).broken
    assert broken == {name: f"{where} does not work: it raised KeyError: 'x'"}


@pytest.mark.parametrize(
    "overall",
    [
        CustomValues(candidate=4.0, baseline=3.5),
        CustomValues(candidate=1.0, baseline=3.5),
        CustomValues(candidate=1.7e308, baseline=-1.7e308),
    ],
)
def test_an_interval_beside_the_difference_is_none(overall: CustomValues) -> None:
    """What the function says of resamples would pass a loss that all rows show."""
    found = interval(replace(ANSWER, overall=overall))
    assert (found.standing, found.low, found.high) == (Standing.NOT_ESTIMABLE, None, None)
    assert found.note == "the difference lies outside what it is on resamples, which repeat rows"


def test_what_an_interval_lacks_is_said() -> None:
    answer = replace(ANSWER, resamples=1234, without=3, ignores=("sample_weight",))
    assert interval(answer, rows=rows_of(weight=np.ones(400))).note == (
        "1,234 of 2,000 resamples, for want of time, 3 of them without a value; "
        "it takes no sample_weight, so rows count the same"
    )


def test_fifty_rows_or_thirty_that_differ_may_fail_but_not_pass() -> None:
    few = rows_of().take(np.arange(50))
    assert interval(ANSWER, rows=few).standing is Standing.MAY_FAIL
    assert interval(ANSWER, rows=few).note == "only 50 rows; 2,000 resamples"
    assert OTHER.labels is not None
    for differing, standing in ((29, Standing.MAY_FAIL), (30, Standing.SETTLES)):
        labels = OTHER.labels.copy()
        labels[:differing] = 1 - labels[:differing]
        found = interval(ANSWER, rows=rows_of(replace(ONE, labels=labels)))
        assert found.standing is standing
    one = OTHER.labels.copy()
    one[0] = 1 - one[0]
    note = interval(ANSWER, rows=rows_of(replace(ONE, labels=one))).note
    assert note == "rests on 1 row that the two models differ on; 2,000 resamples"


def test_of_dependent_rows_the_units_that_differ_are_counted() -> None:
    """Sixty rows of six customers tell of six; where all twenty blocks of time differ, of time."""
    assert OTHER.labels is not None
    labels = OTHER.labels.copy()
    labels[:60] = 1 - labels[:60]
    rows = rows_of(replace(ONE, labels=labels))
    found = interval(ANSWER, rows=replace(rows, dependence=units_of(np.arange(400) // 10)))
    assert found.standing is Standing.MAY_FAIL
    assert found.note == "rests on 6 of 40 units, where the two models differ; 2,000 resamples"
    everywhere = rows_of(replace(ONE, labels=1 - OTHER.labels))
    in_time = replace(everywhere, dependence=blocks_in_time(np.arange(400)))
    assert interval(ANSWER, rows=in_time).standing is Standing.SETTLES


@pytest.mark.parametrize("needs", [Needs.SCORES, Needs.VALUES])
def test_rows_differ_by_what_the_metric_is_given(needs: Needs) -> None:
    """Of several probabilities one that differs is enough."""
    before = np.zeros((400, 3)) if needs is Needs.SCORES else np.zeros(400)
    after = before.copy()
    after[:2] = [0.0, 0.0, 1.0] if needs is Needs.SCORES else 1.0
    ours, theirs = (
        Predictions(scores=array) if needs is Needs.SCORES else Predictions(values=array)
        for array in (after, before)
    )
    question = CustomQuestion(
        metrics=(replace(COST, needs=needs),),
        rows=rows_of(ours, baseline=theirs),
        classes=None,
        frame=pd.DataFrame(),
    )
    found = custom_rows(question, {"cost": ANSWER}, [], NONE_THE_SAME).rows["cost", None]
    assert found.note == "rests on 2 rows that the two models differ on; 2,000 resamples"


def test_fewer_than_ten_units_say_nothing() -> None:
    rows = rows_of(dependence=units_of(np.arange(400) % 9))
    assert interval(ANSWER, rows=rows) == not_estimable("bootstrap", "only 9 independent units")


def test_one_model_asked_twice_differs_by_nothing() -> None:
    found = interval(ANSWER, same=NONE_THE_SAME | {Needs.LABELS: "the same file"})
    assert (found.method, found.low, found.high) == ("identical", 0.0, 0.0)


def test_a_value_that_is_missing_leaves_no_difference() -> None:
    said = CustomAnswer(overall=CustomValues(baseline=3.5, note="candidate: it returned nan"))
    assert row(said) == ComparisonRow(
        metric=COST,
        slice=None,
        n=400,
        candidate=None,
        baseline=3.5,
        interval=not_estimable("bootstrap", "candidate: it returned nan"),
        note="candidate: it returned nan",
    )


def test_without_a_baseline_there_is_a_value_and_nothing_to_compare() -> None:
    said = CustomAnswer(overall=CustomValues(candidate=3.0))
    assert row(said, rows=rows_of(baseline=None)) == ComparisonRow(
        metric=COST, slice=None, n=400, candidate=3.0
    )


@pytest.mark.parametrize("units", [20, 400])
def test_the_quantiles_reach_as_far_out_as_t_does(units: int) -> None:
    rows = rows_of(dependence=None if units == 400 else units_of(np.arange(400) % units))
    low, high = bootstrap_levels(rows, 0.95)
    reach = t(units - 1).ppf(0.975) * (units / (units - 1)) ** 0.5
    assert low == pytest.approx(norm.cdf(-reach))
    assert high == pytest.approx(1 - low)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (["no", "yes", "no"], ["no", "yes"]),
        ([5, 7, 5], [5, 7]),
        ([0.0, 1.0, 0.0], [0.0, 1.0]),
        ([False, True, False], [False, True]),
        (pd.Categorical(["no", "yes", "no"]), ["no", "yes"]),
        (np.array([5, "yes", 5], dtype=object), ["5", "yes"]),
    ],
)
def test_labels_are_spelled_as_the_data_spells_them(column: Any, expected: list[Any]) -> None:  # noqa: ANN401
    found = class_values(pd.Series(column), np.array([0, 1, 0]))
    assert found.tolist() == expected
    assert found.dtype.kind != "O"


NUMBERS = pd.Series(np.arange(30.0), name="y")
TEXTS = pd.Series(["a", "b"] * 15, name="y")


@pytest.mark.parametrize(
    ("metrics", "column", "needs"),
    [
        ((COST,), TEXTS, Needs.LABELS),
        ((COST,), NUMBERS, Needs.VALUES),
        ((COST,), NUMBERS % 20, Needs.LABELS),
        ((COST, METRICS["accuracy"]), NUMBERS, Needs.LABELS),
        ((COST, METRICS["r2"]), NUMBERS % 2, Needs.VALUES),
    ],
)
def test_a_custom_metric_reads_what_the_target_holds(
    metrics: tuple[Metric, ...], column: pd.Series[Any], needs: Needs
) -> None:
    """Built-in metrics say what that is, else the column does."""
    fitted = fitted_to(metrics, column)
    assert fitted[0].needs is needs
    assert fitted[1:] == metrics[1:]


def test_numbers_have_no_probabilities() -> None:
    with pytest.raises(DatasetError, match=r"metrics\.cost asks for probabilities"):
        fitted_to([replace(COST, needs=Needs.SCORES)], NUMBERS)


def evaluated(seen: list[CustomQuestion], **scored: Any) -> Evaluated:  # noqa: ANN401
    """What comes of two metrics, the first of them the user's own, answered for every slice."""

    def ask(question: CustomQuestion) -> dict[str, CustomAnswer]:
        seen.append(question)
        parts = tuple(CustomValues(candidate=float(len(p))) for p in question.slices)
        return {"cost": replace(ANSWER, slices=parts)}

    rows = ScoredRows(
        target=TARGET,
        frame=pd.DataFrame({"a": np.arange(400)}),
        labels=pd.Series(TARGET.values),
        **scored,
    )
    question = Question(metrics=(COST, METRICS["accuracy"]), evidence=Evidence(seed=9))
    return evaluate(question, rows, ONE, OTHER, ask_custom=ask)


def test_rows_without_weight_are_no_rows_of_a_custom_metric_either() -> None:
    weight = np.ones(400)
    weight[::4] = 0
    half = SliceRows(slice=Slice(where="a < 200"), rows=np.arange(400) < 200, judged=False)
    seen: list[CustomQuestion] = []

    found = evaluated(seen, weight=weight, slices=(half,))

    assert seen[0].rows.n == len(seen[0].frame) == 300
    assert seen[0].frame["a"].iloc[seen[0].slices[0]].max() == 199
    assert [(row.metric.name, row.n) for row in found.comparison.rows] == [
        ("cost", 300),
        ("accuracy", 300),
        ("cost", 150),
        ("accuracy", 150),
    ]
    assert found.comparison.rows[2].candidate == 150.0
    assert seen[0].seed == 9


def test_no_interval_is_asked_for_where_none_could_be_used() -> None:
    """Resampling takes time, which few units do not pay for."""
    seen: list[CustomQuestion] = []
    evaluated(seen)
    evaluated(seen, units=np.arange(400) % 9)
    assert seen[0].levels is not None
    assert seen[1].levels is None


def test_columns_of_weights_units_and_slices_are_read_from_the_scored_rows() -> None:
    frame = pd.DataFrame(
        {"y": ["a", None, "b", "b"], "w": [1, None, 2, 3], "who": ["x", "y", "x", "z"]}
    )
    truth = read_truth(frame["y"], positive="b", metrics=[METRICS["accuracy"]])
    question = Question(metrics=truth.metrics, sample_weight="w", evidence=Evidence(unit="who"))
    scored = scored_rows(question, truth, frame)
    assert scored.weight is not None
    assert scored.weight.tolist() == [1.0, 2.0, 3.0]
    assert scored.units is not None
    assert scored.units.tolist() == [0, 0, 1]
    assert scored.labels.tolist() == ["a", "b", "b"]


def test_without_custom_metrics_nobody_is_asked() -> None:
    def nobody(_question: CustomQuestion) -> dict[str, CustomAnswer]:
        raise AssertionError

    frame = pd.DataFrame(index=range(len(TARGET.values)))
    rows = ScoredRows(target=TARGET, frame=frame, labels=pd.Series(TARGET.values))
    question = Question(metrics=(METRICS["accuracy"],))
    assert evaluate(question, rows, ONE, OTHER, ask_custom=nobody).broken == ()
