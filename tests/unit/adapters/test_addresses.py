"""An address is shown without its secrets, and only a private way is gone."""

from __future__ import annotations

import pytest

from mlci_action.adapters.addresses import is_private, origin_of, shown


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://host/a?X-Sig=secret", "https://host/a"),
        ("https://user:secret@host/a#secret", "https://host/a"),
        ("https://user:se@cret@host:8443/a@b", "https://host:8443/a@b"),
        ("https://host?secret", "https://host"),
        ("https://[half/a?secret", "https://[half/a"),
        ("https://host/a\x1b[2J\nb", "https://host/a\N{REPLACEMENT CHARACTER}[2J b"),
    ],
)
def test_an_address_is_shown_without_its_secrets(url: str, text: str) -> None:
    assert shown(url) == text


def test_a_long_address_is_cut() -> None:
    assert len(shown("https://host/" + "a" * 10_000)) <= 300


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("https://host/a", True),
        ("http://127.0.0.1:8080/a", True),
        ("http://127.9.9.9/a", True),
        ("http://[::1]/a", True),
        ("http://localhost/a", True),
        ("http://host/a", False),
        ("http://10.0.0.1/a", False),
        ("http://localhost.example.org/a", False),
        ("http://127.0.0.1.example.org/a", False),
        ("http://127.0.0.1@example.org/a", False),
        ("ftp://127.0.0.1/a", False),
        ("file:///etc/passwd", False),
    ],
)
def test_only_this_machine_is_asked_without_encryption(url: str, *, private: bool) -> None:
    assert is_private(url) is private


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin_of("https://HOST/a") == origin_of("https://user@host:443/b?c")
    others = ("http://host/", "https://host:8443/", "https://other/")
    assert len({origin_of(url) for url in ("https://host/", *others)}) == 4
