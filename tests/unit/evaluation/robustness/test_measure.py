"""Drops, flips and broken properties of models whose answers are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from mlci_action.domain.behaviour import Value
from mlci_action.domain.comparison import Standing
from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import TUNED, Direction, Needs, Parameters, Task
from mlci_action.domain.metrics import METRICS, custom_metric
from mlci_action.domain.robustness import (
    Monotonicity,
    Perturbation,
    PropertyLimits,
    RobustnessRow,
)
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import ModelOutput, Predictions
from mlci_action.evaluation.robustness.influences import moved
from mlci_action.evaluation.robustness.measure import Robustness
from mlci_action.evaluation.robustness.rises import BONFERRONI, Asked, _from_ends
from mlci_action.evaluation.robustness.sample import sample_of
from mlci_action.evaluation.scored_rows import Question, read_truth, scored_rows
from tests.unit.evaluation.robustness.cases import (
    INCOME,
    NOISE,
    SEX,
    Case,
    afraid_of_blanks,
    by_income,
    by_sex_too,
    only,
    people,
    scores,
)

_CASE = Case(frame=people(), asks=(NOISE,), candidate=by_income, baseline=by_income)
_UNCHANGED = "the answers are the same on every row"
_BLANKS = "fails in predict (ValueError: Input contains NaN)"


def _rows(found: Robustness) -> dict[str, RobustnessRow]:
    return {row.measure: row for row in found.rows}


def _ends(value: Value | None) -> tuple[float, float, float]:
    assert value is not None
    assert value.value is not None
    assert value.low is not None
    assert value.high is not None
    return value.low, value.value, value.high


def _numbers(frame: pd.DataFrame) -> ModelOutput:
    return ModelOutput(predictions=2 * frame["x"].fillna(0).to_numpy(float))


def _regression(n: int = 300) -> pd.DataFrame:
    draw = np.random.default_rng(5)
    x = draw.normal(size=n)
    return pd.DataFrame(
        {
            "x": x,
            "kind": draw.choice(["a", "b"], n),
            "loan": np.arange(n),
            "y": 2 * x + draw.normal(size=n),
        }
    )


_OF_NUMBERS = Case(
    frame=_regression(),
    asks=(NOISE,),
    candidate=_numbers,
    metrics=(METRICS["root_mean_squared_error"],),
    positive=None,
)


def test_a_drop_is_the_value_before_less_the_value_after() -> None:
    frame = people()
    made = _CASE.plan
    moved = frame.assign(income=made.variants[1].changed["income"])
    truth = frame["y"] == "yes"
    before, after = (
        roc_auc_score(truth, by_income(table).probabilities[:, 1])  # type: ignore[index]
        for table in (frame, moved)
    )
    low, value, high = _ends(_rows(_CASE.measured())["roc_auc"].candidate)
    assert value == pytest.approx(before - after)
    assert low < value < high


def test_what_grows_of_a_loss_is_a_drop_as_well() -> None:
    found = _rows(_OF_NUMBERS.measured())["root_mean_squared_error"].candidate
    low, value, high = _ends(found)
    assert 0 < low < value < high


def test_the_rows_say_how_it_was_done_and_their_number() -> None:
    rows = _CASE.but(metrics=(METRICS["roc_auc"], METRICS["accuracy"]), rows=100).measured().rows
    assert [(row.what, row.measure, row.n) for row in rows] == [
        ("noise", "roc_auc", 100),
        ("noise", "accuracy", 100),
        ("noise", "flips", 100),
    ]
    assert {row.detail for row in rows} == {"0.1 standard deviations: income, age; seed 0"}


def test_flips_are_labels_that_change() -> None:
    made = _CASE.plan
    frame = people()
    moved = frame.assign(income=made.variants[1].changed["income"])
    share = float((by_income(frame).predictions != by_income(moved).predictions).mean())
    low, value, high = _ends(_rows(_CASE.measured())["flips"].candidate)
    assert value == share > 0
    assert low < value < high


def test_a_model_that_does_not_look_loses_nothing() -> None:
    asks = only(Perturbation.SWAPPED, columns=("sex",))
    rows = _rows(_CASE.but(asks=(asks,)).measured())
    nothing = Value(value=0.0, low=0.0, high=0.0, note=_UNCHANGED)
    assert rows["roc_auc"].candidate == nothing
    assert rows["flips"].candidate == nothing
    still = Value(value=0.0, low=0.0, high=0.0, note="neither model's answers change")
    assert rows["roc_auc"].rise == still
    assert rows["flips"].rise == still


def test_neither_does_one_that_says_one_number() -> None:
    constant = _OF_NUMBERS.but(
        candidate=lambda frame: ModelOutput(predictions=np.full(len(frame), 1.5))
    )
    found = _rows(constant.measured())["root_mean_squared_error"].candidate
    assert found == Value(value=0.0, low=0.0, high=0.0, note=_UNCHANGED)


def test_labels_alone_that_stay_say_little_of_other_rows() -> None:
    def labels(frame: pd.DataFrame) -> ModelOutput:
        return ModelOutput(predictions=np.where(frame["flag"] == 1, "yes", "no"))

    case = _CASE.but(candidate=labels, baseline=None, metrics=(METRICS["accuracy"],))
    rows = _rows(case.measured())
    for measure in ("accuracy", "flips"):
        low, value, high = _ends(rows[measure].candidate)
        assert value == 0
        assert high > low


def test_a_rise_is_the_candidates_drop_less_the_baselines() -> None:
    asks = only(Perturbation.SWAPPED, columns=("sex",), share=0.5)
    metrics = (METRICS["log_loss"], METRICS["accuracy"])
    rows = _rows(_CASE.but(asks=(asks,), candidate=by_sex_too, metrics=metrics).measured())
    for measure in ("log_loss", "accuracy", "flips"):
        row = rows[measure]
        assert row.baseline is not None
        low, value, high = _ends(row.rise)
        assert value == pytest.approx(_ends(row.candidate)[1] - (row.baseline.value or 0))
        assert low < value < high


def test_one_file_asked_twice_loses_as_much_as_itself() -> None:
    rows = _rows(_CASE.but(same_model=True).measured())
    for row in rows.values():
        assert row.rise == Value(value=0.0, low=0.0, high=0.0, note="the same model")


def test_without_a_baseline_there_is_no_rise() -> None:
    for row in _CASE.but(baseline=None).measured().rows:
        assert (row.baseline, row.rise) == (None, None)


def test_what_a_model_does_not_answer_is_a_result() -> None:
    case = _CASE.but(asks=(only(Perturbation.MISSING),), candidate=afraid_of_blanks)
    rows = _rows(case.measured())
    assert rows["roc_auc"].candidate == rows["flips"].candidate == Value(value=None, note=_BLANKS)
    assert rows["roc_auc"].baseline is not None
    assert rows["roc_auc"].baseline.value is not None
    assert rows["roc_auc"].rise is None


def test_so_are_answers_that_are_none() -> None:
    def blank(frame: pd.DataFrame) -> ModelOutput:
        said = scores(frame["age"].to_numpy(float) - 50)
        assert said.probabilities is not None
        said.probabilities[frame["age"].isna().to_numpy()] = np.nan
        return said

    found = _rows(_CASE.but(asks=(only(Perturbation.MISSING),), candidate=blank).measured())
    note = found["roc_auc"].candidate.note
    assert note == "gives NaN or infinite probabilities in 40 of 400 rows"


def test_a_model_that_answers_no_second_time_was_not_asked() -> None:
    found = _CASE.but(candidate=lambda _frame: "fails in predict (out of memory)").measured()
    assert found.unasked == "fails in predict (out of memory)"
    assert found.measured == ()
    other = _CASE.but(baseline=lambda _frame: "fails in predict (gone)").measured()
    assert other.baseline_unasked == "fails in predict (gone)"
    assert [row.baseline for row in other.rows] == [None, None]


def test_another_value_that_changes_labels_breaks_invariance() -> None:
    found = _CASE.but(asks=(SEX,), candidate=by_sex_too, baseline=by_income).measured()
    frame = people()
    both = [by_sex_too(frame.assign(sex=sex)).predictions for sex in ("female", "male")]
    (measured,) = found.measured
    assert measured.count == int((both[0] != both[1]).sum()) > 0
    assert measured.candidate == Value(value=measured.count / 400)
    assert measured.baseline == Value(value=0.0)


def test_every_value_is_tried_up_to_the_ten_most_frequent() -> None:
    frame = people().assign(sex=[f"kind {number % 12}" for number in range(400)])
    found = _CASE.but(frame=frame, asks=(SEX,)).measured()
    assert [row.detail for row in found.rows] == ["sex: the 10 most frequent of 12 values"]


def test_a_number_may_move_by_what_rounding_moves_it() -> None:
    def a_little(frame: pd.DataFrame) -> ModelOutput:
        step = 1e-9 * (frame["kind"] == "b").to_numpy()
        return ModelOutput(predictions=_numbers(frame).predictions + step)

    def more(frame: pd.DataFrame) -> ModelOutput:
        step = 1e-3 * ((frame["kind"] == "b") & (frame["x"] > 0)).to_numpy()
        return ModelOutput(predictions=_numbers(frame).predictions + step)

    asks = (PropertyLimits(column="kind"),)
    assert _OF_NUMBERS.but(asks=asks, candidate=a_little).measured().measured[0].count == 0
    positive = int((_regression()["x"] > 0).sum())
    assert _OF_NUMBERS.but(asks=asks, candidate=more).measured().measured[0].count == positive


@pytest.mark.parametrize(
    ("direction", "broken"), [(Monotonicity.INCREASING, 0), (Monotonicity.DECREASING, 400)]
)
def test_a_score_goes_one_way_or_does_not(direction: Monotonicity, broken: int) -> None:
    asks = (PropertyLimits(column="income", direction=direction),)
    assert _CASE.but(asks=asks).measured().measured[0].count == broken


def test_a_bend_for_some_rows_is_counted_for_those() -> None:
    def bent(frame: pd.DataFrame) -> ModelOutput:
        rising = np.log(frame["income"].to_numpy(float))
        late = (frame["flag"] == 1) & (frame["income"] > people()["income"].quantile(0.9))
        return scores(rising - 10 - 3 * late.to_numpy())

    (measured,) = _CASE.but(asks=(INCOME,), candidate=bent).measured().measured
    assert measured.count == int(people()["flag"].sum())


def test_numbers_of_32_bits_may_round() -> None:
    draw = np.random.default_rng(3)

    def short(frame: pd.DataFrame) -> ModelOutput:
        noise = 1e-7 * draw.random(len(frame))
        said = np.float32(0.3) * (1 + np.float32(noise))
        positive = said.astype(np.float64)
        return ModelOutput(
            predictions=np.full(len(frame), "no"),
            probabilities=np.column_stack([1 - positive, positive]),
            classes=("no", "yes"),
        )

    assert _CASE.but(asks=(INCOME,), candidate=short).measured().measured[0].count == 0


def test_labels_stand_in_where_there_are_no_scores() -> None:
    def falling(frame: pd.DataFrame) -> ModelOutput:
        poor = frame["income"] < people()["income"].median()
        return ModelOutput(predictions=np.where(poor, "yes", "no"))

    case = _CASE.but(asks=(INCOME,), candidate=falling, metrics=(METRICS["accuracy"],))
    assert case.measured().measured[0].count == 400


def test_more_than_two_classes_have_no_score_that_should_rise() -> None:
    frame = people()
    frame["y"] = pd.cut(frame["age"], 3, labels=["a", "b", "c"]).astype(str)

    def classes(table: pd.DataFrame) -> ModelOutput:
        return ModelOutput(predictions=np.full(len(table), "a"))

    case = Case(
        frame=frame,
        asks=(INCOME, SEX),
        candidate=classes,
        positive=None,
        metrics=(METRICS["accuracy"],),
    )
    assert [row.what for row in case.measured().rows] == ["invariant_to"]


def test_every_metric_of_the_task_has_a_drop_and_a_rise() -> None:
    names = (
        "accuracy", "balanced_accuracy", "f1", "f1_macro", "matthews_corrcoef", "roc_auc",
        "average_precision", "log_loss", "brier_score", "expected_calibration_error",
    )  # fmt: skip
    metrics = [METRICS[name] for name in names]
    metrics.append(METRICS["f1"].asked_at(Parameters(threshold=0.3), name="f1_at"))
    metrics.append(METRICS["precision_at_k"].asked_at(Parameters(k=0.2)))
    metrics.append(custom_metric("a:f", direction=Direction.HIGHER_IS_BETTER, needs=Needs.LABELS))
    frame = people(1_000)
    case = _CASE.but(frame=frame, candidate=by_sex_too, metrics=tuple(metrics))
    rows = _rows(case.but(asks=(only(Perturbation.NOISE, amount=0.5),)).measured())
    assert set(rows) == {*names, "f1_at", "precision_at_k", "flips"}
    for row in rows.values():
        low, value, high = _ends(row.rise)
        assert low < value < high, row.measure


def test_rows_of_no_weight_are_no_rows() -> None:
    frame = people().assign(weight=np.arange(400) % 2)
    weighted = _CASE.but(frame=frame, sample_weight="weight", candidate=by_sex_too)
    rows = _rows(weighted.measured())
    assert rows["flips"].n == 200
    assert rows["roc_auc"].rise is not None
    assert rows["roc_auc"].rise.low is not None


def test_dependent_rows_are_wider() -> None:
    frame = people().assign(street=np.arange(400) // 20)
    frame["income"] = people(20)["income"].repeat(20).to_numpy()
    asks = (only(Perturbation.NOISE, amount=0.5, columns=("income",)),)
    alone = _CASE.but(frame=frame, asks=asks, candidate=by_sex_too)
    together = alone.but(evidence=Evidence(unit="street"))
    for case, count in ((alone, 400), (together, 400)):
        assert _rows(case.measured())["roc_auc"].n == count
    narrow, wide = (_ends(_rows(one.measured())["flips"].candidate) for one in (alone, together))
    assert wide[2] - wide[0] > narrow[2] - narrow[0]
    _ends(_rows(together.measured())["roc_auc"].rise)


def test_scores_that_are_only_scaled_leave_a_rise_to_settle() -> None:
    """No row moves the area, and none moved it in the rows that were seen."""

    def twice_as_sure(frame: pd.DataFrame) -> ModelOutput:
        return scores(8 * (np.log(frame["income"].to_numpy(float)) - 10))

    asks = (only(Perturbation.UNITS, amount=1.1, columns=("income",)),)
    rows = _rows(_CASE.but(asks=asks, candidate=twice_as_sure).measured())
    low, value, high = _ends(rows["roc_auc"].rise)
    assert value == 0
    assert low < 0 < high


@pytest.mark.parametrize("count", [8, 40])
def test_few_units_tell_nothing_and_many_something(count: int) -> None:
    frame = people(800).assign(street=np.arange(800) % count)
    metrics = (METRICS["accuracy"], METRICS["f1_macro"])
    case = _CASE.but(
        frame=frame, candidate=by_sex_too, metrics=metrics, evidence=Evidence(unit="street")
    )
    for row in _rows(case.measured()).values():
        assert row.rise is not None
        assert (row.rise.low is None) is (count == 8)


def test_numbers_have_drops_and_rises_and_no_flips() -> None:
    names = (
        "root_mean_squared_error",
        "mean_absolute_error",
        "median_absolute_error",
        "r2",
        "explained_variance",
        "max_error",
    )

    def careful(frame: pd.DataFrame) -> ModelOutput:
        return ModelOutput(predictions=1.5 * frame["x"].to_numpy(float))

    case = _OF_NUMBERS.but(metrics=tuple(METRICS[name] for name in names), baseline=careful)
    rows = _rows(case.measured())
    assert set(rows) == set(names)
    for name in names[:-1]:
        low, value, high = _ends(rows[name].rise)
        assert low < value < high
    assert rows["max_error"].rise is not None
    assert rows["max_error"].rise.low is None
    assert rows["max_error"].rise.note.startswith("candidate: it is the error of one row")


def test_more_than_two_classes_have_drops_and_rises() -> None:
    frame = people(900)
    income = np.log(frame["income"].to_numpy(float))
    frame["y"] = pd.cut(income + np.sin(np.arange(900)), 3, labels=["a", "b", "c"]).astype(str)

    def three(table: pd.DataFrame, slope: float = 1.0) -> ModelOutput:
        centres = np.quantile(income, [0.1, 0.5, 0.9])
        known = table["income"].fillna(22_000).to_numpy(float)
        raw = np.exp(-slope * np.abs(np.log(known)[:, None] - centres))
        odds = raw / raw.sum(axis=1, keepdims=True)
        return ModelOutput(
            predictions=np.array(["a", "b", "c"])[odds.argmax(axis=1)],
            probabilities=odds,
            classes=("a", "b", "c"),
        )

    names = ("accuracy", "f1_macro", "roc_auc_ovr", "log_loss", "top_k_accuracy")
    one_class = METRICS["f1"].asked_at(Parameters(class_label="b"), name="f1_of_b")
    case = Case(
        frame=frame,
        asks=(only(Perturbation.NOISE, amount=0.5),),
        candidate=three,
        baseline=lambda table: three(table, 3.0),
        metrics=(*(METRICS[name] for name in names), one_class),
        positive=None,
    )
    rows = _rows(case.measured())
    assert set(rows) == {*names, "f1_of_b", "flips"}
    for row in rows.values():
        low, value, high = _ends(row.rise)
        assert low <= value <= high


def test_a_tuned_threshold_has_a_rise_by_the_ends() -> None:
    tuned = METRICS["f1"].asked_at(Parameters(threshold=TUNED), name="f1_tuned")
    case = _CASE.but(frame=people(800), candidate=by_sex_too, metrics=(tuned, METRICS["roc_auc"]))
    found = {one.measure: one for one in case.measured().measured}
    assert found["f1_tuned"].rise_interval is not None
    assert found["f1_tuned"].rise_interval.method == BONFERRONI
    assert found["f1_tuned"].candidate.note.count("of the changed rows") == 1
    assert found["roc_auc"].rise_interval is not None
    assert found["roc_auc"].rise_interval.method != BONFERRONI


def test_a_correlation_of_one_label_alone_has_a_rise_by_the_ends() -> None:
    """It has no slope there."""

    def never(frame: pd.DataFrame) -> ModelOutput:
        return scores(by_income(frame).probabilities[:, 1] - 2)  # type: ignore[index]

    case = _CASE.but(candidate=never, metrics=(METRICS["matthews_corrcoef"],))
    (measured,) = (one for one in case.measured().measured if one.measure != "flips")
    assert measured.rise_interval is not None
    assert measured.rise_interval.method == BONFERRONI


def test_where_one_model_does_not_look_the_others_drop_is_the_rise() -> None:
    def by_age(frame: pd.DataFrame) -> ModelOutput:
        return scores(frame["age"].to_numpy(float) - 50.5)

    asks = (only(Perturbation.NOISE, amount=1.0, columns=("income",)),)
    case = _CASE.but(asks=asks, candidate=by_income, baseline=by_age)
    ahead, behind = (
        _rows(case.measured()),
        _rows(case.but(candidate=by_age, baseline=by_income).measured()),
    )
    assert _ends(ahead["roc_auc"].rise) == _ends(ahead["roc_auc"].candidate)
    low, value, high = _ends(ahead["roc_auc"].rise)
    assert _ends(behind["roc_auc"].rise) == (-high, -value, -low)


def test_what_has_no_value_has_no_rise() -> None:
    def never(frame: pd.DataFrame) -> ModelOutput:
        return scores(np.full(len(frame), -1.0) - frame["age"].to_numpy(float))

    row = _rows(_CASE.but(candidate=never, metrics=(METRICS["precision"],)).measured())["precision"]
    assert row.candidate.value is None
    assert "the positive class is never predicted" in row.candidate.note
    assert row.rise is not None
    assert row.rise.value is None


def test_a_metric_without_influence_moves_no_row() -> None:
    case = _OF_NUMBERS
    truth = case.frame["y"].to_numpy(float)
    said = Predictions(values=truth + 1), Predictions(values=truth + 2)
    rows = PairedRows(
        task=Task.REGRESSION,
        classes=(),
        truth=truth,
        candidate=said[0],
        baseline=said[1],
        weight=None,
        dependence=None,
        confidence=0.95,
    )
    assert moved(METRICS["max_error"], rows, seed=0) is None
    found = moved(METRICS["mean_absolute_error"], rows, seed=0)
    assert found is not None
    assert found.differ.all()


def test_ends_that_are_not_there_make_no_rise() -> None:
    frame, largest = _regression(), METRICS["max_error"]
    truth = read_truth(frame["y"], positive=None, metrics=(largest,))
    question = Question(metrics=(largest,))
    made = _OF_NUMBERS.plan
    sample = sample_of(made, truth, scored_rows(question, truth, frame), question.evidence)
    said = [Predictions(values=frame["y"].to_numpy(float) + error) for error in (1.0, 2.0)]
    asked = Asked(before=said[0], after=said[1], rows=sample.before_and_after(said[0], said[1]))
    rise = _from_ends([largest], sample, asked, asked)["max_error"]
    assert rise.interval.standing is Standing.NOT_ESTIMABLE
    assert rise.value == 0


def test_two_models_that_move_together_leave_a_narrow_rise() -> None:
    def nearly(frame: pd.DataFrame) -> ModelOutput:
        return scores(4.2 * (np.log(frame["income"].to_numpy(float)) - 10))

    case = _CASE.but(asks=(only(Perturbation.NOISE, amount=0.5),), baseline=nearly)
    row = _rows(case.but(metrics=(METRICS["log_loss"],)).measured())["log_loss"]
    rise, drop = _ends(row.rise), _ends(row.candidate)
    assert rise[2] - rise[0] < (drop[2] - drop[0]) / 4


def test_ends_are_put_together_at_half_the_error_rate() -> None:
    metric = METRICS["precision_at_k"].asked_at(Parameters(k=0.2))
    case = _CASE.but(candidate=by_sex_too, metrics=(metric,))
    row = _rows(case.measured())["precision_at_k"]
    wide = _rows(case.but(evidence=Evidence(confidence=0.975)).measured())["precision_at_k"]
    ours, theirs = _ends(wide.candidate), _ends(wide.baseline)
    low, _, high = _ends(row.rise)
    assert (low, high) == pytest.approx((ours[0] - theirs[2], ours[2] - theirs[0]))
