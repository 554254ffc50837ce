"""Which commits are a training's own? On such a one nothing is trained again, whatever comes."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from pathlib import Path

from mlci_action.adapters.git import Git
from mlci_action.adapters.training.records import record_path
from mlci_action.errors import BaselineError

TRAILER = "Trained-by: mlci"
_TRAILER = re.compile(rf"^{TRAILER}\s*$", re.MULTILINE | re.IGNORECASE)


def own_commit(git: Git, folder: Path, output: Path, inputs: Collection[str]) -> str:
    """The commit that is checked out, where `mlci train` made it; else empty.

    Its message, or that of the branch that it merged, has the trailer; since its parent nothing but
    output and record changed; and none of the inputs is changed or new in the working copy.
    """
    head, top = git.head(), git.root()
    if head is None or top is None:
        return ""
    try:
        below = folder.resolve().relative_to(top.resolve())
        parent = git.parent(head)
        merged = git.commit(f"{head}^2")
        if parent is None or not any(_has_trailer(git, each) for each in (head, merged) if each):
            return ""
        compared = ("diff-tree", "-r", "-z", "--name-only", "--no-renames", parent, head)
        changed = _names(git.answer("compare two commits", *compared))
        written = {_in_top(path, top) for path in (output, record_path(output))}
        if not changed or not all(_is_within(name, written) for name in changed):
            return ""
        asked = ("status", "--porcelain", "-z", "--untracked-files=all", "--no-renames")
        touched = {name[3:] for name in _names(git.answer("list what changed", *asked))}
    except (BaselineError, ValueError):
        return ""
    return "" if touched & {os.path.normpath(below / name) for name in inputs} else head


def commit_of(git: Git, record: Path) -> str | None:
    """The last commit that changed a file, or the one that is checked out; None without git."""
    top = git.root()
    if top is None:
        return None
    try:
        path = f":(literal,top){_in_top(record, top)}"
        found = git.answer("read the log", "log", "-1", "--format=%H", "--", path)
    except (BaselineError, ValueError):
        return git.head()
    return found.decode().strip() or git.head()


def _has_trailer(git: Git, commit: str) -> bool:
    arguments = ("show", "--no-patch", "--format=%B", "--end-of-options", commit)
    message = git.answer("read a commit's message", *arguments)
    return _TRAILER.search(message.decode(errors="replace")) is not None


def _names(listed: bytes) -> list[str]:
    return [os.fsdecode(name) for name in listed.split(b"\0") if name]


def _in_top(path: Path, top: Path) -> str:
    return (path.parent.resolve() / path.name).relative_to(top.resolve()).as_posix()


def _is_within(name: str, places: Collection[str]) -> bool:
    return any(name == place or name.startswith(f"{place}/") for place in places)
