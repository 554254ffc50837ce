"""MLflow's own variables say which server it is, and as whom it is asked."""

from __future__ import annotations

import base64

import pytest

from mlci_action.adapters.mlflow_access import NoServerNamed, access_from
from mlci_action.errors import MlciError

SERVER = {"MLFLOW_TRACKING_URI": "https://host.example/ml"}


def authorization(**variables: str) -> str | None:
    return access_from({**SERVER, **variables}).tracking.headers.get("Authorization")


def basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


def test_without_a_server_nobody_can_look() -> None:
    with pytest.raises(NoServerNamed, match="MLFLOW_TRACKING_URI is not set"):
        access_from({"MLFLOW_TRACKING_URI": " "})


def test_the_registry_is_at_the_same_server_unless_it_is_said_where() -> None:
    same = access_from(SERVER)
    assert same.registry.base_url == same.tracking.base_url == "https://host.example/ml"
    other = access_from({**SERVER, "MLFLOW_REGISTRY_URI": "https://models.example:5000"})
    assert (other.registry.base_url, other.host) == (
        "https://models.example:5000",
        "models.example:5000",
    )


@pytest.mark.parametrize(
    ("variables", "header"),
    [
        ({}, None),
        ({"MLFLOW_TRACKING_TOKEN": " t0ken\n"}, "Bearer t0ken"),
        ({"MLFLOW_TRACKING_USERNAME": "ü", "MLFLOW_TRACKING_PASSWORD": "p:w"}, basic("ü:p:w")),
        ({"MLFLOW_TRACKING_USERNAME": "user", "MLFLOW_TRACKING_TOKEN": "t"}, "Bearer t"),
        ({"MLFLOW_TRACKING_URI": "HTTPS://user:p%40w@host.example"}, basic("user:p@w")),
    ],
    ids=["nobody", "token", "password", "user without password", "in the address"],
)
def test_credentials_are_those_that_mlflow_would_show(
    variables: dict[str, str], header: str | None
) -> None:
    assert authorization(**variables) == header


def test_a_password_in_the_address_is_in_no_text() -> None:
    access = access_from({"MLFLOW_TRACKING_URI": "https://user:hunter2@host.example/ml"})
    assert "hunter2" not in f"{access.host}{access!r}{access.tracking.base_url}"


@pytest.mark.parametrize("token", ["two words", "tökén", "x" * 9000])
def test_a_token_that_is_none_is_not_shown(token: str) -> None:
    with pytest.raises(MlciError, match="characters that no token has") as caught:
        authorization(MLFLOW_TRACKING_TOKEN=token)
    assert token not in str(caught.value)


@pytest.mark.parametrize("address", ["databricks", "file:./mlruns", "sqlite:///mlflow.db"])
def test_what_is_no_server_is_a_wrong_set_up(address: str) -> None:
    kind = address.partition(":")[0]
    with pytest.raises(MlciError, match=f"names no server but '{kind}'"):
        access_from({"MLFLOW_TRACKING_URI": address})


@pytest.mark.parametrize("value", ["true", "1", "TRUE"])
def test_certificates_are_always_checked(value: str) -> None:
    with pytest.raises(MlciError, match="MLFLOW_TRACKING_SERVER_CERT_PATH"):
        authorization(MLFLOW_TRACKING_INSECURE_TLS=value)
    authorization(MLFLOW_TRACKING_INSECURE_TLS="false")


def test_the_servers_own_certificate_goes_before_the_machines() -> None:
    given = {"REQUESTS_CA_BUNDLE": "/all.pem", "HTTPS_PROXY": "http://proxy.example"}
    session = access_from({**SERVER, **given}).tracking.session
    assert (session.verify, session.proxies) == ("/all.pem", {"https": "http://proxy.example"})
    own = {"MLFLOW_TRACKING_SERVER_CERT_PATH": "/own.pem"}
    assert access_from({**SERVER, **given, **own}).tracking.session.verify == "/own.pem"


@pytest.mark.parametrize(
    "address", ["http://host.example", "HTTP://10.0.0.7:5000", "http://127.0.0.1@host.example"]
)
@pytest.mark.parametrize("variable", ["MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"])
def test_what_is_not_encrypted_is_asked_on_this_machine_alone(variable: str, address: str) -> None:
    with pytest.raises(MlciError, match=f"{variable} is not encrypted"):
        access_from({**SERVER, variable: address})
    for here in ("http://localhost:5000", "http://127.0.0.1", "http://[::1]:5000"):
        access_from({**SERVER, variable: here})
