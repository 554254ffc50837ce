"""Which limits are there on changed rows, and what are their answers called?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

from mlci_action.domain.limits import DecideBy, Evidence, Margin
from mlci_action.domain.metric import Metric
from mlci_action.domain.metrics import has_interval
from mlci_action.domain.names import id_part
from mlci_action.domain.outcomes import Area, Outcome
from mlci_action.domain.results import CheckResult, broken
from mlci_action.domain.robustness import PerturbationLimits, PropertyLimits
from mlci_action.evaluation.metrics.custom_metrics import CUSTOM
from mlci_action.evaluation.robustness.measure import FLIPS, VIOLATIONS


@dataclass(frozen=True, kw_only=True, slots=True)
class LimitOnRows:
    """One limit. name: its key. measure: a metric, `flips` or `violations`; empty without any.

    margin: of a drop, which may be a share as well.
    """

    asks: PerturbationLimits | PropertyLimits
    column: str | None
    measure: str
    name: str = ""
    limit: float | None = None
    margin: Margin | None = None

    @property
    def id(self) -> str:
        """`robustness.noise.max_drop.roc_auc`, `robustness.invariant_to.sex`."""
        of_metric = self.measure if self.measure not in {FLIPS, VIOLATIONS} else ""
        parts = (self.name, of_metric, self.column or "")
        named = [id_part(part) for part in parts if part]
        return ".".join([Area.ROBUSTNESS, self.asks.what, *named])

    @property
    def compares(self) -> bool:
        """Whether it needs a baseline."""
        return self.name.endswith("_regression")

    def answer(self, outcome: Outcome, message: str, **more: Any) -> CheckResult:  # noqa: ANN401
        """Its result; one that did not hold fails or warns."""
        severity = self.asks.severity
        outcome = broken(severity) if outcome is Outcome.FAILED else outcome
        return CheckResult(
            id=self.id,
            area=Area.ROBUSTNESS,
            outcome=outcome,
            message=message,
            severity=severity,
            column=self.column,
            limit=more.pop("limit", self.limit),
            **more,
        )


def limits_of(
    asks: PerturbationLimits | PropertyLimits,
    column: str | None,
    metrics: Sequence[Metric],
    evidence: Evidence,
) -> Iterator[LimitOnRows]:
    """All limits of one trial; of metrics those that can be judged: the user's own cannot.

    A drop that no metric has is one limit still, which cannot be judged.
    """
    if isinstance(asks, PropertyLimits):
        yield LimitOnRows(asks=asks, column=column, measure=VIOLATIONS, limit=asks.max_share)
        return
    by_point = evidence.decide_by is DecideBy.POINT
    named = [
        metric.name
        for metric in metrics
        if metric.function != CUSTOM and (by_point or has_interval(metric))
    ]
    for name in named or [""]:
        if asks.max_drop is not None:
            yield LimitOnRows(
                asks=asks,
                column=column,
                measure=name,
                name="max_drop",
                limit=asks.max_drop.absolute,
                margin=asks.max_drop,
            )
    for name in named or [""]:
        if asks.max_drop_regression is not None:
            yield LimitOnRows(
                asks=asks,
                column=column,
                measure=name,
                name="max_drop_regression",
                limit=asks.max_drop_regression,
            )
    for key, limit in (
        ("max_flips", asks.max_flips),
        ("max_flips_regression", asks.max_flips_regression),
    ):
        if limit is not None:
            yield LimitOnRows(asks=asks, column=column, measure=FLIPS, name=key, limit=limit)


def told_apart(results: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
    """Columns lose case and signs in ids: what two have in common is made up for."""
    found = list(results)
    times = Counter(result.id for result in found)
    return tuple(
        result
        if times[result.id] == 1
        else replace(result, id=f"{result.id}~{crc32((result.column or '').encode()):08x}")
        for result in found
    )
