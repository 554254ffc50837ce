from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlci_action.adapters.row_files import write_rows
from mlci_action.worker.columns import GivenInput, choose_input
from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.rows import Rows

FRAME = pd.DataFrame({"id": [7, 8], "age": [30, 40], "income": [1.5, 2.5]})


class Anything:
    """A model whose attributes are what a test says."""

    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401
        self.__dict__ |= attributes


def chosen(
    model: object,
    folder: Path,
    recorded: dict[str, str] | None = None,
    columns: list[str] | None = None,
) -> GivenInput:
    write_rows(FRAME, folder)
    return choose_input(
        model,
        Rows(folder),
        set_aside=["id"],
        withheld=["approved"],
        recorded=recorded or {},
        columns=columns,
    )


def refusal(model: object, folder: Path, columns: list[str] | None = None) -> WorkerFailure:
    with pytest.raises(WorkerFailure) as caught:
        chosen(model, folder, columns=columns)
    return caught.value


def test_a_fitted_model_gets_its_columns_in_its_order(tmp_path: Path) -> None:
    model = LogisticRegression().fit(FRAME[["income", "age"]], [0, 1])

    given = chosen(model, tmp_path)

    assert (given.columns, given.forms) == (["income", "age"], ("table",))
    pd.testing.assert_frame_equal(given.table, FRAME[["income", "age"]])


def test_a_pipeline_is_asked_for_its_first_steps_columns(tmp_path: Path) -> None:
    first = Anything(feature_names_in_=np.array(["age"], dtype=object))

    assert chosen(Anything(steps=[("first", first), ("last", None)]), tmp_path).columns == ["age"]


def test_a_model_that_names_no_columns_gets_all_but_those_set_aside(tmp_path: Path) -> None:
    given = chosen(Anything(), tmp_path)

    assert given.columns == ["age", "income"]
    assert list(given.table.columns) == ["age", "income"]


def test_a_column_set_aside_is_given_to_a_model_that_names_it(tmp_path: Path) -> None:
    assert chosen(Anything(feature_names_in_=["id", "age"]), tmp_path).columns == ["id", "age"]


def test_a_model_that_was_fitted_on_an_array_gets_an_array(tmp_path: Path) -> None:
    """It may index columns by position, which a table does not allow."""
    X = FRAME[["age", "income"]].to_numpy()  # noqa: N806  the field's name for it
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, [0, 1])

    given = chosen(model, tmp_path, {"scikit-learn": "1.6.1"})

    assert given.forms == ("array", "table")


def test_a_model_from_before_names_were_kept_gets_a_table(tmp_path: Path) -> None:
    """It may have been fitted on one, and pick its columns by name inside."""
    given = chosen(Anything(n_features_in_=2), tmp_path, {"scikit-learn": "0.24.2"})

    assert given.forms == ("table", "array")


@pytest.mark.parametrize("attribute", ["feature_names_", "feature_name_", "feature_names"])
def test_boosting_libraries_names_count_when_the_data_has_them(
    tmp_path: Path, attribute: str
) -> None:
    assert chosen(Anything(**{attribute: ["income"]}), tmp_path).columns == ["income"]


def test_names_that_a_library_made_up_do_not_count(tmp_path: Path) -> None:
    made_up = Anything(feature_name_=["Column_0", "Column_1"])

    assert chosen(made_up, tmp_path).columns == ["age", "income"]


def test_names_behind_a_method_count(tmp_path: Path) -> None:
    assert chosen(Anything(feature_name=lambda: ["age"]), tmp_path).columns == ["age"]


def test_missing_columns_are_named_with_the_nearest(tmp_path: Path) -> None:
    error = refusal(Anything(feature_names_in_=["incme", "age", "zip"]), tmp_path)

    assert error.message == (
        "needs 3 columns, and the data lacks 2 of them: 'incme' (nearest: 'income'), 'zip'"
    )


def test_a_model_that_reads_the_target_is_refused(tmp_path: Path) -> None:
    error = refusal(Anything(feature_names_in_=["age", "approved"]), tmp_path)

    assert error.message == "was fitted on the target column 'approved' as a feature"


def test_another_number_of_columns_is_refused(tmp_path: Path) -> None:
    error = refusal(Anything(n_features_in_=5), tmp_path)

    assert error.message == "takes 5 columns by position, and the data has 2 besides the target"


def test_a_model_that_raises_when_asked_is_asked_no_further(tmp_path: Path) -> None:
    class Unfitted:
        @property
        def feature_names_in_(self) -> list[str]:
            raise RuntimeError("not fitted")

    assert chosen(Unfitted(), tmp_path).columns == ["age", "income"]


TEXTS = pd.DataFrame({"id": ["a", "b"], "text": ["a good day", "a bad day"], "age": [30, 40]})


def test_a_text_vectorizer_gets_its_column_not_the_names_of_a_table(tmp_path: Path) -> None:
    model = make_pipeline(CountVectorizer(), LogisticRegression()).fit(TEXTS["text"], [0, 1])
    write_rows(TEXTS, tmp_path)

    given = choose_input(model, Rows(tmp_path), set_aside=["id"], withheld=[], recorded={})

    assert given.columns == ["text"]
    assert list(model.predict(given.table)) == [0, 1]


def test_of_several_texts_none_is_guessed(tmp_path: Path) -> None:
    model = make_pipeline(CountVectorizer(), LogisticRegression()).fit(TEXTS["text"], [0, 1])
    write_rows(TEXTS, tmp_path)
    with pytest.raises(WorkerFailure) as caught:
        choose_input(model, Rows(tmp_path), set_aside=[], withheld=[], recorded={})
    assert "takes one column of text; the data has: 'id', 'text'" in caught.value.message
    assert "candidate.columns" in caught.value.hint


def test_lightgbm_spells_blanks_as_underscores(tmp_path: Path) -> None:
    model = type("LGBMClassifier", (Anything,), {"__module__": "lightgbm.sklearn"})
    write_rows(FRAME.rename(columns={"age": "the age"}), tmp_path)

    given = choose_input(
        model(feature_names_in_=["income", "the_age"]),
        Rows(tmp_path), set_aside=[], withheld=[], recorded={},
    )  # fmt: skip

    assert given.columns == ["income", "the age"]


def test_the_columns_of_the_settings_are_given_in_their_order(tmp_path: Path) -> None:
    given = chosen(Anything(), tmp_path, columns=["income", "id"])

    assert (given.columns, given.forms) == (["income", "id"], ("table", "array"))
    assert list(given.table.columns) == ["income", "id"]


def test_the_columns_of_the_settings_are_an_array_to_a_model_that_was_fitted_on_one(
    tmp_path: Path,
) -> None:
    model = LogisticRegression().fit(FRAME[["income", "age"]].to_numpy(), [0, 1])

    assert chosen(model, tmp_path, columns=["income", "age"]).forms == ("array", "table")


def test_the_columns_of_the_settings_have_their_names_for_a_model_that_knows_names(
    tmp_path: Path,
) -> None:
    """In another order than it was fitted on, it then says so instead of mixing them up."""
    model = LogisticRegression().fit(FRAME[["income", "age"]], [0, 1])

    assert chosen(model, tmp_path, columns=["age", "income"]).forms == ("table",)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["age", "incme"], "needs 2 columns, and the data lacks 1 of them: 'incme' (nearest: 'in"),
        (["age", "approved"], "is to be given the target column 'approved' by candidate.columns"),
        (["age", "age"], "needs the column 'age' twice"),
        (["age"], "takes 2 columns, and candidate.columns names 1"),
    ],
)
def test_columns_of_the_settings_that_cannot_be_are_refused(
    tmp_path: Path, columns: list[str], message: str
) -> None:
    assert refusal(Anything(n_features_in_=2), tmp_path, columns).message.startswith(message)


def test_of_several_texts_the_settings_name_one(tmp_path: Path) -> None:
    model = make_pipeline(CountVectorizer(), LogisticRegression()).fit(TEXTS["text"], [0, 1])
    write_rows(TEXTS, tmp_path)

    given = choose_input(
        model, Rows(tmp_path), set_aside=[], withheld=[], recorded={}, columns=["text"]
    )

    assert list(model.predict(given.table)) == [0, 1]


def test_a_column_too_few_by_the_one_that_is_set_aside_is_named(tmp_path: Path) -> None:
    """The row's id was among the columns of an array that the model was fitted on."""
    error = refusal(Anything(n_features_in_=3), tmp_path)

    assert error.message == (
        "takes 3 columns by position, and the data has 2 besides the target and 'id', which is "
        "set aside"
    )
    assert error.hint.startswith("if it was fitted on 'id' as well: name its columns")


def test_a_missing_column_of_a_boosting_library_is_named(tmp_path: Path) -> None:
    model = type("CatBoostClassifier", (Anything,), {"__module__": "catboost.core"})

    assert (
        "lacks 1 of them: 'incme'"
        in refusal(model(feature_names_=["incme", "age"], n_features_in_=2), tmp_path).message
    )


def test_a_search_around_a_vectorizer_gets_its_column(tmp_path: Path) -> None:
    texts = TEXTS.loc[[0, 1] * 3]
    search = GridSearchCV(
        make_pipeline(CountVectorizer(), LogisticRegression()),
        {"logisticregression__C": [1.0]},
        cv=2,
    ).fit(texts["text"], [0, 1] * 3)
    write_rows(TEXTS, tmp_path)

    given = choose_input(search, Rows(tmp_path), set_aside=["id"], withheld=[], recorded={})

    assert given.columns == ["text"]


PEOPLE = pd.DataFrame({"id": ["a", "b"], "sex": ["f", "m"], "age": [30, 40], "zip": ["1", "2"]})


def test_a_model_of_dicts_gets_the_columns_that_it_was_fitted_on(tmp_path: Path) -> None:
    dicts = PEOPLE[["age", "sex"]].to_dict(orient="records")
    model = make_pipeline(DictVectorizer(), LogisticRegression()).fit(dicts, [0, 1])
    write_rows(PEOPLE, tmp_path)

    given = choose_input(model, Rows(tmp_path), set_aside=["id"], withheld=[], recorded={})

    assert (sorted(given.columns), given.forms) == (["age", "sex"], ("dicts",))


def test_a_column_that_a_model_of_dicts_would_take_for_zero_is_missed(tmp_path: Path) -> None:
    dicts = PEOPLE[["age", "sex"]].to_dict(orient="records")
    model = make_pipeline(DictVectorizer(), LogisticRegression()).fit(dicts, [0, 1])
    write_rows(PEOPLE.drop(columns="sex"), tmp_path)

    with pytest.raises(WorkerFailure, match="lacks 1 of them: 'sex'"):
        choose_input(model, Rows(tmp_path), set_aside=["id"], withheld=[], recorded={})


def test_a_hasher_of_dicts_gets_all_columns(tmp_path: Path) -> None:
    dicts = PEOPLE[["sex", "age", "zip"]].to_dict(orient="records")
    model = make_pipeline(FeatureHasher(8), LogisticRegression()).fit(dicts, [0, 1])
    write_rows(PEOPLE, tmp_path)

    given = choose_input(model, Rows(tmp_path), set_aside=["id"], withheld=[], recorded={})

    assert (given.columns, given.forms) == (["sex", "age", "zip"], ("dicts",))
