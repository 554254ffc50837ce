"""What does the gate's self-test cost, as a share of the run that it is part of?

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.self_test [ROWS ...] [--no-sample]

Default: 10,000 and 200,000 rows of two classes and of a number, with four metrics and 20 slices,
and a policy that lets no sabotage through, one that lets most of them through and one of few
limits. Their models cost nothing, so that the share is the largest there can be; the sample
repository is run through real workers. Seconds are wall clock, the fewest of some runs: what the
run took, and what `self_test` takes on what it saw.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd

from mlci_action import api
from mlci_action.adapters.sample import materialise_sample
from mlci_action.domain.self_test import SelfTest
from mlci_action.evaluation.reading.predictions import ModelOutput
from mlci_action.gate import run_gate
from mlci_action.parts.comparing import compared
from mlci_action.parts.self_testing import self_test
from mlci_action.settings.parse import parse_settings
from tests.fakes.world import FakeModel, FakeWorld

_RUNS = 3
_COLUMNS = 10
_HEAD = """\
data: {evaluation: test.csv, target: y}
candidate: {model: new.joblib}
baseline: {from: old.joblib}
"""
_SLICES = "slices: {by: [part], max_regression: 0.1}\n"
_LIMITS = {
    "binary": (
        "metrics: {roc_auc: {max_regression: 0.02}, log_loss: {max_regression: 0.05},"
        " accuracy: {max_regression: 0.02}, f1: {max_regression: 0.02}}\n" + _SLICES
    ),
    "binary, weak": (
        "metrics: {roc_auc: {min: 0.1}, log_loss: {max: 9}, accuracy: {min: 0.1}, f1: {}}\n"
        "slices: {by: [part], max_regression: 0.99}\n"
    ),
    "binary, one metric": "metrics: {accuracy: {max_regression: 0.02}}\n",
    "regression": (
        "metrics: {r2: {max_regression: 0.02}, root_mean_squared_error: {max_regression: 0.1},"
        " mean_absolute_error: {max_regression: 0.1}, median_absolute_error: {}}\n" + _SLICES
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What one run of the gate took, and its self-test alone."""

    gate_seconds: float
    seconds: float
    found: SelfTest


def main() -> None:
    """A line for each workload."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("rows", nargs="*", type=int, default=[10_000, 200_000])
    parser.add_argument("--no-sample", action="store_true")
    asked = parser.parse_args()
    print(f"{'workload':36} {'gate, s':>8} {'self-test, s':>13} {'share':>7}  caught")
    for name, run in workloads(asked.rows):
        _show(name, measured(run))
    if not asked.no_sample:
        with tempfile.TemporaryDirectory() as folder:
            runs = materialise_sample(Path(folder) / "sample")
            sample = partial(
                api.run_gate,
                runs.config,
                candidate=str(runs.good_candidate),
                baseline=str(runs.baseline),
                python=sys.executable,
            )
            _show("sample repository, real workers", measured(sample))


def measured(run: Callable[[], object]) -> Cost:
    """The fewest seconds of some runs, and of the self-test on what the last of them saw."""
    seen: dict[str, Any] = {}

    def watching(settings: Any, rows: Any, truth: Any, ours: Any, theirs: Any, world: Any) -> Any:  # noqa: ANN401
        found = compared(settings, rows, truth, ours, theirs, world)
        seen.update(given=(settings, rows, truth, ours, theirs), comparison=found.comparison)
        return found

    with patch("mlci_action.gate.compared", watching):
        gate_seconds, _ = _fewest_seconds(run)
    seconds, found = _fewest_seconds(
        lambda: self_test(*seen["given"], comparison=seen["comparison"])
    )
    return Cost(gate_seconds=gate_seconds, seconds=seconds, found=found)


def workloads(sizes: list[int]) -> Iterator[tuple[str, Callable[[], object]]]:
    """A name, and a run of the gate in which models cost nothing."""
    for n in sizes:
        for name, limits in _LIMITS.items():
            settings = parse_settings(_HEAD + limits, path="mlci.yml")
            frame, ours, theirs = _numbers(n) if name == "regression" else _classes(n)
            world = FakeWorld(
                frame=frame,
                candidate=_saying(ours, "sha256:new"),
                baseline=_saying(theirs, "sha256:old"),
            )
            yield f"{n:,} rows, {name}", partial(run_gate, settings, world)


def _show(name: str, cost: Cost) -> None:
    found = cost.found
    caught = f"{len(found.trials) - len(found.missed)}/{len(found.trials)} (n = {found.n:,})"
    share = cost.seconds / cost.gate_seconds
    print(
        f"{name:36} {cost.gate_seconds:>8.3f} {cost.seconds:>13.3f} {share:>7.1%}  "
        f"{found.skipped or caught}",
        flush=True,
    )


def _fewest_seconds(run: Callable[[], Any]) -> tuple[float, Any]:
    times, found = [], None
    for _ in range(_RUNS):
        begin = time.perf_counter()
        found = run()
        times.append(time.perf_counter() - begin)
    return min(times), found


def _saying(output: ModelOutput, digest: str) -> FakeModel:
    return FakeModel(digest=digest, says=lambda frame: _of_as_many(output, len(frame)))


def _of_as_many(output: ModelOutput, n: int) -> ModelOutput:
    """The first answers, for rows that are asked twice."""
    scores = output.probabilities
    return ModelOutput(
        predictions=output.predictions[:n],
        probabilities=None if scores is None else scores[:n],
        classes=output.classes,
    )


def _classes(n: int) -> tuple[pd.DataFrame, ModelOutput, ModelOutput]:
    random = np.random.default_rng(0)
    signal = random.normal(size=n)
    frame = _features(n, random).assign(y=(signal + random.normal(size=n) > 0).astype(int))
    outputs = []
    for _ in range(2):
        score = 1 / (1 + np.exp(-signal - random.normal(0, 0.1, n)))
        outputs.append(
            ModelOutput(
                predictions=(score >= 0.5).astype(int),  # noqa: PLR2004
                probabilities=np.column_stack([1 - score, score]),
                classes=(0, 1),
            )
        )
    return frame, outputs[0], outputs[1]


def _numbers(n: int) -> tuple[pd.DataFrame, ModelOutput, ModelOutput]:
    random = np.random.default_rng(0)
    signal = random.normal(size=n)
    frame = _features(n, random).assign(y=signal + random.normal(0, 0.5, n))
    one, other = (ModelOutput(predictions=signal + random.normal(0, 0.1, n)) for _ in "ab")
    return frame, one, other


def _features(n: int, random: np.random.Generator) -> pd.DataFrame:
    frame = pd.DataFrame({f"x{place}": random.normal(size=n) for place in range(_COLUMNS)})
    return frame.assign(part=random.integers(0, 20, n).astype(str))


if __name__ == "__main__":
    main()
