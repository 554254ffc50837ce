"""Which files does a zip archive hold? Its list is read, and a single small member, never more."""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO

_ENCRYPTED = 0x1
# The list of what an archive holds; a scikit-learn forest has some ten thousand members.
_MAX_LIST_BYTES = 8 << 20
_MAX_UNASKED = 1 << 17
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, EOFError, OSError,
    ValueError, RuntimeError, IndexError, OverflowError,
)  # fmt: skip
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class NoArchive(Exception):
    """The text says what is wrong with it, as in "a zip archive that is damaged"."""


@dataclass(frozen=True, slots=True)
class Archive:
    """names: of its members, in their order. encrypted: whether one of them has a password."""

    names: tuple[str, ...]
    encrypted: bool


def list_archive(file: BinaryIO) -> Archive:
    """What is in it; NoArchive where it is cut off, damaged, or holds too many files."""
    try:
        with zipfile.ZipFile(_Careful(file)) as archive:
            members = archive.infolist()
    except _BROKEN as error:
        raise NoArchive(_what_is_wrong(error)) from error
    return Archive(
        tuple(member.filename for member in members),
        any(member.flag_bits & _ENCRYPTED for member in members),
    )


def read_member(file: BinaryIO, name: str, most: int) -> bytes:
    """The bytes of one member; NoArchive where there are more of them, or they are damaged."""
    try:
        with zipfile.ZipFile(_Careful(file)) as archive:
            member = archive.getinfo(name)
            # Other ways to pack cannot be unpacked bit by bit.
            if member.compress_type not in _READABLE or member.flag_bits & _ENCRYPTED:
                raise NoArchive(f"a zip archive in which {name} is packed in a rare way")
            with archive.open(member) as stream:
                data = stream.read(most + 1)
    except (KeyError, *_BROKEN) as error:
        raise NoArchive(_what_is_wrong(error)) from error
    if len(data) > most:
        raise NoArchive(f"a zip archive in which {name} is larger than any")
    return data


def _what_is_wrong(error: BaseException) -> str:
    return str(error) if isinstance(error, _TooLong) else "a zip archive that is damaged"


class _TooLong(zipfile.BadZipFile):
    """Its list is longer than any that means well."""


class _Careful:
    """A file of which nobody gets more at once than the list of an archive needs."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def seekable(self) -> bool:
        return True

    def read(self, n_bytes: int = -1) -> bytes:
        if n_bytes > _MAX_LIST_BYTES:
            raise _TooLong("a zip archive of far too many files")
        return self._file.read(_MAX_UNASKED if n_bytes < 0 else n_bytes)
