from __future__ import annotations

from dataclasses import replace

from mlci_action.domain.comparison import Interval, Standing
from mlci_action.domain.metric import Parameters
from mlci_action.domain.metrics import METRICS
from mlci_action.domain.report import Report
from mlci_action.rendering.methods import methods
from tests.builders import by, comparison, report, row
from tests.sample_behaviour import BEHAVIOUR
from tests.sample_reports import unfair


def shown(made: Report) -> list[str]:
    return methods(made).splitlines()


def test_a_name_of_the_users_own_says_what_it_is_computed_by() -> None:
    """Tuned thresholds and the number of resamples are told beside it."""
    assert shown(unfair())[1:4] == [
        (
            "- `f1_tuned`: `f1` with threshold `tuned`; "
            "thresholds 0.31 and 0.29 on the two halves; interval by `delong`; "
            "standard error 0.006378; 812.5 degrees of freedom"
        ),
        "- `profit`: `acme.metrics:profit`; interval by `bootstrap`; 2,000 resamples, seed 0",
        (
            "- `equalized_odds_difference by sex`: candidate by itself 0.083 to 0.143; "
            "interval by `influence`; standard error 0.0199; 812.5 degrees of freedom"
        ),
    ]


def test_parameters_are_spelt_as_in_the_settings() -> None:
    metric = METRICS["f1"].asked_at(Parameters(class_label="a`b", threshold=0.25), name="f1_ab")
    found = replace(row("f1", interval=None), metric=metric)
    assert shown(replace(unfair(), comparison=comparison(found))) == [
        "- `f1_ab`: `f1` with class <code>a&#96;b</code>, threshold 0.25"
    ]


def test_a_note_that_a_row_shares_with_its_interval_is_told_once() -> None:
    """A row's note may say more than its interval's does."""
    interval = Interval(method="score", standing=Standing.MAY_FAIL, note="rests on 4 rows")
    noted = row("accuracy", note="rests on 4 rows; left out: 'x' (no positives)")
    found = replace(noted, interval=interval)
    assert shown(report(rows=(found,))) == [
        "- `accuracy`: rests on 4 rows; left out: 'x' (no positives); interval by `score`"
    ]


def test_notes_on_flips_and_on_all_rows_are_told_and_slices_are_not() -> None:
    assert BEHAVIOUR.flips is not None
    weighted = replace(
        BEHAVIOUR.flips, negative=replace(BEHAVIOUR.flips.negative, note="by weight")
    )
    made = comparison(
        row(slice_=by(sex="female"), note="never here"),
        notes=("rows are weighted",),
        behaviour=replace(BEHAVIOUR, flips=weighted),
    )
    assert shown(replace(unfair(), comparison=made)) == [
        "- rows are weighted",
        "- flips: by weight",
    ]


def test_a_run_without_a_comparison_has_no_methods() -> None:
    assert not methods(report())
