"""Which refs and baselines were brought in from GitHub, by a step that had a token?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from mlci_action.adapters.baseline_sources.taken import Taken
from mlci_action.adapters.git import Git, fetch_commit
from mlci_action.adapters.model_bytes.streams import open_regular
from mlci_action.adapters.report_folder import write_whole
from mlci_action.domain.sources import BaselineSource
from mlci_action.errors import BaselineError, BaselineMissing, BaselineUnknown

_FILE = "fetched.json"
_NOT_ASKED = "GitHub was not asked for it: the step that has the token did not get that far"


class Came(StrEnum):
    """What came of asking a source."""

    TAKEN = "taken"
    MISSING = "missing"
    UNKNOWN = "unknown"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchedBaseline:
    """What one source had, a file whose bytes have that digest; or why it was not taken."""

    came: Came
    path: str = ""
    digest: str = ""
    origin: str = ""
    commit: str | None = None
    modified: str | None = None
    url: str | None = None
    message: str = ""
    hint: str = ""

    @classmethod
    def of(cls, taken: Taken) -> FetchedBaseline:
        """What was taken. OSError when it cannot be read."""
        return cls(
            came=Came.TAKEN,
            path=str(taken.path),
            digest=_digest(taken.path),
            origin=taken.origin,
            commit=taken.commit,
            modified=taken.modified,
            url=taken.url,
        )

    @classmethod
    def not_taken(cls, error: BaselineError) -> FetchedBaseline:
        """Why nothing was."""
        match error:
            case BaselineUnknown():
                came = Came.UNKNOWN
            case BaselineMissing():
                came = Came.MISSING
            case _:
                came = Came.ERROR
        return cls(came=came, message=error.message, hint=error.hint)

    def again(self) -> Taken:
        """What was taken, or the error that it ended with, once more."""
        match self.came:
            case Came.TAKEN:
                return self._unchanged()
            case Came.MISSING:
                raise BaselineMissing(self.message, hint=self.hint)
            case Came.UNKNOWN:
                raise BaselineUnknown(self.message, hint=self.hint)
            case Came.ERROR:
                raise BaselineError(self.message, hint=self.hint)

    def _unchanged(self) -> Taken:
        path = Path(self.path)
        try:
            same = _digest(path) == self.digest
        except OSError:
            same = False
        if not same:
            raise BaselineError(
                f"{self.origin} changed after it was fetched",
                hint="something that an earlier step started is still running",
            )
        return Taken(
            path=path,
            origin=self.origin,
            commit=self.commit,
            modified=self.modified,
            url=self.url,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchedRefs:
    """What each ref names, and why the others could not be fetched; baselines by their source."""

    commits: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    baselines: Mapping[str, FetchedBaseline] = field(default_factory=dict)

    def commit(self, ref: str) -> str:
        """The commit of a ref that was fetched; BaselineError otherwise."""
        if ref in self.commits:
            return self.commits[ref]
        why = self.problems.get(ref, f"the ref {ref!r} is not in this clone")
        raise BaselineError(why, hint="name a branch, a tag or a commit of this repository")

    def baseline(self, source: BaselineSource) -> Taken:
        """What was taken from a source on GitHub. Errors as when it was asked; BaselineUnknown for
        one that was not.
        """
        found = self.baselines.get(str(source))
        if found is None:
            raise BaselineUnknown(_NOT_ASKED, hint="see the log of the step that fetches")
        return found.again()


def objects_in(state: Path) -> Path:
    """The bare repository of fetched objects in a state folder."""
    return state / "git"


def baselines_in(state: Path) -> Path:
    """The folder of fetched baselines in a state folder."""
    return state / "baselines"


def write_fetched(refs: FetchedRefs, state: Path) -> None:
    """Leave them for the step that evaluates."""
    write_whole(state / _FILE, json.dumps(asdict(refs), sort_keys=True))


def read_fetched(state: Path) -> FetchedRefs:
    """What an earlier step left; nothing when there was none."""
    try:
        content = json.loads((state / _FILE).read_text(encoding="utf-8"))
        return FetchedRefs(
            commits=dict(content["commits"]),
            problems=dict(content["problems"]),
            baselines={name: _fetched(each) for name, each in content["baselines"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return FetchedRefs()


def from_origin(git: Git, into: Path, environ: Mapping[str, str]) -> Callable[[str], str]:
    """Fetches a ref from where the working copy was cloned from, with the user's own git set-up."""

    def fetch(ref: str) -> str:
        url = git.origin()
        if url is None:
            raise BaselineError(
                f"the ref {ref!r} is not in this repository",
                hint="name a branch, a tag or a commit that is here",
            )
        return fetch_commit(url, ref, into=into, environ=environ)

    return fetch


def _fetched(value: dict[str, Any]) -> FetchedBaseline:
    return FetchedBaseline(**{**value, "came": Came(value["came"])})


def _digest(path: Path) -> str:
    with open_regular(path) as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
