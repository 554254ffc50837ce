"""Can the policy say no? What it answered to candidates that were made to be refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mlci_action.domain.outcomes import Verdict


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


# Which candidate it is, behind "a candidate".
CANDIDATES = {
    Sabotage.PERMUTED: "whose predictions are permuted",
    Sabotage.CONSTANT: "that says the same of every row",
    Sabotage.INVERTED: "whose predictions are inverted",
    Sabotage.BROKEN_SLICE: "whose predictions are inverted in one slice",
    Sabotage.NAN: "whose predictions are NaN",
    Sabotage.MISSING_METRIC: "of which a metric cannot be computed",
    Sabotage.MISSING_BASELINE: "for which there is no baseline",
    Sabotage.UNREADABLE_BASELINE: "whose baseline cannot be read",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One sabotage: whether the policy held it back, and by which checks (their ids).

    verdict: what the policy said; `inconclusive` holds predictions back because the rows are too
    few to tell, not because they were seen to be bad.
    """

    sabotage: Sabotage
    caught: bool
    by: tuple[str, ...] = ()
    verdict: Verdict = Verdict.FAIL


@dataclass(frozen=True, kw_only=True, slots=True)
class SelfTest:
    """What the policy said to each, on `n` rows.

    copy: what its comparisons said to an identical copy of the baseline, `passed`, `inconclusive`
    or `failed`; None without a baseline or comparisons. equal: the same for another model that is
    exactly as good and differs from the baseline as much as this candidate does. note: what was not
    tried, and why. skipped: why there are no trials, empty otherwise.
    """

    n: int
    trials: tuple[Trial, ...] = ()
    copy: str | None = None
    equal: str | None = None
    note: str = ""
    skipped: str = ""

    @property
    def missed(self) -> tuple[Sabotage, ...]:
        """What came through."""
        return tuple(trial.sabotage for trial in self.trials if not trial.caught)

    @property
    def all_caught(self) -> bool:
        """Whether something was tried, and nothing came through."""
        return bool(self.trials) and not self.missed
