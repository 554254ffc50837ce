"""Is there a model at that path, which bytes are it, and in which format are they?

Nothing of it is loaded: not even a pickle is asked what it holds, its opcodes are read.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from mlci_action.adapters.model_bytes.folders import FolderFile, NoFolder, files_in
from mlci_action.adapters.model_bytes.formats import (
    Recognised,
    recognise_file,
    recognise_folder,
)
from mlci_action.adapters.model_bytes.pickle_reading import Imports
from mlci_action.adapters.model_bytes.streams import open_regular
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.errors import ModelError

_LFS_POINTER = b"version https://git-lfs"
_DVC_POINTER = b"outs:\n"
_WITH_LFS = "check out with LFS (actions/checkout: `lfs: true`), or run `git lfs pull`"
_MAX_POINTER_BYTES = 1024
_MAX_FOLDER_BYTES = 4 * 2**30
_MAX_FILES_LOOKED_AT = 20
_MAX_NAMES = 1_000
# What lies beside a model in its folder, and is no code.
_NO_MODELS = ("MLmodel", ".yaml", ".yml", ".txt", ".json", ".md")
_BLOCK = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelFile:
    """A model as bytes: `digest` is `sha256:` and 64 hex digits, of a folder that of all its files.

    kind: the format for people, as in "a joblib file". imports: `module.name` of what loading it
    would import, sorted, at most 1,000; imports_complete: whether these are all.
    """

    path: Path
    digest: str
    n_bytes: int
    format: ModelFormat
    kind: str
    imports: tuple[str, ...] = ()
    imports_complete: bool = True


def read_model_file(path: Path, *, who: str) -> ModelFile:
    """The identity of a file or folder, and what it is; nothing of it is loaded.

    `who` is "the candidate" or "the baseline". ModelError when there is nothing, it cannot be read,
    is empty, only points to the model (Git LFS, DVC), or is a folder that holds more than files.
    """
    with _said_of(path, who):
        if path.is_dir():
            files = files_in(path)
            digest, n_bytes = _digest_of_folder(files)
            found = _with_pickles_within(recognise_folder(tuple(f.name for f in files)), files)
        else:
            with open_regular(path) as file:
                digest, n_bytes = _digest_of_file(file)
                found = recognise_file(path, file)
    return ModelFile(
        path=path,
        digest=digest,
        n_bytes=n_bytes,
        format=found.format,
        kind=found.kind,
        imports=found.imports.names,
        imports_complete=found.imports.complete,
    )


def recognise(path: Path, *, who: str = "the model") -> Recognised:
    """The format of a file or folder, by its bytes. ModelError as `read_model_file`."""
    with _said_of(path, who):
        if path.is_dir():
            files = files_in(path)
            return _with_pickles_within(recognise_folder(tuple(f.name for f in files)), files)
        with open_regular(path) as file:
            return recognise_file(path, file)


def digest_of_model(path: Path, *, who: str) -> str:
    """The digest that `read_model_file` gives, alone: are these the bytes that were looked at?

    ModelError as there.
    """
    with _said_of(path, who):
        if path.is_dir():
            return _digest_of_folder(files_in(path))[0]
        with open_regular(path) as file:
            return _digest_of_file(file)[0]


def as_predictions(model: ModelFile, *, who: str) -> ModelFile:
    """The same file as one of predictions, which is what the settings say that it is.

    ModelError when it is a pickle, or a model that nobody reads as a table.
    """
    readable = (ModelFormat.PREDICTIONS, ModelFormat.OTHER)
    if model.format not in readable or model.path.is_dir():
        raise ModelError(
            f"{who} {str(model.path)!r} is {model.kind}, and no file of predictions",
            hint="write predictions as CSV, Parquet or NPY; a model is named by `model`",
        )
    return replace(
        model, format=ModelFormat.PREDICTIONS, kind="a file of predictions", imports_complete=True
    )


@contextmanager
def _said_of(path: Path, who: str) -> Iterator[None]:
    """Whatever the path does not give is told of it, with what to do."""
    named = f"{who} {str(path)!r}"
    try:
        yield
    except FileNotFoundError as error:
        raise ModelError(
            f"{named} does not exist",
            hint="check the path; is the file committed, or made by an earlier step?",
        ) from error
    except OSError as error:
        raise ModelError(
            f"{named} cannot be read: {error.strerror or type(error).__name__}",
            hint="name a file, or the folder of an MLflow model",
        ) from error
    except _Pointer as pointer:
        raise ModelError(f"{named} is {pointer.what}", hint=pointer.hint) from pointer
    except NoFolder as error:
        raise ModelError(
            f"{named} {error}", hint="name the model's file, or a folder of regular files"
        ) from error


class _Pointer(Exception):
    """The file is empty, or only says where the model is."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what, self.hint = what, hint


def _digest_of_file(file: io.BufferedReader) -> tuple[str, int]:
    _must_be_content(file.read(_MAX_POINTER_BYTES))
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    return f"sha256:{digest}", file.tell()


def _digest_of_folder(files: Sequence[FolderFile]) -> tuple[str, int]:
    """Over each file's name, length and content, so that no two folders look alike."""
    digest, n_bytes = hashlib.sha256(), 0
    for each in files:
        with open_regular(each.path) as file:
            size = os.fstat(file.fileno()).st_size
            n_bytes += size
            if n_bytes > _MAX_FOLDER_BYTES:
                raise NoFolder(f"is a folder of more than {_MAX_FOLDER_BYTES >> 30} GiB")
            digest.update(os.fsencode(each.name) + b"\0" + str(size).encode() + b"\0")
            start = file.read(_MAX_POINTER_BYTES)
            if start.startswith(_LFS_POINTER):
                raise _Pointer(f"a folder in which {each.name!r} is a Git LFS pointer", _WITH_LFS)
            digest.update(start)
            while block := file.read(_BLOCK):
                digest.update(block)
            if file.tell() != size:
                raise NoFolder("is a folder that changed while it was read")
    return f"sha256:{digest.hexdigest()}", n_bytes


def _must_be_content(start: bytes) -> None:
    if not start:
        raise _Pointer("empty", "save the model again")
    if start.startswith(_LFS_POINTER):
        raise _Pointer("a Git LFS pointer, not the model", _WITH_LFS)
    if start.startswith(_DVC_POINTER):
        raise _Pointer(
            "a DVC pointer, not the model",
            "run `dvc pull` in an earlier step, and name the file it brings",
        )


def _with_pickles_within(found: Recognised, files: Sequence[FolderFile]) -> Recognised:
    """The folder with what loading its pickles would import; what its own code does is not seen."""
    names: set[str] = set()
    complete = found.format is ModelFormat.MLFLOW
    looked_at = [file for file in files if not file.name.endswith(_NO_MODELS)]
    for each in looked_at[:_MAX_FILES_LOOKED_AT]:
        with open_regular(each.path) as file:
            inside = recognise_file(each.path, file)
        if inside.format in (ModelFormat.PICKLE, ModelFormat.OTHER):
            names.update(inside.imports.names)
            complete = complete and inside.imports.complete
    complete = complete and len(looked_at) <= _MAX_FILES_LOOKED_AT
    complete = complete and not any(file.name.endswith(".py") for file in files)
    kept = tuple(sorted(names)[:_MAX_NAMES])
    imports = Imports(kept, complete=complete and len(names) <= _MAX_NAMES)
    return replace(found, imports=imports)
