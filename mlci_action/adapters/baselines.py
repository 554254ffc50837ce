"""Which baseline is there? The sources of `baseline.from`, tried in their order."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mlci_action.adapters.git import Git
from mlci_action.adapters.git_trees import tree_of, write_files
from mlci_action.adapters.model_files import ModelFile, read_model_file
from mlci_action.adapters.paths import newest_file
from mlci_action.adapters.trusting import is_before, is_of_commit
from mlci_action.domain.sources import BASE_REF, BaselineSource, GitSource, PathSource
from mlci_action.errors import BaselineError, BaselineMissing, BaselineUnknown, ModelError

_MAX_BYTES = 4 * 2**30
_MLMODEL = "MLmodel"
_NO_BASE = "whether this model is the first cannot be told; name a branch (git:main:PATH) or a path"
_FIRST_MODEL = "to accept the first model set deploy: {first_model: deploy}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """A source that was asked before, and why it was not taken."""

    source: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Baseline:
    """The baseline that was taken: its file, and where and when it comes from."""

    file: ModelFile
    source: str
    commit: str | None = None
    modified: str | None = None
    tried: tuple[Tried, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class BaselineFinder:
    """Looks a baseline up, and copies it into `store` when it is not a file already.

    `base` is the commit that this change is measured against (None when the event has none),
    `no_base` says why there is none, `under_test` are the commits that no baseline may come from.
    `fetch` brings a ref that is not here and returns its commit; BaselineError when there is none.
    """

    folder: Path
    store: Path
    git: Git
    base: str | None
    no_base: str
    under_test: frozenset[str]
    fetch: Callable[[str], str]

    def find(self, sources: Sequence[BaselineSource]) -> Baseline:
        """The first source that has one. BaselineMissing, with what was tried, when none has.

        BaselineUnknown when one of them could not be looked into: another may still have it.
        """
        tried: list[Tried] = []
        unknown = False
        for source in sources:
            try:
                found = self._from(source)
            except BaselineMissing as missing:
                tried.append(Tried(source=str(source), why=missing.message))
                unknown |= isinstance(missing, BaselineUnknown)
                continue
            return Baseline(
                file=found.file,
                source=found.source,
                commit=found.commit,
                modified=found.modified,
                tried=tuple(tried),
            )
        listed = "; ".join(f"{one.source}: {one.why}" for one in tried) or "no source is configured"
        if unknown:
            raise BaselineUnknown(f"there is no baseline ({listed})", hint=_NO_BASE)
        raise BaselineMissing(f"there is no baseline ({listed})", hint=_FIRST_MODEL)

    def _from(self, source: BaselineSource) -> Baseline:
        match source:
            case PathSource():
                return self._from_path(source)
            case GitSource():
                return self._from_git(source)
            case _:
                raise BaselineUnknown("this source cannot be asked yet")

    def _from_path(self, source: PathSource) -> Baseline:
        newest = newest_file(source.pattern, self.folder)
        if newest is None:
            there = self.folder / source.pattern
            if not os.path.lexists(there):
                raise BaselineMissing("no such file")
            # A link that leads nowhere and a folder are a baseline that cannot be read, not none.
            newest = there
        file = read_model_file(newest, who="the baseline")
        changed = datetime.fromtimestamp(newest.stat().st_mtime, tz=UTC).isoformat(
            timespec="seconds"
        )
        return Baseline(file=file, source=str(source), modified=changed)

    def _from_git(self, source: GitSource) -> Baseline:
        commit = self.commit_of(source)
        if commit in self.under_test:
            raise BaselineError(
                f"the baseline {source} is the commit under test ({commit[:12]})",
                hint="a model cannot be its own baseline; use git:base:PATH, or an earlier commit",
            )
        if self.git.is_folder(commit, source.path):
            return self._from_folder(commit, source)
        if not self.git.has_file(commit, source.path):
            raise BaselineMissing(f"commit {commit[:12]} has no file {source.path!r}")
        _refuse_oversize(source, self.git.blob_size(commit, source.path) or 0)
        self.store.mkdir(parents=True, exist_ok=True)
        target = self.store / Path(source.path).name
        self.git.write_blob(commit, source.path, target)
        return Baseline(
            file=_read_blob(target, source),
            source=str(source),
            commit=commit,
            modified=self.git.commit_time(commit),
        )

    def _from_folder(self, commit: str, source: GitSource) -> Baseline:
        """A model that is a folder, as MLflow writes it: all its files."""
        tree = tree_of(self.git, commit, source.path)
        if all(file.path != _MLMODEL for file in tree.files):
            raise BaselineError(
                f"the baseline {source} is a folder, and no MLflow model",
                hint="name the model's file; a folder of MLflow has a file MLmodel",
            )
        if tree.others:
            raise BaselineError(
                f"the baseline {source} has {len(tree.others):,} links or submodules in it",
                hint="commit the files of the model themselves",
            )
        _refuse_oversize(source, sum(file.n_bytes for file in tree.files))
        target = self.store / Path(source.path).name
        shutil.rmtree(target, ignore_errors=True)
        write_files(self.git, tree.files, target)
        return Baseline(
            file=_read_blob(target, source),
            source=str(source),
            commit=commit,
            modified=self.git.commit_time(commit),
        )

    def is_of_base(self, found: Baseline) -> bool:
        """Whether its bytes were there before the change: in the base commit, or in one before it.

        A name proves nothing: the clone may be the fork's, with branches and tags of its own.
        """
        if found.commit is None:
            return is_of_commit(found.file.path, self.git, self.base)
        return is_before(found.commit, self.base, self.git)

    def commit_of(self, source: GitSource) -> str:
        """The commit that a source names, fetched if need be; BaselineUnknown without a base."""
        ref = source.ref
        if ref == BASE_REF:
            if self.base is None:
                raise BaselineUnknown(self.no_base)
            ref = self.base
        return self.git.commit(ref) or self.fetch(ref)


def _refuse_oversize(source: GitSource, n_bytes: int) -> None:
    if n_bytes > _MAX_BYTES:
        raise BaselineError(
            f"the baseline {source} has {n_bytes:,} bytes, more than the {_MAX_BYTES:,} allowed",
            hint="keep large models outside of git, and use a path",
        )


def _read_blob(path: Path, source: GitSource) -> ModelFile:
    try:
        return read_model_file(path, who="the baseline")
    except ModelError as error:
        if "Git LFS pointer" not in error.message:
            raise
        # Checking out with LFS brings the files of this commit, never those of another one.
        raise ModelError(
            f"the baseline {source} is a Git LFS pointer: git holds no more of it",
            hint="fetch the model of that commit in an earlier step, and name its path as baseline",
        ) from error
