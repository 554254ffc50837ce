"""Which model does an object store have at that address?"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from mlci_action.adapters.baseline_sources.taken import MAX_BYTES, Place, Taken
from mlci_action.adapters.tables.remote import shown
from mlci_action.domain.bundle_names import name_in_bundle
from mlci_action.domain.promotion import MAX_POINTER_BYTES, POINTER, Pointer, pointer_from_json
from mlci_action.domain.sources import StoreSource
from mlci_action.errors import BaselineError, BaselineMissing, BaselineUnknown, MlciError
from mlci_action.rendering.plain import one_line

LIBRARIES = {
    "s3": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "abfs": "adlfs",
    "abfss": "adlfs",
}
_BLOCK = 1 << 20
_TRIES = 4
_GLOB = frozenset("*?[")
_NOT_THERE = (FileNotFoundError, NotADirectoryError)
# Of addresses in others' words: what stands before the host, and behind the path.
_SECRET = re.compile(r"(?<=://)[^/@\s'\"]+@|(?<=[^\s?])\?[^\s'\"]*=[^\s'\"]*")


def take(source: StoreSource, place: Place) -> Taken:
    """What lies at the address, as `Take` says: a file, the newest of a glob, or what was promoted.

    Whose login it is, the store's own library finds out.
    """
    with telling(source.url):
        store = Store.at(source.url)
        store.filesystem.invalidate_cache()
        pointer = None if store.is_file() else store.pointer()
        if pointer is not None:
            return _promoted(store, pointer, place)
        found = store.newest()
        if found is None:
            store.must_have_bucket()
            raise BaselineMissing(
                f"nothing is at {shown(source.url)}",
                hint=f"`mlci promote REPORT_FOLDER --to {shown(source.url)}` puts a model there",
            )
        path = store.bring(found, place.store / name_in_bundle(PurePosixPath(found).name))
        return Taken(path=path, origin=store.shown(found), modified=store.modified(found))


def _promoted(store: Store, pointer: Pointer, place: Place) -> Taken:
    inside = f"{store.place}/{pointer.bundle}"
    if store.kind_of(inside) is None:
        raise BaselineError(
            f"{POINTER} in {store.shown(store.place)} names {pointer.bundle}, which is not there",
            hint="restore it, or promote again",
        )
    path = store.bring(inside, place.store / pointer.bundle)
    return Taken(
        path=path,
        origin=store.shown(inside),
        modified=store.modified(inside),
        manifest=pointer.manifest,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Store:
    """A filesystem of fsspec, which raises whatever it likes, and a place in it.

    is_folder: whether the address can only be that of a folder.
    """

    filesystem: Any
    place: str
    scheme: str
    is_folder: bool = False

    @classmethod
    def at(cls, url: str, **options: object) -> Store:
        """The store of an address; options: those of its library."""
        import fsspec  # noqa: PLC0415 - of the full environment alone

        filesystem, place = fsspec.core.url_to_fs(url, **options)
        scheme, _, rest = url.partition("://")
        return cls(
            filesystem=filesystem,
            place=place.rstrip("/"),
            scheme=scheme,
            is_folder=rest.endswith("/") or "/" not in rest,
        )

    def shown(self, path: str) -> str:
        """The address of a path in it, for a reader."""
        return shown(f"{self.scheme}://{path.lstrip('/')}")

    def is_file(self) -> bool:
        """Whether the place is for certain that of a file.

        A login that may not list is refused what is not there: it may still read a pointer.
        """
        with contextlib.suppress(PermissionError):
            return not _GLOB & set(self.place) and self.kind_of(self.place) == "file"
        return False

    def pointer(self) -> Pointer | None:
        """What was promoted there; None where nothing was."""
        if _GLOB & set(self.place):
            return None
        try:
            with self.filesystem.open(f"{self.place}/{POINTER}", "rb") as stream:
                text = stream.read(MAX_POINTER_BYTES + 1)
        except _NOT_THERE:
            return None
        try:
            return pointer_from_json(text)
        except ValueError as error:
            raise BaselineError(
                f"{POINTER} at {self.shown(self.place)}: {error}",
                hint="it was changed by hand; restore it, or promote again",
            ) from error

    def newest(self) -> str | None:
        """The file itself, or of a glob the one that was changed last; None where none is.

        BaselineError for a folder without a pointer, unless its address says that it is one.
        """
        if _GLOB & set(self.place):
            found = [path for path in self._glob() if self.kind_of(path) == "file"]
            return max(found, key=lambda path: (self.modified(path) or "", path), default=None)
        kind = self.kind_of(self.place)
        if kind == "file":
            return self.place
        if kind is not None and not self.is_folder:
            raise BaselineError(
                f"{self.shown(self.place)} is a folder to which nothing was promoted",
                hint="name the file, or a glob of files; for a folder to which the first model is"
                " still to be promoted write a / at its end",
            )
        return None

    def kind_of(self, path: str) -> str | None:
        """A "file" or a "directory"; None where nothing is. `isfile` takes all trouble for that."""
        try:
            return str(self.filesystem.info(path)["type"])
        except _NOT_THERE:
            return None

    def must_have_bucket(self) -> None:
        """BaselineUnknown when not even the bucket is there: then the address is a wrong one."""
        bucket = self.place.strip("/").partition("/")[0]
        if self.scheme not in LIBRARIES or _GLOB & set(bucket):
            return
        # A login that may read a file need not see its bucket.
        with contextlib.suppress(PermissionError):
            if self.kind_of(bucket) is None:
                raise BaselineUnknown(
                    f"there is no bucket {one_line(bucket, 100)!r}",
                    hint="check the address, or make the bucket",
                )

    def modified(self, path: str) -> str | None:
        """When it was changed, as ISO 8601; None where the store does not say."""
        info = self.filesystem.info(path)
        for name in ("LastModified", "last_modified", "mtime", "updated", "created"):
            value = info.get(name)
            if isinstance(value, datetime):
                return value.astimezone(UTC).isoformat()
            if isinstance(value, int | float) and not isinstance(value, bool):
                return datetime.fromtimestamp(value, tz=UTC).isoformat()
            if isinstance(value, str) and value:
                return one_line(value, 40)
        return None

    def bring(self, path: str, target: Path, *, max_bytes: int = MAX_BYTES) -> Path:
        """The file, whole: what breaks off is gone on with from where it stopped.

        BaselineError when it has more bytes than that, FileNotFoundError when it is not there.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        part, before = target.with_name(f"{target.name}.part"), None
        try:
            for tries_left in reversed(range(_TRIES)):
                try:
                    now = self._seen(path, max_bytes)
                    if now != before:
                        # What is here is the beginning of another file.
                        part.write_bytes(b"")
                    before = now
                    self._copy(path, part, now[0])
                    break
                except (MlciError, FileNotFoundError, PermissionError):
                    raise
                except Exception:
                    # Whatever the store's library makes of a lost connection.
                    if not tries_left:
                        raise
                    self.filesystem.invalidate_cache()
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return target

    def _seen(self, path: str, max_bytes: int) -> tuple[int, str, str | None]:
        """The size, and what tells this file from a later one under its name."""
        info = self.filesystem.info(path)
        size = int(info["size"])
        if size > max_bytes:
            raise BaselineError(
                f"{self.shown(path)} has {size:,} bytes, more than the {max_bytes:,} allowed",
                hint="is it the model that is meant?",
            )
        return size, str(info.get("ETag") or info.get("etag")), self.modified(path)

    def _copy(self, path: str, part: Path, size: int) -> None:
        with self.filesystem.open(path, "rb") as stream, part.open("ab") as file:
            stream.seek(file.tell())
            while block := stream.read(_BLOCK):
                if file.tell() + len(block) > size:
                    raise BaselineError(f"{self.shown(path)} grew while it was read")
                file.write(block)
            if file.tell() != size:
                raise EOFError("it ended early")

    def _glob(self) -> list[str]:
        try:
            return list(self.filesystem.glob(self.place))
        except _NOT_THERE:
            return []


@contextlib.contextmanager
def telling(url: str) -> Iterator[None]:
    """Makes what the libraries of stores raise one of the errors of `Take`, without its secrets."""
    where = shown(url)
    try:
        yield
    except MlciError:
        raise
    except ImportError as error:
        library = LIBRARIES.get(url.partition("://")[0], "the library of that store")
        raise BaselineUnknown(
            f"{where} needs {library}, which is not installed",
            hint=f"pip install fsspec {library} beside mlci-action",
        ) from error
    except PermissionError as error:
        raise BaselineError(
            f"{where}: access is refused", hint="give the job's login the right to read it"
        ) from error
    except Exception as error:
        if isinstance(error, OSError) and error.strerror and error.filename is not None:
            raise BaselineError(f"{where} cannot be stored: {error.strerror}") from error
        said = _SECRET.sub("", one_line(str(error).replace(url, where), 1_000))
        raise BaselineUnknown(
            f"{where} cannot be reached: {said[:200] or type(error).__name__}",
            hint="check the address, the login and the network",
        ) from error
