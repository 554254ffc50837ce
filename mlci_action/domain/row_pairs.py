"""Which pairs of rows must there never be? Rules about two rows, called `a` and `b`.

    a.state == b.state and a.salary > b.salary and a.rate < b.rate

Comparisons joined by `and`; one at least says that both rows have the same value of a column, so
that not every row is compared with every other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from mlci_action.domain.expressions import (
    MAX_LENGTH,
    OPERATORS,
    Literal,
    parsed,
    value_of,
    without_backticks,
)

ROWS = ("a", "b")


@dataclass(frozen=True, kw_only=True, slots=True)
class PairColumn:
    """The value of a column in row `a` or `b`."""

    row: str
    name: str


PairOperand: TypeAlias = PairColumn | Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class PairComparison:
    """`left operator right`, where operator is one of `== != < <= > >=`."""

    left: PairOperand
    operator: str
    right: PairOperand


@dataclass(frozen=True, kw_only=True, slots=True)
class PairRule:
    """Two rows that are equal in the columns `same`, and for which all `others` hold."""

    same: tuple[str, ...]
    others: tuple[PairComparison, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it names, in their order."""
        sides = [side for other in self.others for side in (other.left, other.right)]
        named = [side.name for side in sides if isinstance(side, PairColumn)]
        return tuple(dict.fromkeys((*self.same, *named)))


def names_pairs(text: str) -> bool:
    """Whether `text` speaks of `a.` or `b.` something. ValueError when it is no condition.

    One that is too long is none: `parse_where` says so.
    """
    if not len(text) <= MAX_LENGTH:
        return False
    nodes = ast.walk(parsed(without_backticks(text)[0]))
    return any(isinstance(node, ast.Attribute) and _row(node) is not None for node in nodes)


def parse_pairs(text: str) -> PairRule:
    """The rule that `text` writes; ValueError says what in it is not supported."""
    source, names = without_backticks(text)
    links = list(_links(parsed(source), _Names(text=text, names=names)))
    same = tuple(link.left.name for link in links if _is_same(link))  # type: ignore[union-attr]
    if not same:
        raise ValueError(
            "a rule about pairs of rows says in which column they are equal, "
            "for example a.state == b.state"
        )
    return PairRule(
        same=tuple(dict.fromkeys(same)), others=tuple(link for link in links if not _is_same(link))
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Names:
    text: str
    names: dict[str, str]

    def column(self, name: str) -> str:
        if name not in self.names and name not in self.text:
            raise ValueError(f"put the column {name!r} in backticks")
        return self.names.get(name, name)


def _links(node: ast.expr, names: _Names) -> Iterator[PairComparison]:
    match node:
        case ast.BoolOp(op=ast.And(), values=parts):
            for part in parts:
                yield from _links(part, names)
        case ast.Compare():
            left = node.left
            for operator, right in zip(node.ops, node.comparators, strict=True):
                sign = OPERATORS.get(type(operator))
                if sign is None:
                    raise ValueError("in a rule about pairs, write == != < <= > or >=")
                yield _link(_operand(left, names), sign, _operand(right, names))
                left = right
        case _:
            raise ValueError("a rule about pairs of rows is made of comparisons joined by and")


def _link(left: PairOperand, sign: str, right: PairOperand) -> PairComparison:
    if not any(isinstance(side, PairColumn) for side in (left, right)):
        raise ValueError("a comparison of two values names no column")
    return PairComparison(left=left, operator=sign, right=right)


def _operand(node: ast.expr, names: _Names) -> PairOperand:
    match node:
        case ast.Attribute(attr=name):
            row = _row(node)
            if row is None:
                raise ValueError("the two rows are called a and b, as in a.state == b.state")
            return PairColumn(row=row, name=names.column(name))
        case ast.Name(id=name):
            column = names.column(name)
            raise ValueError(f"of which row is {column!r}? write a.{column} or b.{column}")
    return Literal(value=value_of(node))


def _row(node: ast.Attribute) -> str | None:
    return node.value.id if isinstance(node.value, ast.Name) and node.value.id in ROWS else None


def _is_same(link: PairComparison) -> bool:
    left, right = link.left, link.right
    return (
        link.operator == "=="
        and isinstance(left, PairColumn)
        and isinstance(right, PairColumn)
        and left.name == right.name
        and left.row != right.row
    )
