"""What do the action's inputs say? Strings from the workflow, as typed values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TypeVar

from mlci_action.domain.fail_on import FailOn
from mlci_action.domain.names import did_you_mean
from mlci_action.errors import SettingsError

_E = TypeVar("_E", bound=StrEnum)
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_API_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class CommentMode(StrEnum):
    """When the comment is posted or updated."""

    ALWAYS = "always"
    CHANGES = "changes"
    FAILURES = "failures"


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionInputs:
    """The inputs of the action, without its token. An input that is empty has its default.

    `python` is the user's interpreter, None: look for it. `id` tells several gates of one pull
    request apart. `github_api_url` None: the runner's own.
    """

    config: str = "mlci.yml"
    working_directory: str = "."
    python: str | None = None
    candidate: str | None = None
    baseline: str | None = None
    id: str = "default"
    comment: bool = True
    comment_mode: CommentMode = CommentMode.ALWAYS
    fail_on: FailOn = FailOn.FAIL
    github_api_url: str | None = None


def input_names() -> tuple[str, ...]:
    """The inputs' names as workflows write them: `working-directory`."""
    return tuple(field.name.replace("_", "-") for field in fields(ActionInputs))


def parse_inputs(given: Mapping[str, str]) -> ActionInputs:
    """The inputs from text by name (`fail-on`); one SettingsError lists every problem.

    Surrounding blanks are dropped, as YAML leaves a line break behind block text.
    """
    values: dict[str, object] = {}
    problems: list[str] = []
    for name, text in given.items():
        read = _READERS.get(name)
        if read is None:
            problems.append(f"{name}: unknown input; {did_you_mean(name, _READERS)}")
        elif text.strip():
            try:
                values[name.replace("-", "_")] = read(text.strip())
            except ValueError as error:
                problems.append(f"{name}: {error}")
    if problems:
        message = problems[0] if len(problems) == 1 else f"{len(problems)} inputs are wrong"
        hint = "correct the inputs under `with:` in the workflow"
        raise SettingsError(message, hint=hint, problems=tuple(problems))
    return ActionInputs(**values)  # type: ignore[arg-type]  # each reader gives its field's type


def _text(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("holds a line break or another control character")
    return text


def _identifier(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError("expected 1 to 64 letters, digits, dots, underscores and hyphens")
    return text


def _flag(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError(f"expected true or false, not {text!r}")
    return text == "true"


def _url(text: str) -> str:
    if not _API_URL.fullmatch(text):
        raise ValueError("expected a URL like https://HOST/api/v3, without user or query")
    return text.rstrip("/")


def _one_of(kind: type[_E]) -> Callable[[str], _E]:
    def read(text: str) -> _E:
        valid = [member.value for member in kind]
        if text not in valid:
            raise ValueError(f"unknown value {text!r}; {did_you_mean(text, valid)}")
        return kind(text)

    return read


_READERS: Mapping[str, Callable[[str], object]] = {
    "config": _text,
    "working-directory": _text,
    "python": _text,
    "candidate": _text,
    "baseline": _text,
    "id": _identifier,
    "comment": _flag,
    "comment-mode": _one_of(CommentMode),
    "fail-on": _one_of(FailOn),
    "github-api-url": _url,
}
