"""Step `verify` of the sub-action: are the bytes in the deploy job those that passed?

It holds no token and runs no user code; a step that does not reach its end leaves `false`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mlci_action.adapters.github_runner import RunnerFiles
from mlci_action.adapters.verifying import Verified, verify
from mlci_action.domain.outcomes import AnnotationLevel
from mlci_action.errors import MlciError, SettingsError
from mlci_action.stages.surroundings import console_of

_NOT_GIVEN = "none"
_SET_UP_EXIT_CODE = 2


def run(environ: Mapping[str, str]) -> int:
    """0 when they are; 1 when not; 2 when there is nothing that could be looked at."""
    console, files = console_of(environ), RunnerFiles.from_environ(environ)
    try:
        found = _verified(environ)
    except MlciError as error:
        console.annotate(AnnotationLevel.ERROR, "mlci", str(error))
        files.write_outputs({"verified": "false", "model-digest": ""})
        return _SET_UP_EXIT_CODE
    for step in found.steps:
        console.say(f"{'ok' if step.held else 'no'}  {step.name}: {step.sentence}")
    if found.failed is not None:
        text = f"{found.failed.name}: {found.failed.sentence}"
        console.annotate(AnnotationLevel.ERROR, "mlci: not verified", text)
    files.write_outputs(
        {
            "verified": "true" if found.holds else "false",
            "model-digest": found.model_digest or "",
        }
    )
    return 0 if found.holds else 1


def _verified(environ: Mapping[str, str]) -> Verified:
    workspace = Path(environ.get("GITHUB_WORKSPACE") or Path.cwd())
    given = {name: _input(environ, name) for name in ("manifest", "attestation", "model-digest")}
    paths = {name: None if text is None else workspace / text for name, text in given.items()}
    model = _input(environ, "model")
    if model is None:
        raise SettingsError("the input `model` names nothing", hint="name the model, or its bundle")
    return verify(
        workspace / model,
        paths["manifest"],
        attestation=paths["attestation"],
        digest=given["model-digest"],
    )


def _input(environ: Mapping[str, str], name: str) -> str | None:
    """None where it was left out; an output of another job that is lost is empty, and an error."""
    given = environ.get("MLCI_INPUT_" + name.upper().replace("-", "_"), "").strip()
    if not given:
        raise SettingsError(
            f"the input `{name}` is empty",
            hint="does the job that it comes from have that output, and did it run?",
        )
    return None if given == _NOT_GIVEN else given
