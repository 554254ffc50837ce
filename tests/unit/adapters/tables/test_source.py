"""What is one table? One file or several, in any format; whole and in blocks the same rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from mlci_action.adapters.tables.options import ReadOptions
from mlci_action.adapters.tables.source import Place, open_table
from mlci_action.errors import DatasetError
from tests.unit.adapters.tables.reading import assert_blocks_hold_the_frame, streamed

FRAME = pd.DataFrame(
    {
        "age": [20, 30, 40],
        "city": ["Bern", None, "Zürich"],
        "share": [0.5, None, 1.0],
        "member": [True, False, True],
    }
)
WRITERS: dict[str, Callable[[pd.DataFrame, Path], object]] = {
    "csv": lambda frame, path: frame.to_csv(path, index=False),
    "spaces": lambda frame, path: frame.to_csv(path, index=False, sep=" ", na_rep="NA"),
    "parquet": lambda frame, path: frame.to_parquet(path),
    "feather": lambda frame, path: frame.to_feather(path),
    "json": lambda frame, path: frame.to_json(path, orient="records", lines=True),
    "excel": lambda frame, path: frame.to_excel(path.with_suffix(".xlsx"), index=False),
}


def _written(frame: pd.DataFrame, folder: Path, how: str, name: str = "a") -> str:
    WRITERS[how](frame, folder / name)
    (path,) = folder.glob(f"{name}*")
    return path.name


@pytest.mark.parametrize("how", WRITERS)
def test_every_format_is_read_whole_and_in_blocks(tmp_path: Path, how: str) -> None:
    table = open_table(_written(FRAME, tmp_path, how), tmp_path)
    assert table.names == tuple(FRAME.columns)
    pd.testing.assert_frame_equal(table.frame(), FRAME, check_dtype=False)
    assert_blocks_hold_the_frame(table)
    text = {"age": ["20", "30", "40"], "share": ["0.5", None, "1.0"]}
    held = streamed(table, rows=2)
    expected = text if how in ("csv", "spaces") else {"age": [20, 30, 40], "share": [0.5, None, 1]}
    assert {name: held[name] for name in expected} == expected


@pytest.mark.parametrize("how", WRITERS)
def test_a_table_has_a_digest_and_places(tmp_path: Path, how: str) -> None:
    name = _written(FRAME, tmp_path, how)
    table = open_table(name, tmp_path)
    path = tmp_path / name
    assert table.files == (path,)
    assert table.digest == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    starts = {"csv": [2, 4], "spaces": [2, 4], "json": [1, 3]}.get(how, [None, None])
    assert table.lines([0, 2]) == [Place(file=path, line=line) for line in starts]


@pytest.mark.parametrize("how", WRITERS)
def test_a_table_without_rows_is_refused(tmp_path: Path, how: str) -> None:
    if how == "json":
        return  # an empty file, and refused as such
    name = _written(FRAME.iloc[:0], tmp_path, how)
    table = open_table(name, tmp_path, ReadOptions(separator=" " if how == "spaces" else None))
    for read in (table.frame, lambda: list(table.chunks())):
        with pytest.raises(DatasetError, match="has no rows"):
            read()


def test_files_of_one_pattern_are_aligned_by_the_names_of_their_columns(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("y,x\n4,3\n")
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    table = open_table("*.csv", tmp_path)
    assert table.frame().to_dict("list") == {"x": [1, 3], "y": [2, 4]}
    assert streamed(table) == {"x": ["1", "3"], "y": ["2", "4"]}
    assert [batch.schema.names for batch in table.chunks(["y"])] == [["y"], ["y"]]
    assert table.notes == ("b.csv: its columns stand in another order",)


def test_a_row_of_a_later_file_is_found_in_that_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n\n2\n")
    (tmp_path / "b.csv").write_text("x\n3\n4\n")
    (tmp_path / "c.csv").write_text("x\n\n5\n")
    table = open_table("*.csv", tmp_path)
    found = table.lines([4, 1, 2, 2])
    assert [(place.file.name, place.line) for place in found] == [
        ("c.csv", 3),
        ("a.csv", 4),
        ("b.csv", 2),
        ("b.csv", 2),
    ]


def test_one_of_several_files_may_have_no_rows(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n")
    (tmp_path / "b.csv").write_text("x,y\n1,2\n")
    table = open_table("*.csv", tmp_path)
    assert len(table.frame()) == table.count() == 1
    assert [place.file.name for place in table.lines([0])] == ["b.csv"]


def test_files_of_several_formats_are_one_table(tmp_path: Path) -> None:
    """Their blocks have the types that each has."""
    FRAME.to_parquet(tmp_path / "a")
    FRAME.to_csv(tmp_path / "b", index=False)
    table = open_table("?", tmp_path)
    assert list(table.frame()["age"]) == [20, 30, 40] * 2
    types = [batch.schema.field("age").type for batch in table.chunks(["age"])]
    assert types == [pa.int64(), pa.string()]


def test_files_with_other_columns_are_not_put_together(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("age,x\n1,2\n")
    (tmp_path / "b.csv").write_text("ages,x\n1,2\n")
    with pytest.raises(DatasetError, match=r"'b.csv' has other columns than 'a.csv': \['age', "):
        open_table("*.csv", tmp_path)


@pytest.mark.parametrize("columns", [["z"], ["age", "z"]])
def test_a_column_that_is_not_there_is_said(tmp_path: Path, columns: list[str]) -> None:
    table = open_table(_written(FRAME, tmp_path, "csv"), tmp_path)
    with pytest.raises(DatasetError, match="has no column 'z'"):
        next(table.chunks(columns))


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "test.parquet").mkdir()
    with pytest.raises(DatasetError, match="it is a folder") as caught:
        open_table("test.parquet", tmp_path)
    assert "test.parquet/*.parquet" in caught.value.hint


@pytest.mark.parametrize("how", ["parquet", "feather", "json"])
def test_names_are_not_given_to_what_has_them(tmp_path: Path, how: str) -> None:
    name = _written(FRAME, tmp_path, how)
    with pytest.raises(DatasetError, match="which names its columns itself"):
        open_table(name, tmp_path, ReadOptions(columns=("a", "b", "c", "d")))


def test_a_wide_table_comes_in_smaller_blocks(tmp_path: Path) -> None:
    pd.DataFrame({f"c{number}": range(5_000) for number in range(4_000)}).to_parquet(tmp_path / "a")
    assert max(batch.num_rows for batch in open_table("a", tmp_path).chunks()) <= 2_000


def test_types_survive_in_blocks(tmp_path: Path) -> None:
    moments = [datetime(2024, 1, 1, tzinfo=UTC)] * 2
    frame = pd.DataFrame({"when": moments, "kind": pd.Categorical(["a", "b"]), "list": [[1], [2]]})
    frame.to_parquet(tmp_path / "a")
    (batch,) = open_table("a", tmp_path).chunks()
    assert pa.types.is_timestamp(batch.schema.field("when").type)
    assert pa.types.is_dictionary(batch.schema.field("kind").type)
    assert batch.column("list").to_pylist() == [[1], [2]]
