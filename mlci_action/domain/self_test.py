"""Can the policy say no? What it answered to candidates that were made to be refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sabotage(StrEnum):
    """What was done to the predictions; the values are public."""

    PERMUTED = "permuted"
    CONSTANT = "constant"
    INVERTED = "inverted"
    BROKEN_SLICE = "broken_slice"
    NAN = "nan"
    MISSING_METRIC = "missing_metric"
    MISSING_BASELINE = "missing_baseline"
    UNREADABLE_BASELINE = "unreadable_baseline"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One sabotage: whether the policy held it back, and by which checks (their ids)."""

    sabotage: Sabotage
    caught: bool
    by: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SelfTest:
    """What the policy said to each, on `n` rows.

    copy: what it said to an identical copy of the baseline, `passed`, `inconclusive` or `failed`;
    None without a baseline. skipped: why there are no trials, empty otherwise.
    """

    n: int
    trials: tuple[Trial, ...] = ()
    copy: str | None = None
    skipped: str = ""

    @property
    def missed(self) -> tuple[Sabotage, ...]:
        """What came through."""
        return tuple(trial.sabotage for trial in self.trials if not trial.caught)
