"""Step `verdict`: what are the outputs, and is the step red? It runs always, and trusts no file.

Everything it reads are outcomes and outputs of earlier steps, which live in the runner.
"""

from __future__ import annotations

from collections.abc import Mapping

from mlci_action.adapters.github_runner import RunnerFiles
from mlci_action.domain.fail_on import BUG_EXIT_CODE, EXIT_CODES, turns_red
from mlci_action.domain.outcomes import AnnotationLevel, Verdict
from mlci_action.errors import SettingsError
from mlci_action.stages.surroundings import console_of, inputs_of

_MAY_DEPLOY = {Verdict.PASS, Verdict.INCONCLUSIVE}


def run(environ: Mapping[str, str]) -> int:
    """Write `deploy` and `verdict`; 1 when `fail-on` turns this verdict red."""
    verdict, exit_code = _reached(environ)
    deploy = _deploy(environ, verdict, exit_code)
    RunnerFiles.from_environ(environ).write_outputs(
        {"deploy": "true" if deploy else "false", "verdict": verdict.value}
    )
    console = console_of(environ)
    try:
        red = turns_red(inputs_of(environ).fail_on, verdict, exit_code)
    except SettingsError as error:
        console.annotate(AnnotationLevel.ERROR, "mlci", str(error))
        red = True
    console.say(f"verdict: {verdict}, deploy={'true' if deploy else 'false'}")
    return 1 if red else 0


def _reached(environ: Mapping[str, str]) -> tuple[Verdict, int]:
    """The verdict and exit code of the evaluation; without one, an error that is always red."""
    if environ.get("MLCI_EVALUATE_OUTCOME") != "success":
        return Verdict.ERROR, BUG_EXIT_CODE
    try:
        verdict = Verdict(environ.get("MLCI_EVALUATE_VERDICT", ""))
        return verdict, int(environ.get("MLCI_EVALUATE_EXIT_CODE", ""))
    except ValueError:
        return Verdict.ERROR, BUG_EXIT_CODE


def _deploy(environ: Mapping[str, str], verdict: Verdict, exit_code: int) -> bool:
    """True only when the step succeeded, its verdict may deploy, and it said so itself.

    An inconclusive verdict deploys only where the owner's `when_inconclusive: deploy` made the
    evaluation say `true`.
    """
    return (
        environ.get("MLCI_EVALUATE_OUTCOME") == "success"
        and verdict in _MAY_DEPLOY
        and exit_code == EXIT_CODES[verdict]
        and environ.get("MLCI_EVALUATE_DEPLOY") == "true"
    )
