"""One run, told with values: whose limits it rests on, what is waived, and why a metric moved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlci_action.domain.fingerprint import Part
from mlci_action.domain.outcomes import Area, Outcome, Severity, Verdict
from mlci_action.domain.policy import PolicyFacts
from mlci_action.domain.report import Report
from mlci_action.domain.results import CheckResult
from mlci_action.domain.waivers import WaiverState
from mlci_action.errors import MlciError
from mlci_action.gate import run_data_checks, run_gate
from mlci_action.parts.outside import Between
from mlci_action.settings.parse import parse_settings
from tests.fakes.world import FakeWorld
from tests.unit.test_gate import BETTER, FRAME, GOOD, NOISY, SETTINGS, TWIN, WORSE, model

_DATA, _CODE = frozenset({Part.DATA}), frozenset({Part.CODE})
_WAIVED = """
waivers:
  - {check: metric.roc_auc.max_regression, ceiling: 0.9, reason: known, expires: 2026-11-28}
  - {check: metric.log_loss.max_regression, ceiling: 9, reason: known, expires: 2026-11-28}
"""


def run(world: FakeWorld, more: str = "") -> Report:
    return run_gate(parse_settings(SETTINGS + more, path="mlci.yml"), world)


def world(**more: object) -> FakeWorld:
    made = FakeWorld(frame=FRAME, candidate=BETTER, baseline=WORSE)
    return replace(made, **more)  # type: ignore[arg-type]


def test_limits_that_hold_are_shown_to_say_no() -> None:
    report = run(world())
    assert report.self_test is not None
    assert report.self_test.all_caught
    assert report.policy == PolicyFacts(origin="a test")


def test_a_policy_of_the_base_branch_that_nobody_could_read_deploys_nothing() -> None:
    facts = PolicyFacts(origin="this pull request", problem="the limits are not known")
    report = run(world(limits_from=facts))
    assert (report.decision.verdict, report.decision.deploy) == (Verdict.ERROR, False)
    assert report.decision.reasons == ("the limits are not known",)
    settings = parse_settings(SETTINGS, path="mlci.yml")
    assert run_data_checks(settings, world(limits_from=facts)).decision.verdict is Verdict.ERROR


def test_a_waiver_counts_on_its_last_day_and_its_row_says_so() -> None:
    swapped = world(candidate=WORSE, baseline=BETTER)
    report = run(swapped, _WAIVED)
    assert [use.state for use in report.waivers] == [WaiverState.USED, WaiverState.USED]
    assert report.comparison is not None
    row = report.comparison.row("log_loss")
    assert row is not None
    assert row.outcome is Outcome.WAIVED
    assert row.diff is not None
    assert row.diff > 1
    # Another limit of the same metric is not waived.
    assert "roc_auc 0.597 is below the 0.6 asked for" in report.decision.reasons[0]


def test_what_the_outside_remarks_stands_beside_the_checks() -> None:
    remark = CheckResult(
        id="provenance.baseline_age",
        area=Area.PROVENANCE,
        outcome=Outcome.WARNED,
        severity=Severity.WARN,
        message="the baseline is old",
    )
    report = run(world(remarked=(remark,)))
    assert remark in report.checks
    assert report.decision.verdict is Verdict.PASS


def test_the_change_of_a_metric_is_split_among_what_changed() -> None:
    """New code brings all of it here, and new data nothing."""
    between = Between(
        changed=(Part.DATA, Part.CODE),
        models={_DATA: model(NOISY, "sha256:data"), _CODE: model(GOOD, "sha256:code")},
    )
    report = run(world(between=between))
    assert report.why_moved is not None
    move = report.why_moved.moves[0]
    assert move.metric == "roc_auc"
    assert move.shares[Part.DATA] == pytest.approx(0, abs=1e-12)
    assert move.shares[Part.CODE] == pytest.approx(move.diff)
    assert sum(move.shares.values()) == pytest.approx(move.diff)


def test_without_the_models_in_between_it_is_said_why_nothing_is_split() -> None:
    nobody = run(world(between=MlciError("the inputs of the baseline are not known")))
    assert nobody.why_moved is not None
    assert nobody.why_moved.note == "the inputs of the baseline are not known"
    late = Between(
        changed=(Part.DATA, Part.CODE), models={_CODE: model(TWIN, "c")}, note="time was over"
    )
    found = run(world(between=late)).why_moved
    assert found is not None
    assert found.note == "time was over"
    assert all(not move.shares for move in found.moves)
    assert run(world()).why_moved is None
