"""How is a model promoted to an object store? As one file beside those before it, then the pointer.

    URL/mlci-bundle-<16 hex digits of the manifest's digest>.zip
    URL/promoted.json

An object appears whole or not at all, so whatever ends a promotion half-way, the pointer names a
whole bundle. S3 itself refuses to overwrite a pointer other than the one that was read (`If-Match`,
`If-None-Match`), so that of two promotions at once one wins. Elsewhere the pointer is read again
just before and just after it is written: two that write it within that moment may both believe to
have won, and the later one has; `concurrency` in the workflow rules that out.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlci_action.adapters.bundles import Bundle, pack
from mlci_action.adapters.destinations.destination import Current, moved_on
from mlci_action.adapters.tables.remote import shown
from mlci_action.domain.promotion import (
    MAX_POINTER_BYTES,
    POINTER,
    Pointer,
    pointer_from_json,
    pointer_to,
    pointer_to_json,
)
from mlci_action.errors import BundleError, MlciError
from mlci_action.rendering.plain import one_line

_LIBRARIES = {
    "s3": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "abfs": "adlfs",
    "abfss": "adlfs",
}
_OVERTAKEN = ("PreconditionFailed", "ConditionalRequestConflict")
# Stores that speak S3 without these conditions, and clients that are older than they are.
_UNCONDITIONAL = ("NotImplemented", "ParamValidationError", "UnsupportedOperation")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """The pointer as it was read. tag: what the store calls these bytes, None where it does not."""

    pointer: Pointer
    tag: str | None


class ObjectStoreDestination:
    """A folder in a store that fsspec knows. `store`: its filesystem, None: the one of the URL.

    Whose login it is, the store's own library finds out.
    """

    def __init__(self, url: str, *, store: Any = None) -> None:  # noqa: ANN401 - fsspec has no types
        self._url = self._place = url.rstrip("/")
        self._store = store
        with self._told():
            if store is None:
                self._store, place = _opened(url)
                self._place = place.rstrip("/")

    @property
    def name(self) -> str:
        """The URL, without what may be secret in it."""
        return shown(self._url)

    def current(self) -> Current | None:
        """The bundle that promoted.json names; BundleError when that is not there."""
        with self._told():
            seen = self._seen()
            if seen is None:
                return None
            pointer = seen.pointer
            if not self._store.exists(f"{self._place}/{pointer.bundle}"):
                raise self._broken(f"it names {pointer.bundle}, which is not there")
        where = f"{self.name}/{pointer.bundle}"
        return Current(manifest=pointer.manifest, model=pointer.model, where=where)

    def put(self, bundle: Bundle, *, expected: str | None) -> str:
        """As `Destination.put`, and see above for two at once."""
        pointer = pointer_to(bundle.digest, bundle.manifest.model.digest, suffix=".zip")
        with self._told():
            self._add(bundle, pointer.bundle)
            seen = self._seen()
            if seen is None or seen.pointer != pointer:
                if (None if seen is None else seen.pointer.manifest) != expected:
                    raise moved_on(self.name, self.current())
                self._switch(seen, pointer)
        return f"{self.name}/{pointer.bundle}"

    def _seen(self) -> _Seen | None:
        """What is there now; its tag is asked for first, lest it be newer than the text."""
        path = f"{self._place}/{POINTER}"
        self._store.invalidate_cache()
        try:
            tag = self._store.info(path).get("ETag")
            with self._store.open(path, "rb") as stream:
                text = stream.read(MAX_POINTER_BYTES + 1)
        except FileNotFoundError:
            return None
        try:
            return _Seen(pointer=pointer_from_json(text), tag=tag)
        except ValueError as error:
            raise self._broken(str(error)) from error

    def _add(self, bundle: Bundle, name: str) -> None:
        """The zip, unless it is there."""
        path = f"{self._place}/{name}"
        with tempfile.TemporaryDirectory(prefix="mlci-") as scratch:
            packed = Path(scratch) / name
            pack(bundle, packed)
            try:
                there = self._store.info(path)["size"]
            except FileNotFoundError:
                there = None
            if there != packed.stat().st_size:
                self._store.put_file(str(packed), path)

    def _switch(self, seen: _Seen | None, pointer: Pointer) -> None:
        path, text = f"{self._place}/{POINTER}", pointer_to_json(pointer).encode()
        try:
            self._store.pipe_file(path, text, **self._condition(seen))
        except Exception as error:
            code = _code(error)
            if code in _OVERTAKEN or isinstance(error, FileExistsError):
                raise moved_on(self.name, self.current()) from error
            if code not in _UNCONDITIONAL:
                raise
            self._store.pipe_file(path, text)
        after = self._seen()
        if after is None or after.pointer != pointer:
            raise moved_on(self.name, self.current())

    def _condition(self, seen: _Seen | None) -> dict[str, str]:
        """Under which the store takes the pointer."""
        protocol = self._store.protocol
        if "s3" not in ((protocol,) if isinstance(protocol, str) else protocol):
            return {}
        if seen is None:
            return {"IfNoneMatch": "*"}
        return {} if seen.tag is None else {"IfMatch": seen.tag}

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """The libraries of stores raise whatever they like."""
        try:
            yield
        except MlciError:
            raise
        except Exception as error:
            scheme = self._url.partition(":")[0]
            if isinstance(error, ImportError):
                library = _LIBRARIES.get(scheme, "its library")
                what, hint = f"{scheme}:// needs {library}", f"pip install fsspec {library}"
            else:
                said = str(error).replace(self._url, self.name).replace(self._place, self.name)
                what = one_line(said, 300) or type(error).__name__
                hint = "what was in place before still is; check the address and the login"
            raise MlciError(f"cannot promote to {self.name}: {what}", hint=hint) from error

    def _broken(self, problem: str) -> BundleError:
        return BundleError(
            f"{POINTER} in {self.name}: {problem}",
            hint=f"it was changed by hand; restore it, or remove {POINTER} and promote again",
        )


def _opened(url: str) -> tuple[Any, str]:
    import fsspec  # noqa: PLC0415 - of the full environment alone

    store, place = fsspec.core.url_to_fs(url)
    return store, place


def _code(error: Exception) -> str:
    """What the store itself calls it; empty where it does not say."""
    cause = error.__cause__ or error
    response = getattr(cause, "response", None)
    if isinstance(response, dict):
        return str(response.get("Error", {}).get("Code", ""))
    return type(cause).__name__
