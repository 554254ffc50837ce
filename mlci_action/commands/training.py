"""New models: trained where the inputs changed, or to see how much two of them differ."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from mlci_action.adapters.github_event import load_change
from mlci_action.calibrating import calibrate as advise
from mlci_action.commands.console import progress, show, show_json
from mlci_action.commands.speaking import speaker_of
from mlci_action.rendering.margins_text import margins_json, margins_text
from mlci_action.rendering.training_text import training_json, training_text
from mlci_action.retraining import retrain, retrainer
from mlci_action.runs import RunOptions, real_world

Environ = Mapping[str, str]


def train(options: argparse.Namespace, environ: Environ) -> int:
    """A new model where the inputs changed, or two to see whether they agree."""
    asked = RunOptions(config=options.config, python=options.python)
    speaker = speaker_of(progress(environ))
    with real_world(asked, load_change(environ), environ=environ, speaker=speaker) as world:
        found = retrain(world, force=options.force, reproduce=options.reproduce)
    if options.json:
        show_json(json.dumps(training_json(found), indent=1), environ)
    else:
        show(training_text(found), environ)
    return found.exit_code


def calibrate(options: argparse.Namespace, environ: Environ) -> int:
    """Margins that the rows at hand can settle, and what each of them does."""
    asked = RunOptions(
        config=options.config,
        candidate=options.candidate,
        baseline=options.baseline,
        python=options.python,
    )
    speaker = speaker_of(progress(environ))
    with (
        real_world(asked, load_change(environ), environ=environ, speaker=speaker) as world,
        tempfile.TemporaryDirectory(prefix="mlci-calibrate-") as scratch,
    ):
        times = options.retrain
        again = retrainer(world, Path(scratch)) if times else None
        advice = advise(world, retrain=again, times=times)
    if options.json:
        show_json(json.dumps(margins_json(advice), indent=1), environ)
    else:
        show(margins_text(advice), environ)
    return 0
