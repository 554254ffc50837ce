"""What it may cost to ask a model arrives in the units that the file names."""

from __future__ import annotations

import pytest

from mlci_action.domain.costs import Budget, Budgets, Measure
from mlci_action.domain.outcomes import Severity
from mlci_action.settings.parse import parse_settings
from tests.unit.settings.documents import document, problems

_EVERYTHING = """\
budgets:
  latency: {max_ms: 20, max_ratio: 1.5}
  batch_latency: {max_ms: 300, rows: 500, severity: warn}
  model_size: {max_mb: 50}
  memory: {max_mb: 2000, max_ratio: 2}
  load_time: {max_seconds: 0.5}
"""


def test_every_word_arrives() -> None:
    assert parse_settings(document(_EVERYTHING), path="mlci.yml").budgets == Budgets(
        batch_rows=500,
        budgets=(
            Budget(measure=Measure.LATENCY, max=20.0, max_ratio=1.5),
            Budget(measure=Measure.BATCH_LATENCY, max=300.0, severity=Severity.WARN),
            Budget(measure=Measure.MODEL_SIZE, max=50.0),
            Budget(measure=Measure.MEMORY, max=2000.0, max_ratio=2.0),
            Budget(measure=Measure.LOAD_TIME, max=0.5),
        ),
    )


def test_without_budgets_none_is_set() -> None:
    assert parse_settings(document(), path="mlci.yml").budgets == Budgets()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{}", "budgets: limits nothing; give at least one of latency, batch_latency"),
        ("{latency: {}}", "budgets.latency: limits nothing; give max_ms, max_ratio or both"),
        ("{memory: {severity: warn}}", "budgets.memory: limits nothing; give max_mb, max_ratio"),
        ("{latency: {max_mb: 5}}", "budgets.latency.max_mb: unknown key"),
        ("{load_time: {max_seconds: 0}}", "budgets.load_time.max_seconds: "),
        ("{model_size: {max_ratio: -1}}", "budgets.model_size.max_ratio: "),
        ("{batch_latency: {max_ms: 5, rows: 0}}", "budgets.batch_latency.rows: "),
        ("{latency: 20}", "budgets.latency: "),
    ],
)
def test_what_is_no_budget_is_a_problem(written: str, said: str) -> None:
    (problem,) = problems(document(f"budgets: {written}"))
    assert problem.startswith(f"5: {said}")
