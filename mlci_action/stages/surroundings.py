"""What does action.yml hand to a stage? Inputs, the state folder, the console."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from mlci_action.adapters.github_runner import Console
from mlci_action.settings.inputs import ActionInputs, input_names, parse_inputs

REPORT_FOLDER = "report"
_PREFIX = "MLCI_INPUT_"


def inputs_of(environ: Mapping[str, str]) -> ActionInputs:
    """The action's inputs; SettingsError with every problem."""
    names = {name: _PREFIX + name.upper().replace("-", "_") for name in input_names()}
    return parse_inputs({name: environ.get(variable, "") for name, variable in names.items()})


def state_of(environ: Mapping[str, str]) -> Path:
    """The folder of this run's own files, outside of the workspace."""
    return Path(environ["MLCI_STATE"])


def config_of(inputs: ActionInputs, environ: Mapping[str, str]) -> Path:
    """Where the settings file is: in the working directory, which is in the workspace."""
    workspace = Path(environ.get("GITHUB_WORKSPACE") or Path.cwd())
    return workspace / inputs.working_directory / inputs.config


def console_of(environ: Mapping[str, str]) -> Console:
    """The one writer of this stage."""
    return Console(sys.stdout, in_actions=environ.get("GITHUB_ACTIONS") == "true")


def comment_key(inputs: ActionInputs) -> str:
    """What tells this gate's comment from those of other gates of the same pull request."""
    if inputs.id != ActionInputs().id:
        return inputs.id
    place = f"{inputs.working_directory}/{inputs.config}".removeprefix("./")
    return inputs.id if place == ActionInputs().config else place.replace("/", ".")
