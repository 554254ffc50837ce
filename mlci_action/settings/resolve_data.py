"""What do the words under `data` name? From the file's own shape to the values of the domain."""

from __future__ import annotations

from typing import TypeVar

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
from mlci_action.settings.check_sections import (
    CategoriesSection,
    CheckSection,
    ChecksSection,
    DriftSection,
    DuplicatesSection,
    LabelsSection,
    MissingSection,
    RangeSection,
)
from mlci_action.settings.data_sections import DataSection
from mlci_action.settings.values import DataSettings, ReadSettings

_Section = TypeVar("_Section", bound=CheckSection)


def resolve_data(section: DataSection) -> DataSettings:
    """The whole section as settings."""
    return DataSettings(
        evaluation=section.evaluation,
        labels=section.labels,
        target=section.target,
        positive=section.positive,
        id=section.id,
        time=section.time,
        sample_weight=section.sample_weight,
        options=ReadSettings(
            columns=tuple(section.columns) or None,
            separator=section.separator,
            encoding=section.encoding,
            sheet=section.sheet,
        ),
        train=section.train,
        reference=section.reference,
        schema=section.schema_,
        integrity=tuple(rule.parsed for rule in section.integrity),
        show_values=section.show_values,
        checks=_checks(section.checks),
    )


def _checks(checks: ChecksSection) -> DataChecks:
    written = {name: getattr(checks, name) for name in DEFAULT_CHECKS}
    named: dict[str, CheckSection] = {n: section for n, section in written.items() if section}
    missing, duplicates = _on(checks.missing), _on(checks.duplicates)
    drift, categories = _on(checks.drift), _on(checks.categories)
    in_range, labels = _on(checks.range), _on(checks.labels)
    return DataChecks(
        missing=_missing(missing) if missing else None,
        duplicates=_duplicates(duplicates) if duplicates else None,
        drift=_drift(drift) if drift else None,
        categories=_categories(categories) if categories else None,
        range=_range(in_range) if in_range else None,
        labels=_labels(labels) if labels else None,
        # A section of its own class has limits, which carry their severity.
        severities={
            name: section.severity
            for name, section in named.items()
            if type(section) is CheckSection and not section.off
        },
        off=frozenset(name for name, section in named.items() if section.off),
    )


def _on(section: _Section | None) -> _Section | None:
    """The section of a check that is to run."""
    return None if section is None or section.off else section


def _missing(section: MissingSection) -> MissingLimits:
    return MissingLimits(
        max_share=section.max_share,
        columns=tuple(section.columns.items()),
        max_rise=section.max_rise,
        severity=section.severity,
    )


def _duplicates(section: DuplicatesSection) -> DuplicateLimits:
    return DuplicateLimits(
        max_share=section.max_share, max_rise=section.max_rise, severity=section.severity
    )


def _drift(section: DriftSection) -> DriftLimits:
    return DriftLimits(
        max=section.max, columns=tuple(section.columns.items()), severity=section.severity
    )


def _categories(section: CategoriesSection) -> CategoryLimits:
    closed = section.closed
    return CategoryLimits(
        closed=closed is True,
        columns=tuple(closed) if isinstance(closed, list) else (),
        severity=section.severity,
    )


def _range(section: RangeSection) -> RangeLimits:
    return RangeLimits(
        closed=section.closed is True, max_z=section.max_z, severity=section.severity
    )


def _labels(section: LabelsSection) -> LabelLimits:
    return LabelLimits(
        min_rows=section.min_rows, max_conflicts=section.max_conflicts, severity=section.severity
    )
