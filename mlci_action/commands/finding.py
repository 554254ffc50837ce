"""Which baseline is there, and why that one?"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Mapping
from pathlib import Path

from mlci_action.adapters.baselines import Baseline
from mlci_action.adapters.github_event import load_change
from mlci_action.adapters.world import RealWorld
from mlci_action.commands.console import progress, show
from mlci_action.commands.speaking import speaker_of
from mlci_action.errors import BaselineMissing, MlciError
from mlci_action.runs import RunOptions, real_world

Environ = Mapping[str, str]


def baseline(options: argparse.Namespace, environ: Environ) -> int:
    """Which baseline there is, or a copy of it."""
    asked = options.source if options.what == "pull" else None
    run_options = RunOptions(config=options.config, baseline=asked)
    speaker = speaker_of(progress(environ))
    with real_world(run_options, load_change(environ), environ=environ, speaker=speaker) as world:
        if options.what == "list":
            return _list_baselines(world, environ)
        try:
            return _copy_baseline(world.found_baseline(), options.output, environ)
        except BaselineMissing as error:
            show(str(error), environ)
            return 1


def _list_baselines(world: RealWorld, environ: Environ) -> int:
    found = False
    for source in world.settings.baseline:
        try:
            baseline = world.baselines.find([source])
            found = True
            show(f"{source}: {_described(baseline)}", environ)
        except MlciError as error:
            show(f"{source}: {error}", environ)
    return 0 if found else 1


def _described(baseline: Baseline) -> str:
    where = f", {baseline.origin}" if baseline.origin not in ("", baseline.source) else ""
    return f"{baseline.file.digest}, of {baseline.modified}{where}"


def _copy_baseline(baseline: Baseline, folder: Path, environ: Environ) -> int:
    """The model alone, or the whole bundle that it lies in: what was there before stays."""
    bundled = baseline.manifest is not None
    source = baseline.file.path.parent if bundled else baseline.file.path
    try:
        if bundled:
            target = folder / baseline.file.path.name
            shutil.copytree(source, folder, dirs_exist_ok=True)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            target = folder / source.name
            copy = shutil.copytree if source.is_dir() else shutil.copyfile
            copy(source, target)
    except OSError as error:
        raise MlciError(
            f"cannot write the baseline to {folder}: {error.strerror or error}",
            hint="choose another folder with --output",
        ) from error
    for one in baseline.tried:
        show(f"{one.source}: {one.why}", environ)
    show(f"{baseline.source}: {target} ({baseline.file.digest})", environ)
    return 0
