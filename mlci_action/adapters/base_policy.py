"""By which limits is this change judged? Never by looser ones than its base branch has."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from mlci_action.adapters.base_file import bring, name_in_repository, settings_of
from mlci_action.adapters.git import Git
from mlci_action.adapters.github_event import LOCAL, Change
from mlci_action.adapters.judging_files import touched_files
from mlci_action.adapters.trusting import code_allowed
from mlci_action.domain.policy import Move, PolicyFacts
from mlci_action.domain.trust import Trust
from mlci_action.errors import MlciError, SettingsError
from mlci_action.settings.policy.merge import merged
from mlci_action.settings.policy.rules import canonical
from mlci_action.settings.values import Settings

_MAX_PROBLEM = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyInForce:
    """settings: what this run judges by. facts: where that comes from."""

    settings: Settings
    facts: PolicyFacts


def policy_in_force(
    change: Change,
    git: Git,
    *,
    own: Settings,
    config: Path,
    fetch: Callable[[str], str],
    baseline: str | None = None,
) -> PolicyInForce:
    """What counts in this run: of every rule the stricter, where the event names a base branch.

    own: what the settings file of this change says. config: where that file is. fetch: brings a
    commit that is not here; BaselineError when it cannot. baseline: the source that the caller
    named, which `own` has taken over already: it is neither side's.
    """
    if change.base_ref is None or change.base_sha is None:
        return _of_this_run(own, change, why="the event names no base branch")
    name = name_in_repository(config, git)
    if name is None:
        return _of_this_run(own, change, why=f"{config.name} is in no git repository")
    base, named = change.base_sha, f"{name} of the base branch ({change.base_sha[:12]})"
    try:
        bring(git, base, fetch)
        theirs = settings_of(git, base, name, baseline=baseline)
        if theirs is None:
            origin = f"{whose(change)} (the base branch has no {name})"
            return PolicyInForce(settings=own, facts=_facts(own, origin))
        settings, changes = merged(theirs, own)
        touched = touched_files(settings, config.absolute().parent, git, base)
    except MlciError as error:
        return _unread(own, change, f"{named} cannot be read: {_why(error)}")
    tightened = any(each.move is Move.TIGHTER and each.in_force for each in changes)
    facts = _facts(settings, f"{named}{', tightened here' if tightened else ''}")
    return PolicyInForce(settings=settings, facts=replace(facts, changes=(*changes, *touched)))


def whose(change: Change) -> str:
    """Whose settings file lies here, as reports show it behind "policy: from"."""
    if change.event_name == LOCAL:
        return "the working copy"
    return "this pull request" if change.pr_number is not None else f"this {change.event_name}"


def _of_this_run(own: Settings, change: Change, *, why: str) -> PolicyInForce:
    """What the file of the run says, where nobody else has a say."""
    doubt = code_allowed(change, Trust())
    if doubt:
        # Whoever brought the file would say what is good enough.
        return _unread(own, change, f"{why}, and {doubt}")
    return PolicyInForce(settings=own, facts=_facts(own, whose(change)))


def _unread(own: Settings, change: Change, why: str) -> PolicyInForce:
    """Judged by the change's own limits, which must not let anything through."""
    origin = f"{whose(change)}, for want of the base branch's"
    facts = PolicyFacts(
        origin=origin,
        digest=_digest(own),
        problem=f"the limits of the base branch are not known: {why}"[:_MAX_PROBLEM],
    )
    return PolicyInForce(settings=own, facts=facts)


def _facts(settings: Settings, origin: str) -> PolicyFacts:
    return PolicyFacts(origin=origin, digest=_digest(settings))


def _digest(settings: Settings) -> str:
    return f"sha256:{hashlib.sha256(canonical(settings).encode()).hexdigest()}"


def _why(error: MlciError) -> str:
    """In one line; of several problems the first."""
    first = error.problems[0] if isinstance(error, SettingsError) and error.problems else ""
    more = len(error.problems) - 1 if isinstance(error, SettingsError) else 0
    said = first or error.message
    if more > 0:
        said = f"{said} (and {more:,} more problems)"
    if isinstance(error, SettingsError):
        return f"{said}; once it is mended there, what it says counts"
    return f"{said} (check out with fetch-depth: 0)"
