"""The part of the data: its checks, and what they leave beside their answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mlci_action.checks import run_checks, unchecked
from mlci_action.checks.context import DataToCheck
from mlci_action.checks.facts import drift_facts
from mlci_action.domain.decision import Policy
from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.places import Located
from mlci_action.domain.results import CheckResult
from mlci_action.errors import BaselineMissing, BaselineUnknown
from mlci_action.parts.outside import Failure, M, Model, World
from mlci_action.profiles.stored import to_json
from mlci_action.settings.values import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """What the data checks leave beside their answers."""

    located: tuple[Located, ...] = ()
    profile: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def checked(settings: Settings, data: DataToCheck | Failure) -> tuple[CheckResult, ...]:
    """One answer for every data check, whether there are data or not."""
    if isinstance(data, Failure):
        return unchecked(
            settings.data.checks,
            id_column=settings.data.id,
            has_schema=settings.data.schema is not None,
            message=str(data.error),
            rules=settings.data.integrity,
        )
    return run_checks(data)


def as_first(
    settings: Settings, data: DataToCheck | Failure, baseline: Model | Failure
) -> DataToCheck | Failure:
    """Where the owner accepts a first model, data that has nothing before it is accepted too."""
    first = isinstance(baseline, Failure) and isinstance(baseline.error, BaselineMissing)
    unknown = isinstance(baseline, Failure) and isinstance(baseline.error, BaselineUnknown)
    if isinstance(data, Failure) or not first or unknown:
        return data
    accepted = settings.deploy.first_model is Policy.DEPLOY
    return replace(data, unanswered=Outcome.WAIVED) if accepted else data


def beside_checks(
    data: DataToCheck | Failure,
    results: tuple[CheckResult, ...],
    world: World[M],
    importance: Mapping[str, float | None],
) -> Beside:
    """Where the rows stand, the profile, and what moved."""
    if isinstance(data, Failure):
        return Beside()
    return Beside(
        located=world.locate(results),
        profile=to_json(data.batch.profile),
        facts=drift_facts(data, importance),
    )
