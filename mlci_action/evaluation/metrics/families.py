"""Which part of the engine computes a metric? One line for each family of metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mlci_action.domain.comparison import Interval
from mlci_action.domain.metric import Metric, Needs
from mlci_action.domain.metrics import METRICS
from mlci_action.evaluation.metrics.calibration_error import (
    calibration_error_estimates,
    calibration_error_intervals,
)
from mlci_action.evaluation.metrics.label_metrics import label_estimates, label_intervals
from mlci_action.evaluation.metrics.recall_at_precision import (
    recall_at_precision_estimates,
    recall_at_precision_intervals,
)
from mlci_action.evaluation.metrics.score_metrics import (
    one_vs_rest_estimates,
    probability_estimates,
    probability_intervals,
    ranking_estimates,
    ranking_intervals,
)
from mlci_action.evaluation.metrics.top_labels import top_label_estimates, top_label_intervals
from mlci_action.evaluation.metrics.top_rows import top_estimates, top_intervals
from mlci_action.evaluation.metrics.tuned_intervals import with_tuning
from mlci_action.evaluation.metrics.value_metrics import value_estimates, value_intervals
from mlci_action.evaluation.reading.paired import Estimate, PairedRows
from mlci_action.evaluation.reading.predictions import Predictions

Estimates = Mapping[str, Estimate]
_OfModel = Callable[[PairedRows, Predictions, Sequence[Metric]], dict[str, Estimate]]
_OfPair = Callable[[PairedRows, Sequence[Metric], Estimates, Estimates], dict[str, Interval]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """Metrics that are computed together. Results are by `metric.name`.

    estimates: one model's values. intervals: those of the metrics that both models have a value of.
    """

    functions: frozenset[str]
    estimates: _OfModel
    intervals: _OfPair

    def of(self, metrics: Sequence[Metric]) -> list[Metric]:
        """Those of `metrics` that belong here."""
        return [metric for metric in metrics if metric.function in self.functions]


def _reading(needs: Needs) -> frozenset[str]:
    return frozenset(metric.function for metric in METRICS.values() if metric.needs is needs)


_TOP_ROWS = frozenset({"precision_at_k", "recall_at_k", "lift_at_k"})
_AT_PRECISION = frozenset({"recall_at_precision"})
_TOP_LABELS = frozenset({"top_k_accuracy"})


def _each(functions: frozenset[str], estimates: _OfModel, intervals: _OfPair) -> list[Family]:
    """A family for each, which share nothing: each holds long arrays while it is asked."""
    return [
        Family(functions=frozenset({function}), estimates=estimates, intervals=intervals)
        for function in sorted(functions)
    ]


_PROBABILITIES = frozenset({"log_loss", "brier_score"})
_CALIBRATION = frozenset({"expected_calibration_error"})

FAMILIES = (
    Family(
        functions=_reading(Needs.LABELS),
        estimates=label_estimates,
        intervals=lambda rows, metrics, _ours, _theirs: with_tuning(
            rows, metrics, label_intervals(rows, metrics)
        ),
    ),
    Family(
        functions=frozenset({"roc_auc", "average_precision"}),
        estimates=ranking_estimates,
        intervals=ranking_intervals,
    ),
    Family(
        functions=frozenset({"roc_auc_ovr", "roc_auc_ovr_weighted"}),
        estimates=one_vs_rest_estimates,
        intervals=ranking_intervals,
    ),
    *_each(_PROBABILITIES, probability_estimates, probability_intervals),
    Family(functions=_TOP_ROWS, estimates=top_estimates, intervals=top_intervals),
    Family(
        functions=_AT_PRECISION,
        estimates=recall_at_precision_estimates,
        intervals=recall_at_precision_intervals,
    ),
    Family(
        functions=_TOP_LABELS,
        estimates=top_label_estimates,
        intervals=top_label_intervals,
    ),
    Family(
        functions=_CALIBRATION,
        estimates=calibration_error_estimates,
        intervals=calibration_error_intervals,
    ),
    *_each(_reading(Needs.VALUES), value_estimates, value_intervals),
)
