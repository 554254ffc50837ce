from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlci_action.adapters.worker_answer import (
    WorkerEnd,
    metric_answer,
    read_answer,
    read_metric_answers,
)
from mlci_action.errors import ModelError
from mlci_action.evaluation.metrics.custom_metrics import CustomAnswer, CustomValues
from mlci_action.evaluation.reading.predictions import ModelOutput


def end(code: int | None = 0, log: str = "") -> WorkerEnd:
    return WorkerEnd(code=code, seconds_allowed=60, log=log)


def answer(folder: Path, **result: Any) -> None:  # noqa: ANN401
    (folder / "result.json").write_text(json.dumps({"error": None} | result))


def refusal(folder: Path, how: WorkerEnd | None = None) -> ModelError:
    with pytest.raises(ModelError) as caught:
        read_answer(folder, how or end(), n_rows=3, who="the baseline")
    return caught.value


def test_an_answer_is_read_as_it_was_written(tmp_path: Path) -> None:
    answer(tmp_path, classes=["no", 1, True, 0.5], python="3.8.18", strange="x")
    np.save(tmp_path / "predictions.npy", np.array(["no", "yes", "no"]))
    np.save(tmp_path / "probabilities.npy", np.array([[0.5, 0.5]] * 3))

    read = read_answer(tmp_path, end(), n_rows=3, who="the baseline")

    assert read.output.predictions.tolist() == ["no", "yes", "no"]
    assert read.output.probabilities is not None
    assert read.output.probabilities.tolist() == [[0.5, 0.5]] * 3
    assert read.output.decisions is None
    assert read.output.classes == ("no", 1, True, 0.5)
    assert read.facts["python"] == "3.8.18"
    assert "strange" not in read.facts


def test_a_structured_error_is_one_line_and_bounded(tmp_path: Path) -> None:
    answer(tmp_path, error={"message": "cannot be loaded:\n::set-output\x1b[0m " + "x" * 5000})

    error = refusal(tmp_path)

    assert error.message.startswith("the baseline cannot be loaded: ::set-output [0m xxx")
    assert len(error.message) < 1100


def test_time_that_is_over_names_the_setting(tmp_path: Path) -> None:
    error = refusal(tmp_path, end(code=None))

    assert error.message == "the baseline did not answer within 60 seconds"
    assert "worker.timeout_seconds" in error.hint


@pytest.mark.parametrize(
    ("code", "said"),
    [(-11, "by SIGSEGV"), (-9, "by SIGKILL"), (-99, "by signal 99"), (3, "with exit code 3")],
)
def test_a_process_that_ended_early_says_how(tmp_path: Path, code: int, said: str) -> None:
    error = refusal(tmp_path, end(code=code, log="loading\nout of luck\n\n"))

    assert error.message == (
        f"the baseline ended its process {said} before it answered; its last line: out of luck"
    )


def test_a_killed_process_most_often_ran_out_of_memory(tmp_path: Path) -> None:
    assert "memory" in refusal(tmp_path, end(code=-9)).hint


def test_an_exit_without_an_answer_is_no_answer(tmp_path: Path) -> None:
    assert refusal(tmp_path).message == (
        "the baseline ended its process with exit code 0 before it answered"
    )


def test_an_answer_beside_a_crash_is_not_believed(tmp_path: Path) -> None:
    answer(tmp_path)
    np.save(tmp_path / "predictions.npy", np.zeros(3))

    assert "exit code 1" in refusal(tmp_path, end(code=1)).message


@pytest.mark.parametrize("text", ["{", "[]", '{"x": NaN}', "[" * 100_000])
def test_a_result_that_is_no_json_object_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "result.json").write_text(text)

    assert "its result is not" in refusal(tmp_path).message


def test_a_huge_result_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "result.json").open("wb") as file:
        file.truncate(5 << 20)

    assert "its result is too large" in refusal(tmp_path).message


def test_a_pipe_in_place_of_the_result_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "result.json")

    assert "before it answered" in refusal(tmp_path).message


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    answer(tmp_path)
    (tmp_path / "predictions.npy").symlink_to("/dev/zero")

    assert "predictions is not a plain file" in refusal(tmp_path).message


def test_an_answer_without_predictions_is_refused(tmp_path: Path) -> None:
    answer(tmp_path)

    assert "there are no predictions" in refusal(tmp_path).message


@pytest.mark.parametrize(
    "values", [np.array([{}, None], dtype=object), np.array(1.0), np.array(["2024"], dtype="M8[D]")]
)
def test_only_plain_arrays_are_read(tmp_path: Path, values: Any) -> None:  # noqa: ANN401
    answer(tmp_path)
    np.save(tmp_path / "predictions.npy", values, allow_pickle=True)

    assert "predictions" in refusal(tmp_path).message


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f8', 'fortran_order': False, 'shape': (3000000000000,), }",
        "{'descr': '|O', 'fortran_order': False, 'shape': (3,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (3, }",
        "{'descr': ['<f8'], 'fortran_order': False, 'shape': (3,), }",
        "(" * 9000,
    ],
)
def test_a_header_that_somebody_made_up_is_no_array(tmp_path: Path, header: str) -> None:
    """One that promises more than the file holds must not cost the memory, either."""
    answer(tmp_path)
    length = len(header).to_bytes(2, "little")
    content = b"\x93NUMPY\x01\x00" + length + header.encode() + b"\0" * 24
    (tmp_path / "predictions.npy").write_bytes(content)

    assert refusal(tmp_path).message == "the baseline left predictions that are not an array"


def test_a_file_far_larger_than_its_rows_is_not_read(tmp_path: Path) -> None:
    answer(tmp_path)
    with (tmp_path / "predictions.npy").open("wb") as file:
        file.truncate(2 << 20)

    assert "far larger than 3 rows need" in refusal(tmp_path).message


@pytest.mark.parametrize("classes", ["ab", [None], [[1]], {"a": 1}, list(range(10_001))])
def test_classes_that_are_no_list_of_labels_are_refused(tmp_path: Path, classes: object) -> None:
    answer(tmp_path, classes=classes)
    np.save(tmp_path / "predictions.npy", np.zeros(3))

    assert "its classes are not a list of labels" in refusal(tmp_path).message


@pytest.mark.parametrize("dtype", [">i8", ">f8", ">U3"])
def test_numbers_in_another_byte_order_are_read(tmp_path: Path, dtype: str) -> None:
    """Arrays of FITS and network formats have it, and pandas counts no such labels."""
    answer(tmp_path)
    np.save(tmp_path / "predictions.npy", np.array([0, 1, 0]).astype(dtype))
    predictions = read_answer(tmp_path, end(), n_rows=3, who="the baseline").output.predictions
    assert predictions.dtype.isnative
    assert predictions.astype(np.int64).tolist() == [0, 1, 0]


def with_variants(folder: Path, *, told: object, **result: Any) -> None:  # noqa: ANN401
    """An answer on three rows, and on two rows of a first variant."""
    answer(folder, variants=told, **result)
    np.save(folder / "predictions.npy", np.zeros(3))
    (folder / "variant-0").mkdir()
    np.save(folder / "variant-0" / "predictions.npy", np.ones(2))


def variants_of(
    folder: Path, how: WorkerEnd | None = None, *, rows: tuple[int, ...] = (2, 2)
) -> list[object]:
    """What is read of each variant, arrays as lists."""
    read = read_answer(folder, how or end(), n_rows=3, who="the baseline", variant_rows=rows)
    return [v if isinstance(v, str) else v.predictions.tolist() for v in read.variants]


def test_a_variant_without_an_answer_is_a_sentence(tmp_path: Path) -> None:
    with_variants(tmp_path, told=[{"error": None}, {"error": "fails in\npredict"}])

    assert variants_of(tmp_path) == [[1.0, 1.0], "fails in predict"]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (-9, "ended its process by SIGKILL before it answered"),
        (3, "ended its process with exit code 3 before it answered"),
        (None, "did not answer within 60 seconds"),
    ],
)
def test_what_was_answered_before_a_variant_ended_the_process_counts(
    tmp_path: Path, code: int | None, why: str
) -> None:
    with_variants(tmp_path, told=[{"error": None}])

    assert variants_of(tmp_path, end(code)) == [[1.0, 1.0], why]


def test_without_variants_nothing_beside_a_crash_is_believed(tmp_path: Path) -> None:
    with_variants(tmp_path, told=[])

    with pytest.raises(ModelError, match="by SIGKILL"):
        variants_of(tmp_path, end(-9), rows=())


@pytest.mark.parametrize("told", [None, "x", [None], [{}], [{"error": 3}], [{"error": ""}]])
def test_a_variant_that_is_not_told_as_one_is_no_answer(tmp_path: Path, told: object) -> None:
    with_variants(tmp_path, told=told)

    assert isinstance(variants_of(tmp_path, rows=(2,))[0], str)


def test_a_variant_in_a_linked_folder_is_no_answer(tmp_path: Path) -> None:
    with_variants(tmp_path, told=[{"error": None}, {"error": None}])
    (tmp_path / "variant-1").symlink_to(tmp_path / "variant-0")

    assert variants_of(tmp_path)[1] == "left an answer that cannot be read"


def test_a_variants_arrays_are_not_trusted_either(tmp_path: Path) -> None:
    with_variants(tmp_path, told=[{"error": None}, {"error": None}])
    (tmp_path / "variant-1").mkdir()
    (tmp_path / "variant-1" / "predictions.npy").symlink_to("/dev/zero")

    assert variants_of(tmp_path)[1] == (
        "left an answer that cannot be read: predictions is not a plain file"
    )


def test_unexpected_values_are_sentences_one_line_each(tmp_path: Path) -> None:
    answer(tmp_path, unexpected=["column 'a'\nis far", 3, None, *["x"] * 100])
    np.save(tmp_path / "predictions.npy", np.zeros(3))

    unexpected = read_answer(tmp_path, end(), n_rows=3, who="the baseline").unexpected

    assert unexpected[:2] == ("column 'a' is far", "x")
    assert len(unexpected) < 20


def test_codes_stand_for_the_labels_that_the_settings_name(tmp_path: Path) -> None:
    with_variants(tmp_path, told=[{"error": None}], classes=[0, 1])

    read = read_answer(
        tmp_path, end(), n_rows=3, who="the baseline", variant_rows=[2], classes=("no", "yes")
    )

    assert read.output.predictions.tolist() == ["no", "no", "no"]
    assert read.output.classes == ("no", "yes")
    assert isinstance(read.variants[0], ModelOutput)
    assert read.variants[0].predictions.tolist() == ["yes", "yes"]


METRIC = {
    "candidate": 1,
    "baseline": 2.5,
    "note": "",
    "error": "",
    "low": -2.0,
    "high": 0.5,
    "resamples": 2000,
    "without": 3,
    "slices": [{"candidate": None, "baseline": 1.0, "note": "a\nb"}],
    "ignores": ["data"],
}


def test_a_metrics_answer_is_read_as_it_was_told(tmp_path: Path) -> None:
    answer(tmp_path, metrics=[METRIC])

    read = read_metric_answers(tmp_path, end(), n_metrics=1, n_slices=1, who="'costs.py:cost'")

    assert read == (
        CustomAnswer(
            overall=CustomValues(candidate=1.0, baseline=2.5),
            slices=(CustomValues(baseline=1.0, note="a b"),),
            low=-2.0,
            high=0.5,
            resamples=2000,
            without=3,
            ignores=("data",),
        ),
    )


def test_a_metric_that_does_not_work_needs_no_more_than_its_reason() -> None:
    said = metric_answer({"error": "it raised\nValueError"}, n_slices=1, who="cost")

    assert said == CustomAnswer(error="it raised ValueError")


@pytest.mark.parametrize(
    "said",
    [
        None,
        {},
        METRIC | {"slices": []},
        METRIC | {"resamples": "2000"},
        METRIC | {"low": "low"},
        METRIC | {"candidate": True},
        METRIC | {"candidate": [1.0]},
        METRIC | {"candidate": 10**400},
        METRIC | {"resamples": 10**400},
        METRIC | {"resamples": 2},
        METRIC | {"without": -1},
        METRIC | {"slices": [{"candidate": float("inf")}]},
    ],
)
def test_a_metrics_answer_that_is_none_is_refused(said: object) -> None:
    """The function's own code may have written it."""
    with pytest.raises(ModelError, match="left an answer that cannot be read"):
        metric_answer(said, n_slices=1, who="cost")


@pytest.mark.parametrize("metrics", [None, [], [METRIC, METRIC]])
def test_one_answer_a_metric_is_expected(tmp_path: Path, metrics: object) -> None:
    answer(tmp_path, metrics=metrics)

    with pytest.raises(ModelError, match="one answer a metric"):
        read_metric_answers(tmp_path, end(), n_metrics=1, n_slices=1, who="cost")
