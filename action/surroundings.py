"""What of the machine may have a say in the installation, and in the steps that hold a token?

Kept are mirrors, proxies and certificates, which a company needs. Everything else that people set
for Python, pip, uv or the dynamic linker is cleared: it would install something else than the lock
says, somewhere else, or not at all.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from typing import NamedTuple
from urllib.parse import urlsplit

# The lock has wheels for these, and nothing is ever built from source.
OLDEST = (3, 11)
TOO_NEW = (3, 15)
WANTED = ">=3.11,<3.15"

PROXY_NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
CERTIFICATE_NAMES = (
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
)

CLEARED_PREFIXES = ("CONDA_", "DYLD_", "LD_", "PIP_", "PYTHON", "UV_", "VIRTUAL_ENV", "__PYVENV")
# UV_INDEX_<NAME>_USERNAME and _PASSWORD belong to a mirror.
KEPT_PREFIXES = ("UV_INDEX", "UV_DEFAULT_INDEX")
KEPT_NAMES = (
    "PIP_CERT",
    "PIP_CLIENT_CERT",
    "PIP_CONFIG_FILE",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_INDEX_URL",
    "PIP_KEYRING_PROVIDER",
    "PIP_NO_INDEX",
    "PIP_PROXY",
    "PIP_RETRIES",
    "PIP_TRUSTED_HOST",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_HTTP_TIMEOUT",
    "UV_INSECURE_HOST",
    "UV_KEYRING_PROVIDER",
    "UV_NATIVE_TLS",
    "UV_PYTHON_INSTALL_MIRROR",
    "UV_SYSTEM_CERTS",
)

# A mirror is often set for pip alone, in a file that uv does not read.
UV_NAME_OF_PIP_OPTION = {
    "cert": "SSL_CERT_FILE",
    "extra-index-url": "UV_EXTRA_INDEX_URL",
    "find-links": "UV_FIND_LINKS",
    "index-url": "UV_DEFAULT_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
}


class Interpreter(NamedTuple):
    """A Python that was seen to run."""

    path: str
    version: tuple[int, int]

    def usable(self) -> bool:
        """Can our own code run on it? The lock has wheels for these versions alone."""
        return OLDEST <= self.version < TOO_NEW

    def __str__(self) -> str:
        return f"{self.path} ({self.version[0]}.{self.version[1]})"


def find_interpreters(environ: dict[str, str]) -> list[Interpreter]:
    """The running Python and the one under it first, then those on PATH.

    A virtual environment may be without pip where the Python it was made from has it. Each is
    asked for its version, because shims and store stubs are files that do not run.
    """
    names = ["python3", "python"]
    names += [f"python3.{minor}" for minor in range(TOO_NEW[1] - 1, OLDEST[1] - 1, -1)]
    running = (sys.executable, getattr(sys, "_base_executable", sys.executable))
    paths = [*running, *(shutil.which(name, path=environ.get("PATH")) for name in names)]
    found = []
    for path in dict.fromkeys(path for path in paths if path):
        question = "import sys; print(*sys.version_info[:2])"
        answer = run([path, "-I", "-c", question], environ)
        if answer.returncode == 0:
            major, minor = answer.stdout.split()
            found.append(Interpreter(path, (int(major), int(minor))))
    return found


def clean_environment(environ: dict[str, str]) -> dict[str, str]:
    """The variables under which pip, uv and Python do what the lock says, and nothing else."""
    cleaned = {
        name: value
        for name, value in environ.items()
        if name in KEPT_NAMES
        or name.startswith(KEPT_PREFIXES)
        or not name.startswith(CLEARED_PREFIXES)
    }
    # A user's pip.conf may ask for these, and then pip refuses a folder of ours.
    return {**cleaned, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_NO_INPUT": "1"}


def pip_settings(python: str, environ: dict[str, str]) -> dict[str, str] | None:
    """What pip's files and variables say, by plain option name; None when there is no pip."""
    answer = run([python, "-m", "pip", "config", "list"], environ)
    if answer.returncode != 0:
        return None
    settings = {}
    for line in answer.stdout.splitlines():
        name, _, value = line.partition("=")
        section, _, option = name.rpartition(".")
        if section in ("global", "install", ":env:"):
            settings[option] = str(ast.literal_eval(value))
    return settings


def uv_settings(pip: dict[str, str], environ: dict[str, str]) -> dict[str, str]:
    """The mirrors that pip knows, in uv's words; none when uv has an index of its own."""
    if any(name.startswith(KEPT_PREFIXES) for name in environ):
        return {}
    return {
        name: " ".join(pip[option].split())
        for option, name in UV_NAME_OF_PIP_OPTION.items()
        if option in pip and name not in environ
    }


def network_settings(environ: dict[str, str]) -> dict[str, str]:
    """Proxies and certificates as they are now, before the user's code had a chance."""
    names = (*PROXY_NAMES, *(name.lower() for name in PROXY_NAMES), *CERTIFICATE_NAMES)
    return {name: environ[name] for name in names if name in environ}


def run(command: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run it in these surroundings, without input; what it said is kept and not shown."""
    return subprocess.run(  # noqa: S603 - fixed commands, and paths that were found on PATH
        command,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def passwords(network: dict[str, str]) -> list[str]:
    """The passwords inside proxy addresses: the runner prints every step's variables."""
    found = (urlsplit(value).password for value in network.values() if "://" in value)
    return sorted({password for password in found if password})
