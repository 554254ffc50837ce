"""Small functions that build reports and their parts: a test shows only what matters to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlci_action.domain.comparison import Comparison, ComparisonRow, Interval, Standing
from mlci_action.domain.decision import Decision, DeployPolicy, decide
from mlci_action.domain.metric import Task
from mlci_action.domain.metrics import METRICS
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.report import Report
from mlci_action.domain.results import CheckResult
from mlci_action.domain.slices import Slice

HOSTILE = "a|b\n::error::@team <script>"


def check(
    check_id: str = "data.missing",
    outcome: Outcome = Outcome.PASSED,
    message: str = "missing values stay within the limit",
    **fields: Any,  # noqa: ANN401 -- the fields of CheckResult, whatever a test wants to set
) -> CheckResult:
    """A result; its area comes from its id."""
    if outcome is Outcome.WARNED:
        fields.setdefault("severity", Severity.WARN)
    area = Area(check_id.partition(".")[0])
    return CheckResult(id=check_id, area=area, outcome=outcome, message=message, **fields)


def row(
    metric: str = "roc_auc",
    baseline: float | None = 0.8712,
    candidate: float | None = 0.8801,
    interval: tuple[float, float] | None = (0.0012, 0.0166),
    outcome: Outcome | None = Outcome.PASSED,
    *,
    n: int = 6512,
    slice_: Slice | None = None,
    note: str = "",
) -> ComparisonRow:
    """A comparison row with the difference of its scores."""
    known = None if baseline is None or candidate is None else round(candidate - baseline, 12)
    return ComparisonRow(
        metric=METRICS[metric],
        slice=slice_,
        n=n,
        baseline=baseline,
        candidate=candidate,
        diff=known,
        interval=None if interval is None else settled(*interval),
        outcome=outcome,
        note=note,
    )


def settled(low: float, high: float, method: str = "delong") -> Interval:
    """An interval that may settle a check."""
    se = (high - low) / (2 * 1.96)
    return Interval(method=method, standing=Standing.SETTLES, low=low, high=high, se=se, df=812.5)


def by(**columns: str) -> Slice:
    """A slice by the values of columns."""
    return Slice(by=tuple(columns.items()))


def comparison(*rows: ComparisonRow, task: Task = Task.BINARY, **fields: Any) -> Comparison:  # noqa: ANN401
    """A comparison of the rows given."""
    n_rows = max((row.n for row in rows), default=0)
    share = 0.034 if any(row.baseline is not None for row in rows) else None
    values: dict[str, Any] = {"n_rows": n_rows, "confidence": 0.95, "disagreement": share} | fields
    return Comparison(task=task, rows=rows, **values)


def report(
    *checks: CheckResult,
    rows: tuple[ComparisonRow, ...] | None = None,
    decision: Decision | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> Report:
    """A finished run on a pull request, decided by the real rules unless a decision is given."""
    return Report(
        decision=decision or decide(checks, DeployPolicy()),
        checks=checks,
        comparison=None if rows is None else comparison(*rows),
        provenance=PROVENANCE if provenance is None else provenance,
        data=DATA,
        environment=ENVIRONMENT,
    )


PROVENANCE: dict[str, Any] = {
    "tool": {"name": "mlci", "version": "0.1.0"},
    "policy": {
        "origin": "this pull request",
        "config": "mlci.yml",
        "digest": "sha256:" + "5e" * 32,
    },
    "change": {
        "event": "pull_request",
        "sha": "9fceb02d0ae598e95dc970b74767f19372d61af8",
        "head_sha": "3f2a7c1be0d94a55c1e0a6a8b7d1f0c2e4b69d10",
        "base_sha": "b6589fc6ab0dc82cf12099d1c2d40ab994e8410c",
        "pr_number": 42,
        "repository": "acme/credit",
    },
    "candidate": {
        "path": "models/model.joblib",
        "digest": "sha256:" + "c4" * 32,
        "size": 182_331,
        "model_class": "sklearn.pipeline.Pipeline",
        "interpreter": "/usr/bin/python3",
    },
    "baseline": {
        "source": "git:base:models/model.joblib",
        "commit": "b6589fc6ab0dc82cf12099d1c2d40ab994e8410c",
        "digest": "sha256:" + "ba" * 32,
        "size": 12_204,
        "modified": "2026-10-02T09:14:00+00:00",
        "tried": [{"source": "models/best-*.joblib", "why": "no file matches"}],
    },
    "same_model": False,
    "confidence": 0.95,
    "seed": 0,
    "interpreter": {"path": "/usr/bin/python3", "reason": "first on PATH", "version": "3.12.4"},
}
DATA: dict[str, Any] = {
    "path": "data/test.csv",
    "rows": 6530,
    "columns": 21,
    "digest": "sha256:" + "da" * 32,
    "target": "approved",
    "positive": "yes",
    "task": "binary",
    "unlabelled": 18,
}
ENVIRONMENT: dict[str, Any] = {
    "python": "3.11.7",
    "platform": "Linux-6.8-x86_64",
    "libraries": {"numpy": "2.4.6", "pandas": "3.1.1", "scikit-learn": "1.9.1"},
}
