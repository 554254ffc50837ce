"""Whom does an address lead to, may it be asked, and what of it may a message show?"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TypeAlias
from urllib.parse import urlsplit

from mlci_action.rendering.plain import one_line

Origin: TypeAlias = tuple[str, str, int]
_PORTS = {"https": 443, "http": 80}
_MOST_SHOWN = 300


def shown(url: str) -> str:
    """An address as a message may have it: a password or a signature in it is a secret."""
    scheme, _, rest = url.partition("://")
    place, slash, path = re.split(r"[?#]", rest, maxsplit=1)[0].partition("/")
    return one_line(f"{scheme}://{place.rpartition('@')[2]}{slash}{path}", _MOST_SHOWN)


def origin_of(url: str) -> Origin:
    """Scheme, host and port, which are what a credential is for. ValueError when it is no URL."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)


def is_private(url: str) -> bool:
    """Whether nobody on the way can read or change what comes: https, or http of this machine."""
    scheme, host, _ = origin_of(url)
    return scheme == "https" or (scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
