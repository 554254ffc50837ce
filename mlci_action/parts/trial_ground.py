"""On what are sabotaged candidates tried? The limits, some rows, and one model's answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.domain.decision import Decision, decide
from mlci_action.domain.limits import MetricLimits
from mlci_action.domain.metric import Task
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult
from mlci_action.evaluation.evaluate import Evaluated, evaluate
from mlci_action.evaluation.metrics.custom_metrics import CUSTOM, CustomAnswers, CustomQuestion
from mlci_action.evaluation.reading.predictions import (
    ModelOutput,
    Predictions,
    SliceRows,
    Target,
)
from mlci_action.evaluation.reading.row_keys import row_weights
from mlci_action.evaluation.reading.slices import sensitive_groups, slice_rows
from mlci_action.evaluation.sabotage.few_rows import MOST, few_rows
from mlci_action.evaluation.scored_rows import Question, ScoredRows, Truth, scored_rows
from mlci_action.parts.comparing import question_of
from mlci_action.parts.judging import judged
from mlci_action.parts.models import Said
from mlci_action.parts.outside import Failure
from mlci_action.settings.values import Settings

Waive = Callable[[tuple[CheckResult, ...]], tuple[CheckResult, ...]]
NoBaseline = tuple[Outcome, str] | None

# All that is not tried is taken to hold: the limits on predictions must say no by themselves.
_ALL_ELSE = CheckResult(
    id="data.all_else", area=Area.DATA, outcome=Outcome.PASSED, message="all else holds"
)
_IN_BROKEN_SLICE, _IN_WHERE = 400, 1
_MOST_SLICES = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What the policy says of one candidate, and the results of its limits."""

    decision: Decision
    results: tuple[CheckResult, ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Ground:
    """m of the rows, what a model says of them, and what must hold for predictions.

    settings: without the user's own metrics. broken: (m,) the slice that is broken, None where no
    limit judges one. whole: whether these are all rows. Of many slices `scored` holds the largest.
    """

    settings: Settings
    question: Question
    truth: Truth
    scored: ScoredRows
    said: Predictions
    output: ModelOutput
    waive: Waive
    broken: NDArray[np.bool_] | None
    whole: bool

    def answer(
        self,
        candidate: Predictions,
        baseline: Predictions | None,
        no_baseline: NoBaseline = None,
    ) -> Answer:
        """What the policy says of the candidate.

        A result more never opens a gate, so slices are asked only where all else lets it through.
        """
        overall = self.decided(self.compared(candidate, baseline), no_baseline)
        if self.settings.slices is None or not overall.decision.deploy:
            return overall
        evaluated = self.compared(candidate, baseline, slices=True)
        return self.decided(evaluated, no_baseline, settings=self.settings)

    def compared(
        self, candidate: Predictions, baseline: Predictions | None, *, slices: bool = False
    ) -> Evaluated:
        """What limits judge of the comparison, over all rows alone unless `slices` are wanted."""
        question, scored = self.question, self.scored
        if not slices:
            asked = {limit.metric.name for limit in self.settings.metrics if ruled(limit)}
            metrics = tuple(metric for metric in question.metrics if metric.name in asked)
            question = replace(question, metrics=metrics, slices=None)
            scored = replace(scored, slices=())
        return evaluate(
            question, scored, candidate, baseline, ask_custom=_never_again, beside=False
        )

    def decided(
        self,
        evaluated: Evaluated | Failure,
        no_baseline: NoBaseline = None,
        *,
        settings: Settings | None = None,
    ) -> Answer:
        """The decision by the limits of `settings`, None: those over all rows."""
        limits = without_slices(self.settings) if settings is None else settings
        found, _ = judged(limits, evaluated, no_baseline)
        results = self.waive(found)
        return Answer(decision=decide((*results, _ALL_ELSE), limits.deploy), results=results)


def ground_of(
    settings: Settings,
    rows: pd.DataFrame,
    truth: Truth,
    said: Said,
    *,
    waive: Waive,
    most: int = MOST,
) -> Ground:
    """About `most` of the labelled rows, drawn by `evidence.seed`, or all of them."""
    settings, truth = built_in(settings), _built_in(truth)
    target = truth.target
    frame = rows if target.rows.all() else rows[target.rows]
    broken, parts = _parts(settings, target, frame)
    index = few_rows(
        _classes(target),
        parts,
        counting=_counting(settings, frame),
        most=most,
        seed=settings.evidence.seed,
    )
    places = np.flatnonzero(target.rows)[index]
    taken = replace(truth, target=_some(target, index), column=truth.column.iloc[places])
    question = question_of(settings, taken)
    scored = scored_rows(question, taken, rows.iloc[places])
    return Ground(
        settings=settings,
        question=question,
        truth=taken,
        scored=replace(scored, slices=_largest(scored.slices, broken)),
        said=_answers(said.predictions, index),
        output=_output(said.answers.output, places),
        waive=waive,
        broken=None if broken is None else broken.rows[index],
        whole=len(index) == len(frame),
    )


def built_in(settings: Settings) -> Settings:
    """Without the limits on metrics of the user's own, and without slices that no limit judges."""
    metrics = tuple(limit for limit in settings.metrics if limit.metric.function != CUSTOM)
    slices = settings.slices
    judges = slices is not None and slices.max_regression is not None and metrics
    return replace(settings, metrics=metrics, slices=slices if judges else None)


def without_slices(settings: Settings) -> Settings:
    """The limits over all rows alone."""
    return replace(settings, slices=None)


def ruled(limit: MetricLimits) -> bool:
    """Whether anything must hold for that metric."""
    return limit.compares or limit.min is not None or limit.max is not None


def _built_in(truth: Truth) -> Truth:
    metrics = tuple(metric for metric in truth.metrics if metric.function != CUSTOM)
    return replace(truth, metrics=metrics)


def _largest(slices: Sequence[SliceRows], broken: SliceRows | None) -> tuple[SliceRows, ...]:
    """At most ten, the broken one, and whatever else would be missed if it were not there.

    The fewer are tested, the more each of them shows; beside what a sabotage does that is nothing.
    """
    by_size = sorted(slices, key=lambda part: -int(part.rows.sum()))
    needed: dict[object, SliceRows] = {}
    for part in by_size:
        columns = part.slice.where or tuple(column for column, _ in part.slice.by)
        needed.setdefault(columns, part)
    kept = {id(part) for part in (*by_size[:_MOST_SLICES], *needed.values())}
    names = None if broken is None else broken.slice
    return tuple(part for part in slices if id(part) in kept or part.slice == names)


def _parts(
    settings: Settings, target: Target, frame: pd.DataFrame
) -> tuple[SliceRows | None, list[tuple[NDArray[np.bool_], int]]]:
    """The slice to break, and how many rows of each slice and group must stay."""
    slices, groups = _slices(settings, frame), _groups(settings, target, frame)
    of_slices = [part for part in slices if part.judged]
    of_groups = [part for part in groups if part.judged]
    required = [*(of_slices if _slices_required(settings) else ())]
    required += of_groups if _fairness_required(settings) else ()
    under_half = [part for part in required if 2 * int(part.rows.sum()) < len(frame)]
    broken = max(under_half, key=lambda part: int(part.rows.sum()), default=None)
    wanted = [] if broken is None else [(broken.rows, _IN_BROKEN_SLICE)]
    wanted += [(part.rows, _IN_WHERE) for part in slices if part.required]
    if settings.slices is not None:
        kept = _largest(of_slices, broken)
        wanted += [(part.rows, settings.slices.min_rows) for part in kept]
    if settings.fairness is not None:
        wanted += [(part.rows, settings.fairness.min_rows) for part in of_groups]
    return broken, wanted


def _slices(settings: Settings, frame: pd.DataFrame) -> tuple[SliceRows, ...]:
    return () if settings.slices is None else slice_rows(frame, settings.slices)


def _groups(settings: Settings, target: Target, frame: pd.DataFrame) -> tuple[SliceRows, ...]:
    """The groups of every entry, where something must hold between them."""
    fairness = settings.fairness
    if fairness is None or target.task is not Task.BINARY or not any(map(ruled, fairness.limits)):
        return ()
    return tuple(part for parts in sensitive_groups(frame, fairness) for part in parts)


def _slices_required(settings: Settings) -> bool:
    return settings.slices is not None and settings.slices.severity is Severity.FAIL


def _fairness_required(settings: Settings) -> bool:
    limits = () if settings.fairness is None else settings.fairness.limits
    return any(ruled(limit) and limit.severity is Severity.FAIL for limit in limits)


def _classes(target: Target) -> NDArray[np.int64]:
    values = target.values  # noqa: PD011 - not a table's
    return np.zeros(len(values), np.int64) if target.task is Task.REGRESSION else values


def _some(target: Target, index: NDArray[np.int64]) -> Target:
    values = target.values[index]  # noqa: PD011 - not a table's
    return replace(target, rows=np.ones(len(index), bool), values=values)


def _counting(settings: Settings, frame: pd.DataFrame) -> NDArray[np.bool_] | None:
    column = settings.data.sample_weight
    return None if column is None else row_weights(frame, column) > 0


def _answers(said: Predictions, index: NDArray[np.int64]) -> Predictions:
    return replace(
        said,
        labels=_taken(said.labels, index),
        scores=_taken(said.scores, index),
        values=_taken(said.values, index),
        raw_scores=_taken(said.raw_scores, index),
    )


def _output(said: ModelOutput, places: NDArray[np.int64]) -> ModelOutput:
    return replace(
        said,
        predictions=said.predictions[places],
        probabilities=_taken(said.probabilities, places),
        decisions=_taken(said.decisions, places),
    )


def _taken(values: Any, index: NDArray[np.int64]) -> Any:  # noqa: ANN401 - None stays None
    return None if values is None else values[index]


def _never_again(_: CustomQuestion) -> CustomAnswers:
    nothing: Mapping[str, Any] = {}
    return nothing
