"""What can be told of models beside their metrics: changed rows, costs, and how they were asked."""

from __future__ import annotations

from typing import Any

from mlci_action.domain.behaviour import Value
from mlci_action.domain.costs import CostRow
from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.robustness import RobustnessRow
from tests.builders import PROVENANCE, check

_NOISE = "0.1 standard deviations, 7 columns; seed 0"
_MISSING = "0.05 of the cells, 12 columns; seed 0"


def _value(value: float, margin: float) -> Value:
    return Value(value=value, low=value - margin, high=value + margin)


def _lost(
    what: str, detail: str, measure: str, before: float, now: float, rise: float, margin: float
) -> RobustnessRow:
    return RobustnessRow(
        what=what,
        detail=detail,
        measure=measure,
        n=2000,
        baseline=_value(before, margin),
        candidate=_value(now, margin),
        rise=_value(rise, 1.3 * margin),
    )


ROBUSTNESS = (
    _lost("noise", _NOISE, "roc_auc", 0.0041, 0.0312, 0.0271, 0.0061),
    _lost("noise", _NOISE, "log_loss", 0.0102, 0.0633, 0.0531, 0.0102),
    _lost("noise", _NOISE, "flips", 0.0105, 0.0435, 0.0330, 0.0071),
    _lost("missing", _MISSING, "roc_auc", 0.0021, 0.0019, -0.0002, 0.0031),
    _lost("missing", _MISSING, "flips", 0.0045, 0.0050, 0.0005, 0.0040),
    RobustnessRow(
        what="invariant_to",
        detail="sex: each of 2 values",
        measure="violations",
        n=2000,
        candidate=Value(value=0.0, low=0.0, high=0.0018),
        baseline=Value(value=None, note="stored predictions answer no other rows"),
    ),
)
COSTS = (
    CostRow(
        measure="latency",
        unit="ms",
        n=400,
        baseline=1.231,
        candidate=2.094,
        baseline_p95=1.812,
        candidate_p95=2.871,
        ratio=Value(value=1.701, low=1.652, high=1.748),
    ),
    CostRow(
        measure="model_size",
        unit="MB",
        n=1,
        baseline=0.012204,
        candidate=0.182331,
        ratio=Value(value=14.94),
    ),
    CostRow(
        measure="memory",
        unit="MB",
        n=1,
        candidate=212.4,
        note="the baseline was not loaded",
    ),
)
CHECKS = (
    check(
        "robustness.noise.max_drop.roc_auc",
        Outcome.FAILED,
        "roc_auc loses 0.0312 (95 % CI 0.0251 to 0.0373) on noise, more than the 0.02 allowed",
        observed=0.0312,
        limit=0.02,
        rows=2000,
    ),
    check(
        "robustness.noise.max_flips",
        Outcome.INCONCLUSIVE,
        "0.0435 of the labels change on noise (95 % CI 0.0364 to 0.0506): not settled",
        observed=0.0435,
        limit=0.05,
        rows=2000,
    ),
    check(
        "robustness.missing.max_drop.roc_auc",
        message="roc_auc loses 0.0019 on missing values, at most 0.02 allowed",
        limit=0.02,
        rows=2000,
    ),
    check(
        "robustness.invariant_to.sex",
        message="no label of 2,000 rows changes with other values of 'sex'",
        column="sex",
        limit=0.0,
        rows=2000,
    ),
    check("robustness.determinism", message="the candidate gives the same answers twice"),
    check(
        "budget.latency.max_ratio",
        Outcome.FAILED,
        "latency 1.701 times the baseline's (95 % CI 1.65 to 1.75, n = 400): more than the 1.5 "
        "allowed",
        observed=1.701,
        limit=1.5,
    ),
    check(
        "budget.model_size.max_mb", message="model_size 0.182 MB: not more than 50 MB", limit=50.0
    ),
    check(
        "budget.memory.max_mb",
        Outcome.WARNED,
        "memory 212 MB: more than the 200 MB allowed",
        observed=212.4,
        limit=200.0,
    ),
    check(
        "provenance.inputs",
        Outcome.WARNED,
        "'income' lies 12 standard deviations from what the candidate was fitted on: are its "
        "features prepared twice, or not at all?",
    ),
)


def _isolation(network: str) -> dict[str, Any]:
    return {"network": network, "processes": "apart", "memory_mb": 4096}


ASKED: dict[str, Any] = {
    **PROVENANCE,
    "candidate": {
        **PROVENANCE["candidate"],
        "format": "skops",
        "kind": "classifier",
        "imports": ["sklearn.ensemble._forest.RandomForestClassifier", "features.Ratio"],
        "imports_complete": True,
        "recorded": {"scikit-learn": "1.9.1"},
        "installed": {"numpy": "2.4.6", "scikit-learn": "1.9.1"},
        "environment": "the candidate's",
        "predictions_from": "the model",
        "isolation": _isolation("cut"),
        "peak_bytes": 212_400_000,
    },
    "baseline": {
        **PROVENANCE["baseline"],
        "format": "pickle",
        "kind": "classifier",
        "imports": ["sklearn.linear_model._logistic.LogisticRegression"],
        "imports_complete": False,
        "recorded": {"scikit-learn": "1.3.2"},
        "installed": {"numpy": "1.26.4", "scikit-learn": "1.3.2"},
        "environment": "made of git:base:requirements.txt",
        "predictions_from": "the model",
        "code": "b6589fc6ab0dc82cf12099d1c2d40ab994e8410c",
        "isolation": _isolation("not cut: this system knows no way"),
        "peak_bytes": None,
    },
    "trust": {
        "pickle": "same-repository",
        "origin": "the base branch (mlci.yml of b6589fc6ab0d)",
        "code": "this is a pull request of a fork, and trust.pickle is same-repository",
    },
}
