"""What happens in one run? The whole story on one screen; everything outside comes as a `World`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

import pandas as pd

from mlci_action.checks import run_checks, unchecked
from mlci_action.checks.context import DataToCheck
from mlci_action.checks.facts import drift_facts, moved_columns
from mlci_action.domain.comparison import Comparison
from mlci_action.domain.decision import Policy, decide
from mlci_action.domain.metrics import METRICS
from mlci_action.domain.outcomes import Area, Outcome
from mlci_action.domain.places import Located
from mlci_action.domain.report import Facts, Report
from mlci_action.domain.results import CheckResult
from mlci_action.errors import BaselineMissing, BaselineUnknown, MlciError
from mlci_action.evaluation.behaviour.drift_importance import importances, question
from mlci_action.evaluation.evaluate import Evaluated, evaluate
from mlci_action.evaluation.metrics.custom_metrics import CustomAnswers, CustomQuestion
from mlci_action.evaluation.reading.columns import find_column
from mlci_action.evaluation.reading.predictions import ModelOutput, Predictions
from mlci_action.evaluation.rules.judge import judge, unjudged
from mlci_action.evaluation.scored_rows import Question, Truth, read_truth, scored_rows
from mlci_action.profiles.stored import to_json
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
    """All the outside of one run. All but `facts` may raise an `MlciError`."""

    def load_data(self) -> DataToCheck:
        """The evaluation data summed up, beside what it is compared with."""
        ...

    def load_rows(self) -> pd.DataFrame:
        """The rows of the evaluation data, for the models."""
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

    def ask_metrics(self, question: CustomQuestion) -> CustomAnswers:
        """What the user's own metrics say of both models' predictions, by metric name."""
        ...

    def locate(self, results: tuple[CheckResult, ...]) -> tuple[Located, ...]:
        """Where the rows stand that results of data checks mean."""
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
    if not (settings.metrics or settings.fairness or settings.flips):
        return run_data_checks(settings, world, why="without a metric no model was judged")
    # What user code could change (a schema or a model may be code) is found before any of it runs.
    candidate = _attempt(world.find_candidate)
    baseline = _attempt(world.find_baseline)
    same_bytes = _same(candidate, baseline)
    data = _attempt(world.load_data)
    rows = _attempt(world.load_rows)
    truth = _attempt(lambda: _truth(settings, _of(rows)))

    def predictions(model: M | Failure, threshold: float | None, who: str) -> Predictions:
        reads = _of(truth)
        said = world.predict(_of(model), _of(rows), who=who)
        return reads.read(said, threshold=threshold, who=who)

    # The candidate is asked last of the models: its code can then spoil its own answer, and what
    # the user's metrics import, but not the baseline's.
    ours, theirs = _thresholds(settings)
    before = _attempt(lambda: predictions(baseline, theirs, "the baseline"))
    importance = _importance(data, rows, baseline, world)
    after = before
    if not (same_bytes and ours == theirs):
        after = _attempt(lambda: predictions(candidate, ours, "the candidate"))
    evaluated = _attempt(
        lambda: _evaluated(
            settings, _of(rows), _of(truth), _of(after), before, world, same_model=after is before
        )
    )

    checked = _checked(settings, _first_model(settings, data, baseline))
    judged, comparison = _judged(settings, evaluated, before)
    results = (*checked, *judged)
    beside = _beside_checks(data, checked, world, importance)
    facts = world.facts()
    return Report(
        decision=decide(results, settings.deploy, same_model=same_bytes),
        checks=results,
        comparison=comparison,
        flipped=() if isinstance(evaluated, Failure) else evaluated.flipped,
        located=beside.located,
        profile=beside.profile,
        provenance={**facts.provenance, "same_model": same_bytes},
        data={**facts.data, **beside.facts, **_unlabelled(truth)},
        environment=facts.environment,
    )


def run_data_checks(
    settings: Settings, world: World[M], *, why: str = "the data checks alone were run"
) -> Report:
    """The data checks alone, decided on by the same rule; `why` says why nothing is deployed."""
    data = _attempt(world.load_data)
    results = _checked(settings, data)
    beside = _beside_checks(data, results, world, {})
    facts = world.facts()
    return Report(
        decision=decide(results, settings.deploy).holding(why),
        checks=results,
        located=beside.located,
        profile=beside.profile,
        provenance=facts.provenance,
        data={**facts.data, **beside.facts},
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


def _truth(settings: Settings, rows: pd.DataFrame) -> Truth:
    column = find_column(rows, settings.data.target, asked_by="data.target")
    metrics = [limits.metric for limits in settings.metrics]
    # Flips and fairness alone say that the target holds classes, as any metric of labels does.
    metrics = metrics or [METRICS["accuracy"]]
    return read_truth(column, positive=settings.data.positive, metrics=metrics)


def _unlabelled(truth: Truth | Failure) -> dict[str, int]:
    """How many rows are left out of every number, for want of a label."""
    return {} if isinstance(truth, Failure) else {"unlabelled": int((~truth.target.rows).sum())}


def _thresholds(settings: Settings) -> tuple[float | None, float | None]:
    """The candidate's and the baseline's, which is the same unless the settings say another."""
    ours, theirs = settings.candidate.threshold, settings.baseline_threshold
    return ours, ours if theirs is None else theirs


def _same(candidate: Model | Failure, baseline: Model | Failure) -> bool:
    if isinstance(candidate, Failure) or isinstance(baseline, Failure):
        return False
    return candidate.digest == baseline.digest


def _evaluated(
    settings: Settings,
    rows: pd.DataFrame,
    truth: Truth,
    candidate: Predictions,
    baseline: Predictions | Failure,
    world: World[M],
    *,
    same_model: bool,
) -> Evaluated:
    question = Question(
        metrics=truth.metrics,
        evidence=settings.evidence,
        slices=settings.slices,
        fairness=settings.fairness,
        sample_weight=settings.data.sample_weight,
        id=settings.data.id,
        set_aside=(settings.data.target, *settings.set_aside),
        thresholds=_thresholds(settings),
    )
    return evaluate(
        question,
        scored_rows(question, truth, rows),
        candidate,
        None if isinstance(baseline, Failure) else baseline,
        same_model=same_model,
        ask_custom=world.ask_metrics,
    )


def _checked(settings: Settings, data: DataToCheck | Failure) -> tuple[CheckResult, ...]:
    if isinstance(data, Failure):
        return unchecked(
            settings.data.checks,
            id_column=settings.data.id,
            has_schema=settings.data.schema is not None,
            message=str(data.error),
            rules=settings.data.integrity,
        )
    return run_checks(data)


def _first_model(
    settings: Settings, data: DataToCheck | Failure, baseline: Model | Failure
) -> DataToCheck | Failure:
    """Where the owner accepts a first model, data that has nothing before it is accepted too."""
    first = isinstance(baseline, Failure) and isinstance(baseline.error, BaselineMissing)
    unknown = isinstance(baseline, Failure) and isinstance(baseline.error, BaselineUnknown)
    if isinstance(data, Failure) or not first or unknown:
        return data
    accepted = settings.deploy.first_model is Policy.DEPLOY
    return replace(data, unanswered=Outcome.WAIVED) if accepted else data


@dataclass(frozen=True, kw_only=True, slots=True)
class _Beside:
    """What the data checks leave beside their answers."""

    located: tuple[Located, ...] = ()
    profile: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def _beside_checks(
    data: DataToCheck | Failure,
    results: tuple[CheckResult, ...],
    world: World[M],
    importance: Mapping[str, float | None],
) -> _Beside:
    if isinstance(data, Failure):
        return _Beside()
    return _Beside(
        located=world.locate(results),
        profile=to_json(data.batch.profile),
        facts=drift_facts(data, importance),
    )


def _importance(
    data: DataToCheck | Failure,
    rows: pd.DataFrame | Failure,
    baseline: M | Failure,
    world: World[M],
) -> Mapping[str, float | None]:
    """How much the baseline's answers depend on each column that moved; empty where none did."""
    moved = () if isinstance(data, Failure) else moved_columns(data)
    if not moved or isinstance(rows, Failure) or isinstance(baseline, Failure):
        return {}
    asked = question(rows, moved)
    said = _attempt(lambda: world.predict(baseline, asked, who="the baseline"))
    if isinstance(said, Failure):
        return {}
    found = importances(said, len(moved))
    return {column.name: value for column, value in zip(moved, found, strict=True)}


def _judged(
    settings: Settings, evaluated: Evaluated | Failure, baseline: Predictions | Failure
) -> tuple[tuple[CheckResult, ...], Comparison | None]:
    limits, slices = settings.metrics, settings.slices
    if isinstance(evaluated, Failure):
        why = str(evaluated.error)
        errors = unjudged(
            limits, slices, Outcome.ERRORED, why, fairness=settings.fairness, flips=settings.flips
        )
        return (_not_evaluated(why), *errors), None
    no_baseline = _why_none(settings, baseline) if isinstance(baseline, Failure) else None
    broken = dict(evaluated.broken)
    judged = judge(
        evaluated.comparison,
        [limit for limit in limits if limit.metric.name not in broken],
        slices,
        settings.evidence,
        fairness=settings.fairness,
        flips=settings.flips,
        no_baseline=no_baseline,
    )
    errored = {
        limit.metric.name: unjudged([limit], None, Outcome.ERRORED, broken[limit.metric.name])
        for limit in limits
        if limit.metric.name in broken
    }
    rows = tuple(
        row.judged(Outcome.ERRORED) if row.slice is None and errored.get(row.metric.name) else row
        for row in judged.comparison.rows
    )
    results = (*judged.results, *(result for of_one in errored.values() for result in of_one))
    return results, replace(judged.comparison, rows=rows)


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
