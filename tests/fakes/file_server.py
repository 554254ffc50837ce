"""What may a server answer, byte for byte? One on 127.0.0.1 that says what a test's function says.

For answers that no honest server gives; `github_storage` is one that does as servers do.
"""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A request; path: with its query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """announced: the Content-Length, None: the body's own, -1: none. sent: bytes of it, None: all.

    The connection ends with every answer.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    announced: int | None = None
    sent: int | None = None


class FileServer:
    """Answers with `answer`, and keeps what it was asked.

    n_left: how many clients did not take all of an answer; known when the server has ended.
    """

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.n_left = 0
        self._http = _Listener(("127.0.0.1", 0), _Handler)
        self._http.files = self
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


def one_after_another(*answers: Answer) -> Callable[[Asked], Answer]:
    """The next one for each request, the last one for all further ones."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


class _Listener(http.server.ThreadingHTTPServer):
    # Waited for at the end.
    daemon_threads = False
    files: FileServer


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Listener

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        asked = Asked(
            method=self.command,
            path=self.path,
            headers=dict(self.headers.items()),
            body=self.rfile.read(length),
        )
        self.server.files.asked.append(asked)
        answer = self.server.files.answer(asked)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        announced = len(answer.body) if answer.announced is None else answer.announced
        if announced >= 0:
            self.send_header("Content-Length", str(announced))
        self.end_headers()
        try:
            self.wfile.write(answer.body[: answer.sent])
        except ConnectionError:
            self.server.files.n_left += 1

    def log_message(self, *args: object) -> None:
        """Nothing: what was asked stands in `asked`."""
