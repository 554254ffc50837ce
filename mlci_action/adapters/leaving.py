"""What does a run leave behind to be bound to? Its manifest, and the bundle of what may deploy."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlci_action.adapters.bundle_writing import write_bundle
from mlci_action.adapters.bundles import read_bundle, read_manifest_text
from mlci_action.adapters.data_reader import DataReader
from mlci_action.adapters.git import Git
from mlci_action.adapters.ledger_file import read_ledger, write_ledger
from mlci_action.adapters.report_folder import make_folder, write_whole
from mlci_action.adapters.seen import CANDIDATE, Seen
from mlci_action.adapters.training.records import record_beside
from mlci_action.domain.bundle_names import MANIFEST, name_in_bundle
from mlci_action.domain.ledger import Ledger
from mlci_action.domain.manifest import FileEntry, Manifest, Promoted
from mlci_action.domain.report import Report
from mlci_action.errors import BundleError, MlciError
from mlci_action.profiles.stored import to_json
from mlci_action.rendering.manifest_json import digest_of_manifest, manifest_to_json
from mlci_action.rendering.manifest_of import environment_text, manifest_of

BUNDLE = "bundle"


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkingCopy:
    """The commit under the run, and whether the files are those of it: looked at before any code
    of the change ran. Both are None outside of git.
    """

    commit: str | None
    clean: bool | None


def working_copy(git: Git) -> WorkingCopy:
    """As git sees it now."""
    head = git.head()
    return WorkingCopy(commit=head, clean=None if head is None else not git.changed())


def ledger_before(folder: Path | None, seen: Seen) -> Ledger:
    """What is known of earlier looks: by runs with this report folder, and by the baseline's."""
    known = read_ledger(folder)
    manifest = None if seen.baseline is None else seen.baseline.manifest
    return known if manifest is None else manifest.ledger.merged(known)


def leave_behind(
    report: Report,
    *,
    seen: Seen,
    reader: DataReader,
    copy: WorkingCopy,
    predictions: bytes | None,
    folder: Path,
) -> str | None:
    """Write manifest.json, for a model that may be deployed bundle/, and the ledger.

    Answers the digest of the bundle, None where there is none. Nothing is written where no
    candidate was found. BundleError when it cannot be written, or the candidate
    is another by now; nothing half-written is left.
    """
    found = seen.candidate
    if found is None:
        return None
    manifest, digest = (
        _manifest(report, seen=seen, copy=copy, ledger=ledger_before(folder, seen)),
        None,
    )
    _make(folder)
    train = reader.train_profile
    if report.decision.deploy:
        bundle = write_bundle(
            manifest,
            model=found.path,
            profile=report.profile,
            predictions=predictions,
            environment=environment_text(manifest),
            train_profile=None if train is None else to_json(train),
            folder=folder / BUNDLE,
        )
        manifest, digest = bundle.manifest, bundle.digest
    _write(manifest, folder)
    return digest


def must_be_unchanged(folder: Path, digest: str) -> None:
    """BundleError unless manifest and bundle are those that were written, byte for byte."""
    bundle = read_bundle(folder / BUNDLE)
    beside = digest_of_manifest(read_manifest_text(folder / MANIFEST))
    if not bundle.digest == beside == digest:
        raise BundleError(
            "the bundle is not the one that was written",
            hint="something that a model or a schema started rewrote it",
        )


def forget_bundle(folder: Path) -> None:
    """Take an earlier run's manifest and bundle away. MlciError when they cannot be."""
    try:
        (folder / MANIFEST).unlink(missing_ok=True)
        if (folder / BUNDLE).is_dir() and not (folder / BUNDLE).is_symlink():
            # The manifest first: without it no half of it is taken for a bundle.
            (folder / BUNDLE / MANIFEST).unlink(missing_ok=True)
            shutil.rmtree(folder / BUNDLE)
    except NotADirectoryError:
        return
    except OSError as error:
        raise MlciError(
            f"cannot remove the earlier bundle in {folder}: {error.strerror or error}",
            hint="choose another folder with --output",
        ) from error


def _manifest(report: Report, *, seen: Seen, copy: WorkingCopy, ledger: Ledger) -> Manifest:
    found, said, baseline = seen.candidate, seen.said_by(CANDIDATE), seen.baseline
    assert found is not None  # noqa: S101 - asked only where there is one
    facts: dict[str, Any] = {} if said is None else dict(said.facts)
    history: tuple[Promoted, ...] = ()
    if baseline is not None and baseline.manifest and baseline.bundle_digest:
        history = baseline.manifest.followed_by(baseline.bundle_digest)
    return manifest_of(
        report,
        model=FileEntry(
            path=name_in_bundle(found.path.name), digest=found.digest, n_bytes=found.n_bytes
        ),
        format=found.format,
        clean=copy.clean,
        commit=copy.commit,
        python=facts.get("python"),
        environment=facts.get("distributions"),
        parameters=facts.get("parameters"),
        training=record_beside(found.path),
        history=history,
        ledger=ledger,
    )


def _write(manifest: Manifest, folder: Path) -> None:
    try:
        write_whole(folder / MANIFEST, manifest_to_json(manifest))
    except OSError as error:
        raise MlciError(
            f"cannot write {MANIFEST} to {folder}: {error.strerror or error}",
            hint="choose another folder with --output",
        ) from error
    write_ledger(manifest.ledger, folder)


def _make(folder: Path) -> None:
    try:
        make_folder(folder)
    except OSError as error:
        raise MlciError(
            f"cannot make {folder}: {error.strerror or error}",
            hint="choose another folder with --output",
        ) from error
