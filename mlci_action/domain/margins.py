"""Which margin fits the noise of a metric on these rows?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Rates:
    """What a margin does to a candidate that is exactly as good, and to one that is worse.

    passes, fails: the chances of an equal candidate; what is left stays inconclusive. `fails` is
    the false-alarm rate. power: the chance that a candidate worse by twice the margin fails. All
    are shares, 0 to 1.
    """

    margin: float
    passes: float
    fails: float
    power: float


@dataclass(frozen=True, kw_only=True, slots=True)
class MarginAdvice:
    """One metric over all rows: how noisy it is, and what margins would do.

    n: rows scored. width: half of the interval of the difference, in the metric's own unit: no
    smaller margin is ever likely to be settled. noise: the standard deviation of the difference of
    two models that should be equal. retrainings: how many told the noise, 0: the rows alone did.
    current: the margin that the settings have; proposed: those that an equal candidate passes with
    the chances in PROPOSED. note: why there are none, empty otherwise.
    """

    metric: str
    n: int
    width: float | None = None
    noise: float | None = None
    retrainings: int = 0
    current: Rates | None = None
    proposed: tuple[Rates, ...] = ()
    note: str = ""


PROPOSED = (0.8, 0.95)
