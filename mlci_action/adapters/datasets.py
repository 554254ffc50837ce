"""What is in the data files? A table as the user would read it, with pandas."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mlci_action.adapters.tables.options import AS_FOUND, ReadOptions
from mlci_action.adapters.tables.source import open_table


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Dataset:
    """One table as read: `frame`, the files it came from, their digest, and what was noticed."""

    frame: pd.DataFrame
    path: str
    files: tuple[str, ...]
    digest: str
    notes: tuple[str, ...] = ()


def load_dataset(
    pattern: str, folder: Path, *, target: str | None = None, options: ReadOptions = AS_FOUND
) -> Dataset:
    """The table at `pattern`, a path, a glob relative to `folder` or a URL; files are put together.

    DatasetError when nothing is there, or what is there is empty, not text, or not a table; or when
    `target` holds words such as `None` that may be labels and are read as missing values.
    """
    table = open_table(pattern, folder, options, target=target)
    return Dataset(
        frame=table.frame(),
        path=pattern,
        files=tuple(path.name for path in table.files),
        digest=table.digest,
        notes=table.notes,
    )
