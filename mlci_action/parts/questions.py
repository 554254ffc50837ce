"""What are the models asked beside the rows as they are? All of it in one go, drawn beforehand."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from mlci_action.checks.context import DataToCheck
from mlci_action.checks.facts import moved_columns
from mlci_action.evaluation.behaviour.determinism import asked_again
from mlci_action.evaluation.behaviour.drift_importance import question
from mlci_action.evaluation.reading.variants import Variant
from mlci_action.evaluation.robustness.plan import Plan, plan
from mlci_action.evaluation.scored_rows import Truth
from mlci_action.settings.values import Settings


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Questions:
    """robust: the rows changed as `robustness` has it, None where nothing is: both are asked them.

    again: some rows twice, for the candidate. back: each column that moved put back to where it
    was, for the baseline.
    """

    robust: Plan | None = None
    again: tuple[Variant, ...] = ()
    moved: tuple[str, ...] = ()
    back: tuple[Variant, ...] = ()

    @property
    def changed(self) -> tuple[Variant, ...]:
        """The changed rows, none where nothing is changed."""
        return () if self.robust is None else self.robust.variants

    def of(self, *, candidate: bool, baseline: bool) -> tuple[Variant, ...]:
        """What a model is asked that is the candidate, the baseline, or (the same file) both."""
        again, back = self.again if candidate else (), self.back if baseline else ()
        return (*self.changed, *again, *back)


def questions_for(
    settings: Settings, rows: pd.DataFrame, truth: Truth, data: DataToCheck | None
) -> Questions:
    """All of it for these rows; `data` is what they are like beside a reference, where known."""
    limits, seed = settings.robustness, settings.evidence.seed
    moved = () if data is None else moved_columns(data)
    return Questions(
        robust=None
        if limits is None
        else plan(
            limits,
            rows,
            target=settings.data.target,
            set_aside=settings.set_aside,
            scored=truth.target.rows,
            seed=seed,
        ),
        again=asked_again(len(rows), seed),
        moved=tuple(column.name for column in moved),
        back=question(rows, moved),
    )
