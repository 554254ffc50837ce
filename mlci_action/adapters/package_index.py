"""Where do packages come from? Mirrors, proxies and certificates as the machine has them.

An installer sees these and what user code may see, and nothing else: no token, no other variable.
"""

from __future__ import annotations

import configparser
import os
from collections.abc import Mapping
from pathlib import Path

from mlci_action.adapters.worker_environment import worker_environment

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
CERTIFICATES = ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR", "SSL_CERT_FILE")
INSTALLERS = (
    "PIP_CERT", "PIP_CLIENT_CERT", "PIP_CONFIG_FILE", "PIP_DEFAULT_TIMEOUT", "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_KEYRING_PROVIDER", "PIP_NO_INDEX", "PIP_PROXY",
    "PIP_RETRIES", "PIP_TRUSTED_HOST", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_HTTP_TIMEOUT",
    "UV_INSECURE_HOST", "UV_KEYRING_PROVIDER", "UV_NATIVE_TLS", "UV_PYTHON_INSTALL_MIRROR",
    "UV_SYSTEM_CERTS",
)  # fmt: skip
# UV_INDEX_<NAME>_USERNAME and _PASSWORD belong to a mirror.
INDEX_PREFIXES = ("UV_INDEX", "UV_DEFAULT_INDEX")
# A mirror is often set for pip alone, in a file that uv does not read.
_UV_NAMES = {
    "cert": "SSL_CERT_FILE",
    "extra-index-url": "UV_EXTRA_INDEX_URL",
    "find-links": "UV_FIND_LINKS",
    "index-url": "UV_DEFAULT_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
}
# What would have an installer put packages elsewhere, or find others than it is asked for.
_DROPPED = ("PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV")
_SECTIONS = ("global", "install")


def installer_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables for pip and uv; pip's own mirrors are told to uv as well."""
    exact = {*PROXIES, *(name.lower() for name in PROXIES), *CERTIFICATES, *INSTALLERS}
    kept = [
        name
        for name in environ
        if (name in exact or name.startswith(INDEX_PREFIXES)) and "TOKEN" not in name.upper()
    ]
    plain = worker_environment(environ, kept)
    own = {name: value for name, value in plain.items() if name not in _DROPPED}
    own |= {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_NO_INPUT": "1"}
    return {**_pip_mirrors_for_uv(own), **own}


def _pip_mirrors_for_uv(environ: Mapping[str, str]) -> dict[str, str]:
    if any(name.startswith(INDEX_PREFIXES) for name in environ):
        return {}
    said = _pip_files(environ)
    for option in _UV_NAMES:
        variable = "PIP_" + option.upper().replace("-", "_")
        if variable in environ:
            said[option] = environ[variable]
    return {
        name: ("," if option == "find-links" else " ").join(said[option].split())
        for option, name in _UV_NAMES.items()
        if said.get(option, "").split()
    }


def _pip_files(environ: Mapping[str, str]) -> dict[str, str]:
    """The options in pip's files, read as pip reads them: a later file wins."""
    home = Path(environ.get("HOME") or "/nonexistent")
    settings = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    asked = environ.get("PIP_CONFIG_FILE")
    if asked == os.devnull:
        return {}
    said: dict[str, str] = {}
    for path in (
        Path("/etc/xdg/pip/pip.conf"), Path("/etc/pip.conf"), home / ".pip" / "pip.conf",
        settings / "pip" / "pip.conf", *((Path(asked),) if asked else ()),
    ):  # fmt: skip
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError):
            continue
        for section in _SECTIONS:
            if parser.has_section(section):
                said |= {name.replace("_", "-"): value for name, value in parser.items(section)}
    return said
