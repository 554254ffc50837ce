"""What is asked to learn how answers move? The changed rows, drawn before any model speaks.

Rows are changed here, by a seed: who answers neither knows nor decides which. Each draw has a seed
of its own, made of the settings' seed, of what is done and of the column, so that one perturbation
more or less changes no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.domain.robustness import (
    Perturbation,
    PerturbationLimits,
    PropertyLimits,
    RobustnessLimits,
)
from mlci_action.evaluation.reading.variants import Variant
from mlci_action.evaluation.robustness.cells import (
    Changing,
    Places,
    drawn_from,
    features,
    why_no_feature,
)
from mlci_action.evaluation.robustness.numbers import in_other_unit, noisy
from mlci_action.evaluation.robustness.phrases import detail, why_nothing
from mlci_action.evaluation.robustness.typos import mistyped
from mlci_action.evaluation.robustness.values import rising_values, swept_values
from mlci_action.evaluation.robustness.words import emptied, swapped, with_unseen

_NO_ROW = "no row has a label"
AS_THEY_ARE = 0  # the place of the variant that changes nothing

_Features: TypeAlias = Mapping[str, "pd.Series[Any]"]
_Change = Callable[[Changing, PerturbationLimits], pd.Series | str]
_CHANGES: Mapping[Perturbation, _Change] = {
    Perturbation.NOISE: noisy,
    Perturbation.MISSING: emptied,
    Perturbation.UNSEEN: with_unseen,
    Perturbation.SWAPPED: swapped,
    Perturbation.TYPOS: mistyped,
    Perturbation.UNITS: in_other_unit,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One question of the settings, and which variants answer it: places in `Plan.variants`.

    column: the one that is changed alone, None where several are. columns: all that are changed, in
    `cells` cells. detail: how it was done, for a report. why_not: why nothing can be tried.
    """

    asks: PerturbationLimits | PropertyLimits
    column: str | None = None
    columns: tuple[str, ...] = ()
    variants: tuple[int, ...] = ()
    cells: int = 0
    detail: str = ""
    why_not: str = ""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Plan:
    """What both models are asked, all of it in one go.

    rows: (m,) positions in the evaluation data, rising; each variant is about all of them, the
    first of them as they are: answers that depend on what else is asked are then no surprise.
    """

    rows: Places
    variants: tuple[Variant, ...]
    trials: tuple[Trial, ...]
    seed: int


def plan(
    limits: RobustnessLimits,
    frame: pd.DataFrame,
    *,
    target: str,
    set_aside: Sequence[str],
    scored: NDArray[np.bool_],
    seed: int,
) -> Plan:
    """The variants of at most `limits.rows` rows of `frame`, those that have a label.

    frame: the N rows of the evaluation data. scored: (N,) which have a label. target, set_aside:
    columns that are never changed. What cannot be tried is a trial that says why.
    """
    others = (target, *set_aside)
    draft = _Draft(
        frame=frame,
        others=others,
        features=features(frame, others),
        rows=_drawn_rows(scored, limits.rows, seed),
        seed=seed,
    )
    unchanged = Variant(name="as they are", rows=draft.rows, changed=pd.DataFrame())
    variants, trials = [unchanged], list[Trial]()
    for trial, own in draft.all_of(limits):
        places = tuple(range(len(variants), len(variants) + len(own)))
        variants += own
        trials.append(replace(trial, variants=places))
    return Plan(rows=draft.rows, variants=tuple(variants), trials=tuple(trials), seed=seed)


def _drawn_rows(scored: NDArray[np.bool_], most: int, seed: int) -> Places:
    """Drawn, not every k-th: rows in the file may repeat with a period of their own."""
    places = np.flatnonzero(scored)
    if len(places) > most:
        places = np.sort(drawn_from(seed, "rows").choice(places, most, replace=False))
    return places.astype(np.int64)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Draft:
    """What trials are made of."""

    frame: pd.DataFrame
    others: Sequence[str]
    features: _Features
    rows: Places
    seed: int

    def all_of(self, limits: RobustnessLimits) -> Iterator[tuple[Trial, list[Variant]]]:
        """Each trial with its variants, in the order of the settings."""
        for asks in limits.perturbations:
            for column in asks.alone:
                yield self._perturbed(asks, column)
        for wanted in limits.properties:
            yield self._property(wanted)

    def _perturbed(
        self, asks: PerturbationLimits, alone: str | None
    ) -> tuple[Trial, list[Variant]]:
        if not len(self.rows):
            return Trial(asks=asks, column=alone, why_not=_NO_ROW), []
        named = asks.columns if alone is None else (alone,)
        changed: dict[str, pd.Series[Any]] = {}
        for name in self.features if named is None else named:
            new = self._changed(name, asks)
            if not isinstance(new, str):
                changed[name] = new
            elif named is not None:
                return Trial(asks=asks, column=alone, why_not=new), []
        cells = sum(self._differing(name, new) for name, new in changed.items())
        if not cells:
            return Trial(asks=asks, column=alone, why_not=why_nothing(asks, tuple(changed))), []
        table = pd.DataFrame(changed)
        trial = Trial(
            asks=asks,
            column=alone,
            columns=tuple(changed),
            cells=cells,
            detail=detail(asks, tuple(changed), self.seed),
        )
        return trial, [Variant(name=asks.what, rows=self.rows, changed=table)]

    def _changed(self, name: str, asks: PerturbationLimits) -> pd.Series | str:
        column = self.features.get(name)
        if column is None:
            return why_no_feature(self.frame, name, self.others)
        random = drawn_from(self.seed, asks.what, name)
        new = _CHANGES[asks.kind](Changing(column=column, rows=self.rows, random=random), asks)
        return f"{name!r} {new}" if isinstance(new, str) else new

    def _differing(self, name: str, new: pd.Series) -> int:
        before, after = self.features[name].iloc[self.rows].reset_index(drop=True), new
        there = before.notna() & after.notna()
        came_or_went = int((before.notna() != after.notna()).sum())
        pairs = (cells[there].astype(object).to_numpy() for cells in (before, after))
        return came_or_went + int(np.count_nonzero(np.not_equal(*pairs)))

    def _property(self, wanted: PropertyLimits) -> tuple[Trial, list[Variant]]:
        name = wanted.column
        column = self.features.get(name)
        if column is None:
            why = why_no_feature(self.frame, name, self.others)
            return Trial(asks=wanted, column=name, why_not=why), []
        if not len(self.rows):
            return Trial(asks=wanted, column=name, why_not=_NO_ROW), []
        values = swept_values(column) if wanted.direction is None else rising_values(column)
        if isinstance(values, str):
            return Trial(asks=wanted, column=name, why_not=f"{name!r} {values}"), []
        variants = [
            Variant(
                name=f"{wanted.what} {name}",
                rows=self.rows,
                changed=pd.DataFrame({name: _all_of_one(column, place, len(self.rows))}),
            )
            for place in values.places
        ]
        way = "" if wanted.direction is None else f", {wanted.direction}"
        trial = Trial(
            asks=wanted,
            column=name,
            columns=(name,),
            cells=len(variants) * len(self.rows),
            detail=f"{name}{way}: {values.words}",
        )
        return trial, variants


def _all_of_one(column: pd.Series[Any], place: int, count: int) -> pd.Series:
    """The cell at that place, so many times, in the type of the column."""
    return column.iloc[np.full(count, place)].reset_index(drop=True)
