"""Why did a metric move? The share of each part of the inputs that changed together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlci_action.domain.fingerprint import Part


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricMove:
    """One metric's change, candidate less baseline, and what each part brought to it.

    shares: Shapley values over the corners, which add up to `diff`. corners: the metric's value
    with the parts that are new, by their names joined with `+`, the empty name for none.
    """

    metric: str
    n: int
    diff: float
    shares: Mapping[Part, float] = field(default_factory=dict)
    corners: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class WhyMoved:
    """The parts that changed, what each brought, or in one sentence why that is not known."""

    changed: tuple[Part, ...]
    moves: tuple[MetricMove, ...] = ()
    note: str = ""
