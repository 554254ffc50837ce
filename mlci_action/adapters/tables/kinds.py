"""What kind of table is in a file? Asked of its first bytes, never of its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from mlci_action.adapters.tables.encodings import codec_of
from mlci_action.adapters.tables.failures import reading
from mlci_action.adapters.tables.unpacking import is_packed, is_workbook, open_unpacked
from mlci_action.errors import DatasetError

_HEAD = 4096
_JSON = re.compile(r'\{\s*["}]|\[\s*[\[{]')
_STEP_BEFORE = "convert it in a step before, to CSV or Parquet"


class Kind(Enum):
    """A way to write a table, for which there is a reader."""

    CSV = "CSV"
    PARQUET = "Parquet"
    ARROW_FILE = "Arrow"
    ARROW_STREAM = "an Arrow stream"
    JSON_LINES = "JSON"
    EXCEL = "Excel"


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What was found in a file: the kind of table, its first bytes, and whether it is packed."""

    kind: Kind
    head: bytes
    packed: bool


_MAGIC = {
    b"PAR1": Kind.PARQUET,
    b"ARROW1\x00\x00": Kind.ARROW_FILE,
    b"\xff\xff\xff\xff": Kind.ARROW_STREAM,
}
# What is met where a table was meant: what it is, and what to do.
_NO_TABLES = (
    (b"%PDF-", "a PDF", "export the table as CSV"),
    (b"\x89PNG", "an image", "name the file with the rows"),
    (b"\xff\xd8\xff", "an image", "name the file with the rows"),
    (b"GIF8", "an image", "name the file with the rows"),
    (b"\xd0\xcf\x11\xe0", "Excel of before 2007, or has a password", "save it as .xlsx, without"),
    (b"SQLite format 3\x00", "an SQLite database", _STEP_BEFORE),
    (b"\x89HDF", "an HDF5 file", _STEP_BEFORE),
    (b"\x93NUMPY", "a NumPy array, without names of columns", _STEP_BEFORE),
    (b"Obj\x01", "an Avro file", _STEP_BEFORE),
    (b"FEA1", "Feather of the first version", "write it anew with the pandas of today"),
    (b"\x80\x02", "a pickle, which is never read as data", _STEP_BEFORE),
    (b"\x80\x03", "a pickle, which is never read as data", _STEP_BEFORE),
    (b"\x80\x04\x95", "a pickle, which is never read as data", _STEP_BEFORE),
    (b"\x80\x05\x95", "a pickle, which is never read as data", _STEP_BEFORE),
)
_PAGES = ("<!doctype html", "<html", "<?xml")
_TAR_MAGIC = slice(257, 262)


def find_kind(path: Path) -> Found:
    """What is in `path`; DatasetError when it is no table."""
    with reading(path):
        with path.open("rb") as stream:
            packed = is_packed(stream.read(_HEAD))
        if packed and is_workbook(path):
            return Found(kind=Kind.EXCEL, head=b"", packed=False)
        with open_unpacked(path) as stream:
            head = stream.read(_HEAD)
    _refuse_what_is_no_table(path.name, head)
    if packed and is_packed(head):
        raise DatasetError(f"{path.name!r} is packed more than once", hint="unpack it once")
    kinds = (kind for magic, kind in _MAGIC.items() if head.startswith(magic))
    kind = next(kinds, None) or _kind_of_text(path.name, head)
    return Found(kind=kind, head=head, packed=packed)


def _refuse_what_is_no_table(name: str, head: bytes) -> None:
    if not head.strip():
        raise DatasetError(f"{name!r} is empty", hint="was it written completely?")
    if head.startswith(b"version https://git-lfs"):
        raise DatasetError(
            f"{name!r} is a Git LFS pointer, not the data",
            hint="check out with `lfs: true`, or run `git lfs pull`",
        )
    for magic, what, hint in _NO_TABLES:
        if head.startswith(magic):
            raise DatasetError(f"{name!r} is {what}: no table", hint=hint)
    if head[_TAR_MAGIC] == b"ustar":
        raise DatasetError(f"{name!r} is a tar archive", hint="unpack it in a step before")


def _kind_of_text(name: str, head: bytes) -> Kind:
    text = head.decode(codec_of(head, None), errors="ignore").removeprefix("\ufeff").lstrip()
    if text.lower().startswith(_PAGES):
        raise DatasetError(
            f"{name!r} is a web page or XML, not a table",
            hint="was it downloaded from the address of the raw file?",
        )
    if text.lower().startswith("@relation"):
        raise DatasetError(f"{name!r} is an ARFF file", hint=_STEP_BEFORE)
    return Kind.JSON_LINES if _JSON.match(text) else Kind.CSV
