"""How often do the data checks alarm where nothing is wrong? Two parts of one real table.

    python -m benchmarks.clean_halves [--tables tuning|held|all] [--split NAME ...] [--seeds 1]
                                      [--jobs 2] [--limit N] [--list] [--ordered] [--from FOLDER]

Both parts are drawn by chance from the same table, so no alarm is right, but for real dirt that
lies in one of them: `--list` prints every alarm, to look at. An alarm is any check that failed or
warned. The exit code is 1 when more than 1 % of the runs of a split have one, or a check crashed.
`--ordered` sets the first half of each file beside its second half instead: most files are sorted
by something, so this is shown and not judged.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.data_alarms import CRASH, Alarm, alarms
from benchmarks.real_tables import FOLDER, HALVES, RealTable, say_what_is_missing, tables
from benchmarks.table_splits import ORDERED, SPLITS, parted

LIMIT = 0.01
_MOST_ROWS = 50_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One table parted once: the alarms, and how long the checks took."""

    table: str
    split: str
    alarms: tuple[Alarm, ...]
    seconds: float


def main(arguments: list[str]) -> int:
    """A table of splits; 0 when every share holds and nothing crashed."""
    asked = _parsed(arguments)
    say_what_is_missing(asked.folder)
    chosen = tables(asked.folder, asked.tables, asked.limit)
    splits = [ORDERED] if asked.ordered else asked.split or list(SPLITS)
    runs: dict[str, list[Run]] = {split: [] for split in splits}
    measure = partial(runs_of, splits=splits, seeds=asked.seeds, most=asked.most_rows)
    for run in _each(chosen, measure, asked.jobs):
        runs[run.split].append(run)
        for alarm in run.alarms:
            if asked.list or alarm.outcome == CRASH:
                what = f"{alarm.outcome:7} {alarm.id} {alarm.column or '-'}"
                print(f"{run.split:10} {run.table}: {what}: {alarm.message}", flush=True)
    print(f"{asked.tables}: {len(chosen)} tables, {asked.seeds} seeds")
    print(f"{'split':10} {'runs':>6} {'alarmed':>8} {'failed':>8} {'crashed':>8} {'s a run':>8}")
    for split in splits:
        print(_line(split, runs[split]))
    for split in splits:
        _print_ids(split, runs[split])
    if asked.ordered:
        return 0
    return 0 if chosen and all(_holds(of_split) for of_split in runs.values()) else 1


def runs_of(table: RealTable, *, splits: list[str], seeds: int, most: int) -> list[Run]:
    """One table in every split that it has the rows for."""
    frame, runs = table.read(), []
    for split in splits:
        for seed in range(1 if split == ORDERED else seeds):
            parts = parted(frame, split, name=table.name, seed=seed, most=most)
            if parts is None:
                continue
            reference, batch = parts
            begin = time.perf_counter()
            found = alarms(batch, reference)
            seconds = time.perf_counter() - begin
            runs.append(Run(table=table.name, split=split, alarms=found, seconds=seconds))
    return runs


def _each(chosen: list[RealTable], measure: partial[list[Run]], jobs: int) -> Iterator[Run]:
    if jobs == 1:
        for table in chosen:
            yield from measure(table)
        return
    with ProcessPoolExecutor(jobs) as pool:
        for runs in pool.map(measure, chosen, chunksize=4):
            yield from runs


def _line(split: str, runs: list[Run]) -> str:
    mean = sum(run.seconds for run in runs) / max(len(runs), 1)
    crashed = sum(any(alarm.outcome == CRASH for alarm in run.alarms) for run in runs)
    failed = _share(runs, (any(alarm.failed for alarm in run.alarms) for run in runs))
    return (
        f"{split:10} {len(runs):>6} {_alarmed(runs):>8.2%} {failed:>8.2%} {crashed:>8} {mean:>8.3f}"
    )


def _print_ids(split: str, runs: list[Run]) -> None:
    """In how many runs each check spoke: all, and those that it failed."""
    spoke = Counter(check for run in runs for check in {alarm.id for alarm in run.alarms})
    failed = Counter(
        check for run in runs for check in {alarm.id for alarm in run.alarms if alarm.failed}
    )
    for check, count in spoke.most_common():
        share = count / len(runs)
        print(f"{split:10} {check:32} {count:>5} runs, {share:.2%}; failed in {failed[check]}")


def _holds(runs: list[Run]) -> bool:
    crashed = any(alarm.outcome == CRASH for run in runs for alarm in run.alarms)
    return not crashed and _alarmed(runs) <= LIMIT


def _alarmed(runs: list[Run]) -> float:
    return _share(runs, (any(a.outcome != CRASH for a in run.alarms) for run in runs))


def _share(runs: list[Run], true: Iterable[bool]) -> float:
    return sum(true) / max(len(runs), 1)


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--from", dest="folder", type=Path, default=FOLDER)
    parser.add_argument("--tables", choices=[*HALVES, "all"], default="tuning")
    parser.add_argument("--split", action="append", choices=list(SPLITS), help="all unless said")
    parser.add_argument("--seeds", type=int, default=1, help="times each table is parted")
    parser.add_argument("--jobs", type=int, default=2, help="processes side by side")
    parser.add_argument("--limit", type=int, help="so many tables, chosen by chance once for all")
    parser.add_argument("--most-rows", type=int, default=_MOST_ROWS, help="of one table")
    parser.add_argument("--list", action="store_true", help="print every alarm")
    parser.add_argument("--ordered", action="store_true", help="first half against second half")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
