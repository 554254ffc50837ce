"""Which cells does a finding mean? Said as a test, so that the rows can be looked up afterwards."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class CellTest:
    """Cells of `column` for which any of the parts holds; parts that are empty hold for none.

    `above` and `below` are bounds on numbers (the bound itself is not meant), `numbers` and `texts`
    list cells by value (text without the spaces around it, unless `exact`), `shapes` by shape.
    `not_texts`: text that is none of these. `all_text`: text that is no number. `rows` is a range
    of row numbers from 0, its end excluded.
    """

    column: str
    above: float | None = None
    below: float | None = None
    numbers: frozenset[float] = frozenset()
    texts: frozenset[str] = frozenset()
    exact: bool = False
    not_texts: frozenset[str] | None = None
    shapes: frozenset[str] = frozenset()
    not_shapes: frozenset[str] | None = None
    all_text: bool = False
    missing: bool = False
    rows: tuple[int, int] | None = None
