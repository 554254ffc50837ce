"""On which line of a text does a record stand?"""

from __future__ import annotations

import pytest

from mlci_action.adapters.tables.csv_lines import records


@pytest.mark.parametrize(
    ("text", "separator", "starts"),
    [
        ("a,b\n1,2\n", ",", [1, 2]),
        ("a\n\n  \nb\n", ",", [1, 4]),
        ("a\t\n\t\n \t\nb\t\n", "\t", [1, 2, 3, 4]),
        ('"x\ny",1\n2,3\n', ",", [1, 3]),
        ('1,"x\n\ny"\n2,3\n', ",", [1, 4]),
        ('x"y\nz"\n', ",", [1, 2]),
        ('"x"y"\n"z"\n', ",", [1, 2]),
        ('"x""\ny"\nz\n', ",", [1, 3]),
        ('a;"x\ny"\nz;1\n', ";", [1, 3]),
        ('a,"x\ny"\nz;1\n', ";", [1, 2, 3]),
        (' "x\ny" 1\nz 1\n', "whitespace", [1, 3]),
        ('1,"never closed\n2\n', ",", [1]),
    ],
)
def test_a_record_starts_where_the_last_one_has_ended(
    text: str, separator: str, starts: list[int]
) -> None:
    found = list(records(text.splitlines(keepends=True), separator))
    assert [start for start, _ in found] == starts
