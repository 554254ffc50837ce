"""Where do the rows stand that a finding means? One more pass over the columns that were found."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np

from mlci_action.adapters.tables.labels import JoinedSource
from mlci_action.adapters.tables.source import TableSource
from mlci_action.domain.cells import CellTest
from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.places import Located, Place
from mlci_action.domain.results import CheckResult
from mlci_action.errors import MlciError
from mlci_action.profiles.cells import Cells, cells_of
from mlci_action.profiles.matching import matches

Table: TypeAlias = TableSource | JoinedSource
MAX_ROWS = 100  # kept of each result; code scanning shows no more


@dataclass(kw_only=True, slots=True)
class _Found:
    """The rows of one result so far: their numbers from 0, and how many there are in all.

    `test` is None when it has named them itself.
    """

    result: CheckResult
    test: CellTest | None = None
    kept: list[int] = field(default_factory=list)
    count: int = 0

    def look_at(self, test: CellTest, cells: Cells, start: int) -> None:
        places = np.flatnonzero(matches(test, cells, start=start))
        self.count += len(places)
        self.kept += (places[: MAX_ROWS - len(self.kept)] + start).tolist()


def locate(source: Table, results: Iterable[CheckResult], *, root: Path) -> tuple[Located, ...]:
    """The rows of `source` that each finding means: the first 100, and how many there are.

    A result names them by its `cells`, or by their numbers from 0 in `evidence["rows"]`. Results
    that did not fail or warn, of columns that are not there or that no row explains, are left out.
    Files are told relative to `root`; of those outside of it the rows are only counted. A table
    that cannot be read a second time, or is another one by now, has nothing to show.
    """
    found = [one for result in results if (one := _begun(result, source.names)) is not None]
    try:
        _look(source, found)
        places = _places(source, found, root)
    except (MlciError, OSError, LookupError, ValueError):
        return ()
    return tuple(
        Located(
            check_id=each.result.id,
            column=each.result.column,
            rows=each.count,
            places=tuple(place for row in each.kept if (place := places[row]) is not None),
        )
        for each in found
        if each.count and (each.kept or each.test)
    )


def _begun(result: CheckResult, names: Sequence[str]) -> _Found | None:
    if result.outcome not in (Outcome.FAILED, Outcome.WARNED):
        return None
    if result.cells is not None:
        known = result.cells.column in names
        return _Found(result=result, test=result.cells) if known else None
    listed = result.evidence.get("rows")
    rows = sorted(listed) if isinstance(listed, list | tuple) else []
    return _Found(result=result, kept=rows[:MAX_ROWS], count=max(result.rows or 0, len(rows)))


def _look(source: Table, found: Sequence[_Found]) -> None:
    asked = [(each, each.test) for each in found if each.test is not None]
    columns = list(dict.fromkeys(test.column for _, test in asked))
    if not columns:
        return
    start = 0
    for chunk in source.chunks(columns):
        cells = {name: cells_of(name, chunk.column(name)) for name in columns}
        for each, test in asked:
            each.look_at(test, cells[test.column], start)
        start += chunk.num_rows


def _places(source: Table, found: Sequence[_Found], root: Path) -> dict[int, Place | None]:
    rows = sorted({row for each in found for row in each.kept})
    if not rows:
        return {}
    stands = source.lines(rows)
    files = {where.file: _inside(where.file, root) for where in stands}
    return {
        row: None
        if (file := files[where.file]) is None
        else Place(file=file, row=row + 1, line=where.line)
        for row, where in zip(rows, stands, strict=True)
    }


def _inside(file: Path, root: Path) -> str | None:
    """The path from `root`, with slashes; None when it leads out of it."""
    # A link inside is told by its own name, which is what a reader of the repository sees.
    for path, top in ((_plain(file), _plain(root)), (file.resolve(), root.resolve())):
        if path.is_relative_to(top):
            return path.relative_to(top).as_posix()
    return None


def _plain(path: Path) -> Path:
    return Path(os.path.normpath(path.absolute()))
