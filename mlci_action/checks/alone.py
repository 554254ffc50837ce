"""What can be asked of a table by itself, without anything to compare it with?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlci_action.checks import keys, missing_values
from mlci_action.checks import labels as label_rules
from mlci_action.checks import leakage as leakage_rules
from mlci_action.checks import repeats as repeat_rules
from mlci_action.checks.context import DataToCheck
from mlci_action.checks.findings import Compared, Finding
from mlci_action.domain.names import did_you_mean
from mlci_action.errors import DatasetError


def nothing(_data: DataToCheck) -> Iterable[Finding] | None:
    """Nothing to ask."""
    return None


def nothing_more(_data: Compared) -> Iterable[Finding]:
    """Nothing that needs the two profiles and nothing else."""
    return ()


def missing(data: DataToCheck) -> Iterable[Finding] | None:
    """The owner's limits on missing values."""
    limits = data.limits.missing
    if limits is None or (limits.max_share is None and not limits.columns):
        return None
    return _missing(data)


def repeats(data: DataToCheck) -> Iterable[Finding] | None:
    """The owner's limit on repeated rows."""
    limits = data.limits.duplicates
    if limits is None or limits.max_share is None:
        return None
    return repeat_rules.limit_on_repeats(data.batch.profile, limits)


def ids(data: DataToCheck) -> Iterable[Finding] | None:
    """The declared id."""
    return None if data.id is None else _declared_id(data)


def labels(data: DataToCheck) -> Iterable[Finding] | None:
    """The owner's limits on labels, and what looks wrong with them by itself."""
    return None if data.target is None else _labels(data, data.target)


def leakage(data: DataToCheck) -> Iterable[Finding] | None:
    """Leaks of the target, and rows that the training data hold as well."""
    return None if data.target is None else _leakage(data)


def _missing(data: DataToCheck) -> Iterator[Finding]:
    limits, batch = data.limits.missing, data.batch.profile
    if limits is None:
        return
    unknown = missing_values.unknown_columns(batch, limits)
    if unknown:
        raise DatasetError(
            f"missing values: column {unknown[0]!r} has a limit but is not in the data",
            hint=did_you_mean(unknown[0], batch.by_name),
        )
    yield from missing_values.limits_on_missing(batch, limits)


def _declared_id(data: DataToCheck) -> Iterator[Finding]:
    if data.id is not None and data.batch.ids is not None:
        yield from keys.declared_id(data.batch.profile, data.id, data.batch.ids)


def _labels(data: DataToCheck, target: str) -> Iterator[Finding]:
    limits, batch = data.limits.labels, data.batch.profile
    reference = None if data.reference is None else data.reference.profile
    if limits is not None:
        yield from label_rules.limits_on_labels(batch, reference, limits, target)
    if reference is None:
        yield from label_rules.find_labels_alone(batch, target)


def _leakage(data: DataToCheck) -> Iterator[Finding]:
    reference = data.reference
    measured = data.batch.profile if data.train is None else data.train.profile
    # Training data that stand in for a reference say nothing of what is new in them.
    known = None if reference is None or reference.is_train else reference.profile
    yield from leakage_rules.find_leakage(measured, known)
    ours, theirs = data.batch.hashes, None if data.train is None else data.train.hashes
    if ours is not None and theirs is not None:
        yield from leakage_rules.find_shared_rows(ours, theirs)
