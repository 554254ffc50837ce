"""A model that answers differently when asked again is told from one that does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlci_action.domain.outcomes import Outcome, Severity
from mlci_action.domain.results import CheckResult
from mlci_action.evaluation.behaviour.determinism import asked_again, determinism
from mlci_action.evaluation.reading.predictions import ModelOutput
from mlci_action.evaluation.reading.variants import Answers

N = 40
LABELS = np.array(["no", "yes"] * (N // 2))
SCORES = np.column_stack([np.linspace(1, 0, N), np.linspace(0, 1, N)])
VARIANTS = asked_again(N, 3)
ROWS = VARIANTS[0].rows


def output(rows: Any = slice(None), shift: float = 0.0, label: str = "") -> ModelOutput:  # noqa: ANN401
    """What an honest model says, its scores moved and its first label another one."""
    labels = LABELS[rows].copy()
    labels[0] = label or labels[0]
    return ModelOutput(predictions=labels, probabilities=SCORES[rows] + shift)


def asked(*variants: ModelOutput | str) -> tuple[CheckResult, ...]:
    answers = Answers(output=output(), variants=("another question", *variants))
    return determinism(answers, (VARIANTS[0], *VARIANTS), first=1)


def outcomes(*variants: ModelOutput | str) -> dict[str, Outcome]:
    return {result.id: result.outcome for result in asked(*variants)}


def test_half_of_the_rows_are_asked_twice_and_no_more_than_500() -> None:
    one, other = asked_again(9, 0)
    assert one.rows.tolist() == other.rows.tolist()
    assert (len(one.rows), len(set(one.rows)), list(one.changed.columns)) == (4, 4, [])
    assert len(asked_again(10_000, 0)[0].rows) == 500
    assert asked_again(1, 0) == ()


def test_the_sample_has_the_seed_of_the_report() -> None:
    assert asked_again(100, 7)[0].rows.tolist() == asked_again(100, 7)[1].rows.tolist()
    assert asked_again(100, 7)[0].rows.tolist() != asked_again(100, 8)[0].rows.tolist()


def test_the_same_answers_pass() -> None:
    assert outcomes(output(ROWS), output(ROWS)) == {
        "robustness.determinism": Outcome.PASSED,
        "robustness.determinism.batch": Outcome.PASSED,
    }


def test_other_answers_when_asked_twice_are_a_warning_to_the_last_bit() -> None:
    twice, _ = asked(output(ROWS), output(ROWS, shift=1e-15))
    assert (twice.outcome, twice.severity) == (Outcome.WARNED, Severity.WARN)
    assert twice.message.startswith(
        "the candidate gives other answers when asked twice: 20 of 20 rows, by at most "
    )
    assert twice.evidence["largest_difference"] == pytest.approx(1e-15, rel=0.2)


def test_one_other_label_is_counted() -> None:
    twice, together = asked(output(ROWS), output(ROWS, label="maybe"))
    assert twice.message.endswith("when asked twice: 1 of 20 rows")
    assert (twice.observed, together.outcome) == (1 / 20, Outcome.PASSED)


@pytest.mark.parametrize(
    ("shift", "outcome"), [(5e-7, Outcome.PASSED), (2e-6, Outcome.WARNED), (0.1, Outcome.WARNED)]
)
def test_scores_that_depend_on_the_other_rows_are_a_warning(shift: float, outcome: Outcome) -> None:
    both = output(ROWS, shift=shift)
    assert outcomes(both, both) == {
        "robustness.determinism": Outcome.PASSED,
        "robustness.determinism.batch": outcome,
    }


def test_a_label_that_depends_on_the_other_rows_is_a_warning() -> None:
    both = output(ROWS, label="maybe")
    together = asked(both, both)[1]
    assert together.message == (
        "answers depend on which rows are asked together (a scaler fitted at prediction time?):"
        " 1 of 20 rows"
    )


def test_large_numbers_may_differ_by_their_last_digits() -> None:
    values = np.linspace(0, 1e9, N)
    part = ModelOutput(predictions=values[ROWS] + 100)
    answers = Answers(output=ModelOutput(predictions=values), variants=(part, part))
    twice, together = determinism(answers, VARIANTS, first=0)
    assert (twice.outcome, together.outcome) == (Outcome.PASSED, Outcome.PASSED)


def test_no_number_is_the_same_as_no_number_and_differs_from_one() -> None:
    gaps = SCORES[ROWS].copy()
    gaps[0] = np.nan
    with_gaps = ModelOutput(predictions=LABELS[ROWS], probabilities=gaps)
    twice, together = asked(with_gaps, with_gaps)
    assert twice.outcome is Outcome.PASSED
    assert together.message.endswith(": 1 of 20 rows")


def test_scores_that_are_gone_differ_everywhere() -> None:
    bare = ModelOutput(predictions=LABELS[ROWS])
    twice, together = asked(output(ROWS), bare)
    assert (twice.rows, together.rows) == (20, 0)


def test_a_model_that_answers_only_all_rows_at_once_is_a_warning() -> None:
    twice, together = asked("fails in predict (ValueError)", output(ROWS))
    assert (twice.outcome, together.outcome) == (Outcome.NOT_RUN, Outcome.WARNED)
    assert together.message == (
        "the candidate answers all rows together, but asked 20 of them alone it fails in predict"
        " (ValueError)"
    )


def test_without_the_question_there_is_no_answer() -> None:
    assert determinism(Answers(output=output()), (), first=0) == ()
