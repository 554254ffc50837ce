"""Is a missing label one that was written as a word?"""

from __future__ import annotations

import pytest

from mlci_action.adapters.tables.label_words import refuse_lost_labels
from mlci_action.errors import DatasetError
from tests.unit.adapters.tables.reading import texts


@pytest.mark.parametrize(
    "cells",
    [
        ("low", None, ""),
        ("1", "NA", "2.5"),
        ("True", "NA", "false"),
        ("NA", "None"),
        ("low", "nan"),
        (),
    ],
)
def test_a_word_among_numbers_is_no_label(cells: tuple[str | None, ...]) -> None:
    refuse_lost_labels("y", [texts(*cells)])


@pytest.mark.parametrize("cells", [("low", "NA"), ("1", "True", "NA"), (" x ", "None")])
def test_a_word_among_words_may_be_one(cells: tuple[str, ...]) -> None:
    with pytest.raises(DatasetError, match=r"takes? for a missing value, in 1 of"):
        refuse_lost_labels("y", [texts(cell) for cell in cells])
