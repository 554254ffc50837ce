"""Is a module that is imported late still the one that was there when the process began?

Code of the user's could have rewritten it, and would then run in our process. When a file was last
changed in any way, its name included, is a time that its owner cannot set back.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

# The clock of files may be that much behind the other one.
_COARSE_NS = 20_000_000


def refuse_changed_code() -> None:
    """Import from now on only what is older than this moment; ImportError says what is not.

    Not for a process that is somebody else's (a notebook).
    """
    finder = UnchangedFinder(time.time_ns() - _COARSE_NS, Path(sys.prefix).absolute())
    # Before the one that it asks, and behind those of modules that are no files.
    sys.meta_path.insert(sys.meta_path.index(PathFinder), finder)


class UnchangedFinder:
    """Finds modules as ever, and refuses what was changed after `newest`, in nanoseconds.

    Below `prefix`, our own environment, no folder may have changed either: an old one could have
    been moved there.
    """

    def __init__(self, newest: int, prefix: Path) -> None:
        self._newest = newest
        self._prefix = prefix

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where the module is; ImportError when that was changed."""
        spec = PathFinder.find_spec(name, path, target)
        if spec is None:
            return None
        for place in self._places(spec):
            if place.lstat().st_ctime_ns > self._newest:
                raise ImportError(f"{place} changed while the gate ran", name=name)
        return spec

    def _places(self, spec: ModuleSpec) -> Iterator[Path]:
        files = [spec.origin, spec.cached] if spec.has_location else []
        folders = list(spec.submodule_search_locations or ())
        for text in (*files, *folders):
            if text is None or not os.path.lexists(text):
                continue
            place = Path(text).absolute()
            if text not in folders:
                yield place
            if place.is_relative_to(self._prefix):
                parents = (place, *place.parents)
                yield from parents[: parents.index(self._prefix) + 1]
