"""Where does a report go? A folder whose files appear whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from mlci_action.domain.report import Report
from mlci_action.errors import MlciError
from mlci_action.rendering.comment import render_comment
from mlci_action.rendering.flips_csv import FLIPS, render_flips
from mlci_action.rendering.report_json import to_json
from mlci_action.rendering.sarif import SARIF, render_sarif
from mlci_action.rendering.summary import render_summary

REPORT = "report.json"
PROFILE = "profile.json"
PREDICTIONS = "predictions.npz"
_MAX_BYTES = 32 * 2**20


def write_report(report: Report, folder: Path, *, run_url: str | None = None) -> str:
    """Write `report` to `folder` (made when missing); answers the digest of its report.json.

    An earlier run's list of flipped rows or profile never stays beside a report without one.

    MlciError when the folder cannot be written.
    """
    text = to_json(report)
    # What a report may be without: an empty one is not written.
    extras = {FLIPS: render_flips(report), PROFILE: report.profile}
    files = {
        **{name: content for name, content in extras.items() if content},
        SARIF: render_sarif(report),
        "comment.md": render_comment(report, run_url=run_url),
        "summary.md": render_summary(report),
        # Last, so that whoever finds report.json finds the others too.
        REPORT: text,
    }
    try:
        make_folder(folder)
        for name in extras.keys() - files.keys():
            (folder / name).unlink(missing_ok=True)
        for name, content in files.items():
            write_whole(folder / name, content)
    except OSError as error:
        raise MlciError(
            f"cannot write the report to {folder}: {error.strerror or error}",
            hint="choose another folder with --output",
        ) from error
    return digest_of(text)


def make_folder(folder: Path) -> None:
    """Make a report folder where there is none; OSError when that cannot be."""
    if not folder.exists():
        folder.mkdir(parents=True)
        # A folder of ours is no change of the working copy, which git would take it for.
        write_whole(folder / ".gitignore", "*\n")


def keep_predictions(content: bytes, folder: Path) -> None:
    """Keep what the candidate said beside its report: later it need not be loaded to be compared.

    MlciError when it cannot be written.
    """
    try:
        make_folder(folder)
        write_bytes_whole(folder / PREDICTIONS, content)
    except OSError as error:
        raise MlciError(
            f"cannot write {PREDICTIONS} to {folder}: {error.strerror or error}",
            hint="choose another folder with --output",
        ) from error


def forget_report(folder: Path) -> None:
    """Take an earlier run's report away: whatever ends this run, nobody takes that for its own.

    MlciError when it cannot be taken away.
    """
    try:
        for name in (REPORT, FLIPS, SARIF, PROFILE, PREDICTIONS):
            (folder / name).unlink(missing_ok=True)
    except NotADirectoryError:
        return
    except OSError as error:
        raise MlciError(
            f"cannot remove the earlier report in {folder}: {error.strerror or error}",
            hint="choose another folder with --output",
        ) from error


def read_report_text(folder: Path) -> str:
    """The text of a report's report.json. MlciError when there is none, or too large a one."""
    path = folder / REPORT
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise MlciError(
            f"no report at {path}: {error.strerror or error}", hint="run `mlci gate` first"
        ) from error
    if len(data) > _MAX_BYTES:
        raise MlciError(f"{path} is larger than {_MAX_BYTES:,} bytes", hint="no report is")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MlciError(f"{path} is not UTF-8 text", hint="run `mlci gate` again") from error


def digest_of(text: str) -> str:
    """SHA-256 of a file with that text, as `sha256:...`."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def write_whole(path: Path, text: str) -> None:
    """Write a text file by way of a temporary name, so that nobody ever sees half of it."""
    write_bytes_whole(path, text.encode())


def write_bytes_whole(path: Path, content: bytes) -> None:
    """Write a file by way of a temporary name, so that nobody ever sees half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
