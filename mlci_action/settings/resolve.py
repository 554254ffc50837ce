"""What do the words of the file name? From the file's own shape to the values of the domain."""

from __future__ import annotations

from typing import Any

from mlci_action.domain.costs import BATCH_ROWS, Budget, Budgets
from mlci_action.domain.decision import DeployPolicy
from mlci_action.domain.limits import (
    Evidence,
    FairnessLimits,
    FlipLimits,
    Margin,
    MetricLimits,
    SliceLimits,
)
from mlci_action.domain.metric import Metric
from mlci_action.domain.metrics import FAIRNESS_METRICS
from mlci_action.domain.sources import parse_source
from mlci_action.domain.trust import Trust
from mlci_action.settings.asked_metrics import asked_metric
from mlci_action.settings.budget_sections import BudgetsSection
from mlci_action.settings.metric_sections import LimitsSection, MarginSection, MetricSection
from mlci_action.settings.resolve_data import resolve_data
from mlci_action.settings.resolve_life import resolve_train, resolve_waivers
from mlci_action.settings.resolve_robustness import resolve_robustness
from mlci_action.settings.rule_sections import (
    DeploySection,
    EvidenceSection,
    FairnessSection,
    FlipsSection,
    SlicesSection,
)
from mlci_action.settings.schema import SettingsFile
from mlci_action.settings.subject_sections import BaselineSection, CandidateSection, TrustSection
from mlci_action.settings.values import (
    HowAsked,
    ModelSettings,
    OwnEnvironment,
    Settings,
    WorkerSettings,
)


def resolve(file: SettingsFile, *, path: str) -> Settings:
    """The whole file as settings."""
    sources = file.baseline.from_ if file.baseline else []
    return Settings(
        path=path,
        data=resolve_data(file.data),
        candidate=_candidate(file.candidate),
        baseline=tuple(parse_source(text) for text in sources),
        baseline_threshold=file.baseline.threshold if file.baseline else None,
        baseline_how=_how(file.candidate, file.baseline),
        baseline_environment=_own_environment(file.baseline),
        baseline_max_age_days=file.baseline.max_age_days if file.baseline else None,
        metrics=tuple(metric_limits(name, section) for name, section in file.metrics.items()),
        slices=_slices(file.slices) if file.slices else None,
        fairness=_fairness(file.fairness) if file.fairness else None,
        flips=_flips(file.flips) if file.flips else None,
        robustness=resolve_robustness(file.robustness) if file.robustness else None,
        budgets=_budgets(file.budgets) if file.budgets else Budgets(),
        evidence=_evidence(file.evidence),
        deploy=_deploy(file.deploy),
        worker=WorkerSettings(
            env=tuple(file.worker.env),
            timeout_seconds=file.worker.timeout_seconds,
            memory_mb=file.worker.memory_mb,
            network=file.worker.network,
        ),
        trust=trust_of(file.trust),
        train=resolve_train(file.train) if file.train else None,
        waivers=resolve_waivers(file.waivers),
    )


def trust_of(section: TrustSection) -> Trust:
    """Whose bytes may run."""
    return Trust(
        formats=None if section.formats is None else tuple(section.formats),
        skops_types=tuple(section.skops_types),
        pickle=section.pickle,
    )


def _candidate(section: CandidateSection) -> ModelSettings:
    return ModelSettings(
        model=section.model or section.predictions or "",
        predictions=section.predictions is not None,
        threshold=section.threshold,
        how=_how(section, None),
    )


def _how(candidate: CandidateSection, baseline: BaselineSection | None) -> HowAsked:
    """As the candidate is asked, but for what the baseline's own section says."""
    given = set() if baseline is None else baseline.model_fields_set

    def said(key: str) -> Any:  # noqa: ANN401  each key has a type of its own
        value = getattr(baseline if key in given else candidate, key)
        return tuple(value) if isinstance(value, list) else value

    if "predict" in given and baseline is not None and baseline.predict is not None:
        return HowAsked(predict=baseline.predict, classes=said("classes"))
    return HowAsked(
        **{key: said(key) for key in ("load", "features", "predict", "columns", "classes")}
    )


def _own_environment(section: BaselineSection | None) -> OwnEnvironment:
    if section is None:
        return OwnEnvironment()
    return OwnEnvironment(requirements=section.requirements, python=section.python)


def metric_limits(name: str, section: MetricSection) -> MetricLimits:
    """The limits of one metric; ValueError when there is none of that name or not as asked."""
    return limits_of(asked_metric(name, section), section)


def limits_of(metric: Metric, section: LimitsSection) -> MetricLimits:
    """What must hold for `metric`."""
    return MetricLimits(
        metric=metric,
        min=section.min,
        max=section.max,
        max_regression=margin(section.max_regression),
        min_improvement=margin(section.min_improvement),
        max_improvement=margin(section.max_improvement),
        severity=section.severity,
    )


def margin(section: MarginSection | None) -> Margin | None:
    """The margin, if one is given."""
    return Margin(absolute=section.absolute, relative=section.relative) if section else None


def _slices(section: SlicesSection) -> SliceLimits:
    return SliceLimits(
        by=tuple(tuple(columns) for columns in section.by),
        where=tuple(section.where),
        min_rows=section.min_rows,
        max_regression=margin(section.max_regression),
        severity=section.severity,
        find=section.find,
    )


def _fairness(section: FairnessSection) -> FairnessLimits:
    return FairnessLimits(
        sensitive=tuple(tuple(columns) for columns in section.sensitive),
        limits=tuple(
            limits_of(FAIRNESS_METRICS[name], limits) for name, limits in section.limits.items()
        ),
        min_rows=section.min_rows,
    )


def _flips(section: FlipsSection) -> FlipLimits:
    return FlipLimits(max_negative_rate=section.max_negative_rate, severity=section.severity)


def _budgets(section: BudgetsSection) -> Budgets:
    batch = section.batch_latency
    return Budgets(
        batch_rows=batch.rows if batch else BATCH_ROWS,
        budgets=tuple(
            Budget(
                measure=measure,
                max=limits.own_limit,
                max_ratio=limits.max_ratio,
                severity=limits.severity,
            )
            for measure, limits in section.given.items()
        ),
    )


def _evidence(section: EvidenceSection) -> Evidence:
    return Evidence(
        confidence=section.confidence,
        seed=section.seed,
        unit=section.unit,
        time=section.time,
        decide_by=section.decide_by,
    )


def _deploy(section: DeploySection) -> DeployPolicy:
    return DeployPolicy(
        first_model=section.first_model,
        when_unchanged=section.when_unchanged,
        when_inconclusive=section.when_inconclusive,
    )
