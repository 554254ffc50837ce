"""What if a server dies in the middle? A door before it, which falls shut after so many bytes.

The server behind it stays as it is, so that a test sees what was left half done, and goes on.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit


class Door:
    """Passes connections on to the server at `url`; `self.url` is in front of the door."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._behind = (parts.hostname or "", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._left: dict[str, float] = {}
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._ends = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.open()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends = True
        self._shut()
        # Whoever waits in accept() is woken by a last connection.
        socket.create_connection(self._listener.getsockname()).close()
        self._thread.join()
        self._listener.close()

    def open(self) -> None:
        """Let everything through."""
        self._left = {"in": float("inf"), "out": float("inf")}

    def shut_after(self, n_bytes: int, *, way: str) -> None:
        """Fall shut once so many bytes went `in` to the server, or `out` of it."""
        self._left[way] = n_bytes

    @property
    def is_shut(self) -> bool:
        """Whether it fell."""
        return min(self._left.values()) <= 0

    def _serve(self) -> None:
        while True:
            client, _ = self._listener.accept()
            if self._ends:
                client.close()
                return
            if self.is_shut:
                client.close()
                continue
            server = socket.create_connection(self._behind)
            with self._lock:
                self._open |= {client, server}
            for way, source, target in (("in", client, server), ("out", server, client)):
                threading.Thread(
                    target=self._carry, args=(way, source, target), daemon=True
                ).start()

    def _carry(self, way: str, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(16 * 1024):
                with self._lock:
                    data = data[: int(min(len(data), self._left[way]))]
                    self._left[way] -= len(data)
                target.sendall(data)
                if self.is_shut:
                    self._shut()
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            with self._lock:
                self._open.discard(end)
            end.close()

    def _shut(self) -> None:
        with self._lock:
            ends, self._open = self._open, set()
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
