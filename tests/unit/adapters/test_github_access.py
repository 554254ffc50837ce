"""Which repository is asked? This run's own, and never a host that only the clone names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlci_action.adapters.github_access import github_of
from mlci_action.adapters.github_event import Change
from mlci_action.errors import BaselineUnknown
from tests.fakes.repositories import Repository

TOKEN = {"GITHUB_TOKEN": "stand-in-token"}


@pytest.mark.parametrize(
    "origin",
    [
        "https://github.com/octo/models",
        "https://github.com/octo/models.git/",
        "https://somebody:secret@github.com/octo/models.git",
        "git@github.com:octo/models.git",
        "ssh://git@github.com/octo/models.git",
        "ssh://git@ssh.github.com:443/octo/models.git",
    ],
)
def test_a_clone_names_its_repository(tmp_path: Path, origin: str) -> None:
    clone = Repository(tmp_path)
    clone.git("remote", "add", "origin", origin)
    found = github_of(Change(), {**TOKEN, "PATH": os.environ["PATH"]}, tmp_path)
    assert (found.repository, found.http.base_url) == ("octo/models", "https://api.github.com")


@pytest.mark.parametrize(
    "origin",
    [
        "https://git.example.org/octo/models",
        "https://github.com.example.org/octo/models",
        "git@example.org:octo/models.git",
        "/srv/git/models.git",
        "file:///srv/git/github.com/octo/models.git",
        "https://[::1/octo/models",
        "https://github.com/octo",
    ],
)
def test_a_clone_of_something_else_gets_no_token(tmp_path: Path, origin: str) -> None:
    clone = Repository(tmp_path)
    clone.git("remote", "add", "origin", origin)
    with pytest.raises(BaselineUnknown, match=r"which is not github\.com"):
        github_of(Change(), {**TOKEN, "PATH": os.environ["PATH"]}, tmp_path)


def test_the_runner_says_which_repository_it_is(tmp_path: Path) -> None:
    named = {**TOKEN, "GITHUB_REPOSITORY": "octo/models", "GITHUB_API_URL": "https://ghe/api/v3"}
    found = github_of(Change(), named, tmp_path)
    assert found.url == "https://ghe/api/v3/repos/octo/models"
    event = Change(event_name="push", repository="octo/others")
    assert github_of(event, TOKEN, tmp_path).repository == "octo/others"


@pytest.mark.parametrize("environ", [{}, {"GITHUB_TOKEN": ""}, {"GITHUB_TOKEN": "two words"}])
def test_without_a_usable_token_nobody_can_look(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(BaselineUnknown) as caught:
        github_of(Change(repository="octo/models"), environ, tmp_path)
    assert "two words" not in str(caught.value)
