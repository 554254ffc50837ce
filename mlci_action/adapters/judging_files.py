"""Which of the files that judge a change did the change itself touch?"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from mlci_action.adapters.base_file import name_in_repository
from mlci_action.adapters.git import Git
from mlci_action.adapters.git_trees import tree_of
from mlci_action.adapters.metric_files import find_metric_files
from mlci_action.adapters.paths import matching_files
from mlci_action.adapters.schemas import is_python_object
from mlci_action.domain.policy import Move, PolicyChange
from mlci_action.errors import BaselineError
from mlci_action.settings.values import Settings

_MAX_FILES = 100
_MAX_POINTER = 1024
_SHOWN = 3
_GLOB = re.compile(r"[*?\[]")


def touched_files(
    settings: Settings, folder: Path, git: Git, base: str
) -> tuple[PolicyChange, ...]:
    """One change for each key that names files whose bytes are not the base commit's.

    folder: what the paths of `settings` are relative to. Only files of the repository are looked
    at, and of a key that names more than a hundred the first hundred by name.
    """
    looking = _Looking(folder, git, base)
    return tuple(
        PolicyChange(rule=rule, move=Move.OTHER, after=said, in_force=True)
        for rule, pattern in _judging(settings, folder)
        if (said := looking.at(pattern))
    )


def _judging(settings: Settings, folder: Path) -> Iterator[tuple[str, str]]:
    """The keys that name files that judge, each with its path or glob."""
    data = settings.data
    for key, pattern in (("data.evaluation", data.evaluation), ("data.labels", data.labels)):
        if pattern is not None and "://" not in pattern:
            yield key, pattern
    places = [
        (f"metrics.{limits.metric.name}", limits.metric.custom)
        for limits in settings.metrics
        if limits.metric.custom is not None
    ]
    if data.schema is not None and is_python_object(data.schema):
        places.append(("data.schema", data.schema))
    elif data.schema is not None:
        yield "data.schema", data.schema
    for found in find_metric_files(places, folder):
        if found.path is not None:
            yield found.name, found.path


class _Looking:
    """Holds files here against those of the base commit and of the one that is checked out."""

    def __init__(self, folder: Path, git: Git, base: str) -> None:
        self._folder = folder
        self._git = git
        self._base = base
        self._head = git.head()

    def at(self, pattern: str) -> str:
        """What is to be told of the files of one key; empty for nothing."""
        names = self._names(pattern)
        touched = [name for name in names[:_MAX_FILES] if self._is_touched(name)]
        more = len(names) - len(names[:_MAX_FILES])
        beyond = f"; {more:,} more files were not looked at" if more else ""
        if not touched:
            return f"many files{beyond}" if more else ""
        if len(names) == 1:
            return f"the file itself was changed by this change: {touched[0]!r}"
        shown = ", ".join(map(repr, touched[:_SHOWN]))
        others = f" and {len(touched) - _SHOWN:,} more" if len(touched) > _SHOWN else ""
        return f"{len(touched):,} of the files were changed by this change: {shown}{others}{beyond}"

    def _names(self, pattern: str) -> list[str]:
        """The files here and in the base commit, as the repository names them."""
        here = (name_in_repository(path, self._git) for path in self._found(pattern))
        names = {name for name in here if name is not None}
        return sorted(names | self._of_base(pattern))

    def _found(self, pattern: str) -> list[Path]:
        path = self._folder / pattern
        # A file that is gone was still one that judged.
        return [path] if not _GLOB.search(pattern) else matching_files(pattern, self._folder)

    def _of_base(self, pattern: str) -> set[str]:
        """Of a glob also those that the change took away."""
        where = name_in_repository(self._folder / pattern, self._git)
        glob = None if where is None else _GLOB.search(where)
        if where is None or glob is None:
            return set()
        top = where[: glob.start()].rpartition("/")[0]
        files = tree_of(self._git, self._base, top).files
        names = (f"{top}/{file.path}" if top else file.path for file in files)
        return {name for name in names if _matches(name, where)}

    def _is_touched(self, name: str) -> bool:
        if self._git.holds(self._base, name):
            return False
        before, now = (self._listed(commit, name) for commit in (self._base, self._head))
        if before != now:
            return True
        # The commits agree. What git keeps elsewhere is a pointer there and the bytes here.
        return before != "" and not self._is_pointer(name)

    def _listed(self, commit: str | None, name: str) -> str:
        """The entry of a commit; empty where it has none of that name."""
        if commit is None:
            return ""
        what = f"list the files of commit {commit[:12]}"
        found = self._git.answer(what, "ls-tree", commit, "--", f":(literal,top){name}")
        return found.decode(errors="replace").partition("\t")[0]

    def _is_pointer(self, name: str) -> bool:
        size = self._git.blob_size(self._base, name)
        if size is None or size > _MAX_POINTER:
            return False
        try:
            text = self._git.answer("read a file", "cat-file", "blob", f"{self._base}:{name}")
        except BaselineError:
            return False
        return b"\noid sha256:" in text


def _matches(name: str, pattern: str) -> bool:
    """Whether a glob means the file, as `glob` reads it: `**` crosses folders, a star does not."""
    names, parts = name.split("/"), pattern.split("/")

    @cache
    def fits(part: int, at: int) -> bool:
        if part == len(parts):
            return at == len(names)
        if parts[part] == "**":
            return any(fits(part + 1, further) for further in range(at, len(names) + 1))
        return (
            at < len(names)
            and fnmatch.fnmatchcase(names[at], parts[part])
            and fits(part + 1, at + 1)
        )

    return fits(0, 0)
