from __future__ import annotations

import numpy as np
import pytest

from mlci_action.evaluation.reading.labels import LabelCodes, label_text, quoted, zero_or_one


@pytest.mark.parametrize("label", [1, 1.0, "1", np.int64(1), np.float32(1.0)])
def test_a_label_has_one_text_whichever_type_holds_it(label: object) -> None:
    assert label_text(label) == "1"


@pytest.mark.parametrize(
    ("label", "text"),
    [(True, "True"), (np.True_, "True"), (0.5, "0.5"), (-1.0, "-1"), (float("nan"), "nan")],
)
def test_other_labels_are_their_own_text(label: object, text: str) -> None:
    assert label_text(label) == text


@pytest.mark.parametrize(
    ("text", "bit"),
    [("0", 0), ("1", 1), ("1.0", 1), ("True", 1), ("false", 0), ("2", None), ("yes", None)],
)
def test_only_plain_zero_and_one_say_which_is_positive(text: str, bit: int | None) -> None:
    assert zero_or_one(text) == bit


def test_a_model_may_spell_a_whole_number_with_a_point() -> None:
    assert LabelCodes(["1", "2"]).find("2.0") == 1


def test_labels_that_differ_in_the_data_stay_different() -> None:
    """Two versions named 1 and 1.0 in one column are two classes."""
    codes = LabelCodes(["1", "1.0"])

    assert (codes.find("1"), codes.find("1.0")) == (0, 1)


def test_unknown_labels_come_in_their_order() -> None:
    assert LabelCodes(["a", "b"]).unknown(["z", "a", "c"]) == ["z", "c"]


def test_a_text_in_place_of_a_label_is_cut_in_messages() -> None:
    assert quoted("yes") == "'yes'"
    assert quoted("x" * 41) == repr("x" * 40 + "…")
