"""What has a commit under a path? A model's file, or the folder of a model or of a bundle."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mlci_action.adapters.baseline_sources.taken import MAX_BYTES, Place, Taken
from mlci_action.adapters.git import Git
from mlci_action.adapters.git_lfs import MAX_POINTER_BYTES, parse_pointer
from mlci_action.adapters.git_trees import tree_of, write_files
from mlci_action.adapters.lfs_objects import LfsObjects
from mlci_action.domain.bundle_names import MANIFEST
from mlci_action.domain.sources import BASE_REF, GitSource
from mlci_action.errors import BaselineError, BaselineMissing, BaselineUnknown, ModelError

_SAY_WHAT_THEY_ARE = ("MLmodel", MANIFEST)
_LFS_POINTER = b"version https://git-lfs"
_FETCH_IT = "fetch the model of that commit in an earlier step, and name its path as baseline"


@dataclass(frozen=True, kw_only=True, slots=True)
class Commits:
    """Where commits are looked up.

    `base` is the commit that this change is measured against (None when the event has none),
    `no_base` says why there is none. `fetch` brings a ref that is not here and returns its commit;
    BaselineError when there is none. `lfs` has the files behind pointers, None: nobody has.
    """

    git: Git
    base: str | None
    no_base: str
    fetch: Callable[[str], str]
    lfs: LfsObjects | None = None

    def named_by(self, source: GitSource) -> str:
        """The commit that a source names, fetched if need be; BaselineUnknown without a base."""
        ref = source.ref
        if ref == BASE_REF:
            if self.base is None:
                raise BaselineUnknown(self.no_base)
            ref = self.base
        return self.git.commit(ref) or self.fetch(ref)


def take(source: GitSource, place: Place, commits: Commits) -> Taken:
    """The file or folder as the commit has it, written to `place.store`. Errors as `Take`'s."""
    git, commit = commits.git, commits.named_by(source)
    if commit in place.under_test:
        raise BaselineError(
            f"the baseline {source} is the commit under test ({commit[:12]})",
            hint="a model cannot be its own baseline; use git:base:PATH, or an earlier commit",
        )
    if git.is_folder(commit, source.path):
        path = _folder(source, place, git, commit)
    elif git.has_file(commit, source.path):
        path = _file(source, place, commits, commit)
    else:
        raise BaselineMissing(f"commit {commit[:12]} has no file {source.path!r}")
    return Taken(path=path, origin=str(source), commit=commit, modified=git.commit_time(commit))


def _file(source: GitSource, place: Place, commits: Commits, commit: str) -> Path:
    git = commits.git
    _refuse_oversize(source, git.blob_size(commit, source.path) or 0)
    place.store.mkdir(parents=True, exist_ok=True)
    target = place.store / Path(source.path).name
    git.write_blob(commit, source.path, target)
    with target.open("rb") as stream:
        start = stream.read(MAX_POINTER_BYTES + 1)
    if not start.startswith(_LFS_POINTER):
        return target
    pointer = parse_pointer(start)
    if pointer is None or commits.lfs is None:
        raise _pointer_only(source, "git holds no more of it", _FETCH_IT)
    try:
        commits.lfs.write(pointer, target)
    except BaselineError as error:
        raise _pointer_only(source, error.message, error.hint or _FETCH_IT) from error
    return target


def _pointer_only(source: GitSource, why: str, hint: str) -> ModelError:
    # Checking out with LFS brings the files of this commit, never those of another one.
    return ModelError(f"the baseline {source} is a Git LFS pointer: {why}", hint=hint)


def _folder(source: GitSource, place: Place, git: Git, commit: str) -> Path:
    """A model that is a folder, as MLflow writes it, or a bundle: all its files."""
    tree = tree_of(git, commit, source.path)
    if all(file.path not in _SAY_WHAT_THEY_ARE for file in tree.files):
        raise BaselineError(
            f"the baseline {source} is a folder, and no MLflow model",
            hint="name the model's file; a folder of MLflow has a file MLmodel, a bundle"
            f" {MANIFEST}",
        )
    if tree.others:
        raise BaselineError(
            f"the baseline {source} has {len(tree.others):,} links or submodules in it",
            hint="commit the files of the model themselves",
        )
    _refuse_oversize(source, sum(file.n_bytes for file in tree.files))
    target = place.store / Path(source.path).name
    shutil.rmtree(target, ignore_errors=True)
    write_files(git, tree.files, target)
    return target


def _refuse_oversize(source: GitSource, n_bytes: int) -> None:
    if n_bytes > MAX_BYTES:
        raise BaselineError(
            f"the baseline {source} has {n_bytes:,} bytes, more than the {MAX_BYTES:,} allowed",
            hint="keep large models outside of git, and use a path",
        )
