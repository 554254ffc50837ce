"""What does an ONNX file say of itself? Read without any library, and never whole.

The file is one protobuf message. Only fields of known numbers are looked at; the rest is skipped.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Dict, List, NamedTuple, Optional, Tuple, Union

from mlci_action.worker.texts import word

# The fields of ModelProto, GraphProto, NodeProto and AttributeProto that are looked at.
_IR_VERSION, _PRODUCER, _PRODUCER_VERSION, _GRAPH, _OPSETS = 1, 2, 3, 7, 8
_OPSET_DOMAIN, _OPSET_VERSION = 1, 2
_NODE, _ATTRIBUTE = 1, 5
_NAME, _INTS, _STRINGS = 1, 8, 9
_MODEL_FIELDS = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26})
_VARINT, _BYTES = 0, 2
_FIXED = {1: 8, 5: 4}
_MAX_FIELDS = 300_000
_MAX_TEXT_BYTES = 256
_MAX_VARINT_BYTES = 10
_LAST_IR_VERSION = 1000


Labels = List[Union[int, str]]
_Span = Tuple[int, int]  # where the bytes are: from, to


class _Field(NamedTuple):
    """`value` is a number, or where the field's bytes are."""

    number: int
    value: Union[int, _Span]


class Onnx(NamedTuple):
    """`versions` by what has them; `classes` as the last classifier in the graph has them."""

    versions: Dict[str, str]
    classes: Optional[Labels]


def is_onnx(path: Path) -> bool:
    """Whether the file starts as ONNX does, and has a graph."""
    try:
        with path.open("rb") as file:
            fields = _Reader(file).fields((0, path.stat().st_size))
    except (ValueError, OSError):
        return False
    first = fields[0] if fields else _Field(0, 0)
    numbers = {field.number for field in fields}
    return (
        first.number == _IR_VERSION
        and isinstance(first.value, int)
        and 0 < first.value < _LAST_IR_VERSION
        and _GRAPH in numbers
        and numbers <= _MODEL_FIELDS
    )


def read_onnx_header(path: Path) -> Onnx:
    """Empty where the file says nothing; ValueError when it is not ONNX."""
    with path.open("rb") as file:
        reader = _Reader(file)
        fields = reader.fields((0, path.stat().st_size))
        versions = _versions(reader, fields)
        graph = next((f.value for f in fields if f.number == _GRAPH), 0)
        return Onnx(versions, None if isinstance(graph, int) else _classes(reader, graph))


def _versions(reader: _Reader, fields: List[_Field]) -> Dict[str, str]:
    versions = {}
    producer, version = "", ""
    for field in fields:
        if isinstance(field.value, int):
            if field.number == _IR_VERSION:
                versions["ONNX IR"] = str(field.value)
        elif field.number == _PRODUCER:
            producer = word(reader.text(field.value))
        elif field.number == _PRODUCER_VERSION:
            version = word(reader.text(field.value))
        elif field.number == _OPSETS:
            versions.update(_opset(reader, field.value))
    if producer and version:
        versions[producer] = version
    return versions


def _opset(reader: _Reader, where: _Span) -> Dict[str, str]:
    """The version of ONNX' own operators; those of others follow their producer."""
    fields = {field.number: field.value for field in reader.fields(where)}
    domain, version = fields.get(_OPSET_DOMAIN), fields.get(_OPSET_VERSION)
    named = reader.text(domain) if isinstance(domain, tuple) else ""
    own = named in ("", "ai.onnx") and isinstance(version, int)
    return {"ONNX opset": str(version)} if own else {}


def _classes(reader: _Reader, graph: _Span) -> Optional[Labels]:
    found = None
    for node in reader.fields(graph):
        if node.number != _NODE or isinstance(node.value, int):
            continue
        for attribute in reader.fields(node.value):
            if attribute.number == _ATTRIBUTE and not isinstance(attribute.value, int):
                found = _labels(reader, attribute.value) or found
    return found


def _labels(reader: _Reader, attribute: _Span) -> Labels:
    """The labels of an attribute such as `classlabels_int64s`; none for any other."""
    name = ""
    labels: Labels = []
    for field in reader.fields(attribute):
        if isinstance(field.value, int):
            if field.number == _INTS:
                labels.append(_signed(field.value))
        elif field.number == _NAME:
            name = reader.text(field.value)
        elif field.number == _STRINGS:
            labels.append(reader.text(field.value))
        elif field.number == _INTS:
            labels.extend(map(_signed, reader.numbers(field.value)))
    return labels if name.startswith("classlabels_") else []


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


class _Reader:
    """The messages of one file; of a file made of crumbs, only the first ones."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = _MAX_FIELDS

    def text(self, where: _Span) -> str:
        start, end = where
        self._file.seek(start)
        return self._file.read(min(end - start, _MAX_TEXT_BYTES)).decode("utf-8", "replace")

    def numbers(self, where: _Span) -> List[int]:
        """Numbers without a gap between them."""
        start, end = where
        self._file.seek(start)
        found = []
        while self._file.tell() < end and self._left:
            self._left -= 1
            found.append(self._varint())
        return found

    def fields(self, where: _Span) -> List[_Field]:
        """The fields of the message there; ValueError when it is none."""
        position, end = where
        found = []
        while position < end and self._left:
            self._left -= 1
            self._file.seek(position)
            key = self._varint()
            field, position = self._field(key >> 3, key & 7)
            if position > end or not field.number:
                raise ValueError("a field that is longer than its message")
            found.append(field)
        return found

    def _field(self, number: int, kind: int) -> Tuple[_Field, int]:
        """A field, and the position after it."""
        if kind == _VARINT:
            return _Field(number, self._varint()), self._file.tell()
        if kind == _BYTES:
            length = self._varint()
            start = self._file.tell()
            return _Field(number, (start, start + length)), start + length
        if kind in _FIXED:
            return _Field(number, 0), self._file.tell() + _FIXED[kind]
        raise ValueError("no field of a message")

    def _varint(self) -> int:
        number = 0
        for at in range(_MAX_VARINT_BYTES):
            byte = self._file.read(1)
            if not byte:
                raise ValueError("a number that does not end")
            number |= (byte[0] & 0x7F) << (7 * at)
            if byte[0] < 0x80:  # noqa: PLR2004  the last byte of a number
                return number
        raise ValueError("a number that is too long")
