"""The network is what was captured, never what the environment has become since."""

from __future__ import annotations

import pytest
import requests

from mlci_action.adapters.network import Network


def test_the_usual_variables_are_read_and_lower_case_wins() -> None:
    environ = {
        "HTTPS_PROXY": "http://upper.example:1",
        "https_proxy": "http://lower.example:1",
        "HTTP_PROXY": "http://plain.example:1",
        "ALL_PROXY": "",
        "NO_PROXY": "internal.example",
        "REQUESTS_CA_BUNDLE": "",
        "SSL_CERT_FILE": "/etc/company.pem",
        "GITHUB_TOKEN": "not this",
    }

    assert Network.from_environ(environ) == Network(
        proxies={"https": "http://lower.example:1", "http": "http://plain.example:1"},
        no_proxy="internal.example",
        ca_bundle="/etc/company.pem",
    )
    assert Network.from_environ({}) == Network()


def applied(network: Network, url: str) -> requests.Session:
    with requests.Session() as session:
        network.apply_to(session, url)
    return session


def test_a_session_takes_proxies_and_certificates_and_ignores_the_environment() -> None:
    network = Network(proxies={"https": "http://proxy.example:1"}, ca_bundle="/etc/company.pem")
    session = applied(network, "https://api.github.com")

    assert session.proxies == {"https": "http://proxy.example:1"}
    assert session.verify == "/etc/company.pem"
    assert session.trust_env is False


@pytest.mark.parametrize(
    ("no_proxy", "url", "uses_proxy"),
    [
        ("", "http://127.0.0.1:8080", True),
        ("127.0.0.1,localhost", "http://127.0.0.1:8080", False),
        (".example", "https://github.internal.example/api/v3", False),
        (".example", "https://api.github.com", True),
        ("*", "https://api.github.com", False),
    ],
)
def test_no_proxy_is_kept_to(no_proxy: str, url: str, *, uses_proxy: bool) -> None:
    network = Network(proxies={"https": "http://proxy.example:1"}, no_proxy=no_proxy)

    assert bool(applied(network, url).proxies) is uses_proxy


def test_without_any_setting_certificates_are_still_verified() -> None:
    assert applied(Network(), "https://api.github.com").verify is True
