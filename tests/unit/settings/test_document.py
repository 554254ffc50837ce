"""What is read from YAML: values as written, lines, and texts that are refused."""

from __future__ import annotations

from typing import Any

import pytest

from mlci_action.settings.document import (
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_NODES,
    WrittenNumber,
    read_document,
)
from mlci_action.settings.problems import Problem


def _read(text: str) -> dict[str, Any]:
    document = read_document(text)
    assert document.problems == ()
    return document.values


def _complaints(text: str) -> list[tuple[int, str, str]]:
    return [(p.line, p.where, p.text) for p in read_document(text).problems]


@pytest.mark.parametrize("word", ["yes", "No", "on", "OFF", "true", "False", "2024-01-31", "12:30"])
def test_a_bare_word_stays_the_text_that_was_written(word: str) -> None:
    """YAML 1.1 makes booleans, dates and sexagesimal numbers of these; labels are spelt so."""
    assert _read(f"positive: {word}") == {"positive": word}


@pytest.mark.parametrize(
    ("written", "number"),
    [("1", 1.0), ("-3", -3.0), (".5", 0.5), ("5.", 5.0), ("1e-3", 0.001), ("+1.5E2", 150.0)],
)
def test_a_number_is_read_as_yaml_1_2_has_it(written: str, number: float) -> None:
    """YAML 1.1 takes 1e-3 for text."""
    (value,) = _read(f"[{{a: {written}}}]"[1:-1]).values()
    assert (type(value), float(value), value.text) == (WrittenNumber, number, written)


def test_a_number_remembers_its_text() -> None:
    assert _read("a: 007")["a"].text == "007"
    assert repr(_read("a: 1.50")["a"]) == "1.50"


@pytest.mark.parametrize("written", [".nan", ".NaN", ".inf", "-.Inf", "1e999"])
def test_a_number_that_is_not_finite_is_a_number(written: str) -> None:
    value = _read(f"a: {written}")["a"]
    assert isinstance(value, WrittenNumber)
    assert not abs(value) < float("inf")


@pytest.mark.parametrize("written", ["'1'", '"0.8"', "0x1F", "1_000", "1.2.3"])
def test_quoted_and_odd_numbers_are_text(written: str) -> None:
    assert isinstance(_read(f"a: {written}")["a"], str)


def test_an_empty_value_is_none_and_quotes_are_text() -> None:
    assert _read("{a: , b: null, c: ~, d: '', e: 'null'}") == {
        "a": None,
        "b": None,
        "c": None,
        "d": "",
        "e": "null",
    }


def test_keys_are_text_as_written() -> None:
    assert list(_read("{2020: a, yes: b, '': c}")) == ["2020", "yes", ""]


def test_every_key_and_item_has_its_line() -> None:
    document = read_document("a:\n  b: 1\n  c:\n    - x\n    - y\n")
    assert document.lines == {
        ("a",): 1,
        ("a", "b"): 2,
        ("a", "c"): 3,
        ("a", "c", 0): 4,
        ("a", "c", 1): 5,
    }
    assert document.problem(("a", "c", 1), "bad") == Problem(line=5, where="a.c[1]", text="bad")


def test_a_key_that_is_not_there_has_the_line_of_what_is_around_it() -> None:
    document = read_document("x: 1\na:\n  b: 1\n")
    assert document.problem(("a", "z"), "?").line == 2
    assert document.problem(("nowhere",), "?").line == 1


def test_an_alias_stands_for_its_value() -> None:
    assert _read("a: &x {b: yes}\nc: *x\n") == {"a": {"b": "yes"}, "c": {"b": "yes"}}


def test_a_merge_gives_what_the_mapping_does_not_have_itself() -> None:
    text = "a: &a {x: '1', y: '1'}\nb: &b {y: '2', z: '2'}\nc:\n  x: own\n  <<: [*a, *b]\n"
    assert _read(text)["c"] == {"x": "own", "y": "1", "z": "2"}
    assert read_document(text).lines["c", "x"] == 4
    assert read_document(text).lines["c", "z"] == 2


def test_a_merge_of_something_else_is_a_problem() -> None:
    assert _complaints("a:\n  <<: text\n") == [
        (2, "a", "<< takes a mapping, or a list of mappings")
    ]


def test_a_key_given_twice_is_a_problem_with_both_lines() -> None:
    document = read_document("a:\n  b: 1\n  c: 2\n  b: 3\n")
    assert document.values == {"a": {"b": 1.0, "c": 2.0}}
    assert document.problems == (Problem(line=4, where="a.b", text="given twice, first in line 2"),)


def test_a_key_that_is_no_text_is_a_problem() -> None:
    assert _complaints("a:\n  ? [1, 2]\n  : x\n") == [(2, "a", "a key must be text")]


@pytest.mark.parametrize(
    "tagged", ["!!python/object/apply:os.system [ls]", "!mine x", "!!set {a}", "!!binary eA=="]
)
def test_a_tag_is_a_problem_and_does_nothing(tagged: str) -> None:
    ((line, where, text),) = _complaints(f"a: 1\nb: {tagged}\n")
    assert (line, where) == (2, "b")
    assert text.startswith("the tag ")


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_an_empty_file_is_a_problem(text: str) -> None:
    assert _complaints(text) == [(1, "", "the file is empty")]


@pytest.mark.parametrize("text", ["- a\n- b\n", "just text", "12"])
def test_a_file_that_is_no_mapping_is_a_problem(text: str) -> None:
    assert _complaints(text) == [(1, "", "the file is not a mapping of keys to values")]


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: 1\nb: [1, 2\n", 3), ("a: 1\nb: 'x\n", 3), ("a: 1\n\tb: 2\n", 2), ("a: *nowhere", 1)],
)
def test_a_syntax_error_has_its_line(text: str, line: int) -> None:
    ((found, where, said),) = _complaints(text)
    assert (found, where) == (line, "")
    assert said.startswith("not valid YAML: ")


def test_a_control_character_is_a_problem_with_its_line() -> None:
    ((line, _, said),) = _complaints("a: 1\nb: \x07\n")
    assert line == 2
    assert said.startswith("not valid YAML: ")


def test_two_documents_are_a_problem() -> None:
    ((line, _, said),) = _complaints("a: 1\n---\nb: 2\n")
    assert line == 2
    assert "single document" in said


def test_a_text_of_over_a_mebibyte_is_refused() -> None:
    assert _complaints("#" * (MAX_LENGTH + 1)) == [
        (1, "", "the file is longer than 1,048,576 characters")
    ]


def test_deep_nesting_is_refused_before_it_is_followed() -> None:
    said = f"the file is nested more than {MAX_DEPTH} levels deep"
    assert _complaints("a: " + "[" * 100_000) == [(1, "", said)]


def test_too_many_values_are_refused() -> None:
    said = f"the file holds more than {MAX_NODES:,} values"
    assert _complaints("a: [" + "1," * MAX_NODES + "1]") == [(1, "", said)]


def test_aliases_that_multiply_are_refused() -> None:
    """Nine lines of nine aliases stand for 387 million values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    said = f"the file holds more than {MAX_NODES:,} values"
    assert _complaints("\n".join(lines)) == [(1, "", said)]


def test_merges_that_multiply_are_refused() -> None:
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}]}}" for i in range(1, 9)]
    said = f"the file holds more than {MAX_NODES:,} values"
    assert _complaints("\n".join(lines)) == [(1, "", said)]


def test_an_alias_of_what_it_stands_in_is_refused() -> None:
    said = f"the file is nested more than {MAX_DEPTH} levels deep"
    assert _complaints("a: &a [*a]") == [(1, "", said)]
    assert _complaints("a: &a {<<: *a, b: 1}") == [(1, "", said)]
