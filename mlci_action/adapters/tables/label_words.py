"""Is a missing label one that was written as a word, such as `None`?"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from mlci_action.adapters.tables.blanks import MISSING
from mlci_action.errors import DatasetError

# What pandas reads as missing, and people write as a label.
_MAYBE_LABELS = pa.array(("None", "NA", "N/A", "n/a", "NULL", "null"))
_BOOLEANS = pa.array(("True", "TRUE", "true", "False", "FALSE", "false"))
_MISSING = pa.array(MISSING)


def refuse_lost_labels(target: str, cells: Iterable[pa.Array]) -> None:
    """Rows of the class `None` would be left out without a word, and with them their errors.

    cells: the target as it is written. Among numbers, such a word is no label.
    """
    rows, lost, word = 0, 0, ""
    kinds: set[str] = set()
    for block in cells:
        rows += len(block)
        maybe = block.filter(pc.is_in(block, value_set=_MAYBE_LABELS))
        lost += len(maybe)
        word = word or (maybe[0].as_py() if len(maybe) else "")
        kinds |= _kinds(block.filter(pc.invert(pc.is_in(block, value_set=_MISSING))))
    is_text = "text" in kinds or kinds == {"numbers", "booleans"}
    if not (lost and is_text):
        return
    raise DatasetError(
        f"the target {target!r} holds {word!r}, which readers of CSV take "
        f"for a missing value, in {lost} of {rows} rows",
        hint="if it is a label, give it another name or write Parquet; if the label is missing, "
        "leave the cell empty",
    )


def _kinds(cells: pa.Array) -> set[str]:
    booleans = pc.is_in(cells, value_set=_BOOLEANS)
    others = cells.filter(pc.invert(booleans))
    kinds = {"booleans"} if len(others) < len(cells) else set()
    if not len(others):
        return kinds
    try:
        pc.cast(pc.utf8_trim_whitespace(others), pa.float64())
    except pa.ArrowInvalid:
        return kinds | {"text"}
    return kinds | {"numbers"}
