"""What if rows and labels are in two files? They are put side by side, or it is said why not."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mlci_action.adapters.tables.labels import JoinedSource, join_labels, open_labels
from mlci_action.adapters.tables.source import open_table
from mlci_action.errors import DatasetError
from tests.unit.adapters.tables.reading import assert_blocks_hold_the_frame, streamed

ROWS = "a,b\n1,x\n2,y\n3,z\n"


def _joined(
    folder: Path,
    labels: str,
    rows: str = ROWS,
    id: str | None = None,  # noqa: A002 - the word of mlci.yml
) -> JoinedSource:
    (folder / "x.csv").write_text(rows)
    (folder / "y.csv").write_text(labels)
    table = open_table("x.csv", folder)
    return join_labels(table, open_labels("y.csv", folder, target="t"), "t", id)


@pytest.mark.parametrize(
    "labels",
    [
        "t\n7\n8\n9\n",  # named
        "label\n7\n8\n9\n",  # of another name
        "7\n8\n9\n",  # not named
        "0\n7\n8\n9\n",  # named by pandas
        "q,t\n5,7\n5,8\n5,9\n",  # beside others
        "t\n7\n\n8\n9",
    ],
)
def test_labels_stand_beside_rows_by_position(tmp_path: Path, labels: str) -> None:
    joined = _joined(tmp_path, labels)
    assert joined.names == ("a", "b", "t")
    assert streamed(joined, rows=2)["t"] == ["7", "8", "9"]
    assert list(joined.frame()["t"]) == [7, 8, 9]
    assert list(joined.frame()["b"]) == ["x", "y", "z"]
    assert_blocks_hold_the_frame(joined)


def test_a_header_that_is_a_label_is_a_label(tmp_path: Path) -> None:
    """As many labels as rows only then, and the word is among them."""
    joined = _joined(tmp_path, "yes\nno\nyes\n")
    assert streamed(joined)["t"] == ["yes", "no", "yes"]
    assert joined.notes == ("y.csv: its first line is a label, as there are as many rows",)


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        ("label\n7\n8\n", 2),  # its name is none of the labels, which would all be moved by one
        ("yes\nno\n", 1),
        ("7\n8\n", 2),
        ("5\n7\n8\n9\n", 4),
        ("t\n7\n8\n9\n1\n", 4),
    ],
)
def test_other_numbers_of_labels_and_rows_are_refused(
    tmp_path: Path, labels: str, found: int
) -> None:
    with pytest.raises(DatasetError) as caught:
        _joined(tmp_path, labels)
    assert caught.value.message == f"'x.csv' has 3 rows, and 'y.csv' has {found} labels"


def test_some_columns_are_given(tmp_path: Path) -> None:
    joined = _joined(tmp_path, "t\n7\n8\n9\n")
    assert [batch.to_pydict() for batch in joined.chunks(["t", "a"])] == [
        {"t": ["7", "8", "9"], "a": ["1", "2", "3"]}
    ]
    assert [batch.to_pydict() for batch in joined.chunks(["t"])] == [{"t": ["7", "8", "9"]}]
    assert [batch.to_pydict() for batch in joined.chunks(["a"])] == [{"a": ["1", "2", "3"]}]


def test_files_digest_and_lines_are_known(tmp_path: Path) -> None:
    joined = _joined(tmp_path, "t\n7\n8\n9\n")
    digest = joined.digest
    assert [path.name for path in joined.files] == ["x.csv", "y.csv"]
    assert joined.path == "x.csv + y.csv"
    assert digest.startswith("sha256:")
    assert _joined(tmp_path, "t\n7\n8\n8\n").digest != digest
    assert [(place.file.name, place.line) for place in joined.lines([2])] == [("x.csv", 4)]
    assert joined.count() == 3


def test_labels_are_found_by_the_id_when_there_is_one(tmp_path: Path) -> None:
    labels = "t,id\n9,c\n7,a\n8,b\n"
    joined = _joined(tmp_path, labels, "id,x\na,1\nb,2\nc,3\n", id="id")
    assert streamed(joined, rows=2)["t"] == ["7", "8", "9"]
    assert list(joined.frame()["t"]) == [7, 8, 9]
    assert_blocks_hold_the_frame(joined)


def test_an_id_may_be_stored_as_a_number_and_as_text(tmp_path: Path) -> None:
    pd.DataFrame({"id": [1, 2, 3], "x": pd.Categorical(list("abc"))}).to_parquet(tmp_path / "x")
    (tmp_path / "y.csv").write_text("id,t\n3,c\n1,a\n2,b\n")
    labels = open_labels("y.csv", tmp_path, target="t")
    joined = join_labels(open_table("x", tmp_path), labels, "t", "id")
    assert list(joined.frame()["t"]) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("rows", "labels", "message"),
    [
        ("id,x\na,1\nb,2\n", "id,t\na,1\nc,2\n", "1 of 2 rows of 'x.csv' have no label"),
        ("id,x\na,1\nb,2\n", "id,t\na,1\nb,2\nc,3\n", "0 of 2 .* in 'y.csv', which has 3"),
        ("id,x\na,1\na,2\n", "id,t\na,1\nb,2\n", "'id' does not name the rows of 'x.csv'"),
        ("id,x\na,1\nb,2\n", "id,t\na,1\na,2\n", "'id' does not name the rows of 'y.csv'"),
        ("id,x\na,1\n,2\n", "id,t\na,1\nb,2\n", "1 of 2 are missing"),
    ],
)
def test_ids_that_do_not_fit_one_to_one_are_refused(
    tmp_path: Path, rows: str, labels: str, message: str
) -> None:
    with pytest.raises(DatasetError, match=message):
        _joined(tmp_path, labels, rows, id="id")


def test_a_column_in_both_is_refused_without_an_id(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="both have a column 'a'") as caught:
        _joined(tmp_path, "a,t\n1,7\n2,8\n3,9\n")
    assert "`data.id`" in caught.value.hint
    with pytest.raises(DatasetError, match=r"the target 't' is a column of 'x.csv' already"):
        _joined(tmp_path, "t\n1\n", "a,t\n1,2\n")


@pytest.mark.parametrize("labels", ["p,q\n1,2\n", "p,q\nx,y\n"])
def test_a_file_of_labels_without_the_target_is_refused(tmp_path: Path, labels: str) -> None:
    with pytest.raises(DatasetError, match=r"'y.csv' has no column 't'"):
        _joined(tmp_path, labels)


def test_several_columns_without_names_are_no_labels(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="looks like it has no header line"):
        _joined(tmp_path, "1.5,2\n3,4\n")


@pytest.mark.parametrize("name", ["t", "label"])
def test_a_label_that_is_read_as_missing_is_refused(tmp_path: Path, name: str) -> None:
    joined = _joined(tmp_path, f"{name}\nlow\nNA\nhigh\n")
    for read in (joined.frame, lambda: list(joined.chunks())):
        with pytest.raises(DatasetError, match=r"holds 'NA'.* in 1 of 3 rows"):
            read()


def test_blocks_of_unequal_length_are_put_side_by_side(tmp_path: Path) -> None:
    pd.DataFrame({"a": range(1000)}).to_parquet(tmp_path / "x", row_group_size=7)
    pd.DataFrame({"t": range(1000)}).to_csv(tmp_path / "y", index=False)
    labels = open_labels("y", tmp_path, target="t")
    joined = join_labels(open_table("x", tmp_path), labels, "t")
    held = streamed(joined, rows=100)
    assert [str(value) for value in held["a"]] == held["t"]
    assert len(held["t"]) == 1000


@pytest.mark.parametrize(
    ("labels", "which"), [("t\n7\n", "rows than labels"), ("t\n" * 9, "labels")]
)
def test_a_file_that_changes_meanwhile_is_refused(tmp_path: Path, labels: str, which: str) -> None:
    joined = _joined(tmp_path, "t\n7\n8\n9\n")
    (tmp_path / "y.csv").write_text(labels)
    with pytest.raises(DatasetError, match=f"there are more .*{which}"):
        list(joined.chunks())
