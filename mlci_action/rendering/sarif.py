"""What can code scanning and editors read? What is wrong, with its lines, as SARIF 2.1.0."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlci_action.domain.outcomes import Area, Outcome, Verdict
from mlci_action.domain.places import Place
from mlci_action.domain.report import Report
from mlci_action.domain.results import CheckResult
from mlci_action.rendering.check_words import what_is_wrong
from mlci_action.rendering.facts import told
from mlci_action.rendering.findings import places_of
from mlci_action.rendering.plain import one_line, storable
from mlci_action.rendering.wording import by_severity

SARIF = "report.sarif"
_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
# GitHub shows 5,000 results and, of each, 100 locations; beyond 25,000 it refuses the file.
_MAX_RESULTS, _MAX_LOCATIONS, _MAX_LOCATIONS_OF_ONE = 5_000, 25_000, 100
_MAX_MESSAGE, _MAX_ID, _MAX_NAME = 1_000, 300, 200
_LEVELS = {Outcome.ERRORED: "error", Outcome.FAILED: "error", Outcome.WARNED: "warning"}
_ROOT = "%SRCROOT%"
_CONFIG = "mlci.yml"
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
# `[text](target)` is a link in a message, and `{0}` the place of an argument.
_MEANT_OTHERWISE = re.compile(r"\](?=\()|\{(?=\d+\})")


def render_sarif(report: Report) -> str:
    """A result for each check that failed, crashed or warned; the same report, the same bytes.

    Rows are told by file and line, never by what stands in them. A result that no row explains
    stands at the settings file: GitHub refuses a file in which one has no location.
    """
    wrong = [check for check in by_severity(report.checks) if check.outcome in _LEVELS]
    wrong = wrong[:_MAX_RESULTS]
    rules = {check.id: check for check in reversed(wrong)}
    order = {id_: place for place, id_ in enumerate(sorted(rules))}
    run: dict[str, Any] = {
        "tool": {"driver": _driver(report, [rules[id_] for id_ in order])},
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report)],
        "results": list(_results(report, wrong, order)),
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _driver(report: Report, rules: Sequence[CheckResult]) -> dict[str, Any]:
    version = one_line(told(report.provenance, "tool", "version"), 40)
    return {
        "name": "mlci",
        **({"version": version} if version else {}),
        "rules": [_rule(check) for check in rules],
    }


def _rule(check: CheckResult) -> dict[str, Any]:
    wrong = {"text": _sentence(what_is_wrong(check))}
    place = "`data.checks`" if check.area is Area.DATA else "the settings"
    return {
        "id": _id(check),
        "name": "".join(word.capitalize() for word in re.findall("[A-Za-z0-9]+", _id(check))),
        "shortDescription": wrong,
        "fullDescription": wrong,
        "help": {"text": f"Its limit stands in {place} of {_CONFIG}."},
        "defaultConfiguration": {"level": _LEVELS[check.outcome]},
        "properties": {"tags": [check.area.value]},
    }


def _invocation(report: Report) -> dict[str, Any]:
    """Whether the checks could run; a wrong set-up has reasons and no checks."""
    reasons = report.decision.reasons if report.decision.verdict is Verdict.ERROR else ()
    notes = [
        {"level": "error", "message": {"text": _message(reason)}} for reason in reasons if reason
    ]
    return {
        "executionSuccessful": report.decision.verdict is not Verdict.ERROR,
        **({"toolExecutionNotifications": notes} if notes else {}),
    }


def _results(
    report: Report, wrong: Sequence[CheckResult], order: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    places = places_of(report.located)
    fallback = _config_uri(report)
    # Each result has one location at least, whatever the others before it took.
    room = _MAX_LOCATIONS - len(wrong)
    for check in wrong:
        found = places.get((check.id, check.column), ())[:_MAX_LOCATIONS_OF_ONE]
        inside = [place for place in found if _is_relative(place.file)][: room + 1]
        room -= max(len(inside) - 1, 0)
        uris = list(dict.fromkeys(_uri(place.file) for place in inside)) or [fallback]
        yield {
            "ruleId": _id(check),
            "ruleIndex": order[check.id],
            "level": _LEVELS[check.outcome],
            "message": {"text": _message(check.message) or _sentence(what_is_wrong(check))},
            "locations": [_location(place, check) for place in inside]
            or [_physical(fallback) | _logical(check)],
            # Not by GitHub's name, `primaryLocationLineHash`: it makes that one itself, and warns.
            "partialFingerprints": {"mlciFinding/v1": _fingerprint(check, uris[0])},
            "properties": {"outcome": check.outcome.value, **_numbers(check)},
        }


def _location(place: Place, check: CheckResult) -> dict[str, Any]:
    return _physical(_uri(place.file), place.line) | _logical(check)


def _physical(uri: str, line: int | None = None) -> dict[str, Any]:
    region = {} if line is None or line < 1 else {"region": {"startLine": line}}
    return {"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": _ROOT}, **region}}


def _logical(check: CheckResult) -> dict[str, Any]:
    if check.column is None:
        return {}
    name = one_line(check.column, _MAX_NAME)
    return {"logicalLocations": [{"name": name, "kind": "column"}]}


def _numbers(check: CheckResult) -> dict[str, int]:
    return {} if check.rows is None else {"rows": int(check.rows)}


def _fingerprint(check: CheckResult, uri: str) -> str:
    """The same in every run that finds the same thing wrong with the same file."""
    told_apart = json.dumps([check.id, check.column, uri])
    return _digest(told_apart)[:32]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _config_uri(report: Report) -> str:
    config = told(report.provenance, "policy", "config")
    return _uri(config) if _is_relative(config) else _CONFIG


def _is_relative(file: str) -> bool:
    """Whether it is a path inside the repository: anything else no viewer could open."""
    return bool(file) and not file.startswith("/") and ".." not in file.split("/")


def _uri(file: str) -> str:
    """A path as a relative reference: what is not plainly allowed is percent-encoded."""
    try:
        data = file.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = storable(file).encode()
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in data)


def _id(check: CheckResult) -> str:
    shown = one_line(check.id, _MAX_ID)
    # Two long ids may begin alike.
    return shown if shown == check.id else f"{shown}~{_digest(check.id)[:8]}"


def _message(text: str) -> str:
    """A text of ours that holds foreign names: shown as it is, and as nothing else."""
    return _MEANT_OTHERWISE.sub(r"\g<0> ", one_line(text, _MAX_MESSAGE))


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
