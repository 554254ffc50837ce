"""What is a decision worth? Whose limits it rests on, which are waived, and whether they say no."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from mlci_action.domain.comparison import Comparison
from mlci_action.domain.policy import PolicyFacts
from mlci_action.domain.results import CheckResult
from mlci_action.domain.self_test import SelfTest
from mlci_action.domain.waivers import WaiverUse
from mlci_action.evaluation.scored_rows import Truth
from mlci_action.parts.governing import governed, remarked, waived
from mlci_action.parts.models import Said
from mlci_action.parts.outside import Failure, M, World
from mlci_action.parts.self_testing import answered, self_test
from mlci_action.settings.values import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """All results that are decided on, and what a reader must know of the limits."""

    results: tuple[CheckResult, ...]
    policy: PolicyFacts
    comparison: Comparison | None = None
    waivers: tuple[WaiverUse, ...] = ()
    self_test: SelfTest | None = None


def proved(
    settings: Settings,
    world: World[M],
    results: tuple[CheckResult, ...],
    comparison: Comparison | None,
    rows: pd.DataFrame | Failure,
    truth: Truth | Failure,
    candidate: Said | Failure,
    baseline: Said | Failure,
) -> Proof:
    """The results of a whole gate with those on the gate itself, waived where the owner says so."""
    today = world.today()
    tested = self_test(
        settings,
        rows,
        truth,
        candidate,
        baseline,
        comparison=comparison,
        waive=lambda found: waived(found, settings.waivers, today)[0],
    )
    more = (*answered(tested), *world.remarks())
    return _governed(settings, world, (*results, *more), comparison, tested)


def proved_of_data(settings: Settings, world: World[M], results: tuple[CheckResult, ...]) -> Proof:
    """The same for the data checks alone: there is no model, and nothing to sabotage."""
    return _governed(settings, world, results, None, None)


def _governed(
    settings: Settings,
    world: World[M],
    results: tuple[CheckResult, ...],
    comparison: Comparison | None,
    tested: SelfTest | None,
) -> Proof:
    policy = world.policy()
    whole, uses = waived((*results, *governed(policy)), settings.waivers, world.today())
    return Proof(
        results=whole,
        policy=policy,
        comparison=None if comparison is None else remarked(comparison, whole),
        waivers=uses,
        self_test=tested,
    )
