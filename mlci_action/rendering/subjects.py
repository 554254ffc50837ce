"""Which row of the comparison does a check judge, and by which rule?"""

from __future__ import annotations

from mlci_action.domain.comparison import ComparisonRow
from mlci_action.domain.limits import ChangeRule
from mlci_action.domain.names import id_part
from mlci_action.domain.outcomes import Area
from mlci_action.domain.report import Report
from mlci_action.domain.results import CheckResult
from mlci_action.domain.robustness import INVARIANT, MONOTONIC
from mlci_action.domain.slices import Slice

Subject = tuple[str, Slice | None, str | None]

_FLIPS = "metric.flips.max_negative_rate"
_CHANGE_RULES = {*ChangeRule, "max_negative_rate"}
_RULES = {"min", "max", *_CHANGE_RULES}
# In these areas an id goes on after its rule, so it is the first such word that names it.
_RULES_BEFORE_MORE = {Area.SLICE: {ChangeRule.MAX_REGRESSION}, Area.FAIRNESS: _RULES}

# What of changed rows and of costs is held against a baseline; behind a property a column follows.
_CHANGE_WORDS = {
    Area.ROBUSTNESS: {"max_drop_regression", "max_flips_regression"},
    Area.BUDGET: {"max_ratio"},
}
_PROPERTIES = {INVARIANT, MONOTONIC}


def subject(of: CheckResult | ComparisonRow) -> Subject | None:
    """What a row shows or a check judges, the same for both: a metric, on which rows, by what."""
    if isinstance(of, ComparisonRow):
        return id_part(of.metric.name), of.slice, of.sensitive
    if of.area in (Area.METRIC, *_RULES_BEFORE_MORE):
        return id_part(_named(of)[0]), of.slice, of.sensitive
    return None


def rule_of(check: CheckResult) -> str:
    """The rule on a metric that a check judges: `max_regression`; empty when it has none."""
    return _named(check)[1]


def is_change(check: CheckResult) -> bool:
    """Whether it needs a baseline."""
    if check.area in _CHANGE_WORDS:
        what, *rest = check.id.split(".")[1:]
        return what not in _PROPERTIES and bool(_CHANGE_WORDS[check.area] & {*rest[:1]})
    return rule_of(check) in _CHANGE_RULES


def flips_check(report: Report) -> CheckResult | None:
    """The check that limits how many rows may turn wrong."""
    return next((check for check in report.checks if check.id == _FLIPS), None)


def _named(check: CheckResult) -> tuple[str, str]:
    """The metric and the rule in a check's id. The name of a metric may hold dots itself."""
    # Behind a tilde stands what tells two ids apart that would be the same.
    words = check.id.partition("~")[0].split(".")[1:]
    before_more = _RULES_BEFORE_MORE.get(check.area)
    if before_more is not None:
        places = [place for place, word in enumerate(words) if place and word in before_more]
    else:
        places = [len(words) - 1] if len(words) > 1 and words[-1] in _RULES else []
    end = places[0] if places else len(words)
    return ".".join(words[:end]), "".join(words[end : end + 1])
