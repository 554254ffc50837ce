"""What an installer sees of the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from action import surroundings
from mlci_action.adapters.package_index import (
    CERTIFICATES,
    INDEX_PREFIXES,
    INSTALLERS,
    PROXIES,
    installer_environment,
)

NO_FILES = {"PIP_CONFIG_FILE": "/dev/null"}


def test_what_is_kept_is_what_the_action_keeps() -> None:
    assert set(INSTALLERS) == set(surroundings.KEPT_NAMES)
    assert PROXIES == surroundings.PROXY_NAMES
    assert set(CERTIFICATES) <= set(surroundings.CERTIFICATE_NAMES)
    assert INDEX_PREFIXES == surroundings.KEPT_PREFIXES


def test_mirrors_proxies_and_certificates_are_kept_and_no_secret() -> None:
    kept = {
        "PATH": "/bin", "UV_INDEX_OURS_PASSWORD": "p", "PIP_INDEX_URL": "u", "https_proxy": "x",
        "SSL_CERT_FILE": "c",
    }  # fmt: skip
    dropped = {
        "GITHUB_TOKEN": "a", "MLCI_TOKEN": "b", "AWS_SECRET_ACCESS_KEY": "c", "UV_CACHE_DIR": "d",
        "PIP_TARGET": "e", "VIRTUAL_ENV": "f", "PYTHONPATH": "g", "UV_INDEX_X_TOKEN": "h",
        "GITHUB_OUTPUT": "i",
    }  # fmt: skip
    seen = installer_environment({**NO_FILES, **kept, **dropped})
    assert {name: seen.get(name) for name in kept} == kept
    assert not seen.keys() & dropped.keys()


def test_mirrors_that_only_pip_knows_are_told_to_uv(tmp_path: Path) -> None:
    conf = tmp_path / "pip.conf"
    conf.write_text(
        "[global]\nindex-url = https://mirror.example/a%20b\nfind_links =\n    one\n    two\n"
        "[install]\ntrusted-host = mirror.example\n"
    )
    seen = installer_environment(
        {"PIP_CONFIG_FILE": str(conf), "PIP_EXTRA_INDEX_URL": "https://b.example"}
    )
    assert seen["UV_DEFAULT_INDEX"] == "https://mirror.example/a%20b"
    assert seen["UV_FIND_LINKS"] == "one,two"
    assert seen["UV_INSECURE_HOST"] == "mirror.example"
    assert seen["UV_EXTRA_INDEX_URL"] == "https://b.example"


def test_what_uv_is_told_itself_wins(tmp_path: Path) -> None:
    conf = tmp_path / "pip.conf"
    conf.write_text("[global]\nindex-url = https://mirror.example\n")
    seen = installer_environment(
        {"PIP_CONFIG_FILE": str(conf), "UV_DEFAULT_INDEX": "https://own.example"}
    )
    assert seen["UV_DEFAULT_INDEX"] == "https://own.example"


@pytest.mark.parametrize("text", ["no section\n", "[global\n", "\udcff"], ids=repr)
def test_a_file_of_pip_that_is_broken_is_passed_over(tmp_path: Path, text: str) -> None:
    conf = tmp_path / "pip.conf"
    conf.write_bytes(text.encode(errors="surrogateescape"))
    assert "UV_DEFAULT_INDEX" not in installer_environment({"PIP_CONFIG_FILE": str(conf)})
