"""A reviewer sees at once that a change would loosen what it is judged by."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlci_action.domain.policy import Move, PolicyChange, PolicyFacts
from mlci_action.domain.report import Report
from mlci_action.rendering.fits import misfit
from mlci_action.rendering.policy_fields import policy_fields, policy_of, policy_schema
from mlci_action.rendering.policy_sections import (
    policy_lines,
    policy_note,
    policy_table,
    policy_title,
)
from tests.builders import HOSTILE, check, report
from tests.unit.rendering.gfm import rendered
from tests.unit.rendering.reports import TEXTS

LOOSER = PolicyChange(rule="metrics.roc_auc.min", move=Move.LOOSER, before="0.9", after="0.1")
GONE = PolicyChange(rule="flips.max_negative_rate", move=Move.LOOSER, before="0.01")
FILE = PolicyChange(
    rule="data.evaluation", move=Move.OTHER, after="the file itself was changed", in_force=True
)


def about(*changes: PolicyChange) -> Report:
    facts = PolicyFacts(origin="mlci.yml of the base branch", changes=changes)
    return replace(report(check()), policy=facts)


def test_a_looser_rule_is_told_with_both_values() -> None:
    made = about(LOOSER, GONE, FILE)
    assert policy_note(made) == (
        "⚠️ This change would loosen the policy; it was judged by the base branch's: "
        "`metrics.roc_auc.min` from 0.9 to 0.1, `flips.max_negative_rate` from 0.01 to none."
    )
    assert policy_lines(made, 200) == [
        "This change would loosen the policy; it was judged by the base branch's:",
        "  metrics.roc_auc.min: 0.9 -> 0.1",
        "  flips.max_negative_rate: 0.01 -> none",
    ]
    assert policy_title(made) == "Policy: 2 looser, 1 other"


@pytest.mark.parametrize("made", [report(check()), about(), about(FILE)])
def test_where_nothing_would_be_looser_nothing_is_told(made: Report) -> None:
    assert policy_note(made) == ""
    assert policy_lines(made, 80) == []


def test_without_a_difference_there_is_no_table() -> None:
    assert policy_table(about()) == policy_table(report(check())) == ""
    assert policy_table(about(LOOSER), 0) == ""
    assert policy_title(about()) == "Policy: as in the base branch"


def test_the_table_says_what_counts_already() -> None:
    shown = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in policy_table(about(LOOSER, FILE)).splitlines()
        if line.startswith("|")
    ]
    assert shown[0] == ["Rule", "Base branch", "This change", "Is", "In force"]
    assert shown[2:] == [
        ["`metrics.roc_auc.min`", "0.9", "0.1", "looser", "once merged"],
        ["`data.evaluation`", "none", "the file itself was changed", "other", "yes"],
    ]


def test_many_changes_are_counted() -> None:
    made = about(*[LOOSER] * 60)
    assert policy_table(made).endswith("\n\n10 more rules in report.json.")
    assert policy_note(made).endswith(", and 57 more.")
    assert policy_lines(made, 80)[-1] == "  and 57 more"
    assert len(policy_note(about(*[replace(LOOSER, rule="r" * 900, before="b" * 900)] * 9))) < 2_000


def test_foreign_text_stays_text() -> None:
    odd = replace(LOOSER, rule=HOSTILE, before=HOSTILE, after=HOSTILE)
    for shown in (policy_note(about(odd)), policy_table(about(odd))):
        assert not rendered(shown).links
        assert "<script>" not in shown
        assert "@team" not in shown
        assert "::error::" not in shown
    assert all("\n" not in line for line in policy_lines(about(odd), 80))


FACTS = st.builds(
    PolicyFacts,
    origin=TEXTS,
    digest=st.sampled_from(["", "sha256:" + "5e" * 32]),
    problem=TEXTS,
    changes=st.lists(
        st.builds(
            PolicyChange,
            rule=st.sampled_from(["a.b", "data.checks.missing.columns.x|y"]),
            move=st.sampled_from(Move),
            before=st.none() | TEXTS,
            after=st.none() | TEXTS,
            in_force=st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
)


@given(facts=FACTS)
def test_the_fields_hold_all_of_it_and_fit_their_schema(facts: PolicyFacts) -> None:
    fields = json.loads(json.dumps(policy_fields(facts)))
    assert misfit(fields, policy_schema()) is None
    assert policy_of(fields) == facts


def test_a_policy_of_very_many_changes_still_fits() -> None:
    fields = policy_fields(PolicyFacts(origin="o", changes=(LOOSER,) * 1_200))
    assert misfit(fields, policy_schema()) is None
    assert len(fields["changes"]) == 1_000


@pytest.mark.parametrize(
    "change",
    [{"move": "softer"}, {"in_force": "no"}, {"rule": 1}, {"rule": ""}, {"extra": 1}],
)
def test_what_is_no_change_does_not_fit(change: dict[str, object]) -> None:
    fields = policy_fields(PolicyFacts(origin="o", changes=(LOOSER,)))
    fields["changes"][0] |= change
    assert misfit(fields, policy_schema()) is not None
