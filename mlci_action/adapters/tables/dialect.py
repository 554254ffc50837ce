"""How is a CSV file written: what separates its cells, what are its columns called?"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlci_action.adapters.tables.csv_lines import records
from mlci_action.adapters.tables.encodings import UTF8, first_lines
from mlci_action.adapters.tables.failures import no_table, reading
from mlci_action.adapters.tables.header import all_numbers, has_header
from mlci_action.adapters.tables.options import WHITESPACE, ReadOptions
from mlci_action.adapters.tables.separators import csv_records, find_separator


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """How a CSV file is written. `header_lines`: those up to the end of the header, 0 without."""

    codec: str
    separator: str
    names: tuple[str, ...]
    header_lines: int
    # Lines end as on the Macs of last century, which only one of the two readers takes.
    ends_in_returns: bool
    notes: tuple[str, ...]

    @property
    def for_pandas(self) -> dict[str, Any]:
        """What pandas.read_csv has to be told of this file as a stream of UTF-8."""
        header = 0 if self.header_lines else None
        return {
            "sep": r"\s+" if self.separator == WHITESPACE else self.separator,
            "encoding": "utf-8",
            "index_col": False,
            "header": header,
            "names": None if self.header_lines else list(self.names),
        }


def dialect_of(path: Path, codec: str, options: ReadOptions) -> Dialect:
    """What the first lines and `options` say; DatasetError when the header is none."""
    with reading(path, codec):
        text = first_lines(path, codec)
        separator = find_separator(text, options.separator, options.columns)
        header = _first_record(text, separator)
        cells = next(csv_records(header, separator), None)
        if cells is None:
            raise no_table(path, "its first line cannot be split into columns")
    notes = []
    is_named = has_header(path.name, cells, options.columns)
    if is_named and options.columns is not None:
        notes.append("its first line holds the names of data.columns and is the header line")
    if is_named and all_numbers(cells):
        notes.append(f"its header line is the numbers {cells[0]} to {cells[-1]}")
    notes += _notes_of_form(separator, codec, options.encoding)
    return Dialect(
        codec=codec,
        separator=separator,
        names=_as_pandas_names(cells) if is_named else tuple(options.columns or ()),
        header_lines=_line_ends(text, header) if is_named else 0,
        ends_in_returns="\r" in text and "\n" not in text,
        notes=tuple(f"{path.name}: {note}" for note in notes),
    )


def _notes_of_form(separator: str, codec: str, asked: str | None) -> list[str]:
    notes = []
    if separator == WHITESPACE:
        notes.append("columns are separated by runs of spaces")
    elif separator != ",":
        notes.append(f"columns are separated by {separator!r}")
    if codec != UTF8 and asked is None:
        notes.append(f"the text is {codec.upper()}")
    return notes


def _first_record(text: str, separator: str) -> str:
    """The text of the first record alone: the ones after it may be cut."""
    first = next(records(io.StringIO(text, newline=""), separator), None)
    return text if first is None else first[1]


def _as_pandas_names(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(cell or f"Unnamed: {number}" for number, cell in enumerate(cells))


def _line_ends(text: str, header: str) -> int:
    """How many to skip before the first row, those of blank lines before the header included."""
    return max(1, text[: text.index(header) + len(header)].count("\n"))
