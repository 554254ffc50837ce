"""Which part of the engine computes a metric? One line for each family of metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mlci_action.domain.comparison import Interval
from mlci_action.domain.metric import Metric, Needs
from mlci_action.domain.metrics import METRICS
from mlci_action.evaluation.label_metrics import label_estimates, label_intervals
from mlci_action.evaluation.paired import Estimate, PairedRows
from mlci_action.evaluation.predictions import Predictions
from mlci_action.evaluation.score_metrics import score_estimates, score_intervals
from mlci_action.evaluation.value_metrics import value_estimates, value_intervals

Estimates = Mapping[str, Estimate]


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """Metrics that are computed together. Results are by `metric.name`.

    estimates: one model's values. intervals: those of the metrics that both models have a value of.
    """

    functions: frozenset[str]
    estimates: Callable[[PairedRows, Predictions, Sequence[Metric]], dict[str, Estimate]]
    intervals: Callable[[PairedRows, Sequence[Metric], Estimates, Estimates], dict[str, Interval]]

    def of(self, metrics: Sequence[Metric]) -> list[Metric]:
        """Those of `metrics` that belong here."""
        return [metric for metric in metrics if metric.function in self.functions]


def _reading(needs: Needs) -> frozenset[str]:
    return frozenset(metric.function for metric in METRICS.values() if metric.needs is needs)


FAMILIES = (
    Family(
        functions=_reading(Needs.LABELS),
        estimates=label_estimates,
        intervals=lambda rows, metrics, _ours, _theirs: label_intervals(rows, metrics),
    ),
    Family(functions=_reading(Needs.SCORES), estimates=score_estimates, intervals=score_intervals),
    Family(functions=_reading(Needs.VALUES), estimates=value_estimates, intervals=value_intervals),
)
