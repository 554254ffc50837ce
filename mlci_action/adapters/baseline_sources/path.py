"""What lies at a path? A model, a bundle, or a folder of promoted ones with its pointer."""

from __future__ import annotations

import glob
import os
from datetime import UTC, datetime
from pathlib import Path

from mlci_action.adapters.baseline_sources.taken import Place, Taken
from mlci_action.adapters.bundles import is_bundle
from mlci_action.adapters.model_bytes.streams import open_regular
from mlci_action.adapters.paths import newest_file
from mlci_action.domain.promotion import MAX_POINTER_BYTES, POINTER, pointer_from_json
from mlci_action.domain.sources import PathSource
from mlci_action.errors import BaselineError, BaselineMissing

_MLMODEL = "MLmodel"
_LOCK = ".lock"  # promotion's own


def take(source: PathSource, place: Place) -> Taken:
    """What is there; nothing is copied. Errors as `Take` has them."""
    found = newest_file(source.pattern, place.folder) or _newest_folder(source, place.folder)
    if found is None:
        found = place.folder / source.pattern
        if not os.path.lexists(found):
            raise BaselineMissing(
                "no such file",
                hint="an earlier step may fetch it, or `mlci promote` fill a folder of that name",
            )
        if source.pattern.endswith("/") or (found / _LOCK).is_file():
            raise BaselineMissing(
                "nothing has been promoted to it yet",
                hint=f"`mlci promote REPORT_FOLDER --to {source}` does",
            )
        # A link that leads nowhere and a folder are a baseline that cannot be read, not none.
        return Taken(path=found, origin=str(source))
    if (found / POINTER).is_file():
        return _promoted(found, source)
    return Taken(path=found, origin=str(source), modified=_changed(found))


def _newest_folder(source: PathSource, folder: Path) -> Path | None:
    """The newest folder at the path or glob that says what it is; None when there is none."""
    # Path.glob takes no absolute pattern, and a pattern may be one.
    matching = glob.glob(source.pattern, root_dir=folder, recursive=True)  # noqa: PTH207
    paths = (folder / name for name in {source.pattern, *matching})
    found = [path for path in paths if path.is_dir() and _is_known(path)]
    return max(found, key=lambda path: (path.stat().st_mtime, str(path)), default=None)


def _is_known(folder: Path) -> bool:
    return is_bundle(folder) or (folder / _MLMODEL).is_file() or os.path.lexists(folder / POINTER)


def _promoted(folder: Path, source: PathSource) -> Taken:
    """The bundle that is in place in a folder that promotion writes to."""
    try:
        with open_regular(folder / POINTER) as stream:
            pointer = pointer_from_json(stream.read(MAX_POINTER_BYTES + 1))
    except (OSError, ValueError) as error:
        what = (error.strerror or "") if isinstance(error, OSError) else str(error)
        raise BaselineError(
            f"{POINTER} in {source} cannot be read: {what}",
            hint="restore it, or promote a model again",
        ) from error
    path = folder / pointer.bundle
    if not path.exists():
        raise BaselineError(
            f"{POINTER} in {source} names {pointer.bundle}, which is not there",
            hint="bring it back, or promote a model again",
        )
    return Taken(
        path=path,
        origin=f"{pointer.bundle} in {source}",
        modified=_changed(folder / POINTER),
        manifest=pointer.manifest,
    )


def _changed(path: Path) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC).isoformat(timespec="seconds")
