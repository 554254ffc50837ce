"""What is being tested, and against which commit? The GitHub event as a value."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mlci_action.errors import GitHubError

LOCAL = "local"
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")
_EVENT = re.compile(r"[a-z_]{1,40}")
_NUMBER = re.compile(r"[0-9]{1,18}")
_PULL_REF = re.compile(r"refs/pull/([0-9]{1,18})/")
_MAX_BYTES = 64 * 1024 * 1024
_HINT = (
    "the event file is written by the runner; let the step run on pull_request, push, merge_group, "
    "schedule or workflow_dispatch and leave GITHUB_EVENT_PATH as it is"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """The change that this run judges; on a laptop it is unknown and `event_name` is "local".

    sha: the commit in the workspace, on pull_request the merge commit that GitHub made.
    head_sha: the commit that its author pushed; what comments and reports name.
    base_sha: the commit that the change is measured against, None where the event names none.
    is_fork: whether the head is in another repository, a deleted one included.
    head_repository: where the head is, as owner/name; None where the event does not say.
    started_by: the event of the run that this one follows, None unless the event is workflow_run.
    """

    event_name: str = LOCAL
    repository: str | None = None
    sha: str | None = None
    head_sha: str | None = None
    base_sha: str | None = None
    pr_number: int | None = None
    is_fork: bool = False
    head_repository: str | None = None
    started_by: str | None = None
    ref: str | None = None
    base_ref: str | None = None
    default_branch: str | None = None
    server_url: str | None = None
    run_id: int | None = None
    run_attempt: int | None = None

    @property
    def run_url(self) -> str | None:
        """Where the log of this run is, None outside of GitHub."""
        if not (self.server_url and self.repository and self.run_id):
            return None
        url = f"{self.server_url}/{self.repository}/actions/runs/{self.run_id}"
        return f"{url}/attempts/{self.run_attempt}" if self.run_attempt else url

    def as_mapping(self) -> dict[str, Any]:
        """As JSON values."""
        return {**asdict(self), "run_url": self.run_url}


def load_change(environ: Mapping[str, str]) -> Change:
    """The change that the environment and its event file describe; GitHubError for a broken one."""
    path = environ.get("GITHUB_EVENT_PATH", "")
    if not (environ.get("GITHUB_EVENT_NAME") and path):
        return read_event(environ, {})
    try:
        with Path(path).open("rb") as file:
            payload = json.loads(file.read(_MAX_BYTES).decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is not JSON"
        raise GitHubError(f"cannot read the event file: {reason}", hint=_HINT) from exc
    if not isinstance(payload, dict):
        raise GitHubError("cannot read the event file: it is not a JSON object", hint=_HINT)
    return read_event(environ, payload)


def read_event(environ: Mapping[str, str], payload: Mapping[str, Any]) -> Change:
    """The change that GITHUB_* variables and the event's payload describe.

    GitHubError when the event says less than it must; without GITHUB_EVENT_NAME it is local.
    """
    event_name = environ.get("GITHUB_EVENT_NAME", "")
    if not event_name:
        return Change()
    sha = _sha(environ.get("GITHUB_SHA"))
    known: dict[str, Any] = {
        "event_name": event_name,
        "repository": _repository(environ.get("GITHUB_REPOSITORY")),
        "sha": sha,
        "head_sha": sha,
        "ref": environ.get("GITHUB_REF") or None,
        "default_branch": _text(_object(payload, "repository").get("default_branch")),
        "server_url": environ.get("GITHUB_SERVER_URL", "").rstrip("/") or None,
        "run_id": _number(environ.get("GITHUB_RUN_ID")),
        "run_attempt": _number(environ.get("GITHUB_RUN_ATTEMPT")),
    }
    if event_name.startswith("pull_request"):
        known |= _pull_request(environ, payload)
    elif event_name == "merge_group":
        group = _object(payload, "merge_group")
        known |= {
            "head_sha": _required(group, "merge_group", "head_sha"),
            "base_sha": _required(group, "merge_group", "base_sha"),
            "base_ref": (_text(group.get("base_ref")) or "").removeprefix("refs/heads/") or None,
        }
    elif event_name == "push":
        known |= {"base_sha": _sha(payload.get("before"))}
    elif event_name == "workflow_run":
        run = _object(payload, "workflow_run")
        theirs = _full_name(run, "head_repository")
        known |= {
            "is_fork": not _same(known["repository"], theirs),
            "head_repository": theirs,
            "started_by": _event_name(run.get("event")),
        }
    return Change(**known)


def _pull_request(environ: Mapping[str, str], payload: Mapping[str, Any]) -> dict[str, Any]:
    pull = _object(payload, "pull_request")
    head, base = _object(pull, "head"), _object(pull, "base")
    number = _number(pull.get("number"))
    if number is None:
        raise GitHubError("the event has no pull_request.number", hint=_HINT)
    named = _PULL_REF.match(environ.get("GITHUB_REF", ""))
    # The runner sets GITHUB_REF anew for every step; the file can be written by an earlier one.
    if named and int(named[1]) != number:
        raise GitHubError(
            f"the event file says pull request {number}, GITHUB_REF says {named[1]}", hint=_HINT
        )
    head_sha = _required(head, "pull_request.head", "sha")
    ours = environ.get("GITHUB_REPOSITORY") or _full_name(base, "repo")
    theirs = _full_name(head, "repo")
    fields: dict[str, Any] = {
        "head_sha": head_sha,
        "base_sha": _required(base, "pull_request.base", "sha"),
        "base_ref": _text(base.get("ref")),
        "pr_number": number,
        "is_fork": not _same(ours, theirs),
        "head_repository": theirs,
    }
    if environ.get("GITHUB_EVENT_NAME") == "pull_request_target":
        # Here GITHUB_SHA is the base branch: taken as the commit under test it would be compared
        # with itself.
        fields["sha"] = head_sha
    return fields


def _same(ours: str | None, theirs: str | None) -> bool:
    """Whether both are known, and one repository."""
    return bool(ours and theirs and ours.lower() == theirs.lower())


def _full_name(parent: Mapping[str, Any], key: str) -> str | None:
    """The owner/name of the repository there, None for a deleted one."""
    return _repository(_text(_object(parent, key).get("full_name")))


def _event_name(value: object) -> str | None:
    text = _text(value)
    return text if text and _EVENT.fullmatch(text) else None


def _object(parent: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = parent.get(key)
    return value if isinstance(value, Mapping) else {}


def _required(parent: Mapping[str, Any], name: str, key: str) -> str:
    value = _sha(parent.get(key))
    if value is None:
        raise GitHubError(f"the event has no {name}.{key}", hint=_HINT)
    return value


def _sha(value: object) -> str | None:
    """A full commit id; None for anything else, and for the zeros that mean "no commit"."""
    if not (isinstance(value, str) and _SHA.fullmatch(value)):
        return None
    return value if value.strip("0") else None


def _repository(value: str | None) -> str | None:
    return value if value and _REPOSITORY.fullmatch(value) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> int | None:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
