"""Files that would run code: none of them does, and each is refused to a fork with its reason."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from mlci_action.adapters.fetched import objects_in, read_fetched
from mlci_action.adapters.git import Git
from mlci_action.adapters.github_event import Change, load_change
from mlci_action.adapters.model_files import read_model_file
from mlci_action.adapters.trusting import may_load
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.domain.trust import Trust
from mlci_action.errors import ModelError
from mlci_action.stages import run_stage
from tests.fakes.github_answers import REPOSITORY
from tests.fakes.github_server import TOKEN, GitHubServer
from tests.fakes.hostile_models import hostile_pickles
from tests.fakes.repositories import Repository

NAMES = sorted(hostile_pickles(Path("/x")))
CONFIG = b"""
data: {evaluation: test.csv, target: y}
candidate: {model: m.joblib}
baseline: {from: old.joblib}
metrics: {accuracy: {min: 0.5}}
"""
_LIMITED = """
import resource, sys
from pathlib import Path
from mlci_action.adapters.model_files import read_model_file
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]) << 20,) * 2)
for name in sys.argv[2:]:
    found = read_model_file(Path(name), who="the candidate")
    print(found.format, found.imports_complete)
"""


def event_of(head: str, base: str, folder: Path, *, repository: str) -> dict[str, str]:
    """What a runner says of a pull request."""
    pull = {
        "number": 7,
        "head": {"sha": head, "repo": {"full_name": repository}},
        "base": {"sha": base, "ref": "main", "repo": {"full_name": REPOSITORY}},
    }
    path = folder / "event.json"
    path.write_text(json.dumps({"pull_request": pull}))
    return {
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(path),
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_SHA": head,
        "GITHUB_REF": "refs/pull/7/merge",
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_pickle_of_a_fork_is_refused_and_does_not_run(name: str, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    path = tmp_path / "model.joblib"
    path.write_bytes(hostile_pickles(marker)[name].content)
    fork = load_change(event_of("a" * 40, "b" * 40, tmp_path, repository="mallory/consumer"))

    found = read_model_file(path, who="the candidate")
    with pytest.raises(ModelError) as caught:
        may_load(found, fork, Trust(), brought_by_change=True, who="the candidate")

    assert "which runs code when it is loaded" in caught.value.message
    assert "the change comes from the fork mallory/consumer" in caught.value.message
    assert "\n" not in caught.value.message
    assert len(str(caught.value)) < 1_500
    assert not marker.exists()
    may_load(found, Change(), Trust(), brought_by_change=True, who="the candidate")


@pytest.mark.parametrize("name", ["protocol 0", "names from a memo", "behind an array of objects"])
def test_a_pickle_that_is_cut_off_is_refused_to_a_fork_as_well(name: str, tmp_path: Path) -> None:
    """Or it is taken for a table, which runs nothing: without a call its lines look like one."""
    marker = tmp_path / "marker"
    whole = hostile_pickles(marker)[name].content
    path = tmp_path / "model.joblib"
    fork = load_change(event_of("a" * 40, "b" * 40, tmp_path, repository="mallory/consumer"))
    for length in range(1, len(whole)):
        path.write_bytes(whole[:length])
        found = read_model_file(path, who="the candidate")
        if found.format is not ModelFormat.PREDICTIONS:
            with pytest.raises(ModelError):
                may_load(found, fork, Trust(), brought_by_change=True, who="the candidate")
    assert not marker.exists()


def test_an_mlflow_folder_of_a_fork_is_refused_with_what_its_pickle_imports(tmp_path: Path) -> None:
    marker, folder = tmp_path / "marker", tmp_path / "m"
    (folder / "code").mkdir(parents=True)
    (folder / "MLmodel").write_text("flavors: {python_function: {loader_module: kit}}")
    (folder / "model.pkl").write_bytes(hostile_pickles(marker)["protocol 4"].content)
    (folder / "code" / "kit.py").write_text(f"open({str(marker)!r}, 'w')")
    fork = load_change(event_of("a" * 40, "b" * 40, tmp_path, repository="mallory/consumer"))

    found = read_model_file(folder, who="the candidate")
    with pytest.raises(
        ModelError, match=r"'m' is an MLflow model, which runs code .* posix\.system"
    ):
        may_load(found, fork, Trust(), brought_by_change=True, who="the candidate")
    assert not marker.exists()


def test_no_promise_of_a_file_takes_the_memory_it_promises(tmp_path: Path) -> None:
    """With far less memory than each claims, and the libraries that are loaded anyway."""
    huge = struct.pack("<Q", 10 << 30)
    promises = {
        "bytes": b"\x80\x04\x8e" + huge,
        "text": b"\x80\x04\x8d" + huge,
        "bytearray": b"\x80\x05\x96" + huge,
        "frame": b"\x80\x04\x95" + huge,
        "array": b"\x80\x04cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(\x8c\x05dtypecnumpy\n"
        b"dtype\n\x8c\x02i8\x85R\x8c\x05shape\x8a\x05\x00\x00\x00\x00\x02\x85ub.",
        "lzma": b"\x5d\x00\x00\xff\xff" + b"\xff" * 8 + bytes(64),
    }
    paths = []
    for name, content in promises.items():
        paths.append(tmp_path / name)
        paths[-1].write_bytes(content)

    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, "3000", *map(str, paths)],
        check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip

    assert done.stdout.splitlines() == ["pickle False"] * len(paths)


def test_the_base_is_fetched_though_no_baseline_needs_it(tmp_path: Path) -> None:
    """What it trusts is read from there."""
    made = Repository(tmp_path / "made")
    base = made.commit({"mlci.yml": CONFIG + b"trust: {pickle: never}\n"}, "base")
    made.branch("topic")
    head = made.commit({"mlci.yml": CONFIG + b"trust: {pickle: always}\n"}, "head")
    clone = made.cloned(tmp_path / "clone", depth=1)
    state = tmp_path / "state"
    state.mkdir()
    bare = {REPOSITORY: made.folder / ".git"}
    with GitHubServer(repositories=bare, needs_git_token=True) as github:
        environ = {
            "PATH": os.environ["PATH"],
            "GITHUB_SERVER_URL": github.url,
            "GITHUB_API_URL": github.url,
            "GITHUB_WORKSPACE": str(clone.folder),
            "MLCI_STATE": str(state),
            "MLCI_TOKEN": TOKEN,
            **event_of(head, base, tmp_path, repository=REPOSITORY),
        }
        assert run_stage("fetch", environ) == 0

    assert read_fetched(state).commits == {base: base}
    git = Git(folder=clone.folder, extra_objects=objects_in(state))
    assert b"never" in git.answer("read it", "cat-file", "blob", f"{base}:mlci.yml")
