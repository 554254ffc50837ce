"""How does a request get out of this machine? Proxies and certificates, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import requests
from requests.utils import should_bypass_proxies


@dataclass(frozen=True, kw_only=True, slots=True)
class Network:
    """The proxies and certificates that hold, as they were before any user code ran."""

    proxies: Mapping[str, str] = field(default_factory=dict)
    no_proxy: str = ""
    ca_bundle: str | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Network:
        """From the variables that curl and requests read; lower case wins, as there."""
        given = {
            scheme: environ.get(f"{scheme}_proxy") or environ.get(f"{scheme.upper()}_PROXY")
            for scheme in ("http", "https", "all")
        }
        bundles = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
        return cls(
            proxies={scheme: url for scheme, url in given.items() if url},
            no_proxy=environ.get("no_proxy") or environ.get("NO_PROXY") or "",
            ca_bundle=next((environ[name] for name in bundles if environ.get(name)), None),
        )

    def apply_to(self, session: requests.Session, url: str) -> None:
        """Let `session` reach `url` this way, and read neither ~/.netrc nor variables set since."""
        session.trust_env = False
        bypassed = self.no_proxy and should_bypass_proxies(url, no_proxy=self.no_proxy)
        session.proxies = {} if bypassed else dict(self.proxies)
        session.verify = self.ca_bundle or True
