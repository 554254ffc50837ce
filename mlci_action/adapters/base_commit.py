"""Which commit is this change measured against, and which commits are under test?"""

from __future__ import annotations

from dataclasses import dataclass

from mlci_action.adapters.git import Git
from mlci_action.adapters.github_event import LOCAL, Change


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseCommit:
    """What the ref `base` means in this run.

    `commit` is None where there is none, and `why_none` then says why. No baseline may come from
    the commits `under_test`.
    """

    commit: str | None
    why_none: str = ""
    under_test: frozenset[str] = frozenset()


def find_base(change: Change, git: Git) -> BaseCommit:
    """The event's base; on a laptop the commit where this branch left the default branch."""
    return _local_base(git) if change.event_name == LOCAL else _event_base(change, git)


def _event_base(change: Change, git: Git) -> BaseCommit:
    under_test = frozenset(sha for sha in (change.sha, change.head_sha, git.head()) if sha)
    why = f"the event {change.event_name} has no base commit"
    if change.event_name == "push":
        why = "this push made the branch, so there is no commit before it"
    return BaseCommit(commit=change.base_sha, why_none=why, under_test=under_test)


def _local_base(git: Git) -> BaseCommit:
    head = git.head()
    if head is None:
        return BaseCommit(commit=None, why_none="there is no git commit here")
    # With uncommitted changes the working copy is under test, and the commit may be its baseline.
    under_test = frozenset() if git.changed() else frozenset({head})
    default = git.default_branch()
    base = head if default is None else git.merge_base(head, default)
    if base is None:
        return BaseCommit(
            commit=None,
            why_none="this branch and the default branch have no common commit here",
            under_test=under_test,
        )
    if base in under_test:
        before = git.parent(head)
        return BaseCommit(
            commit=before,
            why_none=f"commit {head[:12]} is on the default branch and has no parent here",
            under_test=under_test,
        )
    return BaseCommit(commit=base, under_test=under_test)
