"""Does the declared id name every row once, and does what told rows apart before still do so?"""

from __future__ import annotations

from collections.abc import Iterator

from mlci_action.checks.findings import ColumnPair, Compared, Finding, Kind
from mlci_action.checks.rises import Rise, risen
from mlci_action.domain.cells import CellTest
from mlci_action.domain.names import did_you_mean
from mlci_action.domain.profile import ColumnProfile, NumberSummary, TableProfile, TextSummary
from mlci_action.errors import DatasetError
from mlci_action.profiles.id_counts import IdCounts

NAME = "ids"
ID = f"data.{NAME}"
HELD = "whatever tells rows apart names each once"
ENOUGH = 200  # rows that are all different are no coincidence
_ESTIMATED = 0.03  # a number of different values that was not counted may be off by so much


def declared_id(batch: TableProfile, column: str, counts: IdCounts) -> Iterator[Finding]:
    """Strict, because it was declared: no id is missing and none comes twice."""
    if column not in batch.by_name:
        hint = did_you_mean(column, batch.by_name)
        raise DatasetError(f"data.id: no column {column!r}", hint=hint)
    if counts.missing == counts.repeated == 0:
        return
    yield Finding(
        column=column,
        message=f"column {column!r} is declared as the id, but {counts.repeated:,} of "
        f"{counts.rows:,} rows repeat an earlier id and {counts.missing:,} have none",
        rows=counts.repeated + counts.missing,
        cells=CellTest(column=column, missing=True) if counts.missing else None,
        settled=True,
        evidence={"repeated": counts.repeated, "missing": counts.missing},
    )


def find_keys(data: Compared) -> Iterator[Finding]:
    """Columns that had a value of their own in every row, and repeat more than chance explains."""
    told = {data.id, data.target}
    keys = [pair for pair in data.pairs if pair.name not in told and _is_key(pair.reference)]
    for rise, p in risen([_rise(pair) for pair in keys]):
        pair = rise.of
        yield Finding(
            column=pair.name,
            message=f"column {pair.name!r} repeats an earlier value in at least {rise.now:,} of "
            f"{pair.batch.filled:,} rows, and in none of {pair.reference.filled:,} in the "
            "reference: is it a key that lost its meaning?",
            kind=Kind.COUNT,
            rows=rise.now,
            observed=rise.now / pair.batch.filled,
            evidence={"p": p},
        )


def _is_key(column: ColumnProfile) -> bool:
    parts = _parts(column)
    seen = sum(part.count for part in parts)
    return seen == column.filled >= ENOUGH and all(part.unique for part in parts)


def _rise(pair: ColumnPair) -> Rise[ColumnPair]:
    before, now = pair.reference.filled, pair.batch.filled
    # Values meet in pairs: twice as many rows have four times the chances to.
    chances = now * now // before if now > before else now
    return Rise(of=pair, before=0, rows_before=before, now=_repeated(pair.batch), rows_now=chances)


def _repeated(column: ColumnProfile) -> int:
    """Cells that repeat an earlier one, at least: exact where all values were kept."""
    return sum(_repeated_in(part) for part in _parts(column))


def _repeated_in(part: NumberSummary | TextSummary) -> int:
    if part.unique:
        return 0
    if part.complete:
        return part.count - part.distinct
    listed = sum(count - 1 for _, count in part.values)
    return max(listed, part.count - part.distinct - round(_ESTIMATED * part.count))


def _parts(column: ColumnProfile) -> list[NumberSummary | TextSummary]:
    return [part for part in (column.numbers, column.text) if part is not None]
