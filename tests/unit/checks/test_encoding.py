"""Text whose encoding broke on the way."""

from __future__ import annotations

from mlci_action.checks.encoding import find_encoding, is_damaged
from mlci_action.checks.findings import Finding, Kind
from mlci_action.domain.cells import CellTest
from tests.unit.checks.profiles import edited, text

CITIES = ["Zürich", "Bern", "Genève", "Łódź"] * 50
BROKEN = "Zürich".encode().decode("latin-1")


def found(before: list[str], now: list[str], *, show_values: bool = False) -> list[Finding]:
    return list(find_encoding(edited([text(before)], [text(now)], show_values=show_values)))


def test_one_broken_text_is_enough_where_there_was_none() -> None:
    assert found(CITIES, [*CITIES, BROKEN], show_values=True) == [
        Finding(
            column="x",
            message="column 'x' holds 1 text with a broken encoding, and none in the reference: "
            "most likely UTF-8 that was read as Latin-1",
            rows=1,
            cells=CellTest(column="x", texts=frozenset({BROKEN}), exact=True),
            evidence={"values": [BROKEN]},
        )
    ]


def test_letters_beyond_ascii_are_no_damage() -> None:
    assert found(CITIES, CITIES) == []


def test_known_damage_must_become_more() -> None:
    assert found([*CITIES, BROKEN], [*CITIES, BROKEN, BROKEN]) == []
    [finding] = found([*CITIES, BROKEN], [*CITIES, *[BROKEN] * 40])
    assert (finding.kind, finding.rows, finding.evidence) == (Kind.COUNT, 40, {})
    assert "and 1 of 201 in the reference" in finding.message


def test_a_short_reference_does_not_tell_what_is_usual() -> None:
    assert found(CITIES[:49], [*CITIES, BROKEN]) == []


def test_damage_is_a_replacement_character_or_bytes_read_as_letters() -> None:
    assert all(map(is_damaged, ["caf\ufffd", "donâ€™t", BROKEN]))
    assert not any(map(is_damaged, ["cafe", "café", "don\u2019t", "Ã", "日本"]))
