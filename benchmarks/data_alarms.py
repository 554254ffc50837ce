"""What do the data checks say of a batch beside a reference? What did not hold, and crashes."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from mlci_action import check_data
from mlci_action.domain.profile import TableProfile

# Asked for by their own setting, which no instrument here sets.
_WITHOUT_REFERENCE = frozenset({"data.schema"})
CRASH = "crashed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """One check that failed or warned; `names` are the columns it speaks of, `column` the first."""

    id: str
    outcome: str
    column: str | None
    message: str
    names: frozenset[str]

    @property
    def key(self) -> tuple[str, str | None]:
        """What makes it the same alarm in another batch."""
        return self.id, self.column

    @property
    def failed(self) -> bool:
        """Whether it would stop a deployment."""
        return self.outcome == "failed"


def alarms(
    batch: pd.DataFrame,
    reference: pd.DataFrame | TableProfile,
    *,
    id: str | None = None,  # noqa: A002 - the word of check_data
    target: str | None = None,
) -> tuple[Alarm, ...]:
    """Every alarm of `check_data`; a check or a call that crashes is one with the outcome CRASH."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            report = check_data(batch, reference=reference, id=id, target=target)
        frame = report.to_frame()
    except Exception as error:  # noqa: BLE001 - an instrument counts what breaks and goes on
        text = f"{type(error).__name__}: {error}"
        return (Alarm(id=CRASH, outcome=CRASH, column=None, message=text, names=frozenset()),)
    known = reference.columns if isinstance(reference, pd.DataFrame) else reference.by_name
    return tuple(_alarms(frame, {str(name) for name in (*batch.columns, *known)}))


def profile_of(
    reference: pd.DataFrame,
    *,
    id: str | None = None,  # noqa: A002 - the word of check_data
    target: str | None = None,
) -> TableProfile:
    """What a reference is like; batches get the same answers from it, and sooner."""
    return check_data(reference, id=id, target=target).profile


def as_read(frame: pd.DataFrame) -> pd.DataFrame:
    """What the gate reads when this table is a CSV file: one text cell makes its column text."""
    text = frame.to_csv(index=False)
    return pd.read_csv(io.StringIO(text), low_memory=False, index_col=False)


def _alarms(frame: pd.DataFrame, columns: set[str]) -> Iterator[Alarm]:
    for row in frame.to_dict("records"):
        outcome = CRASH if row["outcome"] == "errored" else str(row["outcome"])
        column = None if pd.isna(row["column"]) else str(row["column"])
        if outcome not in {"failed", "warned", CRASH}:
            continue
        if column is None and row["id"] in _WITHOUT_REFERENCE:
            continue
        told = {column} if column is not None else set()
        yield Alarm(
            id=str(row["id"]),
            outcome=outcome,
            column=column,
            message=str(row["message"]),
            names=frozenset(told | (set(_texts(row["evidence"])) & columns)),
        )


def _texts(value: object) -> Iterator[str]:
    """Every text inside JSON values, keys as well."""
    match value:
        case str():
            yield value
        case dict():
            for key, inner in value.items():
                yield str(key)
                yield from _texts(inner)
        case list() | tuple():
            for inner in value:
                yield from _texts(inner)
