"""The part of the reasons: what did each part of the inputs bring to the change of a metric?"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from mlci_action.domain.fingerprint import Part
from mlci_action.domain.moves import WhyMoved, corner_name
from mlci_action.evaluation.moves import why_moved_from
from mlci_action.evaluation.reading.predictions import Predictions
from mlci_action.evaluation.scored_rows import Truth
from mlci_action.parts.comparing import question_of
from mlci_action.parts.models import Said, asked, thresholds
from mlci_action.parts.outside import Between, Failure, M, World, attempt, of
from mlci_action.settings.values import Settings


def explained(
    settings: Settings,
    world: World[M],
    rows: pd.DataFrame | Failure,
    truth: Truth | Failure,
    candidate: Said | Failure,
    baseline: Said | Failure,
) -> WhyMoved | None:
    """The shares, or in one sentence why they are not known; None where nobody asked.

    Without both models nothing moved.
    """
    if isinstance(candidate, Failure) or isinstance(baseline, Failure) or candidate is baseline:
        return None
    found = attempt(world.models_between)
    if isinstance(found, Failure):
        return WhyMoved(changed=(), note=found.error.message)
    if found is None or not found.changed:
        return None
    between = found
    shares = attempt(
        lambda: _shares(settings, world, of(rows), of(truth), between, candidate, baseline)
    )
    if isinstance(shares, Failure):
        return WhyMoved(changed=between.changed, note=shares.error.message)
    return shares


def _shares(
    settings: Settings,
    world: World[M],
    rows: pd.DataFrame,
    truth: Truth,
    between: Between[M],
    candidate: Said,
    baseline: Said,
) -> WhyMoved:
    ours, _ = thresholds(settings)
    corners: dict[frozenset[Part], Predictions] = {
        frozenset(): baseline.predictions,
        frozenset(between.changed): candidate.predictions,
    }
    for corner, model in between.models.items():
        who = f"the model with what is new in {corner_name(corner)} alone"
        corners[corner] = of(asked(world, model, rows, truth, (), ours, who=who)).predictions
    found = why_moved_from(
        question_of(settings, truth), truth, rows, corners, changed=between.changed
    )
    return replace(found, note=between.note or found.note)
