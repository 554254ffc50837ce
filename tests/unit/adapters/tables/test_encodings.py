"""Which text do bytes hold? What a mark or an option says, or UTF-8, or a byte that is none."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from mlci_action.adapters.tables.options import ReadOptions
from mlci_action.errors import DatasetError
from tests.unit.adapters.tables.reading import (
    assert_blocks_hold_the_frame,
    streamed,
    table_of,
)

CSV = "city,größe\nZürich,1\nBern,2\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_mark_tells_the_encoding(tmp_path: Path, encoding: str) -> None:
    table = table_of(tmp_path, CSV.encode(encoding))
    assert streamed(table) == {"city": ["Zürich", "Bern"], "größe": ["1", "2"]}
    assert list(table.frame()["city"]) == ["Zürich", "Bern"]
    assert [place.line for place in table.lines([1])] == [3]
    assert_blocks_hold_the_frame(table)


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("latin-1", "latin-1"),
        ("cp1252", "cp1252"),
        ("windows-1252", "cp1252"),
        ("utf-16-le", "utf-16-le"),
        ("UTF8", "utf-8-sig"),
        ("utf-8-sig", "utf-8"),
    ],
)
def test_an_encoding_that_is_set_is_used(tmp_path: Path, encoding: str, written: str) -> None:
    table = table_of(tmp_path, CSV.encode(written), ReadOptions(encoding=encoding))
    assert streamed(table) == {"city": ["Zürich", "Bern"], "größe": ["1", "2"]}
    assert table.frame().columns[1] == "größe"


def test_a_text_longer_than_a_block_is_recoded_whole(tmp_path: Path) -> None:
    content = "a,b\n" + "ü€,ß\n" * 200_000
    table = table_of(tmp_path, content.encode("utf-16"))
    assert table.count() == 200_000
    assert set(table.frame()["a"]) == {"ü€"}


@pytest.mark.parametrize("packed", [False, True])
def test_a_byte_that_is_no_text_is_named_with_its_place_in_the_file(
    tmp_path: Path,
    packed: bool,  # noqa: FBT001
) -> None:
    content = b"a,b\n" + b"1,x\n" * 600_000 + b"2,Z\xfcrich\n" + b"1,x\n" * 10
    table = table_of(tmp_path, gzip.compress(content) if packed else content)
    place = content.index(b"\xfc")
    for read in (table.frame, lambda: list(table.chunks())):
        with pytest.raises(DatasetError) as caught:
            read()
        assert caught.value.message == (
            f"'a.csv' is not UTF-8 text: byte 0xfc at position {place:,}"
        )
        assert "`data.encoding`" in caught.value.hint
        assert "latin-1" in caught.value.hint


def test_a_byte_that_an_encoding_does_not_have_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is not cp1252 text: byte 0x81 at position 4"):
        table_of(tmp_path, b"a,b\n\x81,1\n", ReadOptions(encoding="cp1252"))


@pytest.mark.parametrize("encoding", ["klingon", "base64", "rot13", "a\0b"])
def test_an_encoding_that_is_none_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(DatasetError, match="no encoding is called"):
        table_of(tmp_path, CSV, ReadOptions(encoding=encoding))
