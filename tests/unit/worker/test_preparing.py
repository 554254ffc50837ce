from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from mlci_action.adapters.row_files import write_rows
from mlci_action.worker.columns import GivenInput
from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.preparing import Features, prepared_input
from mlci_action.worker.rows import Rows

FRAME = pd.DataFrame({"id": [7, 8, 9], "age": [30, 40, 50], "sex": ["f", "m", "John Smith"]})
# Every function of the features that the tests ask for.
KIT = """
import numpy as np, pandas as pd, scipy.sparse
NUMBER = 3
def halves(table):
    table["age"] = table["age"] / 2
    return table[["age"]]
def array(table):
    return table[["age", "id"]].to_numpy()
def sparse(table):
    return scipy.sparse.csr_matrix(table[["age", "id"]].to_numpy())
def two_inputs(table):
    return {"a": table[["age"]].to_numpy(), "b": table[["id"]].to_numpy()}
def fewer(table):
    return table[table["age"] > 30]
def turned(table):
    return table.sort_values("age", ascending=False)
def by_id(table):
    return table.set_index(pd.Index([2, 1, 0], name="id"))
def nothing(table):
    return None
def a_cell(table):
    return table["sex"].map({"f": 0, "m": 1}.__getitem__)
def the_target(table):
    return table.drop(columns=["approved"])
def quotes(table):
    raise ValueError(f"cannot make a number of '{table['sex'][2]}' in 'sex'")
def leaves(table):
    raise SystemExit(1)
"""


def features(name: str, folder: Path) -> Features:
    (folder / "kit_of_features.py").write_text(KIT)
    return Features(f"kit_of_features.py:{name}", folder)


def rows(folder: Path) -> Rows:
    (folder / "data").mkdir(exist_ok=True)
    write_rows(FRAME, folder / "data")
    return Rows(folder / "data")


def refusal(name: str, folder: Path) -> str:
    with pytest.raises(WorkerFailure) as caught:
        features(name, folder).of(rows(folder), ["approved"])
    return caught.value.message


def test_the_function_gets_the_raw_rows_and_cannot_change_them(tmp_path: Path) -> None:
    raw = rows(tmp_path)
    halves = features("halves", tmp_path)

    for _ in range(2):
        assert halves.of(raw, [])["age"].tolist() == [15.0, 20.0, 25.0]
    pd.testing.assert_frame_equal(raw.table(raw.names), FRAME)


def test_rows_of_a_sample_cannot_be_changed_either(tmp_path: Path) -> None:
    """They are read once for several variants."""
    sample = rows(tmp_path).at(np.array([2, 0]))
    halves = features("halves", tmp_path)

    for _ in range(2):
        assert halves.of(sample, [])["age"].tolist() == [25.0, 15.0]


@pytest.mark.parametrize("name", ["array", "sparse", "two_inputs", "by_id"])
def test_whatever_the_model_takes_may_be_made(tmp_path: Path, name: str) -> None:
    assert features(name, tmp_path).of(rows(tmp_path), []) is not None


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("fewer", "gives 2 rows for 3"),
        ("turned", "gives the rows in another order"),
        ("nothing", "gives NoneType, which has no rows"),
        ("a_cell", "fails (KeyError: '…')"),
        ("the_target", "fails (KeyError: \"['approved'] not found in axis\")"),
        ("quotes", "fails (ValueError: cannot make a number of '…' in 'sex')"),
        ("leaves", "fails (SystemExit: 1)"),
    ],
)
def test_features_that_cannot_be_are_refused_without_a_value_of_the_rows(
    tmp_path: Path, name: str, why: str
) -> None:
    message = refusal(name, tmp_path).replace('"', "")

    assert message == f"gets no features: 'kit_of_features.py:{name}' {why}".replace('"', "")


@pytest.mark.parametrize(
    "place", ["nowhere.py:f", "kit_of_features.py:f", "kit_of_features.py:NUMBER"]
)
def test_a_function_that_is_not_there_is_said(tmp_path: Path, place: str) -> None:
    (tmp_path / "kit_of_features.py").write_text(KIT)

    with pytest.raises(WorkerFailure, match=f"gets no features: '{place}' ") as caught:
        Features(place, tmp_path)
    assert "candidate.features" in caught.value.hint


def given(model: object, made: object, columns: list[str] | None = None) -> GivenInput:
    return prepared_input(
        model, made, set_aside=["id"], withheld=["y"], recorded={}, columns=columns
    )


MADE = pd.DataFrame({"id": [1.0, 2.0], "b": [3.0, 4.0], "a": [5.0, 6.0]})


def test_columns_are_chosen_from_what_the_function_gives(tmp_path: Path) -> None:
    model = LogisticRegression().fit(MADE[["a", "b"]], [0, 1])

    assert given(model, MADE).columns == ["a", "b"]
    assert given(object(), MADE).columns == ["b", "a"]
    assert given(object(), MADE, ["a", "id"]).columns == ["a", "id"]


def test_a_model_of_as_many_columns_as_are_made_gets_all_of_them() -> None:
    model = LogisticRegression().fit(MADE.to_numpy(), [0, 1])

    assert given(model, MADE).columns == ["id", "b", "a"]


def test_what_has_no_names_is_given_as_it_is() -> None:
    model = LogisticRegression().fit(MADE[["a", "b"]], [0, 1])
    array = MADE[["a", "b"]].to_numpy()

    assert given(model, array).table is array
    with pytest.raises(WorkerFailure, match="takes 2 columns"):
        given(model, MADE.to_numpy())
    with pytest.raises(WorkerFailure, match="of features that are ndarray"):
        given(model, array, ["a", "b"])
