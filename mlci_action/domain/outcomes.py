"""Which answers are there? Outcomes, severities, areas and verdicts; their values are public."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """The answer of one check. Not run is never passed."""

    PASSED = "passed"
    WARNED = "warned"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    NOT_RUN = "not_run"
    ERRORED = "errored"
    WAIVED = "waived"


WORST_FIRST = (
    Outcome.ERRORED,
    Outcome.FAILED,
    Outcome.INCONCLUSIVE,
    Outcome.NOT_RUN,
    Outcome.WARNED,
    Outcome.WAIVED,
    Outcome.PASSED,
)


class Severity(StrEnum):
    """Whether a check is required (`fail`) or only shown (`warn`)."""

    FAIL = "fail"
    WARN = "warn"


class Area(StrEnum):
    """What a check is about; the first word of its id."""

    DATA = "data"
    METRIC = "metric"
    SLICE = "slice"
    FAIRNESS = "fairness"
    ROBUSTNESS = "robustness"
    BUDGET = "budget"
    PROVENANCE = "provenance"


class Verdict(StrEnum):
    """The answer of the gate."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"


class AnnotationLevel(StrEnum):
    """How loud an annotation of the runner is."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"
