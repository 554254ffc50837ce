"""How does a table come from a URL? As files of limited size in a folder, read like any other."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import requests

from mlci_action.errors import DatasetError

MAX_DOWNLOAD_BYTES = 4 << 30
_MAX_SECONDS = 3600.0
# To connect, and between two pieces of an answer.
_PATIENCE_SECONDS = (10.0, 60.0)
_PIECE = 1 << 20
_MAX_NAME_CHARS = 60
_DOWNLOAD_BEFORE = "download it in a step before, and name its path"
_REFUSALS = {
    401: "it needs a sign-in; " + _DOWNLOAD_BEFORE,
    403: "access is refused; " + _DOWNLOAD_BEFORE,
    404: "nothing is there; check the address",
}


def is_url(pattern: str) -> bool:
    """Whether `pattern` names a table elsewhere: s3://, gs://, https:// and what fsspec knows."""
    return "://" in pattern


def download(url: str, folder: Path, *, max_bytes: int = MAX_DOWNLOAD_BYTES) -> list[Path]:
    """The files at `url`, by name, within `folder`; together at most `max_bytes`."""
    quota = _Quota(shown(url), max_bytes, time.monotonic() + _MAX_SECONDS)
    try:
        if urlsplit(url).scheme in ("http", "https"):
            return [_download_page(url, folder, quota)]
        return _download_stored(url, folder, quota)
    except (OSError, ValueError) as error:
        # Of a disk that is full, or a URL that is none. The text of others holds the whole URL.
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise DatasetError(
            f"{shown(url)!r} cannot be downloaded: {reason}", hint=_DOWNLOAD_BEFORE
        ) from error


def shown(url: str) -> str:
    """The URL without what may be secret in it: a password, or a signature in its query."""
    scheme, _, rest = url.partition("://")
    place, slash, path = re.split(r"[?#]", rest, maxsplit=1)[0].partition("/")
    return f"{scheme}://{place.rpartition('@')[2]}{slash}{path}"


class _Quota:
    """What may still be downloaded, and until when."""

    def __init__(self, name: str, max_bytes: int, deadline: float) -> None:
        self._name, self._limit, self._deadline = name, max_bytes, deadline
        self._left = max_bytes

    def spend(self, count: int) -> None:
        """DatasetError when `count` bytes more are too many, or too late."""
        self._left -= count
        if self._left < 0:
            raise DatasetError(
                f"{self._name!r} is larger than {self._limit:,} bytes", hint=_DOWNLOAD_BEFORE
            )
        if time.monotonic() > self._deadline:
            raise DatasetError(f"{self._name!r} takes too long", hint=_DOWNLOAD_BEFORE)


def _download_page(url: str, folder: Path, quota: _Quota) -> Path:
    with requests.get(url, stream=True, timeout=_PATIENCE_SECONDS) as answer:
        if not answer.ok:
            raise DatasetError(
                f"{shown(url)!r} answers {answer.status_code}",
                hint=_REFUSALS.get(answer.status_code, _DOWNLOAD_BEFORE),
            )
        path = _path_in(folder, urlsplit(url).path)
        _write(path, answer.iter_content(_PIECE), quota)
        return path


def _download_stored(url: str, folder: Path, quota: _Quota) -> list[Path]:
    """Through fsspec and the library of that store, whose login is theirs to find."""
    try:
        import fsspec  # noqa: PLC0415
    except ImportError as error:
        raise DatasetError(
            f"{shown(url)!r} is read with fsspec, which is not installed",
            hint='pip install "mlci-action[remote]"',
        ) from error
    try:
        store, place = fsspec.core.url_to_fs(url)
        names = sorted(store.glob(place)) if any(one in place for one in "*?[") else [place]
        paths = []
        for number, name in enumerate(names):
            path = _path_in(folder / str(number), name)
            with store.open(name, "rb") as stream:
                _write(path, iter(lambda: stream.read(_PIECE), b""), quota)
            paths.append(path)
    except DatasetError:
        raise
    except Exception as error:
        raise _unreadable(url, error) from error
    if not paths:
        raise DatasetError(f"no data at {shown(url)!r}", hint="check the address")
    return paths


def _unreadable(url: str, error: Exception) -> DatasetError:
    if isinstance(error, FileNotFoundError):
        return DatasetError(f"no data at {shown(url)!r}", hint="check the address and the login")
    reason = (str(error).strip().splitlines() or [""])[0].replace(url, shown(url))[:300]
    return DatasetError(
        f"{shown(url)!r} cannot be downloaded: {reason or type(error).__name__}",
        hint="install the library of that store beside mlci-action, or " + _DOWNLOAD_BEFORE,
    )


def _path_in(folder: Path, address: str) -> Path:
    name = "".join(filter(str.isprintable, PurePosixPath(unquote(address)).name))
    folder.mkdir(parents=True, exist_ok=True)
    # The end tells the kind of file to a reader, and a name has 255 bytes at most.
    return folder / (name[-_MAX_NAME_CHARS:] if name not in ("", "..") else "data")


def _write(path: Path, pieces: Iterable[Any], quota: _Quota) -> None:
    with path.open("wb") as file:
        for piece in pieces:
            quota.spend(len(piece))
            file.write(piece)
