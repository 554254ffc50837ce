"""Whom does the base branch trust? The `trust` of its own mlci.yml, which no change can widen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from mlci_action.adapters.base_file import TooLarge, bring, file_of, name_in_repository
from mlci_action.adapters.git import Git
from mlci_action.adapters.github_event import Change
from mlci_action.adapters.trusting import code_allowed
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.domain.trust import PickleTrust, Trust
from mlci_action.errors import MlciError
from mlci_action.settings.document import read_document

_MAX_TYPES = 1_000
_STRICTEST = Trust(pickle=PickleTrust.NEVER)
_ONCE_MERGED = "once it is mended there, what it says counts"

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class TrustInForce:
    """origin: where it comes from, as reports show it after "trust from", and what is odd of it."""

    trust: Trust
    origin: str


def trust_in_force(
    change: Change,
    git: Git,
    *,
    own: Trust,
    config: Path,
    fetch: Callable[[str], str],
) -> TrustInForce:
    """What counts in this run: what the base branch says, where the event names one.

    own: what the settings file of this change says. config: where that file is. fetch: brings a
    commit that is not here; BaselineError when it cannot.
    """
    if change.base_ref is None or change.base_sha is None:
        return _without_base(change, own=own, why="the event names no base branch")
    name = name_in_repository(config, git)
    if name is None:
        return _without_base(change, own=own, why=f"{config.name} is in no git repository")
    return _of_base_branch(change, git, own=own, config=name, fetch=fetch)


def _of_base_branch(
    change: Change, git: Git, *, own: Trust, config: str, fetch: Callable[[str], str]
) -> TrustInForce:
    base = change.base_sha or ""
    named = f"{config} of the base branch ({base[:12]})"
    try:
        bring(git, base, fetch)
        found = trust_of_base(git, base, config)
    except MlciError as error:
        return TrustInForce(
            trust=_STRICTEST,
            origin=f"nowhere, so no code of the change may run: {named} cannot be read: "
            f"{error.message} (check out with fetch-depth: 0)",
        )
    if found is not None:
        return replace(found, origin=f"{named}{found.origin}")
    return _without_base(change, own=own, why=f"there is no {named}")


def _without_base(change: Change, *, own: Trust, why: str) -> TrustInForce:
    if code_allowed(change, Trust()):
        # Whoever brought the file would say whom to trust.
        return TrustInForce(trust=Trust(), origin=f"the defaults, because {why}")
    return TrustInForce(trust=own, origin="the settings file of this run")


def trust_of_base(git: Git, base_commit: str, config: str) -> TrustInForce | None:
    """What the file named `config` says of trust in a commit; None when it has no such file.

    Of an older or broken file all is taken that can be; what cannot is read as its strictest, and
    the origin says so. BaselineError when git cannot tell.
    """
    try:
        text = file_of(git, base_commit, config)
    except TooLarge:
        return TrustInForce(trust=_STRICTEST, origin=f", which is too large: {_ONCE_MERGED}")
    return None if text is None else _read(text)


def _read(text: bytes) -> TrustInForce:
    try:
        document = read_document(text.decode("utf-8-sig"))
    except UnicodeDecodeError:
        document = None
    if document is None or (document.problems and not document.values):
        return TrustInForce(
            trust=_STRICTEST,
            origin=f", which is no settings file (no code may run): {_ONCE_MERGED}",
        )
    section = document.values.get("trust", {})
    if not isinstance(section, dict):
        return TrustInForce(
            trust=_STRICTEST,
            origin=f", whose `trust` is no mapping (no code may run): {_ONCE_MERGED}",
        )
    trust, odd = _trust_of(section)
    strange = [*odd, *(key for key in section if key not in _KEYS)]
    if not strange:
        return TrustInForce(trust=trust, origin="")
    shown = ", ".join(repr(key)[:40] for key in strange[:3])
    note = f", of which {shown} is not understood (it counts as little as can be): {_ONCE_MERGED}"
    return TrustInForce(trust=trust, origin=note)


_KEYS = ("formats", "skops_types", "pickle")


def _trust_of(section: dict[str, Any]) -> tuple[Trust, list[str]]:
    """The trust, and the keys whose values are odd."""
    odd: list[str] = []
    formats: tuple[ModelFormat, ...] | None = None
    if "formats" in section:
        known, all_known = _known(section["formats"], ModelFormat)
        formats = tuple(known)
        odd += [] if all_known else ["formats"]
    types, all_texts = _known(section.get("skops_types", []), str)
    odd += [] if all_texts else ["skops_types"]
    pickle, is_known = _known([section.get("pickle", PickleTrust.SAME_REPOSITORY)], PickleTrust)
    odd += [] if is_known else ["pickle"]
    trust = Trust(
        formats=formats,
        skops_types=tuple(types[:_MAX_TYPES]),
        pickle=pickle[0] if pickle else PickleTrust.NEVER,
    )
    return trust, odd


def _known(values: object, kind: Callable[[Any], T]) -> tuple[list[T], bool]:
    """Those of the values that are of that kind, and whether all of them are."""
    if not isinstance(values, list):
        return [], False
    found = []
    for value in values:
        try:
            if isinstance(value, str):
                found.append(kind(value))
        except ValueError:
            continue
    return found, len(found) == len(values)
