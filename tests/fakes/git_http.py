"""How does the stand-in serve a repository to `git fetch`? Read-only, by git's own CGI program."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class GitAnswer:
    """What git's CGI program answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def serve_git(
    repository: Path,
    service_path: str,
    *,
    method: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
) -> GitAnswer:
    """One request of git's smart protocol for `repository`, of which any commit may be fetched.

    `service_path` is what follows the repository in the address, such as `/info/refs`.
    """
    settings = {
        "uploadpack.allowAnySHA1InWant": "true",
        "http.receivepack": "false",
        "safe.directory": "*",
    }
    environ = {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_PROJECT_ROOT": str(repository.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_COUNT": str(len(settings)),
        "GIT_PROTOCOL": headers.get("Git-Protocol", ""),
        "PATH_INFO": f"/{repository.name}{service_path}",
        "QUERY_STRING": query,
        "REQUEST_METHOD": method,
        "CONTENT_TYPE": headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": headers.get("Content-Encoding", ""),
    }
    for number, (key, value) in enumerate(settings.items()):
        environ |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    done = subprocess.run(
        ["git", "http-backend"], input=body, env=environ, capture_output=True, check=False
    )
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    answered = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n") if line)
    status = answered.pop("Status", "200 OK" if done.returncode == 0 else "500 git failed")
    return GitAnswer(status=int(status.split()[0]), headers=answered, body=content)
