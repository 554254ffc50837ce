"""What do paired intervals cost, as a ratio to scikit-learn's bare points of both models once?

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.intervals [ROWS ...] [--argsorts ROWS]

Default: 10,000 and 1,000,000 rows. Both sides see the same arrays in one process; a figure is the
fewest CPU seconds of some runs, because machines are noisy and only the ratio means something. The
points are of all rows, so a ratio with slices tells what the slices cost beside them. `peak` is the
most memory beyond the inputs that Python and numpy held (tracemalloc), in arrays of n doubles.
`--argsorts 10000000` sets the ten metrics of so many rows beside two argsorts; it takes minutes.

Sorting is most of it, and numpy sorts several times faster where it uses AVX2, or AVX-512 on Intel;
`NPY_DISABLE_CPU_FEATURES="X86_V4 AVX512_ICL"` brings the fast sort back where AVX-512 slows it.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
import warnings
from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.workloads import Workload, binary, multiclass, regression

_DOUBLE = 8
_SECONDS = 2.0
_MOST_RUNS = 5


def main() -> None:
    """A table of all workloads for each size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("rows", nargs="*", type=int, default=[10_000, 1_000_000])
    parser.add_argument("--argsorts", type=int, metavar="ROWS")
    asked = parser.parse_args()
    print(
        f"{'rows':>10}  {'workload':22} {'ours, s':>9} {'points, s':>10} {'ratio':>7} {'peak':>6}"
    )
    for rows in asked.rows:
        bare: dict[str, float] = {}
        for name, kind, workload in _workloads(rows):
            points = bare.setdefault(kind, seconds(workload.bare))
            ours = seconds(workload.compare)
            print(
                f"{rows:>10,}  {name:22} {ours:>9.4f} {points:>10.4f} {ours / points:>7.3f} "
                f"{peak(workload.compare) / (_DOUBLE * rows):>6.1f}",
                flush=True,
            )
    if asked.argsorts:
        beside_argsorts(asked.argsorts)


def _workloads(rows: int) -> Iterator[tuple[str, str, Workload]]:
    """A name, the kind whose points it is measured by, and the workload, one at a time."""
    ten = binary(rows)
    yield "binary", "binary", ten
    yield "binary, 10 slices", "binary", ten.with_slices(10)
    yield "binary, 100 slices", "binary", ten.with_slices(100)
    yield "binary, units", "binary", ten.with_units()
    yield "binary, units, slices", "binary", ten.with_units().with_slices(10)
    yield "binary, weights", "binary", ten.with_weights()
    yield "5 classes", "multiclass", multiclass(rows)
    yield "regression", "regression", regression(rows)


def beside_argsorts(rows: int) -> None:
    """The ten metrics beside an argsort of each model's scores."""
    workload = binary(rows)
    ours = seconds(workload.compare)
    both = [model.scores for model in (workload.candidate, workload.baseline)]
    scores = [one for one in both if one is not None]
    default = seconds(lambda: [np.argsort(one) for one in scores])
    stable = seconds(lambda: [np.argsort(one, kind="stable") for one in scores])
    print(
        f"{rows:>10,}  ours {ours:.2f} s, two argsorts {default:.2f} s ({ours / default:.2f}), "
        f"stable {stable:.2f} s ({ours / stable:.2f})"
    )


def seconds(run: Callable[[], object]) -> float:
    """CPU seconds of the fastest of up to five runs, of at least one."""
    times: list[float] = []
    while len(times) < _MOST_RUNS and sum(times) < _SECONDS:
        begin = time.process_time()
        run()
        times.append(time.process_time() - begin)
    return min(times)


def peak(run: Callable[[], object]) -> float:
    """Bytes that were held at the most, beyond what was held before."""
    tracemalloc.start()
    run()
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return held


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
