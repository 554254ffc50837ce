"""How does what was judged become a bundle? Whole, or not at all.

Built beside its place and renamed: whatever ends a write leaves the earlier bundle, or none.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from mlci_action.adapters.bundles import Bundle
from mlci_action.adapters.model_bytes.folders import NoFolder, files_in
from mlci_action.adapters.model_files import digest_of_model
from mlci_action.domain.bundle_names import (
    ENVIRONMENT,
    MANIFEST,
    MLBOM,
    PREDICTIONS,
    PROFILE,
    STATEMENT,
    TRAIN_PROFILE,
)
from mlci_action.domain.manifest import FileEntry, Manifest
from mlci_action.errors import BundleError, ModelError
from mlci_action.rendering.attestation import statement_to_json
from mlci_action.rendering.manifest_json import (
    digest_of_manifest,
    manifest_from_json,
    manifest_to_json,
)
from mlci_action.rendering.mlbom import mlbom_to_json

_SCRATCH = ".mlci-bundle."


def write_bundle(
    manifest: Manifest,
    *,
    model: Path,
    profile: str,
    predictions: bytes | None,
    environment: str,
    train_profile: str | None,
    folder: Path,
) -> Bundle:
    """Write the bundle to `folder`, in place of an earlier one; the manifest gets its `files`.

    model: what `manifest.model` describes, copied under its path. profile, environment,
    train_profile: the text of those files, predictions: the bytes of its file; empty or None where
    there is none. BundleError when the model is not the one that was judged any more, when `folder`
    is something else than a bundle, and when it cannot be written.
    """
    extras = {
        PROFILE: profile.encode(),
        PREDICTIONS: predictions or b"",
        ENVIRONMENT: environment.encode(),
        TRAIN_PROFILE: (train_profile or "").encode(),
    }
    contents = {name: content for name, content in extras.items() if content}
    filled = replace(manifest, files=tuple(_entry(*one) for one in sorted(contents.items())))
    text = manifest_to_json(filled)
    filled = manifest_from_json(text)  # as every reader will see it
    documents = {
        MANIFEST: text,
        MLBOM: mlbom_to_json(filled, digest_of_manifest(text)),
        STATEMENT: statement_to_json(filled, digest_of_manifest(text)),
    }
    contents |= {name: document.encode() for name, document in documents.items()}
    try:
        _write(filled, model, contents, folder)
    except OSError as error:
        raise BundleError(
            f"cannot write the bundle to {folder}: {error.strerror or error}",
            hint="is there room on the disk? choose another folder with --output",
        ) from error
    return Bundle(folder=folder, manifest=filled, digest=digest_of_manifest(text))


def _write(manifest: Manifest, model: Path, contents: Mapping[str, bytes], folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise BundleError(
            f"{folder} is no bundle, and is not written over",
            hint="choose another folder with --output",
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(f"{_SCRATCH}*"):  # by a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=_SCRATCH) as scratch:
        built = Path(scratch) / "built"
        built.mkdir()
        _copy_model(manifest.model, model, built / manifest.model.path)
        for name, content in contents.items():
            (built / name).write_bytes(content)
        _put_in_place(built, folder, aside=Path(scratch) / "earlier")


def _put_in_place(built: Path, folder: Path, *, aside: Path) -> None:
    """Rename to `folder`; what stood there is put back when that fails."""
    if folder.exists():
        folder.replace(aside)
    try:
        built.replace(folder)
    except BaseException:
        if aside.exists():
            aside.replace(folder)
        raise


def _copy_model(entry: FileEntry, model: Path, target: Path) -> None:
    """The bytes that were judged; BundleError when they are others by now."""
    try:
        if model.is_dir():
            for file in files_in(model):
                (target / file.name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file.path, target / file.name)
        else:
            shutil.copyfile(model, target)
        digest = digest_of_model(target, who="the copy of the candidate")
    except (ModelError, NoFolder) as error:
        raise BundleError(f"the candidate cannot be kept: {error}") from error
    if digest != entry.digest:
        raise BundleError(
            "the candidate is no longer the model that was judged",
            hint="something rewrote the file while the gate ran",
        )


def _entry(path: str, content: bytes) -> FileEntry:
    digest = hashlib.sha256(content).hexdigest()
    return FileEntry(path=path, digest=f"sha256:{digest}", n_bytes=len(content))
