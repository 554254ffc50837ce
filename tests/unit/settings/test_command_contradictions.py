"""Commands that cannot be meant, told with their line."""

from __future__ import annotations

import pytest

from mlci_action.settings.parse import parse_settings
from tests.unit.settings.documents import document, problems


def with_commands(candidate: str, baseline: str | None = None) -> str:
    own = "" if baseline is None else f", predict: {baseline!r}"
    return document(
        candidate=f"candidate: {{model: m.bin, predict: {candidate!r}}}",
        baseline=f"baseline: {{from: old.bin{own}}}",
    )


def test_one_command_without_the_model_would_compare_a_candidate_with_itself() -> None:
    (said,) = problems(with_commands("./score.sh {input} {output}"))
    assert said.startswith("2: candidate.predict: has no {model}, so both models would be asked")


def test_the_same_command_given_twice_is_one_command() -> None:
    command = "./score.sh {input} {output}"
    assert len(problems(with_commands(command, command))) == 1


@pytest.mark.parametrize(
    ("candidate", "baseline"),
    [
        ("./score.sh {model} {input} {output}", None),
        ("./new.sh {input} {output}", "./old.sh {input} {output}"),
    ],
    ids=["model", "two commands"],
)
def test_commands_that_tell_the_models_apart_are_fine(candidate: str, baseline: str | None) -> None:
    settings = parse_settings(with_commands(candidate, baseline), path="mlci.yml")
    assert settings.candidate.how.predict == candidate


def test_without_a_baseline_there_is_nothing_to_tell_apart() -> None:
    text = document(
        candidate="candidate: {model: m.bin, predict: './score.sh {input} {output}'}", baseline="",
        metrics="metrics: {f1: {min: 0.1}}",
    )  # fmt: skip
    assert parse_settings(text, path="mlci.yml").baseline == ()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("./score.sh {model} {rows} {output}", "has {rows}, which stands for nothing"),
        ("./score.sh {model} {input.xls} {output}", "has {input.xls}, which stands for nothing"),
        ("./score.sh {model} {output}", "has no {input}"),
        ("./score.sh {model} {input}", "has no {output}"),
        ("./score.sh {model} {input} {output} '", "is not a command: no closing quotation"),
    ],
)
def test_a_command_with_a_wrong_place_is_a_problem(command: str, said: str) -> None:
    (problem,) = problems(with_commands(command))
    assert problem.startswith(f"2: candidate.predict: {said}")
