"""Step `evaluate`: the gate itself. It runs the user's code, so it holds no token.

Whatever that code started is ended, and whatever it wrote into the runner's files is dropped,
before the summary, the annotations and, last of all, the outputs are written.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

from mlci_action.adapters.base_commit import find_base
from mlci_action.adapters.changed_lines import find_changed_lines
from mlci_action.adapters.containment import contained, hide_memory
from mlci_action.adapters.fetched import objects_in
from mlci_action.adapters.git import Git
from mlci_action.adapters.github_event import load_change
from mlci_action.adapters.github_runner import Console, RunnerFiles
from mlci_action.adapters.leaving import BUNDLE, forget_bundle, must_be_unchanged
from mlci_action.adapters.report_folder import digest_of, read_report_text
from mlci_action.adapters.world import Speaker
from mlci_action.domain.bundle_names import MANIFEST
from mlci_action.domain.comparison import ComparisonRow
from mlci_action.domain.fail_on import BUG_EXIT_CODE
from mlci_action.domain.report import Report
from mlci_action.errors import MlciError, SettingsError
from mlci_action.rendering.annotations import (
    Annotation,
    render_annotations,
    render_row_annotations,
)
from mlci_action.rendering.plain import one_line
from mlci_action.rendering.summary import render_summary
from mlci_action.rendering.terminal import render_terminal
from mlci_action.runs import Finished, RunOptions, refuse
from mlci_action.runs import run as run_gate
from mlci_action.settings.inputs import ActionInputs
from mlci_action.stages.surroundings import (
    REPORT_FOLDER,
    config_of,
    console_of,
    inputs_of,
    state_of,
)


def run(environ: Mapping[str, str]) -> int:
    """0 whenever a verdict was reached and written; 3 for a bug of ours."""
    console, files = console_of(environ), RunnerFiles.from_environ(environ)
    folder = state_of(environ) / REPORT_FOLDER
    hide_memory()
    try:
        with contained():
            finished = _judged(environ, folder, console)
            # Here, so that whatever git starts ends with everything else.
            on_lines = _on_changed_lines(finished.report, environ)
    finally:
        # Also when a signal or a full disk ends the step: later steps read these files.
        files.empty_command_files()
    finished = _as_it_was_left(finished, folder, environ)
    _show(finished, on_lines, console, files)
    files.write_outputs(_outputs(finished, folder))
    return finished.exit_code if finished.exit_code == BUG_EXIT_CODE else 0


def _judged(environ: Mapping[str, str], folder: Path, console: Console) -> Finished:
    try:
        options = _options(inputs_of(environ), environ, folder)
    except SettingsError as error:
        return refuse(error, folder, environ=environ)
    speaker = Speaker(say=console.say, foreign=console.foreign)
    return run_gate(options, environ=environ, speaker=speaker)


def _as_it_was_left(finished: Finished, folder: Path, environ: Mapping[str, str]) -> Finished:
    """The same, unless something of the user's rewrote the bundle before it was ended."""
    if finished.bundle is None:
        return finished
    try:
        must_be_unchanged(folder, finished.bundle)
    except MlciError as error:
        forget_bundle(folder)
        return refuse(error, folder, environ=environ)
    return finished


def _options(inputs: ActionInputs, environ: Mapping[str, str], folder: Path) -> RunOptions:
    return RunOptions(
        config=config_of(inputs, environ),
        output=folder,
        candidate=inputs.candidate,
        baseline=inputs.baseline,
        python=inputs.python,
        state=state_of(environ),
    )


def _on_changed_lines(report: Report, environ: Mapping[str, str]) -> tuple[Annotation, ...]:
    """What is wrong with the data on lines that this change touches, where git can tell."""
    files = {place.file for found in report.located for place in found.places if place.line}
    if not files:
        return ()
    try:
        folder = config_of(inputs_of(environ), environ).absolute().parent
        git = Git(folder=folder, extra_objects=objects_in(state_of(environ)), environ=environ)
        base = find_base(load_change(environ), git).commit
    except MlciError:
        return ()
    changed = find_changed_lines(git, base, files)
    return render_row_annotations(report.located, changed, report.checks)


def _show(
    finished: Finished, on_lines: Sequence[Annotation], console: Console, files: RunnerFiles
) -> None:
    console.say(render_terminal(finished.report))
    if finished.crash is not None:
        console.foreign("".join(traceback.format_exception(finished.crash)))
    for each in (*render_annotations(finished.report), *on_lines):
        console.annotate(each.level, each.title, each.message, file=each.file, line=each.line)
    files.write_summary(render_summary(finished.report))


def _outputs(finished: Finished, folder: Path) -> dict[str, str]:
    """What later steps and jobs read: each on one line, and `deploy` a bare word."""
    report = finished.report
    return {
        "verdict": report.decision.verdict.value,
        "deploy": "true" if report.decision.deploy else "false",
        "reason": one_line(report.decision.reasons[0]),
        "exit-code": str(finished.exit_code),
        "report-path": str(folder),
        "report-digest": digest_of(read_report_text(folder)),
        "bundle-path": _where(folder / BUNDLE),
        "manifest-path": _where(folder / MANIFEST),
        "model-digest": str(report.provenance.get("candidate", {}).get("digest") or ""),
        "metrics": _metrics(report),
    }


def _where(path: Path) -> str:
    """Its path where there is one, else nothing."""
    return str(path) if path.exists() else ""


def _metrics(report: Report) -> str:
    rows = () if report.comparison is None else report.comparison.rows
    values = {_key(row): row.candidate for row in rows if row.slice is None}
    return json.dumps(values, allow_nan=False)


def _key(row: ComparisonRow) -> str:
    return row.metric.name if row.sensitive is None else f"{row.metric.name} by {row.sensitive}"
