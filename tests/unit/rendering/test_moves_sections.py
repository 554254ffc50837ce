"""How it is told, and stored, what each part of the inputs brought."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator, ValidationError

from mlci_action.domain.fingerprint import Part
from mlci_action.domain.metric import Direction
from mlci_action.domain.moves import MetricMove, WhyMoved
from mlci_action.domain.report import Report
from mlci_action.rendering.markdown import NBSP
from mlci_action.rendering.moves_fields import moves_fields, moves_of, moves_schema
from mlci_action.rendering.moves_sections import moves_lines, moves_table, moves_title
from tests.builders import HOSTILE, check, report
from tests.unit.rendering.gfm import rendered

AUC = MetricMove(
    metric="roc_auc",
    n=6512,
    diff=-0.021,
    shares={Part.DATA: -0.03, Part.CODE: 0.009},
    corners={"": 0.871, "data": 0.845, "code": 0.884, "data+code": 0.85},
)
LOSS = MetricMove(
    metric="log_loss",
    n=6512,
    diff=0.12,
    direction=Direction.LOWER_IS_BETTER,
    shares={Part.DATA: 0.12, Part.CODE: 0.0},
)
FOUND = WhyMoved(changed=(Part.DATA, Part.CODE), moves=(AUC, LOSS))
UNKNOWN = WhyMoved(
    changed=(Part.DATA, Part.CODE),
    moves=(replace(AUC, shares={}, note="it has no value with new code"),),
    note="no shares: 1 model was not trained, with new code",
)


def of(found: WhyMoved | None) -> Report:
    return replace(report(check()), why_moved=found)


def test_nothing_is_shown_where_nobody_asked_and_where_nothing_changed() -> None:
    for found in (None, WhyMoved(changed=())):
        assert moves_table(of(found), 9) == ""
        assert moves_lines(of(found), 80, color=False) == []
    assert moves_table(of(FOUND), 0) == ""


def test_the_title_names_the_parts() -> None:
    assert moves_title(of(FOUND)) == "Why it moved: data and code changed"
    three = replace(FOUND, changed=(Part.DATA, Part.CODE, Part.DEPENDENCIES))
    assert moves_title(of(three)) == "Why it moved: data, code and dependencies changed"
    assert moves_title(of(None)) == "Why it moved"


def test_each_share_says_whether_it_made_the_metric_better() -> None:
    shown = moves_table(of(FOUND), 9).replace(NBSP, " ")
    lines = [line for line in shown.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert cells[0] == ["Metric", "Change", "Data", "Code", "Parameters", "Dependencies", "n"]
    assert cells[2:] == [
        ["`roc_auc`", "-0.021 worse", "-0.030 worse", "+0.009 better", "-", "-", "6,512"],
        ["`log_loss`", "+0.120 worse", "+0.120 worse", "0.000 same", "-", "-", "6,512"],
    ]
    assert shown.startswith("Every combination of old and new parts was trained")


def test_without_shares_it_is_said_why() -> None:
    shown = moves_table(of(UNKNOWN), 9)
    assert "Shapley" not in shown
    assert "no shares: 1 model was not trained, with new code" in shown
    assert "`roc_auc`: it has no value with new code" in shown
    assert moves_table(of(WhyMoved(changed=(Part.DATA,), note="training failed")), 9) == (
        "training failed"
    )


def test_metrics_that_find_no_room_are_counted() -> None:
    assert moves_table(of(FOUND), 1).endswith("1 more metrics in report.json.")


def test_the_console_shows_the_parts_that_changed() -> None:
    assert moves_lines(of(FOUND), 80, color=False) == [
        "Why it moved       Change   data   code     n",
        "roc_auc      -0.021 worse -0.030 +0.009 6,512",
        "log_loss     +0.120 worse +0.120  0.000 6,512",
    ]
    assert moves_lines(of(UNKNOWN), 80, color=False)[1:] == [
        "roc_auc      -0.021 worse    -    - 6,512",
        "no shares: 1 model was not trained, with new code",
        "roc_auc: it has no value with new code",
    ]
    assert max(map(len, moves_lines(of(FOUND), 40, color=False))) <= 40


def test_foreign_text_stays_text() -> None:
    odd = WhyMoved(
        changed=(Part.DATA,), moves=(replace(AUC, metric=HOSTILE, note=HOSTILE),), note=HOSTILE
    )
    shown = moves_table(of(odd), 9)
    assert "<script>" not in shown
    assert not rendered(shown).links
    assert all("\n" not in line for line in moves_lines(of(odd), 80, color=False))


_VALIDATOR = Draft202012Validator(moves_schema())


@pytest.mark.parametrize("found", [None, FOUND, UNKNOWN, WhyMoved(changed=())], ids=str)
def test_what_is_written_fits_the_schema_and_is_read_back(found: WhyMoved | None) -> None:
    stored = json.loads(json.dumps(moves_fields(found)))
    _VALIDATOR.validate(stored)
    assert moves_of(stored) == found


@pytest.mark.parametrize(
    "wrong",
    [{"changed": ["weather"]}, {"moves": [{}]}, {"note": None}, {"extra": 1}],
    ids=["part", "move", "note", "extra"],
)
def test_what_says_nothing_of_moves_does_not_fit(wrong: dict[str, object]) -> None:
    Draft202012Validator.check_schema(moves_schema())
    stored = json.loads(json.dumps({**(moves_fields(FOUND) or {}), **wrong}))
    with pytest.raises(ValidationError):
        _VALIDATOR.validate(stored)
    odd = json.loads(json.dumps(moves_fields(FOUND)))
    odd["moves"][0]["shares"] = {"weather": 0.1}
    with pytest.raises(ValidationError):
        _VALIDATOR.validate(odd)
