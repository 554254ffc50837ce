"""Where is the file that Git LFS keeps outside of git? In the clone's own store, or on its server.

The pointer: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
The server: https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests

from mlci_action.adapters.addresses import is_private, shown
from mlci_action.adapters.downloads import MAX_BYTES, DownloadError, download
from mlci_action.adapters.model_bytes.streams import open_regular
from mlci_action.adapters.network import Network
from mlci_action.errors import BaselineError
from mlci_action.rendering.plain import one_line

MAX_POINTER_BYTES = 1023  # "less than 1024 bytes", as the specification has it
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n"
    rb"oid sha256:([0-9a-f]{64})\n"
    rb"size (0|[1-9][0-9]{0,18})\n"
)
_JSON = "application/vnd.git-lfs+json"
_MAX_ANSWER_BYTES = 1 << 20
_MAX_HEADERS = 20
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,100}")
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,8000}[\x21-\x7e])?")
_TIMEOUT_SECONDS = (10.0, 60.0)
_WAITS = (1.0, 2.0, 4.0)
_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_LACKS = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_READABLE = "the job needs `permissions: {contents: read}`"
_BY_HAND = "`git lfs fetch origin REF` in an earlier step brings it; is it pushed at all?"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pointer:
    """What git holds in place of the file. oid: its sha256, in hex; n_bytes: its size."""

    oid: str
    n_bytes: int


def parse_pointer(data: bytes) -> Pointer | None:
    """The pointer that these bytes are; None when they are none, as of any other file.

    A pointer of another version, or one with extensions, is none that could be followed.
    """
    found = _POINTER.fullmatch(data) if len(data) <= MAX_POINTER_BYTES else None
    return None if found is None else Pointer(oid=found[1].decode(), n_bytes=int(found[2]))


def pointer_in(path: Path) -> Pointer | None:
    """The pointer that a file is; None when it is none. OSError when it cannot be read."""
    with open_regular(path) as stream:
        return parse_pointer(stream.read(MAX_POINTER_BYTES + 1))


def object_path(pointer: Pointer, git_dir: Path) -> Path:
    """Where a clone keeps the file."""
    oid = pointer.oid
    return git_dir / "lfs" / "objects" / oid[:2] / oid[2:4] / oid


def batch_url(repository: str) -> str:
    """Where the repository at that address, as https://github.com/OWNER/NAME, is asked."""
    return f"{repository.rstrip('/').removesuffix('.git')}.git/info/lfs/objects/batch"


def from_local(pointer: Pointer, git_dir: Path, target: Path) -> bool:
    """Copy the file that a clone has to `target`, whole or not at all; False when it has none.

    One that is damaged is none. OSError when `target` cannot be written.
    """
    _must_fit(pointer)
    try:
        source = open_regular(object_path(pointer, git_dir))
    except OSError:
        return False
    part = target.with_name(f"{target.name}.part")
    try:
        with source, part.open("wb") as file:
            if os.fstat(source.fileno()).st_size != pointer.n_bytes:
                return False
            shutil.copyfileobj(source, file)
        with part.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != pointer.oid:
                return False
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return True


def from_server(
    pointer: Pointer,
    batch_url: str,
    target: Path,
    *,
    session: requests.Session,
    token: str | None,
    network: Network | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Write the file that the server at `batch_url` has to `target`, whole or not at all.

    token: shown to that server alone, never to the one that it sends to, which may be another.
    session: with its proxies and certificates set, or with `network` to set them for each host.
    BaselineError when it cannot be had, OSError when it cannot be written.
    """
    _must_fit(pointer)
    _must_be_private(batch_url)
    if network is not None:
        network.apply_to(session, batch_url)
    answer = _asked(pointer, batch_url, session=session, token=token, sleep=sleep)
    href, headers = _action(pointer, answer, batch_url)
    # What was set for the one server is not for the other.
    session.cookies.clear()
    try:
        download(
            href,
            target,
            session=session,
            headers=headers,
            max_bytes=pointer.n_bytes,
            digest=f"sha256:{pointer.oid}",
            network=network,
            sleep=sleep,
        )
    except DownloadError as error:
        raise BaselineError(
            f"the file of Git LFS {pointer.oid[:12]} cannot be had: {error.message}",
            hint=error.hint or _BY_HAND,
        ) from error


def _asked(
    pointer: Pointer,
    url: str,
    *,
    session: requests.Session,
    token: str | None,
    sleep: Callable[[float], None],
) -> bytes:
    """What the server answers; lost connections and trouble of its own are waited for."""
    question = {
        "operation": "download",
        "transfers": ["basic"],
        "objects": [{"oid": pointer.oid, "size": pointer.n_bytes}],
        "hash_algo": "sha256",
    }
    headers = {"Accept": _JSON, "Content-Type": _JSON}
    if token:
        basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        headers["Authorization"] = f"Basic {basic}"
    why = ""
    for wait in (*_WAITS, None):
        try:
            with session.post(
                url,
                data=json.dumps(question).encode(),
                headers=headers,
                timeout=_TIMEOUT_SECONDS,
                allow_redirects=False,
                stream=True,
            ) as response:
                if not _is_trouble(response):
                    return _body(response, url)
                why = f"it answers {response.status_code}"
        except requests.RequestException:
            # The library's words show whole addresses.
            why = "the connection was lost"
        if wait is not None:
            sleep(wait)
    raise BaselineError(
        f"the Git LFS server {shown(url)} cannot be asked: {why}", hint="run the job again"
    )


def _is_trouble(response: requests.Response) -> bool:
    """Whether the next time it may answer otherwise."""
    status = response.status_code
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS


def _body(response: requests.Response, url: str) -> bytes:
    status, where = response.status_code, f"the Git LFS server {shown(url)}"
    if response.is_redirect:
        raise BaselineError(
            f"{where} sends to another address, where the token is not for",
            hint="was the repository renamed?",
        )
    if status in _REFUSED:
        raise BaselineError(f"{where} refuses to say ({status})", hint=_READABLE)
    if status != HTTPStatus.OK:
        raise BaselineError(f"{where} answers {status}", hint=_BY_HAND)
    body = b""
    for block in response.iter_content(1 << 14):
        body += block
        if len(body) > _MAX_ANSWER_BYTES:
            raise BaselineError(f"{where} answers more than was asked for")
    return body


def _action(pointer: Pointer, answer: bytes, url: str) -> tuple[str, Mapping[str, str]]:
    """Where the file is, and what that server is to be told."""
    where = f"the Git LFS server {shown(url)}"
    try:
        document = json.loads(answer)
    except (ValueError, RecursionError):
        document = None
    match document:
        case {"objects": [{"oid": pointer.oid, "error": error}, *_]}:
            raise _refused(pointer, where, error)
        case {
            "objects": [{"oid": pointer.oid, "actions": {"download": {"href": str(href)} as to}}]
        }:
            return href, _headers(to.get("header"), where)
        case _:
            raise BaselineError(
                f"{where} does not say where the file {pointer.oid[:12]} is", hint=_BY_HAND
            )


def _refused(pointer: Pointer, where: str, error: Any) -> BaselineError:  # noqa: ANN401 - JSON
    code, said = (error.get("code"), error.get("message")) if isinstance(error, dict) else ("", "")
    if code in _LACKS:
        return BaselineError(f"{where} has no file {pointer.oid[:12]}", hint=_BY_HAND)
    return BaselineError(
        f"{where} does not give the file {pointer.oid[:12]}:"
        f" {one_line(str(code), 20)} {one_line(str(said), 200)}",
        hint=_READABLE if code in _REFUSED else _BY_HAND,
    )


def _headers(given: Any, where: str) -> Mapping[str, str]:  # noqa: ANN401 - JSON
    found = {} if given is None else given
    if not isinstance(found, dict) or len(found) > _MAX_HEADERS:
        raise BaselineError(f"{where} names headers that are none")
    for name, value in found.items():
        value_is_one = isinstance(value, str) and _HEADER_VALUE.fullmatch(value)
        if not (_HEADER_NAME.fullmatch(name) and value_is_one):
            raise BaselineError(f"{where} names headers that are none")
    return found


def _must_be_private(url: str) -> None:
    try:
        private = is_private(url)
    except ValueError:
        private = False
    if not private:
        raise BaselineError(
            f"the Git LFS server {shown(url)} has no address that is encrypted",
            hint="name an https address",
        )


def _must_fit(pointer: Pointer) -> None:
    if pointer.n_bytes > MAX_BYTES:
        raise BaselineError(
            f"the file of Git LFS has {pointer.n_bytes:,} bytes, more than the {MAX_BYTES:,}"
            " allowed",
            hint="is it the model that is meant?",
        )
