"""Which texts say that there is no value?"""

from __future__ import annotations

import pytest

from mlci_action.checks.missing_words import Stand, says_something, stand_of
from tests.unit.checks.profiles import text


@pytest.mark.parametrize(
    ("cell", "stand"),
    [
        ("", Stand.BLANK),
        (" \t\u00a0", Stand.BLANK),
        ("?", Stand.SIGN),
        (" ?? ", Stand.SIGN),
        ("--", Stand.SIGN),
        ("—", Stand.SIGN),
        ("...", Stand.SIGN),
        ("N/A", Stand.SIGN),
        ("#VALUE!", Stand.SIGN),
        ("\\N", Stand.SIGN),
        ("NaN", Stand.ABBREVIATION),
        ("NULL", Stand.ABBREVIATION),
        ("Unknown", Stand.WORD),
        ("not available", Stand.WORD),
        ("NOT_AVAILABLE", Stand.WORD),
        ("Bern", None),
        ("?-", None),
        ("-1", None),
        ("a.", None),
        ("nan nan", None),
    ],
)
def test_case_and_the_spaces_around_do_not_matter(cell: str, stand: Stand | None) -> None:
    assert stand_of(cell) is stand


def test_all_other_texts_say_something() -> None:
    summary = text(["Bern", "Bern", "?", "", "unknown", "Zug"]).text
    assert summary is not None
    assert says_something(summary) == 3
