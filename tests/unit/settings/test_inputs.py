"""The action's inputs, from strings."""

from __future__ import annotations

import pytest

from mlci_action.domain.fail_on import FailOn
from mlci_action.errors import SettingsError
from mlci_action.settings.inputs import ActionInputs, CommentMode, input_names, parse_inputs


def _problems(**given: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        parse_inputs({name.replace("_", "-"): text for name, text in given.items()})
    return caught.value.problems


def test_no_input_is_every_default() -> None:
    assert parse_inputs({}) == ActionInputs(
        config="mlci.yml",
        working_directory=".",
        python=None,
        candidate=None,
        baseline=None,
        id="default",
        comment=True,
        comment_mode=CommentMode.ALWAYS,
        fail_on=FailOn.FAIL,
        github_api_url=None,
    )


@pytest.mark.parametrize("nothing", ["", " ", "\n"])
def test_an_empty_input_is_its_default(nothing: str) -> None:
    assert parse_inputs(dict.fromkeys(input_names(), nothing)) == ActionInputs()


def test_every_input_arrives() -> None:
    assert parse_inputs(
        {
            "config": "gates/credit.yml\n",
            "working-directory": "services/credit",
            "python": "/opt/venv/bin/python",
            "candidate": "out/model.joblib",
            "baseline": "git:base:models/model.joblib",
            "id": "credit-1.0_a",
            "comment": "false",
            "comment-mode": "changes",
            "fail-on": "inconclusive",
            "github-api-url": "https://ghe.example.com/api/v3/",
        }
    ) == ActionInputs(
        config="gates/credit.yml",
        working_directory="services/credit",
        python="/opt/venv/bin/python",
        candidate="out/model.joblib",
        baseline="git:base:models/model.joblib",
        id="credit-1.0_a",
        comment=False,
        comment_mode=CommentMode.CHANGES,
        fail_on=FailOn.INCONCLUSIVE,
        github_api_url="https://ghe.example.com/api/v3",
    )


def test_names_are_kebab_case() -> None:
    assert input_names() == (
        "config",
        "working-directory",
        "python",
        "candidate",
        "baseline",
        "id",
        "comment",
        "comment-mode",
        "fail-on",
        "github-api-url",
    )


@pytest.mark.parametrize("text", ["True", "TRUE", "yes", "1", "on", "no"])
def test_a_flag_is_exactly_true_or_false(text: str) -> None:
    assert _problems(comment=text) == (f"comment: expected true or false, not {text!r}",)


def test_an_unknown_fail_on_is_an_error_with_the_nearest_name() -> None:
    """A misspelt `never` must not quietly become the default."""
    assert _problems(fail_on="nevr") == ("fail-on: unknown value 'nevr'; did you mean 'never'?",)
    assert _problems(fail_on="Never") == ("fail-on: unknown value 'Never'; did you mean 'never'?",)


def test_an_unknown_comment_mode_is_an_error() -> None:
    assert _problems(comment_mode="zzz") == (
        "comment-mode: unknown value 'zzz'; valid are: always, changes, failures",
    )


@pytest.mark.parametrize("text", ["a b", "a/b", "x" * 65, "é", "-->", "a\nb"])
def test_an_id_is_short_and_plain(text: str) -> None:
    """It stands in the comment's marker and in file names."""
    assert _problems(id=text) == (
        "id: expected 1 to 64 letters, digits, dots, underscores and hyphens",
    )


def test_the_longest_id_is_taken() -> None:
    assert parse_inputs({"id": "x" * 64}).id == "x" * 64


@pytest.mark.parametrize("name", ["config", "working_directory", "python", "candidate", "baseline"])
def test_a_control_character_is_refused(name: str) -> None:
    shown = name.replace("_", "-")
    assert _problems(**{name: "a\nb"}) == (
        f"{shown}: holds a line break or another control character",
    )


@pytest.mark.parametrize(
    "url",
    [
        "api.github.com",
        "ftp://host",
        "https://user:word@host",
        "https://host?x=1",
        "file:///etc/passwd",
        "https://host/a b",
    ],
)
def test_an_api_url_is_a_plain_web_address(url: str) -> None:
    assert _problems(github_api_url=url) == (
        "github-api-url: expected a URL like https://HOST/api/v3, without user or query",
    )


@pytest.mark.parametrize(
    "url", ["https://api.github.com", "http://127.0.0.1:8080", "http://[::1]:80/a"]
)
def test_a_plain_web_address_is_taken(url: str) -> None:
    assert parse_inputs({"github-api-url": url}).github_api_url == url


def test_an_unknown_input_is_an_error() -> None:
    assert _problems(fail_in="never") == ("fail-in: unknown input; did you mean 'fail-on'?",)


def test_every_problem_is_said_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_inputs({"comment": "maybe", "fail-on": "x", "id": "ok"})
    assert caught.value.message == "2 inputs are wrong"
    assert len(caught.value.problems) == 2
