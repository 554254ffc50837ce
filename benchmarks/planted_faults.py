"""How often do the data checks find a fault, and name its column? One fault planted at a time.

    python -m benchmarks.planted_faults [--tables tuning|held|all] [--fault TEXT ...] [--seeds 1]
                                        [--jobs 2] [--limit N] [--list] [--from FOLDER]

Tables of 2,000 rows or more: a reference of 1,000 to 10,000 rows and a batch of 1,000, drawn by
chance and read back as CSV. A fault is planted in one column of the batch, chosen by chance, at
three shares of its cells. A hit is an alarm that the clean batch does not have and that names the
column; `fails` are the hits that would stop a deployment, `others` the tables in which some new
alarm is about other columns alone. `noted` are the rates of the research note. Where a line says
that silent is right, a hit is a false alarm. `--list` prints what was missed.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from benchmarks.cell_faults import cell_faults
from benchmarks.column_faults import column_faults
from benchmarks.data_alarms import CRASH, Alarm, alarms, as_read, profile_of
from benchmarks.planting import Clean, Fault, Planted
from benchmarks.real_tables import FOLDER, HALVES, RealTable, say_what_is_missing, tables
from benchmarks.table_splits import random_of, random_parts
from mlci_action.domain.profile import TableProfile

FAULTS = (*cell_faults(), *column_faults())
_BATCH, _LEAST, _MOST = 1_000, 1_000, 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What was said of one fault in one table: the new alarms, parted by what they name."""

    table: str
    fault: str
    share: float
    columns: tuple[str, ...]
    hits: tuple[Alarm, ...]
    others: tuple[Alarm, ...]
    crashes: tuple[Alarm, ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Asked:
    """The profile of a reference, and which alarms the batch without a fault has beside it."""

    reference: TableProfile
    known: frozenset[tuple[str, str | None]]

    @staticmethod
    def of(clean: Clean) -> Asked:
        """The same for every fault that is planted there."""
        reference = profile_of(clean.reference, **clean.options)
        said = alarms(clean.batch, reference, **clean.options)
        return Asked(reference=reference, known=frozenset(alarm.key for alarm in said))


def main(arguments: list[str]) -> int:
    """A table of faults; 1 when there is no table or a check crashed."""
    asked = _parsed(arguments)
    say_what_is_missing(asked.folder)
    chosen = tables(asked.folder, asked.tables, asked.limit)
    faults = [
        fault.name
        for fault in FAULTS
        if not asked.fault or any(text in fault.name for text in asked.fault)
    ]
    measure = partial(found_in, faults=faults, seeds=asked.seeds)
    found = list(_each(chosen, measure, asked.jobs))
    names = {record.table for record in found}
    print(f"{asked.tables}: {len(names)} of {len(chosen)} tables are large enough")
    head = "  ".join(f"{word:14}" for word in ("hits", "fails", "others", "noted"))
    print(f"{'at 0.5, 2 and 8 % of cells':28} {'n':>4}  {head}".rstrip())
    for fault in FAULTS:
        if fault.name in faults:
            _print_rates(fault, found)
    for record in found:
        if asked.list:
            _print_miss(record)
    crashes = {f"{crash.id}: {crash.message}" for record in found for crash in record.crashes}
    for crash in sorted(crashes):
        print(f"crashed: {crash}")
    return 1 if crashes or not found else 0


def found_in(table: RealTable, *, faults: list[str], seeds: int) -> list[Found]:
    """Every fault that the table has a column for; nothing for a table of few rows."""
    # A column more in a wide table: not how one should build it, and no matter here.
    warnings.simplefilter("ignore", pd.errors.PerformanceWarning)
    frame, found = table.read(), []
    for seed in range(seeds if len(frame) >= _LEAST + _BATCH else 0):
        sizes = (min(_MOST, len(frame) - _BATCH), _BATCH)
        parts = random_parts(frame, sizes, random_of(table.name, "planted", seed))
        reference, batch = map(as_read, parts)
        clean = Clean(reference=reference, batch=batch)
        asked: dict[str, Asked] = {}
        for fault in FAULTS:
            for share in fault.shares if fault.name in faults else ():
                # Without the share in the seed, a fault sits in the same column at each of them.
                random = random_of(table.name, fault.family or fault.name, seed)
                planted = fault.plant(clean, share, random)
                if planted is not None:
                    found.append(_found(table.name, fault, share, planted, clean, asked))
    return found


def _found(
    table: str,
    fault: Fault,
    share: float,
    planted: Planted,
    given: Clean,
    asked: dict[str, Asked],
) -> Found:
    """`asked` keeps what is known without the fault, by the options of the checks."""
    clean = planted.clean or given
    options = repr(clean.options)
    if options not in asked:
        asked[options] = Asked.of(clean)
    before = asked[options]
    said = alarms(as_read(planted.batch), before.reference, **clean.options)
    new = [
        alarm
        for alarm in said
        if alarm.key not in before.known and alarm.outcome != CRASH and fault.only in alarm.id
    ]
    right = set(planted.columns)
    hits = tuple(alarm for alarm in new if not right or alarm.names & right)
    return Found(
        table=table,
        fault=fault.name,
        share=share,
        columns=planted.columns,
        hits=hits,
        others=tuple(alarm for alarm in new if alarm not in hits),
        crashes=tuple(alarm for alarm in said if alarm.outcome == CRASH),
    )


def _each(chosen: list[RealTable], measure: partial[list[Found]], jobs: int) -> Iterator[Found]:
    if jobs == 1:
        for table in chosen:
            yield from measure(table)
        return
    with ProcessPoolExecutor(jobs) as pool:
        for found in pool.map(measure, chosen):
            yield from found


def _print_rates(fault: Fault, found: list[Found]) -> None:
    """One line a fault; its rates stand in the order of the shares of the cells."""
    by_share = [
        [one for one in found if one.fault == fault.name and one.share == share]
        for share in fault.shares
    ]
    columns = (
        _rates(by_share, lambda one: bool(one.hits)),
        _rates(by_share, lambda one: any(alarm.failed for alarm in one.hits)),
        _rates(by_share, lambda one: bool(one.others)),
        " ".join(f"{rate:.2f}" for rate in fault.noted) or "-",
    )
    rates = "  ".join(f"{rates:14}" for rates in columns)
    note = "silent is right" if fault.silent else ""
    print(f"{fault.name:28} {len(by_share[0]):>4}  {rates} {note}".rstrip())


def _rates(by_share: list[list[Found]], counts: Callable[[Found], bool]) -> str:
    return " ".join(
        f"{sum(map(counts, records)) / len(records):.2f}" if records else "none"
        for records in by_share
    )


def _print_miss(record: Found) -> None:
    silent = next(fault.silent for fault in FAULTS if fault.name == record.fault)
    where = f"{record.table}, {record.fault} at {record.share:.1%}: {', '.join(record.columns)}"
    if bool(record.hits) == silent:
        said = {f"{alarm.id} {alarm.column}" for alarm in (*record.hits, *record.others)}
        print(f"{'wrong' if silent else 'missed'}: {where}; said: {', '.join(sorted(said)) or '-'}")


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--from", dest="folder", type=Path, default=FOLDER)
    parser.add_argument("--tables", choices=[*HALVES, "all"], default="tuning")
    parser.add_argument("--fault", action="append", help="faults whose name holds this text")
    parser.add_argument("--seeds", type=int, default=1, help="times each table is parted")
    parser.add_argument("--jobs", type=int, default=2, help="processes side by side")
    parser.add_argument("--limit", type=int, help="so many tables, chosen by chance once for all")
    parser.add_argument("--list", action="store_true", help="print every fault that was missed")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
