"""Which files does a training find around it? Those of a commit, or of the working copy, copied."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from mlci_action.adapters.git import Git
from mlci_action.adapters.git_trees import tree_of, write_files
from mlci_action.domain.fingerprint import Fingerprint, Part, is_file
from mlci_action.errors import BaselineError, MlciError

MAX_BYTES = 4 << 30
MAX_FILES = 100_000
_TOO_LARGE = "trees of more than 4 GiB or 100,000 files are not copied"


def write_commit(git: Git, commit: str, into: Path) -> None:
    """The regular files of a commit; BaselineError when git cannot, or they are too many."""
    tree = tree_of(git, commit, "")
    if sum(file.n_bytes for file in tree.files) > MAX_BYTES or len(tree.files) > MAX_FILES:
        raise BaselineError(f"commit {commit[:12]} is too large: {_TOO_LARGE}")
    write_files(git, tree.files, into)


def copy_working(git: Git, top: Path, inputs: Iterable[Path], into: Path) -> None:
    """What git tracks or would track in the working copy, and the inputs, ignored or not.

    Links stay links where they are relative. MlciError when they are too many.
    """
    asked = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--full-name", ":/")
    listed = git.answer("list the working copy", *asked).split(b"\0")
    names = {os.fsdecode(name) for name in listed if name}
    names |= {os.path.relpath(path, top) for path in inputs}
    room = MAX_BYTES
    if len(names) > MAX_FILES:
        raise MlciError(f"the working copy is too large: {_TOO_LARGE}")
    for name in sorted(names):
        source, target = top / name, into / name
        if source.is_symlink() and not source.readlink().is_absolute():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(source.readlink())
        elif source.is_file():
            room -= source.stat().st_size
            if room < 0:
                raise MlciError(f"the working copy is too large: {_TOO_LARGE}")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def put_back(
    folder: Path,
    earlier: Path,
    parts: Iterable[Part],
    *,
    before: Fingerprint,
    now: Fingerprint,
) -> None:
    """Make the inputs of these parts in `folder` what they are in the folder `earlier`."""
    for part in parts:
        ours: Mapping[str, str] = now.of(part)
        theirs: Mapping[str, str] = before.of(part)
        for name in {*ours, *theirs}:
            if not is_file(name) or ours.get(name) == theirs.get(name):
                continue
            target = folder / name
            target.unlink(missing_ok=True)
            if name in theirs:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(earlier / name, target)
