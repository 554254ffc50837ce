"""In which words is said what was done to the rows?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlci_action.domain.robustness import Perturbation, PerturbationLimits, PropertyLimits

_MOST_NAMED = 3
_NO_COLUMN: Mapping[Perturbation, str] = {
    Perturbation.NOISE: "no column holds measurements: numbers of more than two values",
    Perturbation.MISSING: "no column holds a value",
    Perturbation.UNSEEN: "no column holds categories",
    Perturbation.SWAPPED: "no column holds categories",
    Perturbation.TYPOS: "no column holds text",
    Perturbation.UNITS: "no column is named",
}
_ROWS: Mapping[Perturbation, str] = {
    Perturbation.NOISE: "noise",
    Perturbation.MISSING: "missing values",
    Perturbation.UNSEEN: "unseen categories",
    Perturbation.SWAPPED: "swapped categories",
    Perturbation.TYPOS: "typos",
    Perturbation.UNITS: "other units",
}


def changed_rows(asks: PerturbationLimits | PropertyLimits, column: str | None) -> str:
    """What the rows hold: `missing values`, `'income' times 1000`, `other values of 'sex'`."""
    if isinstance(asks, PropertyLimits):
        return f"other values of {asks.column!r}"
    if column is not None:
        return f"{column!r} times {asks.amount:g}"
    return _ROWS[asks.kind]


def detail(asks: PerturbationLimits, columns: Sequence[str], seed: int) -> str:
    """`0.1 standard deviations: income, age; seed 0`."""
    named = f"{len(columns)} columns" if len(columns) > _MOST_NAMED else ", ".join(columns)
    return f"{_how(asks)}: {named}; seed {seed}"


def why_nothing(asks: PerturbationLimits, columns: Sequence[str]) -> str:
    """Why there is no cell that differs; columns: those that were tried."""
    if not columns:
        return _NO_COLUMN[asks.kind]
    why = ": whole numbers stay whole" if asks.kind is Perturbation.NOISE else ""
    return f"{_how(asks)} changes no cell{why}"


def _how(asks: PerturbationLimits) -> str:
    some = f"{asks.share:g} of the cells"
    if asks.kind is Perturbation.NOISE:
        return f"{asks.amount:g} standard deviations"
    if asks.kind is Perturbation.UNITS:
        return f"times {asks.amount:g}" + (f" in {some}" if asks.share < 1 else "")
    return some
