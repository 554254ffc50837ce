"""What does the base branch's own settings file hold? Read from the commit, never behind links."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from mlci_action.adapters.git import Git
from mlci_action.errors import BaselineError
from mlci_action.settings.parse import parse_settings
from mlci_action.settings.values import Settings

MAX_BYTES = 2**20


class TooLarge(BaselineError):
    """The file is larger than any settings."""


def name_in_repository(path: Path, git: Git) -> str | None:
    """How the repository names a file, from its top; None for a file outside.

    As it was asked for: behind a link that the change made may lie a file that trusts everybody.
    """
    root = git.root()
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - links kept
    for above in reversed(absolute.parents):
        if root is not None and above.resolve() == root.resolve():
            return absolute.relative_to(above).as_posix()
    return None


def bring(git: Git, commit: str, fetch: Callable[[str], str]) -> None:
    """Fetch the commit where it is not here; BaselineError when it cannot be had."""
    if git.commit(commit) is None:
        fetch(commit)


def file_of(git: Git, commit: str, name: str) -> bytes | None:
    """The bytes of a file of that commit; None when it has none of that name.

    TooLarge for one that is no settings file, BaselineError when git cannot tell, when its bytes
    are not here, or when a link or a folder has the name.
    """
    if not git.has_file(commit, name):
        return None
    size = git.blob_size(commit, name)
    if size is None:
        raise BaselineError(f"{name!r} of commit {commit[:12]} is not in this clone")
    if size > MAX_BYTES:
        raise TooLarge(f"{name!r} of commit {commit[:12]} is larger than {MAX_BYTES:,} bytes")
    return git.answer(f"read {name!r}", "cat-file", "blob", f"{commit}:{name}")


def settings_of(
    git: Git, commit: str, name: str, *, baseline: str | None = None
) -> Settings | None:
    """What the settings file of that name says in a commit; None when there is no such file.

    baseline: the source that the caller named in place of the file's own. BaselineError as above,
    SettingsError for a file that is none or of another version.
    """
    text = file_of(git, commit, name)
    if text is None:
        return None
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BaselineError(f"{name!r} of commit {commit[:12]} is not UTF-8 text") from error
    return parse_settings(decoded, path=name.rpartition("/")[2], baseline=baseline)
