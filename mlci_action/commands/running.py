"""The gate, its data checks alone, and the demo."""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path

from mlci_action.adapters.sample import materialise_sample
from mlci_action.commands.console import progress, show, show_json, table
from mlci_action.commands.speaking import speaker_of
from mlci_action.rendering.report_json import to_json
from mlci_action.runs import RunOptions, run

Environ = Mapping[str, str]


def gate(options: argparse.Namespace, environ: Environ) -> int:
    """The whole gate."""
    run_options = RunOptions(
        config=options.config,
        output=options.output,
        candidate=options.candidate,
        baseline=options.baseline,
        python=options.python,
    )
    return _run(run_options, environ, as_json=options.json)


def data(options: argparse.Namespace, environ: Environ) -> int:
    """The data checks alone."""
    run_options = RunOptions(config=options.config, output=options.output, data_only=True)
    return _run(run_options, environ, as_json=options.json)


def demo(options: argparse.Namespace, environ: Environ) -> int:
    """The gate on the packaged sample: a better and a worse candidate."""
    console = progress(environ)
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
            speaker=speaker_of(console),
        )
        shown = table(finished.report, environ, output)
        show(f"\n{title}\n{'=' * len(title)}\n{shown}", environ)
        as_promised &= finished.exit_code == expected
    return 0 if as_promised else 3


def _run(run_options: RunOptions, environ: Environ, *, as_json: bool) -> int:
    console = progress(environ)
    finished = run(run_options, environ=environ, speaker=speaker_of(console))
    if finished.crash is not None:
        console.foreign("".join(traceback.format_exception(finished.crash)))
    if as_json:
        show_json(to_json(finished.report), environ)
    else:
        show(table(finished.report, environ, run_options.output), environ)
    return finished.exit_code
