"""What does the first line of a CSV file say: names of columns, or is it a row?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from mlci_action.errors import DatasetError

# Fewer counting numbers may be a row by chance.
_MIN_COUNTED = 4
_PAIR = 2
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*|,\d+)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


class NoHeader(DatasetError):
    """The first line is a row; nobody has said what its `width` columns are called."""

    def __init__(self, name: str, width: int) -> None:
        super().__init__(
            f"{name!r} looks like it has no header line: its first line holds numbers",
            hint=f"set `data.columns` to the names of its {width} columns",
        )
        self.width = width


def looks_like_a_row(cells: Sequence[str]) -> bool:
    """All cells are numbers, or so many that no header line has them beside its names.

    Numbers that count, like years or `0,1,2,3`, are names that people and libraries give.
    """
    values = [value for cell in cells if (value := _number(cell)) is not None]
    if len(values) == len(cells):
        return not (len(values) >= _MIN_COUNTED and _counts(values))
    return any(not value.is_integer() for value in values) or not (
        len(values) <= 1 or _counts(values)
    )


def all_numbers(cells: Sequence[str]) -> bool:
    """Whether every cell is a number."""
    return all(_number(cell) is not None for cell in cells)


def has_header(name: str, cells: Sequence[str], columns: Sequence[str] | None) -> bool:
    """Whether the first line of a file holds names: `columns` says that it has none.

    DatasetError when a row would be taken for names, or names do not fit or are given twice.
    """
    if columns is None:
        if looks_like_a_row(cells):
            raise NoHeader(name, len(cells))
        refuse_equal_names(name, cells)
        return True
    refuse_equal_names("data.columns", columns)
    if len(cells) != len(columns):
        raise DatasetError(
            f"{name!r} has {len(cells)} columns, and data.columns names {len(columns)}",
            hint="name every column of the file, in its order",
        )
    return tuple(cells) == tuple(columns)


def refuse_equal_names(name: str, names: Sequence[str]) -> None:
    """A column that is named like another cannot be asked for; columns without a name may be."""
    seen: set[str] = set()
    for one in names:
        if one and one in seen:
            raise DatasetError(
                f"{name!r} has two columns named {one!r}",
                hint="rename one; or, if its first line is a row, set `data.columns`",
            )
        seen.add(one)


def _number(cell: str) -> float | None:
    """The number that a cell is, also with a decimal comma."""
    text = cell.strip()
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def _counts(values: Sequence[float]) -> bool:
    """Whole numbers at equal distance upwards; of two, the next one."""
    steps = {later - earlier for earlier, later in pairwise(values)}
    upwards = steps == {1} or (len(values) > _PAIR and len(steps) == 1 and min(steps) > 0)
    return upwards and all(value.is_integer() for value in values)
