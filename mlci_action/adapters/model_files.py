"""Is there a model file at that path, and which bytes are it?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from mlci_action.errors import ModelError

_LFS_POINTER = b"version https://git-lfs"
_DVC_POINTER = b"outs:\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelFile:
    """A model as bytes: `digest` is `sha256:` and 64 hex digits."""

    path: Path
    digest: str
    n_bytes: int


def read_model_file(path: Path, *, who: str) -> ModelFile:
    """The file's identity; nothing of it is loaded.

    `who` is "the candidate" or "the baseline". ModelError when there is no file, it cannot be read,
    is empty, is a folder, or only points to the model (Git LFS, DVC).
    """
    if path.is_dir():
        raise ModelError(f"{who} {str(path)!r} is a folder", hint=_folder_hint(path))
    try:
        with path.open("rb") as file:
            start = file.read(64)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            n_bytes = file.tell()
    except FileNotFoundError as error:
        raise ModelError(
            f"{who} {str(path)!r} does not exist",
            hint="check the path; is the file committed, or made by an earlier step?",
        ) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ModelError(f"{who} {str(path)!r} cannot be read: {reason}") from error
    _must_be_content(path, start, who)
    return ModelFile(path=path, digest=f"sha256:{digest}", n_bytes=n_bytes)


def _folder_hint(path: Path) -> str:
    if (path / "MLmodel").is_file():
        inside = next((path / name for name in ("model.pkl", "model.skops")), path)
        return f"it is an MLflow model; name the file in it, such as {inside}"
    return "name the model's file"


def _must_be_content(path: Path, start: bytes, who: str) -> None:
    if not start:
        raise ModelError(f"{who} {str(path)!r} is empty", hint="save the model again")
    if start.startswith(_LFS_POINTER):
        raise ModelError(
            f"{who} {str(path)!r} is a Git LFS pointer, not the model",
            hint="check out with LFS (actions/checkout: `lfs: true`), or run `git lfs pull`",
        )
    if start.startswith(_DVC_POINTER):
        raise ModelError(
            f"{who} {str(path)!r} is a DVC pointer, not the model",
            hint="run `dvc pull` in an earlier step, and name the file it brings",
        )
