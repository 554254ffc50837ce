"""Which artifact is a baseline? The newest that a trusted, successful run on the base branch left.

Never one of a fork, of a pull request, or of the commit that is being tested.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from mlci_action.adapters.baseline_sources.taken import Place, Taken
from mlci_action.adapters.bundle_zip import NoZip, unpack, zip_holds
from mlci_action.adapters.github_access import GitHubAccess, bringing, github_of, looking
from mlci_action.adapters.github_artifacts import Artifact, GitHubArtifacts, WorkflowRun
from mlci_action.adapters.github_files import fetch_file
from mlci_action.adapters.model_bytes.folders import NoFolder, files_in
from mlci_action.adapters.network import Network
from mlci_action.domain.bundle_names import MANIFEST, is_plain_path
from mlci_action.domain.sources import ArtifactSource
from mlci_action.errors import BaselineError, BaselineMissing, BaselineUnknown, GitHubError
from mlci_action.rendering.plain import one_line

_TRUSTED_EVENTS = ("push", "schedule", "workflow_dispatch", "merge_group")
_JSON = "application/vnd.github+json"
_MAX_RUNS_ASKED = 20
_MAX_REASONS = 3
_MAX_NAME = 100
_AGAIN = "run the workflow on that branch again, it uploads a new one"
_ZIP_START = b"PK"


def take(
    source: ArtifactSource, place: Place, *, sleep: Callable[[float], None] = time.sleep
) -> Taken:
    """Brings the artifact's bundle, as a zip, or the one model file that it holds.

    Errors as `Take` has them. An expired artifact is BaselineUnknown: there was a baseline once.
    """
    access = github_of(place.change, place.environ, place.folder, sleep=sleep)
    with looking():
        artifact, run = _Choice(source=source, place=place, access=access).newest()
    what = f"the artifact {source.name} of run {run.id}"
    place.say(f"downloading {what}, {artifact.n_bytes:,} bytes")
    place.store.mkdir(parents=True, exist_ok=True)
    packed = place.store / "artifact.zip"
    with bringing(what):
        fetch_file(
            access.http,
            GitHubArtifacts(access).zip_url(artifact),
            packed,
            network=Network.from_environ(place.environ),
            accept=_JSON,
            n_bytes=None if artifact.digest is None else artifact.n_bytes,
            digest=artifact.digest,
            sleep=sleep,
        )
    return Taken(
        path=_content(packed, artifact, what),
        origin=f"artifact {source.name} of run {run.id} on {one_line(artifact.branch, _MAX_NAME)}",
        commit=run.head_sha,
        modified=artifact.created or None,
        url=run.url or None,
    )


@dataclass(kw_only=True)
class _Choice:
    """Looks through the artifacts of one name, and remembers why each was not taken."""

    source: ArtifactSource
    place: Place
    access: GitHubAccess
    branch: str = ""
    reasons: list[str] = field(default_factory=list)
    n_asked: int = 0
    tip: str = ""
    expired: str = ""

    def newest(self) -> tuple[Artifact, WorkflowRun]:
        """The newest that may be a baseline. BaselineMissing or BaselineUnknown when none may."""
        change, api = self.place.change, GitHubArtifacts(self.access)
        # The clone may know another default branch than the repository has by now.
        self.branch = change.base_ref or change.default_branch or self.access.default_branch()
        for artifact in api.list_artifacts(self.source.name):
            run = self._why_not(artifact) or self._run_of(artifact, api)
            if isinstance(run, WorkflowRun):
                return artifact, run
            self.reasons.append(f"run {artifact.run_id}: {run}")
            if self.n_asked >= _MAX_RUNS_ASKED:
                self.reasons.append("older ones were not looked at")
                break
        raise self._none()

    def _why_not(self, artifact: Artifact) -> str:
        """Why it may be none, by what the list says of it; empty when it may be one."""
        if not artifact.is_own:
            return "it comes from a fork"
        if artifact.branch != self.branch:
            return f"it comes from the branch {one_line(artifact.branch, _MAX_NAME)}"
        if artifact.head_sha in self.place.under_test:
            return "it comes from the commit under test"
        return ""

    def _run_of(self, artifact: Artifact, api: GitHubArtifacts) -> WorkflowRun | str:
        """The run that made it, where that and the artifact can be trusted; else why not."""
        self.n_asked += 1
        try:
            run = api.get_run(artifact.run_id)
        except GitHubError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return "its run is not there any more"
        why = _why_no_run(run, artifact)
        if why:
            return why
        self.tip = self.tip or api.tip_of(self.branch)
        # Pushing a tag of the branch's name makes a run that looks like one of the branch.
        if not api.is_before(artifact.head_sha, self.tip):
            return f"its commit is not on {one_line(self.branch, _MAX_NAME)}"
        if artifact.is_expired:
            expired = f"expired on {one_line(artifact.expires[:10])}"
            self.expired = self.expired or f"that of run {run.id} {expired}"
            return f"it {expired}"
        return run

    def _none(self) -> BaselineMissing:
        name, branch = self.source.name, one_line(self.branch, _MAX_NAME)
        if self.expired:
            return BaselineUnknown(
                f"the artifacts {name} of {branch} have expired ({self.expired})", hint=_AGAIN
            )
        shown = self.reasons[:_MAX_REASONS]
        if len(self.reasons) > _MAX_REASONS:
            shown.append(f"and {len(self.reasons) - _MAX_REASONS:,} more")
        why = f" ({'; '.join(shown)})" if shown else ""
        return BaselineMissing(
            f"no successful run on {branch} has left an artifact {name}{why}",
            hint=f"upload the output bundle-path with actions/upload-artifact, `name: {name}`, in a"
            f" run on {branch}",
        )


def _why_no_run(run: WorkflowRun, artifact: Artifact) -> str:
    """Why what this run left is no baseline; empty when it is."""
    if run.event not in _TRUSTED_EVENTS:
        return f"it was started by {one_line(run.event, _MAX_NAME)}"
    if run.head_sha != artifact.head_sha:
        return "its run is of another commit"
    if run.conclusion != "success":
        ended = "has not ended" if run.conclusion is None else f"ended with {run.conclusion}"
        return f"it {one_line(ended, _MAX_NAME)}"
    return ""


def _content(packed: Path, artifact: Artifact, what: str) -> Path:
    """The bundle's zip as it is, or the one file in it."""
    with packed.open("rb") as file:
        is_zip = file.read(len(_ZIP_START)) == _ZIP_START
    if is_zip and zip_holds(packed, MANIFEST):
        return packed
    if not is_zip:
        # Uploaded with `archive: false`, a file is itself.
        return _as_it_is(packed, artifact, what)
    folder = packed.with_name("unpacked")
    try:
        unpack(packed, folder)
        files = files_in(folder)
    except (NoZip, NoFolder) as error:
        raise BaselineError(
            f"{what} {error}", hint="run the workflow that uploads it again"
        ) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BaselineError(
            f"{what} cannot be unpacked: {reason}", hint="is there room on the disk?"
        ) from error
    if len(files) != 1:
        raise BaselineError(
            f"{what} holds {len(files):,} files and no bundle",
            hint="upload the output bundle-path, or one model file alone",
        )
    return files[0].path


def _as_it_is(packed: Path, artifact: Artifact, what: str) -> Path:
    if packed.stat().st_size != artifact.n_bytes or not is_plain_path(artifact.name):
        raise BaselineError(
            f"{what} is no zip: what arrived is not what was uploaded", hint="run the job again"
        )
    return packed.replace(packed.with_name(f"as-{artifact.name}"))
