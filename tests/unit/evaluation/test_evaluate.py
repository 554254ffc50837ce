"""Everything that two models' predictions say, in one value."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlci_action.domain.limits import Evidence, FairnessLimits, MetricLimits, SliceLimits
from mlci_action.domain.metric import Task
from mlci_action.domain.metrics import FAIRNESS_METRICS, METRICS
from mlci_action.evaluation.evaluate import Evaluated, evaluate
from mlci_action.evaluation.metrics.custom_metrics import CustomAnswer, CustomQuestion
from mlci_action.evaluation.reading.predictions import Predictions, Target
from mlci_action.evaluation.scored_rows import Question, Truth, scored_rows
from tests.unit.evaluation.cases import binary_case, case_of

N = 600
QUESTION = Question(metrics=(METRICS["accuracy"],), slices=SliceLimits(by=(("sex",),)))


def frame_of(n: int = N) -> pd.DataFrame:
    random = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "loan": [f"L{i}" for i in range(n)],
            "customer": random.integers(0, n // 4, n),
            "sex": random.choice(["f", "m"], n),
            "age": random.integers(18, 90, n),
        }
    )


def evaluated(
    question: Question,
    case: tuple[Target, Predictions, Predictions | None] | None = None,
    frame: pd.DataFrame | None = None,
    **more: Any,  # noqa: ANN401
) -> Evaluated:
    """What the question's answer is on a case of two classes, unless another is given."""

    def nobody(_: CustomQuestion) -> dict[str, CustomAnswer]:
        raise AssertionError

    target, candidate, baseline = case or binary_case(N, seed=1)
    truth = Truth(target=target, column=pd.Series(target.values), metrics=question.metrics)
    scored = scored_rows(question, truth, frame_of() if frame is None else frame)
    return evaluate(question, scored, candidate, baseline, ask_custom=nobody, **more)


def test_fairness_stands_after_the_metrics_over_all_rows_and_before_slices() -> None:
    limits = tuple(MetricLimits(metric=metric) for metric in FAIRNESS_METRICS.values())
    fairness = FairnessLimits(sensitive=(("sex",),), limits=limits)
    comparison = evaluated(replace(QUESTION, fairness=fairness)).comparison
    kinds = [(row.sensitive, row.slice is None) for row in comparison.rows]
    assert kinds == [(None, True), *[("sex", True)] * 6, *[(None, False)] * 2]
    assert [group.group for group in comparison.behaviour.groups] == ["f", "m"]


@pytest.mark.parametrize("task", [Task.MULTICLASS, Task.REGRESSION])
def test_groups_are_compared_for_two_classes_alone(task: Task) -> None:
    fairness = FairnessLimits(sensitive=(("sex",),))
    metric = "accuracy" if task is Task.MULTICLASS else "mean_absolute_error"
    question = Question(metrics=(METRICS[metric],), fairness=fairness)
    assert evaluated(question, case_of(task, N, seed=1)).comparison.behaviour.groups == ()


def test_rows_that_changed_sides_are_named_by_their_ids() -> None:
    said = evaluated(replace(QUESTION, id="loan"))
    flips = said.comparison.behaviour.flips
    assert flips is not None
    assert len(said.flipped) == flips.negative_rows + flips.positive_rows > 0
    assert all(row.id == f"L{row.row - 1}" for row in said.flipped)


def test_ids_that_repeat_without_a_unit_are_a_warning() -> None:
    """Their rows may depend on each other, and every interval is then too narrow."""
    frame = frame_of()
    frame["customer_id"] = frame.pop("customer")
    (warning,) = evaluated(QUESTION, frame=frame).comparison.warnings
    assert warning.startswith("'customer_id' repeats (")
    unit = replace(QUESTION, evidence=Evidence(unit="customer_id"))
    assert evaluated(unit, frame=frame).comparison.warnings == ()
    frame["customer_id"] = frame["customer_id"].where(frame.index > 1)
    (warning,) = evaluated(unit, frame=frame).comparison.warnings
    assert warning == "2 rows have no 'customer_id': each counts as a unit of its own"


def test_a_region_is_described_by_features_alone() -> None:
    """A broken age is found; where the age is set aside, nothing else can tell of it."""
    target, model, _ = binary_case(4000, seed=2)
    frame = frame_of(4000)
    assert model.scores is not None
    broken = np.where(frame["age"] > 60, 1 - model.scores, model.scores)
    case = (target, replace(model, scores=broken, labels=(broken >= 0.5).astype(np.int64)), model)
    (found, *_) = evaluated(QUESTION, case, frame).comparison.behaviour.found_slices
    assert found.where.startswith("age >= 6")
    without = replace(QUESTION, set_aside=("age", "loan", "customer", "sex"))
    assert evaluated(without, case, frame).comparison.behaviour.found_slices == ()


def test_one_model_asked_twice_has_no_weak_region_and_no_flips() -> None:
    target, model, _ = binary_case(N, seed=4)
    said = evaluated(QUESTION, (target, model, model), same_model=True).comparison.behaviour
    assert said.found_slices == ()
    assert said.flips is not None
    assert (said.flips.negative.value, said.flips.negative.high) == (0.0, 0.0)


def test_without_a_baseline_the_candidate_is_still_described() -> None:
    target, model, _ = binary_case(N, seed=4)
    said = evaluated(QUESTION, (target, model, None)).comparison.behaviour
    assert [one.who for one in said.calibration] == ["candidate"]
    assert (said.flips, said.score_shift, said.found_slices) == (None, None, ())
