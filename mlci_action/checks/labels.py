"""Are the labels fit to judge a model by, and are they those of before?"""

from __future__ import annotations

import math
from collections.abc import Iterator

from mlci_action.checks.classes import FEW, Classes, classes_of
from mlci_action.checks.drift import column_drift, drift_columns
from mlci_action.checks.findings import ColumnPair, Compared, Finding, Kind
from mlci_action.checks.rises import ALPHA, Rise, risen
from mlci_action.checks.value_counts import Value
from mlci_action.domain.cells import CellTest
from mlci_action.domain.data_limits import MAX_DRIFT, LabelLimits
from mlci_action.domain.profile import LabelConflicts, TableProfile
from mlci_action.errors import DatasetError

NAME = "labels"
ID = f"data.{NAME}"
HELD = "classes and their shares are those of before"
LEAST_RISE = 0.01
_COMMON = 0.2  # so many conflict by nature: features that are few leave labels open
_AS_LARGE = 1.2  # the more rows there are, the more of them meet equal features
_TELLING = 0.9  # share of rows with features of their own: there, equal ones are copies
_NOTABLE = 0.01  # share of the rows that a class has where it is missed
_FEWEST = 2
_LONG_RUN = 50
_UNLIKELY = 1e-4


def limits_on_labels(
    batch: TableProfile, reference: TableProfile | None, limits: LabelLimits, target: str
) -> Iterator[Finding]:
    """Classes with fewer rows than the owner asks for, and more conflicts than allowed."""
    if limits.min_rows is not None:
        yield from _few_rows(batch, reference, limits.min_rows, target)
    if limits.max_conflicts is None:
        return
    conflicts = batch.conflicts
    if conflicts is None:
        message = f"data.checks.{NAME}.max_conflicts: no column but {target!r} to tell rows by"
        raise DatasetError(message, hint="remove the limit, or name another data.target")
    if not _share(conflicts) <= limits.max_conflicts:
        why = f"above the limit of {limits.max_conflicts:.4g}"
        yield _conflicting(target, conflicts, why, limit=limits.max_conflicts, settled=True)


def find_labels(data: Compared) -> Iterator[Finding]:
    """New and absent classes, shares that moved, and more conflicts than chance explains."""
    pair = next((pair for pair in data.pairs if pair.name == data.target), None)
    if pair is None:
        return
    before = classes_of(pair.reference)
    if before is not None:
        yield from _unseen(data, pair, before)
        yield from _absent(data, pair, before)
        yield from _more_conflicts(data, pair.name)
    yield from _shifted(data, pair)


def find_labels_alone(batch: TableProfile, target: str) -> Iterator[Finding]:
    """What looks wrong without any reference: it only warns."""
    column = batch.by_name.get(target)
    classes = None if column is None else classes_of(column)
    if column is None or classes is None:
        return
    single = [value for value, count in classes.counts.items() if count < _FEWEST]
    if single and len(classes.counts) <= FEW:
        yield Finding(
            column=target,
            message=f"{_classes(len(single))} of {target!r} with a single row: no model can be "
            "judged on it",
            rows=len(single),
            warns=True,
        )
    yield from _surprising_conflicts(batch, target)
    start, run = column.order.run_start, column.order.longest_run
    top = max(classes.counts.values()) / classes.cells
    # A class that is all in one run says that the file is sorted by class, and not that it is cut.
    elsewhere = all(count != run for count in classes.counts.values())
    if run >= _LONG_RUN and elsewhere and classes.cells * top**run < _UNLIKELY:
        yield Finding(
            column=target,
            message=f"{run:,} rows from row {start + 1:,} on all have the same class of "
            f"{target!r}: is the file put together from parts, or cut by time?",
            rows=run,
            cells=CellTest(column=target, rows=(start, start + run)),
            warns=True,
        )


def _few_rows(
    batch: TableProfile, reference: TableProfile | None, least: int, target: str
) -> Iterator[Finding]:
    column = batch.by_name.get(target)
    classes = None if column is None else classes_of(column, declared=True)
    if column is None or classes is None:
        message = f"data.checks.{NAME}.min_rows: {target!r} has no classes that could be counted"
        raise DatasetError(message, hint="the limit is for a target of few different values")
    known = None if reference is None else reference.by_name.get(target)
    before = None if known is None else classes_of(known)
    counts = {**dict.fromkeys(() if before is None else before.counts, 0), **classes.counts}
    few = [count for count in counts.values() if not count >= least]
    if few or not counts:
        fewest = min(few, default=0)
        yield Finding(
            column=target,
            message=f"{_classes(len(few))} of {target!r} with fewer rows than the limit of "
            f"{least:,}: the smallest has {fewest:,}",
            kind=Kind.COUNT,
            rows=sum(few),
            observed=float(fewest),
            limit=float(least),
            settled=True,
        )


def _unseen(data: Compared, pair: ColumnPair, before: Classes) -> Iterator[Finding]:
    """A new class; where more may be expected, one that came too often for chance."""
    now = classes_of(pair.batch, declared=True)
    counts = {} if now is None else now.counts
    new = {value: count for value, count in counts.items() if value not in before.counts}
    if not before.closed:
        rises = [_rise_of(pair, value, count) for value, count in new.items()]
        new = {rise.of: rise.now for rise, _ in risen(rises)}
    if new:
        rows = sum(new.values())
        yield Finding(
            column=pair.name,
            message=f"{_classes(len(new))} of {pair.name!r}, {data.examples(map(str, new))}, in "
            f"{rows:,} of {pair.batch.filled:,} rows, and in none of {pair.reference.filled:,} in "
            "the reference: no model has learnt it",
            kind=Kind.FORM if before.closed else Kind.COUNT,
            rows=rows,
            observed=rows / pair.batch.filled,
            cells=CellTest(
                column=pair.name,
                numbers=frozenset(value for value in new if isinstance(value, float)),
                texts=frozenset(value for value in new if isinstance(value, str)),
                exact=True,
            ),
        )


def _rise_of(pair: ColumnPair, value: Value, count: int) -> Rise[Value]:
    return Rise(
        of=value, before=0, rows_before=pair.reference.filled, now=count, rows_now=pair.batch.filled
    )


def _absent(data: Compared, pair: ColumnPair, before: Classes) -> Iterator[Finding]:
    now = classes_of(pair.batch, declared=True)
    rows = pair.batch.filled
    if now is None or not rows:
        return
    level = ALPHA / len(before.counts)
    gone = []
    for value, count in before.counts.items():
        share = count / before.cells
        has = now.counts.get(value, 0)
        chance = (1 - share) ** rows + has * rows * share * (1 - share) ** (rows - 1)
        if has < _FEWEST and share >= _NOTABLE and chance < level:
            gone.append(str(value))
    if gone:
        yield Finding(
            column=pair.name,
            message=f"{_classes(len(gone))} of {pair.name!r}, {data.examples(gone)}, with no more "
            f"than one of {rows:,} rows: the model is not judged on what the reference has",
            kind=Kind.COUNT,
            warns=True,
        )


def _more_conflicts(data: Compared, target: str) -> Iterator[Finding]:
    limits = data.limits.labels
    before, now = data.reference.conflicts, data.batch.conflicts
    if limits is not None and limits.max_conflicts is not None:
        return
    if before is None:
        yield from _surprising_conflicts(data.batch, target)
        return
    larger = data.batch.rows > _AS_LARGE * data.reference.rows
    if now is None or larger or not _share(before) < _COMMON:
        return
    both = Rise(
        of=None,
        before=before.conflicting,
        rows_before=before.rows,
        now=now.conflicting,
        rows_now=now.rows,
    )
    for rise, p in risen([both]):
        if rise.rise > LEAST_RISE:
            why = f"and {before.conflicting:,} of {before.rows:,} in the reference"
            yield _conflicting(target, now, why, limit=LEAST_RISE, observed=rise.rise, p=p)


def _surprising_conflicts(batch: TableProfile, target: str) -> Iterator[Finding]:
    """Without a reference, where nearly all rows have features of their own, but some do not."""
    conflicts = batch.conflicts
    column = batch.by_name.get(target)
    if conflicts is None or column is None or classes_of(column) is None:
        return
    if conflicts.conflicting and conflicts.groups >= _TELLING * conflicts.rows:
        yield _conflicting(target, conflicts, "where rows seldom are equal", warns=True)


def _conflicting(
    target: str,
    conflicts: LabelConflicts,
    why: str,
    *,
    observed: float | None = None,
    limit: float | None = None,
    settled: bool = False,
    warns: bool = False,
    p: float | None = None,
) -> Finding:
    sampled = "" if conflicts.exact else " of a sample"
    return Finding(
        column=target,
        message=f"{conflicts.conflicting:,} of {conflicts.rows:,} rows{sampled} have another label "
        f"in {target!r} than most with equal features, {why}: are labels wrong?",
        kind=Kind.COUNT,
        rows=conflicts.conflicting,
        observed=_share(conflicts) if observed is None else observed,
        limit=limit,
        settled=settled,
        warns=warns,
        evidence={} if p is None else {"p": p},
    )


def _shifted(data: Compared, pair: ColumnPair) -> Iterator[Finding]:
    looked_at = [other.name for other in drift_columns(data)]
    if pair.name not in looked_at:
        return
    limits = data.limits.drift
    limit = MAX_DRIFT if limits is None else limits.for_column(pair.name)
    drift = column_drift(pair, columns=len(looked_at), limit=limit)
    if drift.drifted and math.isfinite(drift.d):
        yield Finding(
            column=pair.name,
            message=f"the labels {pair.name!r} moved: {drift.d:.3g} of the rows "
            f"({drift.low:.3g} to {drift.high:.3g}) lie otherwise than in the reference, "
            f"above {limit:.4g}",
            kind=Kind.COUNT,
            observed=drift.d,
            limit=limit,
            settled=limits is not None,
            evidence={"p": drift.p, "low": drift.low, "high": drift.high},
        )


def _share(conflicts: LabelConflicts) -> float:
    return conflicts.conflicting / conflicts.rows if conflicts.rows else 0.0


def _classes(count: int) -> str:
    return "1 class" if count == 1 else f"{count:,} classes"
