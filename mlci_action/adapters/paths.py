"""Which files does a path or a glob of mlci.yml mean?"""

from __future__ import annotations

import glob
from pathlib import Path


def matching_files(pattern: str, folder: Path) -> list[Path]:
    """The files at `pattern`, relative to `folder`, by name; brackets may be part of a name."""
    if (folder / pattern).is_file():
        return [folder / pattern]
    # Path.glob takes no absolute pattern, and a pattern may be one.
    names = glob.glob(pattern, root_dir=folder, recursive=True)  # noqa: PTH207
    return sorted(path for name in names if (path := folder / name).is_file())


def newest_file(pattern: str, folder: Path) -> Path | None:
    """The file at `pattern` that changed last, None when there is none."""
    files = matching_files(pattern, folder)
    # Equal times are common after a checkout; the later name is then the later model.
    return max(files, key=lambda path: (path.stat().st_mtime, str(path)), default=None)
