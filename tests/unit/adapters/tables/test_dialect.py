"""How is a CSV file written? Found out or said, and a row is never taken for names."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlci_action.adapters.tables.options import ReadOptions
from mlci_action.errors import DatasetError
from tests.unit.adapters.tables.reading import (
    assert_blocks_hold_the_frame,
    streamed,
    table_of,
)


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("age;city\n1;a,b\n", ("age", "city")),
        ("age\tfirst name\n1\tAnn Lee\n", ("age", "first name")),
        ("age|city\n1|2\n", ("age", "city")),
        ("age  city\n 1   2\n3 4\n", ("age", "city")),
        ('age city\n1 "New York"\n', ("age", "city")),
        ('"a;b","c,d"\n1,2\n', ("a;b", "c,d")),
        ("first name,last name\nAnn Mary,Lee Ko\n", ("first name", "last name")),
        ("id;name, first;age\n1;Ann, B;3\n2;Bo, C;4\n", ("id", "name, first", "age")),
        ("price\n1200\n", ("price",)),
        ("house price\n1200\n900\n", ("house price",)),
        ("a,b\n1,2\n3\n", ("a", "b")),
        (",0,1\n0,5,6\n", ("Unnamed: 0", "0", "1")),
    ],
)
def test_the_separator_is_what_splits_every_line_alike(
    tmp_path: Path, content: str, names: tuple[str, ...]
) -> None:
    table = table_of(tmp_path, content)
    assert table.names == names
    assert_blocks_hold_the_frame(table)


def test_what_was_found_is_noted(tmp_path: Path) -> None:
    assert table_of(tmp_path, "a,b\n1,2\n").notes == ()
    assert table_of(tmp_path, "a;b\n1;2\n").notes == ("a.csv: columns are separated by ';'",)
    assert table_of(tmp_path, "a  b\n1  2\n").notes == (
        "a.csv: columns are separated by runs of spaces",
    )
    assert table_of(tmp_path, "a,b\n1,2\n".encode("utf-16")).notes == ("a.csv: the text is UTF-16",)


@pytest.mark.parametrize(
    ("separator", "names"),
    [
        (";", ("a,b", "c d")),
        (",", ("a", "b;c d")),
        ("whitespace", ("a,b;c", "d")),
        ("\\t", ("a,b;c d",)),
    ],
)
def test_a_separator_that_is_set_is_used(
    tmp_path: Path, separator: str, names: tuple[str, ...]
) -> None:
    table = table_of(tmp_path, "a,b;c d\n", ReadOptions(separator=separator))
    assert table.names == names


@pytest.mark.parametrize("separator", ["", ", ", '"', "\n"])
def test_a_separator_that_is_none_is_refused(tmp_path: Path, separator: str) -> None:
    with pytest.raises(DatasetError, match=r"data.separator is one character or 'whitespace'"):
        table_of(tmp_path, "a,b\n1,2\n", ReadOptions(separator=separator))


@pytest.mark.parametrize(
    "content",
    [
        "5.1,3.5\n4.9,3.0\n",
        "5.1,3.5,setosa\n4.9,3.0,setosa\n",
        "39, State-gov, 77516, 13\n50, Self-emp, 83311, 13\n",
        " 0.006  18.00   2.31\n 0.027   0.00   7.07\n",
        "1,5;2,5\n3,5;4,5\n",
        '18.0 8\t"chevrolet"\n15.0 8\t"buick"\n',
        "0\n1\n",
        "1,2\n",
        "-1e3,.5\n1,2\n",
    ],
)
def test_a_row_is_never_taken_for_names(tmp_path: Path, content: str) -> None:
    with pytest.raises(DatasetError, match=r"'a.csv' looks like it has no header line") as caught:
        table_of(tmp_path, content)
    assert "set `data.columns`" in caught.value.hint


@pytest.mark.parametrize(
    ("content", "notes"),
    [
        ("0,1,2,3\n5,6,7,8\n", ("a.csv: its header line is the numbers 0 to 3",)),
        ("country,2019,2020,2021\nCH,1,2,3\n", ()),
        ("label,0\n1,2\n", ()),
        ("nan,inf\n1,2\n", ()),
    ],
)
def test_numbers_that_count_are_names(tmp_path: Path, content: str, notes: tuple[str, ...]) -> None:
    table = table_of(tmp_path, content)
    assert table.count() == 1
    assert table.notes == notes


@pytest.mark.parametrize("content", ["1.5,2.5\n3,4\n", "1.5 2.5\n3 4\n", "1.5;2.5\n3;4\n"])
def test_names_that_are_given_make_every_line_a_row(tmp_path: Path, content: str) -> None:
    table = table_of(tmp_path, content, ReadOptions(columns=("a", "b")))
    assert table.names == ("a", "b")
    assert streamed(table) == {"a": ["1.5", "3"], "b": ["2.5", "4"]}
    assert_blocks_hold_the_frame(table)


def test_names_that_stand_in_the_first_line_too_are_the_header(tmp_path: Path) -> None:
    """Else a row of names would be judged."""
    table = table_of(tmp_path, "a,b\n1,2\n", ReadOptions(columns=("a", "b")))
    assert streamed(table) == {"a": ["1"], "b": ["2"]}
    assert table.notes == (
        "a.csv: its first line holds the names of data.columns and is the header line",
    )


@pytest.mark.parametrize(
    ("content", "columns", "message"),
    [
        ("1,2\n3,4\n", ("a",), "'a.csv' has 2 columns, and data.columns names 1"),
        ("1,2\n3,4\n", ("a", "b", "c"), "'a.csv' has 2 columns, and data.columns names 3"),
        ("1,2\n3,4\n", ("a", "a"), "'data.columns' has two columns named 'a'"),
        ("a,b,a\n1,2,3\n", None, "'a.csv' has two columns named 'a'"),
        ("p,x,s,n,p\np,x,y,w,p\n", None, "'a.csv' has two columns named 'p'"),
    ],
)
def test_names_that_do_not_fit_are_refused(
    tmp_path: Path, content: str, columns: tuple[str, ...] | None, message: str
) -> None:
    with pytest.raises(DatasetError, match=message):
        table_of(tmp_path, content, ReadOptions(columns=columns))


def test_a_row_longer_than_the_names_given_is_refused(tmp_path: Path) -> None:
    table = table_of(tmp_path, "1,2\n3,4\n5,6,7\n", ReadOptions(columns=("a", "b"), separator=","))
    for read in (table.frame, lambda: list(table.chunks())):
        with pytest.raises(DatasetError, match="cannot be read as a table"):
            read()


def test_a_wide_table_is_read(tmp_path: Path) -> None:
    """Its header line alone is longer than a look at the file."""
    names = [f"gene{number:06}" for number in range(150_000)]
    table = table_of(tmp_path, ",".join(names) + "\n" + ",".join(["1"] * len(names)) + "\n")
    assert table.names == tuple(names)
    (batch,) = table.chunks(["gene149999"])
    assert batch.to_pydict() == {"gene149999": ["1"]}
