"""What happens in one run? The whole story on one screen; everything outside comes as a `World`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import pandas as pd

from mlci_action.checks import run_checks, unchecked
from mlci_action.checks.context import DataToCheck
from mlci_action.domain.comparison import Comparison
from mlci_action.domain.decision import Policy, decide
from mlci_action.domain.metric import Metric
from mlci_action.domain.outcomes import Area, Outcome
from mlci_action.domain.report import Facts, Report
from mlci_action.domain.results import CheckResult
from mlci_action.errors import BaselineMissing, BaselineUnknown, MlciError
from mlci_action.evaluation.columns import find_column
from mlci_action.evaluation.compare import compare_models
from mlci_action.evaluation.judge import judge, unjudged
from mlci_action.evaluation.outputs import read_predictions
from mlci_action.evaluation.predictions import ModelOutput, Predictions, Target
from mlci_action.evaluation.row_keys import time_order, unit_codes
from mlci_action.evaluation.slices import slice_rows
from mlci_action.evaluation.targets import read_target
from mlci_action.settings.values import Settings

T = TypeVar("T")


class Model(Protocol):
    """A model file that was found."""

    @property
    def digest(self) -> str:
        """SHA-256 of its bytes, as `sha256:...`."""
        ...


M = TypeVar("M", bound=Model)


class World(Protocol[M]):
    """All the outside of one run. The first four may raise an `MlciError`."""

    def load_data(self) -> DataToCheck:
        """The evaluation data, with what its schema said."""
        ...

    def find_candidate(self) -> M:
        """The model that this change brings."""
        ...

    def find_baseline(self) -> M:
        """The model it is measured against; BaselineMissing when no source has one."""
        ...

    def predict(self, model: M, frame: pd.DataFrame, *, who: str) -> ModelOutput:
        """What the model says of every row, `who` in messages; the labels do not reach it."""
        ...

    def facts(self) -> Facts:
        """What was seen on the way."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A stage that could not be done; all that needs it fails with the same error."""

    error: MlciError


def run_gate(settings: Settings, world: World[M]) -> Report:
    """Data, models, comparison, decision: every configured check gets exactly one answer."""
    if not settings.metrics:
        return run_data_checks(settings, world, why="without a metric no model was judged")
    # What user code could change (a schema or a model may be code) is found before any of it runs.
    candidate = _attempt(world.find_candidate)
    baseline = _attempt(world.find_baseline)
    same_model = _same(candidate, baseline)
    data = _attempt(world.load_data)
    target = _attempt(lambda: _truth(settings, _of(data)))

    def predictions(model: M | Failure, who: str) -> Predictions:
        truth = _of(target)
        return read_predictions(
            world.predict(_of(model), _of(data).frame, who=who),
            truth,
            needs=frozenset(metric.reads for metric in _metrics(settings)),
            needs_probabilities=any(metric.needs_probabilities for metric in _metrics(settings)),
            who=who,
        )

    # The candidate is asked last: its code has then no answer left to spoil but its own.
    said_before = _attempt(lambda: predictions(baseline, "the baseline"))
    said = said_before if same_model else _attempt(lambda: predictions(candidate, "the candidate"))
    compared = _attempt(
        lambda: _compared(
            settings, _of(data), _of(target), _of(said), said_before, same_model=same_model
        )
    )

    checked = _checked(settings, data)
    judged, comparison = _judged(settings, compared, said_before)
    results = (*checked, *judged)
    facts = world.facts()
    return Report(
        decision=decide(results, settings.deploy, same_model=same_model),
        checks=results,
        comparison=comparison,
        provenance={**facts.provenance, "same_model": same_model},
        data={**facts.data, **_unlabelled(target)},
        environment=facts.environment,
    )


def run_data_checks(
    settings: Settings, world: World[M], *, why: str = "the data checks alone were run"
) -> Report:
    """The data checks alone, decided on by the same rule; `why` says why nothing is deployed."""
    results = _checked(settings, _attempt(world.load_data))
    facts = world.facts()
    return Report(
        decision=decide(results, settings.deploy).holding(why),
        checks=results,
        provenance=facts.provenance,
        data=facts.data,
        environment=facts.environment,
    )


def _attempt(stage: Callable[[], T]) -> T | Failure:
    try:
        return stage()
    except MlciError as error:
        return Failure(error=error)


def _of(value: T | Failure) -> T:
    if isinstance(value, Failure):
        raise value.error
    return value


def _metrics(settings: Settings) -> tuple[Metric, ...]:
    return tuple(limits.metric for limits in settings.metrics)


def _truth(settings: Settings, data: DataToCheck) -> Target:
    column = find_column(data.frame, settings.data.target, asked_by="data.target")
    return read_target(column, positive=settings.data.positive, metrics=_metrics(settings))


def _unlabelled(target: Target | Failure) -> dict[str, int]:
    """How many rows are left out of every number, for want of a label."""
    return {} if isinstance(target, Failure) else {"unlabelled": int((~target.rows).sum())}


def _same(candidate: Model | Failure, baseline: Model | Failure) -> bool:
    if isinstance(candidate, Failure) or isinstance(baseline, Failure):
        return False
    return candidate.digest == baseline.digest


def _compared(
    settings: Settings,
    data: DataToCheck,
    target: Target,
    candidate: Predictions,
    baseline: Predictions | Failure,
    *,
    same_model: bool,
) -> Comparison:
    scored = data.frame[target.rows]
    evidence = settings.evidence
    return compare_models(
        target,
        candidate,
        None if isinstance(baseline, Failure) else baseline,
        metrics=_metrics(settings),
        slices=() if settings.slices is None else slice_rows(scored, settings.slices),
        evidence=evidence,
        units=None if evidence.unit is None else unit_codes(scored, evidence.unit),
        time_order=None if evidence.time is None else time_order(scored, evidence.time),
        same_model=same_model,
    )


def _checked(settings: Settings, data: DataToCheck | Failure) -> tuple[CheckResult, ...]:
    if isinstance(data, Failure):
        return unchecked(
            settings.data.checks,
            id_column=settings.data.id,
            has_schema=settings.data.schema is not None,
            message=str(data.error),
        )
    return run_checks(data)


def _judged(
    settings: Settings, comparison: Comparison | Failure, baseline: Predictions | Failure
) -> tuple[tuple[CheckResult, ...], Comparison | None]:
    limits, slices = settings.metrics, settings.slices
    if isinstance(comparison, Failure):
        why = str(comparison.error)
        return (_not_evaluated(why), *unjudged(limits, slices, Outcome.ERRORED, why)), None
    no_baseline = _why_none(settings, baseline) if isinstance(baseline, Failure) else None
    judged = judge(comparison, limits, slices, settings.evidence, no_baseline=no_baseline)
    return judged.results, judged.comparison


def _not_evaluated(why: str) -> CheckResult:
    """Required whatever the limits: data alone must not deploy what nobody could ask."""
    return CheckResult(
        id="provenance.evaluation", area=Area.PROVENANCE, outcome=Outcome.ERRORED, message=why
    )


def _why_none(settings: Settings, baseline: Failure) -> tuple[Outcome, str]:
    """What a comparison without a baseline answers, and why there is none."""
    if not isinstance(baseline.error, BaselineMissing):
        return Outcome.ERRORED, str(baseline.error)
    known_first = not isinstance(baseline.error, BaselineUnknown)
    if known_first and settings.deploy.first_model is Policy.DEPLOY:
        return Outcome.WAIVED, f"first model: {baseline.error.message}"
    return Outcome.NOT_RUN, str(baseline.error)
