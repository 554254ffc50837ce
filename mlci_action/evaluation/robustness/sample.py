"""What is known of the rows that are asked, and what did a model say of each change of them?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mlci_action.domain.comparison import Comparison, ComparisonRow
from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import Metric, Task
from mlci_action.domain.metrics import METRICS
from mlci_action.errors import MlciError
from mlci_action.evaluation.compare import compare_models
from mlci_action.evaluation.intervals.methods import IDENTICAL
from mlci_action.evaluation.metrics.custom_metrics import CUSTOM
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions, Target
from mlci_action.evaluation.reading.variants import Answers
from mlci_action.evaluation.robustness.plan import AS_THEY_ARE, Plan
from mlci_action.evaluation.scored_rows import ScoredRows, Truth, paired_rows

UNCHANGED = "the answers are the same on every row"
# The engine compares two models; here both are one, asked of the rows as they are and changed.
_IN_OTHER_WORDS = (
    ("the two models give the same scores on every row", UNCHANGED),
    ("the two models are the same file", UNCHANGED),
    ("that the two models differ on", "whose answers change"),
    ("the two models' averages", "the averages before and after"),
    ("of the candidate", "of the changed rows"),
    ("of the baseline", "of the rows as they are"),
    ("candidate: ", "on the changed rows "),
    ("baseline: ", "on the rows as they are "),
)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Sample:
    """The m rows of a plan beside their truth. metrics: those of the settings, custom ones not."""

    rows: ScoredRows
    metrics: tuple[Metric, ...]
    evidence: Evidence

    @property
    def n(self) -> int:
        """How many rows there are."""
        return len(self.rows.labels)

    def before_and_after(
        self, before: Predictions, after: Predictions, *, confidence: float | None = None
    ) -> dict[str, ComparisonRow]:
        """Each metric of one model, on the rows as they are (baseline) and changed (candidate)."""
        evidence = self.evidence
        if confidence is not None:
            evidence = replace(evidence, confidence=confidence)
        found = self._compare(after, before, self.metrics, evidence, same=_constant(before, after))
        return {row.metric.name: _of_one_model(row) for row in found.rows}

    def paired(self, before: Predictions, after: Predictions) -> PairedRows:
        """The rows that have a weight, as metrics see them."""
        rows = paired_rows(self.rows, after, before, self.evidence)
        return rows if rows.weight is None else rows.take(np.flatnonzero(rows.weight > 0))

    def shares(self, ours: Predictions, theirs: Predictions) -> ComparisonRow:
        """Two shares of the rows side by side: labels of 1 where a row counts."""
        accuracy = (METRICS["accuracy"],)
        target = _all_of(self.n)
        found = self._compare(ours, theirs, accuracy, self.evidence, same=False, target=target)
        return found.rows[0]

    def _compare(
        self,
        candidate: Predictions,
        baseline: Predictions,
        metrics: tuple[Metric, ...],
        evidence: Evidence,
        *,
        same: bool,
        target: Target | None = None,
    ) -> Comparison:
        return compare_models(
            target or self.rows.target,
            candidate,
            baseline,
            metrics=metrics,
            evidence=evidence,
            units=self.rows.units,
            time_order=self.rows.time_order,
            sample_weight=self.rows.weight,
            same_model=same,
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Heard:
    """What one model said of each variant: checked predictions of the m rows, or why none.

    before: of the rows as they are, the first of `said`.
    """

    before: Predictions
    said: tuple[Predictions | str, ...]


def sample_of(plan: Plan, truth: Truth, scored: ScoredRows, evidence: Evidence) -> Sample:
    """The rows of the plan, taken from the n scored rows of the evaluation data."""
    place = np.cumsum(truth.target.rows) - 1
    index = place[plan.rows]
    weight, units, order = scored.weight, scored.units, scored.time_order
    rows = replace(
        scored,
        target=_target_of(plan, truth),
        frame=scored.frame.iloc[index],
        labels=scored.labels.iloc[index],
        slices=(),
        groups=(),
        weight=None if weight is None else weight[index],
        units=None if units is None else units[index],
        time_order=None if order is None else order[index],
    )
    task = truth.target.task
    metrics = tuple(
        metric for metric in truth.metrics if metric.function != CUSTOM and task in metric.tasks
    )
    return Sample(rows=rows, metrics=metrics, evidence=evidence)


def heard(
    plan: Plan, truth: Truth, answers: Answers, *, threshold: float | None, who: str
) -> Heard | str:
    """The answers to all variants; or why there is none to the rows as they are.

    ValueError when there are more or fewer answers than variants.
    """
    target = _target_of(plan, truth)
    asked = replace(truth, target=target, column=truth.column.iloc[plan.rows])
    said: list[Predictions | str] = []
    for _, output in zip(plan.variants, answers.variants, strict=True):
        if isinstance(output, str):
            said.append(output)
            continue
        try:
            said.append(asked.read(output, threshold=threshold, who=who))
        except MlciError as error:
            said.append(error.message.removeprefix(who).strip())
    before = said[AS_THEY_ARE]
    return before if isinstance(before, str) else Heard(before=before, said=tuple(said))


def _target_of(plan: Plan, truth: Truth) -> Target:
    """The same classes, whether or not the rows of the plan hold a row of each."""
    place = np.cumsum(truth.target.rows) - 1
    return replace(
        truth.target,
        rows=np.ones(len(plan.rows), bool),
        values=truth.target.values[place[plan.rows]],
    )


def _all_of(n: int) -> Target:
    return Target(
        task=Task.BINARY,
        rows=np.ones(n, bool),
        values=np.ones(n, np.int64),
        classes=("kept", "changed"),
    )


def _constant(before: Predictions, after: Predictions) -> bool:
    """Whether a model of numbers says one number whatever it is asked."""
    ours, theirs = after.values, before.values
    if ours is None or theirs is None or not len(ours):
        return False
    return bool((ours == ours[0]).all() and (theirs == ours[0]).all())


def _of_one_model(row: ComparisonRow) -> ComparisonRow:
    interval = row.interval
    if interval is not None:
        note = UNCHANGED if interval.method == IDENTICAL else _in_other_words(interval.note)
        interval = replace(interval, note=note)
    return replace(row, interval=interval, note=_in_other_words(row.note))


def _in_other_words(note: str) -> str:
    for of_two, of_one in _IN_OTHER_WORDS:
        note = note.replace(of_two, of_one)
    return note
