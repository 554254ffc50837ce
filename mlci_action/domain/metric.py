"""What is a metric? A scoring function's name and nature, and what it may be asked at."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from enum import StrEnum


class Task(StrEnum):
    """What the target is."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"


class Direction(StrEnum):
    """Which way is better."""

    HIGHER_IS_BETTER = "higher_is_better"
    LOWER_IS_BETTER = "lower_is_better"


class Needs(StrEnum):
    """What of a prediction a metric reads."""

    LABELS = "labels"
    SCORES = "scores"
    VALUES = "values"


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameters:
    """What a metric is asked at; None where nothing is said.

    class_label: the class that is set against all others. threshold: scores from here on count as
    positive, `TUNED` for the best one of other rows. k: rows at the top, a number, or a share below
    1 (`top_k_accuracy`: labels, 2 unless said). alpha: the quantile of `mean_pinball_loss`, 0.5
    unless said. beta: of `fbeta`.
    precision: what `recall_at_precision` must keep.
    """

    class_label: str | None = None
    threshold: float | None = None
    k: float | None = None
    alpha: float | None = None
    beta: float | None = None
    precision: float | None = None

    @property
    def given(self) -> tuple[str, ...]:
        """The names of those that say something."""
        return tuple(f.name for f in fields(self) if getattr(self, f.name) is not None)


# A threshold that is not given but found: on each half of the rows the best one of the other half.
TUNED = math.inf


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """A scoring function's name and nature.

    `name` is the report's; `function` says what is computed, the same unless the settings gave it a
    name of their own. `lowest` and `highest` are the ends of its range, None where it has none.
    `takes` are the parameters it may be asked at, `requires` those it must be. `custom` is the
    `module:function` of the user that computes it.
    """

    name: str
    direction: Direction
    tasks: frozenset[Task]
    needs: Needs
    lowest: float | None = None
    highest: float | None = None
    function: str = ""
    takes: frozenset[str] = frozenset()
    requires: frozenset[str] = frozenset()
    parameters: Parameters = Parameters()
    custom: str | None = None

    def __post_init__(self) -> None:
        if not self.function:
            object.__setattr__(self, "function", self.name)

    @property
    def reads(self) -> Needs:
        """What of a prediction must be there: labels at a threshold come from scores."""
        return self.needs if self.parameters.threshold is None else Needs.SCORES

    @property
    def needs_probabilities(self) -> bool:
        """Whether scores must be probabilities, not any numbers that rank."""
        of_user = self.custom is not None and self.needs is Needs.SCORES
        return of_user or self.function in _OF_PROBABILITIES

    @property
    def sign(self) -> int:
        """+1 where higher is better, -1 where lower is: `sign * diff` is up when better."""
        return 1 if self.direction is Direction.HIGHER_IS_BETTER else -1

    def asked_at(self, parameters: Parameters, *, name: str | None = None) -> Metric:
        """The same at these parameters; ValueError when it does not take them, or lacks one."""
        for given in parameters.given:
            if given not in self.takes:
                raise ValueError(f"{self.function} takes no {_SPELLED.get(given, given)}")
            _must_be_in_range(given, getattr(parameters, given))
        if parameters.threshold == TUNED and not self._has_best_threshold:
            raise ValueError(f"the threshold of {self.function} cannot be tuned: {_EXTREME}")
        if self.function == "top_k_accuracy" and parameters.k is not None and parameters.k < 1:
            raise ValueError(f"k is a number of labels and cannot be {parameters.k:g}")
        for needed in sorted(self.requires - set(parameters.given)):
            raise ValueError(f"{self.function} needs {_SPELLED.get(needed, needed)}")
        # One class against the rest makes two classes of any number.
        tasks = _CLASSES if parameters.class_label is not None else self.tasks
        return replace(self, name=name or self.name, parameters=parameters, tasks=tasks)

    @property
    def _has_best_threshold(self) -> bool:
        return self.function.partition("_")[0] not in {"precision", "recall"}


_EXTREME = "calling all rows positive, or hardly any, is best; tune f1, or name a number"
_SPELLED = {"class_label": "class"}
_CLASSES = frozenset({Task.BINARY, Task.MULTICLASS})
_OF_PROBABILITIES = frozenset({"log_loss", "brier_score", "expected_calibration_error"})


def _must_be_in_range(name: str, value: object) -> None:
    """ValueError unless the parameter can be meant."""
    if not isinstance(value, float):
        return
    good = {
        "threshold": value == TUNED or math.isfinite(value),
        "k": math.isfinite(value) and value > 0 and (value < 1 or value == int(value)),
        "alpha": 0 < value < 1,
        "beta": math.isfinite(value) and value > 0,
        "precision": 0 < value <= 1,
    }[name]
    if not good:
        raise ValueError(f"{name} cannot be {value:g}")
