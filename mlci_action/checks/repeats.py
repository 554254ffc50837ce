"""Do more rows repeat an earlier row than before, or than the owner allows?"""

from __future__ import annotations

from collections.abc import Iterator

from mlci_action.checks.findings import Compared, Finding, Kind
from mlci_action.checks.rises import Rise, risen
from mlci_action.domain.data_limits import DuplicateLimits
from mlci_action.domain.profile import RowRepeats, TableProfile
from mlci_action.errors import DatasetError

NAME = "duplicates"
ID = f"data.{NAME}"
HELD = "no more rows repeat an earlier one than before"
LEAST_RISE = 0.01
COMMON = 0.2  # so many repeat by nature, and how many differs from batch to batch
# The more rows there are, the more of them meet an equal one.
AS_LARGE = 1.2


def limit_on_repeats(batch: TableProfile, limits: DuplicateLimits) -> Iterator[Finding]:
    """More repeats than the owner allows; no reference is needed."""
    limit = limits.max_share
    if limit is None:
        return
    repeats = _known(batch, "max_share")
    share = _share(repeats)
    if not share <= limit:
        yield _finding(
            batch,
            repeats,
            f"above the limit of {limit:.4g}",
            observed=share,
            limit=limit,
            settled=True,
        )


def find_repeats(data: Compared) -> Iterator[Finding]:
    """More repeats than before: beyond the owner's limit, else beyond chance.

    An owner who says how many rows may repeat, or how much more may, is not second-guessed.
    """
    limits = data.limits.duplicates
    if limits is not None and limits.max_rise is not None:
        yield from _above_rise(data, limits.max_rise)
        return
    before, now = data.reference.repeats, data.batch.repeats
    owned = limits is not None and limits.max_share is not None
    if owned or before is None or now is None or before.ignoring != now.ignoring:
        return
    larger = data.batch.rows > AS_LARGE * data.reference.rows
    if larger or not _share(before) < COMMON:
        return
    for rise, p in risen([_rise(before, now)]):
        if rise.rise > LEAST_RISE:
            yield _finding(
                data.batch,
                now,
                f"and {_of(before)} in the reference: were files joined twice?",
                observed=rise.rise,
                limit=LEAST_RISE,
                p=p,
            )


def _above_rise(data: Compared, limit: float) -> Iterator[Finding]:
    before, now = _known(data.reference, "max_rise"), _known(data.batch, "max_rise")
    if before.ignoring != now.ignoring:
        message = f"data.checks.{NAME}.max_rise: the reference was summed up with another data.id"
        raise DatasetError(message, hint="sum the reference up again")
    # The difference of two shares is off in its last digits.
    rise = round(_share(now) - _share(before), 12)
    if not rise <= limit:
        yield _finding(
            data.batch,
            now,
            f"and {_of(before)} in the reference: "
            f"the share rose by {rise:.4g}, above the limit of {limit:.4g}",
            observed=rise,
            limit=limit,
            settled=True,
        )


def _known(table: TableProfile, limit: str) -> RowRepeats:
    if table.repeats is None:
        message = f"data.checks.{NAME}.{limit}: nobody counted the repeated rows"
        raise DatasetError(message, hint="sum the table up again")
    return table.repeats


def _rise(before: RowRepeats, now: RowRepeats) -> Rise[None]:
    return Rise(
        of=None,
        before=before.repeated,
        rows_before=before.rows,
        now=now.repeated,
        rows_now=now.rows,
    )


def _share(repeats: RowRepeats) -> float:
    return repeats.repeated / repeats.rows if repeats.rows else 0.0


def _of(repeats: RowRepeats) -> str:
    return f"{repeats.repeated:,} of {repeats.rows:,}"


def _finding(
    batch: TableProfile,
    repeats: RowRepeats,
    why: str,
    *,
    observed: float,
    limit: float,
    settled: bool = False,
    p: float | None = None,
) -> Finding:
    but = f" in every column but {repeats.ignoring[0]!r}" if repeats.ignoring else ""
    sampled = "" if repeats.exact else f" (a sample of {batch.rows:,})"
    # Of a sample only the share is known for all rows.
    rows = repeats.repeated if repeats.exact else round(_share(repeats) * batch.rows)
    return Finding(
        column=None,
        message=f"{_of(repeats)} rows{sampled} repeat an earlier one{but}, {why}",
        kind=Kind.COUNT,
        rows=rows,
        observed=observed,
        limit=limit,
        settled=settled,
        evidence={"sampled": not repeats.exact} | ({} if p is None else {"p": p}),
    )
