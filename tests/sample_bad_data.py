"""What the checks of the data say of a table that is not what it was."""

from __future__ import annotations

from typing import Any

from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.results import CheckResult
from tests.builders import check


def _found(
    name: str, column: str, rows: int, said: str, outcome: Outcome = Outcome.FAILED
) -> CheckResult:
    message = f"column {column!r} {said}"
    return check(f"data.{name}", outcome, message, column=column, rows=rows)


_MISSING = {"income": 653, "age": 412, "years_employed": 120, "postcode": 74}
_LACKS = "lacks {:,} of 6,530 values, and 3 of 6,000 in the reference"
FOUND = (
    *(_found("missing", name, rows, _LACKS.format(rows)) for name, rows in _MISSING.items()),
    _found(
        "disguised",
        "phone",
        9,
        "holds 9 texts of the form '?' that stand for missing values, and none in the reference",
    ),
    _found("outliers", "loan_amount", 1, "holds 1 number far above all 6,000 in the reference"),
    _found("drift", "age", 6118, "moved: D 0.212 (0.180 to 0.244), above the limit of 0.1"),
    _found(
        "spelling",
        "region",
        4,
        "spells a known category otherwise in 4 cells, of the form 'Aaaaa '",
        Outcome.WARNED,
    ),
    check("data.duplicates", Outcome.WARNED, "3 of 6,530 rows repeat an earlier row", rows=3),
)
HELD = ("schema", "columns", "dtype", "range", "sign", "categories", "encoding", "ids")


def _moved(column: str, d: float, p: float, importance: float | None) -> dict[str, Any]:
    return {
        "column": column,
        "d": d,
        "low": max(0.0, d - 0.032),
        "high": d + 0.032,
        "p": p,
        "psi": 4 * d * d,
        "js": d / 2,
        "w1": 2 * d,
        "importance": importance,
        "drifted": d > 0.1,
    }


COMPARED: dict[str, Any] = {
    "reference": {
        "origin": "profile of git:base:data/test.csv",
        "rows": 6000,
        "digest": "sha256:" + "ef" * 32,
    },
    "drift": [
        _moved("age", 0.212, 1.2e-41, 0.19),
        _moved("income", 0.061, 0.0004, 0.33),
        _moved("region", 0.018, 0.21, None),
    ],
    "smallest_drift": 0.038,
}
