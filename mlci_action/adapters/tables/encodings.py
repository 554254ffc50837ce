"""Which text do bytes hold? UTF-8 to every reader, whatever the file is written in."""

from __future__ import annotations

import codecs
import io
from pathlib import Path
from typing import Any

from mlci_action.adapters.tables.unpacking import open_unpacked
from mlci_action.errors import DatasetError

UTF8 = "utf-8"
_MARKS = (
    (codecs.BOM_UTF8, UTF8),
    # A mark of UTF-16 begins the one of UTF-32, so that one is asked for first.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLOCK = 1 << 17
_HEAD = 1 << 20
_MAX_HEAD = 64 << 20


def codec_of(head: bytes, asked: str | None) -> str:
    """What was asked for, or what the first bytes say, or UTF-8."""
    if asked is None:
        return next((codec for mark, codec in _MARKS if head.startswith(mark)), UTF8)
    try:
        b"text".decode(asked, errors="ignore")
        name = codecs.lookup(asked).name
    except (LookupError, ValueError) as error:
        raise DatasetError(
            f"no encoding is called {asked!r}",
            hint="data.encoding is a name like utf-8, utf-16, latin-1 or cp1252",
        ) from error
    return UTF8 if name == "utf-8-sig" else name


def open_text(path: Path, codec: str) -> io.BufferedReader:
    """The text of `path` as a stream of UTF-8, without a byte order mark."""
    stream = open_unpacked(path)
    if codec != UTF8:
        return io.BufferedReader(_Recoded(stream, codec), _BLOCK)
    if stream.peek(3).startswith(codecs.BOM_UTF8):
        stream.read(3)
    return stream


class _Recoded(io.RawIOBase):
    """A stream of another encoding, as UTF-8."""

    def __init__(self, stream: io.BufferedReader, codec: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(codec)()
        self._ready = b""
        self._at_start = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        while not self._ready:
            block = self._stream.read(_BLOCK)
            text = self._decoder.decode(block, final=not block)
            if text and self._at_start:
                text, self._at_start = text.removeprefix("\ufeff"), False
            self._ready = text.encode()
            if not block:
                break
        data, self._ready = self._ready[: len(buffer)], self._ready[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def first_lines(path: Path, codec: str) -> str:
    """The first lines of `path` as text, the last one whole."""
    with open_text(path, codec) as stream:
        head = stream.read(_HEAD)
        while not head.count(b"\n") and not head.count(b"\r") and len(head) < _MAX_HEAD:
            more = stream.read(_HEAD)
            if not more:
                break
            head += more
        whole = not stream.read(1)
    if whole:
        return head.decode()
    end = max(head.rfind(b"\n"), head.rfind(b"\r"))
    if end < 0:
        raise DatasetError(
            f"{path.name!r} has no line end in its first {_MAX_HEAD >> 20} MiB",
            hint="a table as text has a row a line",
        )
    return head[: end + 1].decode()
