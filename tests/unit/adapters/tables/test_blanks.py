"""Which words are missing cells? Those of pandas."""

from __future__ import annotations

from pandas._libs.parsers import STR_NA_VALUES  # type: ignore[import-not-found, unused-ignore]

from mlci_action.adapters.tables.blanks import MISSING


def test_the_words_are_those_of_pandas() -> None:
    assert set(MISSING) == STR_NA_VALUES
