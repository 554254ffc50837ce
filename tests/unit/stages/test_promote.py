from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlci_action.adapters.bundles import Bundle
from mlci_action.stages import run_stage
from tests.fakes.github_answers import REPOSITORY
from tests.fakes.github_server import TOKEN, GitHubServer
from tests.fakes.passing_reports import make_report
from tests.fakes.runner import commands, file_values

MAIN = {"GITHUB_REF": "refs/heads/main", "MLCI_DEFAULT_BRANCH": "main"}


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return make_report(tmp_path / "report")


def environ(tmp_path: Path, **more: str) -> dict[str, str]:
    """What promote/action.yml and the runner set."""
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"repository": {"default_branch": "written-by-anybody"}}))
    (tmp_path / "output").touch()
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_WORKSPACE": str(tmp_path),
        "MLCI_INPUT_REPORT": "report",
        "MLCI_INPUT_TO": "models",
        "MLCI_INPUT_REPLACE": "false",
        "MLCI_INPUT_MODEL_DIGEST": "none",
        "MLCI_TOKEN": TOKEN,
        **MAIN,
        **more,
    }


def outputs(tmp_path: Path) -> dict[str, str]:
    return file_values((tmp_path / "output").read_text())


def test_a_folder_is_filled_and_the_outputs_say_so(
    tmp_path: Path, bundle: Bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    for said in ("promoted", "already in place"):
        assert run_stage("promote", environ(tmp_path)) == 0
        where = outputs(tmp_path)["where"]
        assert outputs(tmp_path) == {
            "promoted": "true",
            "where": where,
            "bundle-digest": bundle.digest,
        }
        assert (Path(where) / "manifest.json").exists()
        assert capsys.readouterr().out == f"{said}: {where}\n"


def test_a_release_is_written_with_the_token(tmp_path: Path, bundle: Bundle) -> None:
    with GitHubServer() as server:
        given = environ(
            tmp_path, MLCI_INPUT_TO="release:models", MLCI_INPUT_GITHUB_API_URL=server.url
        )
        assert run_stage("promote", given) == 0
        assert server.violations == []
    assert outputs(tmp_path)["promoted"] == "true"
    assert bundle.zip_name in outputs(tmp_path)["where"]


@pytest.mark.parametrize(
    ("more", "code", "sentence"),
    [
        ({"MLCI_INPUT_MODEL_DIGEST": "sha256:" + "0" * 64}, 1, "the one to promote is"),
        ({"MLCI_INPUT_TO": "release:models", "MLCI_DEFAULT_BRANCH": ""}, 1, "default branch"),
        # What the event file says of the default branch is nobody's word.
        (
            {"MLCI_INPUT_TO": "release:models", "GITHUB_REF": "refs/heads/written-by-anybody"},
            1,
            "it is not the default branch",
        ),
        ({"MLCI_INPUT_REPORT": "nowhere"}, 2, "no report at"),
        ({"MLCI_INPUT_REPORT": ""}, 2, "`report` is empty"),
        ({"MLCI_INPUT_TO": " "}, 2, "`to` is empty"),
        ({"MLCI_INPUT_MODEL_DIGEST": ""}, 2, "`model-digest` is empty"),
        ({"MLCI_INPUT_REPLACE": "yes"}, 2, "neither true nor false"),
        ({"MLCI_INPUT_GITHUB_API_URL": "nowhere"}, 2, "github-api-url"),
        ({"MLCI_INPUT_TO": "release:models", "MLCI_TOKEN": ""}, 2, "no token"),
        ({"MLCI_INPUT_TO": "artifact"}, 2, "bundle-path"),
        ({"MLCI_INPUT_TO": "x://\n::set-output name=promoted::true"}, 2, "nothing can be"),
    ],
)
@pytest.mark.usefixtures("bundle")
def test_what_is_not_promoted_is_false_and_an_annotation_says_why(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: dict[str, str],
    code: int,
    sentence: str,
) -> None:
    assert run_stage("promote", environ(tmp_path, **more)) == code
    assert outputs(tmp_path) == {"promoted": "false", "where": "", "bundle-digest": ""}
    (annotation,) = commands(capsys.readouterr().out)
    assert annotation.name == "error"
    assert sentence in annotation.data
    assert TOKEN not in annotation.data
    assert not (tmp_path / "models").exists()


def test_another_model_in_place_is_replaced_only_where_that_is_asked_for(
    tmp_path: Path, bundle: Bundle
) -> None:
    other = make_report(tmp_path / "other", model=b"another model")
    assert run_stage("promote", environ(tmp_path)) == 0
    given = environ(tmp_path, MLCI_INPUT_REPORT="other")
    assert run_stage("promote", given) == 1
    assert outputs(tmp_path)["promoted"] == "false"
    assert run_stage("promote", given | {"MLCI_INPUT_REPLACE": "true"}) == 0
    assert outputs(tmp_path)["bundle-digest"] == other.digest != bundle.digest
