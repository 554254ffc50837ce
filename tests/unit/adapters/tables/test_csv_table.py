"""How is a CSV file read? The same rows whole and in blocks, and cells as they are written."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlci_action.adapters.tables import csv_arrow, csv_pandas
from mlci_action.adapters.tables.options import ReadOptions
from mlci_action.errors import DatasetError
from tests.unit.adapters.tables.reading import (
    assert_blocks_hold_the_frame,
    streamed,
    table_of,
)


def test_blocks_hold_cells_as_they_are_written(tmp_path: Path) -> None:
    table = table_of(tmp_path, 'a,b\n 7,1e400\n"?",\n  ,007\n"x\ny","say ""no"""\n')
    assert streamed(table, rows=2) == {
        "a": [" 7", "?", "  ", "x\ny"],
        "b": ["1e400", None, "007", 'say "no"'],
    }
    assert all(column.type == pa.string() for batch in table.chunks() for column in batch.columns)


@pytest.mark.parametrize("cell", ["", '""', "NA", '"NA"', "nan", "None", "<NA>", "#N/A"])
def test_a_cell_is_missing_where_pandas_reads_missing(tmp_path: Path, cell: str) -> None:
    table = table_of(tmp_path, f"a,b\n1,{cell}\n2,x\n")
    assert streamed(table)["b"] == [None, "x"]
    assert_blocks_hold_the_frame(table)


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,2\n3\n4,5\n",  # a row that is too short
        "a,b\n1,2,\n3,4,\n",  # a comma at every end
        "a,b\n1,2\n \n\n3,4\n",  # blank lines
        "\n\na,b\n1,2\n",  # before the header
        "a,b\r1,2\r3,4\r",  # line ends of old Macs
        "a,b\r\n1,2\r\n3,4",  # no last line end
        "a\nx\n \ny\n\nz\n",  # one column
        'a,b\nx"y,5" pipe\n',  # quotes within cells
        ",a\n0,1\n1,2\n",  # an index that was written
        '"a\nb",c\n1,2\n',  # a header of two lines
        "a b  c\n1 2  3\n4 5  6\n",  # runs of spaces
    ],
)
def test_blocks_and_frame_agree_on_odd_files(tmp_path: Path, content: str) -> None:
    assert_blocks_hold_the_frame(table_of(tmp_path, content))


_LONG = '"' + "z" * 700 + '"'
_CELLS = st.sampled_from(
    ["a", "1", '"q"', '"a,b"', '"x\ny"', '"x\r\ny"', "NA", '"NA"', "", '""', " 7", 'b"c', '"d"e',
     '"d""e"', '"', " ", "é", '"a\rb"', _LONG]
)  # fmt: skip


def _refusal(read: Callable[[], object]) -> str | None:
    try:
        read()
    except DatasetError as error:
        return str(error)
    return None


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(_CELLS, min_size=1, max_size=4), max_size=9),
    end=st.sampled_from(["\n", "\r\n"]),
    blank=st.sampled_from(["", " ", "\n"]),
)
def test_any_file_is_read_as_pandas_reads_it_or_refused_both_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[list[str]], end: str, blank: str
) -> None:
    monkeypatch.setattr(csv_arrow, "_BLOCK", 1 << 10)
    body = "".join(",".join(row) + end for row in rows)
    content = f'{blank}{end}a,"b\nc",d{end}{body}'
    table = table_of(tmp_path, content, ReadOptions(separator=","))
    if (refusal := _refusal(table.frame)) is not None:
        assert _refusal(lambda: list(table.chunks())) == refusal
        return
    plain = pd.read_csv(io.StringIO(content, newline=""), dtype=object, index_col=False)
    expected = plain.astype(object).where(plain.notna(), None)
    assert streamed(table) == expected.to_dict("list")
    assert len(table.frame()) == len(expected)


def test_a_quote_that_is_never_closed_is_refused_both_ways(tmp_path: Path) -> None:
    """To pyarrow alone it would make the rest of the file a cell."""
    table = table_of(tmp_path, 'a,b\n1,2\n3,"4\n5,6\n')
    for read in (table.frame, lambda: list(table.chunks())):
        with pytest.raises(DatasetError, match="EOF inside string"):
            read()


def test_a_quote_left_open_does_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_arrow, "_BLOCK", 1 << 12)
    monkeypatch.setattr(csv_pandas, "_MAX_BYTES_AT_ONCE", 1 << 20)
    table = table_of(tmp_path, 'a,b\n1,"2\n' + "3,4\n" * 1_000_000)
    with pytest.raises(DatasetError, match="too long to be read: is a quote left open"):
        list(table.chunks())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n3,4,5,6\n", "cannot be read as a table"),
        ("a,b\n1,2,3\n4,5,6\n", "does not match length of data"),
        ("a\n1\n2,3\n", "cannot be read as a table"),
        ("a,b\n", "has no rows"),
        ("a,b\n\n \n", "has no rows"),
    ],
)
def test_what_is_refused_is_refused_in_blocks_too(
    tmp_path: Path, content: str, message: str
) -> None:
    table = table_of(tmp_path, content, ReadOptions(separator=","))
    for read in (table.frame, lambda: list(table.chunks())):
        with pytest.raises(DatasetError, match=message):
            read()


def test_rows_before_one_that_is_too_long_are_given_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fast reader gives up in the middle; the other one goes on where it was."""
    monkeypatch.setattr(csv_arrow, "_BLOCK", 1 << 10)
    rows = "".join(f"{number},x\n" for number in range(2_000))
    table = table_of(tmp_path, f"a,b\n{rows}2000\n2001,y\n")
    assert streamed(table, rows=100)["a"] == [str(number) for number in range(2_002)]


def test_a_reader_may_stop_in_the_middle(tmp_path: Path) -> None:
    table = table_of(tmp_path, "a,b\n" + "1,2\n" * 500_000)
    blocks = table.chunks(rows=10)
    assert next(blocks).num_rows == 10
    blocks.close()  # type: ignore[attr-defined]
    assert len(table.frame()) == 500_000


def test_some_columns_are_given_in_the_order_asked_for(tmp_path: Path) -> None:
    table = table_of(tmp_path, "a,b,c\n1,2,3\n")
    (batch,) = table.chunks(["c", "a"])
    assert batch.to_pydict() == {"c": ["3"], "a": ["1"]}


@pytest.mark.parametrize("word", ["None", "NA", "null"])
def test_a_label_that_is_read_as_missing_is_refused_in_blocks_too(
    tmp_path: Path, word: str
) -> None:
    table = table_of(tmp_path, f"age,grade\n1,Low\n2,{word}\n3,{word}\n", target="grade")
    with pytest.raises(DatasetError, match=f"'grade' holds '{word}', .* in 2 of 3 rows"):
        list(table.chunks())


@pytest.mark.parametrize("cells", ["Low,,High", "1,NA,2", "True,NA,False"])
def test_a_label_that_is_missing_is_left_out_in_blocks_too(tmp_path: Path, cells: str) -> None:
    rows = "".join(f"1,{cell}\n" for cell in cells.split(","))
    table = table_of(tmp_path, f"age,grade\n{rows}", target="grade")
    assert streamed(table)["grade"].count(None) == 1


def test_lines_are_those_an_editor_shows(tmp_path: Path) -> None:
    content = '\n"a\nb",c\n1,2\n\n  \n"3\n4","5"\n6,"7""\n8"\n9,x"y\n10,11\n'
    table = table_of(tmp_path, content)
    assert list(table.frame()["c"]) == ["2", "5", '7"\n8', 'x"y', "11"]
    assert [place.line for place in table.lines(range(5))] == [4, 7, 9, 11, 12]


@pytest.mark.parametrize(
    ("content", "options", "lines"),
    [
        ("1 2\n\n3 4\n", ReadOptions(columns=("a", "b")), [1, 3]),
        ("a;b\r\n1;2\r\n3;4\r\n", ReadOptions(), [2, 3]),
        ("a,b\r1,2\r3,4\r", ReadOptions(), [2, 3]),
        ('a  b\n  "x\ny"  2\n 3 4\n', ReadOptions(), [2, 4]),
    ],
)
def test_lines_of_other_dialects(
    tmp_path: Path, content: str, options: ReadOptions, lines: list[int]
) -> None:
    table = table_of(tmp_path, content, options)
    assert len(table.frame()) == 2
    assert [place.line for place in table.lines([0, 1])] == lines
    assert [place.line for place in table.lines([1])] == lines[1:]


def test_memory_is_that_of_a_block_and_not_of_the_file(tmp_path: Path) -> None:
    """200 MB that unpack from 200 kB."""
    program = f"""
import gzip, resource
from pathlib import Path
from mlci_action.adapters.tables.source import open_table
folder = Path({str(tmp_path)!r})
with gzip.open(folder / "a.csv.gz", "wb", compresslevel=1) as file:
    file.write(b"a,b\\n")
    for _ in range(200):
        file.write(b"12345678,abcdefghij\\n" * 50_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = sum(batch.num_rows for batch in open_table("a.csv.gz", folder).chunks())
print(rows, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    rows, mebibytes = map(int, ran.stdout.split())
    assert rows == 10_000_000
    assert mebibytes < 160
