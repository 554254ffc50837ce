"""Step `promote` of the sub-action: the bundle of a passing report goes where others take it from.

It runs no user code. Where it writes to GitHub it holds the token and runs from the light
environment; for a store or a registry it has the job's own credentials instead, and no token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from mlci_action.adapters.destinations import destination_of
from mlci_action.adapters.destinations.destination import PromotionRefused
from mlci_action.adapters.github_event import Change, load_change
from mlci_action.adapters.github_runner import RunnerFiles
from mlci_action.adapters.promoting import promote
from mlci_action.domain.outcomes import AnnotationLevel
from mlci_action.domain.promotion import Promotion
from mlci_action.errors import MlciError, SettingsError
from mlci_action.settings.inputs import parse_inputs
from mlci_action.stages.surroundings import console_of

_NOT_GIVEN = "none"
_REFUSED_EXIT_CODE = 1
_SET_UP_EXIT_CODE = 2


def run(environ: Mapping[str, str]) -> int:
    """0 when the model is in place now; 1 when it is refused; 2 when a place cannot be used."""
    console, files = console_of(environ), RunnerFiles.from_environ(environ)
    try:
        promotion = _promoted(environ)
    except MlciError as error:
        refused = isinstance(error, PromotionRefused)
        title = "mlci: not promoted" if refused else "mlci"
        console.annotate(AnnotationLevel.ERROR, title, str(error))
        files.write_outputs({"promoted": "false", "where": "", "bundle-digest": ""})
        return _REFUSED_EXIT_CODE if refused else _SET_UP_EXIT_CODE
    console.say(promotion.sentence)
    files.write_outputs(
        {
            "promoted": "true",
            "where": " ".join(promotion.where.split()),
            "bundle-digest": promotion.manifest,
        }
    )
    return 0


def _promoted(environ: Mapping[str, str]) -> Promotion:
    given = {name: _input(environ, name) for name in ("report", "to", "replace", "model-digest")}
    if given["replace"] not in ("true", "false"):
        raise SettingsError(
            "the input `replace` is neither true nor false", hint="leave it out for `false`"
        )
    workspace = Path(environ.get("GITHUB_WORKSPACE") or Path.cwd())
    model = given["model-digest"]
    destination = destination_of(
        given["to"],
        folder=workspace,
        environ=environ,
        token=environ.get("MLCI_TOKEN") or "",
        api_url=parse_inputs(
            {"github-api-url": environ.get("MLCI_INPUT_GITHUB_API_URL", "")}
        ).github_api_url,
    )
    return promote(
        workspace / given["report"],
        destination,
        change=_change(environ),
        replace=given["replace"] == "true",
        model=None if model == _NOT_GIVEN else model,
    )


def _change(environ: Mapping[str, str]) -> Change:
    """The change, with the default branch as the runner remembers it: the file can be written."""
    return replace(load_change(environ), default_branch=environ.get("MLCI_DEFAULT_BRANCH") or None)


def _input(environ: Mapping[str, str], name: str) -> str:
    """An output of another job that is lost is empty, and an error."""
    given = environ.get("MLCI_INPUT_" + name.upper().replace("-", "_"), "").strip()
    if not given:
        raise SettingsError(
            f"the input `{name}` is empty",
            hint="does the job that it comes from have that output, and did it run?",
        )
    return given
