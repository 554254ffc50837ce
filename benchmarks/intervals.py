"""What do ten metrics with paired intervals cost, as a ratio to scikit-learn's bare points?

    python -m benchmarks.intervals [ROWS ...]      (default: 10000 1000000)

Both sides see the same arrays in one process; each figure is the best of five, because machines are
noisy and only the ratio means something. The points are of both models, each metric once.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import Task
from mlci_action.domain.metrics import METRICS
from mlci_action.evaluation.compare import compare_models
from mlci_action.evaluation.predictions import Predictions, Target

NAMES = (
    *("accuracy", "balanced_accuracy", "precision", "recall", "f1", "matthews_corrcoef"),
    *("roc_auc", "average_precision", "log_loss", "brier_score"),
)
_LABELS = (
    *(sk.accuracy_score, sk.balanced_accuracy_score, sk.precision_score),
    *(sk.recall_score, sk.f1_score, sk.matthews_corrcoef),
)
_SCORES = (sk.roc_auc_score, sk.average_precision_score, sk.log_loss, sk.brier_score_loss)


def main(sizes: list[int]) -> None:
    """One line a size."""
    print(f"{'rows':>10} {'ours, s':>9} {'points, s':>10} {'ratio':>7}")
    for size in sizes:
        three = arrays(size)
        ours, points = best(partial(intervals, *three)), best(partial(both_bare, *three))
        print(f"{size:>10,} {ours:>9.4f} {points:>10.4f} {ours / points:>7.3f}")


def arrays(size: int) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Labels and two correlated score vectors."""
    random = np.random.default_rng(0)
    truth = random.integers(0, 2, size)
    signal = truth + random.normal(0, 1.2, size)
    candidate, baseline = (1 / (1 + np.exp(-signal - random.normal(0, 0.3, size))) for _ in "ab")
    return truth, candidate, baseline


def intervals(
    truth: NDArray[np.int64], candidate: NDArray[np.float64], baseline: NDArray[np.float64]
) -> object:
    """All ten, with standard errors, degrees of freedom and intervals."""
    target = Target(
        task=Task.BINARY, rows=np.ones(len(truth), bool), values=truth, classes=("0", "1")
    )
    one, other = (
        Predictions(labels=(scores >= 0.5).astype(np.int64), scores=scores, probabilities=True)  # noqa: PLR2004
        for scores in (candidate, baseline)
    )
    metrics = [METRICS[name] for name in NAMES]
    return compare_models(target, one, other, metrics=metrics, evidence=Evidence())


def both_bare(
    truth: NDArray[np.int64], candidate: NDArray[np.float64], baseline: NDArray[np.float64]
) -> object:
    """The ten points of both models."""
    return bare(truth, candidate), bare(truth, baseline)


def bare(truth: NDArray[np.int64], scores: NDArray[np.float64]) -> list[float]:
    """The ten points of one model."""
    labels = scores >= 0.5  # noqa: PLR2004
    return [f(truth, labels) for f in _LABELS] + [f(truth, scores) for f in _SCORES]


def best(run: Callable[[], object]) -> float:
    """Seconds of the fastest of five."""
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return min(times)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main([int(size) for size in sys.argv[1:]] or [10_000, 1_000_000])
