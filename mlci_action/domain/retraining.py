"""Is it worth training again? Decided by what is known of the inputs, now and before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from mlci_action.domain.fingerprint import Change, Fingerprint, Part, TrainingRecord


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What a model was made of, and whose model that is, as in "the model at models/m.joblib"."""

    record: TrainingRecord
    whose: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """How much of the data changed, and from where on that is worth a training.

    rows: the share of the rows of both times that are new or gone, drift: the largest D of a
    column, both 0 to 1 and None where the settings do not ask. unknown: why nobody can tell.
    """

    rows: float | None = None
    drift: float | None = None
    min_rows: float | None = None
    min_drift: float | None = None
    unknown: str = ""

    @property
    def is_reached(self) -> bool:
        """Whether one of what is asked reaches its limit, or cannot be told."""
        pairs = ((self.rows, self.min_rows), (self.drift, self.min_drift))
        asked = [(value, least) for value, least in pairs if least is not None]
        below = all(value is not None and value < least for value, least in asked)
        return bool(self.unknown) or not below

    @property
    def sentence(self) -> str:
        """The numbers beside their limits."""
        if self.unknown:
            return self.unknown
        found = []
        if self.rows is not None and self.min_rows is not None:
            found.append(f"{self.rows:.3g} of the rows are new or gone, of {self.min_rows:g} asked")
        if self.drift is not None and self.min_drift is not None:
            found.append(f"the largest drift is {self.drift:.3g}, of {self.min_drift:g} asked")
        return "; ".join(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Whether to train, why, and which inputs changed since `since`, empty where nothing is known.

    material: what was measured, None where nothing had to be.
    """

    train: bool
    because: str
    changes: tuple[Change, ...] = ()
    since: str = ""
    material: Material | None = None

    @property
    def changed(self) -> tuple[Part, ...]:
        """The parts that are not as they were."""
        return tuple(part for part in Part if any(each.part is part for each in self.changes))


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricPair:
    """A metric of both models of a repeated training, over all rows; None where there is none."""

    metric: str
    first: float | None
    second: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reproduced:
    """Two models that were trained of the same inputs, and what they say of the same `rows`.

    same_predictions: to the last bit. max_difference: of two scores or values, None where they have
    none; flipped: the share of rows (0 to 1) with another label, None where there are no labels.
    """

    same_bytes: bool
    same_predictions: bool
    rows: int = 0
    max_difference: float | None = None
    flipped: float | None = None
    metrics: tuple[MetricPair, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Retrained:
    """What was done, and why. record: of the model that is at `output` now, None: none was made."""

    plan: Plan
    output: str
    record: TrainingRecord | None = None
    reproduced: Reproduced | None = None
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 for trained or nothing to do, 1 for a training that says something else next time."""
        return int(self.reproduced is not None and not self.reproduced.same_predictions)


def what_to_do(
    now: Fingerprint,
    *,
    beside: Known | None,
    baseline: Known | None,
    own_commit: str = "",
    material: Callable[[Known], Material] | None = None,
    force: bool = False,
) -> Plan:
    """Whether to train.

    beside: of the model at the output, where its record is about these very bytes. baseline: of the
    model in use. own_commit: the commit under test, where that is one of `mlci train` and no input
    has changed after it. material: measures changed data against what is known, None: any change
    is worth a training.
    """
    known = beside or baseline
    changes = () if known is None else now.changes_since(known.record.fingerprint)
    seen = Plan(
        train=True,
        because="it was asked for",
        changes=changes,
        since="" if known is None else known.whose,
    )
    if force:
        return seen
    if known is not None and not changes:
        return replace(seen, train=False, because=f"the inputs are those of {seen.since}")
    if own_commit:
        of_training = f"commit {own_commit[:12]} is a training's own"
        because = f"{of_training}, and no file was changed after it"
        return replace(seen, train=False, because=because)
    if known is None:
        return replace(seen, because="there is no record of an earlier training")
    return _when_changed(seen, known, material)


def _when_changed(seen: Plan, known: Known, material: Callable[[Known], Material] | None) -> Plan:
    if material is None or seen.changed != (Part.DATA,):
        return replace(seen, because=f"{_listed(seen.changed)} changed since {seen.since}")
    measured = material(known)
    because = f"only data changed since {seen.since}: {measured.sentence}"
    return replace(seen, train=measured.is_reached, because=because, material=measured)


def _listed(parts: tuple[Part, ...]) -> str:
    *first, last = (part.value for part in parts)
    return f"{', '.join(first)} and {last}" if first else last
