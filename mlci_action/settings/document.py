"""What is written in a YAML text, and in which line? Values as they stand there, unchecked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import yaml

from mlci_action.settings.problems import KeyPath, Problem, dotted, quoted

MAX_LENGTH = 1 << 20
# Aliases are counted each time they are used: ten lines of them can stand for billions of values.
MAX_NODES = 20_000
MAX_DEPTH = 30

# Numbers as YAML 1.2 has them. YAML 1.1 takes 1e-3 for text, 012 for ten and 12:30 for 750.
_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_MERGE = "tag:yaml.org,2002:merge"
_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value", "map", "seq")
)


class WrittenNumber(float):
    """A number that remembers its text, for the places where `007` is a label."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """The number that `text` writes."""
        number = super().__new__(cls, text if _NUMBER.fullmatch(text) else text.replace(".", ""))
        number.text = text
        return number

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """The mapping that a file holds: dicts with text keys, lists, text, `WrittenNumber` and None.

    `yes`, `off`, dates and the like stay text, as written.
    """

    values: dict[str, Any]
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def section(self, *where: str) -> dict[str, Any]:
        """The mapping at `where`, empty when there is none."""
        found: object = self.values
        for key in where:
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    def known(self, where: KeyPath) -> KeyPath:
        """The longest part of `where` that is in the file."""
        while where and where not in self.lines:
            where = where[:-1]
        return where

    def problem(self, where: KeyPath, text: str) -> Problem:
        """A problem of the key `where`, with its line or that of the nearest key around it."""
        line = self.lines.get(self.known(where), 1)
        return Problem(line=line, where=dotted(where), text=text)


def read_document(text: str) -> Document:
    """The document in `text`; what is wrong with the YAML itself is in its `problems`."""
    try:
        _refuse_oversize(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None or (isinstance(node, yaml.ScalarNode) and _scalar(node) is None):
            return _unreadable("the file is empty")
        if not isinstance(node, yaml.MappingNode):
            line = node.start_mark.line + 1
            return _unreadable("the file is not a mapping of keys to values", line)
        walk = _Walk()
        values = walk.mapping(node, ())
    except _Oversize as oversize:
        return _unreadable(str(oversize))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        parts = (error.context, error.problem)
        return _unreadable(f"not valid YAML: {', '.join(filter(None, parts))}", line)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return _unreadable(f"not valid YAML: {error.reason}", line)
    return Document(values=values, lines=walk.lines, problems=tuple(walk.problems))


class _Oversize(Exception):
    """The text stands for more than any settings need."""


def _refuse_oversize(text: str) -> None:
    """Look at the events first: they come without recursion, composing does not."""
    if not len(text) <= MAX_LENGTH:
        raise _Oversize(f"the file is longer than {MAX_LENGTH:,} characters")
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        _refuse_beyond(count, depth)


def _refuse_beyond(nodes: int, depth: int) -> None:
    if not nodes <= MAX_NODES:
        raise _Oversize(f"the file holds more than {MAX_NODES:,} values")
    if not depth <= MAX_DEPTH:
        raise _Oversize(f"the file is nested more than {MAX_DEPTH} levels deep")


def _unreadable(text: str, line: int = 1) -> Document:
    return Document(values={}, problems=(Problem(line=line, text=text),))


class _Walk:
    """One pass over the composed nodes, which collects lines and problems on its way."""

    def __init__(self) -> None:
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []
        self._nodes = 0
        self._depth = 0

    def mapping(self, node: yaml.Node, where: KeyPath) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                merged = self._merged(value_node, where) | merged
        own: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                self._complain(key_node, where, "a key must be text")
                continue
            key = key_node.value
            if key in own:
                first = self.lines[(*where, key)]
                self._complain(key_node, (*where, key), f"given twice, first in line {first}")
                continue
            self.lines[(*where, key)] = key_node.start_mark.line + 1
            own[key] = self._value(value_node, (*where, key))
        return merged | own

    def _merged(self, node: yaml.Node, where: KeyPath) -> dict[str, Any]:
        """The mappings behind `<<`; of several the first that has a key wins."""
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[str, Any] = {}
        for source in sources:
            value = self._value(source, where)
            if isinstance(value, dict):
                merged = value | merged
            else:
                self._complain(source, where, "<< takes a mapping, or a list of mappings")
        return merged

    def _value(self, node: yaml.Node, where: KeyPath) -> Any:  # noqa: ANN401 - what YAML holds
        self._nodes += 1
        self._depth += 1
        _refuse_beyond(self._nodes, self._depth)
        self.lines.setdefault(where, node.start_mark.line + 1)
        if node.tag not in _PLAIN_TAGS:
            self._complain(node, where, f"the tag {quoted(node.tag)} is not supported")
        value: Any
        if isinstance(node, yaml.ScalarNode):
            value = _scalar(node)
        elif isinstance(node, yaml.SequenceNode):
            value = [self._value(item, (*where, i)) for i, item in enumerate(node.value)]
        else:
            value = self.mapping(node, where)
        self._depth -= 1
        return value

    def _complain(self, node: yaml.Node, where: KeyPath, text: str) -> None:
        line = node.start_mark.line + 1
        self.problems.append(Problem(line=line, where=dotted(where), text=text))


def _scalar(node: yaml.ScalarNode) -> str | WrittenNumber | None:
    text: str = node.value
    if node.style is None and text in _NULL:
        return None
    if node.style is None and (_NUMBER.fullmatch(text) or _NOT_FINITE.fullmatch(text)):
        return WrittenNumber(text)
    return text
