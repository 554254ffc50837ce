"""What the file says of changed rows arrives, and what cannot be meant is said."""

from __future__ import annotations

import pytest

from mlci_action.domain.limits import Margin
from mlci_action.domain.outcomes import Severity
from mlci_action.domain.robustness import (
    Monotonicity,
    Perturbation,
    PerturbationLimits,
    PropertyLimits,
    RobustnessLimits,
)
from mlci_action.errors import SettingsError
from mlci_action.settings.parse import parse_settings
from tests.unit.settings.documents import document, pairs, problems

_EVERYTHING = """\
robustness:
  typos: {share: 0.3, columns: [note]}
  noise: {scale: 0.2, max_drop: 0.02, max_drop_regression: 0.01, severity: warn}
  missing: {max_drop: {relative: 0.1, absolute: 0.2}, max_flips: 0.1, max_flips_regression: 0}
  unseen_categories:
  swapped_categories: {}
  units: {columns: [income, 7], factor: 1000}
  invariant_to: [sex, 7]
  monotonic: {income: increasing, age: {direction: decreasing, max_share: 0.1, severity: warn}}
  rows: 500
"""


def _robustness(text: str) -> RobustnessLimits | None:
    return parse_settings(document(text), path="mlci.yml").robustness


def test_every_word_arrives() -> None:
    assert _robustness(_EVERYTHING) == RobustnessLimits(
        perturbations=(
            PerturbationLimits(
                kind=Perturbation.NOISE,
                amount=0.2,
                max_drop=Margin(absolute=0.02),
                max_drop_regression=0.01,
                severity=Severity.WARN,
            ),
            PerturbationLimits(
                kind=Perturbation.MISSING,
                share=0.1,
                max_drop=Margin(absolute=0.2, relative=0.1),
                max_flips=0.1,
                max_flips_regression=0.0,
            ),
            PerturbationLimits(kind=Perturbation.UNSEEN, share=0.1),
            PerturbationLimits(kind=Perturbation.SWAPPED, share=0.1),
            PerturbationLimits(kind=Perturbation.TYPOS, share=0.3, columns=("note",)),
            PerturbationLimits(kind=Perturbation.UNITS, amount=1000.0, columns=("income", "7")),
        ),
        properties=(
            PropertyLimits(column="sex"),
            PropertyLimits(column="7"),
            PropertyLimits(column="income", direction=Monotonicity.INCREASING),
            PropertyLimits(
                column="age",
                direction=Monotonicity.DECREASING,
                max_share=0.1,
                severity=Severity.WARN,
            ),
        ),
        rows=500,
    )


def test_the_word_of_the_design_is_enough() -> None:
    text = "robustness: {noise: {scale: 0.1, max_drop: 0.02}, invariant_to: [sex]}"
    assert _robustness(text) == RobustnessLimits(
        perturbations=(
            PerturbationLimits(kind=Perturbation.NOISE, amount=0.1, max_drop=Margin(absolute=0.02)),
        ),
        properties=(PropertyLimits(column="sex"),),
    )


def test_without_the_word_nothing_is_tried() -> None:
    assert parse_settings(document(), path="mlci.yml").robustness is None


@pytest.mark.parametrize(
    ("written", "held"),
    [
        ("sex", PropertyLimits(column="sex")),
        ("{sex: }", PropertyLimits(column="sex")),
        ("{sex: {max_share: 0.2}}", PropertyLimits(column="sex", max_share=0.2)),
    ],
)
def test_a_column_may_be_named_in_three_ways(written: str, held: PropertyLimits) -> None:
    found = _robustness(f"robustness: {{invariant_to: {written}}}")
    assert found == RobustnessLimits(properties=(held,))


_MISFITS = """
{}
    robustness: tries nothing; give noise, missing, invariant_to, monotonic, ...
{rows: 10}
    robustness: tries nothing; give noise, missing, invariant_to, monotonic, ...
{nose: {}}
    robustness.nose: unknown key; did you mean 'noise'?
{noise: {scale: 0}}
    robustness.noise.scale: must be > 0, not 0
{noise: {share: 0.1}}
    robustness.noise.share: unknown key; did you mean 'scale'?
{missing: {share: 1.5}}
    robustness.missing.share: must be <= 1, not 1.5
{noise: {columns: [a, a]}}
    robustness.noise: columns names 'a' twice
{units: {factor: 1000}}
    robustness.units.columns: required, but not given
{units: {columns: [a], factor: 1}}
    robustness.units: factor 1 changes nothing
{invariant_to: [a, a]}
    robustness.invariant_to: names 'a' twice
{invariant_to: []}
    robustness.invariant_to: is empty
{monotonic: {income: up}}
    robustness.monotonic.income: expected 'increasing' or 'decreasing', not 'up'
{monotonic: {income: }}
    robustness.monotonic.income: has no value; give it one or remove the key
{noise: , rows: 0}
    robustness.rows: must be >= 1, not 0
"""

_CONTRADICTIONS = """
{noise: {max_drop: 1}}
    robustness.noise.max_drop: can never be violated: no metric can lose that much
{noise: {max_drop: {relative: 1}}}
    robustness.noise.max_drop: can never be violated: no metric can lose that much
{noise: {max_drop_regression: 2}}
    robustness.noise.max_drop_regression: can never be violated: no two metrics can lie that far apart
{noise: {max_flips: 1}}
    robustness.noise.max_flips: always holds: a share is never above 1
{noise: {max_flips_regression: 1}}
    robustness.noise.max_flips_regression: always holds: a share is never above 1
{noise: {max_flips: 0}}
    robustness.noise.max_flips: can never pass: no number of rows shows a share of 0; allow some
{invariant_to: {a: {max_share: 1}}}
    robustness.invariant_to.a.max_share: always holds: a share is never above 1
{monotonic: {a: {direction: increasing, max_share: 1}}}
    robustness.monotonic.a.max_share: always holds: a share is never above 1
{invariant_to: [a, approved]}
    robustness.invariant_to[1]: 'approved' is data.target, and is never changed
{invariant_to: approved}
    robustness.invariant_to: 'approved' is data.target, and is never changed
{monotonic: {approved: increasing}}
    robustness.monotonic.approved: 'approved' is data.target, and is never changed
{units: {columns: [approved], factor: 2}}
    robustness.units.columns[0]: 'approved' is data.target, and is never changed
"""  # noqa: E501  a line of what is said


@pytest.mark.parametrize(("written", "said"), [*pairs(_MISFITS), *pairs(_CONTRADICTIONS)])
def test_what_cannot_be_meant_is_said(written: str, said: str) -> None:
    assert problems(document(f"robustness: {written}")) == (f"5: {said}",)


def test_a_drop_that_some_metric_can_have_is_none() -> None:
    metrics = "metrics: {roc_auc: {min: 0.8}, log_loss: {max: 2}}"
    text = "robustness: {noise: {max_drop: 1, max_drop_regression: 2}}"
    assert parse_settings(document(text, metrics=metrics), path="m").robustness is not None


def test_a_share_of_zero_can_be_judged_by_point() -> None:
    text = document("robustness: {noise: {max_flips: 0}}", "evidence: {decide_by: point}")
    assert parse_settings(text, path="m").robustness is not None


@pytest.mark.parametrize("key", ["max_drop_regression", "max_flips_regression"])
def test_a_limit_beside_the_baseline_needs_one(key: str) -> None:
    text = document(f"robustness: {{typos: {{{key}: 0.1}}}}", baseline="")
    said = "compares with a baseline, but baseline.from is missing"
    assert problems(text) == (f"5: robustness.typos.{key}: {said}",)


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        ("max_error: {max: 3}", "none of the metrics has an interval of its own"),
        ("'a:f': {max: 3, direction: lower_is_better}", "none of the metrics has an interval"),
    ],
)
@pytest.mark.parametrize("key", ["max_drop", "max_drop_regression"])
def test_a_drop_that_no_metric_can_show_is_a_problem(metrics: str, said: str, key: str) -> None:
    text = document(f"robustness: {{noise: {{{key}: 0.1}}}}", metrics=f"metrics: {{{metrics}}}")
    found = problems(text)
    assert len(found) == 1
    assert said in found[0]


def test_a_drop_of_no_metric_is_a_problem() -> None:
    more = ("robustness: {noise: {max_drop: 0.1}}", "flips: {max_negative_rate: 0.1}")
    assert problems(document(*more, metrics="")) == (
        "5: robustness.noise.max_drop: no metric is given",
    )


def test_something_must_say_what_the_target_holds() -> None:
    data = "data: {evaluation: t.csv, target: y, schema: s.yml}"
    text = document("robustness: {invariant_to: [sex]}", data=data, metrics="")
    said = "nothing says whether the target holds classes or numbers: give a metric"
    assert problems(text) == (f"5: robustness: {said}",)


def test_predictions_cannot_be_asked_again() -> None:
    text = document("robustness: {noise: }", candidate="candidate: {predictions: out.csv}")
    said = "candidate.predictions cannot be asked again, with rows that are changed"
    assert problems(text) == (f"5: robustness: {said}",)


@pytest.mark.parametrize(
    ("metrics", "written", "where"),
    [
        ("rmse: {max: 3}", "{noise: {max_flips: 0.1}}", "noise.max_flips: is for a target of"),
        ("log_loss: {max: 3}, top_k_accuracy: {min: 0.1}", "{monotonic: {a: increasing}}", "mono"),
    ],
)
def test_limits_of_another_target_are_a_problem(metrics: str, written: str, where: str) -> None:
    text = document(f"robustness: {written}", metrics=f"metrics: {{{metrics}}}")
    found = problems(text)
    assert len(found) == 1
    assert where in found[0]


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ("data: {evaluation: t.csv, target: y, id: who}", "data.id"),
        ("data: {evaluation: t.csv, target: y, time: who}", "data.time"),
        ("data: {evaluation: t.csv, target: y, sample_weight: who}", "data.sample_weight"),
    ],
)
def test_what_is_set_aside_is_never_changed(more: str, where: str) -> None:
    text = document("robustness: {invariant_to: [who]}", data=more)
    said = f"'who' is {where}, and is never changed"
    assert problems(text) == (f"5: robustness.invariant_to[0]: {said}",)


def test_neither_is_what_rows_belong_to() -> None:
    text = document("robustness: {noise: {columns: [who]}}", "evidence: {unit: who}")
    said = "'who' is evidence.unit, and is never changed"
    assert problems(text) == (f"5: robustness.noise.columns[0]: {said}",)


@pytest.mark.parametrize(
    "written",
    ["{noise: {max_drop: 0.1}}", "{typos: {max_flips: 0.1}}", "{invariant_to: [a]}"],
)
def test_a_limit_on_changed_rows_is_a_required_check(written: str) -> None:
    text = document(f"robustness: {written}", metrics="metrics: {roc_auc: }")
    assert parse_settings(text, path="m").robustness is not None


@pytest.mark.parametrize(
    "written",
    [
        "{noise: }",
        "{noise: {max_drop: 0.1, severity: warn}}",
        "{invariant_to: {a: {severity: warn}}}",
    ],
)
def test_what_is_only_shown_opens_no_gate(written: str) -> None:
    text = document(f"robustness: {written}", metrics="metrics: {roc_auc: }")
    with pytest.raises(SettingsError, match="no check is required"):
        parse_settings(text, path="m")
