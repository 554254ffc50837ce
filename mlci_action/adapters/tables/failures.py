"""What does a reader's exception say, in one line?"""

from __future__ import annotations

import codecs
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa

from mlci_action.adapters.tables.unpacking import open_unpacked
from mlci_action.errors import DatasetError

_MAX_REASON_CHARS = 300
_BLOCK = 1 << 20
_FAILURES = (
    pd.errors.ParserError,
    pd.errors.ParserWarning,
    pa.ArrowException,
    zipfile.BadZipFile,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    ValueError,
)


@contextmanager
def reading(
    path: Path, codec: str = "utf-8", *, also: tuple[type[Exception], ...] = ()
) -> Iterator[None]:
    """Whatever goes wrong in reading `path` is a DatasetError that names the file.

    also: what a library raises where a file is broken, and what elsewhere would be a bug.
    """
    try:
        yield
    except UnicodeDecodeError as error:
        raise _not_text(path, codec, error) from error
    except _FAILURES as error:
        raise no_table(path, str(error) or type(error).__name__) from error
    except also as error:
        raise no_table(path, f"{type(error).__name__}: {error}") from error


def no_table(path: Path, reason: str) -> DatasetError:
    """The refusal of a file whose bytes do not hold what they promise."""
    lines = reason.strip().splitlines() or ["no reason was given"]
    return DatasetError(
        f"{path.name!r} cannot be read as a table: {lines[-1][:_MAX_REASON_CHARS]}",
        hint="data are CSV (with a header line), Parquet, Arrow, JSON lines or Excel",
    )


def _not_text(path: Path, codec: str, error: UnicodeDecodeError) -> DatasetError:
    byte, position = _first_undecodable(path, codec) or (error.object[error.start], error.start)
    name = "UTF-8" if codec == "utf-8" else codec
    return DatasetError(
        f"{path.name!r} is not {name} text: byte {byte:#04x} at position {position:,}",
        hint="write it as UTF-8, or as Parquet; or set `data.encoding`, for example to cp1252 "
        "or latin-1",
    )


def _first_undecodable(path: Path, codec: str) -> tuple[int, int] | None:
    """The byte and where it stands in the file: readers count from the start of their block."""
    decoder = codecs.getincrementaldecoder(codec)()
    fed = 0
    with open_unpacked(path) as stream:
        while True:
            block = stream.read(_BLOCK)
            kept = len(decoder.getstate()[0])
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                return error.object[error.start], fed - kept + error.start
            if not block:
                return None
            fed += len(block)
