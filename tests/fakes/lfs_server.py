"""What does a server of Git LFS answer? Its batch API, for basic transfers, on 127.0.0.1."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from typing import Any, Self

from tests.fakes.github_storage import Storage

JSON = "application/vnd.git-lfs+json"


class LfsServer:
    """Tells where `storage` keeps the objects. `authorized` holds what came as authorization.

    answers: instead of the ordinary ones, each status, document and headers.
    """

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.authorized: list[str | None] = []
        self.answers: list[tuple[int, Any, dict[str, str]]] = []
        self.header: dict[str, str] = {"X-Of": "the store"}
        self._hrefs: dict[str, str] = {}
        self._http = _Listener(("127.0.0.1", 0), _Handler)
        self._http.lfs = self
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def put(self, content: bytes, *, stored: bytes | None = None) -> str:
        """The oid of an object; stored: what the store has in its place."""
        oid = hashlib.sha256(content).hexdigest()
        self._hrefs[oid] = self.storage.put(oid, content if stored is None else stored)
        return oid

    def answer(self, path: str, question: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        """Status, document and headers."""
        if self.answers:
            return self.answers.pop(0)
        known = {"operation": "download", "transfers": ["basic"], "hash_algo": "sha256"}
        if path != "/o/r.git/info/lfs/objects/batch" or question != {**question, **known}:
            return 422, {"message": "no batch"}, {}
        objects = [self._about(**asked) for asked in question["objects"]]
        return 200, {"transfer": "basic", "objects": objects}, {}

    def _about(self, oid: str, size: int) -> dict[str, Any]:
        if oid not in self._hrefs:
            return {"oid": oid, "size": size, "error": {"code": 404, "message": "no such object"}}
        download = {"href": self._hrefs[oid], "header": self.header, "expires_in": 3600}
        return {"oid": oid, "size": size, "actions": {"download": download}}


class _Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    lfs: LfsServer


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Listener

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["Content-Type"] == self.headers["Accept"] == JSON
        self.server.lfs.authorized.append(self.headers.get("Authorization"))
        status, document, headers = self.server.lfs.answer(self.path, json.loads(asked))
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        for name, value in {"Content-Type": JSON, **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Nothing: a test asks for what it wants to know."""
