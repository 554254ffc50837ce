"""The self-test alone: one model is asked, and its answers are sabotaged."""

from __future__ import annotations

from mlci_action.domain.self_test import SelfTest
from mlci_action.parts.governing import waived
from mlci_action.parts.models import asked, thresholds, truth_of
from mlci_action.parts.outside import Failure, M, World, attempt, of
from mlci_action.parts.self_testing import self_test
from mlci_action.settings.values import Settings


def tested(settings: Settings, world: World[M]) -> SelfTest:
    """What the limits say to sabotaged answers of the baseline, of the candidate without one.

    MlciError where there is neither, or where it says nothing that can be used.
    """
    rows = world.load_rows()
    truth = truth_of(settings, rows)
    ours, theirs = thresholds(settings)
    baseline = asked(
        world, attempt(world.find_baseline), rows, truth, (), theirs, who="the baseline"
    )
    candidate = baseline
    if isinstance(baseline, Failure):
        found = world.find_candidate()
        candidate = asked(world, found, rows, truth, (), ours, who="the candidate")
        of(candidate)
    today = world.today()
    return self_test(
        settings,
        rows,
        truth,
        candidate,
        baseline,
        waive=lambda results: waived(results, settings.waivers, today)[0],
    )
