"""How is a table summed up? Chunk by chunk, several columns at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pyarrow as pa

from mlci_action.adapters.reference import FoundReference, stored_profile
from mlci_action.adapters.tables.labels import JoinedSource, join_labels, open_labels
from mlci_action.adapters.tables.options import ReadOptions
from mlci_action.adapters.tables.source import TableSource, open_table
from mlci_action.domain.profile import TableProfile
from mlci_action.errors import DatasetError
from mlci_action.profiles.frames import chunks_of
from mlci_action.profiles.stored import from_json
from mlci_action.profiles.table import Aims, Summed, sum_up

_WORKERS = 4  # beyond that, columns wait for memory and not for each other


def sum_up_chunks(
    chunks: Iterable[pa.RecordBatch],
    *,
    aims: Aims,
    reference: TableProfile | None = None,
    origin: str = "",
) -> Summed:
    """The summary of a table that comes in chunks, with as many threads as there are cores."""
    with (
        ThreadPoolExecutor(min(os.cpu_count() or 1, _WORKERS)) as workers,
        ThreadPoolExecutor(1) as reader,
    ):
        ahead = _one_ahead(iter(chunks), reader)
        return sum_up(ahead, aims=aims, reference=reference, origin=origin, workers=workers)


def _one_ahead(chunks: Iterator[pa.RecordBatch], reader: Executor) -> Iterator[pa.RecordBatch]:
    """The same chunks, the next of which is read while one is summed up."""
    coming = reader.submit(next, chunks, None)
    while (chunk := coming.result()) is not None:
        coming = reader.submit(next, chunks, None)
        yield chunk


def sum_up_frame(
    frame: pd.DataFrame,
    *,
    aims: Aims,
    reference: TableProfile | None = None,
    origin: str = "",
) -> Summed:
    """The summary of a table in memory. DatasetError when it has no rows."""
    if frame.empty:
        raise DatasetError("the table has no rows", hint="a check needs rows to look at")
    return sum_up_chunks(chunks_of(frame), aims=aims, reference=reference, origin=origin)


def open_joined(
    pattern: str,
    labels: str | None,
    folder: Path,
    *,
    options: ReadOptions,
    target: str | None,
    id: str | None,  # noqa: A002 - its name in mlci.yml
) -> TableSource | JoinedSource:
    """The table at `pattern`, with the target from a file of its own where there is one.

    DatasetError when one of them cannot be read, or they do not fit each other.
    """
    if labels is None:
        return open_table(pattern, folder, options, target=target)
    if target is None:
        raise DatasetError("labels in a file of their own need a name", hint="give the target")
    plain = ReadOptions(separator=options.separator, encoding=options.encoding)
    return join_labels(
        open_table(pattern, folder, options),
        open_labels(labels, folder, plain, target=target),
        target,
        id=id,
    )


def reference_profile(
    found: FoundReference, folder: Path, *, options: ReadOptions, aims: Aims
) -> TableProfile:
    """The profile of a reference: as it is stored, or of the table that it is.

    DatasetError when what is there is neither.
    """
    text = stored_profile(found.pattern, folder)
    if text is not None:
        return from_json(text, path=found.origin)
    source = open_joined(
        found.pattern, found.labels, folder, options=options, target=aims.target, id=aims.id
    )
    return sum_up_chunks(source.chunks(), aims=aims, origin=found.origin).profile


def table_or_profile(pattern: str, folder: Path, *, aims: Aims) -> TableProfile:
    """The profile that a file holds, or that of the table there."""
    found = FoundReference(pattern=pattern, origin=pattern)
    return reference_profile(found, folder, options=ReadOptions(), aims=aims)
