"""New texts that are known ones with a slip."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mlci_action.checks.findings import Finding, Kind
from mlci_action.checks.spelling import find_slips, find_spelling
from mlci_action.domain.cells import CellTest
from tests.unit.checks.profiles import Cell, edited, numbers

CITIES: list[Cell] = ["Birmingham", "Boston", "Mobile", "New York"] * 50


def found(
    before: Sequence[Cell], now: Sequence[Cell], *, show_values: bool = False
) -> list[Finding]:
    return list(find_spelling(edited([numbers(before)], [numbers(now)], show_values=show_values)))


def words(n: int, seed: int) -> list[str]:
    """Words without meaning, of which hardly two are near each other."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return [
        "".join(
            letters[(seed * 7 + i * (3 + k) + k * k * 5 + i // (k + 1)) % 26] for k in range(12)
        )
        for i in range(n)
    ]


def test_one_slip_in_a_category_is_found() -> None:
    assert found(CITIES, [*CITIES, "Birminghxm"], show_values=True) == [
        Finding(
            column="x",
            message="column 'x' holds 1 cell 'Birminghxm', nearly a text of the reference, but not "
            "quite: slips in writing, most likely",
            rows=1,
            observed=1 / 201,
            cells=CellTest(column="x", texts=frozenset({"Birminghxm"}), exact=True),
            evidence={"values": ["Birminghxm"], "texts": 1},
        )
    ]


def test_the_text_itself_is_not_told_unless_it_may_be() -> None:
    [finding] = found(CITIES, [*CITIES, "Birminghxm"])

    assert "1 cell of the form 'Aaaaaaaaaa', nearly" in finding.message
    assert finding.evidence == {"texts": 1}


@pytest.mark.parametrize(
    "slip", ["BOSTON", "Boston ", "new-york", "New  York", "Birming", "Bosston"]
)
def test_case_spaces_punctuation_and_added_letters_are_slips(slip: str) -> None:
    assert (found(CITIES, [*CITIES, slip]) != []) == (slip != "Birming")


def test_a_text_that_was_cut_off_inside_a_word_is_a_slip() -> None:
    assert [f.rows for f in found(CITIES, [*CITIES, "Birmingh"])] == [1]


@pytest.mark.parametrize("other", ["Dallas", "Bosporus", "Route", "Mobil 1"])
def test_another_word_is_none(other: str) -> None:
    assert found(CITIES, [*CITIES, other]) == []


def test_what_was_meant_must_come_often() -> None:
    assert found([*CITIES, *["Houston"] * 4], [*CITIES, "Huoston"]) == []
    assert found([*CITIES, *["Houston"] * 6], [*CITIES, "Huoston"]) != []


def test_what_comes_nearly_as_often_is_a_name_of_its_own() -> None:
    assert found(CITIES, [*CITIES, *["Bostom"] * 10]) != []
    assert found(CITIES, [*CITIES, *["Bostom"] * 20]) == []


def test_another_way_of_writing_may_come_as_often() -> None:
    upper: list[Cell] = [str(city).upper() for city in CITIES]

    assert [f.rows for f in found(CITIES, upper)] == [200]


def test_a_column_that_has_near_pairs_itself_has_no_slips() -> None:
    known: list[Cell] = [*CITIES, *["Austin"] * 50, "Austen"]
    cases: list[Cell] = [*CITIES, *["t"] * 50, *["T"] * 50]
    cut: list[Cell] = [*CITIES, *["Hunting", "Hunti"] * 50, *["Huntingdon"] * 50]

    assert found(known, [*known, "Birminghxm"]) == []
    assert found(known, [*known, "BOSTON"]) != []
    assert found(cases, [*cases, "BOSTON"]) == []
    assert found(cases, [*cases, "Birminghxm"]) != []
    assert found([*cut, "Huntingd"], [*cut, "Birmingh"]) == []


def test_two_frequent_names_that_are_near_each_other_prove_nothing() -> None:
    known: list[Cell] = [*CITIES, *["Austin", "Austen"] * 50]

    assert found(known, [*known, "Birminghxm"]) != []


def test_damage_and_placeholders_are_other_checks_business() -> None:
    known: list[Cell] = [*CITIES, *["Zürich"] * 50, *["unknown"] * 50]

    assert found(known, [*known, "ZÃ¼rich", "UNKNOWN"]) == []


def test_dates_have_no_slips() -> None:
    days: list[Cell] = [f"{1 + i % 20} January 2020" for i in range(400)]

    assert found(days, [*days, "3 Januarx 2020"]) == []


def test_texts_that_all_look_alike_are_silent() -> None:
    begin = "https://www.example.com/all/"
    links = [f"{begin}{word}" for word in words(400, 1)]

    assert found(links * 6, [*links, *(f"{begin}{word}" for word in words(400, 2))]) == []
    assert found(links, [f"{begin}{word}" for word in words(400, 2)]) == []


def test_among_texts_that_hardly_repeat_a_few_near_ones_are_normal() -> None:
    names = words(300, 1)

    assert found(names, [*names[:250], *(f"{name[:-1]}_" for name in names[250:255])]) == []


def test_many_near_ones_are_not() -> None:
    names = words(300, 1)
    slips = [f"{name[:6]}_{name[7:]}" for name in names[240:]]

    [finding] = found(names, [*names[:240], *slips])

    assert (finding.kind, finding.rows) == (Kind.COUNT, 60)
    assert finding.message.startswith(
        "column 'x': of 60 new texts 60 of the form 'aaaaaa_aaaaa' are"
    )
    assert finding.cells == CellTest(column="x", texts=frozenset(slips), exact=True)
    assert list(find_slips(edited([numbers(names)], [numbers([*names[:240], *slips])]))) == []


def test_a_share_of_near_ones_too_small_to_matter_is_silent() -> None:
    names, new = words(3_000, 1), words(2_400, 2)
    few = [f"{name[:6]}_{name[7:]}" for name in names[:20]]

    assert found(names, [*new, *few]) == []
    assert found(names, [*new[:1_000], *few]) != []


def test_names_that_are_near_each_other_anyway_are_silent() -> None:
    names: list[Cell] = [f"{name}{end}" for name in words(150, 1) for end in ("son", "sen")]
    new: list[Cell] = [f"{name}san" for name in words(150, 1)]

    assert found(names, new) == []


def test_new_names_that_resemble_nobody_are_silent() -> None:
    assert found(words(300, 1), words(300, 2)) == []


@pytest.mark.parametrize("now", [[], [None], [1.0, 2.0]])
def test_a_column_without_text_is_silent(now: list[Cell]) -> None:
    assert found(CITIES, now) == []
    assert found(now, CITIES) == []
