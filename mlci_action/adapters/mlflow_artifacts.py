"""Which files does an MLflow server keep, and how do they get here and there? By its own proxy.

Only artifacts that the server itself hands out (`--artifacts-destination`) are reached this way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from mlci_action.adapters.downloads import download
from mlci_action.adapters.mlflow_http import MlflowError, MlflowHttp
from mlci_action.domain.bundle_names import is_plain_path
from mlci_action.rendering.plain import one_line

MAX_FILES = 10_000
_MAX_DEPTH = 20
_API = "mlflow-artifacts/artifacts"
_HOSTILE = "the server is not to be trusted, or its store was written to by hand"


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteFile:
    """A file below a folder: its path from there, and its length, 0 where that is not known."""

    path: str
    n_bytes: int


class Artifacts:
    """The artifacts of one server. Every method raises MlflowError when it refuses."""

    def __init__(self, http: MlflowHttp) -> None:
        self._http = http

    def folder_of(self, uri: str) -> str | None:
        """The proxy's path of an artifact's address; None when it is in another place.

        MlflowError for the proxy of another server, which is shown no credentials of this one, and
        for a path that leads out.
        """
        parts = urlsplit(uri)
        if parts.scheme in ("http", "https"):
            api = self._http.url(f"{_API}/")
            return _inside(unquote(uri.removeprefix(api))) if uri.startswith(api) else None
        if parts.scheme != "mlflow-artifacts":
            return None
        own = urlsplit(self._http.base_url)
        if parts.netloc and parts.netloc != own.netloc:
            raise MlflowError(
                f"its artifacts are at {one_line(parts.netloc, 100)}, and not at {own.netloc}",
                hint="set MLFLOW_TRACKING_URI to the server that has them",
            )
        return _inside(parts.path.strip("/"))

    def files(self, folder: str) -> tuple[RemoteFile, ...]:
        """All files below a folder in the order of their paths; none when there is no such folder.

        MlflowError for names that lead elsewhere, and for too many or too deep ones.
        """
        found: dict[str, RemoteFile] = {}
        waiting = [""]
        seen = 0
        while waiting:
            above = waiting.pop()
            for name, is_folder, n_bytes in self._entries(f"{folder}/{above}".rstrip("/")):
                path = f"{above}/{name}".lstrip("/")
                seen += 1
                if seen > MAX_FILES or path.count("/") > _MAX_DEPTH:
                    raise MlflowError(
                        f"it holds more than {MAX_FILES:,} files, or folders nested more than"
                        f" {_MAX_DEPTH} deep",
                        hint="no model does",
                    )
                if path in found or path in waiting:
                    raise MlflowError(f"it holds {one_line(path, 100)!r} twice", hint=_HOSTILE)
                if is_folder:
                    waiting.append(path)
                else:
                    found[path] = RemoteFile(path=path, n_bytes=n_bytes)
        return tuple(found[path] for path in sorted(found))

    def download(
        self, folder: str, files: tuple[RemoteFile, ...], target: Path, *, max_bytes: int
    ) -> None:
        """Bring files below `folder` to the same paths below `target`, a new folder.

        MlflowError when they are larger than `max_bytes` in all, or one is not as long as it was
        said to be; OSError when one cannot be written; those of `download` as well. What is in
        `target` then is not whole.
        """
        if sum(file.n_bytes for file in files) > max_bytes:
            raise MlflowError(f"it is larger than {max_bytes:,} bytes", hint="no model is")
        left = max_bytes
        for file in files:
            place = target / file.path
            place.parent.mkdir(parents=True, exist_ok=True)
            download(
                self._http.url(f"{_API}/{folder}/{file.path}"),
                place,
                session=self._http.session,
                headers=self._http.headers,
                max_bytes=left,
                sleep=self._http.sleep,
            )
            length = place.stat().st_size
            if file.n_bytes not in (0, length):
                raise MlflowError(
                    f"{file.path!r} has {length:,} bytes instead of {file.n_bytes:,}",
                    hint="it was cut short, or is being written: run the job again",
                )
            left -= length

    def upload(self, file: Path, path: str) -> None:
        """Bring a file to the proxy's `path`. OSError when it cannot be read."""
        self._http.put_file(f"{_API}/{path}", file)

    def _entries(self, folder: str) -> Iterator[tuple[str, bool, int]]:
        answer = self._http.get(_API, path=folder)
        entries = answer.get("files", [])
        for entry in entries if isinstance(entries, list) else [None]:
            yield _entry(entry)


def _entry(value: Mapping[str, Any] | None) -> tuple[str, bool, int]:
    """The name, whether it is a folder, and the length; an empty file has none."""
    match value:
        case {"path": str(name), **fields} if is_plain_path(name) and "/" not in name:
            # Protocol buffers write large numbers as texts.
            length = str(fields.get("file_size", 0))
            if re.fullmatch(r"[0-9]{1,18}", length):
                return name, fields.get("is_dir") is True, int(length)
        case {"path": str(name)}:
            raise MlflowError(
                f"it holds a file whose name cannot be used: {one_line(name, 100)!r}", hint=_HOSTILE
            )
    raise MlflowError("the server's list of artifacts is none", hint=_HOSTILE)


def _inside(path: str) -> str:
    if not is_plain_path(path):
        raise MlflowError(
            f"its artifacts are at {one_line(path, 100)!r}, which is no path", hint=_HOSTILE
        )
    return path
