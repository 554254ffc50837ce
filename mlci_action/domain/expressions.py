"""Which rows does a `where` mean? A small safe language of conditions over columns.

    age >= 60 and sex == 'female'
    18 <= age < 30
    region in ['north', 'south'] or `income per year` is null

Comparisons (also chained), `in`, `not in`, `is null`, `is not null`, `and`, `or`, `not` and
parentheses. Columns are bare names, or any text in backticks. Nothing is ever evaluated as Python.
Rules about rows may also add columns up: `casual + registered == count`.
"""

from __future__ import annotations

import ast
import math
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from mlci_action.domain.arithmetic import Linear, is_arithmetic, linear_of

MAX_LENGTH = 1_000
MAX_DEPTH = 20
_INT64 = 1 << 63

Value: TypeAlias = str | int | float | bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """The values of one column."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Literal:
    """One value, written in the expression."""

    value: Value


Operand: TypeAlias = Column | Literal | Linear


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """`left operator right`, where operator is one of `== != < <= > >=`."""

    left: Operand
    operator: str
    right: Operand


@dataclass(frozen=True, kw_only=True, slots=True)
class Membership:
    """Whether the column's value is one of `values`."""

    column: Column
    values: tuple[Value, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class IsNull:
    """Whether the column's value is missing."""

    column: Column


@dataclass(frozen=True, kw_only=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


@dataclass(frozen=True, kw_only=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]


Condition: TypeAlias = Comparison | Membership | IsNull | Not | AllOf | AnyOf


@dataclass(frozen=True, kw_only=True, slots=True)
class Expression:
    """A parsed `where`: its text, what it asks, and the columns it names, in order."""

    text: str
    condition: Condition
    columns: tuple[str, ...]


def parse_where(text: str, *, sums: bool = False) -> Expression:
    """The condition that `text` writes; ValueError says what in it is not supported.

    With `sums`, both sides of a comparison may be sums of columns, each times a number.
    """
    if not text.strip():
        raise ValueError("the expression is empty; write a condition, for example age >= 60")
    if not len(text) <= MAX_LENGTH:
        raise ValueError(f"the expression is longer than {MAX_LENGTH:,} characters")
    source, names = without_backticks(text)
    reader = _Reader(text=text, names=names, sums=sums)
    condition = reader.condition(parsed(source), depth=0)
    return Expression(text=text, condition=condition, columns=tuple(dict.fromkeys(reader.seen)))


_TOKEN = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`([^`]*)`""", re.DOTALL)


def without_backticks(text: str) -> tuple[str, dict[str, str]]:
    """`text` with a plain name for each column in backticks, and which column each name means."""
    prefix = "column_"
    while prefix in text:
        prefix += "_"
    names: dict[str, str] = {}

    def plain(match: re.Match[str]) -> str:
        column = match.group(1)
        if column is None:
            return match.group()
        if not column:
            raise ValueError("the name between backticks is empty")
        name = f"{prefix}{len(names)}"
        names[name] = column
        return f" {name} "

    source = _TOKEN.sub(plain, text)
    if "`" in _TOKEN.sub("", source):
        raise ValueError("a backtick is not closed; a column in backticks is `like this`")
    return source.strip(), names


_INSTEAD = (
    (re.compile(r"(?<![=!<>])=(?!=)"), "write == to compare"),
    (re.compile(r"&&|\|\|"), "write and, or"),
    (re.compile(r"<>"), "write !="),
    (re.compile(r"\b(AND|OR|NOT|IN|IS|NULL)\b"), "write and, or, not, in, is null in lower case"),
)


def parsed(source: str) -> ast.expr:
    """Python's syntax tree of `source`; ValueError with a hint when it has none."""
    try:
        with warnings.catch_warnings():
            # A doubtful escape or number is a warning to Python and a mistake here.
            warnings.simplefilter("error")
            return ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        code = _TOKEN.sub("", source)
        hints = [instead for pattern, instead in _INSTEAD if pattern.search(code)]
        reason = hints[0] if hints else "put column names with other characters in `backticks`"
        raise ValueError(f"not a condition like age >= 60; {reason}") from error


OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


class _Reader:
    """One walk over Python's syntax tree, which lets through what it knows and nothing else."""

    def __init__(self, *, text: str, names: dict[str, str], sums: bool) -> None:
        self.seen: list[str] = []
        self._sums = sums
        self._text = text
        self._names = names

    def condition(self, node: ast.expr, *, depth: int) -> Condition:
        if not depth <= MAX_DEPTH:
            raise ValueError(f"the expression is nested more than {MAX_DEPTH} levels deep")
        match node:
            case ast.BoolOp(op=op, values=values):
                parts = tuple(self.condition(value, depth=depth + 1) for value in values)
                return AllOf(parts=parts) if isinstance(op, ast.And) else AnyOf(parts=parts)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(part=self.condition(operand, depth=depth + 1))
            case ast.Compare():
                links = tuple(self._links(node))
                return links[0] if len(links) == 1 else AllOf(parts=links)
            case ast.Name(id=name):
                column = self._column(name).name
                raise ValueError(
                    f"{column!r} alone is no condition; compare it, for example == True"
                )
            case ast.BinOp(op=ast.BitAnd() | ast.BitOr()):
                raise ValueError("& and | are not supported; write and, or")
        raise ValueError(f"{_named(node)} is not supported; write comparisons joined by and, or")

    def _links(self, node: ast.Compare) -> Iterator[Condition]:
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            yield self._link(left, operator, right)
            left = right

    def _link(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Condition:
        match operator:
            case ast.In() | ast.NotIn():
                found = Membership(column=self._tested(left), values=self._values(right))
                return found if isinstance(operator, ast.In) else Not(part=found)
            case ast.Is() | ast.IsNot():
                if not (isinstance(right, ast.Name) and right.id == "null"):
                    raise ValueError("after `is` only null and not null are supported; write ==")
                null = IsNull(column=self._tested(left))
                return null if isinstance(operator, ast.Is) else Not(part=null)
        first, second = self._operand(left), self._operand(right)
        if not any(isinstance(side, Column | Linear) for side in (first, second)):
            raise ValueError("a comparison of two values names no column")
        return Comparison(left=first, operator=OPERATORS[type(operator)], right=second)

    def _tested(self, node: ast.expr) -> Column:
        if isinstance(node, ast.Name):
            return self._column(node.id)
        raise ValueError(f"before `in` and `is` stands a column, not {_named(node)}")

    def _operand(self, node: ast.expr) -> Operand:
        if isinstance(node, ast.Name):
            return self._column(node.id)
        if self._sums and is_arithmetic(node):
            return linear_of(node, lambda name: self._column(name).name)
        return Literal(value=value_of(node))

    def _column(self, name: str) -> Column:
        if name == "null":
            raise ValueError("null is not supported as a value; write `is null`")
        # Python brings identifiers into a normal form; the column's name is as it was written.
        if name not in self._names and name not in self._text:
            raise ValueError(f"put the column {name!r} in backticks")
        column = self._names.get(name, name)
        self.seen.append(column)
        return Column(name=column)

    def _values(self, node: ast.expr) -> tuple[Value, ...]:
        if not isinstance(node, ast.List | ast.Tuple | ast.Set) or not node.elts:
            raise ValueError("after `in` stands a list of values, for example ['north', 'south']")
        return tuple(value_of(item) for item in node.elts)


def value_of(node: ast.expr) -> Value:
    """The value that `node` writes; ValueError when it is none."""
    match node:
        case ast.Constant(value=str() | bool() as value):
            return value
        case ast.Constant(value=int() | float() as value):
            return _bounded(value)
        case ast.Constant(value=None):
            raise ValueError("None is not supported; write `is null`")
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            if not isinstance(value, bool):
                return _bounded(-value)
        case ast.Constant():
            raise ValueError("a value is a text, a number, True or False")
    raise ValueError(f"{_named(node)} is not supported as a value")


def _bounded(value: float) -> int | float:
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        raise ValueError("a whole number beyond 64 bits is not supported")
    if not math.isfinite(value):
        raise ValueError("a number too large to be finite is not supported")
    return value


_NAMES: dict[type[ast.expr], str] = {
    ast.Attribute: "a dot in a name (write the column in backticks)",
    ast.BinOp: "arithmetic",
    ast.Call: "a function call",
    ast.Compare: "a comparison as a value",
    ast.Constant: "a value alone",
    ast.IfExp: "if ... else",
    ast.JoinedStr: "an f-string",
    ast.Lambda: "lambda",
    ast.Name: "a column",
    ast.NamedExpr: ":=",
    ast.Subscript: "a subscript",
    ast.UnaryOp: "a sign or ~",
}


def _named(node: ast.expr) -> str:
    return _NAMES.get(type(node), "this kind of expression")
