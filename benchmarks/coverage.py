"""Do the intervals and verdicts hold what they say? The acceptance requirement, cell by cell.

    python -m benchmarks.coverage [--sets 2000] [--cell TEXT ...] [--jobs 2] [--quick] [--broken]

Every cell draws so many seeded test sets; figures are percent. The exit code is 1 when one lies
outside its bounds. A run of fewer than 2,000 sets is granted what its own noise adds (four
standard errors, because there are about a thousand figures). `--quick` leaves out the cells of
20,000 rows but one.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import chain

from benchmarks.coverage_cells import coverage_cells
from benchmarks.found_cells import found_cells
from benchmarks.requirement import Line, table
from benchmarks.verdict_cells import verdict_cells

_QUICK_LARGE = "two classes 50% apart n=20000"


def main(arguments: list[str]) -> int:
    """Runs the cells that are asked for; 0 when all of them hold."""
    asked = _parsed(arguments)
    names = [
        name
        for name in cells()
        if (not asked.cell or any(text in name for text in asked.cell))
        and not (asked.quick and name.endswith("n=20000") and name != _QUICK_LARGE)
    ]
    broken = 0
    for name, seconds, lines in _run(names, asked.sets, asked.jobs):
        broken += sum(not line.holds for line in lines)
        print(f"-- {name}, {seconds:.1f} s")
        shown = table(lines, only_broken=asked.broken)
        print(shown, end="\n" if shown else "", flush=True)
    print(f"{broken} figures are outside their bounds" if broken else "every bound holds")
    return 1 if broken else 0


def cells() -> dict[str, Callable[[int], list[Line]]]:
    """Every cell by its name, as a function of the number of test sets."""
    return dict(chain(coverage_cells(), verdict_cells(), found_cells()))


def run_cell(name: str, sets: int) -> tuple[str, float, list[Line]]:
    """One cell's lines, and how long they took."""
    warnings.simplefilter("error")
    begin = time.perf_counter()
    lines = cells()[name](sets)
    return name, time.perf_counter() - begin, lines


def _run(names: list[str], sets: int, jobs: int) -> Iterator[tuple[str, float, list[Line]]]:
    if jobs == 1:
        yield from (run_cell(name, sets) for name in names)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(run_cell, names, [sets] * len(names))


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sets", type=int, default=2000, help="seeded test sets a cell")
    parser.add_argument("--cell", action="append", help="cells whose name holds this text")
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side")
    parser.add_argument("--quick", action="store_true", help="without most cells of 20,000 rows")
    parser.add_argument("--broken", action="store_true", help="print only what does not hold")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
