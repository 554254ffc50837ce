"""Is there a pickle in those bytes, and which imports stand in bytes that nobody can follow?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlci_action.adapters.model_bytes.pickle_values import shown
from mlci_action.adapters.model_bytes.streams import Stream

_MAX_SEARCHED = 128 << 20
_MAX_LOOKS = 100_000
_OVERLAP = 512
# A binary pickle, one in base64, and the opcode of an import with its two lines.
_NESTED = re.compile(
    rb"\x80[\x02-\x05][\x95-\x98(\[\]}c\x8c\x8d\x80-\x8aBCGJKMNTUX)]|gA[I-X][\w+/]{6}"
    rb"|[ci][A-Za-z_][\w.]{1,99}\n[A-Za-z_][\w.]{0,99}\n"
)
_SECOND_LINE = re.compile(rb"\n([A-Za-z_][\w.]{0,99})(?=\n)")
_FIRST_LINE = re.compile(rb"[\w.]{1,100}\Z")
_KEPT = rb"(?:\x94|q.|r....)?"
_FROM_STACK = re.compile(
    rb"\x8c[\x01-\x7f]([A-Za-z_][\w.]{0,126})" + _KEPT
    + rb"\x8c[\x01-\x7f]([A-Za-z_][\w.]{0,126})" + _KEPT + rb"\x93",
    re.DOTALL,
)  # fmt: skip


def looks_nested(data: bytes) -> bool:
    """Whether bytes or a text begin as a pickle does, in itself or as base64."""
    return _NESTED.match(data) is not None


def search_imports(stream: Stream) -> Iterator[str]:
    """What looks like an import, anywhere; names that come from a memo are not found."""
    kept, searched, looks = b"", 0, 0
    for block in stream.blocks():
        window = kept + block
        for name in _imports_in(window):
            looks += 1
            if name is not None:
                yield name
            if looks > _MAX_LOOKS:
                return
        searched += len(block)
        if searched > _MAX_SEARCHED:
            return
        kept = window[-_OVERLAP:]


def _imports_in(window: bytes) -> Iterator[str | None]:
    """What was looked at: a name, or None where it was none after all."""
    for match in _FROM_STACK.finditer(window):
        yield shown(f"{match[1].decode()}.{match[2].decode()}")
    for match in _SECOND_LINE.finditer(window):
        before = _FIRST_LINE.search(window[max(0, match.start() - 101) : match.start()])
        line = before[0] if before else b""
        start = line.find(b"c") if b"c" in line else line.find(b"i")
        module = line[start + 1 :] if start >= 0 else b""
        named = re.match(rb"[A-Za-z_]", module) is not None
        yield shown(f"{module.decode()}.{match[1].decode()}") if named else None
