"""What is in the data files? CSV and Parquet, read with pandas as the user would read them."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mlci_action.adapters.paths import matching_files
from mlci_action.errors import DatasetError

_SEPARATORS = ",;\t|"
_PARQUET = b"PAR1"
_LFS_POINTER = b"version https://git-lfs"
_BLOCK = 1 << 20
# What pandas reads as missing, and people write as a label.
_MAYBE_LABELS = ("None", "NA", "N/A", "n/a", "NULL", "null")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Dataset:
    """One table as read: `frame`, the files it came from, their digest, and what was noticed."""

    frame: pd.DataFrame
    path: str
    files: tuple[str, ...]
    digest: str
    notes: tuple[str, ...] = ()


def load_dataset(pattern: str, folder: Path, *, target: str | None = None) -> Dataset:
    """The table at `pattern`, a path or glob relative to `folder`; several files are put together.

    DatasetError when nothing is there, or what is there is empty, not text, or not a table; or when
    `target` holds words such as `None` that may be labels and are read as missing values.
    """
    if "://" in pattern:
        raise DatasetError(
            f"data from a URL is not available in this version: {pattern!r}",
            hint="download the file in a step before, and name its path",
        )
    files = matching_files(pattern, folder)
    if not files:
        raise DatasetError(
            f"no data at {pattern!r}", hint=f"data.evaluation is looked up in {folder}"
        )
    tables = [_read(path, target) for path in files]
    frame = _together([table for table, _ in tables], files)
    if frame.empty:
        raise DatasetError(f"{pattern!r} has no rows", hint="a gate needs rows to judge on")
    return Dataset(
        frame=frame,
        path=pattern,
        files=tuple(path.name for path in files),
        digest=_digest(files),
        notes=tuple(dict.fromkeys(note for _, note in tables if note)),
    )


def _read(path: Path, target: str | None) -> tuple[pd.DataFrame, str]:
    with path.open("rb") as stream:
        head = stream.read(512)
    if not head.strip():
        raise DatasetError(f"{path.name!r} is empty", hint="was it written completely?")
    if head.startswith(_LFS_POINTER):
        raise DatasetError(
            f"{path.name!r} is a Git LFS pointer, not the data",
            hint="check out with `lfs: true`, or run `git lfs pull`",
        )
    try:
        return _read_parquet(path) if head.startswith(_PARQUET) else _read_csv(path, target)
    except UnicodeDecodeError as error:
        raise DatasetError(
            f"{path.name!r} is not UTF-8 text: byte {error.object[error.start]:#04x} "
            f"at position {error.start:,}",
            hint="write it as UTF-8, or as Parquet",
        ) from error
    except (pd.errors.ParserError, pd.errors.ParserWarning, OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
        raise DatasetError(
            f"{path.name!r} cannot be read as a table: {reason}",
            hint="data are CSV (with a header line) or Parquet",
        ) from error


def _read_parquet(path: Path) -> tuple[pd.DataFrame, str]:
    frame = pd.read_parquet(path)
    # An index that was stored with a name is a column that somebody wanted to keep.
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    return frame.set_axis([str(name) for name in frame.columns], axis="columns"), ""


def _read_csv(path: Path, target: str | None) -> tuple[pd.DataFrame, str]:
    separator = _separator(path)
    with warnings.catch_warnings():
        # A column of mixed types is for the checks to judge; pandas warns of its reading in pieces.
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)
        # Rows with more values than the header has names would lose them without a word.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        frame = pd.read_csv(
            path, sep=separator, encoding="utf-8-sig", low_memory=False, index_col=False
        )
    if target is not None and list(frame.columns).count(target) == 1:
        _refuse_labels_read_as_missing(path, separator, frame[target])
    note = "" if separator == "," else f"{path.name}: columns are separated by {separator!r}"
    return frame, note


def _refuse_labels_read_as_missing(path: Path, separator: str, labels: pd.Series[Any]) -> None:
    """Rows of the class `None` would be left out without a word, and with them their errors."""
    if pd.api.types.infer_dtype(labels, skipna=True) != "string":
        return
    written = pd.read_csv(
        path, sep=separator, encoding="utf-8-sig", index_col=False, keep_default_na=False,
        usecols=[labels.name], dtype=str,
    )[labels.name].str.strip()  # fmt: skip
    lost = written[labels.isna() & written.isin(_MAYBE_LABELS)]
    if lost.empty:
        return
    raise DatasetError(
        f"the target {str(labels.name)!r} holds {str(lost.iloc[0])!r}, which readers of CSV take "
        f"for a missing value, in {len(lost)} of {len(labels)} rows",
        hint="if it is a label, give it another name or write Parquet; if the label is missing, "
        "leave the cell empty",
    )


def _separator(path: Path) -> str:
    """A comma, unless the header line has none and another separator it has."""
    columns = pd.read_csv(path, nrows=0, encoding="utf-8-sig", index_col=False).columns
    return "," if len(columns) > 1 else max(_SEPARATORS, key=str(columns[0]).count)


def _together(tables: Sequence[pd.DataFrame], files: Sequence[Path]) -> pd.DataFrame:
    first = tables[0]
    for table, path in zip(tables[1:], files[1:], strict=True):
        if list(table.columns) != list(first.columns):
            differing = sorted(set(map(str, table.columns)) ^ set(map(str, first.columns)))
            raise DatasetError(
                f"{path.name!r} has other columns than {files[0].name!r}: {differing[:5]}",
                hint="files of one pattern are put together, so their columns must be the same",
            )
    return first if len(tables) == 1 else pd.concat(tables, ignore_index=True)


def _digest(files: Sequence[Path]) -> str:
    """SHA-256 of the only file, or of the files' names and digests."""
    digests = []
    for path in files:
        digest = hashlib.sha256()
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
        digests.append(digest.hexdigest())
    if len(digests) == 1:
        return f"sha256:{digests[0]}"
    listing = "".join(f"{one}  {path.name}\n" for one, path in zip(digests, files, strict=True))
    return f"sha256:{hashlib.sha256(listing.encode()).hexdigest()}"
