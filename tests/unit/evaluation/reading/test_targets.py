from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlci_action.domain.metric import TUNED, Direction, Metric, Needs, Parameters, Task
from mlci_action.domain.metrics import METRICS, custom_metric, find_metric
from mlci_action.errors import DatasetError
from mlci_action.evaluation.reading.predictions import Target
from mlci_action.evaluation.reading.targets import read_target


def metrics(*names: str) -> list[Metric]:
    return [find_metric(name) for name in names]


def read(values: Any, *names: str, positive: str | None = None) -> Target:  # noqa: ANN401
    column = pd.Series(values, name="approved")
    return read_target(column, positive=positive, metrics=metrics(*(names or ("accuracy",))))


def values_of(target: Target) -> list[Any]:
    return list(target.values)


def refusal(values: Any, *names: str, positive: str | None = None) -> DatasetError:  # noqa: ANN401
    with pytest.raises(DatasetError) as caught:
        read(values, *names, positive=positive)
    return caught.value


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ([0, 1, 1], ("0", "1")),
        ([0.0, 1.0, 1.0], ("0", "1")),
        (["0", "1", "1"], ("0", "1")),
        ([False, True, True], ("False", "True")),
        ([-1, 1, 1], ("-1", "1")),
        (pd.array([0, 1, 1], dtype="Int64"), ("0", "1")),
        (pd.array([False, True, True], dtype="boolean"), ("False", "True")),
        (pd.Categorical([0, 1, 1]), ("0", "1")),
        (["No", "Yes", "Yes"], ("No", "Yes")),
        (["n", "Y", "Y"], ("n", "Y")),
        (["FALSE", "TRUE", "TRUE"], ("FALSE", "TRUE")),
    ],
)
def test_two_labels_that_mean_no_and_yes_need_no_setting(
    values: Any,  # noqa: ANN401
    classes: tuple[str, ...],
) -> None:
    target = read(values)

    assert (target.task, target.classes) == (Task.BINARY, classes)
    assert values_of(target) == [0, 1, 1]
    assert isinstance(values_of(target)[0], np.int64)


def test_the_named_label_is_the_positive_one() -> None:
    target = read(["yes", "no", "yes"], positive="no")

    assert (target.classes, values_of(target)) == (("yes", "no"), [0, 1, 0])


@pytest.mark.parametrize("positive", ["1", "1.0", "true", "True"])
def test_a_positive_label_is_found_however_the_config_spells_it(positive: str) -> None:
    assert read([0, 1, 0], positive=positive).classes == ("0", "1")
    assert read([False, True, False], positive=positive).classes == ("False", "True")


def test_two_text_labels_ask_for_the_setting_by_name() -> None:
    error = refusal(["good", "bad", "good"])

    assert error.message == (
        "'approved' has the labels 'bad', 'good', and nothing says which of them counts as 1"
    )
    assert error.hint == "set data.positive, for example `positive: 'good'`"


def test_a_positive_label_that_no_row_has_is_refused() -> None:
    error = refusal(["yes", "no"], positive="Yess")

    assert error.message == ("data.positive 'Yess' is no label of 'approved': it has 'no', 'yes'")
    assert error.hint == "did you mean 'yes'?"


def test_a_positive_label_among_three_is_refused() -> None:
    error = refusal(["a", "b", "c"], positive="a")

    assert error.message == "data.positive names one of two labels, and 'approved' has 3"


def test_more_classes_are_coded_in_sorted_order() -> None:
    assert read(["b", "c", "a"]).classes == ("a", "b", "c")
    assert read([10, 9, 2]).classes == ("2", "9", "10")
    assert values_of(read([10, 9, 2])) == [2, 1, 0]


def test_rows_without_a_label_are_left_out() -> None:
    """Blank text is nobody's label, whatever a file's reader says."""
    target = read(["yes", None, "no", "  "], positive="yes")

    assert target.rows.tolist() == [True, False, True, False]
    assert values_of(target) == [1, 0]


def test_one_label_only_cannot_be_judged() -> None:
    error = refusal([1, 1, None])

    assert error.message == "the target 'approved' has one label only, '1', in all 2 rows"


@pytest.mark.parametrize("values", [[], [None, None], [np.nan], [" ", ""]])
def test_an_empty_target_cannot_be_judged(values: list[object]) -> None:
    assert refusal(values).message == (f"the target 'approved' is empty in all {len(values)} rows")


def test_many_labels_are_not_classes() -> None:
    error = refusal([f"id{number}" for number in range(30)])

    assert error.message == "the target 'approved' has 30 different labels on 30 rows"


def test_decimals_are_not_classes_even_when_they_repeat() -> None:
    error = refusal([number / 2 for number in range(30)] * 10)

    assert error.message == "the target 'approved' has 30 different labels on 300 rows"


def test_lists_are_not_labels() -> None:
    assert "lists or other objects" in refusal([[1], [2]]).message


def test_a_metric_for_two_classes_is_refused_for_three() -> None:
    error = refusal(["a", "b", "c"], "accuracy", "roc_auc")

    assert error.message == "metrics.roc_auc is not for 3 classes, which 'approved' has"
    assert error.hint == "did you mean 'roc_auc_ovr'? (`class` sets one class against the others)"


@pytest.mark.parametrize("label", ["b", "2", "2.0"])
def test_one_class_against_the_others_fits_any_number_of_classes(label: str) -> None:
    metric = METRICS["roc_auc"].asked_at(Parameters(class_label=label))
    column = pd.Series(["a", "b", "2"], name="approved")
    target = read_target(column, positive=None, metrics=[metric])
    assert target.task is Task.MULTICLASS


def test_a_class_that_is_no_label_is_refused_with_the_nearest_one() -> None:
    metric = METRICS["f1"].asked_at(Parameters(class_label="yess"), name="f1_yes")
    with pytest.raises(DatasetError) as caught:
        read_target(pd.Series(["yes", "no"], name="approved"), positive="yes", metrics=[metric])
    assert caught.value.message == (
        "metrics.f1_yes.class 'yess' is no label of 'approved': it has 'no', 'yes'"
    )
    assert caught.value.hint == "did you mean 'yes'?"


def test_true_names_the_positive_of_two_labels_and_nothing_of_three() -> None:
    metric = METRICS["f1"].asked_at(Parameters(class_label="true"))
    assert read_target(pd.Series([0, 1]), positive=None, metrics=[metric]).task is Task.BINARY
    with pytest.raises(DatasetError, match="'true' is no label"):
        read_target(pd.Series([0, 1, 2]), positive=None, metrics=[metric])


@pytest.mark.parametrize("name", ["accuracy", "f1_macro"])
def test_a_threshold_does_not_tell_three_classes_apart(name: str) -> None:
    metric = METRICS[name].asked_at(Parameters(threshold=0.3))
    with pytest.raises(DatasetError) as caught:
        read_target(pd.Series(["a", "b", "c"], name="kind"), positive=None, metrics=[metric])
    assert caught.value.message == (
        f"metrics.{name}.threshold tells two classes apart, and 'kind' has 3"
    )
    assert caught.value.hint == (
        "remove the threshold, or use a metric of one class (f1, precision, ...) with `class`"
    )


def test_a_threshold_tells_one_class_from_the_others() -> None:
    metric = METRICS["f1"].asked_at(Parameters(threshold=TUNED, class_label="b"))
    target = read_target(pd.Series(["a", "b", "c"]), positive=None, metrics=[metric])
    assert target.classes == ("a", "b", "c")


@pytest.mark.parametrize("k", [3.0, 5.0])
def test_the_truth_is_always_among_all_labels(k: float) -> None:
    metric = METRICS["top_k_accuracy"].asked_at(Parameters(k=k))
    with pytest.raises(DatasetError) as caught:
        read_target(pd.Series(["a", "b", "c"], name="kind"), positive=None, metrics=[metric])
    assert caught.value.message == (
        f"metrics.top_k_accuracy is always 1: each of the 3 classes of 'kind' is among the first "
        f"{k:g}"
    )
    assert caught.value.hint == "set k below 3"


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["a", "b", "c"], Task.MULTICLASS),
        ([0, 1, 1], Task.BINARY),
        ([False, True], Task.BINARY),
        ([0.5, 1.5, 2.0], Task.REGRESSION),
        (list(range(30)), Task.REGRESSION),
        ([1, 2, 3], Task.MULTICLASS),
    ],
)
def test_metrics_that_judge_anything_leave_the_task_to_the_target(
    values: list[object], task: Task
) -> None:
    metric = custom_metric("costs:cost", direction=Direction.LOWER_IS_BETTER, needs=Needs.LABELS)
    target = read_target(pd.Series(values), positive=None, metrics=[metric])
    assert target.task is task


@pytest.mark.parametrize(("name", "task"), [("f1", Task.BINARY), ("rmse", Task.REGRESSION)])
def test_metrics_that_judge_anything_go_with_those_that_do_not(name: str, task: Task) -> None:
    metric = custom_metric("costs:cost", direction=Direction.LOWER_IS_BETTER, needs=Needs.LABELS)
    target = read_target(pd.Series([0, 1]), positive=None, metrics=[metric, *metrics(name)])
    assert target.task is task


def test_a_metric_for_many_classes_is_refused_for_two() -> None:
    assert refusal([0, 1], "roc_auc_ovr").hint == "did you mean 'roc_auc'?"


def test_numbers_and_classes_do_not_mix() -> None:
    error = refusal([0, 1], "rmse", "f1")

    assert error.message == "root_mean_squared_error is for numbers and f1 for classes"


def test_metrics_for_numbers_make_a_regression() -> None:
    target = read([1, 2.5, None], "rmse", "r2")

    assert (target.task, target.classes) == (Task.REGRESSION, ())
    assert target.rows.tolist() == [True, True, False]
    assert values_of(target) == [1.0, 2.5]


@pytest.mark.parametrize(
    "values", [["1", "2.5"], [Decimal(1), Decimal("2.5")], pd.array([1, 2.5], dtype="Float64")]
)
def test_numbers_are_numbers_in_any_type(values: Any) -> None:  # noqa: ANN401
    assert values_of(read(values, "mae")) == [1.0, 2.5]


def test_a_decimal_comma_is_named() -> None:
    error = refusal(["1,5", "1.234,5", "2"], "rmse")

    assert error.message == "the target 'approved' is written with a decimal comma in 2 rows"


def test_text_for_a_number_is_counted_and_not_quoted() -> None:
    error = refusal(["1", "John Smith"], "rmse")

    assert error.message == "the target 'approved' is text, not a number, in 1 rows"


def test_an_infinite_truth_is_refused() -> None:
    assert refusal([1.0, np.inf], "rmse").message == (
        "the target 'approved' is infinite in 1 of 2 rows"
    )


@pytest.mark.parametrize("values", [[True, False], pd.to_datetime(["2024-01-01", "2024-01-02"])])
def test_booleans_and_dates_are_not_numbers(values: Any) -> None:  # noqa: ANN401
    assert "not numbers" in refusal(values, "rmse").message


def test_a_target_without_a_metric_is_a_bug_of_the_caller() -> None:
    with pytest.raises(ValueError, match="at least one metric"):
        read_target(pd.Series([0, 1]), positive=None, metrics=[])
