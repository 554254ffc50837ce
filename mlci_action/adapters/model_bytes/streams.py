"""Which bytes does a file hold, read from the front and unpacked, never more than a bound?

Whatever its header promises, a read takes no more memory than a block.
"""

from __future__ import annotations

import bz2
import io
import lzma
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

BLOCK = 1 << 16
MAX_UNPACKED_BYTES = 256 << 20
_MAX_LZMA_BYTES = 256 << 20
_ZLIB_SECONDS = (0x01, 0x5E, 0x9C, 0xDA)
_GZIP_OR_ZLIB = 47
_BROKEN = (EOFError, OSError, ValueError, MemoryError, zlib.error, lzma.LZMAError)
# joblib's own wrapping of before 0.10: a length, then zlib.
_ZFILE = re.compile(rb"ZF0x[0-9a-fA-F]{1,17}L? *")
LZ4 = "lz4"


class Ended(Exception):
    """There are no further bytes, or none that can be unpacked, or none that may be."""


class Stream:
    """Bytes one after another, from where `file` stands."""

    def __init__(self, file: BinaryIO, *, n_bytes: int | None = None) -> None:
        self._file = file
        # None: not known before the end, and not to be jumped over.
        self._left = n_bytes
        self._block, self._at = b"", 0
        self._passed = 0

    @property
    def position(self) -> int:
        """How many bytes were read or skipped."""
        return self._passed + self._at

    def read(self, n_bytes: int) -> bytes:
        """So many bytes, at most a block; Ended when there are fewer."""
        end = self._at + n_bytes
        while end > len(self._block):
            self._refill()
            end = self._at + n_bytes
        data = self._block[self._at : end]
        self._at = end
        return data

    def skip(self, n_bytes: int) -> None:
        """Pass over them; Ended when there are fewer."""
        here = min(n_bytes, len(self._block) - self._at)
        self._at += here
        n_bytes -= here
        if self._left is not None and n_bytes > BLOCK:
            if n_bytes > self._left:
                raise Ended
            self._file.seek(n_bytes, io.SEEK_CUR)
            self._left -= n_bytes
            self._passed += n_bytes
            return
        while n_bytes:
            n_bytes -= len(self.read(min(n_bytes, BLOCK)))

    def line(self, most: int) -> bytes | None:
        """What stands before the next newline, None when it is longer; Ended without one."""
        length = 0
        while (end := self._block.find(b"\n", self._at)) < 0:
            if len(self._block) - self._at > most:
                length += len(self._block) - self._at
                self._at = len(self._block)
            self._refill()
        found = self._block[self._at : end]
        self._at = end + 1
        return found if length + len(found) <= most else None

    def blocks(self) -> Iterator[bytes]:
        """All that is left."""
        while True:
            rest = self._block[self._at :]
            self._at = len(self._block)
            if rest:
                yield rest
            try:
                self._refill()
            except Ended:
                return

    def _refill(self) -> None:
        """Read on, and keep what was not asked for yet."""
        try:
            data = self._file.read(BLOCK)
        except _BROKEN as error:
            raise Ended from error
        if not data:
            raise Ended
        if self._left is not None:
            self._left -= len(data)
        self._passed += self._at
        self._block, self._at = self._block[self._at :] + data, 0


def open_regular(path: Path) -> io.BufferedReader:
    """The file, never a device or a pipe, which have no end; OSError says why not."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(0, "it is no regular file")
    return os.fdopen(handle, "rb")


def packing_of(head: bytes) -> str | None:
    """How a file that begins so is compressed, as joblib does it; None: not at all."""
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head[:1] == b"\x78" and len(head) > 1 and head[1] in _ZLIB_SECONDS:
        return "zlib"
    if _ZFILE.match(head):
        return "joblib's zlib"
    for start, name in ((b"BZh", "bzip2"), (b"\xfd7zXZ\0", "xz"), (b"\x5d\0\0", "lzma")):
        if head.startswith(start):
            return name
    return LZ4 if head.startswith(b"\x04\x22\x4d\x18") else None


def open_stream(file: BinaryIO) -> Stream:
    """The bytes of `file` from its beginning, unpacked where `packing_of` says how.

    Those of lz4, for which the standard library has no words, come as they are.
    """
    file.seek(0)
    head = file.read(64)
    name = packing_of(head)
    wrapping = _ZFILE.match(head)
    file.seek(wrapping.end() if wrapping else 0)
    if name is None or name == LZ4:
        return Stream(file, n_bytes=os.fstat(file.fileno()).st_size)
    return Stream(io.BufferedReader(_Unpacked(file, _UNPACKERS[name]), BLOCK))


class _Zlib:
    """zlib with the interface of its younger siblings."""

    def __init__(self) -> None:
        self._object = zlib.decompressobj(_GZIP_OR_ZLIB)

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def needs_input(self) -> bool:
        return not self._object.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._object.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._object.decompress(self._object.unconsumed_tail + data, max_length)


def _lzma() -> lzma.LZMADecompressor:
    # A header may ask for a dictionary of 4 GiB before anything is unpacked.
    return lzma.LZMADecompressor(memlimit=_MAX_LZMA_BYTES)


_UNPACKERS: dict[str, Callable[[], Any]] = {
    "gzip": _Zlib,
    "zlib": _Zlib,
    "joblib's zlib": _Zlib,
    "bzip2": bz2.BZ2Decompressor,
    "xz": _lzma,
    "lzma": _lzma,
}


class _Unpacked(io.RawIOBase):
    """What a compressed file holds, one part behind the other, up to a bound."""

    def __init__(self, file: BinaryIO, new: Callable[[], Any]) -> None:
        self._file, self._new = file, new
        self._one = new()
        self._left = MAX_UNPACKED_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        most = min(len(buffer), self._left)
        while most:
            packed = b""
            if self._one.eof:
                packed = self._one.unused_data or self._file.read(BLOCK)
                self._one = self._new()
                if not packed:
                    break
            elif self._one.needs_input:
                packed = self._file.read(BLOCK)
            data = self._one.decompress(packed, most)
            if data:
                buffer[: len(data)] = data
                self._left -= len(data)
                return len(data)
            if not packed and not self._one.eof:
                break
        return 0
