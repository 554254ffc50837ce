"""Which files has a folder of a commit? Listed with their sizes, and written out with checks."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mlci_action.adapters.git import Git
from mlci_action.errors import BaselineError

_MODES = {b"100644": False, b"100755": True}
_MAX_NAME_BYTES = 255
_BLOCK = 1 << 20
_NEVER = frozenset({"", ".", "..", ".git"})


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeFile:
    """A regular file of a commit; `path` is relative to the folder that was listed."""

    path: str
    id: str
    n_bytes: int
    executable: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Tree:
    """The files below a folder. others: the names of links, submodules, and what has odd names."""

    files: tuple[TreeFile, ...]
    others: tuple[str, ...] = ()


def tree_of(git: Git, commit: str, folder: str) -> Tree:
    """All below `folder`, named from the top of the repository; empty for the top itself."""
    files, others = [], []
    where = (f":(literal,top){folder}/",) if folder else ()
    listed = git.answer(
        f"list the files of commit {commit[:12]}",
        *("ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--", *where),
    )
    for entry in listed.split(b"\0"):
        if not entry:
            continue
        described, _, name = entry.partition(b"\t")
        mode, kind, identity, size = described.split()
        path = os.fsdecode(name).removeprefix(f"{folder}/" if folder else "")
        if mode in _MODES and kind == b"blob" and size.isdigit() and _can_be_written(path):
            files.append(
                TreeFile(
                    path=path, id=identity.decode(), n_bytes=int(size), executable=_MODES[mode]
                )
            )
        else:
            others.append(path)
    return Tree(files=tuple(files), others=tuple(others))


def tracked_below(git: Git, folder: str) -> frozenset[str]:
    """The tracked files of the working copy below `folder`, relative to it."""
    where = f":(literal,top){folder}/" if folder else ":(top)"
    arguments = ("ls-files", "-z", "--cached", "--full-name", "--", where)
    listed = git.answer("list the tracked files", *arguments).split(b"\0")
    prefix = f"{folder}/" if folder else ""
    return frozenset(os.fsdecode(name).removeprefix(prefix) for name in listed if name)


def write_files(git: Git, files: Sequence[TreeFile], into: Path) -> None:
    """Write them below `into`, where none of them may be yet. BaselineError when git cannot."""
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=into.parent) as stream:
        asked = "".join(f"{file.id}\n" for file in files).encode()
        git.answer("read the files", "cat-file", "--batch", stdin=asked, stdout=stream)
        stream.seek(0)
        for file in files:
            header = stream.readline(_BLOCK).split()
            if header != [file.id.encode(), b"blob", str(file.n_bytes).encode()]:
                raise BaselineError(
                    f"git does not have the bytes of {file.path!r} here",
                    hint="the clone may be damaged or partial; check out again",
                )
            path = into / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as copy:
                _copy(stream, copy, file.n_bytes)
            path.chmod(0o755 if file.executable else 0o644)
            stream.read(1)


def _copy(source: IO[bytes], target: IO[bytes], n_bytes: int) -> None:
    while n_bytes and (block := source.read(min(n_bytes, _BLOCK))):
        target.write(block)
        n_bytes -= len(block)


def _can_be_written(path: str) -> bool:
    """A path that leads out of its folder, or into git's own, is one that somebody made up."""
    parts = path.split("/")
    return all(
        part.casefold() not in _NEVER and len(os.fsencode(part)) <= _MAX_NAME_BYTES
        for part in parts
    )
