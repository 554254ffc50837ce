"""How is a sheet of an Excel file read?"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from mlci_action.adapters.tables import excel_table
from mlci_action.adapters.tables.options import ReadOptions
from mlci_action.adapters.tables.source import TableSource, open_table
from mlci_action.errors import DatasetError
from tests.unit.adapters.tables.reading import assert_blocks_hold_the_frame, streamed


def _table(
    folder: Path,
    rows: list[list[object]],
    options: ReadOptions = ReadOptions(),  # noqa: B008 - frozen
    *,
    target: str | None = None,
) -> TableSource:
    with pd.ExcelWriter(folder / "a.xlsx") as book:
        pd.DataFrame(rows).to_excel(book, sheet_name="first", index=False, header=False)
        pd.DataFrame([["z"], [9]]).to_excel(book, sheet_name="other", index=False, header=False)
        pd.DataFrame().to_excel(book, sheet_name="none", index=False, header=False)
    return open_table("a.xlsx", folder, options, target=target)


def test_a_sheet_is_read(tmp_path: Path) -> None:
    table = _table(tmp_path, [["a", 2020], [1, "x"], [None, "NA"], [2.5, "y"]])
    assert table.names == ("a", "2020")
    assert streamed(table) == {"a": [1.0, None, 2.5], "2020": ["x", None, "y"]}
    assert_blocks_hold_the_frame(table)


def test_a_column_of_several_kinds_is_text_in_blocks(tmp_path: Path) -> None:
    table = _table(tmp_path, [["a", "b"], [1, 1], ["x", 2], [None, 3]])
    assert streamed(table)["a"] == ["1", "x", None]


def test_another_sheet_is_read_when_it_is_named(tmp_path: Path) -> None:
    rows: list[list[object]] = [["a", "b"], [1, 2]]
    assert streamed(_table(tmp_path, rows, ReadOptions(sheet="other"))) == {"z": [9]}
    with pytest.raises(DatasetError, match="has no sheet 'nope'") as caught:
        _table(tmp_path, rows, ReadOptions(sheet="nope"))
    assert "['first', 'other', 'none']" in caught.value.hint
    with pytest.raises(DatasetError, match=r"the sheet 'none' of 'a.xlsx' is empty"):
        _table(tmp_path, rows, ReadOptions(sheet="none"))


def test_a_sheet_without_names_is_asked_for_them(tmp_path: Path) -> None:
    rows: list[list[object]] = [[1.5, 2], [3, 4]]
    with pytest.raises(DatasetError, match="looks like it has no header line"):
        _table(tmp_path, rows)
    table = _table(tmp_path, rows, ReadOptions(columns=("a", "b")))
    assert streamed(table) == {"a": [1.5, 3.0], "b": [2, 4]}


def test_names_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="two columns named 'a'"):
        _table(tmp_path, [["a", "a"], [1, 2]])
    with pytest.raises(DatasetError, match=r"has 2 columns, and data.columns names 1"):
        _table(tmp_path, [["a", "b"], [1, 2]], ReadOptions(columns=("a",)))


@pytest.mark.parametrize("how", ["frame", "chunks"])
def test_a_label_that_is_read_as_missing_is_refused(tmp_path: Path, how: str) -> None:
    table = _table(tmp_path, [["y", "x"], ["low", 1], ["None", 2]], target="y")
    with pytest.raises(DatasetError, match=r"the target 'y' holds 'None'.* in 1 of 2 rows"):
        list(getattr(table, how)())


def test_without_openpyxl_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _table(tmp_path, [["a", "b"], [1, 2]])
    for name in [one for one in sys.modules if one.split(".")[0] == "openpyxl"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(DatasetError, match="openpyxl is not installed") as caught:
        open_table("a.xlsx", tmp_path)
    assert 'pip install "mlci-action[excel]"' in caught.value.hint


def test_a_workbook_that_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel_table, "_MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(DatasetError, match="unpacks to"):
        _table(tmp_path, [["a", "b"], [1, 2]])


@pytest.mark.parametrize("content", ["", "<a>", "<workbook/>"])
def test_a_workbook_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", content)
        archive.writestr("[Content_Types].xml", content)
    with pytest.raises(DatasetError, match="cannot be read as a table"):
        open_table("a.xlsx", tmp_path)
