"""What is one table? One file, or several put together; whole, or as a stream of blocks of rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow as pa

from mlci_action.adapters.paths import matching_files
from mlci_action.adapters.tables.label_words import refuse_lost_labels
from mlci_action.adapters.tables.options import AS_FOUND, ReadOptions
from mlci_action.adapters.tables.part import Part, open_part
from mlci_action.adapters.tables.remote import download, is_url
from mlci_action.adapters.tables.scratch import Scratch
from mlci_action.errors import DatasetError

ROWS_AT_ONCE = 131_072
# A block of a table of thousands of columns has fewer rows.
_CELLS_AT_ONCE = 8_000_000
_MIN_ROWS = 1_000
_BYTES_AT_ONCE = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a row stands: a file, and a line of it where it has lines, from 1."""

    file: Path
    line: int | None


@dataclass(frozen=True, kw_only=True, eq=False)
class TableSource:
    """A table that has been looked at and not yet read. `path`: the pattern as it is written."""

    path: str
    files: tuple[Path, ...]
    notes: tuple[str, ...]
    names: tuple[str, ...]
    parts: tuple[Part, ...]
    options: ReadOptions
    target: str | None = None
    # What was fetched for it, and goes with it.
    downloads: Scratch | None = None

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the only file, or of the files' names and digests."""
        digests = [_sha256(path) for path in self.files]
        if len(digests) == 1:
            return f"sha256:{digests[0]}"
        named = zip(digests, self.files, strict=True)
        listing = "".join(f"{digest}  {path.name}\n" for digest, path in named)
        return f"sha256:{hashlib.sha256(listing.encode()).hexdigest()}"

    def frame(self) -> pd.DataFrame:
        """All rows, as pandas reads them; DatasetError when there are none."""
        frames = []
        for part in self.parts:
            frame = part.frame()
            if self.target in self.names and frame[self.target].isna().any():
                refuse_lost_labels(str(self.target), part.written(str(self.target)))
            in_order = part.names == self.names
            frames.append(frame if in_order else frame[list(self.names)])
        whole = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
        if whole.empty:
            raise self._no_rows()
        return whole

    def chunks(
        self, columns: Sequence[str] | None = None, *, rows: int = ROWS_AT_ONCE
    ) -> Iterator[pa.RecordBatch]:
        """All rows of `columns`, at most `rows` at once, in the order of `frame()`.

        Text formats give text: a cell as it is written, null where pandas reads missing.
        """
        chosen = self.names if columns is None else tuple(columns)
        self._refuse_unknown(chosen)
        size = min(rows, max(_MIN_ROWS, _CELLS_AT_ONCE // max(1, len(chosen))))
        given = 0
        for part in self.parts:
            missing_labels = 0
            for batch in part.batches(chosen, size):
                given += batch.num_rows
                if self.target in chosen:
                    missing_labels += batch.column(chosen.index(str(self.target))).null_count
                yield batch
            if missing_labels:
                refuse_lost_labels(str(self.target), part.written(str(self.target)))
        if not given:
            raise self._no_rows()

    def count(self) -> int:
        """How many rows there are."""
        return sum(part.count() for part in self.parts)

    def lines(self, rows: Sequence[int]) -> list[Place]:
        """Where each of `rows` stands, counted from 0 over the whole table."""
        places: dict[int, Place] = {}
        offset = 0
        for path, part in zip(self.files, self.parts, strict=True):
            # Of the last file nobody asks how many rows it has.
            end = None if part is self.parts[-1] else offset + part.count()
            here = [row for row in rows if offset <= row and (end is None or row < end)]
            if here:
                lines = part.lines([row - offset for row in here])
                found = zip(here, lines, strict=True)
                places.update((row, Place(file=path, line=line)) for row, line in found)
            offset = end or offset
        return [places[row] for row in rows]

    def _refuse_unknown(self, columns: Sequence[str]) -> None:
        unknown = [name for name in columns if name not in self.names]
        if unknown or not columns:
            raise DatasetError(
                f"{self.path!r} has no column {', '.join(map(repr, unknown[:5]))}",
                hint=f"it has {', '.join(map(repr, self.names[:10]))}",
            )

    def _no_rows(self) -> DatasetError:
        return DatasetError(f"{self.path!r} has no rows", hint="a gate needs rows to judge on")


def open_table(
    pattern: str, folder: Path, options: ReadOptions = AS_FOUND, *, target: str | None = None
) -> TableSource:
    """The table at `pattern`: a path or glob relative to `folder`, or a URL.

    DatasetError when nothing is there, or what is there is no table; when it is read, also when
    `target` holds words such as `None` that may be labels and are read as missing.
    """
    if not is_url(pattern):
        return _table(pattern, _files(pattern, folder), options, target)
    downloads = Scratch()
    try:
        files = download(pattern, downloads.path)
        return replace(_table(pattern, files, options, target), downloads=downloads)
    except BaseException:
        downloads.remove()
        raise


def reread(table: TableSource, options: ReadOptions) -> TableSource:
    """The same files, read by other `options`."""
    again = _table(table.path, table.files, options, table.target)
    return replace(again, downloads=table.downloads)


def _files(pattern: str, folder: Path) -> list[Path]:
    files = matching_files(pattern, folder)
    if files:
        return files
    is_folder = pattern not in ("", ".") and (folder / pattern).is_dir()
    raise DatasetError(
        f"no data at {pattern!r}" + (": it is a folder" if is_folder else ""),
        hint=f"name its files, for example {pattern.rstrip('/')}/*.parquet"
        if is_folder
        else f"it is looked up in {folder}",
    )


def _table(
    pattern: str, files: Sequence[Path], options: ReadOptions, target: str | None
) -> TableSource:
    parts = [open_part(path, options) for path in files]
    notes = [note for part in parts for note in part.notes]
    for path, part in zip(files[1:], parts[1:], strict=True):
        _refuse_other_columns(path, part.names, files[0], parts[0].names)
        if part.names != parts[0].names:
            notes.append(f"{path.name}: its columns stand in another order")
    return TableSource(
        path=pattern,
        files=tuple(files),
        notes=tuple(dict.fromkeys(notes)),
        names=parts[0].names,
        parts=tuple(parts),
        options=options,
        target=target,
    )


def _refuse_other_columns(
    path: Path, names: Sequence[str], first: Path, expected: Sequence[str]
) -> None:
    differing = sorted(set(names) ^ set(expected))
    if differing:
        raise DatasetError(
            f"{path.name!r} has other columns than {first.name!r}: {differing[:5]}",
            hint="files of one pattern are put together, so their columns must be the same",
        )


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BYTES_AT_ONCE):
            digest.update(block)
    return digest.hexdigest()
