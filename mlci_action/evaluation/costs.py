"""How do the two models' costs compare? From seconds and bytes to one row per measure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

from mlci_action.domain.behaviour import Value
from mlci_action.domain.costs import CostRow, Costs, Measure, ModelCosts

METHOD = "sign"
BYTES_PER_MB = 1_000_000
_MS_PER_SECOND = 1_000
_TAIL = 0.95
# Two processes of one and the same model differ by what their memory happens to look like: by 1 to
# 2 % (standard deviation of the logarithm) where it was tried. No number of rounds averages it out.
_BETWEEN_PROCESSES = 0.05

_Float = NDArray[np.float64]


def cost_rows(costs: Costs, *, confidence: float) -> tuple[CostRow, ...]:
    """One row for each measure that the candidate has, in the order of `Measure`."""
    return tuple(_rows(costs, confidence))


def ratio_of_rounds(
    candidate: Sequence[float], baseline: Sequence[float], *, confidence: float
) -> Value:
    """How many times as long the candidate takes: exp(median of log ratios), with an interval.

    candidate, baseline: (n,) positive seconds; their i-th were measured one after another, and who
    came first changes from round to round. So two rounds in a row (candidate, baseline, baseline,
    candidate) make one log ratio in which neither a machine that becomes slower nor coming second
    counts for either. The interval is the sign test's, between two order statistics: it holds for
    any distribution (David and Nagaraja, Order Statistics, 3rd ed., section 7.1). It is then made
    5 % wider at each end, for what differs from process to process (Kalibera and Jones, Rigorous
    Benchmarking in Reasonable Time, 2013, on why rounds of one process cannot show it). Without
    enough rounds there is none, and `note` says so.
    """
    whole = len(candidate) - len(candidate) % 2
    logs = np.log(np.asarray(candidate[:whole])) - np.log(np.asarray(baseline[:whole]))
    pairs = logs.reshape(-1, 2).mean(axis=1)
    if not len(pairs):
        return Value(value=None, note="no two rounds were measured")
    value = float(np.exp(np.median(pairs)))
    ends = median_interval(pairs, confidence)
    if ends is None:
        note = f"{whole} rounds are too few for an interval; {2 * pairs_needed(confidence)} do"
        return Value(value=value, note=note)
    low, high = ends[0] - _BETWEEN_PROCESSES, ends[1] + _BETWEEN_PROCESSES
    return Value(value=value, low=float(np.exp(low)), high=float(np.exp(high)))


def median_interval(values: _Float, confidence: float) -> tuple[float, float] | None:
    """The median's interval at no less than `confidence`; None where there are too few values."""
    tails = 2 * bdtr(np.arange(len(values) // 2), len(values), 0.5)
    left_out = int((tails <= _alpha(confidence)).sum())
    if not left_out:
        return None
    in_order = np.sort(values)
    return float(in_order[left_out - 1]), float(in_order[-left_out])


def pairs_needed(confidence: float) -> int:
    """The fewest values whose median has an interval: that all lie on one side is rare enough."""
    return int(np.ceil(1 - np.log2(_alpha(confidence))))


def _alpha(confidence: float) -> float:
    return round(1 - confidence, 12)


def _rows(costs: Costs, confidence: float) -> Iterator[CostRow]:
    ours, theirs = costs.candidate, costs.baseline
    for measure in Measure:
        values = _values(ours, measure)
        if not len(values):
            continue
        others = _values(theirs, measure) if theirs is not None else np.empty(0)
        yield CostRow(
            measure=measure.value,
            unit=measure.unit,
            n=len(values),
            candidate=float(np.median(values)),
            baseline=float(np.median(others)) if len(others) else None,
            candidate_p95=_p95(values) if measure.repeated else None,
            baseline_p95=_p95(others) if measure.repeated and len(others) else None,
            ratio=_ratio(measure, values, others, confidence) if len(others) else None,
            note=_note(costs, measure, others),
        )


def _values(model: ModelCosts, measure: Measure) -> _Float:
    """Each value that was measured, in the measure's unit."""
    match measure:
        case Measure.LATENCY:
            return np.asarray(model.single) * _MS_PER_SECOND
        case Measure.BATCH_LATENCY:
            return np.asarray(model.batch) * _MS_PER_SECOND
        case Measure.MODEL_SIZE:
            return np.array([model.n_bytes / BYTES_PER_MB])
        case Measure.MEMORY:
            peak = model.peak_bytes
            return np.empty(0) if peak is None else np.array([peak / BYTES_PER_MB])
        case Measure.LOAD_TIME:
            return np.asarray(model.load_seconds)


def _p95(values: _Float) -> float:
    """The smallest that 95 of 100 do not exceed: one of the values, and of a few the largest."""
    return float(np.quantile(values, _TAIL, method="inverted_cdf"))


def _ratio(measure: Measure, values: _Float, others: _Float, confidence: float) -> Value:
    if measure.repeated:
        return ratio_of_rounds(values.tolist(), others.tolist(), confidence=confidence)
    before = float(np.median(others))
    return Value(value=float(np.median(values)) / before if before > 0 else None)


def _note(costs: Costs, measure: Measure, others: _Float) -> str:
    parts = [f"a batch is {costs.batch_rows:,} rows"] if measure is Measure.BATCH_LATENCY else []
    if not len(others) and costs.baseline_note:
        parts.append(costs.baseline_note)
    return "; ".join(parts)
