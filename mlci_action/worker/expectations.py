"""Do the values that the model got lie where those lay that it was fitted on?

Preprocessing that is left out, or done twice, fails nowhere as long as the names stay the same. A
sentence is a hint for a reader: only what can hardly be anything else is said.
"""

from __future__ import annotations

import math
import sys
import traceback
from typing import Any, Iterator, List, Optional, Tuple

from mlci_action.worker.columns import GivenInput
from mlci_action.worker.fitted_ranges import FittedRange, fitted_ranges
from mlci_action.worker.foreign import Array, Model, Table

_MOST_SAID = 10
_FEWEST_VALUES = 10
_BULK = 0.9  # of the given values lie outside
_KNOWN = 0.3  # of the rows that it was fitted on are known to lie inside
_MOSTLY_KNOWN = 0.5
_TINY = 0.1  # of the nearest value it was fitted on
_NO_SPREAD = 0.02  # of the spread that it was fitted on
_MOST_ROWS = 100_000
_LARGE = 1000
_ACCIDENT = 1e-6
_GAP = 0.05  # of the spread of the values
_WHY = "is a step such as a scaler missing, or done twice? name it with candidate.features"


def unexpected_values(model: Model, given: GivenInput) -> List[str]:
    """A sentence for each column whose values lie far off, ten at most and how many more."""
    try:
        said = list(_far_columns(model, given))
    except Exception:  # noqa: BLE001  a hint is not worth an answer
        traceback.print_exc()
        return []
    more = len(said) - _MOST_SAID
    return [*said[:_MOST_SAID], f"so it is with {more} more columns"] if more > 0 else said


def _far_columns(model: Model, given: GivenInput) -> Iterator[str]:
    columns = _columns(given)
    ranges = fitted_ranges(model, len(columns)) if columns else {}
    for position, (name, column) in enumerate(columns):
        fitted = ranges.get(position)
        values = None if fitted is None else _numbers(column)
        if fitted is None or values is None or len(values) < _FEWEST_VALUES:
            continue
        if _are_far(values, fitted):
            yield (
                f"column {name} holds values around {_shown(_middle(values))}; the model was fitted"
                f" on values between {_shown(fitted.low)} and {_shown(fitted.high)}: {_WHY}"
            )


def _are_far(values: Array, fitted: FittedRange) -> bool:
    return (
        _beyond(values, fitted.high, fitted.margin, fitted.under)
        or _beyond(-values, -fitted.low, fitted.margin, fitted.over)
        or _shrunk(values, fitted)
    )


def _beyond(values: Array, high: float, margin: float, under: float) -> bool:
    """Whether the bulk of the values lies above all that the model was fitted on.

    That so many rows of those it was fitted on lay under `high` must be no accident of few values,
    and the bulk must not begin right behind it.
    """
    import numpy as np

    if under < _known(len(values)) or np.mean(values > high + margin) < _BULK:
        return False
    first, last = np.quantile(values, [1 - _BULK, _BULK])
    return bool(first - high >= _GAP * (last - first))


def _shrunk(values: Array, fitted: FittedRange) -> bool:
    """Whether they are tiny beside what it was fitted on, as scaled values are."""
    import numpy as np

    nearest, known = (fitted.low, fitted.over) if fitted.low > 0 else (-fitted.high, fitted.under)
    if nearest > 0 and known >= max(_MOSTLY_KNOWN, _known(len(values))):
        return bool(np.mean(np.abs(values) < _TINY * nearest) >= _BULK)
    if fitted.scale is None or len(np.unique(values)) < _FEWEST_VALUES:
        return False
    center = (fitted.low + fitted.high) / 2
    one_place = np.std(values) < _NO_SPREAD * fitted.scale
    return bool(one_place and abs(np.median(values)) < _TINY * abs(center))


def _known(n: int) -> float:
    """The least share of rows under a value for which it is no accident that n values have none."""
    return float(max(_KNOWN, 1 - _ACCIDENT ** (1 / (_BULK * n))))


def _columns(given: GivenInput) -> List[Tuple[str, Any]]:
    """Each column's name as a message has it, and its values."""
    import numpy as np

    table: Table = given.table
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(table, pandas.DataFrame):
        return [(repr(str(name)), table.iloc[:, at]) for at, name in enumerate(table.columns)]
    if isinstance(table, np.ndarray) and table.ndim == 2:  # noqa: PLR2004  rows and columns
        names: List[Any] = given.columns or list(range(table.shape[1]))
        return [(repr(name), table[:, at]) for at, name in enumerate(names)]
    return []


def _numbers(column: Any) -> Optional[Array]:  # noqa: ANN401  of pandas or numpy
    """The finite values, evenly picked where there are many; None for what holds no numbers."""
    import numpy as np

    column = column[:: max(1, len(column) // _MOST_ROWS)]
    if hasattr(column, "dropna"):
        column = column.dropna()
    if getattr(column.dtype, "kind", "O") not in "iuf":
        return None
    values = np.asarray(column, dtype=np.float64)
    return values[np.isfinite(values)]


def _middle(values: Array) -> float:
    import numpy as np

    return float(np.median(values))


def _shown(value: float) -> str:
    """Two digits: how large it is, and no value of a row."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    rounded = round(value, 1 - math.floor(math.log10(abs(value))))
    return f"{rounded:,.0f}" if abs(rounded) >= _LARGE else f"{rounded:g}"
