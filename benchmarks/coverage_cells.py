"""How often do the intervals hold the truth? One cell for each kind and size of test set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

import numpy as np

from benchmarks.naive import LABEL_METRICS, of_labels
from benchmarks.populations import (
    ERROR_SHAPES,
    Draw,
    Sample,
    five_classes,
    in_time,
    in_units,
    metrics_of,
    samples_of,
    two_classes,
    values,
)
from benchmarks.requirement import Line
from mlci_action.domain.comparison import Standing
from mlci_action.domain.metric import Metric, Needs

Bounds: TypeAlias = tuple[float | None, float | None]
_NONE: Bounds = (None, None)
_ROWS_OF_A_POPULATION = 1_000_000
_MOST_NAIVE_SETS = 200
_FEW_SETS = 500
_NEAR = 0.005
# From here on a bound can be asked for: discordant rows, rows of the smaller class, test sets.
_ENOUGH_DISCORDANT, _ENOUGH_POSITIVES, _FEWEST_POSITIVES, _FEWEST_SETS = 25, 50, 20, 50
# Below so few, ranking is not estimable; so few changed rows are covered but for a little.
_TOO_FEW_POSITIVES, _FEW_CHANGED, _FEW_DISCORDANT = 5, 6, 3
# Ranking and losses are bounded from above from this many changed rows of the smaller class on.
_ENOUGH_CHANGED = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Traits:
    """What a test set of this kind holds on average: the rows that decide a metric.

    positives: rows of the smaller class. discordant: rows whose labels differ. of_positives: those
    among them that are positive. changed: rows on which the models say anything else at all.
    """

    positives: float = 0.0
    discordant: float = 0.0
    of_positives: float = 0.0
    changed: float = 0.0

    def of(self, rows: float) -> Traits:
        """The same of so many rows, when this is of one."""
        return Traits(
            positives=rows * self.positives,
            discordant=rows * self.discordant,
            of_positives=rows * self.of_positives,
            changed=rows * self.changed,
        )

    def deciding(self, metric: Metric) -> float:
        """The expected discordant rows that enter a metric of labels."""
        return self.of_positives if metric.function == "recall" else self.discordant


# Few rows decide these however many there are: those near a border, or those of one small bin.
_AT_A_BORDER = frozenset(
    {
        *("precision_at_k", "recall_at_k", "lift_at_k", "recall_at_precision"),
        *("median_absolute_error", "expected_calibration_error"),
    }
)

Rule = Callable[[Metric, Traits], Bounds]


@dataclass(kw_only=True, slots=True)
class _Tally:
    """What was seen of one metric."""

    intervals: int = 0
    covered: int = 0
    near: int = 0
    zero_width: int = 0
    not_estimable: int = 0
    widths: list[float] = field(default_factory=list)


def coverage_cells() -> Iterator[tuple[str, Callable[[int], list[Line]]]]:
    """Every cell by its name, as a function of the number of test sets."""
    for share, sizes in ((0.5, (100, 200, 2000, 20_000)), (0.01, (200, 2000, 20_000))):
        yield from _cells(
            f"two classes {share:.0%} apart", two_classes(share), sizes, of_two_classes
        )
        twins = two_classes(share, correlation=0.99)
        yield from _cells(f"two classes {share:.0%} twins", twins, sizes, of_two_classes)
        sparse = two_classes(share, changed=0.01)
        yield from _cells(f"two classes {share:.0%} sparse", sparse, sizes, of_two_classes)
    yield from _cells("five classes", five_classes, (300, 2000), _between(0.93, 0.98))
    for shape in ERROR_SHAPES:
        yield from _cells(f"numbers {shape}", values(shape), (200, 2000), _between(0.93, 0.98))
    weighted = two_classes(0.5, weighted=True)
    yield from _cells("weights", weighted, (200, 2000), _between(0.93, 0.98))
    for share in (0.5, 0.1):
        units = in_units(share)
        bounds = _between(0.93, 0.98)
        yield from _cells(f"units {share:.0%}", units, (30, 100, 300), bounds, rows_of_one=10.5)
    for again in (0.5, 0.9):
        series = in_time(0.5, again)
        yield from _cells(f"time AR {again}", series, (500, 2000, 20_000), _between(0.92, 0.98))


def of_two_classes(metric: Metric, traits: Traits) -> Bounds:
    """The requirement for independent rows of two classes."""
    # Rounded, because a share that is counted is seldom exactly the one that is drawn from.
    positives = round(traits.positives)
    enough = positives >= _ENOUGH_POSITIVES
    if _may_cover_more(metric, traits):
        known = metric.reads is Needs.LABELS or enough
        return (0.93, None) if known else _NONE
    if metric.reads is Needs.LABELS:
        return (0.93, 0.97) if enough else _NONE
    changed = round(traits.changed)
    if min(changed, positives) < _FEWEST_POSITIVES:
        return _NONE
    most = 0.97 if changed >= _ENOUGH_CHANGED else None
    return (0.93, most) if enough else (0.92, None)


# The truth is the same for every size of a kind.
_TRUTHS: dict[tuple[str, int], tuple[dict[str, float], Traits]] = {}


def covered(draw: Draw, n: int, metrics: Sequence[Metric], *, sets: int) -> dict[str, float]:
    """Per metric how often an interval that settles held the true difference."""
    truth, _ = _truth(draw, metrics, _ROWS_OF_A_POPULATION, 1)
    tallies = _tallies(draw, n, metrics, truth, sets)
    assert all(2 * tally.intervals > sets for tally in tallies.values())
    return {name: tally.covered / tally.intervals for name, tally in tallies.items()}


def _between(low: float, high: float) -> Rule:
    return lambda metric, traits: (low, None if _may_cover_more(metric, traits) else high)


def _may_cover_more(metric: Metric, traits: Traits) -> bool:
    """Where few rows decide, an interval that covers may be wide."""
    if metric.reads is Needs.LABELS:
        return traits.deciding(metric) < _ENOUGH_DISCORDANT
    return metric.function in _AT_A_BORDER


def _cells(
    kind: str, draw: Draw, sizes: Sequence[int], rule: Rule, *, rows_of_one: float = 1.0
) -> Iterator[tuple[str, Callable[[int], list[Line]]]]:
    """One cell a size: rows of a test set, or units of `rows_of_one` rows on average."""
    for n in sizes:
        name = f"{kind} n={n}"
        yield name, partial(_run, name, kind, draw, n, rule, rows_of_one)


def _run(
    name: str, kind: str, draw: Draw, n: int, rule: Rule, rows_of_one: float, sets: int
) -> list[Line]:
    task = draw(np.random.default_rng(1), 100).target.task
    metrics = metrics_of(task)
    # The truth must be known far better than the test sets together tell it.
    populations = 1 if sets < _FEW_SETS else 4
    if (kind, populations) not in _TRUTHS:
        rows = int(_ROWS_OF_A_POPULATION / rows_of_one)
        _TRUTHS[kind, populations] = _truth(draw, metrics, rows, populations)
    truth, share = _TRUTHS[kind, populations]
    traits = share.of(n * rows_of_one)
    tallies = _tallies(draw, n, metrics, truth, sets)
    lines = [_line(name, metric, traits, tallies[metric.name], rule) for metric in metrics]
    lines += _special(name, metrics, traits, tallies, sets)
    if rule is of_two_classes:
        lines += _widths(name, draw, n, metrics, traits, tallies, sets)
    return lines


def _truth(
    draw: Draw, metrics: Sequence[Metric], n: int, populations: int
) -> tuple[dict[str, float], Traits]:
    """The true differences, and the shares of the rows that decide; means over populations."""
    differences: dict[str, list[float]] = {metric.name: [] for metric in metrics}
    shares = []
    for sample in samples_of(draw, n, populations, seed=7):
        for row in sample.compared(metrics).rows:
            differences[row.metric.name].append(np.nan if row.diff is None else row.diff)
        shares.append(_shares(sample))
    names = ("positives", "discordant", "of_positives", "changed")
    traits = Traits(**dict(zip(names, np.mean(shares, axis=0).tolist(), strict=True)))
    return {name: float(np.mean(found)) for name, found in differences.items()}, traits


def _shares(sample: Sample) -> tuple[float, float, float, float]:
    truth, ours, theirs = sample.target.values, sample.candidate, sample.baseline
    if ours.labels is None or theirs.labels is None:
        return (0.0, 0.0, 0.0, 1.0)
    differ = ours.labels != theirs.labels
    changed = differ if ours.scores is None else (ours.scores != theirs.scores)
    changed = changed if changed.ndim == 1 else changed.any(axis=1)
    sizes = np.bincount(truth) / len(truth)
    positive = float((differ & (truth == 1)).mean())
    of_smaller = float((changed & (truth == sizes.argmin())).mean())
    return float(sizes.min()), float(differ.mean()), positive, of_smaller


def _tallies(
    draw: Draw, n: int, metrics: Sequence[Metric], truth: dict[str, float], sets: int
) -> dict[str, _Tally]:
    tallies = {metric.name: _Tally() for metric in metrics}
    for sample in samples_of(draw, n, sets):
        for row in sample.compared(metrics).rows:
            tally, interval, true = tallies[row.metric.name], row.interval, truth[row.metric.name]
            if interval is None or interval.standing is Standing.NOT_ESTIMABLE:
                tally.not_estimable += 1
            elif interval.low is not None and interval.high is not None:
                tally.zero_width += not interval.low < interval.high
                if interval.standing is Standing.SETTLES:
                    tally.intervals += 1
                    tally.covered += interval.low <= true <= interval.high
                    tally.near += interval.low - _NEAR <= true <= interval.high + _NEAR
                    tally.widths.append(interval.high - interval.low)
    return tallies


def _line(name: str, metric: Metric, traits: Traits, tally: _Tally, rule: Rule) -> Line:
    few = tally.intervals < _FEWEST_SETS
    low, high = _NONE if few else rule(metric, traits)
    measured = tally.covered / tally.intervals if tally.intervals else np.nan
    of_rows = f"D {traits.deciding(metric):.0f}, P {traits.positives:.0f}"
    width = f", width {np.mean(tally.widths):.3g}" if tally.widths else ""
    return Line(
        cell=name,
        what=f"{metric.name} covers",
        measured=float(measured),
        sets=tally.intervals,
        low=low,
        high=high,
        note=of_rows + width,
    )


def _special(
    name: str, metrics: Sequence[Metric], traits: Traits, tallies: dict[str, _Tally], sets: int
) -> Iterator[Line]:
    """What is asked of the cell beside coverage."""
    labels = [tallies[metric.name] for metric in metrics if metric.reads is Needs.LABELS]
    if labels:
        zero = max(tally.zero_width for tally in labels) / sets
        yield Line(cell=name, what="no interval is of zero width", measured=zero, sets=sets, high=0)
    for metric in metrics:
        tally = tallies[metric.name]
        if (
            metric.name in {"roc_auc", "average_precision"}
            and 0 < traits.positives < _TOO_FEW_POSITIVES
        ):
            none = tally.not_estimable / sets
            what = f"{metric.name} is not estimable"
            yield Line(cell=name, what=what, measured=none, sets=sets, low=0.99)
        elif metric.reads is Needs.SCORES and 0 < traits.changed < _FEW_CHANGED and tally.intervals:
            near = tally.near / tally.intervals
            what = f"{metric.name} covers but for {_NEAR}"
            yield Line(cell=name, what=what, measured=near, sets=tally.intervals, low=0.99)


def _widths(
    name: str,
    draw: Draw,
    n: int,
    metrics: Sequence[Metric],
    traits: Traits,
    tallies: dict[str, _Tally],
    sets: int,
) -> Iterator[Line]:
    """The price of covering where few rows decide: at most twice the naive width."""
    asked = [
        metric
        for metric in metrics
        if metric.name in LABEL_METRICS
        and _FEW_DISCORDANT <= traits.deciding(metric) < _ENOUGH_DISCORDANT
    ]
    random, widths = np.random.default_rng(3), {metric.name: [0.0] for metric in asked}
    few = min(sets, _MOST_NAIVE_SETS)
    for sample in samples_of(draw, n, few if asked else 0):
        for metric in asked:
            low, high = of_labels(sample, metric.name, random, 1000)
            widths[metric.name].append(high - low)
    for metric in asked:
        ratio = float(np.mean(tallies[metric.name].widths) / np.nanmean(widths[metric.name][1:]))
        what = f"{metric.name} width, of the naive"
        yield Line(cell=name, what=what, measured=ratio, sets=few, high=2.0)
