"""Which words do all outputs share? For answers and changes, what comes first, what can be done."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from mlci_action.domain.behaviour import Flips
from mlci_action.domain.comparison import ComparisonRow, Interval
from mlci_action.domain.decision import LED_TO
from mlci_action.domain.outcomes import WORST_FIRST, Area, Outcome, Verdict
from mlci_action.domain.report import Report
from mlci_action.domain.results import CheckResult
from mlci_action.rendering.facts import told
from mlci_action.rendering.figures import NONE, number, percents, row_figures
from mlci_action.rendering.subjects import is_change, rule_of

_DASH = "\N{HEAVY MINUS SIGN}"

SYMBOLS = {
    Outcome.PASSED: "✅",
    Outcome.WARNED: "⚠️",
    Outcome.FAILED: "❌",
    Outcome.INCONCLUSIVE: "⚠️",
    Outcome.NOT_RUN: _DASH,
    Outcome.ERRORED: "❌",
    Outcome.WAIVED: _DASH,
}
VERDICT_SYMBOLS = {
    Verdict.PASS: "✅",
    Verdict.FAIL: "❌",
    Verdict.INCONCLUSIVE: "⚠️",
    Verdict.ERROR: "❌",
}
# Of a 95 % interval; the order of rows needs no more than that.
_STANDARD_ERRORS_WIDE = 3.92

_WAY_TO_MORE_ROWS = "ask for a margin that these rows can settle, or evaluate on more rows"
_WAY_TO_QUIET = "allow a ratio that these rounds can settle, or measure on a quieter machine"
_WAYS_TO_SETTLE = (
    (
        "`deploy: {when_inconclusive: deploy}` deploys when every unsettled difference lies inside "
        'its margin ("not shown to be worse")'
    ),
    (
        "`evidence: {decide_by: point}` lets the bare difference decide, noise included: it also "
        "fails changes that change nothing"
    ),
)
_WAY_TO_START = (
    "there is no baseline yet: `deploy: {first_model: deploy}` accepts this candidate as the first "
    "model when everything else holds"
)
_WAY_TO_LOOK = (
    "this event has no base commit: name another source beside `git:base`, such as a branch "
    "(`git:main:PATH`) or a path"
)


def deploy_words(report: Report) -> str:
    """On a pull request nothing is deployed yet, so the answer is conditional there."""
    deploy = report.decision.deploy
    if told(report.provenance, "change", "pr_number"):
        return "would deploy" if deploy else "would not deploy"
    return "deploy" if deploy else "do not deploy"


def interval_header(report: Report) -> str:
    """The interval's confidence belongs to its name."""
    confidence = report.comparison.confidence if report.comparison else 0.95
    return f"{100 * confidence:g} % CI"


def outcome_words(outcome: Outcome) -> str:
    """An outcome as a person reads it."""
    return outcome.value.replace("_", " ")


def answered(outcome: Outcome | None, name: str, *, space: str = " ") -> str:
    """`name` behind how it ended, where it was judged: the symbol never stands alone."""
    return name if outcome is None else space.join((SYMBOLS[outcome], outcome_words(outcome), name))


def row_words(row: ComparisonRow) -> str:
    """The outcome of a comparison row as a person reads it."""
    return "not judged" if row.outcome is None else outcome_words(row.outcome)


def change_words(row: ComparisonRow) -> str:
    """The signed difference and whether that is better: the sign alone asks for the direction."""
    return better_or_worse(row_figures(row).diff, row.diff, sign=row.metric.sign)


def better_or_worse(shown: str, diff: float | None, *, sign: int) -> str:
    """A difference as `shown`, and what it means; `sign` is +1 where higher is better."""
    if shown == NONE or diff is None:
        return NONE
    if shown[0] not in "+-":
        return f"{shown} same"
    return f"{shown} {'better' if diff * sign > 0 else 'worse'}"


def metric_words(row: ComparisonRow) -> str:
    """What a row is about, when it is about all rows."""
    by = f" by {row.sensitive}" if row.sensitive is not None else ""
    return row.metric.name + by


def flips_words(flips: Flips, interval: str) -> str:
    """Both kinds of flipped rows in one line; `interval` is the name of the intervals."""
    one = flips.negative_rows == 1
    rate = flips.negative
    share, low, high = percents(rate.value, rate.low, rate.high)
    between = f", {interval} {low} to {high} %" if NONE not in {low, high} else ""
    reverse = percents(flips.positive.value)[0]
    return (
        f"{flips.negative_rows:,} {'row' if one else 'rows'} right before {'is' if one else 'are'} "
        f"wrong now ({share} %{between}), {flips.positive_rows:,} the reverse ({reverse} %)"
    )


def rule_words(check: CheckResult) -> str:
    """The rule that a check of a number judges and its limit: `max_regression 0.01`."""
    limit = number(check.limit)
    return " ".join(word for word in (rule_of(check), limit) if word not in {"", NONE})


def by_severity(checks: Iterable[CheckResult]) -> list[CheckResult]:
    """Most severe first, required before optional; otherwise in the order given."""
    return sorted(checks, key=lambda check: (severity(check.outcome), not check.required))


def with_its_kind(checks: Iterable[CheckResult]) -> list[list[CheckResult]]:
    """The answers of one check that ended alike, together: of the data it is asked by column."""
    groups: dict[tuple[str, Outcome], list[CheckResult]] = {}
    for check in checks:
        groups.setdefault((check.id, check.outcome), []).append(check)
    return list(groups.values())


def worst_answers(checks: Iterable[CheckResult]) -> list[Outcome]:
    """How each check ended: one with several answers as the worst of them."""
    worst: dict[str, Outcome] = {}
    for check in by_severity(checks):
        worst.setdefault(check.id, check.outcome)
    return list(worst.values())


def worst_outcome(outcomes: Iterable[Outcome]) -> Outcome | None:
    """The worst of them, None when there is none."""
    return min(outcomes, key=severity, default=None)


def severity(outcome: Outcome | None) -> int:
    """The place of an outcome from the worst on; what is not judged comes last."""
    return len(WORST_FIRST) if outcome is None else WORST_FIRST.index(outcome)


def decisive_checks(report: Report) -> list[CheckResult]:
    """The required checks that led to the verdict, most severe first."""
    led = LED_TO[report.decision.verdict]
    return by_severity(c for c in report.checks if c.required and c.outcome in led)


def worst_first(rows: Iterable[ComparisonRow]) -> list[ComparisonRow]:
    """By outcome, then by how many standard errors the candidate falls behind."""
    return sorted(rows, key=_badness)


def tally(outcomes: Iterable[Outcome]) -> str:
    """How many of each, most severe first: `1 failed, 4 passed`."""
    counts = Counter(outcomes)
    return ", ".join(
        f"{counts[outcome]:,} {outcome_words(outcome)}"
        for outcome in WORST_FIRST
        if counts[outcome]
    )


def ways_out(report: Report) -> tuple[str, ...]:
    """What the owner can do about an inconclusive verdict; none of it is ever the default."""
    if report.decision.verdict is not Verdict.INCONCLUSIVE or report.decision.deploy:
        return ()
    unsettled = decisive_checks(report)
    ways: tuple[str, ...] = ()
    if waits_for_a_baseline(report):
        known_first = told(report.provenance, "baseline", "unknown") != "yes"
        ways += (_WAY_TO_START if known_first else _WAY_TO_LOOK,)
    # What is lost on changed rows is a difference as well, of one model.
    open_ones = [check for check in unsettled if check.outcome is Outcome.INCONCLUSIVE]
    areas = {c.area for c in open_ones if is_change(c) or c.area is Area.ROBUSTNESS}
    if areas - {Area.BUDGET}:
        ways += (_WAY_TO_MORE_ROWS,)
    if Area.BUDGET in areas:
        ways += (_WAY_TO_QUIET,)
    if areas:
        ways += _WAYS_TO_SETTLE
    return ways


def waits_for_a_baseline(report: Report) -> bool:
    """Whether comparisons did not run because no source has a baseline."""
    rows = report.comparison.rows if report.comparison else ()
    found = told(report.provenance, "baseline", "source") or any(
        row.baseline is not None for row in rows
    )
    return not found and any(
        is_change(check) and check.outcome is Outcome.NOT_RUN for check in decisive_checks(report)
    )


def _badness(row: ComparisonRow) -> tuple[int, int, float]:
    """Outcome, then the fall in standard errors: what differs in unit differs in size only so."""
    rank = severity(row.outcome)
    if row.diff is None or not math.isfinite(row.diff):
        return rank, 2, 0.0
    change, error = row.metric.sign * row.diff, _standard_error(row.interval)
    return (rank, 1, change) if error is None else (rank, 0, change / error)


def _standard_error(interval: Interval | None) -> float | None:
    """The interval's own, else what its width stands for; None where it has neither."""
    if interval is None:
        return None
    width = None
    if interval.low is not None and interval.high is not None:
        width = (interval.high - interval.low) / _STANDARD_ERRORS_WIDE
    found = (error for error in (interval.se, width) if error is not None)
    return next((error for error in found if math.isfinite(error) and error > 0), None)
