"""What follows an opcode of a pickle? Its argument, read without taking in what is large."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from mlci_action.adapters.model_bytes.pickle_values import UNKNOWN, Value
from mlci_action.adapters.model_bytes.streams import Stream

LONGEST_TEXT = 256
_LONGEST_NUMBER = 20
_WHOLE = 8  # bytes
_ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"t": b"\t", b"r": b"\r"}


class NoSense(Exception):
    """Bytes that no unpickler takes."""


@dataclass(frozen=True, slots=True)
class Bytes:
    """An argument of bytes, of which only the beginning was read; n_bytes: of all."""

    start: bytes
    n_bytes: int


Argument: TypeAlias = "Value | Bytes"
Reader: TypeAlias = "Callable[[Stream], Argument]"


def _nothing(_: Stream) -> Argument:
    return None


def _number(n_bytes: int, *, signed: bool = False) -> Reader:
    def read(stream: Stream) -> Argument:
        return int.from_bytes(stream.read(n_bytes), "little", signed=signed)

    return read


def _counted(n_bytes: int, *, signed: bool = False) -> Callable[[Stream], Bytes]:
    """As many bytes as a number before them says; the end of the file may come first."""

    def read(stream: Stream) -> Bytes:
        size = int.from_bytes(stream.read(n_bytes), "little", signed=signed)
        if size < 0:
            raise NoSense
        start = stream.read(min(size, LONGEST_TEXT))
        stream.skip(size - len(start))
        return Bytes(start, size)

    return read


def _text(n_bytes: int) -> Reader:
    count = _counted(n_bytes)
    return lambda stream: _decoded(count(stream), "utf-8")


def _old_text(n_bytes: int) -> Reader:
    """Python 2's text, which is ASCII to whoever reads it today."""
    count = _counted(n_bytes, signed=n_bytes > 1)
    return lambda stream: _decoded(count(stream), "ascii")


def _decoded(data: Bytes, codec: str) -> Argument:
    if data.n_bytes > len(data.start):
        return data
    try:
        return data.start.decode(codec, "surrogatepass" if codec == "utf-8" else "strict")
    except UnicodeDecodeError:
        return data


def _long(n_bytes: int) -> Reader:
    count = _counted(n_bytes, signed=n_bytes > 1)

    def read(stream: Stream) -> Argument:
        found = count(stream)
        if found.n_bytes > _WHOLE:
            return UNKNOWN
        return int.from_bytes(found.start, "little", signed=True)

    return read


def _line(stream: Stream) -> Value:
    """The text of a line; of a long one nothing is known."""
    found = stream.line(LONGEST_TEXT)
    return UNKNOWN if found is None else found.decode("utf-8", "replace")


def _two_lines(stream: Stream) -> Argument:
    return (_line(stream), _line(stream))


def _number_line(stream: Stream) -> Argument:
    """`I12`, `L12L`; `I00` and `I01` are no numbers, and as good."""
    text = _line(stream)
    if not isinstance(text, str) or len(text) > _LONGEST_NUMBER:
        return UNKNOWN
    try:
        return int(text.strip().removesuffix("L"))
    except ValueError as error:
        raise NoSense from error


def _float_line(stream: Stream) -> Argument:
    text = _line(stream)
    if isinstance(text, str):
        try:
            float(text)
        except ValueError as error:
            raise NoSense from error
    return UNKNOWN


def _quoted_line(stream: Stream) -> Argument:
    found = stream.line(LONGEST_TEXT)
    if found is None:
        return UNKNOWN
    found = found.strip(b" \t\r\n")
    if len(found) < len("''") or found[:1] != found[-1:] or found[:1] not in (b"'", b'"'):
        raise NoSense
    return _ESCAPE.sub(_unescaped, found[1:-1]).decode("ascii", "replace")


def _unescaped(match: re.Match[bytes]) -> bytes:
    said = match[1]
    if said[:1].isdigit():
        return bytes([int(said, 8) & 0xFF])
    if said[:1] == b"x" and len(said) > 1:
        return bytes([int(said[1:], 16)])
    return _ESCAPED.get(said, said)


def _unicode_line(stream: Stream) -> Argument:
    found = stream.line(LONGEST_TEXT)
    if found is None:
        return UNKNOWN
    try:
        return found.decode("raw-unicode-escape")
    except UnicodeDecodeError as error:
        raise NoSense from error


# By opcode, as Python's pickletools names and describes them.
ARGUMENTS: dict[bytes, Reader] = {
    **dict.fromkeys((bytes([code]) for code in b"(.012NQR]abdeolst)u}"), _nothing),
    **dict.fromkeys((bytes([code]) for code in b"\x81\x85\x86\x87\x88\x89"), _nothing),
    **dict.fromkeys((bytes([code]) for code in b"\x8f\x90\x91\x92\x93\x94\x97\x98"), _nothing),
    b"F": _float_line, b"I": _number_line, b"L": _number_line,
    b"J": _number(4, signed=True), b"K": _number(1), b"M": _number(2), b"G": _number(8),
    b"P": _line, b"g": _number_line, b"p": _number_line, b"S": _quoted_line, b"V": _unicode_line,
    b"c": _two_lines, b"i": _two_lines,
    b"T": _old_text(4), b"U": _old_text(1),
    b"X": _text(4), b"\x8c": _text(1), b"\x8d": _text(8),
    b"B": _counted(4), b"C": _counted(1), b"\x8e": _counted(8), b"\x96": _counted(8),
    b"h": _number(1), b"j": _number(4), b"q": _number(1), b"r": _number(4),
    b"\x80": _number(1), b"\x82": _number(1), b"\x83": _number(2), b"\x84": _number(4, signed=True),
    b"\x8a": _long(1), b"\x8b": _long(4), b"\x95": _number(8),
}  # fmt: skip
