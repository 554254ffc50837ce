"""Which baseline is there? The sources in their order, and what no baseline may be."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlci_action.adapters.baseline_sources.taken import Taken
from mlci_action.adapters.baselines import BaselineFinder, Tried, take_of
from mlci_action.adapters.bundles import Bundle, pack
from mlci_action.adapters.git import Git
from mlci_action.adapters.github_event import Change
from mlci_action.adapters.reference import ReferenceFinder
from mlci_action.adapters.stored_predictions import find_stored
from mlci_action.domain.promotion import pointer_to, pointer_to_json
from mlci_action.domain.sources import ArtifactSource, BaselineSource, parse_source
from mlci_action.errors import (
    BaselineError,
    BaselineMissing,
    BaselineUnknown,
    BundleError,
    ModelError,
)
from mlci_action.settings.values import DataSettings
from tests.builders_bundle import make_bundle
from tests.fakes.repositories import Repository

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "work")
    made.commit({"models/m.joblib": b"old", "lfs.joblib": POINTER}, "base")
    made.commit({"models/m.joblib": b"new"}, "head")
    return made


def no_fetch(ref: str) -> str:
    raise BaselineError(f"the ref {ref!r} cannot be fetched")


def finder(
    repository: Repository,
    *,
    base: str | None = "HEAD~1",
    fetch: Callable[[str], str] = no_fetch,
) -> BaselineFinder:
    git = Git(folder=repository.folder)
    return BaselineFinder(
        folder=repository.folder,
        store=repository.folder.parent / "store",
        git=git,
        base=None if base is None else git.commit(base),
        no_base="the event schedule has no base commit",
        under_test=frozenset({repository.head()}),
        fetch=fetch,
    )


def test_the_base_commit_has_the_baseline(repository: Repository) -> None:
    found = finder(repository).find([parse_source("git:base:models/m.joblib")])
    assert found.file.path.read_bytes() == b"old"
    assert found.source == "git:base:models/m.joblib"
    assert found.commit == repository.git("rev-parse", "HEAD~1")
    assert found.modified is not None
    assert found.tried == ()


def test_the_first_source_that_has_one_is_taken_and_the_others_are_told(
    repository: Repository,
) -> None:
    sources = [
        parse_source(text) for text in ("old/*.joblib", "git:HEAD:x", "git:base:models/m.joblib")
    ]
    with pytest.raises(BaselineError, match="is the commit under test"):
        finder(repository).find(sources)
    found = finder(repository).find([sources[0], sources[2]])
    assert [(one.source, one.why.partition(" (")[0]) for one in found.tried] == [
        ("old/*.joblib", "no such file")
    ]


@pytest.mark.parametrize("ref", ["HEAD", "main"])
def test_the_commit_under_test_is_no_baseline(repository: Repository, ref: str) -> None:
    """A champion that is compared with itself always wins."""
    with pytest.raises(BaselineError) as caught:
        finder(repository).find([parse_source(f"git:{ref}:models/m.joblib")])
    assert not isinstance(caught.value, BaselineMissing)
    assert "commit under test" in caught.value.message


def test_a_commit_without_the_file_has_no_baseline(repository: Repository) -> None:
    with pytest.raises(BaselineMissing, match=r"has no file 'models/other.joblib'"):
        finder(repository).find([parse_source("git:base:models/other.joblib")])


def test_an_event_without_a_base_has_no_baseline_there(repository: Repository) -> None:
    with pytest.raises(BaselineMissing, match="schedule has no base commit") as caught:
        finder(repository, base=None).find([parse_source("git:base:models/m.joblib")])
    assert isinstance(caught.value, BaselineUnknown)
    assert "first_model" not in caught.value.hint


@pytest.mark.parametrize("kind", ["link", "folder"])
def test_a_path_that_is_there_and_no_file_is_not_a_missing_baseline(
    repository: Repository, kind: str
) -> None:
    path = repository.folder / "old.joblib"
    if kind == "link":
        path.symlink_to("gone.joblib")
    else:
        path.mkdir()
    with pytest.raises(ModelError, match=r"old\.joblib"):
        finder(repository).find([parse_source("old.joblib")])


def test_a_ref_that_is_not_here_is_fetched(repository: Repository) -> None:
    asked: list[str] = []

    def fetch(ref: str) -> str:
        asked.append(ref)
        return repository.git("rev-parse", "HEAD~1")

    found = finder(repository, fetch=fetch).find([parse_source("git:v1.0:models/m.joblib")])
    assert (asked, found.file.path.read_bytes()) == (["v1.0"], b"old")


def test_a_ref_that_does_not_exist_is_an_error_not_a_missing_baseline(
    repository: Repository,
) -> None:
    """Else a misspelt branch would look like a first model."""
    with pytest.raises(BaselineError, match="cannot be fetched") as caught:
        finder(repository).find([parse_source("git:mian:models/m.joblib")])
    assert not isinstance(caught.value, BaselineMissing)


def test_a_pointer_is_refused_by_name(repository: Repository) -> None:
    """`git lfs pull` brings the files of this commit, and the baseline is in another one."""
    with pytest.raises(ModelError, match=r"git:base:lfs\.joblib is a Git LFS pointer") as caught:
        finder(repository).find([parse_source("git:base:lfs.joblib")])
    assert "name its path as baseline" in str(caught.value)


def test_of_several_files_the_newest_is_taken(repository: Repository) -> None:
    for age, name in ((100, "a"), (10, "b"), (50, "c")):
        path = repository.folder / "old" / f"{name}.joblib"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(name.encode())
        os.utime(path, (1_000_000 - age, 1_000_000 - age))
    found = finder(repository).find([parse_source("old/*.joblib")])
    assert found.file.path.name == "b.joblib"
    assert found.modified == "1970-01-12T13:46:30+00:00"


def test_no_source_at_all_is_no_baseline(repository: Repository) -> None:
    with pytest.raises(BaselineMissing, match="no source is configured"):
        finder(repository).find([])


MLMODEL = b"flavors:\n  sklearn:\n    pickled_model: model.pkl\n"


def test_a_folder_of_mlflow_is_written_whole(repository: Repository) -> None:
    files = {"MLmodel": MLMODEL, "model.pkl": b"old", "code/kit.py": b"x"}
    repository.commit({f"m/{name}": content for name, content in files.items()}, "base")
    repository.commit({"m/model.pkl": b"new", "m/later.txt": b""}, "head")
    searching = finder(repository)
    for _ in range(2):
        there = searching.find([parse_source("git:base:m")]).file.path
        assert there.name == "m"
        assert there.is_relative_to(repository.folder.parent / "store")
        assert {
            path.relative_to(there).as_posix(): path.read_bytes()
            for path in there.rglob("*")
            if path.is_file()
        } == files


def test_a_folder_that_is_no_model_is_refused(repository: Repository) -> None:
    with pytest.raises(BaselineError, match="is a folder, and no MLflow model"):
        finder(repository).find([parse_source("git:base:models")])


def test_a_folder_with_links_is_refused(repository: Repository) -> None:
    (repository.folder / "m").mkdir()
    (repository.folder / "m" / "model.pkl").symlink_to("/etc/passwd")
    repository.commit({"m/MLmodel": MLMODEL}, "base")
    repository.commit({}, "head")
    with pytest.raises(BaselineError, match="has 1 links or submodules in it"):
        finder(repository).find([parse_source("git:base:m")])


def test_a_folder_that_is_too_large_is_refused(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit({"m/MLmodel": MLMODEL, "m/model.pkl": b"12345"}, "base")
    repository.commit({}, "head")
    monkeypatch.setattr("mlci_action.adapters.baseline_sources.git.MAX_BYTES", len(MLMODEL) + 4)
    with pytest.raises(BaselineError, match="more than the"):
        finder(repository).find([parse_source("git:base:m")])


def bundled(repository: Repository, name: str = "prod", **more: Any) -> Bundle:  # noqa: ANN401
    return make_bundle(repository.folder / name, **more)


def test_what_a_bundle_says_of_itself_comes_with_its_model(repository: Repository) -> None:
    bundle = bundled(repository)
    found = finder(repository).find([parse_source("prod")])
    assert found.file.path == bundle.model
    assert (found.manifest, found.bundle_digest) == (bundle.manifest, bundle.digest)
    assert (found.commit, found.origin) == ("c" * 40, "prod")


@pytest.mark.parametrize("kind", ["path", "zip", "git"])
def test_beside_the_model_of_a_bundle_lies_what_it_said(repository: Repository, kind: str) -> None:
    """Its profile and predictions are those that the manifest names, whatever source it is from."""
    bundle = bundled(repository)
    source = {"path": "prod", "zip": "b.zip", "git": "git:base:prod"}[kind]
    pack(bundle, repository.folder / "b.zip")
    repository.commit({}, "base")
    repository.commit({"prod/profile.json": b"{}"}, "head")
    repository.git("checkout", "-q", "HEAD~1", "--", "prod")
    searching = finder(repository)
    found = searching.find([parse_source(source)])
    stored = find_stored(found, searching.git, repository.folder.parent / "stored")
    assert stored is not None
    assert stored.read_bytes() == b"predictions"
    references = ReferenceFinder(
        folder=repository.folder, store=repository.folder.parent / "data", baselines=searching
    )
    reference = references.find(DataSettings(evaluation="test.csv", target="y"), found)
    assert Path(reference.pattern).read_text(encoding="utf-8") == '{"rows": 500}\n'


@pytest.mark.parametrize("name", ["model.joblib", "profile.json"])
def test_a_bundle_that_was_changed_is_no_baseline(repository: Repository, name: str) -> None:
    path = bundled(repository).folder / name
    path.write_bytes(path.read_bytes().replace(b"5", b"6", 1).replace(b"byte", b"bite", 1))
    with pytest.raises(BundleError):
        finder(repository).find([parse_source("prod")])


def promoted(repository: Repository, bundle: Bundle) -> None:
    pointer = pointer_to(bundle.digest, bundle.manifest.model.digest)
    bundle.folder.rename(repository.folder / pointer.bundle)
    (repository.folder / "live").mkdir()
    (repository.folder / pointer.bundle).rename(repository.folder / "live" / pointer.bundle)
    (repository.folder / "live" / "promoted.json").write_text(pointer_to_json(pointer))


def test_what_promotion_put_in_place_is_the_baseline(repository: Repository) -> None:
    bundle = bundled(repository)
    promoted(repository, bundle)
    assert finder(repository).find([parse_source("live")]).bundle_digest == bundle.digest


def test_another_bundle_under_the_name_that_was_promoted_is_refused(
    repository: Repository,
) -> None:
    promoted(repository, bundled(repository))
    (folder,) = (path for path in (repository.folder / "live").iterdir() if path.is_dir())
    shutil.rmtree(folder)
    make_bundle(folder, model=b"a planted one")
    with pytest.raises(BaselineError, match="is not the bundle that was promoted"):
        finder(repository).find([parse_source("live")])

    shutil.rmtree(folder)
    folder.write_bytes(b"a planted model")
    with pytest.raises(BaselineError, match="is no bundle"):
        finder(repository).find([parse_source("live")])


def test_without_a_token_github_is_not_asked_and_others_are_tried(repository: Repository) -> None:
    sources = [
        parse_source(text) for text in ("artifact", "release:v1", "git:base:models/m.joblib")
    ]
    found = finder(repository).find(sources)
    assert found.source == "git:base:models/m.joblib"
    assert [one.source for one in found.tried] == ["artifact:mlci-bundle", "release:v1"]
    assert all("GITHUB_TOKEN" in one.why for one in found.tried)
    with pytest.raises(BaselineUnknown):
        finder(repository).find(sources[:2])


def test_what_an_earlier_step_took_is_not_asked_again(
    repository: Repository, tmp_path: Path
) -> None:
    bundle = bundled(repository)
    pack(bundle, tmp_path / "b.zip")
    asked: list[str] = []

    def recorded(source: BaselineSource) -> Taken:
        asked.append(str(source))
        if isinstance(source, ArtifactSource):
            raise BaselineMissing("none there", hint="upload one")
        return Taken(
            path=tmp_path / "b.zip", origin="b.zip of v1", commit="d" * 40, url="https://x"
        )

    searching = replace(finder(repository), recorded=recorded)
    found = searching.find([parse_source("artifact"), parse_source("release")])
    assert asked == ["artifact:mlci-bundle", "release:"]
    assert found.tried == (Tried(source="artifact:mlci-bundle", why="none there (upload one)"),)
    assert (found.bundle_digest, found.commit) == (bundle.digest, "d" * 40)
    assert (found.origin, found.url) == ("b.zip of v1", "https://x")


FORK = Change(
    event_name="pull_request",
    repository="octo/models",
    head_repository="evil/models",
    is_fork=True,
)
OWN = replace(FORK, head_repository="octo/models", is_fork=False)


@pytest.mark.parametrize(
    ("source", "change", "of_base"),
    [
        ("artifact", FORK, True),
        ("release:v1", FORK, True),
        ("https://example.org/m.joblib", FORK, False),
        ("s3://bucket/m", FORK, False),
        ("mlflow:models:/risk@champion", FORK, False),
        ("dvc:m.joblib", FORK, False),
        ("https://example.org/m.joblib", OWN, True),
        ("s3://bucket/m", OWN, True),
        ("mlflow:models:/risk@champion", replace(OWN, head_repository=None), False),
        ("s3://bucket/m", Change(event_name="issue_comment"), False),
        ("prod", OWN, False),
    ],
)
def test_what_a_fork_names_elsewhere_may_be_the_forks_own(
    repository: Repository, source: str, change: Change, *, of_base: bool
) -> None:
    bundle = bundled(repository, commit=repository.git("rev-parse", "HEAD~1"))
    searching = replace(finder(repository), change=change)
    found = replace(searching.find([parse_source("prod")]), source=source)
    assert found.commit == searching.base
    assert found.bundle_digest == bundle.digest
    assert searching.is_of_base(found) is of_base


def test_two_sources_with_files_of_one_name_do_not_meet(repository: Repository) -> None:
    repository.commit({"other/m.joblib": b"other"}, "head")
    searching = finder(repository)
    one = searching.find([parse_source("git:base:models/m.joblib")])
    other = replace(searching, under_test=frozenset()).find(
        [parse_source("git:HEAD:other/m.joblib")]
    )
    assert (one.file.path.read_bytes(), other.file.path.read_bytes()) == (b"new", b"other")


@pytest.mark.parametrize(
    "source",
    ["artifact", "release", "mlflow:models:/a@b", "s3://b/m", "https://example.org/m"],
)
def test_every_kind_of_source_has_somebody_who_asks_it(source: str) -> None:
    assert callable(take_of(parse_source(source)))


def test_what_dvc_tracks_is_taken_as_of_the_base_commit(tmp_path: Path) -> None:
    """The change's own pointer would make the candidate its own baseline."""
    made = Repository(tmp_path / "work")
    for content, message in ((b"old", "base"), (b"new", "head")):
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        kept = made.folder / ".dvc" / "cache" / "files" / "md5" / md5[:2] / md5[2:]
        kept.parent.mkdir(parents=True)
        kept.write_bytes(content)
        tracked = f"outs:\n- md5: {md5}\n  size: 3\n  hash: md5\n  path: m.joblib\n"
        files = {
            ".dvc/config": b"",
            ".dvc/.gitignore": b"cache\n",
            "m.joblib.dvc": tracked.encode(),
        }
        made.commit(files, message)
    found = finder(made).find([parse_source("dvc:m.joblib")])
    assert found.file.path.read_bytes() == b"old"
    assert found.commit == made.git("rev-parse", "HEAD~1")
