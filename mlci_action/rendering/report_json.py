"""How does a report become JSON, and a JSON that nobody vouches for a report again?"""

from __future__ import annotations

import json

from mlci_action.domain.report import SCHEMA_VERSION, Report
from mlci_action.errors import MlciError
from mlci_action.rendering.fits import misfit
from mlci_action.rendering.report_fields import document_of, report_of
from mlci_action.rendering.schema import MAX_CHARACTERS, report_schema
from mlci_action.rendering.strict_json import parsed, plain_values, unsafe

_HINT = "take report.json as the gate wrote it; this one is damaged, edited or of another version"


def to_json(report: Report) -> str:
    """The text of report.json; the same report gives the same bytes. NaN and infinity are null."""
    document = plain_values(document_of(report))
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def from_json(text: str) -> Report:
    """The report that `text` holds; MlciError when it is anything but one. Trusts nothing in it."""
    if len(text) > MAX_CHARACTERS:
        raise MlciError(
            f"the report has {len(text):,} characters, more than the {MAX_CHARACTERS:,} allowed",
            hint="look at fewer slices",
        )
    try:
        document = parsed(text)
    except ValueError as error:
        raise MlciError(f"the report is not JSON: {error}", hint=_HINT) from error
    problem = misfit(document, report_schema()) or unsafe(document)
    if problem:
        raise MlciError(f"this is not a report of version {SCHEMA_VERSION}: {problem}", hint=_HINT)
    try:
        return report_of(document)
    except ValueError as error:
        raise MlciError(f"this is not a report: {error}", hint=_HINT) from error
