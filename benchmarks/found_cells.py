"""Do found slices say no more than is true? Of equal models, and of one with a bad region."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.populations import samples_of, two_classes
from benchmarks.requirement import Line
from mlci_action.domain.behaviour import FoundSlice
from mlci_action.domain.expressions import parse_where
from mlci_action.domain.metric import Task
from mlci_action.evaluation.behaviour.found_slices import found_slices
from mlci_action.evaluation.reading.conditions import rows_where
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions

_Float = NDArray[np.float64]
_OLD, _HALF = 60, 0.5


def found_cells() -> Iterator[tuple[str, Callable[[int], list[Line]]]]:
    """Every cell by its name, as a function of the number of test sets."""
    yield "found slices, equal models", _found_in_equal
    yield "found slices, a bad region", _found_in_bad


def _found_in_equal(sets: int) -> list[Line]:
    """Two copies of one model are worse nowhere, and hardly ever said to be."""
    cell, runs = "found slices, equal models", max(sets // 2, 100)
    worse = shown = 0
    for run in range(runs):
        rows, frame = _with_columns(np.random.default_rng([5, run]), 1000, harm=0.0)
        found = found_slices(rows, frame, most=3, seed=run, min_rows=50)
        shown += bool(found)
        worse += any((region.diff.low or 0.0) > 0 for region in found)
    return [
        Line(cell=cell, what="a region is shown", measured=shown / runs, sets=runs),
        Line(
            cell=cell, what="a region is surely worse", measured=worse / runs, sets=runs, high=0.05
        ),
    ]


def _found_in_bad(sets: int) -> list[Line]:
    """Where the candidate is worse, the region's own true difference is covered, and not biased."""
    cell, runs = "found slices, a bad region", max(sets // 4, 50)
    population, columns = _with_columns(np.random.default_rng(6), 200_000, harm=0.5)
    loss = _brier_difference(population)
    shown: list[tuple[FoundSlice, float]] = []
    hits = 0
    for run in range(runs):
        rows, frame = _with_columns(np.random.default_rng([7, run]), 4000, harm=0.5)
        found = found_slices(rows, frame, most=3, seed=run, min_rows=50)
        hits += bool(found)
        for region in found:
            inside = rows_where(columns, parse_where(region.where))
            shown.append((region, float(loss[inside].mean())))
    covers = np.mean(
        [(region.diff.low or 0.0) <= true <= (region.diff.high or 0.0) for region, true in shown]
    )
    errors = [
        ((region.diff.value or 0.0) - true) / ((region.diff.high or 0.0) - (region.diff.low or 0.0))
        for region, true in shown
    ]
    return [
        Line(cell=cell, what="a region is shown", measured=hits / runs, sets=runs),
        Line(cell=cell, what="covers", measured=float(covers), sets=len(shown), low=0.93),
        Line(
            cell=cell,
            what="bias, of the width",
            measured=float(abs(np.mean(errors))),
            sets=len(shown),
            high=0.05,
        ),
    ]


def _with_columns(
    random: np.random.Generator, n: int, *, harm: float
) -> tuple[PairedRows, pd.DataFrame]:
    """Two copies of one model; on old northern rows the candidate guesses as often as `harm`."""
    frame = pd.DataFrame(
        {
            "age": random.integers(18, 90, n),
            "region": random.choice(["north", "south", "east", "west"], n),
            "income": random.lognormal(10, 1, n).round(-2),
        }
    )
    (sample,) = samples_of(two_classes(0.5), n, 1, seed=int(random.integers(2**60)))
    bad = ((frame["age"] >= _OLD) & (frame["region"] == "north")).to_numpy()
    theirs = sample.baseline.scores
    assert theirs is not None
    ours = theirs + 0.02 * random.normal(size=n)
    ours = np.where(bad & (random.random(n) < harm), 0.5, ours.clip(0, 1))
    candidate = Predictions(
        labels=(ours >= _HALF).astype(np.int64),
        scores=ours,
        probabilities=True,
    )
    rows = PairedRows(
        task=Task.BINARY,
        classes=("0", "1"),
        truth=sample.target.values,
        candidate=candidate,
        baseline=sample.baseline,
        weight=None,
        dependence=None,
        confidence=0.95,
    )
    return rows, frame


def _brier_difference(rows: PairedRows) -> _Float:
    assert rows.baseline is not None
    assert rows.baseline.scores is not None
    assert rows.candidate.scores is not None
    ours, theirs = rows.candidate.scores, rows.baseline.scores
    return np.asarray((rows.truth - ours) ** 2 - (rows.truth - theirs) ** 2)
