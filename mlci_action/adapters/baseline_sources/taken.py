"""What does a source need to look for a baseline, and what does it hand back?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from mlci_action.adapters.github_event import Change
from mlci_action.domain.sources import MAX_BYTES, BaselineSource

__all__ = ["MAX_BYTES", "Place", "Take", "Taken"]

S_contra = TypeVar("S_contra", bound=BaselineSource, contravariant=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a source looks, and where it may put what it takes.

    folder: the config file's. store: a folder of this run for this source alone, made by the
    source. environ: of the job, with whatever credentials it has. change: what is being tested; no
    baseline may come from `under_test`. say: a line for the log.
    """

    folder: Path
    store: Path
    environ: Mapping[str, str]
    change: Change
    under_test: frozenset[str] = frozenset()
    say: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What a source had, as files of this machine; nothing of it has been looked at.

    path: a model file, the folder of an MLflow model, the folder of a bundle, or a bundle's zip.
    origin: where it comes from, for a reader ("artifact mlci-bundle of run 17 on main"). commit:
    the code it was made from. modified: since when it has been there, as ISO 8601; both None where
    nobody knows. url: where a reader can look at it. manifest: the digest that the manifest of the
    bundle must have, `sha256:...`, where a pointer names one.
    """

    path: Path
    origin: str
    commit: str | None = None
    modified: str | None = None
    url: str | None = None
    manifest: str | None = None


class Take(Protocol[S_contra]):
    """Brings what a source has into `place.store`.

    BaselineMissing when the source has none, with the sentence that says how to make one;
    BaselineUnknown when nobody could look (no token, no network); BaselineError when there is one
    that cannot be had whole.
    """

    def __call__(self, source: S_contra, place: Place) -> Taken:
        """The newest that the source has."""
        ...
