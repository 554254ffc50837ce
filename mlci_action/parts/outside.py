"""What does a run need of the outside? All of it as a `World`, and what could not be had."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, Protocol, TypeVar

import pandas as pd

from mlci_action.checks.context import DataToCheck
from mlci_action.domain.costs import Budgets, Costs
from mlci_action.domain.fingerprint import Part
from mlci_action.domain.places import Located
from mlci_action.domain.policy import PolicyFacts
from mlci_action.domain.report import Facts
from mlci_action.domain.results import CheckResult
from mlci_action.errors import MlciError
from mlci_action.evaluation.metrics.custom_metrics import CustomAnswers, CustomQuestion
from mlci_action.evaluation.reading.variants import Answers, Variant

T = TypeVar("T")


class Model(Protocol):
    """A model file that was found."""

    @property
    def digest(self) -> str:
        """SHA-256 of its bytes, as `sha256:...`."""
        ...


M = TypeVar("M", bound=Model)


@dataclass(frozen=True, kw_only=True, slots=True)
class Between(Generic[M]):
    """The parts of the inputs that changed, and models by the parts that are new in each.

    Baseline and candidate are not among them. note: why some are missing, empty when none is.
    """

    changed: tuple[Part, ...]
    models: Mapping[frozenset[Part], M] = field(default_factory=dict)
    note: str = ""


class World(Protocol[M]):
    """All the outside of one run. Down to `locate` all may raise an `MlciError`."""

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

    def asks_alike(self, candidate: M, baseline: M) -> bool:
        """Whether one answer is both models': the same bytes, asked in the same way and code."""
        ...

    def predict(
        self, model: M, frame: pd.DataFrame, *, who: str, variants: Sequence[Variant] = ()
    ) -> Answers:
        """What the model says of every row and variant; the labels do not reach it.

        `who` is "the candidate" or "the baseline", for messages too. A variant that the model does
        not answer is told in the answers.
        """
        ...

    def measure(
        self, candidate: M, baseline: M | None, frame: pd.DataFrame, *, budgets: Budgets
    ) -> Costs:
        """What asking the models costs, in turn in the same run; a baseline's failure is told."""
        ...

    def ask_metrics(self, question: CustomQuestion) -> CustomAnswers:
        """What the user's own metrics say of both models' predictions, by metric name."""
        ...

    def locate(self, results: tuple[CheckResult, ...]) -> tuple[Located, ...]:
        """Where the rows stand that results of data checks mean."""
        ...

    def models_between(self) -> Between[M] | None:
        """The models between the old inputs and the new ones; None where nobody asked."""
        ...

    def policy(self) -> PolicyFacts:
        """Where the limits come from, and which of them the change would move."""
        ...

    def today(self) -> date:
        """The day of this run: waivers end."""
        ...

    def remarks(self) -> tuple[CheckResult, ...]:
        """What was seen of baseline and evaluation set that a reader must know: their age, their
        wear. Asked after the models.
        """
        ...

    def facts(self) -> Facts:
        """What was seen on the way."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A stage that could not be done; all that needs it fails with the same error."""

    error: MlciError


def attempt(stage: Callable[[], T]) -> T | Failure:
    """What the stage gives, or why it gives nothing."""
    try:
        return stage()
    except MlciError as error:
        return Failure(error=error)


def of(value: T | Failure) -> T:
    """The value; where there is none, its error again."""
    if isinstance(value, Failure):
        raise value.error
    return value
