"""Where does GitHub keep what it only points to? A second host on 127.0.0.1, without a token.

It gives parts of a file to those who ask for them, and fails on request. What came with a token
stands in `with_token`, and tests assert that it is empty.
"""

from __future__ import annotations

import hashlib
import http.server
import re
import threading
from collections.abc import Mapping
from typing import Self

from tests.fakes.github_faults import Delivery, Fault


class Storage:
    """Files by their address. `asked` holds the path and the range of every request."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.with_token: list[str] = []
        self._contents: dict[str, bytes] = {}
        self._faults: list[Fault] = []
        self._http = _Listener(("127.0.0.1", 0), _Handler)
        self._http.storage = self
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def put(self, name: str, content: bytes) -> str:
        """The address of a file with that content; `name` is its path."""
        self._contents[f"/{name}"] = content
        return f"{self.url}/{name}?signature=of-nobody"

    def fail(self, fault: Fault, *, times: int = 1) -> None:
        """Let the next `times` requests meet this fault."""
        self._faults += [fault] * times

    def answer(
        self, path: str, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, str], bytes, Delivery]:
        """Status, headers and body, and how much of the body arrives."""
        path = path.partition("?")[0]
        self.asked.append((path, headers.get("Range")))
        if headers.get("Authorization"):
            self.with_token.append(path)
        fault = self._faults.pop(0) if self._faults else Fault()
        content = self._contents.get(path)
        if content is None or fault.status is not None:
            return fault.status or 404, dict(fault.headers), b"<Error/>", fault.delivery
        tag = f'"{hashlib.sha256(content).hexdigest()}"'
        known = {"ETag": tag, "Accept-Ranges": "bytes"} | dict(fault.headers)
        part = re.fullmatch(r"bytes=(\d+)-", headers.get("Range", ""))
        if part is None or headers.get("If-Range", tag) != tag:
            return 200, known, content, fault.delivery
        start = int(part[1])
        if start >= len(content):
            return 416, known | {"Content-Range": f"bytes */{len(content)}"}, b"", fault.delivery
        known["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return 206, known, content[start:], fault.delivery


class _Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    storage: Storage


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Listener

    def do_GET(self) -> None:
        given = dict(self.headers.items())
        status, headers, body, delivery = self.server.storage.answer(self.path, given)
        if delivery is Delivery.NONE:
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if delivery is Delivery.HALF else body)

    def log_message(self, *args: object) -> None:
        """Nothing: what was asked stands in `asked`."""
