"""What is in the data files? As pandas reads them, or one sentence that says why not."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mlci_action.adapters.datasets import load_dataset
from mlci_action.errors import DatasetError

FRAME = pd.DataFrame({"age": [20, 30], "city": ["Bern", "Zürich"]})
CSV = "age,city\n20,Bern\n30,Zürich\n"


def test_a_csv_is_read_with_its_digest(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV, encoding="utf-8")
    data = load_dataset("a.csv", tmp_path)
    pd.testing.assert_frame_equal(data.frame, FRAME)
    assert data.digest == f"sha256:{hashlib.sha256(CSV.encode()).hexdigest()}"
    assert (data.files, data.notes) == (("a.csv",), ())


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("bom.csv", lambda path: path.write_text(CSV, encoding="utf-8-sig")),
        ("zipped.csv.gz", lambda path: path.write_bytes(gzip.compress(CSV.encode()))),
        ("quoted [1].csv", lambda path: path.write_text('"age","city"\n20,Bern\n30,Zürich\n')),
        ("table.parquet", FRAME.to_parquet),
        ("table.csv", FRAME.to_parquet),
    ],
)
def test_other_spellings_of_the_same_table_are_the_same(
    tmp_path: Path, name: str, write: Callable[[Path], object]
) -> None:
    """Parquet is known by its bytes, not by its name."""
    write(tmp_path / name)
    pd.testing.assert_frame_equal(load_dataset(name, tmp_path).frame, FRAME)


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_separator_is_found_in_the_header_and_noted(tmp_path: Path, separator: str) -> None:
    (tmp_path / "a.csv").write_text(CSV.replace(",", separator), encoding="utf-8")
    data = load_dataset("a.csv", tmp_path)
    pd.testing.assert_frame_equal(data.frame, FRAME)
    assert data.notes == (f"a.csv: columns are separated by {separator!r}",)


def test_files_of_one_pattern_are_put_together_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name, age in (("b.csv", 2), ("a.csv", 1)):
        (tmp_path / name).write_text(f"age\n{age}\n")
    data = load_dataset("*.csv", tmp_path)
    assert list(data.frame["age"]) == [1, 2]
    assert data.files == ("a.csv", "b.csv")


def test_files_with_other_columns_are_not_put_together(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("age\n1\n")
    (tmp_path / "b.csv").write_text("ages\n1\n")
    with pytest.raises(DatasetError, match=r"'b.csv' has other columns than 'a.csv'"):
        load_dataset("*.csv", tmp_path)


def test_a_named_index_of_a_parquet_file_is_a_column(tmp_path: Path) -> None:
    FRAME.set_index("city").to_parquet(tmp_path / "a.parquet")
    assert set(load_dataset("a.parquet", tmp_path).frame.columns) == {"age", "city"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "'a.csv' is empty"),
        (b" \n ", "'a.csv' is empty"),
        (b"age,city\n", "has no rows"),
        (b"age,city\n1,Z\xfcrich\n", "is not UTF-8 text: byte 0xfc"),
        (b"a,b\n1,2\n3,4,5,6\n", "cannot be read as a table"),
        (b"a,b\n1,2,3\n4,5,6\n", "does not match length of data"),
        (b"PAR1 and then nothing", "cannot be read as a table"),
        (b"version https://git-lfs.github.com/spec/v1\noid x", "is a Git LFS pointer"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(DatasetError) as caught:
        load_dataset("a.csv", tmp_path)
    assert message in caught.value.message
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("nothing.csv", "no data at 'nothing.csv'"),
        ("*.csv", "no data at"),
        (".", "no data at"),
    ],
)
def test_what_is_not_there_is_said(tmp_path: Path, pattern: str, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        load_dataset(pattern, tmp_path)


@pytest.mark.parametrize("word", ["None", "NA", "null"])
def test_a_label_that_is_read_as_missing_is_refused(tmp_path: Path, word: str) -> None:
    """Else its rows are left out, and a model that forgot that class passes."""
    (tmp_path / "a.csv").write_text(f"age,grade\n1,Low\n2,{word}\n3,{word}\n")
    with pytest.raises(DatasetError, match=f"'grade' holds '{word}', .* in 2 of 3 rows"):
        load_dataset("a.csv", tmp_path, target="grade")


@pytest.mark.parametrize("cells", ["Low,,High", "1,NA,2", "True,NA,False"])
def test_a_label_that_is_missing_is_left_out(tmp_path: Path, cells: str) -> None:
    """Words among numbers are no label, and neither is an empty cell."""
    rows = "".join(f"1,{cell}\n" for cell in cells.split(","))
    (tmp_path / "a.csv").write_text(f"age,grade\n{rows}")
    assert load_dataset("a.csv", tmp_path, target="grade").frame["grade"].isna().sum() == 1
