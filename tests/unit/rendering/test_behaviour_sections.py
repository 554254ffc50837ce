from __future__ import annotations

from dataclasses import replace

import pytest

from mlci_action.domain.behaviour import Behaviour, FlippedRow, GroupRates, ScoreShift, Value
from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.report import Report
from mlci_action.rendering.behaviour_sections import behaviour_details, flips_file, flips_line
from mlci_action.rendering.markdown import NBSP
from tests.builders import check, comparison, report, row
from tests.sample_behaviour import BEHAVIOUR
from tests.sample_reports import unfair


def behaving(behaviour: Behaviour) -> Report:
    return replace(report(check()), comparison=comparison(row(), behaviour=behaviour))


def lines(made: Report, part: str, most: int = 50) -> list[str]:
    return behaviour_details(made, most)[part][1].replace(NBSP, " ").splitlines()


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_what_a_report_does_not_know_is_not_shown() -> None:
    for made in (report(check()), behaving(Behaviour())):
        assert behaviour_details(made, 50) == {}
        assert (flips_line(made), flips_file(made)) == ("", "")


def test_without_room_nothing_is_shown_but_the_flips() -> None:
    assert behaviour_details(unfair(), 0) == {}
    assert flips_line(unfair()).startswith("12 rows right before are wrong now (0.18 %")


@pytest.mark.parametrize(
    ("outcome", "answer"),
    [
        (Outcome.FAILED, ": ❌ failed `max_negative_rate 0.001`"),
        (Outcome.INCONCLUSIVE, ": ⚠️ inconclusive `max_negative_rate 0.001`"),
        (None, "31 the reverse (0.48 %)"),
    ],
)
def test_the_line_on_flips_carries_its_own_verdict(outcome: Outcome | None, answer: str) -> None:
    judged = (
        [] if outcome is None else [check("metric.flips.max_negative_rate", outcome, limit=0.001)]
    )
    made = replace(behaving(BEHAVIOUR), checks=tuple(judged))
    assert flips_line(made).endswith(answer)


def test_the_file_of_flips_is_named_where_there_is_one_and_a_cut_is_said() -> None:
    one = FlippedRow(row=1, id="L-17", truth="a", baseline="a", candidate="b")
    assert flips_file(replace(unfair(), flipped=(one,))) == (
        "These rows are listed in `flips.csv` beside the report."
    )
    assert flips_file(replace(unfair(), flipped=(one,) * 1_000_001)) == (
        "The first 1,000,000 of these 1,000,001 rows are listed in `flips.csv` beside the report."
    )


def test_a_group_that_is_not_judged_says_why_and_keeps_its_rates() -> None:
    title, _ = behaviour_details(unfair(), 50)["groups"]
    assert title == "Fairness: 3 groups, 1 not judged"
    assert cells(lines(unfair(), "groups")[-1]) == [
        "`sex`", "`(missing)`", "12", "3", "0.250 → 0.260", "0.660 → 0.660", "0.000 → 0.000",
        "not judged: fewer than 50 rows",
    ]  # fmt: skip


def test_a_rate_that_does_not_exist_is_a_dash() -> None:
    group = GroupRates(
        sensitive="sex",
        group="other",
        n=7,
        positives=0,
        judged=False,
        rates={"selection_rate": (None, 0.2), "true_positive_rate": (None, None)},
    )
    made = behaving(Behaviour(groups=(group,)))
    assert cells(lines(made, "groups")[-1])[4:] == ["- → 0.200", "-", "-", "not judged: 7 rows"]
    assert behaviour_details(made, 50)["groups"][0] == "Fairness: 1 group, 1 not judged"


def test_a_region_is_a_condition_to_copy_with_its_own_numbers() -> None:
    said, *_, last = lines(unfair(), "regions")
    assert said.startswith("Found on half of the rows, measured on the other half; not judged.")
    assert cells(last) == [
        "<code>age &gt;= 60 and region in &#91;'north', 'east'&#93;</code>", "`log_loss`",
        "0.3312", "0.4121", "+0.0809 worse", "0.0312 to 0.1306", "212",
    ]  # fmt: skip


def test_both_models_calibration_stands_side_by_side() -> None:
    found = lines(unfair(), "calibration")
    assert [cells(line) for line in found if line.startswith(("| baseline", "| candidate"))] == [
        ["baseline", "0.012 (0.004 to 0.023)", "0.97 (0.90 to 1.04)", "-0.020 (-0.110 to 0.070)"],
        ["candidate", "0.031 (0.023 to 0.042)", "1.31 (1.24 to 1.38)", "-0.020 (-0.110 to 0.070)"],
    ]
    assert cells(found[-1]) == ["3,256", "0.512", "0.540 (0.520 to 0.560)"] * 2


def test_a_model_with_fewer_ranges_of_scores_leaves_the_rest_empty() -> None:
    ours, theirs = BEHAVIOUR.calibration
    shorter = replace(theirs, bins=theirs.bins[:1])
    found = lines(behaving(Behaviour(calibration=(ours, shorter))), "calibration")
    assert cells(found[-1])[3:] == ["-", "-", "-"]
    alone = lines(behaving(Behaviour(calibration=(replace(ours, bins=()),))), "calibration")
    assert len(alone) == 5


def test_a_number_that_could_not_be_had_says_why() -> None:
    separated = Value(value=None, note="the scores separate the classes")
    model = replace(BEHAVIOUR.calibration[1], slope=separated, bins=())
    found = lines(behaving(Behaviour(calibration=(model,))), "calibration")
    assert cells(found[-1])[2] == "-; the scores separate the classes"


def test_a_shift_is_one_line_and_one_small_table() -> None:
    said, _, *rest = lines(unfair(), "shift")
    assert said == (
        "Scores of the candidate less the baseline's: mean change 0.00210 (95 % CI -0.00040 to "
        "0.00460); mean absolute change 0.0341; Kolmogorov-Smirnov 0.0312; Wasserstein 0.0081; "
        "Jensen-Shannon 0.0102; population stability index 0.0031."
    )
    assert [cells(line) for line in rest[2:]] == [
        ["0.05", "0.012", "0.013"],
        ["0.5", "0.229", "0.231"],
        ["0.95", "0.901", "0.912"],
    ]
    bare = ScoreShift(mean_change=Value(value=None, note="one row"), mean_absolute_change=0.0)
    assert lines(behaving(Behaviour(score_shift=bare)), "shift") == [
        (
            "Scores of the candidate less the baseline's: mean change -; one row; "
            "mean absolute change 0."
        )
    ]


@pytest.mark.parametrize(
    ("part", "what"), [("regions", "region"), ("groups", "group"), ("calibration", "range")]
)
def test_what_is_left_out_is_counted(part: str, what: str) -> None:
    many = replace(
        BEHAVIOUR,
        groups=BEHAVIOUR.groups * 2,
        found_slices=BEHAVIOUR.found_slices * 6,
        calibration=tuple(replace(m, bins=m.bins * 3) for m in BEHAVIOUR.calibration),
    )
    assert lines(behaving(many), part, 4)[-1].startswith(f"2 more {what}s")
