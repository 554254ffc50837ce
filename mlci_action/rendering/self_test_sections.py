"""How is told whether the policy can say no? In Markdown, on a console, and as a table."""

from __future__ import annotations

from mlci_action.domain.outcomes import Outcome, Verdict
from mlci_action.domain.report import Report
from mlci_action.domain.self_test import CANDIDATES, SelfTest, Trial
from mlci_action.rendering.console import item
from mlci_action.rendering.markdown import bullets, escape_cell
from mlci_action.rendering.plain import one_line, wrapped
from mlci_action.rendering.wording import SYMBOLS

_TOLD, _ID, _MOST_IDS = 400, 100, 3
_COPY = "an identical copy of the baseline"
_EQUAL = "another model that is exactly as good as the baseline"
_SAYS = {
    Outcome.PASSED.value: "passes",
    Outcome.INCONCLUSIVE.value: "stays inconclusive: these rows cannot settle the margin",
    Outcome.FAILED.value: "fails: the comparisons ask for more than being as good",
}


def self_test_words(found: SelfTest) -> str:
    """All of it in one line of plain text."""
    if found.skipped:
        return f"gate self-test: not done: {one_line(found.skipped, _TOLD)}"
    caught = len(found.trials) - len(found.missed)
    said = [f"gate self-test: {caught}/{len(found.trials)} caught (n = {found.n:,})"]
    if found.missed:
        said.append("missed: " + ", ".join(sabotage.value for sabotage in found.missed))
    if found.copy is not None:
        said.append(f"{_COPY} {_SAYS[found.copy]}")
    if found.equal is not None and found.equal != found.copy:
        said.append(f"{_EQUAL} {_SAYS[found.equal]}")
    if found.note:
        said.append(f"not tried: {one_line(found.note, _TOLD)}")
    return "; ".join(said)


def self_test_line(report: Report) -> str:
    """The same in Markdown; empty where nothing was tried."""
    found = report.self_test
    return "" if found is None else escape_cell(self_test_words(found), 2 * _TOLD)


def self_test_warning(report: Report) -> str:
    """What came through, for the top of a report; empty where nothing did."""
    found = report.self_test
    if found is None or not found.missed:
        return ""
    head = f"{SYMBOLS[Outcome.WARNED]} **This gate cannot say no.** The policy would deploy"
    candidates = [f"a candidate {CANDIDATES[sabotage]}" for sabotage in found.missed]
    if len(candidates) == 1:
        return f"{head} {candidates[0]}."
    return f"{head}:\n\n{bullets(candidates, len(candidates), '')}"


def self_test_lines(report: Report, width: int) -> list[str]:
    """The same for a console."""
    found = report.self_test
    return [] if found is None else wrapped(self_test_words(found), width)


def self_test_table(found: SelfTest, width: int = 80) -> str:
    """Each trial, what became of it and by which checks; the sentence on all of them below."""
    lines = [line for trial in found.trials for line in _trial_lines(trial, width)]
    return "\n".join([*lines, *([""] if lines else []), *wrapped(self_test_words(found), width)])


def _trial_lines(trial: Trial, width: int) -> list[str]:
    word = "caught" if trial.caught else "MISSED"
    lead = f"{trial.sabotage.value.replace('_', ' '):<20}{word}"
    if not trial.caught:
        return item(f"{lead}  ", f"it would deploy a candidate {CANDIDATES[trial.sabotage]}", width)
    ids = [one_line(name, _ID) for name in trial.by[:_MOST_IDS]]
    more = len(trial.by) - len(ids)
    told = ", ".join([*ids, *([f"and {more:,} more"] if more else [])])
    unsure = " (inconclusive)" if trial.verdict is Verdict.INCONCLUSIVE else ""
    return item(f"{lead}{unsure}  ", f"by {told}", width)
