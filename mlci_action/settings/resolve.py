"""What do the words of the file name? From the file's own shape to the values of the domain."""

from __future__ import annotations

from mlci_action.domain.decision import DeployPolicy
from mlci_action.domain.limits import Evidence, Margin, MetricLimits, SliceLimits
from mlci_action.domain.metrics import find_metric
from mlci_action.domain.sources import parse_source
from mlci_action.settings.rule_sections import (
    DeploySection,
    EvidenceSection,
    MarginSection,
    MetricSection,
    SlicesSection,
)
from mlci_action.settings.schema import SettingsFile
from mlci_action.settings.subject_sections import (
    ChecksSection,
    DataSection,
    DuplicatesSection,
    MissingSection,
)
from mlci_action.settings.values import (
    DataChecks,
    DataSettings,
    DuplicateLimits,
    MissingLimits,
    ModelSettings,
    Settings,
    WorkerSettings,
)


def resolve(file: SettingsFile, *, path: str) -> Settings:
    """The whole file as settings."""
    sources = file.baseline.from_ if file.baseline else []
    return Settings(
        path=path,
        data=_data(file.data),
        candidate=ModelSettings(model=file.candidate.model),
        baseline=tuple(parse_source(text) for text in sources),
        metrics=tuple(metric_limits(name, section) for name, section in file.metrics.items()),
        slices=_slices(file.slices) if file.slices else None,
        evidence=_evidence(file.evidence),
        deploy=_deploy(file.deploy),
        worker=WorkerSettings(
            env=tuple(file.worker.env), timeout_seconds=file.worker.timeout_seconds
        ),
    )


def metric_limits(name: str, section: MetricSection) -> MetricLimits:
    """The limits of one metric; ValueError when there is no metric of that name."""
    return MetricLimits(
        metric=find_metric(name),
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


def _data(section: DataSection) -> DataSettings:
    return DataSettings(
        evaluation=section.evaluation,
        target=section.target,
        positive=section.positive,
        id=section.id,
        time=section.time,
        schema=section.schema_,
        checks=_checks(section.checks),
    )


def _checks(section: ChecksSection) -> DataChecks:
    return DataChecks(
        missing=_missing(section.missing) if section.missing else None,
        duplicates=_duplicates(section.duplicates) if section.duplicates else None,
    )


def _missing(section: MissingSection) -> MissingLimits:
    return MissingLimits(
        max_share=section.max_share,
        columns=tuple(section.columns.items()),
        severity=section.severity,
    )


def _duplicates(section: DuplicatesSection) -> DuplicateLimits:
    return DuplicateLimits(max_share=section.max_share, severity=section.severity)


def _slices(section: SlicesSection) -> SliceLimits:
    return SliceLimits(
        by=tuple(tuple(columns) for columns in section.by),
        where=tuple(section.where),
        min_rows=section.min_rows,
        max_regression=margin(section.max_regression),
        severity=section.severity,
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
