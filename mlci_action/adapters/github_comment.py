"""How does the report become the one comment under its pull request? It never changes a verdict."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from mlci_action.adapters.github_api import GitHubApi, IssueComment
from mlci_action.adapters.github_event import Change
from mlci_action.adapters.github_http import AnswerLost, NotNow
from mlci_action.domain.outcomes import Verdict
from mlci_action.errors import GitHubError

PERMISSIONS = """\
permissions:
  contents: read
  pull-requests: write"""
MAX_BODY_CHARS = 65_536
_CUT = "\n\n*This comment was cut here: it is longer than GitHub takes.*\n"
_MARKER = re.compile(r"<!-- mlci:v1 ([^<>\r\n]*) -->(?:\r?\n|$)")
_MAX_KEY_CHARS = 64
_FORBIDDEN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
# How long to wait before looking what became of a comment whose answer was lost.
_LOST_WAITS_SECONDS = (2.0, 10.0, 30.0)


class CommentStatus(StrEnum):
    """What became of the comment; the values are public."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    FORBIDDEN = "forbidden"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class CommentOutcome:
    """The answer to a comment that was to be posted: where it is, or why it is not there."""

    status: CommentStatus
    url: str | None = None
    note: str = ""


def publish_comment(
    api: GitHubApi, change: Change, body: str, *, key: str, mode: str, verdict: Verdict
) -> CommentOutcome:
    """Create or update the comment that `key` names. Raises nothing that GitHub may cause.

    mode: `always`; `changes`, when the verdict differs from the one shown; `failures`, which makes
    no comment about a pass but brings an existing one up to date.
    """
    if change.pr_number is None:
        note = f"no comment: the event {change.event_name!r} belongs to no pull request"
        return CommentOutcome(status=CommentStatus.SKIPPED, note=note)
    if mode not in ("always", "changes", "failures"):
        raise ValueError(f"unknown comment mode: {mode!r}")
    marker = _Marker(
        key=_clean_key(key),
        sha=change.head_sha or "",
        verdict=verdict.value,
        run=(change.run_id or 0, change.run_attempt or 0),
    )
    try:
        posting = _Posting(
            api=api,
            number=change.pr_number,
            login=api.whoami(),
            marker=marker,
            text=_text(marker, body),
        )
        return _publish(posting, mode)
    except GitHubError as exc:
        return _not_posted(exc, change)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Marker:
    """The first line of our comment: whose it is, and what it was written for."""

    key: str
    sha: str
    verdict: str
    run: tuple[int, int]

    def __str__(self) -> str:
        run = f"{self.run[0]}/{self.run[1]}"
        return f"<!-- mlci:v1 key={self.key} sha={self.sha} verdict={self.verdict} run={run} -->"

    @classmethod
    def of(cls, comment: IssueComment) -> _Marker | None:
        found = _MARKER.match(comment.body)
        if found is None:
            return None
        fields = dict(pair.split("=", 1) for pair in found[1].split() if "=" in pair)
        run = re.fullmatch(r"([0-9]{1,18})/([0-9]{1,18})", fields.get("run", ""))
        return cls(
            key=fields.get("key", ""),
            sha=fields.get("sha", ""),
            verdict=fields.get("verdict", ""),
            run=(int(run[1]), int(run[2])) if run else (0, 0),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Posting:
    """What is to be said, where, and as whom."""

    api: GitHubApi
    number: int
    login: str
    marker: _Marker
    text: str

    def ours(self, comments: Iterable[IssueComment], author: str) -> list[IssueComment]:
        """Our comments, oldest first; anybody can paste a marker, so the author counts."""
        found = []
        for comment in comments:
            marker = _Marker.of(comment)
            mine = comment.author.lower() == author.lower()
            if mine and marker is not None and marker.key == self.marker.key:
                found.append(comment)
        return sorted(found, key=lambda comment: comment.id)

    def is_outrun_by(self, comment: IssueComment) -> bool:
        """Whether a later run has already written about this commit."""
        shown = _Marker.of(comment)
        return shown is not None and shown.sha == self.marker.sha and shown.run > self.marker.run


def _publish(posting: _Posting, mode: str) -> CommentOutcome:
    head_sha = posting.api.get_pull(posting.number).head_sha
    if posting.marker.sha != head_sha:
        note = f"no comment: the pull request is at {head_sha[:12]}, this run judged another commit"
        return CommentOutcome(status=CommentStatus.SKIPPED, note=note)
    listed = posting.api.list_comments(posting.number)
    ours = posting.ours(listed.comments, posting.login)
    if ours:
        first, *duplicates = ours
        outcome = _bring_up_to_date(posting, first, mode)
        return _noted(outcome, _delete(posting, duplicates))
    if mode == "failures" and posting.marker.verdict == Verdict.PASS:
        note = "no comment: the verdict is pass, and comment-mode is failures"
        return CommentOutcome(status=CommentStatus.SKIPPED, note=note)
    unseen = "" if listed.complete else "too many comments to look through; this may be a second"
    return _noted(_create(posting), unseen)


def _bring_up_to_date(posting: _Posting, comment: IssueComment, mode: str) -> CommentOutcome:
    if posting.is_outrun_by(comment):
        note = "no comment: a later run has reported on this commit"
        return CommentOutcome(status=CommentStatus.SKIPPED, url=comment.url, note=note)
    shown = _Marker.of(comment)
    if mode == "changes" and shown is not None and shown.verdict == posting.marker.verdict:
        note = f"the comment stays: the verdict is still {shown.verdict}"
        return CommentOutcome(status=CommentStatus.UNCHANGED, url=comment.url, note=note)
    if _says_the_same(comment.body, posting.text):
        return CommentOutcome(status=CommentStatus.UNCHANGED, url=comment.url)
    try:
        updated = posting.api.update_comment(comment.id, posting.text)
    except GitHubError as exc:
        if exc.status != HTTPStatus.NOT_FOUND:
            raise
        # Somebody deleted it since it was listed.
        return _create(posting)
    return CommentOutcome(status=CommentStatus.UPDATED, url=updated.url)


def _create(posting: _Posting) -> CommentOutcome:
    made = _create_once(posting)
    try:
        return _settle_race(posting, made)
    except GitHubError as exc:
        note = f"there may be a second comment, since looking for one failed: {exc.message}"
        return CommentOutcome(status=CommentStatus.CREATED, url=made.url, note=note)


def _create_once(posting: _Posting) -> IssueComment:
    """The new comment. When the answer is lost, it is looked for before it is made again."""
    for seconds in _LOST_WAITS_SECONDS:
        try:
            return posting.api.create_comment(posting.number, posting.text)
        except AnswerLost:
            if not posting.api.pause(seconds):
                raise
        listed = posting.api.list_comments(posting.number)
        for comment in posting.ours(listed.comments, posting.login):
            if comment.body.rstrip() == posting.text.rstrip():
                return comment
    return posting.api.create_comment(posting.number, posting.text)


def _settle_race(posting: _Posting, made: IssueComment) -> CommentOutcome:
    """Keep the oldest comment: a run that raced this one found none to update either.

    The author is taken from the answer, since an app's token may not ask for its own name.
    """
    listed = posting.api.list_comments(posting.number).comments
    every = {c.id: c for c in (*posting.ours(listed, made.author or posting.login), made)}
    oldest = every.pop(min(every))
    is_first = oldest.id == made.id
    if not (is_first or posting.is_outrun_by(oldest)):
        posting.api.update_comment(oldest.id, posting.text)
    note = _delete(posting, every.values())
    status = CommentStatus.CREATED if is_first else CommentStatus.UPDATED
    return CommentOutcome(status=status, url=oldest.url, note=note)


def _delete(posting: _Posting, comments: Iterable[IssueComment]) -> str:
    """Delete them; a note when that fails, since the comment that counts is there."""
    try:
        for comment in comments:
            posting.api.delete_comment(comment.id)
    except GitHubError as exc:
        return f"a second comment could not be deleted: {exc.message}"
    return ""


def _says_the_same(shown: str, text: str) -> bool:
    """Whether only the run differs. GitHub's own editor ends lines with CR LF."""

    def without_run(body: str) -> str:
        return re.sub(r" run=\S+ -->", " -->", body.replace("\r\n", "\n").rstrip(), count=1)

    return without_run(shown) == without_run(text)


def _text(marker: _Marker, body: str) -> str:
    # A lone surrogate, from a file name, is no text that GitHub would take.
    clean = body.encode("utf-8", "replace").decode("utf-8")
    text = f"{marker}\n{clean}"
    if len(text) <= MAX_BODY_CHARS:
        return text
    whole_lines, _, _ = text[: MAX_BODY_CHARS - len(_CUT)].rpartition("\n")
    return whole_lines + _CUT


def _clean_key(key: str) -> str:
    """`key` in the characters that a marker holds; two keys that differ stay different."""
    clean = re.sub(r"[^A-Za-z0-9._-]+", "-", key).strip("-")[:_MAX_KEY_CHARS]
    if clean == key:
        return key
    return f"{clean}-{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:8]}".lstrip("-")


def _noted(outcome: CommentOutcome, note: str) -> CommentOutcome:
    notes = "; ".join(part for part in (outcome.note, note) if part)
    return CommentOutcome(status=outcome.status, url=outcome.url, note=notes)


def _not_posted(exc: GitHubError, change: Change) -> CommentOutcome:
    if isinstance(exc, NotNow | AnswerLost) or exc.status not in _FORBIDDEN:
        return CommentOutcome(
            status=CommentStatus.FAILED, note=f"the comment was not posted: {exc}"
        )
    if change.is_fork:
        remedy = (
            "The pull request comes from a fork, and its token only reads, whatever "
            "`permissions:` says; the same report stands in the job's summary. A pull request of "
            "the repository's own branches can be commented on with"
        )
    else:
        remedy = (
            "Dependabot's pull requests get a token that only reads; all others need, in the "
            "workflow or in the job (the job's replaces the workflow's)"
        )
    note = f"the comment was not posted: {exc.message}. {remedy}:\n\n{PERMISSIONS}"
    return CommentOutcome(status=CommentStatus.FORBIDDEN, note=note)
