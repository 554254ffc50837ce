"""What bytes does a file hold, once it is unpacked? Told by its first bytes, read as a stream."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from mlci_action.errors import DatasetError

_GZIP, _BZIP2, _XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00"
_ZSTD, _LZ4, _ZIP = b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"PK\x03\x04"
_ARROW_CODECS = {_ZSTD: "zstd", _LZ4: "lz4"}
_PACKINGS = (_GZIP, _BZIP2, _XZ, _ZSTD, _LZ4, _ZIP)
_WORKBOOK = "xl/workbook.xml"
_BUFFER = 1 << 18
# Tables of many equal cells pack well; nothing that holds information packs 500 to 1 for gigabytes.
_MAX_RATIO = 500
_BELIEVED_BYTES = 2 << 30


def is_packed(head: bytes) -> bool:
    """Whether a file that begins so holds other bytes than those that are to be read."""
    return head.startswith(_PACKINGS)


def is_workbook(path: Path) -> bool:
    """An .xlsx file is a zip archive too, and is not unpacked by us."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _WORKBOOK in archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        return False


def open_unpacked(path: Path, *, believed_bytes: int = _BELIEVED_BYTES) -> io.BufferedReader:
    """The bytes of `path`, unpacked while they are read; DatasetError where they never end."""
    stream = path.open("rb")
    magic = next((one for one in _PACKINGS if stream.peek(8).startswith(one)), None)
    if magic is None:
        return stream
    stream.close()
    limit = max(believed_bytes, _MAX_RATIO * path.stat().st_size)
    return io.BufferedReader(_Unpacked(path, _open_packed(path, magic), limit), _BUFFER)


def unpacked_copy(path: Path, folder: Path) -> Path:
    """A file of the same name in `folder` with the bytes of `path` unpacked."""
    with open_unpacked(path) as stream, (folder / path.name).open("wb") as copy:
        shutil.copyfileobj(stream, copy, _BUFFER)
    return folder / path.name


class _Unpacked(io.RawIOBase):
    """What the first of `streams` gives, counted; all of them are closed with it."""

    def __init__(self, path: Path, streams: Sequence[Any], limit: int) -> None:
        self._path, self._streams = path, streams
        self._left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        data = self._streams[0].read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise DatasetError(
                f"{self._path.name!r} unpacks to more than {_MAX_RATIO} times its size",
                hint="nothing that holds rows does; write it anew",
            )
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        for stream in self._streams:
            stream.close()
        super().close()


def _open_packed(path: Path, magic: bytes) -> tuple[Any, ...]:
    if magic in _ARROW_CODECS:
        packed = pa.OSFile(str(path))
        return (pa.CompressedInputStream(packed, _ARROW_CODECS[magic]), packed)
    if magic == _ZIP:
        archive = zipfile.ZipFile(path)
        return (_open_member(archive, path), archive)
    openers: dict[bytes, Any] = {_GZIP: gzip.open, _BZIP2: bz2.open, _XZ: lzma.open}
    return (openers[magic](path, "rb"),)


def _open_member(archive: zipfile.ZipFile, path: Path) -> BinaryIO | Any:  # noqa: ANN401
    """The only file of an archive. What macOS adds beside it is none."""
    names = [
        one for one in archive.infolist() if not one.is_dir() and "__MACOSX/" not in one.filename
    ]
    if len(names) != 1:
        archive.close()
        raise DatasetError(
            f"{path.name!r} holds {len(names)} files, and one table is one file",
            hint="unpack it in a step before, and name the file that is meant",
        )
    try:
        return archive.open(names[0])
    except (RuntimeError, NotImplementedError) as error:
        archive.close()
        raise DatasetError(
            f"{path.name!r} cannot be unpacked: it has a password, or is packed in a rare way",
            hint="unpack it in a step before",
        ) from error
