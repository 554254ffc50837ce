"""Does a company's mirror reach the installation, and nothing else of the machine?"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from action.surroundings import (
    Interpreter,
    clean_environment,
    find_interpreters,
    network_settings,
    passwords,
    pip_settings,
    uv_settings,
)

OWN = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_NO_INPUT": "1"}
HERE = Interpreter(sys.executable, sys.version_info[:2])
# These tests run in a virtual environment.
UNDERNEATH = Interpreter(sys._base_executable, sys.version_info[:2])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "name",
    [
        "CONDA_PREFIX",
        "LD_PRELOAD",
        "PIP_CONSTRAINT",
        "PIP_NO_BINARY",
        "PIP_TARGET",
        "PYTHONHOME",
        "PYTHONPATH",
        "UV_EXCLUDE_NEWER",
        "UV_NO_BINARY",
        "UV_OVERRIDE",
        "UV_SYSTEM_PYTHON",
        "VIRTUAL_ENV",
    ],
)
def test_what_would_install_something_else_is_cleared(name: str) -> None:
    assert clean_environment({name: "x"}) == OWN


@pytest.mark.parametrize(
    "name",
    [
        "HTTPS_PROXY",
        "PATH",
        "PIP_CONFIG_FILE",
        "PIP_FIND_LINKS",
        "PIP_INDEX_URL",
        "REQUESTS_CA_BUNDLE",
        "SSL_CERT_FILE",
        "UV_DEFAULT_INDEX",
        "UV_INDEX_COMPANY_PASSWORD",
        "UV_INDEX_URL",
    ],
)
def test_mirrors_proxies_and_certificates_are_kept(name: str) -> None:
    assert clean_environment({name: "x"}) == {name: "x", **OWN}


def test_a_pip_configuration_that_forbids_a_folder_of_ours_is_overruled() -> None:
    assert clean_environment({"PIP_USER": "1", "PIP_REQUIRE_VIRTUALENV": "1"}) == OWN


def test_pip_is_asked_for_its_files_and_its_variables(tmp_path: Path) -> None:
    """A mirror is mostly set in pip.conf, which uv does not read."""
    file = tmp_path / "pip.conf"
    file.write_text("[global]\nindex-url = https://mirror.example/simple\n", encoding="utf-8")
    environ = {"PIP_CONFIG_FILE": str(file), "PIP_FIND_LINKS": "/wheels", "HOME": str(tmp_path)}
    settings = pip_settings(sys.executable, environ)
    assert settings is not None
    assert settings["index-url"] == "https://mirror.example/simple"
    assert settings["find-links"] == "/wheels"


def test_a_python_without_pip_has_no_settings(tmp_path: Path) -> None:
    assert pip_settings(str(stand_in(tmp_path, "python", "exit 1")), dict(os.environ)) is None


def test_the_mirrors_of_pip_are_told_to_uv() -> None:
    pip = {"index-url": "https://mirror.example/simple", "find-links": "/a\n/b", "timeout": "9"}
    assert uv_settings(pip, {}) == {
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_FIND_LINKS": "/a /b",
    }


@pytest.mark.parametrize("name", ["UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX"])
def test_an_index_that_is_set_for_uv_outranks_the_one_of_pip(name: str) -> None:
    assert uv_settings({"index-url": "https://mirror.example/simple"}, {name: "x"}) == {}


def test_a_certificate_of_pip_does_not_replace_the_one_that_is_set() -> None:
    assert uv_settings({"cert": "/pip.pem"}, {"SSL_CERT_FILE": "/own.pem"}) == {}
    assert uv_settings({"cert": "/pip.pem"}, {}) == {"SSL_CERT_FILE": "/pip.pem"}


def test_a_shim_that_does_not_run_is_not_an_interpreter(tmp_path: Path) -> None:
    stand_in(tmp_path, "python3", "echo 'command not found' >&2; exit 127")
    old = stand_in(tmp_path, "python3.12", "echo 3 9")
    *running, last = find_interpreters({"PATH": str(tmp_path)})
    assert last == Interpreter(str(old), (3, 9))
    assert running == [HERE, UNDERNEATH]


@pytest.mark.parametrize(
    ("version", "usable"),
    [((3, 10), False), ((3, 11), True), ((3, 14), True), ((3, 15), False), ((2, 7), False)],
)
def test_our_code_runs_on_the_versions_that_the_lock_has_wheels_for(
    version: tuple[int, int],
    usable: bool,  # noqa: FBT001 - the expectation
) -> None:
    assert Interpreter("python", version).usable() is usable


def test_proxies_are_captured_in_both_spellings_and_nothing_else_is() -> None:
    environ = {"https_proxy": "http://p:1", "NO_PROXY": "a", "SSL_CERT_DIR": "/c", "PATH": "/bin"}
    expected = {"https_proxy": "http://p:1", "NO_PROXY": "a", "SSL_CERT_DIR": "/c"}
    assert network_settings(environ) == expected


def test_the_passwords_in_proxy_addresses_are_known() -> None:
    """The runner prints the variables of every step; these are masked first."""
    network = {"HTTPS_PROXY": "http://me:s3cret@proxy:1", "NO_PROXY": "a:b@c", "x": "http://proxy"}
    assert passwords(network) == ["s3cret"]


def stand_in(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path
