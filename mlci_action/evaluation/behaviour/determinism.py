"""Does a model say the same when it is asked again, and whichever rows are asked together?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult
from mlci_action.evaluation.reading.predictions import ModelOutput
from mlci_action.evaluation.reading.variants import Answers, Variant

_MOST_ROWS = 500
# Sums in another order and numbers of single precision differ by less.
_SAME = 1e-6
_TWICE = f"{Area.ROBUSTNESS}.determinism"
_TOGETHER = f"{_TWICE}.batch"


def asked_again(n_rows: int, seed: int) -> tuple[Variant, ...]:
    """The same sample of rows twice, as they are; none where there are fewer than two rows.

    At most 500 rows and at most half of them: what depends on the rows that are asked together
    must see others.
    """
    size = min(_MOST_ROWS, n_rows // 2)
    if not size:
        return ()
    drawn = np.random.default_rng(seed).choice(n_rows, size, replace=False)
    rows = np.sort(drawn).astype(np.int64)
    as_they_are = pd.DataFrame(index=range(size))
    names = ("asked again", "asked a third time")
    return tuple(Variant(name=name, rows=rows, changed=as_they_are) for name in names)


def determinism(
    answers: Answers, variants: Sequence[Variant], *, first: int
) -> tuple[CheckResult, ...]:
    """What the candidate's answers to `asked_again` tell; both checks only warn.

    `variants` are all that it was asked, in the order of `answers.variants`; those of `asked_again`
    begin at `first`. Twice the same rows: every bit is compared. The same rows among all: labels,
    and numbers that differ by more than a millionth (of the largest, where that is above 1).
    """
    pair = variants[first : first + 2]
    said = answers.variants[first : first + 2]
    if len(pair) < 2 or len(said) < 2:  # noqa: PLR2004  a pair
        return ()
    rows = pair[0].rows
    one, other = said
    if isinstance(one, str) or isinstance(other, str):
        return _failed(one if isinstance(one, str) else str(other), len(rows))
    whole = _at(answers.output, rows)
    return (_twice(one, other, len(rows)), _together(whole, one, len(rows)))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Difference:
    """In how many rows two answers differ, and by how much at most where they are numbers."""

    rows: int
    largest: float | None


def _twice(one: ModelOutput, other: ModelOutput, n: int) -> CheckResult:
    found = _difference(one, other, tolerance=0.0)
    if not found.rows:
        return _result(_TWICE, n, found, f"the candidate gives the same answers twice (n = {n:,})")
    return _result(
        _TWICE,
        n,
        found,
        f"the candidate gives other answers when asked twice: {_how_many(found, n)}",
    )


def _together(whole: ModelOutput, alone: ModelOutput, n: int) -> CheckResult:
    found = _difference(whole, alone, tolerance=_SAME)
    if not found.rows:
        said = f"answers do not depend on which rows are asked together (n = {n:,})"
        return _result(_TOGETHER, n, found, said)
    return _result(
        _TOGETHER,
        n,
        found,
        "answers depend on which rows are asked together (a scaler fitted at prediction time?):"
        f" {_how_many(found, n)}",
    )


def _failed(why: str, n: int) -> tuple[CheckResult, ...]:
    said = f"the candidate answers all rows together, but asked {n:,} of them alone it {why}"
    not_run = CheckResult(
        id=_TWICE,
        area=Area.ROBUSTNESS,
        outcome=Outcome.NOT_RUN,
        message=said,
        severity=Severity.WARN,
    )
    return (not_run, _result(_TOGETHER, n, _Difference(rows=n, largest=None), said))


def _how_many(found: _Difference, n: int) -> str:
    by = "" if found.largest is None else f", by at most {found.largest:.2g}"
    return f"{found.rows:,} of {n:,} rows{by}"


def _result(id_: str, n: int, found: _Difference, message: str) -> CheckResult:
    evidence: dict[str, Any] = {"n": n, "differing_rows": found.rows}
    if found.largest is not None:
        evidence["largest_difference"] = found.largest
    return CheckResult(
        id=id_,
        area=Area.ROBUSTNESS,
        outcome=Outcome.WARNED if found.rows else Outcome.PASSED,
        message=message,
        severity=Severity.WARN,
        rows=found.rows,
        observed=found.rows / n,
        evidence=evidence,
    )


def _at(output: ModelOutput, rows: NDArray[np.int64]) -> ModelOutput:
    """What was said of these rows."""
    probabilities, decisions = output.probabilities, output.decisions
    return ModelOutput(
        predictions=output.predictions[rows],
        probabilities=None if probabilities is None else probabilities[rows],
        decisions=None if decisions is None else decisions[rows],
        classes=output.classes,
    )


def _difference(one: ModelOutput, other: ModelOutput, *, tolerance: float) -> _Difference:
    n = len(one.predictions)
    differs, largest = np.zeros(n, bool), None
    for ours, theirs in (
        (one.predictions, other.predictions),
        (one.probabilities, other.probabilities),
        (one.decisions, other.decisions),
    ):
        if ours is None or theirs is None or ours.shape != theirs.shape:
            # One answer has scores, or as many of them, and the other has not.
            differs |= ours is not theirs
            continue
        gaps = _gaps(ours, theirs, tolerance).reshape(n, -1)
        differs |= (gaps > 0).any(axis=1)
        finite = gaps[np.isfinite(gaps)]
        if ours.dtype.kind == "f" and finite.size and finite.max() > 0:
            largest = max(largest or 0.0, float(finite.max()))
    return _Difference(rows=int(differs.sum()), largest=largest)


def _gaps(ours: NDArray[Any], theirs: NDArray[Any], tolerance: float) -> NDArray[np.float64]:
    """How far each cell lies from its counterpart; 0 where that is within tolerance.

    Infinite where one cell is a number and the other is none. Labels are 0 or 1 apart.
    """
    if not (ours.dtype.kind == "f" and theirs.dtype.kind == "f"):
        return np.asarray(ours != theirs, np.float64)
    before, after = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    same = (before == after) | (np.isnan(before) & np.isnan(after))
    with np.errstate(invalid="ignore", over="ignore"):
        gaps = np.abs(before - after)
    largest = np.max(np.abs(before), initial=1.0, where=np.isfinite(before))
    gaps[same | (gaps <= tolerance * largest)] = 0.0
    gaps[np.isnan(gaps)] = np.inf
    return gaps
