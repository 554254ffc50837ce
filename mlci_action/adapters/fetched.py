"""Which refs were brought in from the remote, by a step that had a token?"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mlci_action.adapters.git import Git, fetch_commit
from mlci_action.adapters.report_folder import write_whole
from mlci_action.errors import BaselineError

_FILE = "fetched.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchedRefs:
    """What each ref names, and why the others could not be fetched."""

    commits: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)

    def commit(self, ref: str) -> str:
        """The commit of a ref that was fetched; BaselineError otherwise."""
        if ref in self.commits:
            return self.commits[ref]
        why = self.problems.get(ref, f"the ref {ref!r} is not in this clone")
        raise BaselineError(why, hint="name a branch, a tag or a commit of this repository")


def objects_in(state: Path) -> Path:
    """The bare repository of fetched objects in a state folder."""
    return state / "git"


def write_fetched(refs: FetchedRefs, state: Path) -> None:
    """Leave them for the step that evaluates."""
    write_whole(state / _FILE, json.dumps(asdict(refs), sort_keys=True))


def read_fetched(state: Path) -> FetchedRefs:
    """What an earlier step left; nothing when there was none."""
    try:
        content = json.loads((state / _FILE).read_text(encoding="utf-8"))
        return FetchedRefs(commits=dict(content["commits"]), problems=dict(content["problems"]))
    except (OSError, ValueError, KeyError, TypeError):
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
