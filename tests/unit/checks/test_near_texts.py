"""Which texts are a slip apart?"""

from __future__ import annotations

import itertools

import pytest

from mlci_action.checks.near_texts import NearTexts, TooAlike, folded, is_cut, is_slip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("New York", "NEW-YORK"),
        ("Müller, A.", "müller a"),
        ("ﬁne", "FINE"),
        ("a\u00a0b", "a b"),
        ("x\x00y", "xy"),
        ("don\u2019t", "don't"),
        ("1  2", "1 2"),
    ],
)
def test_case_space_and_punctuation_are_folded(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C#", "C"),
        ("C++", "C"),
        ("A-", "A"),
        ("A*", "A"),
        ("1.5 l", "15 l"),
        ("3-4 cm", "34 cm"),
        ("<5 kg", ">5 kg"),
        ("1-2", "12"),
        ("+", "-"),
    ],
)
def test_signs_that_mean_something_stay(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@pytest.mark.parametrize(
    "slip",
    [
        "birminghxm",  # replaced
        "birmngham",  # left out
        "birminghamm",  # added
        "brimingham",  # swapped
        "xirmingham",  # a first letter that is another one
    ],
)
def test_one_slip_is_seen_in_both_directions(slip: str) -> None:
    assert is_slip("birmingham", slip)
    assert is_slip(slip, "birmingham")
    assert NearTexts(["birmingham", "boston"]).one_slip_away(slip) == ["birmingham"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("birmingham", "birmingham"),
        ("birmingham", "bxrminghxm"),
        ("birmingham", "birmi"),
        ("typical", "atypical"),
        ("mason", "jason"),
        ("route number 66 north", "route number 67 north"),
    ],
)
def test_others_are_no_slip(one: str, other: str) -> None:
    assert not is_slip(one, other)


def test_a_long_text_may_have_more_wrong_letters() -> None:
    known = "surgery patients who were given heart drugs"
    slip = "surgxry patients whx were givxn heart drugs"

    assert is_slip(known, slip)
    assert NearTexts([known]).one_slip_away(slip) == [known]
    assert NearTexts([known]).one_slip_away(known[:30] + known[31:]) == [known]
    assert not is_slip(known, "xxxxxxx" + known[7:])


@pytest.mark.parametrize("text", ["abc", "ab12cd", "a" * 81])
def test_short_texts_codes_and_prose_have_no_slips(text: str) -> None:
    assert NearTexts([text]).one_slip_away(f"{text}a") == []


def test_near_texts_are_those_that_a_comparison_of_all_pairs_finds() -> None:
    letters = ["".join(drawn) for drawn in itertools.product("abc", repeat=5)]
    index = NearTexts(letters)

    for text in letters[::7]:
        near = {other for other in letters if is_slip(text, other)}
        assert set(index.one_slip_away(text)) == near


def test_pairs_are_those_of_all_texts_with_all() -> None:
    letters = ["".join(drawn) for drawn in itertools.product("ab", repeat=5)]
    pairs = {frozenset(both) for both in NearTexts(letters).pairs_one_slip_apart()}

    assert pairs == {
        frozenset(both) for both in itertools.combinations(letters, 2) if is_slip(*both)
    }


def test_what_is_written_otherwise_is_found_with_its_pairs() -> None:
    index = NearTexts(["New York", "new york", "Bern"])

    assert index.written_otherwise("NEW-YORK") == ["New York", "new york"]
    assert index.written_otherwise("Bern") == []
    assert list(index.pairs_written_otherwise()) == [("New York", "new york")]


def test_a_text_cut_inside_a_word_is_found_with_its_pairs() -> None:
    index = NearTexts(["Obstetrics and Gynecology", "Obstetrics and Gyn", "Pain"])

    assert index.longer("obstetrics and gy") == ["Obstetrics and Gyn", "Obstetrics and Gynecology"]
    assert index.longer("obstetrics and") == []
    assert index.longer("Obstetr") == []
    assert list(index.pairs_cut()) == [("Obstetrics and Gyn", "Obstetrics and Gynecology")]
    assert is_cut("clinical ther", "clinical therapeutics")
    assert not is_cut("clinical", "clinical therapeutics")


def test_texts_that_all_look_alike_tell_nothing() -> None:
    links = [f"https://www.example.com/{'x' * (i % 40)}{i}" for i in range(1_000)]

    with pytest.raises(TooAlike):
        list(NearTexts(links).pairs_one_slip_apart())
    with pytest.raises(TooAlike):
        list(NearTexts(["a" * length for length in range(8, 400)]).pairs_cut())
