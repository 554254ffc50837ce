"""What do the data checks cost, beside what others do with the same two tables?

    python -m benchmarks.data_checks [--rows 1000000] [--rounds 3] [--tool NAME ...]
                                     [--python-evidently PATH ...]
    python -m benchmarks.data_checks --memory [--rows 1000000]

Two Parquet files of 30 columns, made in a temporary folder (`benchmarks.data_tables`). Each tool
reads both and does its work in a new process (`benchmarks.data_tools`); the tools take turns, and a
figure is the best of the rounds. `work` is without imports, `cpu` the same in seconds of all cores,
which a busy machine changes less, `process` with everything. Compare figures within one run.

Several peers need an older pandas, so each can have an interpreter of its own: `--python-polars`,
`--python-evidently` and so on; this one is used otherwise. One that is missing is named:
`requirements/peers.in` says what to install.

`--memory` sets the peak of ours at ten times the rows beside the one at `--rows`, for narrower
tables as Parquet and as CSV.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

# Only the standard library is imported: on Linux, a child's peak memory begins at its parent's.
_ROOT = Path(__file__).resolve().parent.parent
_OURS = ("ours_basic", "ours_default", "ours_profile", "ours_with_profile")
_PEERS = ("polars", "great_expectations", "evidently", "deepchecks", "tfdv")
_TOOLS = ("polars_by_hand", "pandas_by_hand", *_OURS, "pandera", *_PEERS[1:])
_INTERPRETERS = {"polars_by_hand": "polars", **{peer: peer for peer in _PEERS[1:]}}
# A tool that has taken this long once is not asked again.
_LONG_SECONDS = 60.0
_TEN_TIMES = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What one run took; `digest` stands for the answers of those by hand."""

    work_seconds: float
    cpu_seconds: float
    process_seconds: float
    peak_mb: float
    digest: str | None = None


def main(arguments: list[str]) -> int:
    """One line a tool; 1 when one broke, or two that should agree did not."""
    asked = _parsed(arguments)
    interpreters = {
        tool: getattr(asked, f"python_{_INTERPRETERS[tool]}", None) or sys.executable
        for tool in _TOOLS
        if tool in _INTERPRETERS
    }
    with tempfile.TemporaryDirectory() as folder:
        if asked.memory:
            return measure_memory(Path(folder), asked.rows)
        print(f"{asked.rows:,} rows x 30 columns against as many; best of {asked.rounds}")
        paths = made(Path(folder), asked.rows, suffix=".parquet", narrow=False)
        best = measure_tools(asked.tool or _TOOLS, interpreters, paths, asked.rounds)
    first = next((cost.work_seconds for cost in best.values()), 0.0)
    print(f"{'work, s':>10} {'of first':>9} {'cpu, s':>8} {'process, s':>11} {'peak, MB':>9}")
    for tool, cost in best.items():
        print(
            f"{cost.work_seconds:>10.2f} {cost.work_seconds / first:>8.1f}x "
            f"{cost.cpu_seconds:>8.2f} {cost.process_seconds:>11.2f} {cost.peak_mb:>9,.0f}  {tool}"
        )
    digests = {cost.digest for cost in best.values() if cost.digest is not None}
    if len(digests) > 1:
        print("the answers by hand differ: these figures compare different work")
    return 1 if len(digests) > 1 or not best else 0


def measure_tools(
    tools: tuple[str, ...] | list[str],
    interpreters: dict[str, str],
    paths: tuple[Path, Path],
    rounds: int,
) -> dict[str, Cost]:
    """The best of each tool that is there, in the order of the tools."""
    runs: dict[str, list[Cost]] = {}
    left = list(tools)
    for _ in range(rounds):
        for tool in tuple(left):
            cost = cost_of(tool, interpreters.get(tool, sys.executable), paths)
            if isinstance(cost, str):
                print(f"{tool}: {cost}", flush=True)
                left.remove(tool)
                continue
            runs.setdefault(tool, []).append(cost)
            if cost.process_seconds > _LONG_SECONDS:
                left.remove(tool)
    return {
        tool: Cost(
            work_seconds=min(cost.work_seconds for cost in costs),
            cpu_seconds=min(cost.cpu_seconds for cost in costs),
            process_seconds=min(cost.process_seconds for cost in costs),
            peak_mb=min(cost.peak_mb for cost in costs),
            digest=costs[0].digest,
        )
        for tool, costs in runs.items()
    }


def measure_memory(folder: Path, rows: int) -> int:
    """The peak of ours at ten times the rows, as a ratio; memory that is bounded gives about 1."""
    print(f"{'ours_default':14} {'rows':>12} {'work, s':>8} {'peak, MB':>9} {'ratio':>6}")
    for suffix in (".parquet", ".csv"):
        first: float | None = None
        for size in (rows, _TEN_TIMES * rows):
            paths = made(folder, size, suffix=suffix, narrow=True)
            cost = cost_of("ours_default", sys.executable, paths)
            for path in paths:
                path.unlink()
            if isinstance(cost, str):
                print(f"{suffix[1:]:14} {size:>12,} {cost}")
                return 1
            first = first or cost.peak_mb
            print(
                f"{suffix[1:]:14} {size:>12,} {cost.work_seconds:>8.2f} {cost.peak_mb:>9,.0f} "
                f"{cost.peak_mb / first:>6.2f}",
                flush=True,
            )
    return 0


def made(folder: Path, rows: int, *, suffix: str, narrow: bool) -> tuple[Path, Path]:
    """A reference and a new table, written by processes of their own."""
    paths = (folder / f"reference{suffix}", folder / f"new{suffix}")
    for seed, path in enumerate(paths):
        command = [sys.executable, "-m", "benchmarks.data_tables", str(path), str(rows), str(seed)]
        subprocess.run([*command, *(["--narrow"] if narrow else [])], cwd=_ROOT, check=True)  # noqa: S603
    return paths


def cost_of(tool: str, interpreter: str, paths: tuple[Path, Path]) -> Cost | str:
    """What one run took, or why there is none."""
    command = [interpreter, "-m", "benchmarks.data_tools", tool, *map(str, paths)]
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=_ROOT, check=False, capture_output=True, text=True)  # noqa: S603
    seconds = time.perf_counter() - begin
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        return f"broke: {last[0]}"
    told = json.loads(done.stdout.splitlines()[-1])
    if "missing" in told:
        return str(told["missing"])
    return Cost(
        work_seconds=told["seconds"],
        cpu_seconds=told["cpu_seconds"],
        process_seconds=seconds,
        peak_mb=told["peak_mb"],
        digest=told.get("digest"),
    )


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tool", action="append", choices=_TOOLS, help="all unless said")
    parser.add_argument("--memory", action="store_true", help="peaks of ours at 1 and 10 times")
    for peer in _PEERS:
        parser.add_argument(f"--python-{peer}", help=f"an interpreter that has {peer}")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
