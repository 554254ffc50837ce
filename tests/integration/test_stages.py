"""The stages of action.yml, called as its steps call them, beside a stand-in for GitHub."""

from __future__ import annotations

import itertools
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlci_action.adapters.bundles import read_bundle
from mlci_action.adapters.world import RealWorld
from mlci_action.domain.fail_on import FailOn
from mlci_action.domain.outcomes import Verdict
from mlci_action.errors import MlciError
from mlci_action.rendering.manifest_json import manifest_to_json
from mlci_action.stages import run_stage
from mlci_action.stages.surroundings import comment_key, inputs_of
from tests.fakes.github_answers import REPOSITORY
from tests.fakes.github_server import TOKEN, GitHubServer
from tests.fakes.repositories import Repository

NUMBER = 7


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job on a runner: what its steps see, and what they have written so far."""

    environ: dict[str, str]
    github: GitHubServer
    repository: Repository

    def step(self, name: str, **more: str) -> int:
        """Run one stage; the exit code is the step's."""
        return run_stage(name, {**self.environ, **more})

    @property
    def outputs(self) -> dict[str, str]:
        """What the steps have put out, the later one where two agree on a name."""
        lines = Path(self.environ["GITHUB_OUTPUT"]).read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def summary(self) -> str:
        """The job's summary."""
        return Path(self.environ["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")

    def through(self) -> dict[str, str]:
        """Run all steps as action.yml does, and answer the outputs."""
        self.step("fetch", MLCI_TOKEN=TOKEN)
        code = self.step("evaluate")
        seen = self.outputs
        self.step("comment", MLCI_TOKEN=TOKEN, MLCI_REPORT_DIGEST=seen["report-digest"])
        self.step(
            "verdict",
            MLCI_EVALUATE_OUTCOME="failure" if code else "success",
            MLCI_EVALUATE_VERDICT=seen["verdict"],
            MLCI_EVALUATE_DEPLOY=seen["deploy"],
            MLCI_EVALUATE_EXIT_CODE=seen["exit-code"],
        )
        return {**seen, **self.outputs}


@pytest.fixture
def repository(project: Path) -> Repository:
    """The project with its old model on main, and a branch that brings the new one."""
    made = Repository(project)
    new = (project / "new.joblib").read_bytes()
    old = (project / "old.joblib").read_bytes()
    for name in ("new.joblib", "old.joblib"):
        (project / name).unlink()
    settings = (project / "mlci.yml").read_text().replace("new.joblib", "m.joblib")
    settings = settings.replace("old.joblib", "git:base:m.joblib")
    made.commit({"m.joblib": old, "mlci.yml": settings.encode()}, "base")
    made.branch("topic")
    made.commit({"m.joblib": new}, "head")
    return made


@pytest.fixture
def job(repository: Repository, tmp_path: Path) -> Iterator[Job]:
    """A job on a pull request that was checked out without its history."""
    clone = repository.cloned(tmp_path / "clone", depth=1)
    head, base = repository.head(), repository.git("rev-parse", "main")
    repo = {"full_name": REPOSITORY}
    pull = {
        "number": NUMBER,
        "head": {"sha": head, "repo": repo},
        "base": {"sha": base, "ref": "main", "repo": repo},
    }
    (tmp_path / "event.json").write_text(json.dumps({"pull_request": pull}))
    for name in ("output", "summary", "env", "path"):
        (tmp_path / name).touch()
    (tmp_path / "state").mkdir()
    bare = {REPOSITORY: repository.folder / ".git"}
    with GitHubServer(repositories=bare, needs_git_token=True) as github:
        github.add_pull(NUMBER, head_sha=head)
        environ = {
            "PATH": os.environ["PATH"],
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_SHA": head,
            "GITHUB_SERVER_URL": github.url,
            "GITHUB_API_URL": github.url,
            "GITHUB_WORKSPACE": str(clone.folder),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "GITHUB_ENV": str(tmp_path / "env"),
            "GITHUB_PATH": str(tmp_path / "path"),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
            "MLCI_STATE": str(tmp_path / "state"),
            "MLCI_PULL_REQUEST": str(NUMBER),
            "MLCI_HEAD_SHA": head,
            "MLCI_EVALUATE_OUTCOME": "success",
            "MLCI_INPUT_PYTHON": sys.executable,
        }
        yield Job(environ=environ, github=github, repository=clone)
        assert github.violations == []


def test_a_pull_request_goes_through_all_steps(
    job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    """The base commit is not in the clone: it is fetched with the token, and read without it."""
    outputs = job.through()
    assert (outputs["verdict"], outputs["deploy"], outputs["exit-code"]) == ("pass", "true", "0")
    assert outputs["comment-status"] == "created"
    assert [comment["html_url"] for comment in job.github.comments] == [outputs["comment-url"]]
    assert "mlci: pass" in job.summary
    assert set(json.loads(outputs["metrics"])) == {"roc_auc", "accuracy"}
    assert outputs["model-digest"].startswith("sha256:")
    bundle = read_bundle(Path(outputs["bundle-path"]))
    assert bundle.manifest.model.digest == outputs["model-digest"]
    assert Path(outputs["manifest-path"]).read_text() == manifest_to_json(bundle.manifest)
    assert "::notice title=mlci%3A pass::" in capsys.readouterr().out
    assert TOKEN not in job.summary + json.dumps(outputs)


@pytest.mark.parametrize("name", ["bundle/profile.json", "bundle/manifest.json", "manifest.json"])
def test_a_bundle_that_was_rewritten_deploys_nothing(
    job: Job, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Whatever the user's code left running may have done so, until it is ended."""
    report = Path(job.environ["MLCI_STATE"], "report")

    def rewritten(*_: object) -> tuple[()]:
        text = (report / name).read_text()
        (report / name).write_text(text.replace('"seed": 0', '"seed": 1') + " ")
        return ()

    monkeypatch.setattr("mlci_action.stages.evaluate._on_changed_lines", rewritten)
    outputs = job.through()
    assert (outputs["verdict"], outputs["deploy"], outputs["bundle-path"]) == ("error", "false", "")
    assert "bundle" in outputs["reason"] or "profile.json" in outputs["reason"]
    assert not (report / "bundle").exists()


def test_what_user_code_left_in_the_runners_files_is_dropped(job: Job) -> None:
    """A line that is there before our outputs would be an output of ours."""
    job.step("fetch", MLCI_TOKEN=TOKEN)
    planted = {
        "GITHUB_OUTPUT": "deploy=true\nplanted=yes\n",
        "GITHUB_ENV": "BASH_ENV=trap.sh\n",
        "GITHUB_PATH": "trap\n",
    }
    for name, text in planted.items():
        Path(job.environ[name]).write_text(text)
    job.step("evaluate", MLCI_INPUT_CANDIDATE="nothing.joblib")
    assert "planted" not in job.outputs
    assert job.outputs["deploy"] == "false"
    assert Path(job.environ["GITHUB_ENV"]).read_text() == ""
    assert Path(job.environ["GITHUB_PATH"]).read_text() == ""


@pytest.mark.parametrize("how", ["a signal", "no report"])
def test_a_step_that_ends_early_leaves_nothing_of_user_code_in_the_runners_files(
    job: Job, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model may end our step itself (kill the parent, take the report's place)."""

    def planted(_: RealWorld) -> None:
        Path(job.environ["GITHUB_ENV"]).write_text("BASH_ENV=trap.sh\n")
        Path(job.environ["GITHUB_OUTPUT"]).write_text("deploy=true\nmodel-digest=forged\n")
        if how == "a signal":
            raise SystemExit(143)
        Path(job.environ["MLCI_STATE"], "report").write_text("no folder")

    monkeypatch.setattr(RealWorld, "find_candidate", planted)
    with pytest.raises((SystemExit, MlciError)):
        job.step("evaluate")
    assert Path(job.environ["GITHUB_ENV"]).read_text() == ""
    assert job.outputs == {}


def test_a_report_that_changed_after_it_was_written_is_not_posted(job: Job) -> None:
    job.step("evaluate", MLCI_INPUT_CANDIDATE="nothing.joblib")
    digest = job.outputs["report-digest"]
    path = Path(job.outputs["report-path"], "report.json")
    path.write_text(path.read_text().replace("error", "pass"))
    assert job.step("comment", MLCI_TOKEN=TOKEN, MLCI_REPORT_DIGEST=digest) == 0
    assert job.outputs["comment-status"] == "failed"
    assert "changed after it was written" in job.summary
    assert job.github.requests == []


def test_of_an_evaluation_that_was_killed_the_comment_says_only_that(job: Job) -> None:
    """What it left behind, outputs included, may be anybody's."""
    job.step("fetch", MLCI_TOKEN=TOKEN)
    job.step("evaluate")
    digest = job.outputs["report-digest"]
    job.step(
        "comment",
        MLCI_TOKEN=TOKEN,
        MLCI_REPORT_DIGEST=digest,
        MLCI_EVALUATE_OUTCOME="failure",
    )
    (comment,) = job.github.comments
    assert "mlci: error" in comment["body"]
    assert "ended before it reached a verdict" in comment["body"]
    assert "roc_auc" not in comment["body"]


def test_an_event_file_that_was_rewritten_does_not_move_the_comment(job: Job) -> None:
    """Which pull request it is, the runner says itself."""
    job.step("evaluate", MLCI_INPUT_CANDIDATE="nothing.joblib")
    path = Path(job.environ["GITHUB_EVENT_PATH"])
    path.write_text(path.read_text().replace(f'"number": {NUMBER}', '"number": 99'))
    digest = job.outputs["report-digest"]
    job.step("comment", MLCI_TOKEN=TOKEN, MLCI_REPORT_DIGEST=digest)
    assert job.outputs["comment-status"] == "created"
    assert [comment["issue_url"].rsplit("/")[-1] for comment in job.github.comments] == ["7"]


def test_a_wrong_input_is_an_error_with_a_report(job: Job) -> None:
    code = job.step("evaluate", MLCI_INPUT_FAIL_ON="sometimes", MLCI_INPUT_COMMENT="yes")
    outputs = job.outputs
    assert (code, outputs["verdict"], outputs["deploy"]) == (0, "error", "false")
    assert "2 inputs are wrong" in outputs["reason"]
    assert "fail-on: unknown value 'sometimes'" in job.summary


def test_a_ref_that_cannot_be_fetched_is_told_by_the_step_that_evaluates(job: Job) -> None:
    """The step that fetches never fails the run: it has no report to put a reason in."""
    baseline = "git:no-such-branch:m.joblib"
    assert job.step("fetch", MLCI_TOKEN=TOKEN, MLCI_INPUT_BASELINE=baseline) == 0
    job.step("evaluate", MLCI_INPUT_BASELINE=baseline)
    assert (job.outputs["verdict"], job.outputs["deploy"]) == ("error", "false")
    assert "'no-such-branch' cannot be fetched" in job.outputs["reason"]


def test_a_branch_that_the_clone_lacks_is_fetched_by_its_name(job: Job) -> None:
    baseline = "git:main:m.joblib"
    job.step("fetch", MLCI_TOKEN=TOKEN, MLCI_INPUT_BASELINE=baseline)
    job.step("evaluate", MLCI_INPUT_BASELINE=baseline)
    assert (job.outputs["verdict"], job.outputs["deploy"]) == ("pass", "true")


def test_a_wrong_token_fetches_nothing_and_is_told_nowhere(
    job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    job.step("fetch", MLCI_TOKEN="another-secret")  # noqa: S106 - it is meant to be wrong
    job.step("evaluate")
    assert (job.outputs["verdict"], job.outputs["deploy"]) == ("error", "false")
    assert "another-secret" not in capsys.readouterr().out + job.summary


def test_without_comment_nothing_is_asked_of_github(job: Job) -> None:
    job.step("evaluate", MLCI_INPUT_CANDIDATE="nothing.joblib")
    digest = job.outputs["report-digest"]
    job.step("comment", MLCI_REPORT_DIGEST=digest, MLCI_INPUT_COMMENT="false")
    assert job.outputs["comment-status"] == "skipped"
    assert job.github.requests == []


# The contract, row by row: verdict, exit code -> red under fail, inconclusive, error, never.
TABLE = {
    ("pass", "0"): (0, 0, 0, 0),
    ("inconclusive", "1"): (0, 1, 0, 0),
    ("fail", "1"): (1, 1, 0, 0),
    ("error", "2"): (1, 1, 1, 0),
    ("error", "3"): (1, 1, 1, 1),
}


@pytest.mark.parametrize(("verdict", "exit_code"), TABLE)
@pytest.mark.parametrize(("column", "fail_on"), tuple(enumerate(FailOn)))
@pytest.mark.parametrize("outcome", ["success", "failure", "cancelled", "skipped", ""])
@pytest.mark.parametrize("deploy", ["true", "false", "TRUE", ""])
def test_the_verdict_step_follows_the_table(
    tmp_path: Path,
    verdict: str,
    exit_code: str,
    column: int,
    fail_on: FailOn,
    outcome: str,
    deploy: str,
) -> None:
    """`deploy=true` needs a step that succeeded, a verdict that may deploy, and its own `true`."""
    output = tmp_path / "output"
    output.touch()
    code = run_stage(
        "verdict",
        {
            "GITHUB_OUTPUT": str(output),
            "MLCI_INPUT_FAIL_ON": fail_on.value,
            "MLCI_EVALUATE_OUTCOME": outcome,
            "MLCI_EVALUATE_VERDICT": verdict,
            "MLCI_EVALUATE_DEPLOY": deploy,
            "MLCI_EVALUATE_EXIT_CODE": exit_code,
        },
    )
    reached = verdict if outcome == "success" else "error"
    opens = (
        outcome == "success"
        and deploy == "true"
        and (verdict, exit_code) in {("pass", "0"), ("inconclusive", "1")}
    )
    assert output.read_text().splitlines() == [
        f"deploy={'true' if opens else 'false'}",
        f"verdict={reached}",
    ]
    assert code == (TABLE[verdict, exit_code][column] if outcome == "success" else 1)


@pytest.mark.parametrize(
    ("verdict", "exit_code"),
    [
        pair
        for pair in itertools.product(
            (*Verdict, "passed", ""), ("0", "1", "2", "3", "143", "x", "")
        )
        if pair not in TABLE
    ],
)
def test_a_verdict_that_contradicts_its_exit_code_is_red_and_deploys_nothing(
    tmp_path: Path, verdict: str, exit_code: str
) -> None:
    """Under every `fail-on`: something else than the evaluation wrote it."""
    output = tmp_path / "output"
    output.touch()
    code = run_stage(
        "verdict",
        {
            "GITHUB_OUTPUT": str(output),
            "MLCI_INPUT_FAIL_ON": "never",
            "MLCI_EVALUATE_OUTCOME": "success",
            "MLCI_EVALUATE_VERDICT": verdict,
            "MLCI_EVALUATE_DEPLOY": "true",
            "MLCI_EVALUATE_EXIT_CODE": exit_code,
        },
    )
    assert (code, output.read_text().splitlines()[0]) == (1, "deploy=false")


def test_an_unknown_fail_on_is_red(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "output"
    output.touch()
    environ = {
        "GITHUB_OUTPUT": str(output),
        "MLCI_INPUT_FAIL_ON": "sometimes",
        "MLCI_EVALUATE_OUTCOME": "success",
        "MLCI_EVALUATE_VERDICT": "error",
        "MLCI_EVALUATE_DEPLOY": "false",
        "MLCI_EVALUATE_EXIT_CODE": "2",
    }
    assert run_stage("verdict", environ) == 1
    assert "unknown value 'sometimes'" in capsys.readouterr().out


def test_an_unknown_stage_is_a_bug() -> None:
    with pytest.raises(ValueError, match="unknown stage"):
        run_stage("deploy", {})


@pytest.mark.parametrize(
    ("inputs", "key"),
    [
        ({}, "default"),
        ({"MLCI_INPUT_ID": "scoring"}, "scoring"),
        ({"MLCI_INPUT_CONFIG": "fraud/mlci.yml"}, "fraud.mlci.yml"),
        ({"MLCI_INPUT_WORKING_DIRECTORY": "fraud"}, "fraud.mlci.yml"),
    ],
)
def test_gates_of_different_settings_have_different_comments(
    inputs: dict[str, str], key: str
) -> None:
    assert comment_key(inputs_of(inputs)) == key
