from __future__ import annotations

import pytest

from mlci_action.adapters.worker_environment import worker_environment
from mlci_action.errors import SettingsError


def test_what_an_interpreter_needs_passes() -> None:
    needed = {"PATH": "/bin", "HOME": "/root", "LC_ALL": "C", "OMP_NUM_THREADS": "2"}

    assert worker_environment(needed) == needed


@pytest.mark.parametrize(
    "name",
    [
        "GITHUB_OUTPUT",
        "GITHUB_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "RUNNER_TEMP",
        "INPUT_GITHUB-TOKEN",
        "MLCI_STATE",
        "OMP_TOKEN",
        "HF_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "LD_PRELOAD",
        "PYTHONSTARTUP",
        "HTTPS_PROXY",
    ],
)
def test_everything_else_stays_outside(name: str) -> None:
    assert worker_environment({name: "x", "PATH": "/bin"}) == {"PATH": "/bin"}


def test_the_settings_let_a_variable_through_by_name() -> None:
    environ = {"FEATURE_STORE": "x", "OTHER": "y"}

    assert worker_environment(environ, ["FEATURE_STORE"]) == {"FEATURE_STORE": "x"}


@pytest.mark.parametrize("name", ["GITHUB_ENV", "github_env", "HF_TOKEN", "INPUT_X", "MLCI_TOKEN"])
def test_the_settings_cannot_ask_for_a_token(name: str) -> None:
    with pytest.raises(SettingsError, match=f"worker.env: '{name}' is never given"):
        worker_environment({name: "x"}, [name])
