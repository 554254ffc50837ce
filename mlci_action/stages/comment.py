"""Step `comment`: the report under the pull request. With the token, after user code has run.

It trusts nothing that code could have written: the report must have the digest that the runner
remembers, and is parsed strictly and rendered anew. It never changes the verdict and never fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mlci_action.adapters.github_comment import CommentOutcome, CommentStatus
from mlci_action.adapters.github_event import Change, load_change
from mlci_action.adapters.github_runner import RunnerFiles
from mlci_action.adapters.report_folder import digest_of, read_report_text
from mlci_action.domain.decision import Decision
from mlci_action.domain.outcomes import AnnotationLevel, Verdict
from mlci_action.domain.report import Report
from mlci_action.errors import MlciError
from mlci_action.posting import post_report
from mlci_action.rendering.report_json import from_json
from mlci_action.stages.surroundings import (
    REPORT_FOLDER,
    comment_key,
    console_of,
    inputs_of,
    state_of,
)

_NO_VERDICT = Decision(
    verdict=Verdict.ERROR,
    deploy=False,
    reasons=("the evaluation ended before it reached a verdict; the log of the run says why",),
)
_NOT_POSTED = (CommentStatus.FORBIDDEN, CommentStatus.FAILED)


def run(environ: Mapping[str, str]) -> int:
    """Always 0; the outputs say what became of the comment, and a note why it is not there."""
    console, files = console_of(environ), RunnerFiles.from_environ(environ)
    try:
        outcome = _published(environ)
    except MlciError as error:
        outcome = CommentOutcome(status=CommentStatus.FAILED, note=str(error))
    if outcome.status in _NOT_POSTED:
        console.annotate(AnnotationLevel.WARNING, "mlci: no comment", outcome.note)
        files.write_summary(f"\n{outcome.note}\n")
    elif outcome.note:
        console.say(outcome.note)
    console.say(f"comment: {outcome.status}")
    files.write_outputs({"comment-url": outcome.url or "", "comment-status": outcome.status.value})
    return 0


def _published(environ: Mapping[str, str]) -> CommentOutcome:
    inputs, change = inputs_of(environ), _change(environ)
    if not inputs.comment:
        return CommentOutcome(status=CommentStatus.SKIPPED, note="comment: false")
    report = _report(environ)
    return post_report(
        report,
        change,
        token=environ.get("MLCI_TOKEN", ""),
        key=comment_key(inputs),
        mode=inputs.comment_mode.value,
        environ=environ,
        api_url=inputs.github_api_url,
    )


def _change(environ: Mapping[str, str]) -> Change:
    """The change, with what the runner itself says of it above what the event file says."""
    change = load_change(environ)
    number = environ.get("MLCI_PULL_REQUEST") or ""
    return replace(
        change,
        pr_number=int(number) if number.isdecimal() else None,
        head_sha=environ.get("MLCI_HEAD_SHA") or change.head_sha,
    )


def _report(environ: Mapping[str, str]) -> Report:
    """The report of an evaluation that ended by itself; of any other only that it did not."""
    if environ.get("MLCI_EVALUATE_OUTCOME") != "success":
        return Report(decision=_NO_VERDICT)
    text = read_report_text(state_of(environ) / REPORT_FOLDER)
    if digest_of(text) != environ.get("MLCI_REPORT_DIGEST"):
        raise MlciError(
            "the report changed after it was written, so it is not posted",
            hint="something that an earlier step started is still running",
        )
    return from_json(text)
