"""What kind of table is in a file? Asked of its bytes; and what is none is said in one line."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlci_action.adapters.tables.kinds import Kind, find_kind
from mlci_action.errors import DatasetError
from tests.unit.adapters.tables.reading import table_of

FRAME = pd.DataFrame({"a": [1, 2]})


def _bytes(write: object) -> bytes:
    stream = io.BytesIO()
    write(stream)  # type: ignore[operator]
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"a,b\n1,2\n", Kind.CSV),
        (b"[a],b\n1,2\n", Kind.CSV),
        (_bytes(FRAME.to_parquet), Kind.PARQUET),
        (_bytes(FRAME.to_feather), Kind.ARROW_FILE),
        (_bytes(lambda stream: FRAME.to_excel(stream, index=False)), Kind.EXCEL),
        (b'{"a": 1}\n', Kind.JSON_LINES),
        (b'\xef\xbb\xbf{"a": 1}\n', Kind.JSON_LINES),
        ('{"a": 1}\n'.encode("utf-16"), Kind.JSON_LINES),
    ],
)
def test_the_name_of_a_file_says_nothing(tmp_path: Path, content: bytes, kind: Kind) -> None:
    (tmp_path / "data.pdf").write_bytes(content)
    assert find_kind(tmp_path / "data.pdf").kind is kind
    (tmp_path / "data.png").write_bytes(gzip.compress(content, mtime=0))
    if kind is not Kind.EXCEL:
        assert find_kind(tmp_path / "data.png").kind is kind


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "'a.csv' is empty"),
        (b" \n ", "'a.csv' is empty"),
        (gzip.compress(b"", mtime=0), "'a.csv' is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid x", "is a Git LFS pointer"),
        (b"%PDF-1.7\n...", "'a.csv' is a PDF: no table"),
        (b"\x89PNG\r\n\x1a\n....", "'a.csv' is an image: no table"),
        (b"\xff\xd8\xff\xe0....", "'a.csv' is an image"),
        (b"<!DOCTYPE html>\n<html>404</html>", "'a.csv' is a web page or XML"),
        (b"\n <html><body>", "'a.csv' is a web page or XML"),
        (b'<?xml version="1.0"?><Error/>', "'a.csv' is a web page or XML"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is Excel of before 2007, or has a password"),
        (b"SQLite format 3\x00....", "is an SQLite database"),
        (b"\x80\x04\x95\x00\x00", "is a pickle, which is never read as data"),
        (_bytes(lambda stream: np.save(stream, np.zeros(3))), "is a NumPy array"),
        (b"@relation iris\n@attribute a real\n", "is an ARFF file"),
        (gzip.compress(gzip.compress(b"a,b\n1,2\n", mtime=0), mtime=0), "is packed more than once"),
        (b"x" * 257 + b"ustar\x0000", "is a tar archive"),
        (b"PAR1 and then nothing", "cannot be read as a table"),
        (_bytes(FRAME.to_parquet)[:-20], "cannot be read as a table"),
        (b"ARROW1\x00\x00 and then nothing", "cannot be read as a table"),
        (b"\xff\xff\xff\xff\x10\x00\x00\x00", "cannot be read as a table"),
        (b"\x00\x01\x02\x9f\x8e" * 100, "is not UTF-8 text: byte 0x9f at position 3"),
        (b'{"a": 1,\n "b": 2}\n', "is not JSON lines: line 1"),
        (b'[{"a": 1}, {"a": 2}]\n', "is not JSON lines: line 1"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(DatasetError) as caught:
        table_of(tmp_path, content)
    assert message in caught.value.message
    assert caught.value.hint
    assert "\n" not in str(caught.value)
