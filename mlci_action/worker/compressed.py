"""What is in a file that may be compressed, without unpacking more of it than is asked for?"""

from __future__ import annotations

import bz2
import gzip
import importlib
import io
import lzma
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO, Callable, Dict, cast

_READ_BYTES = 1 << 16
_LZ4 = b"\x04\x22\x4d\x18"
_ZLIB_SECOND = (b"\x01", b"\x5e", b"\x9c", b"\xda")


def is_zip(path: Path) -> bool:
    """Whether the file itself is an archive; a pickle may well end with one."""
    with path.open("rb") as file:
        return file.read(2) == b"PK" and zipfile.is_zipfile(path)


def is_compressed(path: Path) -> bool:
    """Whether `open_decompressed` gives other bytes than the file's own."""
    return _opener(path) is not None


def open_decompressed(path: Path) -> BinaryIO:
    """The file's content, decompressed as it is read; told by its first bytes.

    ImportError when it is lz4 and no library for it is installed.
    """
    opener = _opener(path)
    return path.open("rb") if opener is None else opener(path)


def _opener(path: Path) -> Any:  # noqa: ANN401  one of several classes, or None
    with path.open("rb") as file:
        start = file.read(8)
    for magic, opener in _OPENERS.items():
        if start.startswith(magic):
            return opener
    return _open_zlib if start[:1] == b"\x78" and start[1:2] in _ZLIB_SECOND else None


def _open_lz4(path: Path) -> BinaryIO:
    return cast("BinaryIO", importlib.import_module("lz4.frame").open(path, "rb"))


def _open_zlib(path: Path) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(_ZlibStream(path.open("rb"))))


_OPENERS: Dict[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.GzipFile,
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ": lzma.LZMAFile,
    b"\x5d\x00\x00": lzma.LZMAFile,
    _LZ4: _open_lz4,
}


class _ZlibStream(io.RawIOBase):
    """zlib's own format, which the standard library has no file for."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._zlib = zlib.decompressobj()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  any writable buffer
        while not self._zlib.eof:
            compressed = self._zlib.unconsumed_tail or self._file.read(_READ_BYTES)
            plain = self._zlib.decompress(compressed, len(buffer))
            if plain:
                buffer[: len(plain)] = plain
                return len(plain)
            if not compressed:
                raise EOFError("the compressed file ends before its end")
        return 0

    def close(self) -> None:
        self._file.close()
        super().close()
