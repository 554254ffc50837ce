"""What does each command do? One function each, from its options to an exit code."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mlci_action.adapters.github_comment import CommentStatus
from mlci_action.adapters.github_event import load_change
from mlci_action.adapters.github_runner import Console, defused
from mlci_action.adapters.report_folder import read_report_text
from mlci_action.domain.report import Report
from mlci_action.errors import BaselineMissing, MlciError
from mlci_action.rendering.report_json import from_json, to_json
from mlci_action.rendering.terminal import render_terminal
from mlci_action.stages import run_stage

if TYPE_CHECKING:
    from mlci_action.adapters.baselines import Baseline
    from mlci_action.adapters.world import RealWorld, Speaker
    from mlci_action.runs import RunOptions

Environ = Mapping[str, str]


def run_command(options: argparse.Namespace, environ: Environ) -> int:
    """The exit code of the command that `options` name. Heavy libraries are imported where used."""
    commands: dict[str, Callable[[argparse.Namespace, Environ], int]] = {
        "gate": _gate,
        "data": _data,
        "baseline": _baseline,
        "comment": _comment,
        "schema": _schema,
        "demo": _demo,
        "stage": lambda chosen, around: run_stage(chosen.name, around),
    }
    return commands[options.command](options, environ)


def _gate(options: argparse.Namespace, environ: Environ) -> int:
    from mlci_action.runs import RunOptions

    run_options = RunOptions(
        config=options.config,
        output=options.output,
        candidate=options.candidate,
        baseline=options.baseline,
        python=options.python,
    )
    return _run(run_options, environ, as_json=options.json)


def _data(options: argparse.Namespace, environ: Environ) -> int:
    from mlci_action.runs import RunOptions

    run_options = RunOptions(config=options.config, output=options.output, data_only=True)
    return _run(run_options, environ, as_json=options.json)


def _run(run_options: RunOptions, environ: Environ, *, as_json: bool) -> int:
    from mlci_action.runs import run

    console = _progress(environ)
    finished = run(run_options, environ=environ, speaker=_speaker(console))
    if finished.crash is not None:
        console.foreign("".join(traceback.format_exception(finished.crash)))
    if as_json:
        _print_json(to_json(finished.report), environ)
    else:
        _print(_table(finished.report, environ, run_options.output), environ)
    return finished.exit_code


def _baseline(options: argparse.Namespace, environ: Environ) -> int:
    from mlci_action.runs import RunOptions, real_world

    asked = options.source if options.what == "pull" else None
    run_options = RunOptions(config=options.config, baseline=asked)
    speaker = _speaker(_progress(environ))
    with real_world(run_options, load_change(environ), environ=environ, speaker=speaker) as world:
        if options.what == "list":
            return _list_baselines(world, environ)
        try:
            return _copy_baseline(world.found_baseline(), options.output, environ)
        except BaselineMissing as error:
            _print(str(error), environ)
            return 1


def _list_baselines(world: RealWorld, environ: Environ) -> int:
    found = False
    for source in world.settings.baseline:
        try:
            baseline = world.baselines.find([source])
            found = True
            _print(f"{source}: {baseline.file.digest}, of {baseline.modified}", environ)
        except MlciError as error:
            _print(f"{source}: {error}", environ)
    return 0 if found else 1


def _comment(options: argparse.Namespace, environ: Environ) -> int:
    from mlci_action.posting import post_report

    token = environ.get("GITHUB_TOKEN") or environ.get("GH_TOKEN") or ""
    outcome = post_report(
        from_json(read_report_text(options.report)),
        load_change(environ),
        token=token,
        key=options.id,
        mode=options.mode,
        environ=environ,
    )
    _print(f"{outcome.status}: {outcome.url or outcome.note}", environ)
    return 2 if outcome.status in (CommentStatus.FORBIDDEN, CommentStatus.FAILED) else 0


def _schema(options: argparse.Namespace, environ: Environ) -> int:
    if options.what == "infer":
        return _infer_schema(options.data, environ)
    from mlci_action.settings.schema import json_schema

    _print_json(json.dumps(json_schema(), indent=2), environ)
    return 0


def _infer_schema(pattern: str, environ: Environ) -> int:
    from mlci_action.adapters.summaries import sum_up_chunks
    from mlci_action.adapters.tables.source import open_table
    from mlci_action.profiles.table import Aims
    from mlci_action.rendering.schema_proposal import propose_schema

    source = open_table(pattern, Path.cwd())
    profile = sum_up_chunks(source.chunks(), aims=Aims(rows=False, relations=False)).profile
    _print(propose_schema(profile).rstrip("\n"), environ)
    return 0


def _demo(options: argparse.Namespace, environ: Environ) -> int:
    from mlci_action.adapters.sample import materialise_sample
    from mlci_action.runs import RunOptions, run

    console = _progress(environ)
    folder = options.folder or Path(tempfile.mkdtemp(prefix="mlci-demo-")) / "sample"
    console.say("training the sample's three models")
    sample = materialise_sample(folder)
    # On a runner too the demo is a demo: it is no pull request's gate.
    around = {name: value for name, value in environ.items() if not name.startswith("GITHUB_")}
    runs = (
        ("A better candidate", "good", sample.good_candidate, 0),
        ("A worse candidate", "bad", sample.bad_candidate, 1),
    )
    as_promised = True
    for title, name, candidate, expected in runs:
        output = folder / f"report-{name}"
        finished = run(
            RunOptions(
                config=sample.config,
                output=output,
                candidate=str(candidate),
                baseline=str(sample.baseline),
                python=sys.executable,
            ),
            environ=around,
            speaker=_speaker(console),
        )
        table = _table(finished.report, environ, output)
        _print(f"\n{title}\n{'=' * len(title)}\n{table}", environ)
        as_promised &= finished.exit_code == expected
    return 0 if as_promised else 3


def _copy_baseline(baseline: Baseline, folder: Path, environ: Environ) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / baseline.file.path.name
    shutil.copyfile(baseline.file.path, target)
    for one in baseline.tried:
        _print(f"{one.source}: {one.why}", environ)
    _print(f"{baseline.source}: {target} ({baseline.file.digest})", environ)
    return 0


def _progress(environ: Environ) -> Console:
    return Console(sys.stderr, in_actions=_on_a_runner(environ))


def _speaker(console: Console) -> Speaker:
    from mlci_action.adapters.world import Speaker

    return Speaker(say=console.say, foreign=console.foreign)


def _table(report: Report, environ: Environ, output: Path | None) -> str:
    return render_terminal(
        report,
        width=shutil.get_terminal_size().columns,
        color=sys.stdout.isatty() and "NO_COLOR" not in environ,
        report_path=None if output is None else str(output),
    )


def _print(text: str, environ: Environ) -> None:
    """Colours stay on a terminal; on a runner no foreign name may start a command."""
    sys.stdout.write(f"{defused(text) if _on_a_runner(environ) else text}\n")


def _print_json(text: str, environ: Environ) -> None:
    """The same values for every reader, in letters that the runner does not take for a command."""
    if _on_a_runner(environ):
        text = text.replace("::", ":\\u003a").replace("##[", "##\\u005b")
    sys.stdout.write(f"{text}\n")


def _on_a_runner(environ: Environ) -> bool:
    return environ.get("GITHUB_ACTIONS") == "true"
