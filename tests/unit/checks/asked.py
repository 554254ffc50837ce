"""What is asked of a table of values: the context of all checks, summed up as a run does it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mlci_action.checks.context import DataToCheck, Reference
from mlci_action.profiles.frames import chunks_of
from mlci_action.profiles.table import Aims, sum_up


def asked(
    frame: pd.DataFrame | None = None,
    *,
    reference: pd.DataFrame | None = None,
    train: pd.DataFrame | None = None,
    id: str | None = None,  # noqa: A002 - the word of mlci.yml
    target: str | None = None,
    **fields: Any,  # noqa: ANN401 - the other fields of DataToCheck
) -> DataToCheck:
    """A table, by default one of a single cell, beside others if they are given."""
    aims = Aims(id=id, target=target)
    table = pd.DataFrame({"a": [1]}) if frame is None else frame
    known = None if reference is None else sum_up(chunks_of(reference), aims=aims).profile
    return DataToCheck(
        batch=sum_up(chunks_of(table), aims=aims, reference=known),
        reference=None if known is None else Reference(profile=known, origin="last month"),
        train=None if train is None else sum_up(chunks_of(train), aims=aims),
        id=id,
        target=target,
        **fields,
    )
