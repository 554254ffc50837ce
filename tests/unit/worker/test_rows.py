from __future__ import annotations

import builtins
import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlci_action.adapters.row_files import write_rows
from mlci_action.errors import DatasetError
from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.rows import Rows

COLUMNS = {
    "integers": [1, 2, 3],
    "numbers": [1.5, np.nan, -np.inf],
    "booleans": [True, False, True],
    "small": np.array([1, 2, 3], dtype=np.uint8),
    "text": ["a", "ü\n'", "c"],
    "text with gaps": pd.Series(["a", None, "c"], dtype="str"),
    "only gaps": pd.Series([None, None, None], dtype="str"),
    "only gaps in objects": pd.Series([np.nan, np.nan, np.nan], dtype=object),
    "objects": pd.Series(["a", np.nan, 3], dtype=object),
    "booleans with gaps": pd.Series([True, np.nan, False], dtype=object),
    "nullable text": pd.Series(["a", None, "c"], dtype="string"),
    "nullable integers": pd.Series([1, None, 3], dtype="Int64"),
    "nullable booleans": pd.Series([True, None, False], dtype="boolean"),
    "nullable numbers": pd.Series([1.5, None, 3], dtype="Float64"),
    "dates": pd.Series(["2024-01-01", None, "2024-01-03"], dtype="datetime64[us]"),
    "moments": pd.Series(
        ["2024-01-01T00:00:00Z", None, "2024-07-03T00:00:00Z"],
        dtype="datetime64[us, Europe/Berlin]",
    ),
    "durations": pd.Series(pd.to_timedelta([1, None, 3], unit="s")),
    "categories": pd.Categorical(["b", None, "a"], categories=["b", "a", "c"], ordered=True),
    "number categories": pd.Categorical([2, 1, None]),
}


def travelled(frame: pd.DataFrame, folder: Path) -> Rows:
    write_rows(frame, folder)
    return Rows(folder)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_arrives_as_it_left(tmp_path: Path, name: str) -> None:
    frame = pd.DataFrame({name: COLUMNS[name]})

    pd.testing.assert_frame_equal(travelled(frame, tmp_path).table([name]), frame)


def test_columns_come_in_the_order_that_is_asked_for(tmp_path: Path) -> None:
    frame = pd.DataFrame(COLUMNS)
    rows = travelled(frame, tmp_path)

    assert rows.count == 3
    assert rows.names == list(COLUMNS)
    pd.testing.assert_frame_equal(
        rows.table(["text", "integers"]), frame[["text", "integers"]], check_like=False
    )


def test_the_index_does_not_travel(tmp_path: Path) -> None:
    """Rows that were filtered keep odd numbers; the model gets them counted from 0."""
    frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    table = travelled(frame[frame["a"] > 1], tmp_path).table(["a", "b"])

    pd.testing.assert_frame_equal(table, pd.DataFrame({"a": [2, 3], "b": ["y", "z"]}))


def test_no_rows_and_no_columns_travel_too(tmp_path: Path) -> None:
    assert travelled(pd.DataFrame(index=range(3)), tmp_path).table([]).shape == (3, 0)


@pytest.mark.parametrize("names", [["1", "1"], [1, "1"]])
def test_two_columns_of_one_name_are_refused(tmp_path: Path, names: list[str | int]) -> None:
    with pytest.raises(DatasetError, match="two columns named '1'"):
        write_rows(pd.DataFrame([[1, 2]], columns=names), tmp_path)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([dt.date(2024, 1, 1)], "date"),
        ([[1, 2]], "list"),
        ([1j], "complex128"),
        (pd.period_range("2024", periods=1), "Period"),
    ],
)
def test_a_type_that_does_not_travel_matters_only_to_a_model_that_needs_it(
    tmp_path: Path,
    values: Any,  # noqa: ANN401
    kind: str,
) -> None:
    rows = travelled(pd.DataFrame({"a": [1], "odd": values}), tmp_path)

    assert rows.table(["a"]).shape == (1, 1)
    with pytest.raises(WorkerFailure) as caught:
        rows.table(["odd"])
    assert caught.value.message == f"needs the column 'odd', whose values are of type {kind}"


def without_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    really_import = builtins.__import__

    def import_but_pandas(name: str, *rest: Any) -> Any:  # noqa: ANN401
        if name == "pandas":
            raise ImportError(name)
        return really_import(name, *rest)

    monkeypatch.setattr(builtins, "__import__", import_but_pandas)


def test_numbers_do_without_pandas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = travelled(pd.DataFrame({"a": [1, 2], "b": [0.5, np.nan], "c": [True, False]}), tmp_path)
    without_pandas(monkeypatch)

    np.testing.assert_array_equal(rows.table(["b", "a"]), [[0.5, 1.0], [np.nan, 2.0]])


def test_text_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = travelled(pd.DataFrame({"a": [1], "b": ["x"]}), tmp_path)
    without_pandas(monkeypatch)

    with pytest.raises(
        WorkerFailure, match="needs pandas, because columns such as 'b' are not numbers"
    ):
        rows.table(["a", "b"])


@pytest.mark.parametrize("name", COLUMNS)
def test_some_of_the_rows_have_the_types_of_all(tmp_path: Path, name: str) -> None:
    frame = pd.DataFrame({name: COLUMNS[name]})
    sample = travelled(frame, tmp_path).at(np.array([2, 0, 2]))

    expected = frame.iloc[[2, 0, 2]].reset_index(drop=True)
    for _ in range(2):
        pd.testing.assert_frame_equal(sample.table([name]), expected)


def test_changed_columns_take_the_place_of_those_of_their_name(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    changed = pd.DataFrame({"a": [0.5, np.nan], "strange": [1, 1]})
    for folder in ("all", "changed"):
        (tmp_path / folder).mkdir()
    rows = travelled(frame, tmp_path / "all").at(np.array([2, 1]))

    varied = rows.with_changed(travelled(changed, tmp_path / "changed"))

    assert varied.names == ["a", "b"]
    pd.testing.assert_frame_equal(
        varied.table(["b", "a"]), pd.DataFrame({"b": ["z", "y"], "a": [0.5, np.nan]})
    )


def test_some_of_the_rows_do_without_pandas_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = travelled(pd.DataFrame({"a": [1, 2], "b": [0.5, 3.0]}), tmp_path).at(np.array([1]))
    without_pandas(monkeypatch)

    np.testing.assert_array_equal(rows.table(["b", "a"]), [[3.0, 2.0]])


def test_rows_that_somebody_removed_are_missed(tmp_path: Path) -> None:
    rows = travelled(pd.DataFrame({"a": [1, 2]}), tmp_path)
    (tmp_path / "0.npy").unlink()

    with pytest.raises(WorkerFailure, match="removed rows that it was to be asked"):
        rows.table(["a"])
