"""Where wrong rows stand, asked of real files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlci_action.adapters.locating import MAX_ROWS, locate
from mlci_action.adapters.tables.labels import JoinedSource
from mlci_action.adapters.tables.source import TableSource, open_table
from mlci_action.domain.cells import CellTest
from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.places import Located, Place
from mlci_action.domain.results import CheckResult
from tests.builders import check

CSV = 'id,age,note\n1,20,ok\n2,,"two\nlines"\n3,400,?\n\n4,,ok\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "test.csv").write_text(CSV, encoding="utf-8")
    return tmp_path


def table(root: Path, pattern: str = "data/test.csv") -> TableSource:
    return open_table(pattern, root)


def wrong(name: str, test: CellTest | None) -> CheckResult:
    column = None if test is None else test.column
    return check(f"data.{name}", Outcome.FAILED, column=column, cells=test)


MISSING = wrong("missing", CellTest(column="age", missing=True))
FAR = wrong("outliers", CellTest(column="age", above=100.0))
ODD = wrong("disguised", CellTest(column="note", texts=frozenset({"?"})))


def place(row: int, line: int | None, file: str = "data/test.csv") -> Place:
    return Place(file=file, row=row, line=line)


def test_rows_are_told_by_file_row_and_the_line_they_start_on(root: Path) -> None:
    assert locate(table(root), [MISSING, FAR, ODD], root=root) == (
        Located(check_id="data.missing", column="age", rows=2, places=(place(2, 3), place(4, 7))),
        Located(check_id="data.outliers", column="age", rows=1, places=(place(3, 5),)),
        Located(check_id="data.disguised", column="note", rows=1, places=(place(3, 5),)),
    )


def test_what_names_no_cells_no_column_of_the_table_or_no_row_is_left_out(root: Path) -> None:
    results = [
        wrong("drift", None),
        wrong("missing", CellTest(column="gone", missing=True)),
        wrong("missing", CellTest(column="id", missing=True)),
    ]
    assert locate(table(root), results, root=root) == ()
    assert locate(table(root), [], root=root) == ()


def test_rows_that_a_result_names_itself_are_looked_up(root: Path) -> None:
    """Rules over several columns and repeated rows are no cells of one column."""
    rule = check("data.integrity.a", Outcome.FAILED, rows=9, evidence={"rows": [3, 0]})
    (found,) = locate(table(root), [rule], root=root)
    assert found == Located(
        check_id="data.integrity.a", column=None, rows=9, places=(place(1, 2), place(4, 7))
    )
    many = replace(rule, evidence={"rows": [2] * 300})
    assert len(locate(table(root), [many], root=root)[0].places) == MAX_ROWS
    beyond = replace(rule, evidence={"rows": [99]})
    assert locate(table(root), [beyond], root=root)[0].places == (place(100, None),)


@pytest.mark.parametrize("evidence", [{"rows": []}, {"rows": 3}, {}])
def test_a_result_that_names_no_rows_has_none(root: Path, evidence: dict[str, object]) -> None:
    rule = check("data.integrity.a", Outcome.FAILED, rows=9, evidence=evidence)
    assert locate(table(root), [rule], root=root) == ()


def test_what_held_is_not_looked_up(root: Path) -> None:
    held = [replace(MISSING, outcome=outcome) for outcome in (Outcome.PASSED, Outcome.ERRORED)]
    assert locate(table(root), held, root=root) == ()


def test_labels_of_their_own_file_are_told_by_the_rows(root: Path) -> None:
    (root / "y.csv").write_text("y\n1\n\\N\nodd\n1\n", encoding="utf-8")
    joined = JoinedSource(
        rows=table(root), labels=open_table("y.csv", root, target="y"), target="label"
    )
    odd = wrong("labels", CellTest(column="label", texts=frozenset({"odd"})))
    (found,) = locate(joined, [odd], root=root)
    assert found.places == (place(3, 5),)


def test_several_files_are_one_table(root: Path) -> None:
    (root / "data" / "uvw.csv").write_text("id,age,note\n5,,a\n", encoding="utf-8")
    (found,) = locate(table(root, "data/*.csv"), [MISSING], root=root)
    assert found.places[-1] == place(5, 2, "data/uvw.csv")
    assert found.rows == 3


def test_files_without_lines_have_rows(root: Path) -> None:
    pq.write_table(pa.table({"age": [1.0, None]}), root / "data" / "test.parquet")
    (found,) = locate(table(root, "data/test.parquet"), [MISSING], root=root)
    assert found.places == (place(2, None, "data/test.parquet"),)


def test_all_rows_are_counted_and_the_first_hundred_kept(root: Path) -> None:
    lines = "".join(f"{number},{number % 2 or ''},x\n" for number in range(1, 1_001))
    (root / "data" / "test.csv").write_text(f"id,age,note\n{lines}", encoding="utf-8")
    (found,) = locate(_InPieces.of(table(root)), [MISSING], root=root)
    assert found.rows == 500
    assert len(found.places) == MAX_ROWS
    assert found.places[0] == place(2, 3)
    assert found.places[-1] == place(200, 201)


def test_only_the_columns_that_are_asked_about_are_read(root: Path) -> None:
    read = _InPieces.of(table(root))
    locate(read, [MISSING, FAR], root=root)
    assert read.asked == [["age"]]


class _InPieces(TableSource):
    """A table that comes in chunks of three rows, and remembers which columns it was asked for."""

    asked: list[list[str]]

    @classmethod
    def of(cls, source: TableSource) -> _InPieces:
        fields = {name: getattr(source, name) for name in TableSource.__dataclass_fields__}
        made = cls(**fields)
        object.__setattr__(made, "asked", [])
        return made

    def chunks(
        self, columns: Sequence[str] | None = None, *, rows: int = 3
    ) -> Iterator[pa.RecordBatch]:
        self.asked.append(list(columns or ()))
        yield from super().chunks(columns, rows=rows)


@pytest.mark.parametrize("name", ["data", "elsewhere"])
def test_files_outside_of_the_repository_are_counted_and_not_told(root: Path, name: str) -> None:
    (root / "elsewhere").mkdir()
    (found,) = locate(table(root), [MISSING], root=root / name)
    assert found.rows == 2
    assert [each.file for each in found.places] == (["test.csv"] * 2 if name == "data" else [])


def test_paths_with_detours_are_told_straight(root: Path) -> None:
    (root / "link.csv").symlink_to(root / "data" / "test.csv")
    (root / "other").symlink_to(root)
    for pattern, folder, file in (
        ("../data/test.csv", root / "data", "data/test.csv"),
        ("link.csv", root, "link.csv"),
        ("data/test.csv", root / "other", "other/data/test.csv"),
    ):
        (found,) = locate(open_table(pattern, folder), [FAR], root=root)
        assert found.places == (place(3, 5, file),)


def test_a_repository_behind_a_link_is_the_same_repository(root: Path, tmp_path: Path) -> None:
    """On a Mac every temporary folder is one."""
    (tmp_path / "alias").symlink_to(root)
    (found,) = locate(table(root), [FAR], root=tmp_path / "alias")
    assert found.places == (place(3, 5),)


@pytest.mark.parametrize("becomes", [None, "folder", b"", b"other\n1\n", b"\xff\xfe\x00", b"id\n"])
def test_a_file_that_vanished_or_is_another_one_has_nothing_to_show(
    root: Path, becomes: bytes | str | None
) -> None:
    source, path = table(root), root / "data" / "test.csv"
    path.unlink()
    if becomes == "folder":
        path.mkdir()
    elif isinstance(becomes, bytes):
        path.write_bytes(becomes)
    assert locate(source, [FAR], root=root) == ()


def test_a_file_that_shrinks_between_the_two_looks_has_nothing_to_show(root: Path) -> None:
    class Shrinking(_InPieces):
        def lines(self, rows: Sequence[int]) -> list:  # type: ignore[type-arg]
            raise FileNotFoundError(rows)

    assert locate(Shrinking.of(table(root)), [FAR], root=root) == ()
