"""Which lines of which files does this change add or edit?"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mlci_action.adapters.git import Git
from mlci_action.errors import MlciError
from mlci_action.rendering.annotations import ChangedLines

_MAX_FILES = 200
# What follows is text of the file.
_HUNK = re.compile(rb"\A@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")


def find_changed_lines(git: Git, base: str | None, files: Iterable[str]) -> ChangedLines:
    """By file, the ranges of lines that HEAD has and `base` has not; of the first 200 files.

    `files` are relative to the top of the working copy. A file is left out when nothing of it
    changed, when it is not as it was committed, so that its lines are others, or when git cannot
    tell: annotations are worth no error.
    """
    try:
        old, new = _compared(git, base)
    except MlciError:
        return {}
    if old is None or new is None:
        return {}
    ranges = {file: _ranges(git, old, new, file) for file in sorted(set(files))[:_MAX_FILES]}
    return {file: found for file, found in ranges.items() if found}


def _compared(git: Git, base: str | None) -> tuple[str | None, str | None]:
    """The commit where this change began, and the one that is checked out."""
    head = git.head()
    start = git.commit(base) if base else None
    if head is None or start is None:
        return None, None
    # What came to the base meanwhile is not of this change. A shallow clone may not know.
    return git.merge_base(start, head) or start, head


def _ranges(git: Git, old: str, new: str, file: str) -> tuple[range, ...]:
    try:
        found = tuple(lines for hunk in git.hunks(old, new, file) for lines in _added(hunk))
        return found if found and git.holds(new, file) else ()
    except (MlciError, OSError, ValueError):
        # ValueError: a name that no file can have.
        return ()


def _added(header: bytes) -> list[range]:
    """The lines that a hunk leaves behind: none when it only takes away."""
    ranges = (
        range(int(first), int(first) + int(count or 1)) for first, count in _HUNK.findall(header)
    )
    return [lines for lines in ranges if lines]
