"""Is this folder or zip a bundle, whole and unchanged? Nothing in it is loaded.

A bundle is a model with what a verdict was bound to: `manifest.json` names every other file by its
digest, and the digest of the manifest is that of the bundle.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mlci_action.adapters.bundle_zip import NoZip, pack_folder, unpack, zip_holds
from mlci_action.adapters.model_bytes.folders import FolderFile, NoFolder, files_in
from mlci_action.adapters.model_bytes.streams import open_regular
from mlci_action.adapters.model_files import digest_of_model
from mlci_action.domain.bundle_names import DERIVED, MANIFEST
from mlci_action.domain.manifest import FileEntry, Manifest
from mlci_action.errors import BundleError, ModelError
from mlci_action.rendering.manifest_json import digest_of_manifest, manifest_from_json
from mlci_action.rendering.plain import one_line

_MAX_MANIFEST_BYTES = 32 << 20
_AGAIN = "take the bundle as the gate wrote it, whole; this one was damaged or changed on its way"
_SHORT_DIGEST = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """A bundle whose files are all there and unchanged. digest: of its manifest, `sha256:...`."""

    folder: Path
    manifest: Manifest
    digest: str

    @property
    def model(self) -> Path:
        """The model's file or folder."""
        return self.folder / self.manifest.model.path

    @property
    def zip_name(self) -> str:
        """What the bundle is called as one file."""
        return f"mlci-bundle-{self.digest.removeprefix('sha256:')[:_SHORT_DIGEST]}.zip"

    def file(self, name: str) -> Path | None:
        """The file of that name, as `profile.json`; None where the manifest names none."""
        listed = any(entry.path == name for entry in self.manifest.files)
        return self.folder / name if listed else None


def is_bundle(path: Path) -> bool:
    """Whether this is meant to be one: a folder, or a zip, with a manifest at its top."""
    if path.is_dir():
        # An MLflow model may have any file beside its own description.
        return (path / MANIFEST).is_file() and not (path / "MLmodel").exists()
    return zip_holds(path, MANIFEST)


def read_bundle(folder: Path) -> Bundle:
    """The bundle in a folder, every file of it compared with its digest.

    BundleError when a file is missing, changed or not named by the manifest, and for links and
    devices.
    """
    with _said_of(folder):
        files = {file.name: file for file in files_in(folder)}
        text = read_manifest_text(folder / MANIFEST)
        manifest = manifest_from_json(text)
        _check_names(manifest, files)
        _check_model(manifest.model, folder, files)
        for entry in manifest.files:
            _check_file(entry, files[entry.path].path)
    return Bundle(folder=folder, manifest=manifest, digest=digest_of_manifest(text))


def open_bundle(path: Path, store: Path) -> Bundle:
    """The bundle at `path`: a folder as it is, a zip unpacked to a folder of its own in `store`.

    BundleError as `read_bundle`, and when the zip is damaged or is none that can be unpacked
    safely; nothing of it stays in `store` then.
    """
    if path.is_dir():
        return read_bundle(path)
    with _said_of(path):
        store.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=store, prefix=".unpacking.") as scratch:
            found = Path(scratch) / "bundle"
            unpack(path, found)
            bundle = read_bundle(found)
            target = store / bundle.zip_name.removesuffix(".zip")
            shutil.rmtree(target, ignore_errors=True)
            found.replace(target)
    return Bundle(folder=target, manifest=bundle.manifest, digest=bundle.digest)


def pack(bundle: Bundle, target: Path) -> str:
    """Write the bundle as one file, the same bytes for the same bundle; its digest.

    BundleError when it cannot be written; `target` appears whole or not at all.
    """
    with _said_of(bundle.folder):
        return pack_folder(files_in(bundle.folder), target)


def read_manifest_text(path: Path) -> str:
    """The text of a manifest. BundleError when there is none, or too large a one."""
    try:
        with open_regular(path) as stream:
            data = stream.read(_MAX_MANIFEST_BYTES + 1)
        if len(data) > _MAX_MANIFEST_BYTES:
            raise BundleError(f"{_shown(path)} is larger than any manifest", hint=_AGAIN)
        return data.decode()
    except OSError as error:
        raise BundleError(
            f"no manifest at {_shown(path)}: {error.strerror or error}",
            hint="name the folder or the zip of a bundle",
        ) from error
    except UnicodeDecodeError as error:
        raise BundleError(f"{_shown(path)} is not UTF-8 text", hint=_AGAIN) from error


def _check_names(manifest: Manifest, files: dict[str, FolderFile]) -> None:
    """What is there is what is named, no more and no less."""
    model = manifest.model.path
    named = {MANIFEST, *(entry.path for entry in manifest.files)}
    there = {name for name in files if name != model and not name.startswith(f"{model}/")}
    missing = sorted(named - there)
    if missing:
        raise BundleError(f"the bundle has no {missing[0]}, which its manifest names", hint=_AGAIN)
    unknown = sorted(there - named - set(DERIVED))
    if unknown:
        raise BundleError(
            f"its manifest does not name {one_line(unknown[0], 200)!r}, which lies in the bundle",
            hint=_AGAIN,
        )


def _check_model(entry: FileEntry, folder: Path, files: dict[str, FolderFile]) -> None:
    try:
        digest = digest_of_model(folder / entry.path, who="the model of the bundle")
    except ModelError as error:
        raise BundleError(error.message, hint=_AGAIN) from error
    within = (
        f for f in files.values() if f.name == entry.path or f.name.startswith(f"{entry.path}/")
    )
    _must_match(entry, digest, sum(file.path.stat().st_size for file in within))


def _check_file(entry: FileEntry, path: Path) -> None:
    with open_regular(path) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        _must_match(entry, f"sha256:{digest}", file.tell())


def _must_match(entry: FileEntry, digest: str, n_bytes: int) -> None:
    if (digest, n_bytes) != (entry.digest, entry.n_bytes):
        raise BundleError(
            f"{entry.path} is not the one that its manifest names: {n_bytes:,} bytes with digest"
            f" {digest} instead of {entry.n_bytes:,} with {entry.digest}",
            hint=_AGAIN,
        )


@contextmanager
def _said_of(path: Path) -> Iterator[None]:
    """Whatever the path does not give is told of it."""
    try:
        yield
    except NoFolder as error:
        raise BundleError(f"the bundle {_shown(path)} {error}", hint=_AGAIN) from error
    except NoZip as error:
        raise BundleError(f"the bundle {_shown(path)} {error}", hint=_AGAIN) from error
    except OSError as error:
        what = error.strerror or type(error).__name__
        raise BundleError(
            f"the bundle {_shown(path)} cannot be read or written: {what}",
            hint="is it there, and is there room on the disk?",
        ) from error


def _shown(path: Path) -> str:
    return repr(one_line(str(path)))
