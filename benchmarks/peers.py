"""What do others take to compare two models, beside us and in one run?

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.peers [ROWS]       (default: 100000)

All see the same labels and the same two score vectors, in one process. Seconds are wall clock, of
one run unless said. Resampling is measured over a few resamples and multiplied to 1,000: it costs
the same each time. A peer that is not installed is named with the command that installs it.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from sklearn import metrics as sk

from benchmarks.workloads import Workload, binary, of_scores

RESAMPLES = 1_000
_FEW = 5
_GROUPS = 10
_WARM_UP = 1_000
_INSTALL = "python -m pip install -r requirements/peers.in"


def main(rows: int) -> None:
    """One line a peer, the fastest answers first to come."""
    workload = binary(rows)
    print(f"{rows:,} rows, two models, ten metrics unless said")
    binary(_WARM_UP).compare()
    ours = seconds(workload.compare)
    print(f"{ours:>12.3f} s        1.0x  ours: values and paired 95 % intervals", flush=True)
    for name, run in _peers(workload):
        try:
            took = run()
        except ModuleNotFoundError as error:
            print(f"{'missing':>12}                {name}: no {error.name}; {_INSTALL}", flush=True)
            continue
        print(f"{took:>12.3f} s {took / ours:>10.1f}x  {name}", flush=True)


def _peers(workload: Workload) -> Iterator[tuple[str, Callable[[], float]]]:
    extrapolated = f"{RESAMPLES:,} resamples, from {_FEW}"
    yield "scikit-learn: points of both models once", lambda: seconds(workload.bare)
    yield f"scikit-learn in a paired bootstrap: {extrapolated}", lambda: sklearn_loop(workload)
    yield f"scipy.stats.bootstrap, F1 alone: {extrapolated}", lambda: scipy_bootstrap(workload)
    yield (
        f"fairlearn MetricFrame of one model, {_GROUPS} groups: points alone",
        lambda: fairlearn_frame(workload, 0),
    )
    yield (
        f"fairlearn MetricFrame of one model, {_GROUPS} groups: {extrapolated}",
        lambda: fairlearn_bootstrap(workload),
    )
    yield (
        "MLflow's evaluator of one model, its own metrics: no intervals",
        lambda: mlflow_evaluator(workload),
    )


def sklearn_loop(workload: Workload) -> float:
    """Both models' points on the same resampled rows, again and again."""
    random = np.random.default_rng(0)
    truth = workload.truth
    both = [np.asarray(model.scores) for model in (workload.candidate, workload.baseline)]

    def resample() -> None:
        rows = random.integers(0, len(truth), len(truth))
        for scores in both:
            workload.points(truth[rows], of_scores(scores[rows]))

    return sum(seconds(resample) for _ in range(_FEW)) / _FEW * RESAMPLES


def scipy_bootstrap(workload: Workload) -> float:
    """The difference in F1, paired; its labels are resampled in one array of all resamples."""

    def difference(
        truth: NDArray[Any], ours: NDArray[Any], theirs: NDArray[Any], axis: int = -1
    ) -> NDArray[np.float64]:
        right, others = ours & truth, theirs & truth
        return np.asarray(
            2 * right.sum(axis) / (ours.sum(axis) + truth.sum(axis))
            - 2 * others.sum(axis) / (theirs.sum(axis) + truth.sum(axis))
        )

    columns = (workload.truth, workload.candidate.labels, workload.baseline.labels)

    def resample(times: int) -> float:
        return seconds(
            lambda: stats.bootstrap(
                columns,
                difference,
                n_resamples=times,
                paired=True,
                vectorized=True,
                method="percentile",
                rng=np.random.default_rng(0),
            )
        )

    resample(1)
    return resample(_FEW) / _FEW * RESAMPLES


def fairlearn_bootstrap(workload: Workload) -> float:
    """What some resamples take beyond the points, for all of them."""
    points = fairlearn_frame(workload, 0)
    return points + (fairlearn_frame(workload, _FEW) - points) / _FEW * RESAMPLES


def fairlearn_frame(workload: Workload, resamples: int) -> float:
    """Six label metrics of one model by group, with intervals from so many resamples, or none."""
    peer = import_module("fairlearn.metrics")
    groups = np.random.default_rng(1).integers(0, _GROUPS, len(workload.truth))
    functions = (
        *(sk.accuracy_score, sk.balanced_accuracy_score, sk.precision_score),
        *(sk.recall_score, sk.f1_score, sk.matthews_corrcoef),
    )
    intervals = {"n_boot": resamples, "ci_quantiles": [0.025, 0.975]} if resamples else {}

    def frame() -> object:
        of_all = peer.MetricFrame(
            metrics={function.__name__: function for function in functions},
            y_true=workload.truth,
            y_pred=workload.candidate.labels,
            sensitive_features=groups,
            random_state=0 if resamples else None,
            **intervals,
        )
        return of_all.by_group, of_all.by_group_ci if resamples else None

    return seconds(frame)


def mlflow_evaluator(workload: Workload) -> float:
    """The classifier evaluator of a table of labels and probabilities, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
        os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
        peer = import_module("mlflow")
        logging.getLogger("mlflow").setLevel(logging.ERROR)
        peer.set_tracking_uri(f"sqlite:///{Path(folder) / 'runs.db'}")
        peer.create_experiment("peers", artifact_location=Path(folder, "artifacts").as_uri())
        peer.set_experiment("peers")
        table = pd.DataFrame(
            {
                "truth": workload.truth,
                "label": workload.candidate.labels,
                "score": workload.candidate.scores,
            }
        )
        with peer.start_run():
            return seconds(
                lambda: peer.models.evaluate(
                    data=table,
                    targets="truth",
                    predictions="label",
                    model_type="classifier",
                    evaluators="default",
                    evaluator_config={"log_model_explainability": False},
                )
            )


def seconds(run: Callable[[], object]) -> float:
    """Wall clock of one run."""
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
