from __future__ import annotations

from dataclasses import replace

from mlci_action.domain.behaviour import Value
from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.report import Report
from mlci_action.rendering.cost_sections import costs_table, costs_title
from mlci_action.rendering.markdown import NBSP
from tests.builders import HOSTILE, check, report
from tests.sample_other_models import COSTS
from tests.sample_reports import fragile


def lines(made: Report, most: int = 50) -> list[list[str]]:
    """The cells of the table's rows."""
    found = costs_table(made, most).replace(NBSP, " ").splitlines()
    rows = [line for line in found if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in rows]


def test_without_costs_or_room_nothing_is_shown() -> None:
    assert costs_table(report(check()), 50) == ""
    assert costs_table(fragile(), 0) == ""


def test_the_title_counts_the_checks_as_they_ended() -> None:
    assert costs_title(fragile()) == "Costs: 1 failed, 1 warned, 1 passed"
    assert costs_title(replace(report(check()), costs=COSTS)) == "Costs: not judged"


def test_each_measure_has_its_answer_and_both_models_in_one_unit() -> None:
    assert lines(fragile()) == [
        [
            "❌ failed `latency`", "1.23 ms (p95 1.81)", "2.09 ms (p95 2.87)",
            "1.70 (1.65 to 1.75)", "400",
        ],
        ["✅ passed `model_size`", "0.012 MB", "0.182 MB", "14.9", "1"],
        ["⚠️ warned `memory`", "-", "212 MB", "-", "1"],
    ]  # fmt: skip
    assert costs_table(fragile(), 50).endswith("\n\n- `memory`: the baseline was not loaded")


def test_a_measure_with_two_budgets_shows_the_worse_answer_and_one_without_none() -> None:
    made = report(
        check("budget.latency.max"), check("budget.latency.max_ratio", Outcome.INCONCLUSIVE)
    )
    assert [line[0] for line in lines(replace(made, costs=COSTS))] == [
        "⚠️ inconclusive `latency`", "`model_size`", "`memory`",
    ]  # fmt: skip


def test_measures_that_find_no_room_are_counted() -> None:
    assert costs_table(fragile(), 2).endswith("\n\n1 more measures in report.json.")


def test_foreign_text_stays_text() -> None:
    odd = replace(COSTS[0], measure=HOSTILE, unit=HOSTILE, note=HOSTILE)
    odd = replace(odd, ratio=Value(value=1.0, note=HOSTILE))
    shown = costs_table(replace(report(check()), costs=(odd,)), 50)
    assert "<script>" not in shown
    assert "a|b" not in shown
    assert "@team" not in shown
