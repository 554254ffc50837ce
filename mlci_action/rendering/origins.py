"""Where does what a report says come from? Candidate, baseline, data, policy, seeds, versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlci_action.domain.report import Report
from mlci_action.rendering.facts import digest, listed, measured, part, texts, told, versions
from mlci_action.rendering.figures import number
from mlci_action.rendering.how_asked import FROM_THE_MODEL, SHARED
from mlci_action.rendering.markdown import code_span, escape_cell

_MOST, _MOST_IMPORTS = 40, 12


def origins(report: Report) -> str:
    """One line for each thing that was judged or that judged; only what the report knows."""
    facts = report.provenance
    lines = {
        "candidate": _model(facts, "candidate", "path"),
        "asking the candidate": _asked(facts, "candidate"),
        "baseline": _model(facts, "baseline", "source"),
        "asking the baseline": _asked(facts, "baseline"),
        "not taken as baseline": sources_not_taken(report),
        "warnings": _texts(
            [*texts(facts, "candidate", "warnings"), *texts(facts, "baseline", "warnings")]
        ),
        "data": _data(report.data),
        "notes on the data": _texts(texts(report.data, "notes")),
        "policy": _policy(facts),
        "trust": _trust(facts),
        "evidence": _settings(facts),
        "model's interpreter": _interpreter(facts),
        "environment": _environment(report.environment),
    }
    return "\n".join(f"- {name}: {line}" for name, line in lines.items() if line)


def sources_not_taken(report: Report) -> str:
    """Where a baseline was looked for and why it was not taken from there."""
    tried = listed(report.provenance, "baseline", "tried")[:_MOST]
    return "; ".join(
        f"{_code(told(source, 'source'))} ({escape_cell(told(source, 'why'), 160)})"
        for source in tried
    )


def commit(report: Report) -> str:
    """The commit that is shown: the pull request's head, not the merge that was tested."""
    change = ("head_sha", "sha")
    shas = [told(report.provenance, "change", name) for name in change]
    return next((sha for sha in shas if sha), "")


def _model(facts: Mapping[str, object], role: str, place: str) -> str:
    return _joined(
        _code(told(facts, role, place)),
        _named("format", escape_cell(told(facts, role, "format"), 40)),
        _named("class", _code(told(facts, role, "model_class"))),
        _named("kind", escape_cell(told(facts, role, "kind"), 80)),
        _named("saved with", _texts(versions(facts, role, "recorded"))),
        _named("commit", _code(told(facts, role, "commit")[:12])),
        _origin(facts, role, place),
        _named("modified", _code(told(facts, role, "modified")[:19])),
        _counted(told(facts, role, "age_days"), "days old"),
        _counted(told(facts, role, "size"), "bytes"),
        _code(digest(facts, role, "digest")),
        _named("bundle", _code(digest(facts, role, "bundle"))),
        _named("interpreter", _code(told(facts, role, "interpreter"))),
    )


def _origin(facts: Mapping[str, object], role: str, place: str) -> str:
    """What its source says more than its name."""
    origin = told(facts, role, "origin")
    return "" if origin in ("", told(facts, role, place)) else escape_cell(origin, 200)


def _asked(facts: Mapping[str, object], role: str) -> str:
    """Where its numbers come from, where that is not the usual way, and what it could reach."""
    source = told(facts, role, "predictions_from")
    environment = told(facts, role, "environment")
    return _joined(
        "" if source == FROM_THE_MODEL else escape_cell(source, 80),
        "" if environment == SHARED else _named("environment", escape_cell(environment, 160)),
        _texts(versions(facts, role, "installed")),
        _named("code of commit", _code(told(facts, role, "code")[:12])),
        _imports(facts, role),
        _named("network", escape_cell(told(facts, role, "isolation", "network"), 160)),
        _named("processes", escape_cell(told(facts, role, "isolation", "processes"), 160)),
        _counted(told(facts, role, "isolation", "memory_mb"), "MB of memory allowed"),
        _peak(facts, role),
    )


def _imports(facts: Mapping[str, object], role: str) -> str:
    """What loading it would import: for a pickle the code that its bytes ask for."""
    found = texts(facts, role, "imports")
    if not found:
        return ""
    left_out = len(found) - len(found[:_MOST_IMPORTS])
    more = f" and {left_out:,} more" if left_out else ""
    partly = part(facts, role, "imports_complete") is False
    names = ", ".join(code_span(name, 80) for name in found[:_MOST_IMPORTS])
    return f"imports {names}{more}" + (
        " (and what cannot be told from its bytes)" if partly else ""
    )


def _peak(facts: Mapping[str, object], role: str) -> str:
    peak = measured(facts, role, "peak_bytes")
    return "" if peak is None else f"at most {number(peak / 1e6, 3)} MB used"


def _trust(facts: Mapping[str, object]) -> str:
    return _joined(
        _named("pickle", _code(told(facts, "trust", "pickle"))),
        _named("from", escape_cell(told(facts, "trust", "origin"), 120)),
        _named("code of this change not run:", escape_cell(told(facts, "trust", "code"), 200)),
    )


def _data(data: Mapping[str, object]) -> str:
    return _joined(
        _code(told(data, "path")),
        _counted(told(data, "rows"), "rows"),
        _counted(told(data, "columns"), "columns"),
        _counted(told(data, "unlabelled"), "rows without label"),
        _named("target", _code(told(data, "target"))),
        _named("positive", _code(told(data, "positive"))),
        _named("task", escape_cell(told(data, "task"), 40)),
        _code(digest(data, "digest")),
    )


def _policy(facts: Mapping[str, object]) -> str:
    return _joined(
        _code(told(facts, "policy", "config")),
        _named("from", escape_cell(told(facts, "policy", "origin"), 80)),
        _code(digest(facts, "policy", "digest")),
    )


def _settings(facts: Mapping[str, object]) -> str:
    return _joined(
        _named("confidence", escape_cell(told(facts, "confidence"), 40)),
        _named("seed", escape_cell(told(facts, "seed"), 40)),
    )


def _interpreter(facts: Mapping[str, object]) -> str:
    return _joined(
        _code(told(facts, "interpreter", "path")),
        _named("Python", escape_cell(told(facts, "interpreter", "version"), 40)),
        escape_cell(told(facts, "interpreter", "reason"), 160),
    )


def _environment(environment: Mapping[str, object]) -> str:
    return _joined(
        _named("Python", escape_cell(told(environment, "python"), 80)),
        escape_cell(told(environment, "platform"), 120),
        _texts(versions(environment, "libraries")),
    )


def _texts(found: Sequence[str]) -> str:
    return ", ".join(escape_cell(text, 200) for text in found[:_MOST])


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _named(name: str, value: str) -> str:
    return f"{name} {value}" if value else ""


def _counted(value: str, what: str) -> str:
    return f"{escape_cell(value, 40)} {what}" if value else ""


def _code(text: str) -> str:
    return code_span(text) if text else ""
