"""Can the `predict` commands be meant? Their places, and that they tell two models apart."""

from __future__ import annotations

from collections.abc import Iterator

from mlci_action.domain.predict_command import PredictCommand, parse_command
from mlci_action.settings.document import Document
from mlci_action.settings.problems import Problem

_SAME_ANSWERS = (
    "has no {model}, so both models would be asked by the same command and the candidate compared"
    " with itself; write {model}, or give baseline.predict"
)


def command_contradictions(document: Document, *, has_baseline: bool) -> Iterator[Problem]:
    """Commands with places that stand for nothing, and one command that stands for two models."""
    commands: dict[str, PredictCommand] = {}
    for section in ("candidate", "baseline"):
        written = document.section(section).get("predict")
        if not isinstance(written, str):
            continue
        try:
            commands[section] = parse_command(written)
        except ValueError as error:
            yield document.problem((section, "predict"), str(error))
    ours = commands.get("candidate")
    if ours is None or not has_baseline or ours.reads_model:
        return
    # A baseline without a command of its own is asked by the candidate's.
    taken_over = "predict" not in document.section("baseline")
    if taken_over or commands.get("baseline") == ours:
        yield document.problem(("candidate", "predict"), _SAME_ANSWERS)
