"""Which baseline is there? The sources of `baseline.from`, tried in their order."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from mlci_action.adapters.baseline_sources import git as git_source
from mlci_action.adapters.baseline_sources import path as path_source
from mlci_action.adapters.baseline_sources.git import Commits
from mlci_action.adapters.baseline_sources.taken import Place, Take, Taken
from mlci_action.adapters.bundles import is_bundle, open_bundle
from mlci_action.adapters.git import Git
from mlci_action.adapters.github_event import Change
from mlci_action.adapters.lfs_objects import lfs_objects
from mlci_action.adapters.model_files import ModelFile, read_model_file
from mlci_action.adapters.trusting import code_allowed, is_before, is_of_commit
from mlci_action.domain.manifest import Manifest
from mlci_action.domain.sources import (
    ArtifactSource,
    BaselineSource,
    DvcSource,
    GitSource,
    HttpsSource,
    PathSource,
    RegistrySource,
    ReleaseSource,
    StoreSource,
    parse_source,
)
from mlci_action.domain.trust import Trust
from mlci_action.errors import BaselineError, BaselineMissing, BaselineUnknown

_WHO = "the baseline"
_NO_BASE = "whether this model is the first cannot be told; name a branch (git:main:PATH) or a path"
_FIRST_MODEL = "to accept the first model set deploy: {first_model: deploy}"
_OPENED = "opened"
# Imported when they are asked: each brings the libraries of its own kind of server.
_ELSEWHERE: Mapping[type[BaselineSource], str] = {
    ArtifactSource: "artifact",
    ReleaseSource: "release",
    RegistrySource: "registry",
    StoreSource: "store",
    HttpsSource: "https",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """A source that was asked before, and why it was not taken."""

    source: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Baseline:
    """The baseline that was taken: its file, and where and when it comes from.

    origin: the same for a reader, url: where to look at it. manifest, bundle_digest: of the bundle
    that it came in; what else was in that lies beside the file.
    """

    file: ModelFile
    source: str
    commit: str | None = None
    modified: str | None = None
    tried: tuple[Tried, ...] = ()
    manifest: Manifest | None = None
    bundle_digest: str | None = None
    origin: str = ""
    url: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BaselineFinder:
    """Looks a baseline up, and copies it into `store` when it is not a file already.

    `base` is the commit that this change is measured against (None when the event has none),
    `no_base` says why there is none, `under_test` are the commits that no baseline may come from.
    `fetch` brings a ref that is not here and returns its commit; BaselineError when there is none.
    `recorded` is what an earlier step, that had a token, took from GitHub; None: ask it here.
    """

    folder: Path
    store: Path
    git: Git
    base: str | None
    no_base: str
    under_test: frozenset[str]
    fetch: Callable[[str], str]
    change: Change = field(default_factory=Change)
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    recorded: Callable[[BaselineSource], Taken] | None = None
    say: Callable[[str], None] = lambda _: None

    def find(self, sources: Sequence[BaselineSource]) -> Baseline:
        """The first source that has one. BaselineMissing, with what was tried, when none has.

        BaselineUnknown when one of them could not be looked into: another may still have it.
        BundleError, ModelError or BaselineError for one that is there and cannot be read.
        """
        tried: list[Tried] = []
        unknown: BaselineUnknown | None = None
        for source in sources:
            try:
                return self._from(source, tuple(tried))
            except BaselineMissing as missing:
                tried.append(Tried(source=str(source), why=str(missing)))
                if isinstance(missing, BaselineUnknown):
                    unknown = unknown or missing
        listed = "; ".join(f"{one.source}: {one.why}" for one in tried) or "no source is configured"
        if unknown is not None:
            raise BaselineUnknown(f"there is no baseline ({listed})", hint=_NO_BASE)
        raise BaselineMissing(f"there is no baseline ({listed})", hint=_FIRST_MODEL)

    def is_of_base(self, found: Baseline) -> bool:
        """Whether its bytes were there before the change: in the base commit, or in one before it.

        A name proves nothing: the clone may be the fork's, with branches and tags of its own. What
        is on GitHub only the repository's own runs and people put there; any other place is one
        that the settings name, which may be those of a change that nobody vouches for.
        """
        match parse_source(found.source):
            case ArtifactSource() | ReleaseSource():
                return True
            case PathSource():
                return is_of_commit(found.file.path, self.git, self.base)
            case GitSource():
                return is_before(found.commit, self.base, self.git)
            case _:
                return not code_allowed(self.change, Trust())

    def commit_of(self, source: GitSource) -> str:
        """The commit that a source names, fetched if need be; BaselineUnknown without a base."""
        return self._commits().named_by(source)

    def _from(self, source: BaselineSource, tried: tuple[Tried, ...]) -> Baseline:
        # Of its own, so that no source finds what another one has left.
        store = self.store / hashlib.sha256(str(source).encode()).hexdigest()[:16]
        taken = self._take(source, store)
        known: dict[str, Any] = {
            "source": str(source),
            "modified": taken.modified,
            "tried": tried,
            "origin": taken.origin,
            "url": taken.url,
        }
        if not is_bundle(taken.path):
            if taken.manifest is not None:
                raise BaselineError(f"{taken.origin} is no bundle", hint="promote a model again")
            file = read_model_file(taken.path, who=_WHO)
            return Baseline(file=file, commit=taken.commit, **known)
        bundle = open_bundle(taken.path, store / _OPENED)
        if taken.manifest not in (None, bundle.digest):
            raise BaselineError(
                f"{taken.origin} is not the bundle that was promoted: it is {bundle.digest}",
                hint="restore it, or promote a model again",
            )
        return Baseline(
            file=read_model_file(bundle.model, who=_WHO),
            commit=taken.commit or bundle.manifest.commit,
            manifest=bundle.manifest,
            bundle_digest=bundle.digest,
            **known,
        )

    def _take(self, source: BaselineSource, store: Path) -> Taken:
        place = Place(
            folder=self.folder,
            store=store,
            environ=self.environ,
            change=self.change,
            under_test=self.under_test,
            say=self.say,
        )
        match source:
            case PathSource():
                return path_source.take(source, place)
            case GitSource():
                return git_source.take(source, place, self._commits())
            case ArtifactSource() | ReleaseSource() if self.recorded is not None:
                return self.recorded(source)
            case DvcSource():
                taken: Taken = dvc_source().take(source, place, self._commits())
                return taken
            case _:
                return take_of(source)(source, place)

    def _commits(self) -> Commits:
        return Commits(
            git=self.git,
            base=self.base,
            no_base=self.no_base,
            fetch=self.fetch,
            # Where an earlier step had the token, it has asked already.
            lfs=lfs_objects(self.git, self.environ, asks=self.recorded is None),
        )


def dvc_source() -> ModuleType:
    """What DVC tracks; the libraries of its remotes come with it."""
    return importlib.import_module("mlci_action.adapters.baseline_sources.dvc")


def take_of(source: BaselineSource) -> Take[Any]:
    """What asks a server of that kind."""
    module = importlib.import_module(
        f"mlci_action.adapters.baseline_sources.{_ELSEWHERE[type(source)]}"
    )
    take: Take[Any] = module.take
    return take
