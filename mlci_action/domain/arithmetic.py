"""What do columns add up to? Each times a number, as in `casual + 2 * registered - 1`."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Linear:
    """`terms` are columns with what each is multiplied by; `constant` comes on top."""

    terms: tuple[tuple[str, float], ...]
    constant: float = 0.0


def is_arithmetic(node: ast.expr) -> bool:
    """Whether a sum or a product begins here; a number with its sign is a value."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return not isinstance(node.operand, ast.Constant)
    return isinstance(node, ast.BinOp)


def linear_of(node: ast.expr, column: Callable[[str], str]) -> Linear:
    """The sum that `node` writes; `column` says which column a name means. ValueError otherwise."""
    try:
        read = _read(node, column)
    except RecursionError as error:
        raise ValueError("a sum of so many parts is not supported") from error
    terms = tuple((name, times) for name, times in read.terms.items() if times)
    if not terms:
        raise ValueError("a sum without a column is not supported; write the number")
    if not all(map(math.isfinite, [read.constant, *read.terms.values()])):
        raise ValueError("a number too large to be finite is not supported")
    return Linear(terms=terms, constant=read.constant + 0.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sum:
    terms: dict[str, float] = field(default_factory=dict)
    constant: float = 0.0

    def plus(self, other: _Sum) -> _Sum:
        names = [*self.terms, *(name for name in other.terms if name not in self.terms)]
        terms = {name: self.terms.get(name, 0.0) + other.terms.get(name, 0.0) for name in names}
        return _Sum(terms=terms, constant=self.constant + other.constant)

    def times(self, factor: float) -> _Sum:
        terms = {name: factor * times for name, times in self.terms.items()}
        return _Sum(terms=terms, constant=factor * self.constant)


def _read(node: ast.expr, column: Callable[[str], str]) -> _Sum:
    match node:
        case ast.Name(id=name):
            return _Sum(terms={column(name): 1.0})
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return _Sum(constant=_finite(number))
        case ast.UnaryOp(op=ast.USub(), operand=part):
            return _read(part, column).times(-1.0)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _read(left, column).plus(_read(right, column))
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _read(left, column).plus(_read(right, column).times(-1.0))
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            first, second = _read(left, column), _read(right, column)
            if first.terms and second.terms:
                raise ValueError("a column times a column is not supported")
            return second.times(first.constant) if second.terms else first.times(second.constant)
    raise ValueError("in a sum only +, - and * by a number are supported")


def _finite(number: float) -> float:
    try:
        return float(number)
    except OverflowError as error:
        raise ValueError("a number too large to be finite is not supported") from error
