"""How does a bundle become one file, and a zip that nobody vouches for a folder again?

Read member by member: every name is looked at before anything is written, every byte is counted.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from mlci_action.adapters.model_bytes.folders import MAX_FILES, FolderFile
from mlci_action.adapters.model_bytes.streams import open_regular
from mlci_action.domain.bundle_names import is_plain_path
from mlci_action.rendering.plain import one_line

MAX_BYTES = 4 * 2**30
# Models pack well, 200 to 1 they do not.
_MAX_RATIO = 200
_BELIEVED_BYTES = 64 << 20
_MAX_LIST_BYTES = 16 << 20
_MAX_UNASKED = 1 << 17
_BLOCK = 1 << 20
_ENCRYPTED = 0x1
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# zip knows no time before; a file that says when it was written is another one every time.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, EOFError, ValueError,
    RuntimeError, IndexError, OverflowError,
)  # fmt: skip


class NoZip(Exception):
    """The text continues "the bundle ..."."""


def zip_holds(path: Path, name: str) -> bool:
    """Whether it is a zip with a file of that name; False where it cannot be read."""
    try:
        with open_regular(path) as file, zipfile.ZipFile(_Careful(file)) as archive:
            return any(member.filename == name for member in archive.infolist())
    except (OSError, *_BROKEN):
        return False


def pack_folder(files: Sequence[FolderFile], target: Path) -> str:
    """Write them to a zip, uncompressed and without times, in their order; its digest.

    OSError where that cannot be done; NoZip for names that no zip can hold. `target` appears whole.
    """
    handle, scratch = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w+b") as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
                for file in files:
                    _add(archive, file)
            stream.seek(0)
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        Path(scratch).chmod(0o644)
        Path(scratch).replace(target)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise
    return f"sha256:{digest}"


def unpack(path: Path, folder: Path) -> None:
    """Its members as files of a new folder. NoZip when it is damaged, or none that is safe to
    unpack; the folder is half-filled then. OSError where it cannot be read or written.
    """
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            with zipfile.ZipFile(_Careful(file)) as archive:
                members = _checked(archive.infolist(), size)
                folder.mkdir()
                for member in members:
                    _extract(archive, member, folder / member.filename)
    except _BROKEN as error:
        raise NoZip("is no zip that can be read: it is damaged or cut off") from error


def _add(archive: zipfile.ZipFile, file: FolderFile) -> None:
    if not is_plain_path(file.name):
        raise NoZip(
            f"has a file {one_line(file.name, 200)!r}, a name that not every system can hold"
        )
    with open_regular(file.path) as source:
        member = zipfile.ZipInfo(file.name, _NO_TIME)
        member.create_system = _UNIX
        member.external_attr = (stat.S_IFREG | 0o644) << 16
        member.file_size = os.fstat(source.fileno()).st_size
        with archive.open(member, "w") as copy:
            shutil.copyfileobj(source, copy, _BLOCK)


def _checked(members: list[zipfile.ZipInfo], packed_bytes: int) -> list[zipfile.ZipInfo]:
    """The files among them; NoZip where one of them, or all together, must not be unpacked."""
    if len(members) > MAX_FILES:
        raise NoZip(f"holds more than {MAX_FILES:,} files")
    for member in members:
        problem = _problem(member)
        if problem:
            raise NoZip(f"holds {one_line(member.orig_filename, 200)!r}, {problem}")
    if len({member.filename for member in members}) != len(members):
        raise NoZip("holds two files of the same name")
    total = sum(member.file_size for member in members)
    if total > MAX_BYTES:
        raise NoZip(f"unpacks to more than {MAX_BYTES >> 30} GiB")
    if sum(member.compress_size for member in members) > packed_bytes or (
        total > max(_BELIEVED_BYTES, _MAX_RATIO * packed_bytes)
    ):
        raise NoZip("unpacks to far more than a file of its size can hold")
    return [member for member in members if not member.is_dir()]


def _problem(member: zipfile.ZipInfo) -> str:
    """Why this member is not to be unpacked; empty when it is."""
    name = member.orig_filename
    if not is_plain_path(name.removesuffix("/")):
        return "which is no plain relative name"
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFDIR if member.is_dir() else stat.S_IFREG):
        return "which is a link or a device"
    if member.flag_bits & _ENCRYPTED or member.compress_type not in _READABLE:
        return "which has a password or is packed in a rare way"
    return "a folder with content" if member.is_dir() and member.file_size else ""


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    left = member.file_size  # more is never read
    with archive.open(member) as source, target.open("xb") as copy:
        while block := source.read(_BLOCK):
            left -= len(block)
            copy.write(block)
    if left:
        raise NoZip("holds a file that is shorter than it says")


class _Careful:
    """A file of which nobody gets more at once than the list of a bundle's files needs."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def seekable(self) -> bool:
        return True

    def read(self, n_bytes: int = -1) -> bytes:
        if n_bytes > _MAX_LIST_BYTES:
            raise zipfile.BadZipFile("far too many files")
        return self._file.read(_MAX_UNASKED if n_bytes < 0 else n_bytes)
