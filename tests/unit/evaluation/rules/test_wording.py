"""Digits that a reader can use: neither all of them, nor so few that two numbers look the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlci_action.domain.comparison import ComparisonRow, Interval, Standing
from mlci_action.domain.metrics import METRICS
from mlci_action.evaluation.rules.wording import (
    about,
    apart_from,
    both_values,
    decimals_of,
    movement,
    name_of,
    own_value,
    rows_needed,
)


def _row(baseline: float, candidate: float, interval: Interval | None = None) -> ComparisonRow:
    return ComparisonRow(
        metric=METRICS["mean_absolute_error"],
        slice=None,
        n=200,
        candidate=candidate,
        baseline=baseline,
        diff=candidate - baseline,
        interval=interval,
    )


@pytest.mark.parametrize(
    ("baseline", "margin", "decimals"),
    [
        (0.87, 0.01, 3),
        (0.87, 0.001, 4),
        (0.87, 0.2, 3),
        (12_345.0, 100.0, 0),
        (12_345.0, 1.0, 1),
        (1e-12, 0.01, 6),
        (0.0, 0.0, 0),
        (1e-12, 1e-14, 9),
    ],
)
def test_decimals_show_two_digits_of_the_margin_and_three_of_the_baseline(
    baseline: float, margin: float, decimals: int
) -> None:
    assert decimals_of(_row(baseline, baseline), margin) == decimals


def test_a_difference_that_rounds_to_zero_has_no_minus() -> None:
    row = _row(0.5, 0.49999)
    assert both_values(row, 3, 0.95) == "mean_absolute_error 0.500 -> 0.500 (+0.000)"
    assert movement(row, 3, 0.95) == "mean_absolute_error fell by 0.000"


@pytest.mark.parametrize(
    ("value", "limit", "text"),
    [(0.87123, 0.8, "0.871"), (0.7999996, 0.8, "0.7999996"), (0.8, 0.8, "0.8")],
)
def test_a_value_is_told_apart_from_its_limit(value: float, limit: float, text: str) -> None:
    assert apart_from(value, limit) == text


def test_rows_needed_of_a_score_interval_come_from_its_width() -> None:
    """Half a width of 1.96 SE: 2.8 SE are 0.0286 for ± 0.02, and (2.8 / 0.7)² times the rows."""
    score = Interval(method="score", standing=Standing.SETTLES, low=-0.02, high=0.02)
    assert rows_needed(_row(0.5, 0.5, score), 0.00715, 4, 0.95) == (
        "these 200 rows can settle a margin of 0.0286 (2.8 SE); "
        "for your margin about 3,200 rows are needed if the models are equal"
    )


def test_few_degrees_of_freedom_ask_for_more_rows_than_there_are() -> None:
    """An interval of ± 4.3 SE is not settled by 2.8 SE, so fewer rows than these cannot do."""
    few = Interval(
        method="delong", standing=Standing.SETTLES, low=-0.038, high=0.024, se=0.007, df=2.0
    )
    assert rows_needed(_row(0.9, 0.893, few), 0.02, 3, 0.95) == (
        "these 200 rows can settle a margin of 0.036 (5.1 SE); "
        "for your margin about 650 rows are needed if the models are equal"
    )


def test_without_an_interval_no_number_of_rows_is_named() -> None:
    assert rows_needed(_row(0.5, 0.5), 0.01, 3, 0.95) == ""


def test_a_value_with_an_interval_of_its_own_shows_it() -> None:
    assert own_value(_row(0.5, 0.31), 0.3, 0.95) == "mean_absolute_error 0.31"
    known = replace(_row(0.5, 0.31), candidate_interval=(0.2, 0.4123), sensitive="a|b")
    assert own_value(known, 0.3, 0.9) == "mean_absolute_error by 'a|b' 0.31 (90 % CI 0.2 to 0.412)"
    assert name_of(known) == "mean_absolute_error by 'a|b'"


@pytest.mark.parametrize(
    ("rows", "text"), [(0.2, "1"), (9.2, "10"), (381.0, "390"), (38_100.0, "39,000")]
)
def test_a_number_of_rows_is_said_in_two_digits(rows: float, text: str) -> None:
    assert about(rows) == text
