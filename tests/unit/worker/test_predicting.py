from __future__ import annotations

import sys
import types
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn
from sklearn.linear_model import LogisticRegression

from mlci_action.worker.answers import class_labels
from mlci_action.worker.columns import GivenInput
from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.predicting import predict_arrays

GIVEN = GivenInput(table=pd.DataFrame({"age": [1, 2, 3]}), columns=["age"])


class Says:
    """A model that answers what a test says; an exception is raised."""

    def __init__(self, **answers: Any) -> None:  # noqa: ANN401
        for method, answer in answers.items():
            setattr(self, method, lambda _table, answer=answer: self._give(answer))

    @staticmethod
    def _give(answer: Any) -> Any:  # noqa: ANN401
        if isinstance(answer, BaseException):
            raise answer
        return answer


def arrays(**answers: Any) -> dict[str, Any]:  # noqa: ANN401
    return predict_arrays(Says(**answers), GIVEN, {})


def refusal(recorded: dict[str, str] | None = None, **answers: Any) -> WorkerFailure:  # noqa: ANN401
    with pytest.raises(WorkerFailure) as caught:
        predict_arrays(Says(**answers), GIVEN, recorded or {})
    return caught.value


@pytest.mark.parametrize(
    ("answer", "kind", "values"),
    [
        ([0, 1, 1], "i", [0, 1, 1]),
        (np.array([0.5, 1.0, 2.0], dtype=np.float32), "f", [0.5, 1.0, 2.0]),
        (np.array(["no", "yes", "no"], dtype=object), "U", ["no", "yes", "no"]),
        (pd.Series(["no", "yes", "no"]), "U", ["no", "yes", "no"]),
        (pd.array(["no", "yes", "no"], dtype="string"), "U", ["no", "yes", "no"]),
        (np.array([True, False, True], dtype=object), "b", [True, False, True]),
        (np.array([1, 2.5, 3], dtype=object), "f", [1.0, 2.5, 3.0]),
        (pd.DataFrame({"p": [1, 2, 3]}), "i", [[1], [2], [3]]),
        (pd.Categorical(["a", "b", "a"]), "U", ["a", "b", "a"]),
        (np.array([np.str_("a"), "b", "a"], dtype=object), "U", ["a", "b", "a"]),
        (np.array([1, np.int64(2), 3], dtype=object), "i", [1, 2, 3]),
        (np.array([2**70, 1, 1], dtype=object), "f", [2.0**70, 1.0, 1.0]),
        (np.array([np.bool_(True), False, True], dtype=object), "b", [True, False, True]),
        (pd.array([1, 2, 3], dtype="Int64"), "i", [1, 2, 3]),
        (np.ma.masked_array([1, 2, 3]), "i", [1, 2, 3]),
        (scipy.sparse.csr_matrix([[0], [1], [1]]), "i", [[0], [1], [1]]),
    ],
)
def test_predictions_become_plain_arrays(answer: object, kind: str, values: list[object]) -> None:
    predictions = arrays(predict=answer)["predictions"]

    assert predictions.dtype.kind == kind
    assert predictions.tolist() == values


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (np.array(["no", None, "yes"], dtype=object), "NoneType, str"),
        (np.array([{}, {}], dtype=object), "dict"),
        (np.array(["2024-01-01"], dtype="M8[D]"), "date"),
        (np.array([True, 1], dtype=object), "bool, int"),
        (np.ma.masked_array(["a", "b"], mask=[True, False]), "float, str"),
    ],
)
def test_what_is_neither_numbers_nor_text_is_refused(answer: object, found: str) -> None:
    assert refusal(predict=answer).message == f"predicts neither numbers nor text, but {found}"


def test_probabilities_come_before_decision_values() -> None:
    both = arrays(predict=[0], predict_proba=[[0.5, 0.5]], decision_function=[1.0])
    only_decisions = arrays(predict=[0], decision_function=[1])

    assert sorted(both) == ["predictions", "probabilities"]
    assert only_decisions["decisions"].dtype == np.float64


def test_a_method_that_is_not_implemented_is_not_there() -> None:
    found = arrays(predict=[0], predict_proba=NotImplementedError(), decision_function=[1.0])

    assert sorted(found) == ["decisions", "predictions"]


def test_probabilities_that_crash_are_not_replaced_by_decision_values() -> None:
    """Two models must not be ranked by different things because one of them crashed."""
    error = refusal(predict=[0], predict_proba=AttributeError("no _x"), decision_function=[1.0])

    assert error.message == "fails in predict_proba (AttributeError: no _x)"


class ByPosition:
    """What many write by hand: it indexes an array, which a table does not allow."""

    def predict(self, X: Any) -> Any:  # noqa: ANN401, N803  the field's name for it
        return X[:, 0] * 2


def test_a_model_that_goes_by_position_gets_an_array_in_the_end() -> None:
    given = GIVEN._replace(forms=("table", "array"))

    assert predict_arrays(ByPosition(), given, {})["predictions"].tolist() == [2, 4, 6]


def test_a_model_that_names_its_columns_gets_nothing_but_the_table() -> None:
    with pytest.raises(WorkerFailure, match="fails in predict"):
        predict_arrays(ByPosition(), GIVEN, {})


def test_when_no_form_works_the_first_failure_is_told() -> None:
    class Picky:
        def predict(self, X: Any) -> None:  # noqa: ANN401, N803
            raise TypeError(type(X).__name__)

    with pytest.raises(WorkerFailure, match="TypeError: ndarray"):
        predict_arrays(Picky(), GIVEN._replace(forms=("array", "table")), {})


def test_a_native_xgboost_booster_gets_its_own_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its predict refuses tables; a stand-in, since the library is large."""

    class Booster:
        __module__ = "xgboost.core"

        def predict(self, matrix: tuple[str, int]) -> list[float]:
            kind, n_rows = matrix
            return [0.25] * n_rows if kind == "DMatrix" else []

    xgboost = types.SimpleNamespace(DMatrix=lambda table: ("DMatrix", len(table)))
    monkeypatch.setitem(sys.modules, "xgboost", xgboost)

    assert predict_arrays(Booster(), GIVEN, {})["predictions"].tolist() == [0.25, 0.25, 0.25]


def test_several_targets_at_once_are_refused() -> None:
    ragged = [[[0.5, 0.5]], [[0.1, 0.2, 0.7]]]

    assert refusal(predict=[0], predict_proba=ragged).message == (
        "gives something else in predict_proba than one array of numbers"
    )


def test_a_failure_quotes_columns_but_no_cells() -> None:
    """Libraries quote the cell that they stumble over; the message ends up in a public comment."""
    error = refusal(predict=ValueError("could not convert 'John Smith' in 'age' to float"))

    assert error.message == "fails in predict (ValueError: could not convert '…' in 'age' to float)"


def test_a_failure_under_another_version_names_both_and_the_ways_out() -> None:
    here = sklearn.__version__
    error = refusal({"scikit-learn": "1.0.2"}, predict=AttributeError("no attribute '_fit_dtype'"))

    assert error.message == (
        "fails in predict (AttributeError: no attribute '_fit_dtype'): "
        f"it was saved by scikit-learn 1.0.2, and {here} is installed"
    )
    assert error.hint.startswith("pin scikit-learn==1.0.2 in that environment")


def test_a_failure_under_the_same_version_does_not_blame_it() -> None:
    error = refusal({"scikit-learn": sklearn.__version__}, predict=RuntimeError("boom"))

    assert error.message == "fails in predict (RuntimeError: boom)"


@pytest.mark.parametrize(
    ("crash", "message"),
    [
        (MemoryError(), "ran out of memory in predict"),
        (SystemExit(3), "fails in predict (SystemExit: 3)"),
        (NotImplementedError(), "fails in predict (NotImplementedError)"),
    ],
)
def test_whatever_a_model_raises_is_an_answer(crash: BaseException, message: str) -> None:
    assert refusal(predict=crash).message == message


def test_class_labels_become_json_values() -> None:
    class Model:
        classes_ = np.array(["no", 1, True, 0.5, None, np.nan], dtype=object)

    assert class_labels(Model()) == ["no", 1, True, 0.5, "None", "nan"]
    assert class_labels(object()) is None


def test_classes_of_several_targets_are_refused() -> None:
    class Model:
        classes_ = np.array([[0, 1], [0, 1]])

    with pytest.raises(WorkerFailure, match="more than one target at once"):
        class_labels(Model())


def test_a_masked_answer_is_a_missing_one() -> None:
    """What lies under the mask is no answer."""
    said = arrays(predict=np.ma.masked_array([1, 2, 3], mask=[False, True, False]))

    np.testing.assert_array_equal(said["predictions"], [1.0, np.nan, 3.0])


def test_answers_of_several_lengths_are_refused() -> None:
    assert refusal(predict=[[1], [1, 2]]).message == (
        "gives something else in predict than one array"
    )


def test_several_targets_of_which_there_is_one_are_one() -> None:
    """What scikit-learn's MultiOutputClassifier says of one column of labels."""
    said = arrays(predict=[[0], [1]], predict_proba=[np.array([[0.9, 0.1], [0.2, 0.8]])])

    class Model:
        classes_ = [np.array([0, 1])]  # noqa: RUF012  as it comes

    assert said["probabilities"].tolist() == [[0.9, 0.1], [0.2, 0.8]]
    assert class_labels(Model()) == [0, 1]


def test_classes_of_several_targets_of_different_lengths_are_refused() -> None:
    class Model:
        classes_ = [np.array([0, 1]), np.array([0, 1, 2])]  # noqa: RUF012

    with pytest.raises(WorkerFailure, match="more than one target at once"):
        class_labels(Model())


def test_a_sparse_matrix_of_probabilities_is_an_array() -> None:
    said = arrays(predict=[0], predict_proba=scipy.sparse.csr_matrix([[0.0, 1.0]]))

    assert said["probabilities"].tolist() == [[0.0, 1.0]]


def test_a_model_that_writes_into_its_rows_says_the_same_in_every_method() -> None:
    """A FunctionTransformer may: its probabilities would be those of rows that it changed twice."""

    class Writes:
        def predict(self, X: Any) -> Any:  # noqa: ANN401, N803
            X["age"] *= 2
            return X["age"].to_numpy()

        def decision_function(self, X: Any) -> Any:  # noqa: ANN401, N803
            return self.predict(X)

    said = predict_arrays(Writes(), GIVEN, {})

    assert said["predictions"].tolist() == said["decisions"].tolist() == [2, 4, 6]
    assert GIVEN.table["age"].tolist() == [1, 2, 3]


def test_a_key_error_quotes_no_cell() -> None:
    """A dictionary of codes that lacks one says which cell it was asked for."""
    people = GivenInput(pd.DataFrame({"name": ["Ann", "John Smith"]}), ["name"])

    for key, shown in (
        ("John Smith", "KeyError: '…'"),
        ("age", "KeyError: 'age'"),
        ("['age'] not in index", "KeyError: ['age'] not in index"),
        (4711, "KeyError"),
    ):
        with pytest.raises(WorkerFailure) as caught:
            predict_arrays(Says(predict=KeyError(key)), people, {})
        assert caught.value.message == f"fails in predict ({shown})"


class Strict:
    """An old scikit-learn: it knows numpy's own types only."""

    def predict(self, X: Any) -> Any:  # noqa: ANN401, N803
        kinds = {str(dtype) for dtype in X.dtypes}
        if not kinds <= {"int64", "float64", "bool", "object"}:
            raise TypeError(f"no such type: {kinds}")
        self.seen = X
        return np.zeros(len(X))


def test_types_of_pandas_own_become_plain_ones_for_a_model_that_refuses_them() -> None:
    table = pd.DataFrame(
        {
            "whole": pd.array([1, 2], dtype="Int64"),
            "gap": pd.array([1, None], dtype="Int64"),
            "truth": pd.array([True, None], dtype="boolean"),
            "text": pd.array(["a", None], dtype="string"),
        }
    )
    model = Strict()

    predict_arrays(model, GivenInput(table, ["whole", "gap", "truth", "text"]), {})

    plain = {
        "whole": np.array([1, 2]),
        "gap": [1.0, np.nan],
        "truth": np.array([True, np.nan], dtype=object),
        "text": pd.Series(["a", np.nan], dtype=object),
    }
    pd.testing.assert_frame_equal(model.seen, pd.DataFrame(plain))


def test_rows_become_dicts_for_a_model_of_dicts() -> None:
    class OfDicts:
        def predict(self, rows: list[dict[str, int]]) -> list[int]:
            return [row["age"] for row in rows]

    said = predict_arrays(OfDicts(), GIVEN._replace(forms=("dicts",)), {})

    assert said["predictions"].tolist() == [1, 2, 3]


def test_text_becomes_categories_only_where_the_model_holds_their_values() -> None:
    """By their position in these rows they would be other categories than it was fitted on."""

    class Wants:
        def predict(self, X: Any) -> Any:  # noqa: ANN401, N803
            if str(X["city"].dtype) != "category":
                raise ValueError("pandas dtypes must be int, float or bool")
            return X["city"].astype(str).to_numpy()

    cities = GivenInput(pd.DataFrame({"city": ["Ulm", "Bonn"]}), ["city"])
    of_lightgbm = type("LGBMClassifier", (Wants,), {"__module__": "lightgbm.sklearn"})

    assert predict_arrays(of_lightgbm(), cities, {})["predictions"].tolist() == ["Ulm", "Bonn"]
    with pytest.raises(WorkerFailure, match="dtypes must be"):
        predict_arrays(Wants(), cities, {})


@pytest.mark.parametrize("recorded", [{}, {"scikit-learn": "0.1"}], ids=["", "of another version"])
def test_text_that_the_model_does_not_take_asks_for_the_function_that_prepares_it(
    recorded: dict[str, str],
) -> None:
    """It was prepared outside the model, which was never saved with it; no version would help."""
    frame = pd.DataFrame({"sex": ["female", "male"], "age": [1, 2]})
    model = LogisticRegression().fit(frame.assign(sex=[0, 1]), [0, 1])

    with pytest.raises(WorkerFailure) as caught:
        predict_arrays(model, GivenInput(frame, ["sex", "age"]), recorded)

    assert caught.value.message == (
        "fails in predict (ValueError: could not convert string to float: '…')"
    )
    assert "candidate.features" in caught.value.hint


BOOSTED = ["LGBMClassifier", "XGBClassifier"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", BOOSTED)
def test_text_is_found_among_the_categories_that_a_booster_holds(name: str) -> None:
    """Rows with fewer of them must not move their codes."""
    library = pytest.importorskip({"L": "lightgbm", "X": "xgboost"}[name[0]])
    how = {"verbose": -1} if name[0] == "L" else {"enable_categorical": True}
    cities = pd.DataFrame({"city": ["Ulm", "Bonn", "Kiel"] * 40})
    is_ulm = (cities["city"] == "Ulm").astype(int)
    model = getattr(library, name)(n_estimators=20, **how)
    model.fit(cities.astype("category"), is_ulm)

    few = cities[cities["city"] != "Bonn"].reset_index(drop=True)
    said = predict_arrays(model, GivenInput(few, ["city"]), {})

    assert said["predictions"].tolist() == (few["city"] == "Ulm").astype(int).tolist()
