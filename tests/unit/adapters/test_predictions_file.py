"""Files of predictions as people write them, and those that do not say what they mean."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from mlci_action.adapters.predictions_file import read_predictions_file
from mlci_action.adapters.stored_predictions import to_npz
from mlci_action.errors import ModelError
from mlci_action.evaluation.reading.predictions import ModelOutput
from mlci_action.evaluation.reading.variants import Answers
from mlci_action.settings.values import HowAsked

ROWS = pd.DataFrame({"id": [7, 8, 9], "age": [1.0, 2.0, 3.0], "y": ["no", "yes", "yes"]})


class Reader:
    """Writes a file and reads it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self,
        content: str | bytes | NDArray[np.generic] | pd.DataFrame,
        *,
        rows: pd.DataFrame = ROWS,
        id_column: str | None = "id",
        classes: tuple[str, ...] | None = None,
    ) -> Answers:
        path = self.folder / "said"
        match content:
            case str():
                path.write_text(content)
            case bytes():
                path.write_bytes(content)
            case pd.DataFrame():
                content.to_parquet(path)
            case _:
                with path.open("wb") as stream:
                    np.save(stream, content)
        return read_predictions_file(
            path, rows, id_column=id_column, target="y", classes=classes, who="the candidate"
        )

    def refusal(self, content: object, **asked: object) -> str:
        with pytest.raises(ModelError) as caught:
            self(content, **asked)  # type: ignore[arg-type]
        return str(caught.value)


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def said(answers: Answers) -> list[object]:
    return list(answers.output.predictions.tolist())


@pytest.mark.parametrize(
    "content",
    [
        "prediction\nno\nno\nyes\n",
        "y_pred;other\nno;1\nno;2\nyes;3\n",
        "id,Predicted,y\n9,yes,yes\n8,no,yes\n7,no,no\n",
        "id\tlabel\n9\tyes\n7\tno\n8\tno\n",
        "id,age,y,mine\n7,1,no,no\n8,2,yes,no\n9,3,yes,yes\n",
        ",0\n0,no\n1,no\n2,yes\n",
        "mine\nno\nno\nyes\n",
    ],
    ids=["named", "separator", "with truth", "shuffled", "with data", "numbered", "lone"],
)
def test_labels_are_found_and_put_in_the_order_of_the_rows(read: Reader, content: str) -> None:
    assert said(read(content)) == ["no", "no", "yes"]


def test_a_file_without_a_line_of_names_is_read_where_it_has_one_column(read: Reader) -> None:
    assert said(read("0.25\n0.5\n0.75\n")) == [0.25, 0.5, 0.75]
    assert "no header line" in read.refusal("7,0.25\n8,0.5\n9,0.75\n")


def test_a_first_label_taken_for_a_name_is_told(read: Reader) -> None:
    assert "predictions are 2, and the data has 3 rows" in read.refusal("no\nno\nyes\n")
    assert "does the file begin with a line of names?" in read.refusal("no\nno\nyes\n")


def test_ids_join_whatever_type_they_are_written_in(read: Reader) -> None:
    table = pd.DataFrame(
        {"prediction": ["c", "b", "a"]}, index=pd.Index(["9", "8", "7"], name="id")
    )
    assert said(read(table)) == ["a", "b", "c"]
    rows = ROWS.assign(id=[7.0, 8.0, 9.0])
    assert said(read("id,prediction\n9,c\n7,a\n8,b\n", rows=rows)) == ["a", "b", "c"]


def test_lines_about_other_rows_are_counted(read: Reader) -> None:
    answers = read("id,prediction\n1,x\n9,c\n7,a\n8,b\n2,x\n")
    assert said(answers) == ["a", "b", "c"]
    assert (answers.facts["joined_by"], answers.facts["extra_rows"]) == ("id", 2)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("id,prediction\n7,a\n8,b\n1,c\n", "lack 1 of the 3 values of 'id'"),
        ("id,prediction\n7,a\n8,b\n8,c\n9,c\n", "more than one line for 1 of the values of 'id'"),
        ("prediction\na\nb\n", "write the column 'id' of the data beside the predictions"),
    ],
    ids=["lacking", "twice", "too few"],
)
def test_rows_that_cannot_be_joined_are_counted_and_not_named(
    read: Reader, content: str, why: str
) -> None:
    assert why in read.refusal(content)


def test_without_an_id_the_setting_is_named(read: Reader) -> None:
    assert "as data.id" in read.refusal("prediction\na\n", id_column=None)


def test_ids_that_repeat_in_the_data_join_only_where_all_are_equal(read: Reader) -> None:
    """A changed copy of the rows holds each id more than once."""
    rows = ROWS.assign(id=[7, 7, 9])
    assert said(read("id,prediction\n7,a\n7,b\n9,c\n", rows=rows)) == ["a", "b", "c"]
    assert "it is repeated in 1 rows" in read.refusal("id,prediction\n9,c\n7,a\n7,b\n", rows=rows)


def test_numbered_lines_in_another_order_are_refused(read: Reader) -> None:
    """What a shuffled split leaves: joined by position it would be silent nonsense."""
    assert "numbered in another order" in read.refusal(",prediction\n2,a\n0,b\n1,c\n")


@pytest.mark.parametrize("name", ["score", "probability", "y_proba"])
def test_scores_of_the_positive_class_are_probabilities(read: Reader, name: str) -> None:
    output = read(f"prediction,{name}\nno,0.1\nyes,0.9\nyes,0.5\n").output
    assert output.probabilities is not None
    assert (output.probabilities.tolist(), output.classes) == ([0.1, 0.9, 0.5], None)


def test_scores_beyond_one_are_no_probabilities(read: Reader) -> None:
    output = read("prediction,score\nno,-3\nyes,2.5\nyes,0.5\n").output
    assert output.decisions is not None
    assert (output.decisions.tolist(), output.probabilities) == ([-3, 2.5, 0.5], None)


def test_a_probability_beyond_one_stays_one_for_the_reader_to_refuse(read: Reader) -> None:
    output = read("prediction,probability\nno,-3\nyes,2.5\nyes,0.5\n").output
    assert output.decisions is None
    assert output.probabilities is not None


@pytest.mark.parametrize("prefix", ["probability_", "proba_", ""])
def test_a_column_for_each_class_gives_labels_and_probabilities(read: Reader, prefix: str) -> None:
    output = read(f"{prefix}yes,{prefix}no\n0.1,0.9\n0.8,0.2\n0.6,0.4\n").output
    assert output.predictions.tolist() == ["no", "yes", "yes"]
    assert output.probabilities is not None
    assert output.classes is not None
    by_class = dict(zip(output.classes, output.probabilities.T.tolist(), strict=True))
    assert by_class == {"yes": [0.1, 0.8, 0.6], "no": [0.9, 0.2, 0.4]}


def test_of_two_classes_one_column_is_enough(read: Reader) -> None:
    output = read("probability_no\n0.75\n0.25\n0.5\n").output
    assert output.classes == ("yes", "no")
    assert output.probabilities is not None
    assert output.probabilities.tolist() == [[0.25, 0.75], [0.75, 0.25], [0.5, 0.5]]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("y\nno\nyes\nyes\n", "only the target's column 'y': is it the truth?"),
        ("id,y\n7,no\n8,yes\n9,yes\n", "only the target's column 'y': is it the truth?"),
        ("a,b\nno,1\nno,2\nyes,3\n", "'a', 'b': it is not clear which"),
        ("prediction,label\nno,1\nno,2\nyes,3\n", "more than one of its columns"),
        ("probability_yes,proba_yes\n.1,.1\n.1,.1\n.1,.1\n", "two of its columns"),
        ("probability_maybe\n.1\n.1\n.1\n", "a class that the data has not"),
        ("score\nhigh\nlow\nlow\n", "column 'score' that does not hold numbers"),
    ],
    ids=["truth", "truth with id", "unclear", "two", "twice", "unknown class", "text"],
)
def test_columns_that_are_not_clear_are_refused_with_what_is_read(
    read: Reader, content: str, why: str
) -> None:
    assert why in read.refusal(content)


def test_the_hint_names_the_columns_that_are_read(read: Reader) -> None:
    assert "`prediction`, for two classes `score`" in read.refusal("a,b\nno,1\nno,2\nyes,3\n")


def test_a_column_that_the_data_has_is_no_second_answer(read: Reader) -> None:
    rows = ROWS.assign(label=["x", "y", "z"])
    answers = read("label,prediction\nx,no\ny,no\nz,yes\n", rows=rows)
    assert said(answers) == ["no", "no", "yes"]


@pytest.mark.parametrize(
    "content",
    ['prediction\nno\n""\nyes\n', "probability_no,probability_yes\n.5,.5\n,.5\n.5,.5\n"],
    ids=["label", "probability"],
)
def test_a_row_without_an_answer_is_refused_only_where_it_has_a_label(
    read: Reader, content: str
) -> None:
    assert "gives no prediction in 1 of 3 rows" in read.refusal(content)
    unlabelled = ROWS.assign(y=["no", np.nan, "yes"])
    assert len(said(read(content, rows=unlabelled))) == 3


def test_a_number_that_is_missing_stays_for_the_reader_to_refuse(read: Reader) -> None:
    assert np.isnan(read("prediction,b\n1.5,1\n,2\n2.5,3\n").output.predictions[1])


@pytest.mark.parametrize(
    "content",
    ["prediction\n0\n1\n1\n", np.array([0.0, 1.0, 1.0]), np.array(["0", "1", "1"])],
    ids=["csv", "floats", "text"],
)
def test_codes_become_the_labels_they_stand_for(read: Reader, content: str) -> None:
    assert said(read(content, classes=("low", "high"))) == ["low", "high", "high"]
    assert said(read("prediction\nhigh\nlow\nlow\n", classes=("low", "high")))[0] == "high"


def test_a_code_without_a_label_is_refused(read: Reader) -> None:
    assert "stand for no class in 1 rows" in read.refusal(
        "prediction\n0\n2\n1\n", classes=("low", "high")
    )


def test_columns_of_an_array_take_their_classes_from_the_settings(read: Reader) -> None:
    values = np.array([[0.2, 0.8], [1.0, 0.0], [0.5, 0.5]])
    output = read(values, classes=("low", "high")).output
    assert (output.predictions.tolist(), output.classes) == (
        ["high", "low", "low"],
        ("low", "high"),
    )
    assert read(values).output.classes == (0, 1)


def test_columns_of_an_array_for_unknown_classes_are_refused(read: Reader) -> None:
    assert "not known for which classes" in read.refusal(np.full((3, 3), 1 / 3))
    rows = ROWS.assign(y=[0, 1, 2])
    assert read(np.full((3, 3), 1 / 3), rows=rows).output.classes == (0, 1, 2)


def test_an_array_of_objects_says_how_to_save_it(read: Reader) -> None:
    assert "astype(str)" in read.refusal(np.array(["no", "no", "yes"], dtype=object))


def test_an_array_with_other_rows_is_refused(read: Reader) -> None:
    assert "predictions are 2, and the data has 3 rows" in read.refusal(np.array([1, 2]))


def test_what_a_report_stored_is_read(read: Reader) -> None:
    output = ModelOutput(predictions=np.array(["no", "yes", "no"]))
    content = to_npz(output, model_digest="m", data_digest="d", how=HowAsked())
    assert content is not None
    assert said(read(content)) == ["no", "yes", "no"]


def test_another_npz_is_refused(read: Reader, tmp_path: Path) -> None:
    np.savez(tmp_path / "p.npz", predictions=np.array([1, 2, 3]))
    assert "if a report wrote it" in read.refusal((tmp_path / "p.npz").read_bytes())


def test_predictions_that_equal_the_truth_are_told(read: Reader) -> None:
    answers = read("prediction\nno\nyes\nyes\n")
    assert answers.facts["warnings"] == [
        "the candidate's predictions equal the truth in all 3 rows: are they the labels?"
    ]
    assert read("prediction\nno\nno\nyes\n").facts["warnings"] == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"\x80\x04\x95...", "is a pickle, which is never read"),
        (b"prediction\n\xff\xfe\xfd\n", "in UTF-8"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    ],
    ids=["empty", "pickle", "bytes", "lfs"],
)
def test_a_file_that_is_no_table_says_what_it_is(read: Reader, content: bytes, why: str) -> None:
    refusal = read.refusal(content)
    assert refusal.startswith("the candidate's predictions: 'said' is")
    assert why in refusal
    assert "data." not in refusal


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"predictions '.*/gone.csv' cannot be read: No such file"):
        read_predictions_file(
            tmp_path / "gone.csv",
            ROWS,
            id_column=None,
            target="y",
            classes=None,
            who="the baseline",
        )
