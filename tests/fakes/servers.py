"""What would the real servers say? MLflow's, and one that speaks S3, each a process on 127.0.0.1.

They run in an environment of their own, `.tools/servers`, which `make servers` makes; without it
the tests that need them are skipped. Those of one server share an `xdist_group`, "mlflow" or "s3",
so that it is started once.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / ".tools" / "servers" / "bin"
# MLflow's takes 17 s on a machine that has nothing else to do.
_START_SECONDS = 240.0
_TRIES = 3
_QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


@dataclass(frozen=True, kw_only=True, slots=True)
class S3Server:
    """An object store at `url`, empty at first; `environ` is what a client needs to use it."""

    url: str
    environ: Mapping[str, str] = field(
        default_factory=lambda: {
            "AWS_ACCESS_KEY_ID": "stand-in-key",
            "AWS_SECRET_ACCESS_KEY": "stand-in-secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    )

    def make_bucket(self, name: str) -> str:
        """A bucket of that name, which is answered."""
        with _without_proxy() as session:
            session.put(f"{self.url}/{name}", timeout=30).raise_for_status()
        return name


@dataclass(frozen=True, kw_only=True, slots=True)
class MlflowServer:
    """A tracking server with a registry at `url`; what its proxy stores lies in `artifacts`."""

    url: str
    artifacts: Path


@contextmanager
def running_s3(folder: Path) -> Iterator[S3Server]:
    """An object store, for as long as the block lasts; its log is in `folder`."""
    program = _command("moto_server")

    def arguments(port: int) -> list[str]:
        return [program, "-H", "127.0.0.1", "-p", str(port)]

    with _running(arguments, "/moto-api/data.json", folder) as url:
        yield S3Server(url=url)


@contextmanager
def running_mlflow(folder: Path) -> Iterator[MlflowServer]:
    """MLflow's server, for as long as the block lasts, with all that it stores in `folder`."""
    program = _command("mlflow")
    artifacts = folder / "artifacts"

    def arguments(port: int) -> list[str]:
        return [
            *(program, "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
            *("--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}"),
            *("--artifacts-destination", str(artifacts)),
        ]

    with _running(arguments, "/health", folder) as url:
        yield MlflowServer(url=url, artifacts=artifacts)


def _command(name: str) -> str:
    if not (BIN / name).exists():
        pytest.skip("the servers are not installed: `make servers` gets them")
    return str(BIN / name)


@contextmanager
def _running(arguments: Callable[[int], list[str]], path: str, folder: Path) -> Iterator[str]:
    """The address of a server that answers at `path`; it ends with the block, and its children."""
    environ = {"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(folder), **_QUIET}
    for _ in range(_TRIES):
        port = _free_port()
        with (folder / "server.log").open("ab") as log:
            process = subprocess.Popen(
                arguments(port),
                cwd=folder,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            url = f"http://127.0.0.1:{port}"
            if _answers(process, url + path):
                yield url
                return
        finally:
            _end(process)
    # A port that was free may be taken a moment later, but not three times.
    said = (folder / "server.log").read_text(encoding="utf-8", errors="replace")
    pytest.fail(f"{arguments(0)[0]} does not start:\n{said[-3000:]}")


def _answers(process: subprocess.Popen[bytes], url: str) -> bool:
    """Wait until it does; False when the process ended, or takes too long."""
    until = time.monotonic() + _START_SECONDS
    with _without_proxy() as session:
        while process.poll() is None and time.monotonic() < until:
            try:
                if session.get(url, timeout=30).ok:
                    return True
            except requests.RequestException:
                time.sleep(0.1)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """The process and all in its group, which is its own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _without_proxy() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
