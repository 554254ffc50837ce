"""How are JSON lines read? An object a line, and a key that is rare is a column too."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlci_action.adapters.tables import json_lines
from mlci_action.errors import DatasetError
from tests.unit.adapters.tables.reading import (
    assert_blocks_hold_the_frame,
    streamed,
    table_of,
)


def test_columns_are_all_keys_in_the_order_they_appear(tmp_path: Path) -> None:
    table = table_of(tmp_path, '{"b": 1, "a": "x"}\n\n{"a": null, "c": true}\n')
    assert table.names == ("b", "a", "c")
    assert streamed(table) == {"b": [1, None], "a": ["x", None], "c": [None, True]}
    assert_blocks_hold_the_frame(table)
    assert [place.line for place in table.lines([0, 1])] == [1, 3]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "2.5"], [1.0, 2.5]),
        (["1", '"x"'], ["1", "x"]),
        (["true", "1"], ["true", "1"]),
        (['{"k": [1, "ü"]}', "null"], ['{"k": [1, "ü"]}', None]),
        (["[1]", "2"], ["[1]", "2"]),
        (["123456789012345678901234567890", "1"], ["123456789012345678901234567890", "1"]),
        (["9007199254740993", "0.5"], ["9007199254740993", "0.5"]),
        (["null", "null"], [None, None]),
        (['"007"', '""'], ["007", ""]),
    ],
)
def test_values_of_several_kinds_are_json_text(
    tmp_path: Path, values: list[str], expected: list[object]
) -> None:
    table = table_of(tmp_path, "".join(f'{{"a": {value}}}\n' for value in values))
    assert streamed(table) == {"a": expected}


def test_names_that_look_like_numbers_stay_texts(tmp_path: Path) -> None:
    table = table_of(tmp_path, '{"0": 1, "2020-01-01": 2}\n')
    assert list(table.frame().columns) == ["0", "2020-01-01"] == list(table.names)


@pytest.mark.parametrize(
    "content",
    ['{"a": 1}\n{"a": 2\n', '{"a": 1}\n[1]\n', '{"a": 1}\n7\n', '{"a": 1}\n' + '{"a":' * 9999],
)
def test_a_line_that_is_no_object_is_named(tmp_path: Path, content: str) -> None:
    with pytest.raises(DatasetError, match="is not JSON lines: line 2 is not an object"):
        table_of(tmp_path, content)


def test_a_block_ends_where_its_text_is_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_lines, "_CHARS_AT_ONCE", 100)
    table = table_of(tmp_path, '{"a": 12345678}\n' * 50)
    assert max(batch.num_rows for batch in table.chunks()) == 7
    assert table.count() == 50


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "_MAX_LINE_CHARS", 1000)
    with pytest.raises(DatasetError, match="line 2 is longer than"):
        table_of(tmp_path, '{"a": 1}\n{"a": "' + "x" * 2000 + '"}\n')


def test_other_encodings_are_read(tmp_path: Path) -> None:
    assert streamed(table_of(tmp_path, '{"a": "ü"}\n'.encode("utf-16"))) == {"a": ["ü"]}
    with pytest.raises(DatasetError, match="is not UTF-8 text: byte 0xfc at position 7"):
        table_of(tmp_path, b'{"a": "\xfc"}\n')


def test_half_a_character_is_refused(tmp_path: Path) -> None:
    table = table_of(tmp_path, '{"a": "\\ud800"}\n')
    with pytest.raises(DatasetError, match="cannot be read as a table"):
        list(table.chunks())
