"""Why did a metric move? The share of each part of the inputs that changed together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mlci_action.domain.fingerprint import Part
from mlci_action.domain.metric import Direction


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricMove:
    """One metric's change, candidate less baseline, and what each part brought to it.

    shares: Shapley values over the corners, which add up to `diff`. corners: the metric's value
    with the parts that are new, by their names joined with `+`, the empty name for none. note: why
    there are no shares, empty otherwise.
    """

    metric: str
    n: int
    diff: float
    direction: Direction = Direction.HIGHER_IS_BETTER
    shares: Mapping[Part, float] = field(default_factory=dict)
    corners: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def sign(self) -> int:
        """+1 where higher is better, -1 where lower is."""
        return 1 if self.direction is Direction.HIGHER_IS_BETTER else -1


@dataclass(frozen=True, kw_only=True, slots=True)
class WhyMoved:
    """The parts that changed, what each brought, or in one sentence why that is not known."""

    changed: tuple[Part, ...]
    moves: tuple[MetricMove, ...] = ()
    note: str = ""


def corner_name(new: Iterable[Part]) -> str:
    """The parts that are new, joined with `+` in the order of `Part`: `data+code`."""
    parts = frozenset(new)
    return "+".join(part.value for part in Part if part in parts)
