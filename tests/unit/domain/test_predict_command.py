"""Words of a command, and the places in them."""

from __future__ import annotations

import re

import pytest

from mlci_action.domain.predict_command import PredictCommand, parse_command


def test_places_are_filled_inside_words_and_nothing_is_split_again() -> None:
    command = parse_command("python score.py --model={model} '{input}' {output}")
    filled = command.filled(model="/a b/m", input="/in; rm x", output="/out")
    assert filled == ("python", "score.py", "--model=/a b/m", "/in; rm x", "/out")


def test_csv_is_what_goes_in_and_out_unless_a_place_says_another_format() -> None:
    plain = parse_command("./s {input} {output}")
    assert (plain.input, plain.output) == ("csv", "csv")
    other = parse_command("./s {input.parquet} {output.npy}")
    assert (other.input, other.output) == ("parquet", "npy")
    assert other.filled(model="m", input="i.parquet", output="o.npy") == (
        "./s", "i.parquet", "o.npy",
    )  # fmt: skip


def test_braces_that_are_no_place_stay() -> None:
    command = parse_command("awk '{print $1}' {input} {output}")
    assert command == PredictCommand(
        words=("awk", "{print $1}", "{input}", "{output}"), input="csv", output="csv"
    )


def test_a_path_that_looks_like_a_place_is_not_filled_again() -> None:
    filled = parse_command("./s {model} {input} {output}").filled(
        model="/m/{input}", input="i", output="o"
    )
    assert filled[1] == "/m/{input}"


@pytest.mark.parametrize(
    ("text", "reads"), [("./s {model} {input} {output}", True), ("./s {input} {output}", False)]
)
def test_whether_it_reads_the_model_is_known(text: str, reads: bool) -> None:  # noqa: FBT001
    assert parse_command(text).reads_model is reads


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not a command: it is empty"),
        ("./s '{input} {output}", "is not a command: no closing quotation"),
        ("./s {modle} {input} {output}", "has {modle}, which stands for nothing; there are {model"),
        ("./s {model.pkl} {input} {output}", "has {model.pkl}, which stands for nothing"),
        ("./s {output}", "has no {input}"),
        ("./s {input}", "has no {output}"),
        ("./s {input} {output} {output.npy}", "has {output} in more than one format"),
        ("{model} {input} {output}", "begins with a place"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}"):
        parse_command(text)
