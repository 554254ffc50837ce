"""An outside that is made of values: data, two models that answer what they are told to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from mlci_action.checks.context import DataToCheck, Reference
from mlci_action.domain.costs import Budgets, Costs, ModelCosts
from mlci_action.domain.data_limits import DataChecks
from mlci_action.domain.places import Located, Place
from mlci_action.domain.policy import PolicyFacts
from mlci_action.domain.report import Facts
from mlci_action.domain.results import CheckResult
from mlci_action.errors import BaselineMissing, MlciError
from mlci_action.evaluation.metrics.custom_metrics import CustomAnswers, CustomQuestion
from mlci_action.evaluation.reading.predictions import ModelOutput
from mlci_action.evaluation.reading.variants import Answers, Variant, varied
from mlci_action.parts.outside import Between
from mlci_action.profiles.frames import chunks_of
from mlci_action.profiles.table import sum_up


@dataclass(frozen=True, kw_only=True)
class FakeModel:
    """A model whose bytes are its digest, and which says what `says` answers."""

    digest: str
    says: Callable[[pd.DataFrame], ModelOutput]


@dataclass(kw_only=True)
class FakeWorld:
    """Gives what it was made with; an error in a place is raised there."""

    frame: pd.DataFrame | MlciError
    candidate: FakeModel | MlciError
    baseline: FakeModel | MlciError = field(
        default_factory=lambda: BaselineMissing("there is no baseline (no source is configured)")
    )
    asked: list[str] = field(default_factory=list)
    schema_problem: str | None = None
    limits: DataChecks = field(default_factory=DataChecks)
    reference: pd.DataFrame | None = None
    between: Between[FakeModel] | MlciError | None = None
    limits_from: PolicyFacts = field(default_factory=lambda: PolicyFacts(origin="a test"))
    remarked: tuple[CheckResult, ...] = ()
    metrics: CustomAnswers | MlciError = field(default_factory=dict)
    costs: Costs | MlciError = field(
        default_factory=lambda: Costs(candidate=ModelCosts(n_bytes=1_000))
    )

    def load_data(self) -> DataToCheck:
        """The table summed up, and the reference's if there is one."""
        frame, before = self.load_rows(), self.reference
        known = None if before is None else sum_up(chunks_of(before)).profile
        return DataToCheck(
            batch=sum_up(chunks_of(frame), reference=known),
            reference=None if known is None else Reference(profile=known, origin="last month"),
            no_reference="" if known is not None else "there is no baseline",
            limits=self.limits,
            schema_problem=self.schema_problem,
        )

    def load_rows(self) -> pd.DataFrame:
        """The table."""
        if isinstance(self.frame, MlciError):
            raise self.frame
        return self.frame

    def locate(self, results: tuple[CheckResult, ...]) -> tuple[Located, ...]:
        """The first row, for each result that means some."""
        place = (Place(file="data.csv", row=1, line=2),)
        return tuple(
            Located(check_id=result.id, column=result.column, rows=1, places=place)
            for result in results
            if result.cells is not None
        )

    def find_candidate(self) -> FakeModel:
        """The model under test."""
        return self._model(self.candidate)

    def find_baseline(self) -> FakeModel:
        """The model it is measured against."""
        return self._model(self.baseline)

    def asks_alike(self, candidate: FakeModel, baseline: FakeModel) -> bool:
        """Two of one digest are."""
        return candidate.digest == baseline.digest

    def predict(
        self, model: FakeModel, frame: pd.DataFrame, *, who: str, variants: Sequence[Variant] = ()
    ) -> Answers:
        """What it was told to say, of the rows and of every variant."""
        self.asked.append(f"{who}: {model.digest}")
        changed = (varied(frame, variant) for variant in variants)
        return Answers(
            output=model.says(frame), variants=tuple(model.says(rows) for rows in changed)
        )

    def measure(
        self,
        candidate: FakeModel,
        baseline: FakeModel | None,
        frame: pd.DataFrame,
        *,
        budgets: Budgets,
    ) -> Costs:
        """What it was told to cost."""
        if isinstance(self.costs, MlciError):
            raise self.costs
        return self.costs

    def ask_metrics(self, question: CustomQuestion) -> CustomAnswers:
        """What they were told to say."""
        self.asked.append(", ".join(metric.name for metric in question.metrics))
        if isinstance(self.metrics, MlciError):
            raise self.metrics
        return self.metrics

    def models_between(self) -> Between[FakeModel] | None:
        """What it was made with."""
        if isinstance(self.between, MlciError):
            raise self.between
        return self.between

    def policy(self) -> PolicyFacts:
        """What it was made with."""
        return self.limits_from

    def today(self) -> date:
        """Always the same day."""
        return date(2026, 11, 28)

    def remarks(self) -> tuple[CheckResult, ...]:
        """What it was made with."""
        return self.remarked

    def facts(self) -> Facts:
        """Nothing of interest."""
        return Facts(provenance={"where": "a test"})

    @staticmethod
    def _model(model: FakeModel | MlciError) -> FakeModel:
        if isinstance(model, MlciError):
            raise model
        return model
