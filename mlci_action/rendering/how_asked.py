"""How were the models asked where it was not the usual way? Sentences for every output, plain text.

The usual way is not told: both models loaded in the candidate's environment, cut off the network.
"""

from __future__ import annotations

from mlci_action.domain.report import Report
from mlci_action.rendering.facts import told, versions
from mlci_action.rendering.plain import one_line

SHARED, FROM_THE_MODEL = "the candidate's", "the model"
_NOT_CUT = "not cut"
_WHY, _ENVIRONMENT, _VERSIONS = 160, 120, 3


def how_asked(report: Report) -> list[str]:
    """What a reader of the numbers should know of it; empty when all went the usual way."""
    found = [
        _answers_of(report, "candidate"),
        _answers_of(report, "baseline"),
        _own_environment(report),
        _code_not_run(report),
        _network(report),
    ]
    return [sentence for sentence in found if sentence]


def _answers_of(report: Report, role: str) -> str:
    match told(report.provenance, role, "predictions_from"):
        case "stored predictions":
            return f"the {role} was not loaded: its stored predictions were used"
        case "a file of predictions":
            return f"the {role} was not loaded: a file says what it predicts"
        case "a command":
            return f"the {role} was asked by a command"
        case _:
            return ""


def _own_environment(report: Report) -> str:
    environment = told(report.provenance, "baseline", "environment")
    if environment in {"", SHARED}:
        return ""
    ours = set(versions(report.provenance, "candidate", "installed"))
    others = [
        version
        for version in versions(report.provenance, "baseline", "installed")
        if ours and version not in ours
    ]
    more = f" and {len(others) - _VERSIONS:,} more" if len(others) > _VERSIONS else ""
    told_apart = ", ".join(others[:_VERSIONS]) + more if others else environment
    return f"the baseline ran in an environment of its own ({one_line(told_apart, _ENVIRONMENT)})"


def _code_not_run(report: Report) -> str:
    why = told(report.provenance, "trust", "code")
    return f"code of this change was not run: {one_line(why, _WHY)}" if why else ""


def _network(report: Report) -> str:
    """Why a model could use one although it was not to; one that the settings allow is usual."""
    for role in ("candidate", "baseline"):
        network = told(report.provenance, role, "isolation", "network")
        if network.startswith(_NOT_CUT):
            return f"the network was {one_line(network, _WHY)}"
    return ""
