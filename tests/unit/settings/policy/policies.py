"""Which policies can there be? Settings of every shape that mlci.yml can write, drawn."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from mlci_action.domain.costs import Budget, Budgets, Measure
from mlci_action.domain.data_limits import (
    DEFAULT_CHECKS,
    CategoryLimits,
    DataChecks,
    DriftLimits,
    DuplicateLimits,
    LabelLimits,
    MissingLimits,
    RangeLimits,
)
from mlci_action.domain.decision import DeployPolicy, Policy
from mlci_action.domain.integrity import parse_rule
from mlci_action.domain.limits import (
    DecideBy,
    Evidence,
    FairnessLimits,
    FlipLimits,
    Margin,
    MetricLimits,
    SliceLimits,
)
from mlci_action.domain.metric import Parameters
from mlci_action.domain.metrics import FAIRNESS_METRICS, METRICS
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.domain.outcomes import Severity
from mlci_action.domain.robustness import (
    Monotonicity,
    Perturbation,
    PerturbationLimits,
    PropertyLimits,
    RobustnessLimits,
)
from mlci_action.domain.sources import GitSource, PathSource
from mlci_action.domain.trust import PickleTrust, Trust
from mlci_action.domain.waivers import Waiver
from mlci_action.settings.values import DataSettings, ModelSettings, Settings

_SHARES = st.sampled_from([0.0, 0.004, 0.01, 0.05, 0.3, 1.0])
_MAYBE = st.none() | _SHARES
_SEVERITIES = st.sampled_from(Severity)
_MARGINS = st.none() | st.builds(Margin, absolute=_SHARES, relative=_MAYBE)
_COLUMNS = ("sex", "region", "age")
_OWN_SHARES = st.lists(
    st.tuples(st.sampled_from(_COLUMNS), _SHARES), unique_by=lambda own: own[0], max_size=2
).map(tuple)
_WITH_LIMITS: dict[str, st.SearchStrategy[Any]] = {
    "missing": st.builds(
        MissingLimits,
        max_share=_MAYBE,
        columns=_OWN_SHARES,
        max_rise=_MAYBE,
        severity=_SEVERITIES,
    ),
    "duplicates": st.builds(
        DuplicateLimits, max_share=_MAYBE, max_rise=_MAYBE, severity=_SEVERITIES
    ),
    "drift": st.builds(DriftLimits, max=_SHARES, columns=_OWN_SHARES, severity=_SEVERITIES),
    "categories": st.builds(
        CategoryLimits,
        closed=st.booleans(),
        columns=st.lists(st.sampled_from(_COLUMNS), unique=True).map(tuple),
        severity=_SEVERITIES,
    ),
    "range": st.builds(
        RangeLimits,
        closed=st.booleans(),
        max_z=st.none() | st.sampled_from([3.0, 6.0]),
        severity=_SEVERITIES,
    ),
    "labels": st.builds(
        LabelLimits,
        min_rows=st.none() | st.integers(1, 3),
        max_conflicts=_MAYBE,
        severity=_SEVERITIES,
    ),
}


def _some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


@st.composite
def _checks(draw: st.DrawFn) -> DataChecks:
    off = draw(st.frozensets(st.sampled_from(DEFAULT_CHECKS), max_size=2))
    plain = [name for name in DEFAULT_CHECKS if name not in _WITH_LIMITS]
    named = draw(st.dictionaries(st.sampled_from(plain), _SEVERITIES, max_size=2))
    limits = {name: draw(_some(each)) for name, each in _WITH_LIMITS.items() if name not in off}
    return DataChecks(
        **limits, off=off, severities={name: s for name, s in named.items() if name not in off}
    )


def _limits(names: dict[str, Any]) -> st.SearchStrategy[tuple[MetricLimits, ...]]:
    one = st.builds(
        MetricLimits,
        metric=st.sampled_from(sorted(names)).map(names.__getitem__),
        min=_MAYBE,
        max=_MAYBE,
        max_regression=_MARGINS,
        min_improvement=_MARGINS,
        max_improvement=_MARGINS,
        severity=_SEVERITIES,
    )
    return st.lists(one, unique_by=lambda limits: limits.metric.name, max_size=3).map(tuple)


_METRICS = {
    "roc_auc": METRICS["roc_auc"],
    "log_loss": METRICS["log_loss"],
    "f1": METRICS["f1"],
    "f1 at 0.3": METRICS["f1"].asked_at(Parameters(threshold=0.3)),
}
_CROSSES = st.lists(
    st.sampled_from([("sex",), ("region",), ("sex", "region"), ("region", "sex")]),
    unique_by=frozenset,
    min_size=1,
    max_size=2,
).map(tuple)
_RULES = [
    "start <= end",
    {"rule": "age > 0", "name": "age"},
    {"rule": "age > 1", "name": "age", "severity": "warn"},
    {"rule": "start <= end", "max_share": 0.1},
]
DAY = date(2027, 3, 31)


@st.composite
def settings(draw: st.DrawFn) -> Settings:
    """One policy; two of them have much in common, and differ in as much."""
    data = DataSettings(
        evaluation=draw(st.sampled_from(["a.csv", "b.csv"])),
        target="approved",
        id=draw(_some(st.just("loan_id"))),
        schema=draw(_some(st.sampled_from(["schema.yml", "rules.yml"]))),
        integrity=draw(
            st.lists(st.sampled_from(_RULES).map(parse_rule), unique_by=lambda r: r.name).map(tuple)
        ),
        show_values=draw(st.booleans()),
        checks=draw(_checks()),
    )
    kinds = st.builds(
        PerturbationLimits,
        kind=st.sampled_from(Perturbation),
        amount=st.sampled_from([0.1, 0.5]),
        columns=_some(st.just(("age",))),
        max_drop=_MARGINS,
        max_drop_regression=_MAYBE,
        max_flips=_MAYBE,
        max_flips_regression=_MAYBE,
        severity=_SEVERITIES,
    )
    held = st.builds(
        PropertyLimits,
        column=st.sampled_from(_COLUMNS),
        direction=_some(st.sampled_from(Monotonicity)),
        max_share=_SHARES,
        severity=_SEVERITIES,
    )
    budget = st.builds(
        Budget,
        measure=st.sampled_from(Measure),
        max=_some(st.sampled_from([5.0, 50.0])),
        max_ratio=st.sampled_from([1.5, 2.0]),
        severity=_SEVERITIES,
    )
    waiver = st.builds(
        Waiver,
        check=st.sampled_from(["metric.roc_auc.min", "metric.roc_auc.max_regression"]),
        ceiling=_SHARES,
        reason=st.just("r"),
        expires=st.integers(0, 2).map(lambda days: DAY + timedelta(days)),
        column=_some(st.just("age")),
    )
    policies = st.sampled_from(Policy)
    return Settings(
        path="mlci.yml",
        data=data,
        candidate=ModelSettings(model=draw(st.sampled_from(["m.joblib", "n.joblib"]))),
        baseline=draw(
            st.sampled_from([(), (PathSource(pattern="o"),), (GitSource(ref="base", path="o"),)])
        ),
        baseline_max_age_days=draw(_some(st.sampled_from([30.0, 90.0]))),
        metrics=draw(_limits(_METRICS)),
        slices=draw(
            _some(
                st.builds(
                    SliceLimits,
                    by=_CROSSES,
                    min_rows=st.sampled_from([20, 50]),
                    max_regression=_MARGINS,
                    severity=_SEVERITIES,
                )
            )
        ),
        fairness=draw(
            _some(
                st.builds(
                    FairnessLimits,
                    sensitive=_CROSSES,
                    limits=_limits(dict(list(FAIRNESS_METRICS.items())[:2])),
                    min_rows=st.sampled_from([20, 50]),
                )
            )
        ),
        flips=draw(_some(st.builds(FlipLimits, max_negative_rate=_SHARES, severity=_SEVERITIES))),
        robustness=draw(
            _some(
                st.builds(
                    RobustnessLimits,
                    perturbations=st.lists(kinds, unique_by=lambda each: each.kind, max_size=2).map(
                        lambda found: tuple(
                            sorted(found, key=lambda each: list(Perturbation).index(each.kind))
                        )
                    ),
                    properties=st.lists(
                        held, unique_by=lambda each: (each.what, each.column), max_size=2
                    ).map(tuple),
                    rows=st.sampled_from([500, 2_000]),
                )
            )
        ),
        budgets=draw(
            st.builds(
                Budgets,
                budgets=st.lists(budget, unique_by=lambda each: each.measure, max_size=2).map(
                    tuple
                ),
                batch_rows=st.sampled_from([100, 1_000]),
            )
        ),
        evidence=draw(
            st.builds(
                Evidence,
                confidence=st.sampled_from([0.9, 0.95]),
                seed=st.integers(0, 1),
                unit=_some(st.just("customer")),
                decide_by=st.sampled_from(DecideBy),
            )
        ),
        deploy=draw(
            st.builds(
                DeployPolicy,
                first_model=policies,
                when_unchanged=policies,
                when_inconclusive=policies,
            )
        ),
        trust=draw(
            st.builds(
                Trust,
                formats=_some(st.just((ModelFormat.SKOPS,))),
                skops_types=st.sampled_from([(), ("a.B",)]),
                pickle=st.sampled_from(PickleTrust),
            )
        ),
        waivers=tuple(draw(st.lists(waiver, max_size=2))),
    )
