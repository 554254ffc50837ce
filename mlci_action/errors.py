"""What can be wrong with a set-up, as exceptions that carry their own remedy.

A bad model or bad data is a *result* (`domain.CheckResult`), never an exception. Anything that is
neither a result nor one of these is a bug of ours: traceback, exit 3.

    MlciError                one line, and a hint that says what to do
    ├── SettingsError        mlci.yml or an input is wrong; lists every problem at once
    ├── DatasetError         the data cannot be read or cannot be judged
    ├── ModelError           a model cannot be loaded, or does not predict what it should
    ├── BaselineError        a baseline source is unusable
    │   └── BaselineMissing  this source has no baseline; another one may
    │       └── BaselineUnknown  nor can it be told whether there ever was one
    ├── BundleError          a bundle is damaged, changed or cannot be written
    ├── InterpreterError     no usable Python for our code or for the user's
    └── GitHubError          the API refused; a forbidden comment is not an error but "not posted"
"""

from __future__ import annotations


class MlciError(Exception):
    """A wrong set-up: `message` says what happened to which thing, `hint` what to do now."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class SettingsError(MlciError):
    """Every problem of the settings at once, one line each in `problems`."""

    def __init__(self, message: str, *, hint: str = "", problems: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.problems = problems


class DatasetError(MlciError):
    """The data cannot be read, or holds nothing that could be judged."""


class ModelError(MlciError):
    """A model cannot be loaded, or its predictions are not predictions."""


class BaselineError(MlciError):
    """A baseline exists but cannot be read, or is no baseline (the commit under test)."""


class BaselineMissing(BaselineError):
    """This source has no baseline. It is an answer, not a fault: the next source is tried."""


class BaselineUnknown(BaselineMissing):
    """Nobody could look, for want of a commit to look in: no proof that this model is the first."""


class BundleError(MlciError):
    """A bundle or its manifest is damaged, was changed, or cannot be written."""


class InterpreterError(MlciError):
    """No Python that could run what has to run."""


class GitHubError(MlciError):
    """The API answered something that a retry does not mend."""

    def __init__(self, message: str, *, hint: str = "", status: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status
