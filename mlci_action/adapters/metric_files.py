"""Which file holds a metric of the user's, and which bytes are it?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricFile:
    """A metric's `module:function`; `path` and `digest` (`sha256:...`) where a file here has it."""

    name: str
    place: str
    path: str | None = None
    digest: str | None = None

    def as_mapping(self) -> dict[str, str | None]:
        """As the report holds it."""
        return {
            "name": self.name,
            "place": self.place,
            "path": self.path,
            "digest": self.digest,
        }


def find_metric_files(places: Sequence[tuple[str, str]], folder: Path) -> tuple[MetricFile, ...]:
    """One value for each (name, `module:function`); modules of installed packages have no file."""
    return tuple(_found(name, place, folder) for name, place in places)


def _found(name: str, place: str, folder: Path) -> MetricFile:
    module = place.rpartition(":")[0]
    stem = module if module.endswith(".py") else module.replace(".", "/")
    candidates = [module] if module.endswith(".py") else [f"{stem}.py", f"{stem}/__init__.py"]
    for path in candidates:
        try:
            content = (folder / path).read_bytes()
        except OSError:
            continue
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        return MetricFile(name=name, place=place, path=path, digest=digest)
    return MetricFile(name=name, place=place)
