"""Are more values missing than before, or than the owner allows?"""

from __future__ import annotations

from collections.abc import Iterator

from mlci_action.checks.findings import ColumnPair, Compared, Finding, Kind
from mlci_action.checks.rises import Rise, risen
from mlci_action.domain.cells import CellTest
from mlci_action.domain.data_limits import MissingLimits
from mlci_action.domain.profile import ColumnProfile, TableProfile

NAME = "missing"
ID = f"data.{NAME}"
HELD = "no more values are missing than before"
LEAST_RISE = 0.004


def unknown_columns(batch: TableProfile, limits: MissingLimits) -> list[str]:
    """Columns that have a limit and are not there: a missing column never passes silently."""
    return [name for name, _ in limits.columns if name not in batch.by_name]


def limits_on_missing(batch: TableProfile, limits: MissingLimits) -> Iterator[Finding]:
    """Columns above the share that the owner allows; no reference is needed."""
    for column in batch.columns:
        limit = limits.for_column(column.name)
        if limit is None:
            continue
        share = _share(column)
        if not share <= limit:
            yield _finding(
                column,
                f"{_counted(column)}, above the limit of {limit:.4g}",
                observed=share,
                limit=limit,
                settled=True,
            )


def find_missing(data: Compared) -> Iterator[Finding]:
    """Columns whose share rose: more than the owner allows, else more than chance explains.

    Limits on the share itself are `limits_on_missing`'s; a column that has one of its own is not
    judged by chance as well, and none is where the owner says how much it may rise.
    """
    limits = data.limits.missing
    if limits is not None and limits.max_rise is not None:
        yield from _above_rise(data, limits.max_rise)
        return
    own = {name for name, _ in limits.columns} if limits is not None else set()
    rises = [_rise(pair) for pair in data.pairs if pair.name not in own]
    for rise, p in risen(rises):
        if rise.rise > LEAST_RISE:
            yield _finding(
                rise.of.batch,
                f"{_counted(rise.of.batch)}, and {_of(rise.of.reference)} in the reference",
                observed=rise.rise,
                limit=LEAST_RISE,
                p=p,
            )


def _above_rise(data: Compared, limit: float) -> Iterator[Finding]:
    for pair in data.pairs:
        rise = _share(pair.batch) - _share(pair.reference)
        if not rise <= limit:
            yield _finding(
                pair.batch,
                f"{_counted(pair.batch)}, and {_of(pair.reference)} in the reference: "
                f"the share rose by {rise:.4g}, above the limit of {limit:.4g}",
                observed=rise,
                limit=limit,
                settled=True,
            )


def _rise(pair: ColumnPair) -> Rise[ColumnPair]:
    return Rise(
        of=pair,
        before=pair.reference.missing,
        rows_before=pair.reference.rows,
        now=pair.batch.missing,
        rows_now=pair.batch.rows,
    )


def _share(column: ColumnProfile) -> float:
    return column.missing / column.rows if column.rows else 0.0


def _counted(column: ColumnProfile) -> str:
    return f"column {column.name!r} lacks {_of(column)} values"


def _of(column: ColumnProfile) -> str:
    return f"{column.missing:,} of {column.rows:,}"


def _finding(
    column: ColumnProfile,
    message: str,
    *,
    observed: float,
    limit: float,
    settled: bool = False,
    p: float | None = None,
) -> Finding:
    return Finding(
        column=column.name,
        message=message,
        kind=Kind.COUNT,
        rows=column.missing,
        observed=observed,
        limit=limit,
        cells=CellTest(column=column.name, missing=True),
        settled=settled,
        evidence={} if p is None else {"p": p},
    )
