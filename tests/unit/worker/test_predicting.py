from __future__ import annotations

import sys
import types
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn

from mlci_action.worker.columns import GivenInput
from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.predicting import class_labels, predict_arrays

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
    assert error.hint == (
        f"pin scikit-learn==1.0.2 in that environment, or save the model again under {here}, "
        "or name (--python) an environment that has 1.0.2"
    )


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
