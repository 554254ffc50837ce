"""What did the baseline say of these rows when it was the candidate? Kept beside it, unless stale.

A model that no environment here can load any more is then still something to compare with.
"""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlci_action.adapters.baselines import Baseline
from mlci_action.adapters.git import Git
from mlci_action.adapters.plain_arrays import array_bytes, array_in
from mlci_action.adapters.report_folder import PREDICTIONS
from mlci_action.domain.sources import GitSource, parse_source
from mlci_action.errors import BaselineError
from mlci_action.evaluation.reading.predictions import ModelOutput
from mlci_action.settings.values import HowAsked

_ABOUT = "about.json"
_VERSION = 1
_ARRAYS = ("predictions", "probabilities", "decisions")
_SCORES = ("probabilities", "decisions")
# zip knows no time before; a file that says when it was written is another one every time.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_MAX_ABOUT_BYTES = 4 << 20
_MAX_BYTES_PER_ROW = 200_000
_MAX_BYTES_IN_GIT = 1 << 30
_MAX_CLASSES = 10_000
_BROKEN_ZIP = (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError)


class _StoredError(ValueError):
    """Not what we write, though an archive."""


def to_npz(
    output: ModelOutput, *, model_digest: str, data_digest: str, how: HowAsked
) -> bytes | None:
    """A `predictions.npz`: the same bytes for the same answers. None when they are no plain arrays.

    model_digest, data_digest: of the model and of the evaluation data, as `sha256:...`.
    """
    about = {
        "version": _VERSION,
        "model": model_digest,
        "data": data_digest,
        "rows": len(output.predictions),
        "classes": None if output.classes is None else list(output.classes),
        "how": asdict(how),
    }
    try:
        members = {_ABOUT: json.dumps(about, sort_keys=True, allow_nan=False).encode()}
        for name in _ARRAYS:
            values = getattr(output, name)
            if values is not None:
                members[f"{name}.npy"] = array_bytes(values)
    except ValueError:
        return None
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, content)
    return stream.getvalue()


def read_stored(
    path: Path, *, model_digest: str, data_digest: str, n_rows: int
) -> ModelOutput | str:
    """What this model said of these rows; a sentence where the file does not tell, and why."""
    try:
        about, output = parse_npz(_content(path, n_rows))
    except ValueError as error:
        return f"the stored predictions cannot be read: {error}"
    except OSError as error:
        return f"the stored predictions cannot be read: {error.strerror or type(error).__name__}"
    if about.get("model") != model_digest:
        return "the stored predictions are those of another model"
    if about.get("data") != data_digest:
        return "the stored predictions are of other evaluation data"
    if len(output.predictions) != n_rows:
        said = len(output.predictions)
        return f"the stored predictions are of {said:,} rows, and the data has {n_rows:,}"
    return output


def find_stored(baseline: Baseline, git: Git, store: Path) -> Path | None:
    """The `predictions.npz` beside the baseline, or of its folder in its commit: a file in `store`.

    None when there is none. Its bytes are looked at by `read_stored` alone.
    """
    source = parse_source(baseline.source)
    in_bundle = baseline.manifest is not None
    if in_bundle or baseline.commit is None or not isinstance(source, GitSource):
        beside = baseline.file.path.parent / PREDICTIONS
        return beside if _is_plain_file(beside) else None
    there = str(PurePosixPath(source.path).parent / PREDICTIONS)
    try:
        if not git.has_file(baseline.commit, there):
            return None
        size = git.blob_size(baseline.commit, there)
        if size is None or size > _MAX_BYTES_IN_GIT:
            return None
        store.mkdir(parents=True, exist_ok=True)
        git.write_blob(baseline.commit, there, store / PREDICTIONS)
    except BaselineError:
        return None
    return store / PREDICTIONS


def parse_npz(content: bytes) -> tuple[Mapping[str, Any], ModelOutput]:
    """What the file says of itself, and the answers. ValueError says why it cannot be read."""
    members = _members(content)
    about = _about(members.pop(_ABOUT, b""))
    unknown = members.keys() - {f"{name}.npy" for name in _ARRAYS}
    if unknown:
        raise ValueError("it holds more than predictions")
    arrays = {name.removesuffix(".npy"): array_in(member) for name, member in members.items()}
    if "predictions" not in arrays:
        raise ValueError("there are no predictions in it")
    if len({len(values) for values in arrays.values()}) != 1:
        raise ValueError("its arrays are not of the same rows")
    return about, ModelOutput(
        predictions=arrays["predictions"],
        **{name: _scores(arrays.get(name)) for name in _SCORES},
        classes=about["classes"],
    )


def _content(path: Path, n_rows: int) -> bytes:
    if not _is_plain_file(path):
        raise ValueError("there is no such file")
    most = _MAX_ABOUT_BYTES + n_rows * _MAX_BYTES_PER_ROW
    with path.open("rb") as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise ValueError(f"it is far larger than {n_rows:,} rows need")
    if content.startswith(b"version https://git-lfs"):
        raise ValueError("it is a Git LFS pointer")
    return content


def _is_plain_file(path: Path) -> bool:
    """Not a link, a pipe or a device: reading those could hang or lead elsewhere."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _members(content: bytes) -> dict[str, bytes]:
    """Each member under its name. Nothing is packed, so nothing can grow."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _must_be_plain(entries)
            return {entry.filename: archive.read(entry) for entry in entries}
    except _StoredError:
        raise
    except _BROKEN_ZIP:
        raise ValueError("it is damaged") from None


def _must_be_plain(entries: Sequence[zipfile.ZipInfo]) -> None:
    if len(entries) > 1 + len(_ARRAYS):
        raise _StoredError("it has too many members")
    if len({entry.filename for entry in entries}) < len(entries):
        raise _StoredError("it has a member twice")
    for entry in entries:
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
            raise _StoredError("its members are not stored as they are")


def _about(content: bytes) -> dict[str, Any]:
    """What the file says of itself, with `classes` checked."""
    if not content or len(content) > _MAX_ABOUT_BYTES:
        raise ValueError("it does not say what it holds")
    try:
        about = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("it does not say what it holds") from None
    if not isinstance(about, dict) or about.get("version") != _VERSION:
        raise ValueError("it was written by another version")
    return {**about, "classes": _classes(about.get("classes"))}


def _classes(said: object) -> tuple[str | int | float | bool, ...] | None:
    if said is None:
        return None
    if (
        not isinstance(said, list)
        or len(said) > _MAX_CLASSES
        or not all(isinstance(label, str | int | float | bool) for label in said)
    ):
        raise ValueError("its classes are not a list of labels")
    return tuple(said)


def _scores(values: NDArray[Any] | None) -> NDArray[np.float64] | None:
    if values is None:
        return None
    if values.dtype.kind != "f":
        raise ValueError("its scores are not numbers")
    return values.astype(np.float64)
