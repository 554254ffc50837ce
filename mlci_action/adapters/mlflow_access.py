"""Which MLflow server is meant, and as whom is it asked? MLflow's own variables say so."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from mlci_action.adapters.mlflow_http import MlflowHttp
from mlci_action.adapters.network import Network
from mlci_action.errors import MlciError
from mlci_action.rendering.plain import one_line

TRACKING_URI = "MLFLOW_TRACKING_URI"
_REGISTRY_URI = "MLFLOW_REGISTRY_URI"
_LIKE = f"set {TRACKING_URI} to the address of the server, like https://mlflow.example.org"
# What a value may not hold that becomes a header.
_MAX_CREDENTIAL_CHARS = 8_192


class NoServerNamed(MlciError):
    """No variable says which server: nobody could look."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MlflowAccess:
    """tracking: the server that has runs and artifacts; registry: the one that has the models."""

    tracking: MlflowHttp
    registry: MlflowHttp

    @property
    def host(self) -> str:
        """Where the registry is, for a reader."""
        parts = urlsplit(self.registry.base_url)
        return f"{parts.hostname}{f':{parts.port}' if parts.port else ''}"


def access_from(
    environ: Mapping[str, str], *, sleep: Callable[[float], None] = time.sleep
) -> MlflowAccess:
    """The access that the variables describe.

    NoServerNamed when none names a server; MlciError when it is one that cannot be asked over HTTP,
    or anybody on the way could read the credentials and change the models.
    """
    tracking = environ.get(TRACKING_URI, "").strip()
    if not tracking:
        raise NoServerNamed(f"{TRACKING_URI} is not set", hint=_LIKE)
    if environ.get("MLFLOW_TRACKING_INSECURE_TLS", "").strip().lower() in ("true", "1", "yes"):
        raise MlciError(
            "MLFLOW_TRACKING_INSECURE_TLS lets anybody on the way hand out models and read the"
            " credentials",
            hint="remove it, and set MLFLOW_TRACKING_SERVER_CERT_PATH to the server's certificate",
        )
    network = Network.from_environ(environ)
    certificate = environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH")
    if certificate:
        network = replace(network, ca_bundle=certificate)
    registry = environ.get(_REGISTRY_URI, "").strip() or tracking
    return MlflowAccess(
        tracking=_server(TRACKING_URI, tracking, environ, network, sleep),
        registry=_server(_REGISTRY_URI, registry, environ, network, sleep),
    )


def _server(
    variable: str,
    address: str,
    environ: Mapping[str, str],
    network: Network,
    sleep: Callable[[float], None],
) -> MlflowHttp:
    """The server at an address, which may hold a user and a password."""
    scheme, slashes, rest = address.partition("://")
    if scheme.lower() not in ("http", "https") or not slashes:
        kind = one_line(address.partition(":")[0], 40)
        raise MlciError(f"{variable} names no server but {kind!r}", hint=_LIKE)
    place, slash, path = rest.partition("/")
    user, at, host = place.rpartition("@")
    if scheme.lower() == "http" and not _is_loopback(urlsplit(f"//{host}").hostname or ""):
        raise MlciError(
            f"{variable} is not encrypted: anybody on the way could read the credentials and change"
            " the models",
            hint="name an https address, or let a tunnel of this machine lead there",
        )
    name, _, password = user.partition(":")
    given = (unquote(name), unquote(password)) if at else None
    return MlflowHttp(
        f"{scheme.lower()}://{host}{slash}{path}",
        _authorization(environ, given),
        network=network,
        sleep=sleep,
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _authorization(environ: Mapping[str, str], in_address: tuple[str, str] | None) -> str:
    """The header's value, '' without credentials; a user and a password go before a token."""
    user = environ.get("MLFLOW_TRACKING_USERNAME", "")
    password = environ.get("MLFLOW_TRACKING_PASSWORD", "")
    token = environ.get("MLFLOW_TRACKING_TOKEN", "").strip()
    if user and password:
        return _basic(user, password)
    if token:
        usual = token.isascii() and token.isprintable() and " " not in token
        if not usual or len(token) > _MAX_CREDENTIAL_CHARS:
            raise MlciError(
                "MLFLOW_TRACKING_TOKEN holds characters that no token has", hint="copy it again"
            )
        return f"Bearer {token}"
    return _basic(*in_address) if in_address else ""


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
