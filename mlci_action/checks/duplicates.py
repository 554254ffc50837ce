"""Do more rows repeat an earlier row than allowed?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlci_action.checks.context import DataToCheck
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult, broken

ID = "data.duplicates"


def check_duplicates(data: DataToCheck) -> CheckResult:
    """The share of rows equal to an earlier row in every column but the declared id."""
    repeated = int(_repeats(data.frame, data.id).sum())
    rows = len(data.frame)
    share = repeated / rows if rows else 0.0
    limits = data.limits.duplicates
    severity = Severity.WARN if limits is None else limits.severity
    held = limits is None or share <= limits.max_share
    counted = f"{repeated:,} of {rows:,} rows repeat an earlier row"
    if limits is None:
        message = f"{counted}, no limit set" if repeated else "no row repeats an earlier one"
    else:
        message = f"{counted}: {'within' if held else 'above'} the limit of {limits.max_share:g}"
    return CheckResult(
        id=ID,
        area=Area.DATA,
        outcome=Outcome.PASSED if held else broken(severity),
        severity=severity,
        rows=repeated,
        observed=share,
        limit=None if limits is None else limits.max_share,
        message=message,
    )


def _repeats(frame: pd.DataFrame, id_column: str | None) -> pd.Series[bool]:
    compared = frame.drop(columns=[id_column] if id_column in frame.columns else [])
    if compared.columns.empty:
        return pd.Series(data=False, index=frame.index)
    # Parquet columns may hold lists and arrays, which pandas would compare by identity.
    nested = [
        name
        for name in compared.columns
        if pd.api.types.infer_dtype(compared[name], skipna=True) == "mixed"
    ]
    as_text = {name: compared[name].map(_text) for name in nested}
    return compared.assign(**as_text).duplicated()


def _text(cell: object) -> str:
    return repr(cell.tolist() if isinstance(cell, np.ndarray) else cell)
