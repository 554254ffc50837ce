"""The baseline is what DVC tracked in the base commit, byte for byte, wherever DVC keeps it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import fsspec
import pytest

from mlci_action.adapters.baseline_sources.dvc import take, take_as_of
from mlci_action.adapters.baseline_sources.git import Commits
from mlci_action.adapters.baseline_sources.taken import Place, Taken
from mlci_action.adapters.git import Git
from mlci_action.adapters.github_event import Change
from mlci_action.domain.sources import DvcSource
from mlci_action.errors import BaselineError, BaselineMissing, BaselineUnknown
from tests.fakes.github_storage import Storage
from tests.fakes.repositories import Repository

MODEL = b"the model of the base"
CONFIG = """[core]
    remote = storage
['remote "storage"']
    url = {url}
"""


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def pointer(name: str, content: bytes, *, is_old: bool = False) -> str:
    """What `dvc add` writes, of version 3 or of those before it."""
    by = "" if is_old else "  hash: md5\n"
    return f"outs:\n- md5: {md5(content)}\n  size: {len(content)}\n{by}  path: {name}\n"


@dataclass(frozen=True, kw_only=True)
class Repo:
    """A DVC repository as of a commit, its working copy, and its remote, a folder."""

    top: Path
    files: dict[str, str] = field(default_factory=dict)

    @property
    def remote(self) -> Path:
        return self.top.parent / "remote"

    @property
    def cache(self) -> Path:
        return self.top / ".dvc" / "cache"

    def track(self, path: str, content: bytes = MODEL, *, is_old: bool = False) -> None:
        """As `dvc add` does; the object is nowhere yet."""
        self.files[f"{path}.dvc"] = pointer(Path(path).name, content, is_old=is_old)

    def track_folder(self, path: str, files: Mapping[str, bytes], *, keep: Path) -> None:
        """As `dvc add` of a folder does, with its objects in `keep`."""
        listed = json.dumps([{"md5": md5(data), "relpath": name} for name, data in files.items()])
        text = f"outs:\n- md5: {md5(listed.encode())}.dir\n  size: 9\n  nfiles: 2\n  hash: md5\n"
        self.files[f"{path}.dvc"] = f"{text}  path: {Path(path).name}\n"
        put(keep, listed.encode(), end=".dir")
        for data in files.values():
            put(keep, data)

    def take(self, path: str, **environ: str) -> Taken:
        """What the source has as of the commit."""

        def read(name: str) -> bytes | None:
            assert name != ".dvc/config.local"
            assert not name.startswith("/")
            text = self.files.get(name)
            return None if text is None else text.encode()

        store = self.top.parent / "store"
        place = Place(folder=self.top / "conf", store=store, environ=environ, change=Change())
        return take_as_of(DvcSource(path=path), place, read=read)


def put(keep: Path, content: bytes, *, end: str = "", is_old: bool = False, name: str = "") -> None:
    """An object; name: of other content than it has."""
    key = name or md5(content)
    path = keep / ("" if is_old else "files/md5") / key[:2] / f"{key[2:]}{end}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(top=tmp_path / "repo")
    (made.top / ".git").mkdir(parents=True)
    (made.top / "conf").mkdir()
    made.files[".dvc/config"] = CONFIG.format(url="../../remote")
    return made


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    filesystem = fsspec.filesystem("memory")
    filesystem.store.clear()
    yield filesystem
    filesystem.store.clear()


@pytest.mark.parametrize("path", ["models/m.joblib", "models/m.joblib.dvc"])
def test_a_file_comes_from_the_remote(repo: Repo, path: str) -> None:
    repo.track("models/m.joblib")
    put(repo.remote, MODEL)
    taken = repo.take(path)
    assert taken.path.read_bytes() == MODEL
    assert taken.path.name == "m.joblib"
    assert "'storage'" in taken.origin
    assert [path.name for path in taken.path.parent.iterdir()] == ["m.joblib"]


def test_what_is_in_the_cache_is_not_asked_for_elsewhere(repo: Repo) -> None:
    repo.track("m.joblib")
    repo.files[".dvc/config"] = ""
    put(repo.cache, MODEL)
    taken = repo.take("m.joblib")
    assert taken.path.read_bytes() == MODEL
    assert "cache" in taken.origin


def test_a_cache_elsewhere_is_found(repo: Repo) -> None:
    repo.track("m.joblib")
    repo.files[".dvc/config"] = "[cache]\n    dir = ../../shared\n"
    put(repo.top.parent / "shared", MODEL)
    assert repo.take("m.joblib").path.read_bytes() == MODEL


def test_a_damaged_cache_is_none(repo: Repo) -> None:
    repo.track("m.joblib")
    put(repo.cache, b"damaged", name=md5(MODEL))
    put(repo.remote, MODEL)
    assert "'storage'" in repo.take("m.joblib").origin


def test_the_layout_of_dvc_2_is_known(repo: Repo) -> None:
    repo.track("m.joblib", is_old=True)
    put(repo.remote, MODEL, is_old=True)
    assert repo.take("m.joblib").path.read_bytes() == MODEL


def test_dvc_2_took_the_line_ends_of_windows_for_those_of_unix(repo: Repo) -> None:
    repo.track("m.json", b"{\n}\n", is_old=True)
    put(repo.remote, b"{\r\n}\r\n", is_old=True, name=md5(b"{\n}\n"))
    assert repo.take("m.json").path.read_bytes() == b"{\r\n}\r\n"
    repo.track("m.json", b"{\n}\n")
    with pytest.raises(BaselineError, match=r"has another m\.json"):
        repo.take("m.json")


LOCK = """schema: '2.0'
stages:
  prepare:
    cmd: python prepare.py
    outs:
    - path: data/clean.csv
      hash: md5
      md5: 00000000000000000000000000000000
  train@large:
    cmd: python train.py
    deps:
    - path: models/m.joblib
      hash: md5
      md5: 11111111111111111111111111111111
    outs:
    - path: {path}
      hash: md5
      md5: {md5}
      size: {size}
"""


@pytest.mark.parametrize(
    ("lock", "path", "pipeline"),
    [
        ("dvc.lock", "models/m.joblib", ""),
        ("models/dvc.lock", "m.joblib", ""),
        ("dvc.lock", "m.joblib", "stages: {train: {foreach: [large], do: {wdir: models}}}"),
        ("dvc.lock", "../models/m.joblib", "stages: {train@large: {wdir: src}}"),
    ],
)
def test_an_output_of_a_stage_is_in_the_lock(
    repo: Repo, lock: str, path: str, pipeline: str
) -> None:
    repo.files[lock] = LOCK.format(path=path, md5=md5(MODEL), size=len(MODEL))
    if pipeline:
        repo.files["dvc.yaml"] = pipeline
    put(repo.remote, MODEL)
    assert repo.take("models/m.joblib").path.read_bytes() == MODEL


MLFLOW = {"MLmodel": b"flavors: {}", "data/model.pkl": b"pickle"}


def test_a_folder_comes_whole(repo: Repo) -> None:
    repo.track_folder("models/risk", MLFLOW, keep=repo.remote)
    folder = repo.take("models/risk").path
    assert folder.name == "risk"
    assert {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    } == MLFLOW
    assert [path.name for path in folder.parent.iterdir()] == ["risk"]


def test_a_file_and_a_folder_inside_a_folder_are_found(repo: Repo) -> None:
    files = {f"risk/{name}": data for name, data in MLFLOW.items()} | {"m.joblib": MODEL}
    repo.track_folder("models", files, keep=repo.cache)
    assert repo.take("models/m.joblib").path.read_bytes() == MODEL
    folder = repo.take("models/risk").path
    assert (folder / "data" / "model.pkl").read_bytes() == b"pickle"
    assert not (folder / "m.joblib").exists()
    with pytest.raises(BaselineError, match="there is no none"):
        repo.take("models/none")
    with pytest.raises(BaselineError, match="no MLflow model"):
        repo.take("models")


@pytest.mark.parametrize(
    "listed",
    [
        "{}",
        "[1]",
        "[" * 100_000,
        '[{"md5": "../..", "relpath": "MLmodel"}]',
        json.dumps([{"md5": md5(b""), "relpath": "../MLmodel"}]),
        json.dumps([{"md5": md5(b""), "relpath": "/MLmodel"}]),
        json.dumps([{"md5": md5(b""), "relpath": f"{n}"} for n in range(10_001)]),
    ],
    ids=["object", "number", "deep", "no md5", "above", "absolute", "too many"],
)
def test_a_list_that_leads_elsewhere_is_refused(repo: Repo, listed: str) -> None:
    repo.files["m.dvc"] = f"outs:\n- md5: {md5(listed.encode())}.dir\n  hash: md5\n  path: m\n"
    put(repo.remote, listed.encode(), end=".dir")
    with pytest.raises(BaselineError, match="list of the files of m cannot be used"):
        repo.take("m")
    assert list((repo.top.parent / "store").iterdir()) == []


def test_the_nearest_configuration_counts(repo: Repo) -> None:
    repo.track("part/models/m.joblib")
    repo.files["part/.dvc/config"] = CONFIG.format(url="../kept")
    put(repo.top / "part" / "kept", MODEL)
    assert repo.take("part/models/m.joblib").path.read_bytes() == MODEL


def test_a_remote_below_another_is_found(repo: Repo) -> None:
    repo.track("m")
    repo.files["m.dvc"] += "  remote: below\n"
    repo.files[".dvc/config"] += "['remote \"below\"']\n    url = remote://storage/some/where\n"
    put(repo.remote / "some/where", MODEL)
    assert repo.take("m").path.read_bytes() == MODEL


def test_an_object_store_is_asked_with_what_the_remote_says(
    repo: Repo, memory: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, object] = {}

    def opened(url: str, **options: object) -> tuple[fsspec.AbstractFileSystem, str]:
        asked.update(options, url=url)
        return memory, url.partition("://")[2]

    monkeypatch.setattr(fsspec.core, "url_to_fs", opened)
    repo.track("m")
    repo.files[".dvc/config"] = (
        CONFIG.format(url='"s3://bucket/models"')
        + "    endpointurl = http://127.0.0.1:9\n    region = eu-west-1\n    secret_access_key = no"
    )
    memory.pipe_file(f"bucket/models/files/md5/{md5(MODEL)[:2]}/{md5(MODEL)[2:]}", MODEL)
    assert repo.take("m").path.read_bytes() == MODEL
    assert asked == {
        "url": "s3://bucket/models",
        "endpoint_url": "http://127.0.0.1:9",
        "client_kwargs": {"region_name": "eu-west-1"},
    }
    memory.store.clear()
    memory.pipe_file("bucket/other", b"")
    with pytest.raises(BaselineError, match="has no object"):
        repo.take("m")


def test_a_server_is_asked_with_the_token_for_baselines(repo: Repo) -> None:
    repo.track("m")
    with Storage() as storage:
        repo.files[".dvc/config"] = CONFIG.format(url=f"{storage.url}/dvc")
        name = f"dvc/files/md5/{md5(MODEL)[:2]}/{md5(MODEL)[2:]}"
        storage.put(name, MODEL)
        assert repo.take("m", MLCI_BASELINE_TOKEN="t").path.read_bytes() == MODEL  # noqa: S106
        assert storage.with_token == [f"/{name}"]
        storage.put(name, b"another")
        with pytest.raises(BaselineError, match="has another m than DVC tracks"):
            repo.take("m")


def test_a_path_that_dvc_does_not_track_is_missing(repo: Repo) -> None:
    for path in ("models/m.joblib", "models/m.joblib.dvc"):
        with pytest.raises(BaselineMissing) as caught:
            repo.take(path)
        assert not isinstance(caught.value, BaselineUnknown)
        assert "dvc add" in caught.value.hint


def test_what_was_not_pushed_is_an_error_not_a_first_model(repo: Repo) -> None:
    repo.track("m")
    with pytest.raises(BaselineError, match=f"has no object {md5(MODEL)}, of m") as caught:
        repo.take("m")
    assert not isinstance(caught.value, BaselineMissing)
    assert "dvc push" in caught.value.hint


def test_a_store_that_cannot_be_asked_is_an_error_because_there_is_a_baseline(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(url: str, **options: object) -> None:
        raise ConnectionError("secret")

    monkeypatch.setattr(fsspec.core, "url_to_fs", refused)
    repo.track("m")
    repo.files[".dvc/config"] = CONFIG.format(url="gs://bucket/x")
    with pytest.raises(BaselineError, match="gs://bucket/x cannot be reached") as caught:
        repo.take("m")
    assert not isinstance(caught.value, BaselineMissing)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (CONFIG.format(url="ssh://me:secret@host/x"), r"ssh://host/x\) is of a kind"),
        (CONFIG.format(url="s3://b") + "    version_aware = true", "as versions"),
        (CONFIG.format(url="remote://storage/x"), "is of a kind|no address"),
        (CONFIG.format(url=""), "names no address of the remote 'storage'"),
        ("[core]\n    remote = other\n", "names no address of the remote 'other'"),
        ("[core]\n", "names no remote"),
        ("no ini", "config cannot be read"),
    ],
    ids=["ssh", "versions", "circle", "empty", "unknown", "none", "broken"],
)
def test_a_remote_that_is_not_asked_is_told_of(repo: Repo, config: str, said: str) -> None:
    repo.track("m")
    repo.files[".dvc/config"] = config
    with pytest.raises(BaselineError, match=said) as caught:
        repo.take("m")
    assert not isinstance(caught.value, BaselineMissing)
    assert "secret" not in str(caught.value)


def test_a_kind_that_is_not_asked_names_dvc_pull(repo: Repo) -> None:
    repo.track("m")
    repo.files[".dvc/config"] = CONFIG.format(url="ssh://host/x")
    with pytest.raises(BaselineError, match="dvc pull --all-commits m"):
        repo.take("m")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("outs: [{path: m, cache: false}]", "names no md5 of 'm'"),
        ("outs: [{path: m, md5: ../../etc/passwd}]", "names no md5"),
        (f"outs: [{{path: m, hash: sha256, md5: {'0' * 32}}}]", "names no md5"),
        ("outs: {}", "names 0 outputs"),
        ("outs: 7", "no list"),
        ("outs: [{path: ../../m}]", "outside"),
        ("outs: [", "cannot be read"),
        ("a: &a [1]\nouts: [" + "*a," * 30_000 + "]", "cannot be read"),
    ],
)
def test_a_pointer_that_is_none_is_an_error(repo: Repo, text: str, said: str) -> None:
    repo.files["m.dvc"] = text
    with pytest.raises(BaselineError, match=said) as caught:
        repo.take("m.dvc")
    assert not isinstance(caught.value, BaselineMissing)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repo")
    made.commit({".dvc/config": CONFIG.format(url="../../remote").encode()}, "config")
    put(tmp_path / "remote", MODEL)
    put(tmp_path / "remote", b"the model of the change")
    return made


def taken_of(repository: Repository, base: str | None, under_test: str = "") -> Taken:
    def fetch(ref: str) -> str:
        raise BaselineError(f"no {ref}")

    git = Git(folder=repository.folder)
    commits = Commits(git=git, base=base, no_base="there is no base", fetch=fetch)
    folder = repository.folder
    place = Place(
        folder=folder,
        store=folder.parent / "store",
        environ={},
        change=Change(),
        under_test=frozenset({under_test}),
    )
    return take(DvcSource(path="models/m.joblib"), place, commits)


def test_the_baseline_is_that_of_the_base_not_that_of_the_change(repository: Repository) -> None:
    base = repository.commit({"models/m.joblib.dvc": pointer("m.joblib", MODEL).encode()}, "base")
    changed = pointer("m.joblib", b"the model of the change").encode()
    head = repository.commit({"models/m.joblib.dvc": changed}, "change")
    taken = taken_of(repository, base, under_test=head)
    assert taken.path.read_bytes() == MODEL
    assert taken.commit == base
    assert taken.modified is not None


def test_without_a_base_nobody_can_look(repository: Repository) -> None:
    with pytest.raises(BaselineUnknown, match="there is no base"):
        taken_of(repository, None)


def test_the_commit_under_test_has_no_baseline(repository: Repository) -> None:
    head = repository.commit({"models/m.joblib.dvc": pointer("m.joblib", MODEL).encode()}, "x")
    with pytest.raises(BaselineError, match="commit under test"):
        taken_of(repository, head, under_test=head)
