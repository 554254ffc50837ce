"""From what are simulated test sets drawn? Two models, one truth, and what ties the rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter
from scipy.special import ndtri

from mlci_action.domain.comparison import Comparison
from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import Metric, Parameters, Task
from mlci_action.domain.metrics import METRICS
from mlci_action.evaluation.compare import compare_models
from mlci_action.evaluation.reading.predictions import Predictions, Target

_Float = NDArray[np.float64]
_Int = NDArray[np.int64]
_Random = np.random.Generator


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Sample:
    """One test set: the truth and both models on its rows, and how the rows count."""

    target: Target
    candidate: Predictions
    baseline: Predictions
    weight: _Float | None = None
    units: _Int | None = None
    time_order: _Int | None = None

    def compared(self, metrics: Sequence[Metric]) -> Comparison:
        """What the engine says of it."""
        return compare_models(
            self.target,
            self.candidate,
            self.baseline,
            metrics=metrics,
            evidence=Evidence(),
            units=self.units,
            time_order=self.time_order,
            sample_weight=self.weight,
        )


Draw = Callable[[_Random, int], Sample]


def samples_of(draw: Draw, n: int, sets: int, *, seed: int = 20_260_101) -> Iterator[Sample]:
    """So many seeded test sets of n rows (of n units where rows come in units)."""
    random = np.random.default_rng(seed)
    for _ in range(sets):
        yield draw(random, n)


def metrics_of(task: Task) -> tuple[Metric, ...]:
    """All metrics of a task, at some parameters where they mean nothing without."""
    usual = Parameters(k=0.2, beta=2.0, precision=0.6)
    return tuple(
        metric.asked_at(Parameters(**{name: getattr(usual, name) for name in metric.requires}))
        for metric in METRICS.values()
        if task in metric.tasks
    )


def two_classes(
    share: float, *, correlation: float = 0.9, changed: float = 1.0, weighted: bool = False
) -> Draw:
    """Two noisy scores of one signal, whose correlation is given, and which differ on `changed`.

    Positives are a `share` of the rows. Both models are calibrated as well as their noise allows,
    the candidate with a little less of it. Weights follow the signal, as in a sample that took some
    rows more often than others.
    """
    noise, cut = math.sqrt(1 / correlation - 1), _cut(share)

    def draw(random: _Random, n: int) -> Sample:
        signal = random.normal(size=n)
        truth = (signal + random.normal(size=n) > cut).astype(np.int64)
        theirs = signal + 1.05 * noise * random.normal(size=n)
        ours = signal + 0.95 * noise * random.normal(size=n)
        if changed < 1:
            ours = np.where(_chance(random, n, changed), ours, theirs)
        return Sample(
            target=_classes(truth),
            candidate=_scored(ours - cut),
            baseline=_scored(theirs - cut),
            weight=np.exp(0.5 * signal) if weighted else None,
        )

    return draw


def five_classes(random: _Random, n: int) -> Sample:
    """Five classes of equal size, the candidate a little better."""
    signal = random.normal(size=(n, 5))
    truth = (signal + random.normal(size=(n, 5))).argmax(axis=1)
    ours, theirs = (np.exp(signal + s * random.normal(size=(n, 5))) for s in (0.5, 0.7))
    return Sample(target=_classes(truth, 5), candidate=_of_five(ours), baseline=_of_five(theirs))


ERROR_SHAPES: dict[str, Callable[[_Random, int], _Float]] = {
    "normal": lambda random, n: random.normal(size=n),
    "t5": lambda random, n: random.standard_t(5, size=n),
    "lognormal": lambda random, n: random.lognormal(0, 0.75, size=n) - math.exp(0.75**2 / 2),
    "outliers": lambda random, n: random.normal(size=n) * np.where(_chance(random, n, 0.02), 5, 1),
}


def values(shape: str) -> Draw:
    """Positive numbers; a part of the errors, one of `ERROR_SHAPES`, is common to both models."""

    def draw(random: _Random, n: int) -> Sample:
        truth, error = 20 + random.gamma(4, 5, size=n), ERROR_SHAPES[shape]
        common = error(random, n)
        ours, theirs = (
            Predictions(values=np.maximum(truth + common + s * error(random, n), 1.0))
            for s in (0.5, 0.6)
        )
        target = Target(task=Task.REGRESSION, rows=np.ones(n, bool), values=truth)
        return Sample(target=target, candidate=ours, baseline=theirs)

    return draw


def in_units(share: float, *, icc: float = 0.3) -> Draw:
    """Units of 1 to 20 rows, n of them; `icc` of all variances is common to a unit."""
    cut = _cut(share)

    def draw(random: _Random, n: int) -> Sample:
        units = np.arange(n).repeat(random.integers(1, 21, n))

        def shared() -> _Float:
            common, own = random.normal(size=n)[units], random.normal(size=len(units))
            return np.asarray(math.sqrt(icc) * common + math.sqrt(1 - icc) * own)

        sample = _dependent(shared, cut)
        return Sample(
            target=sample.target,
            candidate=sample.candidate,
            baseline=sample.baseline,
            units=units,
        )

    return draw


def in_time(share: float, autocorrelation: float) -> Draw:
    """Rows in time, of which everything that is drawn is an autoregression of order one."""
    cut = _cut(share)

    def draw(random: _Random, n: int) -> Sample:
        def series() -> _Float:
            steps = random.normal(size=n) * math.sqrt(1 - autocorrelation**2)
            steps[0] = random.normal()
            return np.asarray(lfilter([1.0], [1.0, -autocorrelation], steps))

        sample = _dependent(series, cut)
        return Sample(
            target=sample.target,
            candidate=sample.candidate,
            baseline=sample.baseline,
            time_order=np.arange(n),
        )

    return draw


def only_losses(share_lost: float, *, rows_a_unit: int = 1) -> Draw:
    """The worst case for a gate: a rare difference, always to the candidate's harm.

    Of n rows, whole units of `rows_a_unit` are lost together.
    """

    def draw(random: _Random, n: int) -> Sample:
        truth = _chance(random, n, 0.5).astype(np.int64)
        theirs = np.where(_chance(random, n, 0.8), truth, 1 - truth)
        lost = _chance(random, n // rows_a_unit, share_lost).repeat(rows_a_unit)
        ours = np.where(lost & (theirs == truth), 1 - truth, theirs)
        return Sample(
            target=_classes(truth),
            candidate=Predictions(labels=ours),
            baseline=Predictions(labels=theirs),
            units=None if rows_a_unit == 1 else np.arange(n) // rows_a_unit,
        )

    return draw


def only_losses_of_five(random: _Random, n: int) -> Sample:
    """Five unequal classes; the models also differ where both are wrong, which decides nothing."""
    truth = random.choice(5, size=n, p=[0.6, 0.2, 0.1, 0.06, 0.04]).astype(np.int64)
    wrong = _chance(random, n, 0.3)
    theirs = np.where(wrong, (truth + 1) % 5, truth)
    ours = np.where(wrong & _chance(random, n, 0.3), (truth + 2) % 5, theirs)
    ours = np.where(~wrong & _chance(random, n, 0.003), (truth + 1) % 5, ours)
    return Sample(
        target=_classes(truth, 5),
        candidate=Predictions(labels=ours),
        baseline=Predictions(labels=theirs),
    )


def _chance(random: _Random, n: int, share: float) -> NDArray[np.bool_]:
    return random.random(n) < share


def _cut(share: float) -> float:
    """Above which the sum of two standard normals lies in a `share` of the rows."""
    return math.sqrt(2) * float(ndtri(1 - share))


def _dependent(drawn: Callable[[], _Float], cut: float) -> Sample:
    """Two noisy views of a signal; `drawn` gives standard normals that depend on each other."""
    signal = drawn()
    truth = (signal + drawn() > cut).astype(np.int64)
    ours, theirs = (_scored(signal + s * drawn() - cut) for s in (0.45, 0.5))
    return Sample(target=_classes(truth), candidate=ours, baseline=theirs)


def _classes(truth: _Int, k: int = 2) -> Target:
    return Target(
        task=Task.BINARY if k == 2 else Task.MULTICLASS,  # noqa: PLR2004 - what binary means
        rows=np.ones(len(truth), bool),
        values=truth,
        classes=tuple(map(str, range(k))),
    )


def _scored(logit: _Float) -> Predictions:
    """Probabilities and the labels they give at one half; 1.7 turns a probit into a logit."""
    scores = 1 / (1 + np.exp(-1.7 * logit))
    return Predictions(labels=(logit >= 0).astype(np.int64), scores=scores, probabilities=True)


def _of_five(weights: _Float) -> Predictions:
    return Predictions(
        labels=weights.argmax(axis=1),
        scores=weights / weights.sum(axis=1, keepdims=True),
        probabilities=True,
    )
