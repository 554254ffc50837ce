"""Step `fetch` brings baselines from GitHub; what it leaves is all that later steps get to see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlci_action.adapters.baselines import Baseline, BaselineFinder
from mlci_action.adapters.fetched import FetchedRefs, objects_in, read_fetched
from mlci_action.adapters.git import Git
from mlci_action.domain.sources import parse_source
from mlci_action.errors import BaselineError
from mlci_action.stages import run_stage
from tests.builders_bundle import make_bundle
from tests.fakes.artifacts import zipped, zipped_folder
from tests.fakes.github_answers import REPOSITORY
from tests.fakes.github_faults import Fault
from tests.fakes.github_server import TOKEN, GitHubServer
from tests.fakes.repositories import Repository

SETTINGS = """\
data: {{evaluation: test.csv, target: y}}
candidate: {{model: m.joblib}}
baseline: {{from: [{}]}}
metrics: {{accuracy: {{min: 0.5}}}}
"""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job on a pull request, checked out without its history."""

    environ: dict[str, str]
    github: GitHubServer
    clone: Repository
    older: str
    main: str

    @property
    def state(self) -> Path:
        """The folder of the run's own files."""
        return Path(self.environ["MLCI_STATE"])

    def fetch(self, **more: str) -> FetchedRefs:
        """Run the step; what it left."""
        assert run_stage("fetch", {**self.environ, "MLCI_TOKEN": TOKEN, **more}) == 0
        return read_fetched(self.state)

    def evaluate(self, *sources: str) -> Baseline:
        """What a step without a token finds."""
        git = Git(folder=self.clone.folder, extra_objects=objects_in(self.state))
        fetched = read_fetched(self.state)
        finder = BaselineFinder(
            folder=self.clone.folder,
            store=self.state / "found",
            git=git,
            base=self.main,
            no_base="",
            under_test=frozenset({self.clone.head()}),
            fetch=fetched.commit,
            recorded=fetched.baseline,
        )
        return finder.find([parse_source(source) for source in sources])


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    origin = Repository(tmp_path / "origin")
    base = SETTINGS.format("artifact, release")
    older = origin.commit({"mlci.yml": base.encode(), "m.joblib": b"older"}, "older")
    main = origin.commit({"m.joblib": b"old"}, "base")
    origin.branch("topic")
    head = origin.commit({"m.joblib": b"new"}, "head")
    clone = origin.cloned(tmp_path / "clone", depth=1)
    (tmp_path / "state").mkdir()
    repo = {"full_name": REPOSITORY}
    pull = {
        "number": 7,
        "head": {"sha": head, "repo": repo},
        "base": {"sha": main, "ref": "main", "repo": repo},
    }
    (tmp_path / "event.json").write_text(json.dumps({"pull_request": pull}))
    bare = {REPOSITORY: origin.folder / ".git"}
    with GitHubServer(repositories=bare, needs_git_token=True) as github:
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
            "MLCI_STATE": str(tmp_path / "state"),
        }
        yield Job(environ=environ, github=github, clone=clone, older=older, main=main)
        assert github.violations == []
        assert github.storage.with_token == []


def test_an_artifact_of_the_base_branch_is_there_without_a_token(
    job: Job, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the commit that it was made from, for that one's data and code."""
    bundle = make_bundle(tmp_path / "bundle", commit=job.older)
    job.github.artifacts.add("mlci-bundle", zipped_folder(bundle.folder), head_sha=job.older)
    refs = job.fetch()
    asked = len(job.github.requests)
    found = job.evaluate("artifact")
    assert (found.bundle_digest, found.commit) == (bundle.digest, job.older)
    assert len(job.github.requests) == asked
    assert refs.commits == {job.main: job.main, job.older: job.older}
    assert found.file.path.read_bytes() == bundle.model.read_bytes()

    left = b"".join(path.read_bytes() for path in job.state.rglob("*") if path.is_file())
    printed = capsys.readouterr()
    for text in (left, printed.out.encode(), printed.err.encode()):
        assert TOKEN.encode() not in text
        assert b"signature=" not in text


def test_what_the_base_branch_names_is_brought_and_not_what_the_change_would_like(job: Job) -> None:
    job.github.artifacts.add("mlci-bundle", zipped({"m.joblib": b"strong"}))
    job.github.artifacts.add("weaker", zipped({"m.joblib": b"weak"}))
    (job.clone.folder / "mlci.yml").write_text(SETTINGS.format("artifact:weaker"))
    assert set(job.fetch().baselines) == {"artifact:mlci-bundle"}


def test_the_source_that_the_caller_names_is_nobodys_setting(job: Job) -> None:
    release = job.github.releases.add("v1")
    job.github.releases.add_asset(release, "m.joblib", b"released")
    assert set(job.fetch(MLCI_INPUT_BASELINE="release:v1").baselines) == {"release:v1"}
    assert job.evaluate("release:v1").file.path.read_bytes() == b"released"


@pytest.mark.parametrize("status", [401, 403])
def test_a_step_that_could_not_look_ends_well_and_says_so(job: Job, status: int) -> None:
    job.github.fail("GET", "/actions/", Fault(status=status), times=99)
    job.github.fail("GET", "/releases/", Fault(status=status), times=99)
    job.fetch()
    with pytest.raises(BaselineError, match=f"GitHub answered {status}"):
        job.evaluate("artifact", "release")


def test_what_changed_after_the_step_is_not_taken(job: Job) -> None:
    job.github.artifacts.add("mlci-bundle", zipped({"m.joblib": b"old"}))
    found = job.fetch().baselines["artifact:mlci-bundle"]
    Path(found.path).write_bytes(b"planted")
    with pytest.raises(BaselineError, match="changed after it was fetched"):
        job.evaluate("artifact")


def test_the_step_needs_no_library_for_tables() -> None:
    """Its environment has none; whatever it imports counts."""
    code = (
        "import sys, mlci_action.stages.fetch, mlci_action.adapters.baseline_sources.artifact,"
        "mlci_action.adapters.baseline_sources.release;"
        "print({'pandas', 'numpy', 'scipy', 'fsspec', 'mlflow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
