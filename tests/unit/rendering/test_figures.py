from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlci_action.rendering.figures import RowFigures, number, row_figures
from tests.builders import row


def figures(
    baseline: float | None, candidate: float | None, low: float, high: float
) -> tuple[str, ...]:
    found = row_figures(row("log_loss", baseline, candidate, (low, high)))
    return found.baseline, found.candidate, found.diff, found.interval


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        (
            (0.8712, 0.8501, -0.0301, -0.0121),
            ("0.8712", "0.8501", "-0.0211", "-0.0301 to -0.0121"),
        ),
        ((1.0, 0.9, -0.2, -0.01), ("1.0000", "0.9000", "-0.1000", "-0.2000 to -0.0100")),
        ((5.2, 5.1, -0.2, 0.002), ("5.200", "5.100", "-0.100", "-0.200 to 0.002")),
        ((41_234.56, 41_200.1, -123.4, 60.2), ("41,235", "41,200", "-34", "-123 to 60")),
        (
            (0.99991, 0.99995, -0.00001, 0.00009),
            ("0.9999", "1.0000", "+0.000040", "-0.000010 to 0.000090"),
        ),
        ((0.5, 0.5, 0.0, 0.0), ("0.5000", "0.5000", "0.0000", "0.0000 to 0.0000")),
        ((3e12, 3.1e12, 1e10, 2e11), ("3e+12", "3.1e+12", "+1e+11", "1e+10 to 2e+11")),
        ((1e-7, 2e-7, 0.0, 3e-7), ("1e-07", "2e-07", "+1e-07", "0.0000000 to 3e-07")),
    ],
)
def test_scores_share_decimals_and_differences_keep_digits_that_count(
    scores: tuple[float, float, float, float], expected: tuple[str, ...]
) -> None:
    assert figures(*scores) == expected


def test_numbers_that_do_not_exist_are_a_dash() -> None:
    """Half an interval is none."""
    assert row_figures(row(baseline=None, interval=None)) == RowFigures(
        baseline="-", candidate="0.8801", diff="-", interval="-", n="6,512"
    )
    assert figures(math.nan, math.inf, 0.1, math.nan) == ("-", "-", "-", "-")


@given(st.floats(), st.floats(), st.floats(), st.floats())
def test_any_number_can_be_shown_with_an_ascii_sign_and_no_nan(
    baseline: float, candidate: float, low: float, high: float
) -> None:
    shown = figures(baseline, candidate, low, high)
    for text in shown:
        assert text.isascii()
        assert "nan" not in text
        assert "inf" not in text
    assert shown[2] == "-" or not (shown[2][0] in "+-" and not shown[2].strip("+-0.,"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (math.nan, "-"),
        (-math.inf, "-"),
        (0, "0"),
        (-0.0, "0"),
        (50.0, "50"),
        (1_234_567, "1,234,567"),
        (0.01, "0.01"),
        (0.0123456, "0.01235"),
        (12.34567, "12.35"),
        (1e-8, "1e-08"),
        (2e9, "2e+09"),
    ],
)
def test_a_number_on_its_own_has_the_digits_it_needs(value: float | None, text: str) -> None:
    assert number(value) == text
