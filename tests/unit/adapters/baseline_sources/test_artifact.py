"""Which artifact is a baseline? Never a fork's, a pull request's, or one that came damaged."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlci_action.adapters.baseline_sources.artifact import take
from mlci_action.adapters.baseline_sources.taken import Place, Taken
from mlci_action.adapters.bundles import open_bundle
from mlci_action.adapters.github_event import Change
from mlci_action.domain.sources import ArtifactSource
from mlci_action.errors import BaselineError, BaselineMissing, BaselineUnknown
from tests.builders_bundle import make_bundle
from tests.fakes.artifacts import zip_with_link, zip_with_twins, zipped, zipped_folder
from tests.fakes.github_answers import REPOSITORY, REPOSITORY_ID
from tests.fakes.github_faults import Delivery, Fault
from tests.fakes.github_server import TOKEN, GitHubServer
from tests.fakes.repositories import Repository

SOURCE = ArtifactSource()
NAME = SOURCE.name
HEAD = "e" * 40
CHANGE = Change(
    event_name="pull_request", repository=REPOSITORY, base_ref="main", head_repository=REPOSITORY
)
MODEL = zipped({"model.joblib": b"the old model"})


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    with GitHubServer() as server:
        yield server
        assert server.violations == []
        assert server.storage.with_token == []


@pytest.fixture
def place(server: GitHubServer, tmp_path: Path) -> Place:
    return Place(
        folder=tmp_path,
        store=tmp_path / "store",
        environ={"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": server.url},
        change=CHANGE,
        under_test=frozenset({HEAD}),
    )


def no_sleep(_seconds: float) -> None:
    """Time does not matter here."""


def taken(place: Place, source: ArtifactSource = SOURCE) -> Taken:
    return take(source, place, sleep=no_sleep)


def refused(place: Place) -> BaselineError:
    with pytest.raises(BaselineError) as caught:
        taken(place)
    assert TOKEN not in str(caught.value)
    assert "signature" not in str(caught.value)
    return caught.value


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_bundle_comes_with_where_it_is_from(
    server: GitHubServer, place: Place, tmp_path: Path
) -> None:
    bundle = make_bundle(tmp_path / "bundle")
    made = server.artifacts.add(NAME, zipped_folder(bundle.folder))
    found = taken(place)
    assert found == Taken(
        path=place.store / "artifact.zip",
        origin=f"artifact {NAME} of run {made['workflow_run']['id']} on main",
        commit="d" * 40,
        modified=made["created_at"],
        url=f"{server.url}/{REPOSITORY}/actions/runs/{made['workflow_run']['id']}",
    )
    assert open_bundle(found.path, tmp_path / "opened").digest == bundle.digest


def test_the_one_file_in_an_artifact_is_the_model(server: GitHubServer, place: Place) -> None:
    server.artifacts.add(NAME, MODEL)
    found = taken(place)
    assert (found.path.name, found.path.read_bytes()) == ("model.joblib", b"the old model")


def test_a_file_that_was_uploaded_without_a_zip_is_itself(
    server: GitHubServer, place: Place
) -> None:
    server.artifacts.add("m.joblib", b"not packed at all")
    found = taken(place, ArtifactSource(name="m.joblib"))
    assert found.path.read_bytes() == b"not packed at all"


def test_the_newest_of_the_base_branch_is_taken(server: GitHubServer, place: Place) -> None:
    for number in range(3):
        server.artifacts.add(NAME, zipped({"m.joblib": b"%d" % number}))
    server.artifacts.add("another", zipped({"m.joblib": b"other"}))
    assert taken(place).path.read_bytes() == b"2"


FORK = {"head_repository_id": REPOSITORY_ID + 1}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (FORK, "it comes from a fork"),
        ({"branch": "topic"}, "it comes from the branch topic"),
        ({"head_sha": HEAD}, "it comes from the commit under test"),
        ({"event": "pull_request"}, "it was started by pull_request"),
        ({"event": "pull_request_target"}, "it was started by pull_request_target"),
        ({"event": "workflow_run"}, "it was started by workflow_run"),
        ({"conclusion": "failure"}, "it ended with failure"),
        ({"conclusion": None}, "it has not ended"),
    ],
)
def test_an_artifact_that_nobody_vouches_for_is_passed_over_and_told(
    server: GitHubServer, place: Place, more: dict[str, Any], why: str
) -> None:
    server.artifacts.add(NAME, zipped({"m.joblib": b"old"}))
    made = server.artifacts.add(NAME, zipped({"m.joblib": b"planted"}), **more)
    assert taken(place).path.read_bytes() == b"old"

    server.artifacts.artifacts.pop(0)
    error = refused(place)
    assert type(error) is BaselineMissing
    assert f"run {made['workflow_run']['id']}: {why}" in error.message
    assert "actions/upload-artifact" in error.hint


def test_a_tag_that_is_called_like_the_branch_is_not_the_branch(
    server: GitHubServer, place: Place
) -> None:
    """To a run, GitHub gives the name of a pushed tag as that of its branch."""
    server.artifacts.add(NAME, MODEL, head_sha="a" * 40)
    server.branches.strangers.add("a" * 40)
    error = refused(place)
    assert type(error) is BaselineMissing
    assert "its commit is not on main" in error.message

    server.branches.tips["main"] = "a" * 40
    server.branches.strangers.clear()
    assert taken(place).commit == "a" * 40


def test_an_expired_artifact_is_no_proof_that_this_model_is_the_first(
    server: GitHubServer, place: Place
) -> None:
    server.artifacts.add(NAME, MODEL, expired=True, expires_at="2026-02-03T04:05:06Z")
    error = refused(place)
    assert isinstance(error, BaselineUnknown)
    assert "have expired" in error.message
    assert "2026-02-03" in error.message
    assert "run the workflow on that branch again" in error.hint


def test_without_any_artifact_it_is_said_how_to_make_one(
    server: GitHubServer, place: Place
) -> None:
    error = refused(place)
    assert type(error) is BaselineMissing
    assert error.message == f"no successful run on main has left an artifact {NAME}"
    assert "bundle-path" in error.hint


def test_of_many_candidates_some_are_told_and_no_end_of_runs_is_asked(
    server: GitHubServer, place: Place
) -> None:
    for _ in range(130):
        server.artifacts.add(NAME, MODEL, conclusion="failure")
    error = refused(place)
    assert len(error.message) < 400
    assert "and 18 more" in error.message
    assert sum("/runs/" in request.path for request in server.requests) == 20


def test_all_pages_are_looked_at(server: GitHubServer, place: Place) -> None:
    server.artifacts.add(NAME, zipped({"m.joblib": b"old"}))
    for _ in range(110):
        server.artifacts.add(NAME, MODEL, branch="topic")
    assert taken(place).path.read_bytes() == b"old"


def test_the_branch_is_the_repositorys_default_where_the_event_names_none(
    server: GitHubServer, place: Place
) -> None:
    server.artifacts.add(NAME, MODEL)
    scheduled = replace(place, change=Change(event_name="schedule", repository=REPOSITORY))
    assert taken(scheduled).origin.endswith("on main")
    other = replace(place, change=replace(CHANGE, base_ref="release-1"))
    assert "no successful run on release-1" in refused(other).message


@pytest.mark.parametrize("path", ["artifacts$", "runs/"])
def test_a_token_that_may_not_read_is_told_what_it_needs(
    server: GitHubServer, place: Place, path: str
) -> None:
    server.artifacts.add(NAME, MODEL)
    server.fail("GET", path, Fault(status=403, message="Resource not accessible by integration"))
    error = refused(place)
    assert isinstance(error, BaselineUnknown)
    assert "not accessible by integration" in error.message
    assert "actions: read" in error.hint


def test_without_a_token_nothing_is_asked(server: GitHubServer, place: Place) -> None:
    error = refused(replace(place, environ={"GITHUB_API_URL": server.url}))
    assert isinstance(error, BaselineUnknown)
    assert "permissions: {actions: read, contents: read}" in error.hint
    assert server.requests == []


def test_without_a_network_it_is_not_known(place: Place) -> None:
    nowhere = {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": "http://127.0.0.1:9"}
    assert isinstance(refused(replace(place, environ=nowhere)), BaselineUnknown)


def test_a_rate_limit_is_waited_for_but_not_without_end(server: GitHubServer, place: Place) -> None:
    server.artifacts.add(NAME, MODEL)
    limit = Fault(status=403, message="API rate limit exceeded", headers={"Retry-After": "50"})
    waited: list[float] = []
    for path in ("artifacts$", "runs/"):
        server.fail("GET", path, limit)
    take(SOURCE, place, sleep=waited.append)
    assert waited == [50.0, 50.0]

    server.fail("GET", "artifacts$", limit, times=9)
    error = refused(place)
    assert isinstance(error, BaselineUnknown)
    assert "rate limit" in error.message


def test_a_connection_that_dies_in_the_middle_is_gone_on_with(
    server: GitHubServer, place: Place
) -> None:
    content = zipped({"m.joblib": os.urandom(100_000)})
    server.artifacts.add(NAME, content)
    server.storage.fail(Fault(delivery=Delivery.HALF))
    taken(place)
    assert (place.store / "artifact.zip").read_bytes() == content
    first, second = (part for _, part in server.storage.asked)
    assert first is None
    assert second is not None
    assert int(second.removeprefix("bytes=").removesuffix("-")) > 0


def test_no_half_file_is_ever_used(server: GitHubServer, place: Place) -> None:
    server.artifacts.add(NAME, MODEL)
    server.storage.fail(Fault(delivery=Delivery.HALF, headers={"ETag": ""}), times=9)
    error = refused(place)
    assert type(error) is not BaselineMissing
    assert "cannot be downloaded" in error.message
    assert left_in(place.store) == []


def test_a_signature_that_ran_out_is_asked_for_again(server: GitHubServer, place: Place) -> None:
    server.artifacts.add(NAME, MODEL)
    server.storage.fail(Fault(status=403))
    assert taken(place).path.read_bytes() == b"the old model"


def test_other_bytes_than_github_names_are_refused(server: GitHubServer, place: Place) -> None:
    server.artifacts.add(NAME, MODEL, digest=f"sha256:{'0' * 64}")
    error = refused(place)
    assert not isinstance(error, BaselineMissing)
    assert "its digest is" in error.message
    assert left_in(place.store) == []


@pytest.mark.parametrize("n_bytes", [len(MODEL) - 1, len(MODEL) + 1, 2**33])
def test_another_size_than_github_names_is_refused(
    server: GitHubServer, place: Place, n_bytes: int
) -> None:
    server.artifacts.add(NAME, MODEL, size_in_bytes=n_bytes)
    error = refused(place)
    assert not isinstance(error, BaselineMissing)
    assert left_in(place.store) == []


BAD = {
    "cut off": (MODEL[:-30], "damaged or cut off"),
    "leads out": (zipped({"../evil.joblib": b"x"}), "no plain relative name"),
    "absolute": (zipped({"/evil.joblib": b"x"}), "no plain relative name"),
    "link": (zip_with_link(), "a link or a device"),
    "twins": (zip_with_twins(), "two files of the same name"),
    "two files": (zipped({"a.joblib": b"a", "b.joblib": b"b"}), "holds 2 files and no bundle"),
    "empty": (zipped({}), "is a folder without a file"),
}


@pytest.mark.parametrize("kind", list(BAD))
def test_a_zip_that_is_no_baseline_is_an_error(
    server: GitHubServer, place: Place, kind: str
) -> None:
    content, why = BAD[kind]
    server.artifacts.add(NAME, content)
    error = refused(place)
    assert not isinstance(error, BaselineMissing)
    assert why in error.message
    assert not (place.folder / "evil.joblib").exists()


def test_without_a_digest_what_is_no_zip_has_to_have_its_size(
    server: GitHubServer, place: Place
) -> None:
    server.artifacts.add(NAME, b"<html>proxy</html>", digest=None, size_in_bytes=4711)
    assert "what arrived is not what was uploaded" in refused(place).message


def test_an_answer_that_points_elsewhere_for_the_next_page_ends_it(
    server: GitHubServer, place: Place
) -> None:
    link = f'<{server.storage.url}/next>; rel="next"'
    server.fail("GET", "artifacts$", Fault(headers={"Link": link}))
    error = refused(place)
    assert "where the token must not go" in error.message
    assert server.storage.asked == []


def test_a_laptop_asks_about_what_it_was_cloned_from(
    server: GitHubServer, place: Place, tmp_path: Path
) -> None:
    server.artifacts.add(NAME, MODEL)
    clone = Repository(tmp_path / "clone")
    clone.git("remote", "add", "origin", f"{server.url}/{REPOSITORY}.git")
    here = replace(
        place,
        folder=clone.folder,
        change=Change(),
        environ={**place.environ, "GITHUB_SERVER_URL": server.url, "PATH": os.environ["PATH"]},
    )
    assert taken(here).origin.endswith("on main")

    clone.git("remote", "set-url", "origin", "https://git.example.org/acme/consumer")
    asked = len(server.requests)
    assert "which is not 127.0.0.1" in refused(here).message
    assert len(server.requests) == asked


_CHILD = """
import resource, signal, sys
from pathlib import Path
from mlci_action.adapters.baseline_sources.artifact import take
from mlci_action.adapters.baseline_sources.taken import Place
from mlci_action.adapters.github_event import Change
from mlci_action.domain.sources import ArtifactSource
from mlci_action.errors import BaselineError
store, url, token, repository = sys.argv[1:]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
change = Change(event_name="push", repository=repository, base_ref="main")
environ = {"GITHUB_TOKEN": token, "GITHUB_API_URL": url}
place = Place(folder=Path("."), store=Path(store), environ=environ, change=change)
try:
    take(ArtifactSource(), place)
except BaselineError as error:
    print(error)
"""


def test_a_full_disk_is_told_and_leaves_nothing(server: GitHubServer, place: Place) -> None:
    server.artifacts.add(NAME, zipped({"m.joblib": os.urandom(50_000)}))
    arguments = [str(place.store), server.url, TOKEN, REPOSITORY]
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert "is there room on the disk?" in done.stdout
    assert "cannot be written" in done.stdout
    assert left_in(place.store) == []
