"""How is a model promoted to a folder? Beside the ones before it, and then by one rename.

    FOLDER/<16 hex digits of the manifest's digest>/   a bundle, never changed again
    FOLDER/promoted.json                               which of them is in place
    FOLDER/.lock                                       held while one is put there

Whatever ends a promotion half-way, the last rename has been or has not: a retry completes it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mlci_action.adapters.bundles import Bundle, is_bundle, read_bundle, read_manifest_text
from mlci_action.adapters.destinations.destination import Current, moved_on
from mlci_action.adapters.model_bytes.folders import NoFolder, files_in
from mlci_action.adapters.model_bytes.streams import open_regular
from mlci_action.domain.bundle_names import MANIFEST
from mlci_action.domain.promotion import (
    MAX_POINTER_BYTES,
    POINTER,
    Pointer,
    pointer_from_json,
    pointer_to,
    pointer_to_json,
    short_name,
)
from mlci_action.errors import BundleError, MlciError
from mlci_action.rendering.manifest_json import digest_of_manifest
from mlci_action.rendering.plain import one_line

_LOCK = ".lock"
_UNFINISHED = ".mlci-unfinished-"
_BLOCK = 1 << 20


class FolderDestination:
    """A folder of this machine, or one that many machines see."""

    def __init__(self, folder: Path, *, name: str | None = None) -> None:
        self._folder = folder
        self._name = name or str(folder)

    @property
    def name(self) -> str:
        """The folder as it was written."""
        return self._name

    def current(self) -> Current | None:
        """The bundle that promoted.json names. BundleError when it names none that is there."""
        with self._told():
            pointer = self._pointer()
            if pointer is None:
                return None
            where = self._folder / pointer.bundle
            if digest_of_manifest(read_manifest_text(where / MANIFEST)) != pointer.manifest:
                raise self._broken(f"does not name the manifest in {pointer.bundle}")
        return Current(manifest=pointer.manifest, model=pointer.model, where=str(where))

    def put(self, bundle: Bundle, *, expected: str | None) -> str:
        """As `Destination.put`; of two at once, the second sees what the first has done."""
        with self._told(), self._locked():
            found = self.current()
            if found is not None and found.manifest == bundle.digest:
                return found.where
            if (None if found is None else found.manifest) != expected:
                raise moved_on(self.name, found)
            self._clear_unfinished()
            target = self._folder / short_name(bundle.digest)
            self._add(bundle, target)
            self._point_to(bundle)
        return str(target)

    def _pointer(self) -> Pointer | None:
        try:
            with open_regular(self._folder / POINTER) as stream:
                return pointer_from_json(stream.read(MAX_POINTER_BYTES + 1))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise self._broken(str(error)) from error

    def _add(self, bundle: Bundle, target: Path) -> None:
        """A whole copy under its own name, on the disk before it has that name."""
        if target.exists():
            # Left by a promotion that ended before its last step, or by an earlier one.
            _must_be(bundle, target)
            return
        scratch = Path(tempfile.mkdtemp(dir=self._folder, prefix=_UNFINISHED))
        try:
            _copy(bundle.folder, scratch)
            _must_be(bundle, scratch)
            scratch.chmod(0o755)
            scratch.rename(target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        _sync(self._folder)

    def _point_to(self, bundle: Bundle) -> None:
        pointer = pointer_to(bundle.digest, bundle.manifest.model.digest)
        handle, scratch = tempfile.mkstemp(dir=self._folder, prefix=_UNFINISHED)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(pointer_to_json(pointer).encode())
                stream.flush()
                os.fsync(stream.fileno())
            Path(scratch).chmod(0o644)
            Path(scratch).replace(self._folder / POINTER)
        finally:
            Path(scratch).unlink(missing_ok=True)
        _sync(self._folder)

    def _clear_unfinished(self) -> None:
        """What killed promotions left; nobody else's, as the lock is held."""
        for path in self._folder.glob(f"{_UNFINISHED}*"):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One promotion at a time; the kernel lets go for a process that dies."""
        if is_bundle(self._folder):
            raise MlciError(
                f"{self.name} is a bundle itself", hint="name the folder that shall hold bundles"
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(self._folder / _LOCK, flags, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            what = error.strerror or type(error).__name__
            raise MlciError(
                f"cannot promote to {one_line(self.name)}: {what}",
                hint="what was in place before still is; is it a folder that can be written?",
            ) from error
        except NoFolder as error:
            raise BundleError(f"what is promoted {error}", hint="run the gate again") from error

    def _broken(self, problem: str) -> BundleError:
        return BundleError(
            f"{POINTER} in {one_line(self.name)}: {problem}",
            hint=f"it was changed by hand; restore it, or remove {POINTER} and promote again",
        )


def _must_be(bundle: Bundle, folder: Path) -> None:
    """The files that were read are those that were copied, and nobody has edited them since."""
    if read_bundle(folder).digest != bundle.digest:
        raise BundleError(
            f"{folder} is not the bundle {bundle.digest}",
            hint="its name says so; move it away and promote again",
        )


def _copy(source: Path, target: Path) -> None:
    for file in files_in(source):
        place = target / file.name
        place.parent.mkdir(parents=True, exist_ok=True)
        with open_regular(file.path) as stream, place.open("xb") as copy:
            shutil.copyfileobj(stream, copy, _BLOCK)
            copy.flush()
            os.fsync(copy.fileno())
    for folder in (*(path for path in target.rglob("*") if path.is_dir()), target):
        _sync(folder)


def _sync(folder: Path) -> None:
    """Have the names in it on the disk as well."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
