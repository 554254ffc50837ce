"""Where does what a report says come from? Candidate, baseline, data, policy, seeds, versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlci_action.domain.report import Report
from mlci_action.rendering.facts import digest, listed, texts, told, versions
from mlci_action.rendering.markdown import code_span, escape_cell

_MOST = 40


def origins(report: Report) -> str:
    """One line for each thing that was judged or that judged; only what the report knows."""
    facts = report.provenance
    lines = {
        "candidate": _model(facts, "candidate", "path"),
        "baseline": _model(facts, "baseline", "source"),
        "not taken as baseline": sources_not_taken(report),
        "warnings": _texts(
            [*texts(facts, "candidate", "warnings"), *texts(facts, "baseline", "warnings")]
        ),
        "data": _data(report.data),
        "notes on the data": _texts(texts(report.data, "notes")),
        "policy": _policy(facts),
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
        _named("class", _code(told(facts, role, "model_class"))),
        _named("saved with", _texts(versions(facts, role, "recorded"))),
        _named("commit", _code(told(facts, role, "commit")[:12])),
        _named("modified", _code(told(facts, role, "modified")[:19])),
        _counted(told(facts, role, "size"), "bytes"),
        _code(digest(facts, role, "digest")),
        _named("interpreter", _code(told(facts, role, "interpreter"))),
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
