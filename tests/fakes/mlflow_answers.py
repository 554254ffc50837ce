"""What does a bad server of MLflow say? A stand-in on 127.0.0.1 that says what it is told.

with SmallMlflow() as server:
    server.says("GET", "mlflow/runs/get", 200, {"run": {}})
    ...                                       # a client that talks to server.url
    assert server.asked == ["GET mlflow/runs/get"]
"""

from __future__ import annotations

import http.server
import json
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import unquote, urlsplit

_API = "/api/2.0/"
MISSING = {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "there is no such thing"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One answer; `cut` closes the connection after the head."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


class SmallMlflow:
    """Answers by method and path; the last one of a path stays. What nobody told it is a 404."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self.bodies: list[bytes] = []
        self._answers: dict[str, list[Said]] = defaultdict(list)
        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def says(
        self,
        method: str,
        path: str,
        status: int,
        body: object = b"",
        *,
        cut: bool = False,
        **headers: str,
    ) -> None:
        """The next answer there: bytes as they are, anything else as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._answers[f"{method} {path}"].append(
            Said(status=status, body=data, headers=named, cut=cut)
        )

    def has_model(self, name: str, version: int, **fields: Any) -> None:  # noqa: ANN401
        """A model with that one version, which is @champion."""
        aliases = [{"alias": "champion", "version": str(version)}]
        model = {"registered_model": {"name": name, "aliases": aliases}}
        self.says("GET", "mlflow/registered-models/get", 200, model)
        known = {"name": name, "version": str(version), "creation_timestamp": 1_700_000_000_000}
        known |= {"source": "mlflow-artifacts:/1/r/artifacts/model", **fields}
        self.says("GET", "mlflow/model-versions/get", 200, {"model_version": known})
        uri = {"artifact_uri": known["source"]}
        self.says("GET", "mlflow/model-versions/get-download-uri", 200, uri)

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Said:
        """What is said now."""
        self.bodies.append(body)
        asked = f"{method} {unquote(urlsplit(path).path).removeprefix(_API)}"
        self.asked.append(asked)
        self.headers.append(headers)
        answers = self._answers[asked]
        if not answers:
            return Said(status=404, body=json.dumps(MISSING).encode())
        return answers.pop(0) if len(answers) > 1 else answers[0]


def _handler(server: SmallMlflow) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            said = server.answer(self.command, self.path, dict(self.headers.items()), body)
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body[: len(said.body) // 2] if said.cut else said.body)

        do_POST = do_PUT = do_PATCH = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
