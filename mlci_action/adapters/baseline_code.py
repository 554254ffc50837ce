"""With whose code is the baseline asked? With the Python files of the commit that it comes from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from mlci_action.adapters.git import Git
from mlci_action.adapters.git_trees import TreeFile, tracked_below, tree_of, write_files

_MAX_FILE_BYTES = 1 << 20
_MAX_BYTES = 64 << 20
_SHA1_DIGITS = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class BaselineCode:
    """The folder to ask the baseline in, and sentences on what is not in it."""

    folder: Path
    notes: tuple[str, ...] = ()


def code_of(
    git: Git, commit: str, folder_in_repo: str, into: Path, *, always: bool = False
) -> BaselineCode | None:
    """The files of a commit below a folder, written to `into`, which must be new.

    folder_in_repo: the config's folder, named from the top of the repository; empty for the top.
    None when the working copy has the same Python files (unless `always`), so that the baseline can
    be asked in there.
    Large files that the working copy has as well are linked, other large ones left out.
    BaselineError when git cannot list or read the commit.
    """
    top = git.root()
    if top is None:
        return None
    tree, here = tree_of(git, commit, folder_in_repo), top / folder_in_repo
    if not always and _same_code(git, tree.files, folder_in_repo, here):
        return None
    written, linked, left_out, room = [], [], 0, _MAX_BYTES
    for file in sorted(tree.files, key=lambda one: (not _is_python(one.path), one.path)):
        if file.n_bytes <= min(_MAX_FILE_BYTES, room):
            written.append(file)
            room -= file.n_bytes
        elif _is_same(here / file.path, file):
            linked.append(file)
        else:
            left_out += 1
    write_files(git, written, into)
    for file in linked:
        (into / file.path).parent.mkdir(parents=True, exist_ok=True)
        (into / file.path).symlink_to((here / file.path).absolute())
    return BaselineCode(folder=into, notes=_notes(commit, left_out, len(tree.others)))


def _same_code(git: Git, files: tuple[TreeFile, ...], folder: str, here: Path) -> bool:
    theirs = [file for file in files if _is_python(file.path)]
    tracked = {name for name in tracked_below(git, folder) if _is_python(name)}
    return tracked == {file.path for file in theirs} and all(
        _is_same(here / file.path, file) for file in theirs
    )


def _is_python(path: str) -> bool:
    return path.endswith(".py")


def _is_same(path: Path, file: TreeFile) -> bool:
    """Whether the working copy has the file byte for byte, and not by way of a link."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size != file.n_bytes:
            return False
        with path.open("rb") as stream:
            start = f"blob {file.n_bytes}\0".encode()
            digest = (
                hashlib.sha1(start, usedforsecurity=False)  # git's own name of the bytes
                if len(file.id) == _SHA1_DIGITS
                else hashlib.sha256(start)
            )
            while block := stream.read(1 << 20):
                digest.update(block)
    except OSError:
        return False
    return digest.hexdigest() == file.id


def _notes(commit: str, left_out: int, others: int) -> tuple[str, ...]:
    of_commit = f"the baseline is asked with the files of commit {commit[:12]}"
    notes = [of_commit]
    if left_out:
        notes.append(f"{of_commit}, without {left_out:,} that are too large to be copied")
    if others:
        notes.append(f"{of_commit}, without {others:,} links or submodules")
    return tuple(notes[1:] or notes)
