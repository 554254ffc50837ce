"""A table with columns of every kind, models that are functions of it, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from mlci_action.domain.limits import Evidence, Margin
from mlci_action.domain.metric import Metric
from mlci_action.domain.metrics import METRICS
from mlci_action.domain.results import CheckResult
from mlci_action.domain.robustness import (
    Monotonicity,
    Perturbation,
    PerturbationLimits,
    PropertyLimits,
    RobustnessLimits,
)
from mlci_action.evaluation.reading.predictions import ModelOutput
from mlci_action.evaluation.reading.variants import Answers, varied
from mlci_action.evaluation.robustness.measure import Robustness, robustness
from mlci_action.evaluation.robustness.plan import Plan, plan
from mlci_action.evaluation.rules.robustness_rules import judge_robustness
from mlci_action.evaluation.scored_rows import Question, read_truth, scored_rows

Asks: TypeAlias = PerturbationLimits | PropertyLimits
Says = Callable[[pd.DataFrame], ModelOutput | str]
NOISE = PerturbationLimits(kind=Perturbation.NOISE, amount=0.1, max_drop=Margin(absolute=0.02))
SEX = PropertyLimits(column="sex")
INCOME = PropertyLimits(column="income", direction=Monotonicity.INCREASING)


def people(n: int = 400, seed: int = 0) -> pd.DataFrame:
    """Loans of n people; income decides, the sex does not."""
    draw = np.random.default_rng(seed)
    income = draw.lognormal(10, 0.5, n)
    frame = pd.DataFrame(
        {
            "loan": np.arange(n) + 1,
            "income": income,
            "age": draw.integers(18, 90, n),
            "flag": draw.integers(0, 2, n),
            "one": 7.5,
            "married": draw.random(n) < 0.5,
            "sex": draw.choice(["female", "male"], n),
            "region": pd.Categorical(draw.choice(["north", "south", "west"], n)),
            "note": [f"applied with form {number}" for number in range(n)],
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(n), unit="D"),
        }
    )
    frame["y"] = np.where(np.log(income) - 10 + draw.normal(0, 0.4, n) > 0, "yes", "no")
    return frame


def table_with(n: int, **columns: Any) -> pd.DataFrame:  # noqa: ANN401
    """Ids and labels of n people, and these columns."""
    return people(n)[["loan", "y"]].assign(**columns)


def of_type(column: pd.Series, dtype: str) -> pd.Series:
    """The same in another type."""
    return column.astype(pd.api.types.pandas_dtype(dtype))


def scores(score: np.ndarray[Any, Any]) -> ModelOutput:
    """The probabilities that a logit gives, and its labels."""
    positive = 1 / (1 + np.exp(-np.asarray(score, np.float64)))
    return ModelOutput(
        predictions=np.where(positive >= 0.5, "yes", "no"),
        probabilities=np.column_stack([1 - positive, positive]),
        classes=("no", "yes"),
    )


def by_income(frame: pd.DataFrame) -> ModelOutput:
    """Rises with the income, and with nothing else."""
    return scores(4 * (np.log(frame["income"].fillna(22_000).to_numpy(float)) - 10))


def by_sex_too(frame: pd.DataFrame) -> ModelOutput:
    """As much by the sex as by the income."""
    men = (frame["sex"] == "male").to_numpy()
    return scores(4 * (np.log(frame["income"].fillna(22_000).to_numpy(float)) - 10) + men - 0.5)


def always(frame: pd.DataFrame) -> ModelOutput:
    """Says the same whatever it is asked."""
    return scores(np.full(len(frame), 0.3))


def afraid_of_blanks(frame: pd.DataFrame) -> ModelOutput | str:
    """By income, where nothing is missing."""
    if frame.drop(columns="y").isna().any().any():
        return "fails in predict (ValueError: Input contains NaN)"
    return by_income(frame)


def limits(*asks: Asks, rows: int = 2_000) -> RobustnessLimits:
    """What these ask for."""
    return RobustnessLimits(
        perturbations=tuple(one for one in asks if isinstance(one, PerturbationLimits)),
        properties=tuple(one for one in asks if isinstance(one, PropertyLimits)),
        rows=rows,
    )


def only(kind: Perturbation, **given: Any) -> PerturbationLimits:  # noqa: ANN401
    """One perturbation, at its usual amount."""
    usual = {"amount": 0.1} if kind is Perturbation.NOISE else {"share": 0.1}
    if kind is Perturbation.UNITS:
        usual = {"amount": 1_000.0, "share": 1.0}
    return PerturbationLimits(kind=kind, **{**usual, **given})


def planned(
    frame: pd.DataFrame,
    *asks: Asks,
    rows: int = 2_000,
    seed: int = 0,
) -> Plan:
    """The plan for all rows of `people`."""
    return plan(
        limits(*asks, rows=rows),
        frame,
        target="y",
        set_aside=("loan",),
        scored=frame["y"].notna().to_numpy(),
        seed=seed,
    )


def changed(frame: pd.DataFrame, asks: PerturbationLimits, **more: int) -> pd.DataFrame:
    """The columns that one perturbation changes, on all rows."""
    made = planned(frame, asks, **more)
    assert [trial.why_not for trial in made.trials] == [""]
    return made.variants[1].changed


def why_not(frame: pd.DataFrame, asks: Asks) -> str:
    """Why nothing can be tried."""
    made = planned(frame, asks)
    assert len(made.variants) == 1
    return made.trials[0].why_not


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is asked of two models about one table."""

    frame: pd.DataFrame
    asks: Sequence[Asks]
    candidate: Says
    baseline: Says | None = None
    metrics: tuple[Metric, ...] = (METRICS["roc_auc"],)
    evidence: Evidence = Evidence()
    positive: str | None = "yes"
    rows: int = 2_000
    sample_weight: str | None = None
    same_model: bool = False

    @property
    def plan(self) -> Plan:
        """What both are asked."""
        return planned(self.frame, *self.asks, rows=self.rows, seed=self.evidence.seed)

    def measured(self) -> Robustness:
        """How far their answers move."""
        made = self.plan
        truth = read_truth(self.frame["y"], positive=self.positive, metrics=self.metrics)
        question = Question(
            metrics=self.metrics, evidence=self.evidence, sample_weight=self.sample_weight
        )
        return robustness(
            made,
            question,
            truth,
            scored_rows(question, truth, self.frame),
            _answers(made, self.frame, self.candidate),
            None if self.baseline is None else _answers(made, self.frame, self.baseline),
            same_model=self.same_model,
        )

    def judged(self) -> dict[str, CheckResult]:
        """The answers by id."""
        results = judge_robustness(self.measured(), self.evidence)
        assert len({result.id for result in results}) == len(results)
        return {result.id: result for result in results}

    def but(self, **other: Any) -> Case:  # noqa: ANN401
        """The same, with something else."""
        return replace(self, **other)


def _answers(made: Plan, frame: pd.DataFrame, says: Says) -> Answers:
    output = by_income(frame) if isinstance(said := says(frame), str) else said
    return Answers(
        output=output, variants=tuple(says(varied(frame, variant)) for variant in made.variants)
    )
