"""Do columns give the target away, and do rows to judge on stand in the training data as well?"""

from __future__ import annotations

from collections.abc import Iterator

from mlci_action.checks.findings import Finding, Kind
from mlci_action.checks.rises import Rise, risen
from mlci_action.domain.profile import Leak, TableProfile
from mlci_action.profiles.leaks import LEAK_SKILL, NEARLY
from mlci_action.profiles.row_hashes import RowHashes
from mlci_action.profiles.shared_rows import SharedRows, Twins, shared_rows
from mlci_action.profiles.target_sums import SUM_SKILL

NAME = "leakage"
ID = f"data.{NAME}"
HELD = "no new leak of the target, and no more rows shared with the training data than by chance"
MOST_SHARED = 0.01
_DIFFERENT = 0.9  # share of different rows in the training data: there, equal ones are copies
_ENOUGH_ROWS = 200  # of a reference whose leaks are known
_NAMED = 3


def find_leakage(measured: TableProfile, reference: TableProfile | None) -> Iterator[Finding]:
    """Leaks of the training data, or of the batch: one that the reference lacks fails.

    What gives the target away may be known when the model predicts, as many a clean table shows. So
    one that was there before only warns, as all do without a reference that was measured.
    """
    known = (
        reference is not None
        and reference.target == measured.target
        and reference.rows >= _ENOUGH_ROWS
    )
    for leak in measured.leaks:
        bar = _bar(leak, reference if known else None)
        if not leak.skill >= bar:
            continue
        by_order = leak.kind == "order"
        had = reference is not None and _had(leak, reference)
        # A file that is sorted by its target says nothing about the columns of a model.
        warns = by_order or had or not known
        # Each column of a sum is wrong: whoever looks for one finds it.
        for column in leak.columns or (None,):
            yield Finding(
                column=column,
                message=_told(leak, measured.target) + _compared(known=known, had=had),
                observed=leak.skill,
                limit=bar,
                warns=warns,
                evidence={"leak": leak.kind, "columns": list(leak.columns)},
            )


def find_shared_rows(
    hashes: RowHashes, train: RowHashes, *, before: float | None = None
) -> Iterator[Finding]:
    """Rows that the training data hold too, exactly or nearly.

    Fails when there are more than 1 %, more than chance explains, and rows can be told apart well
    enough to be no coincidence. `before` is the share of exactly equal rows that the reference had:
    as many as that only warn.
    """
    apart = set(hashes.feature_names) ^ set(train.feature_names)
    if apart or not hashes.feature_names:
        named = ", ".join(repr(name) for name in sorted(apart)[:_NAMED]) or "the target"
        yield Finding(
            column=None,
            message=f"rows cannot be compared with the training data: only one of both has {named}"
            f"{' and others' if len(apart) > _NAMED else ''}",
            warns=True,
        )
        return
    shared = shared_rows(hashes, train)
    yield from _shared(shared, shared.exact, hashes.rows, scale=1, before=before)
    yield from _shared(shared, shared.near, hashes.rows, scale=shared.near_found, before=None)


def _bar(leak: Leak, reference: TableProfile | None) -> float:
    """How well it must give the target away; a column that nobody had before, less well."""
    is_new = reference is not None and not set(leak.columns) & reference.by_name.keys()
    match leak.kind:
        case "order":
            return NEARLY
        case "sum":
            return SUM_SKILL
        case _:
            return NEARLY if is_new else LEAK_SKILL


def _had(leak: Leak, reference: TableProfile) -> bool:
    """Whether the reference has such a leak; columns that say the same make one sum many."""
    if leak.kind == "sum" and set(leak.columns) <= reference.by_name.keys():
        return any(other.kind == "sum" for other in reference.leaks)
    return any(set(leak.columns) == set(other.columns) for other in reference.leaks)


def _told(leak: Leak, target: str | None) -> str:
    names = ", ".join(map(repr, leak.columns))
    skill = f"{100 * leak.skill:.4g} %"
    match leak.kind:
        case "copy":
            return f"column {names} is the target {target!r} under other values: one for each"
        case "sum":
            return f"columns {names} add up to the target {target!r}, each times a number"
        case "order":
            return f"the rows stand in the order of the target {target!r}: it explains {skill}"
        case _:
            return (
                f"column {names} alone explains {skill} of the target {target!r}: is it known "
                "before the target is?"
            )


def _compared(*, known: bool, had: bool) -> str:
    if had:
        return "; so it is in the reference"
    return "; not so in the reference" if known else "; no reference says whether that is new"


def _shared(
    shared: SharedRows, twins: Twins, all_rows: int, *, scale: int, before: float | None
) -> Iterator[Finding]:
    """What comes of rows with a twin in the training data, of one kind."""
    share = min(scale * twins.shared / twins.rows, 1.0) if twins.rows else 0.0
    chance = Rise(
        of=None,
        before=twins.own,
        rows_before=twins.own_rows,
        now=twins.shared,
        rows_now=twins.rows,
    )
    beyond_chance = bool(risen([chance]))
    many = share > MOST_SHARED and twins.different > _DIFFERENT
    nearly = twins is shared.near
    # Where the training data hardly repeat themselves, a few shared rows are worth a look.
    own_share = twins.own / twins.own_rows if twins.own_rows else 0.0
    notable = beyond_chance or (many and own_share < MOST_SHARED)
    if not (twins.shared and notable):
        return
    as_before = before is not None and share <= before + MOST_SHARED
    yield Finding(
        column=None,
        message=_counted(shared, twins, share, all_rows, nearly=nearly)
        + ("; it was so before" if as_before else ": they do not show what the model has learnt"),
        kind=Kind.FORM,
        rows=round(share * all_rows),
        observed=share,
        limit=MOST_SHARED,
        warns=as_before or not (beyond_chance and many),
        evidence={
            "near": nearly,
            "train_rows_with_twin": twins.own,
            "train_rows": twins.own_rows,
            "sampled_share": shared.sampled_share,
            "rows": list(twins.at),
        },
    )


def _counted(shared: SharedRows, twins: Twins, share: float, all_rows: int, *, nearly: bool) -> str:
    how = "nearly (to four digits) the same features" if nearly else "the same features"
    found = f"{100 * share:.2g} %, have {how} as a row of the training data"
    if shared.sampled_share == 1 and shared.near_found == 1:
        return f"{twins.shared:,} of {twins.rows:,} rows, {found}"
    return (
        f"about {round(share * all_rows):,} of {all_rows:,} rows, reckoned from a sample of "
        f"{twins.rows:,}, {found}"
    )
