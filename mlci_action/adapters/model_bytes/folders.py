"""Which bytes are a model that is a folder? All its files, and nothing that is not one."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

MAX_FILES = 10_000
_MAX_DEPTH = 20


class NoFolder(Exception):
    """The text continues "the candidate ..."."""


@dataclass(frozen=True, slots=True)
class FolderFile:
    """A file of a folder; `name` is relative to it, with `/`."""

    name: str
    path: Path


def files_in(folder: Path) -> tuple[FolderFile, ...]:
    """The files in the order of their names' bytes. NoFolder for links, pipes and devices, and
    where there are too many or none. OSError where it cannot be read.
    """
    found: list[FolderFile] = []
    waiting = [("", folder, 0)]
    while waiting:
        above, here, depth = waiting.pop()
        with os.scandir(here) as entries:
            for entry in entries:
                name = above + entry.name
                mode = entry.stat(follow_symlinks=False).st_mode
                if stat.S_ISDIR(mode):
                    if depth >= _MAX_DEPTH:
                        raise NoFolder(f"is a folder nested more than {_MAX_DEPTH} deep")
                    waiting.append((f"{name}/", Path(entry.path), depth + 1))
                elif stat.S_ISREG(mode):
                    found.append(FolderFile(name, Path(entry.path)))
                else:
                    kind = "a link" if stat.S_ISLNK(mode) else "no regular file"
                    raise NoFolder(f"is a folder in which {name!r} is {kind}")
                if len(found) + len(waiting) > MAX_FILES:
                    raise NoFolder(f"is a folder with more than {MAX_FILES:,} files")
    if not found:
        raise NoFolder("is a folder without a file")
    return tuple(sorted(found, key=lambda file: os.fsencode(file.name)))
