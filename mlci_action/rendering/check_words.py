"""What is wrong where a check does not hold? In a few words that name no value and no number."""

from __future__ import annotations

from mlci_action.domain.outcomes import Area
from mlci_action.domain.results import CheckResult

_OF_CHECKS = {
    "data.table": "the table cannot be judged",
    "data.reference": "the earlier data cannot be compared with",
    "data.integrity": "rows break a rule that the owner states",
    "data.schema": "the data do not follow their schema",
    "data.columns": "columns are missing, new or renamed",
    "data.dtype": "a column holds another type than before",
    "data.missing": "more values are missing than before or than allowed",
    "data.disguised": "values stand for missing ones",
    "data.outliers": "numbers lie far outside of what was seen before",
    "data.range": "numbers lie beyond the ends of what was seen before",
    "data.sign": "numbers have a sign that was not seen before",
    "data.categories": "categories were not seen before",
    "data.spelling": "known categories are spelled otherwise",
    "data.encoding": "text has a broken encoding",
    "data.format": "values have another format than before",
    "data.dates": "dates name no day or lie far outside of what was seen before",
    "data.spike": "one value comes more often than before",
    "data.constant": "a column stays at one value",
    "data.correlation": "two columns go together otherwise than before",
    "data.drift": "a column's values have moved",
    "data.duplicates": "rows repeat earlier rows",
    "data.ids": "ids are missing or stand for several rows",
    "data.labels": "labels are missing, too few, or contradict each other",
    "data.leakage": "columns give the target away",
    "robustness.noise": "predictions change too much when numbers do a little",
    "robustness.missing": "predictions change too much when values are missing",
    "robustness.unseen_categories": "predictions change too much when categories are unknown",
    "robustness.swapped_categories": "predictions change too much when categories are swapped",
    "robustness.typos": "predictions change too much when texts are mistyped",
    "robustness.units": "predictions change too much when numbers come in another unit",
    "robustness.invariant_to": "labels depend on a column that they must not depend on",
    "robustness.monotonic": "scores do not go the way they must when a number rises",
    "robustness.determinism": "the model does not answer the same rows the same way",
    "budget.latency": "one row takes longer than allowed",
    "budget.batch_latency": "many rows take longer than allowed",
    "budget.model_size": "the model file is larger than allowed",
    "budget.memory": "the model takes more memory than allowed",
    "budget.load_time": "the model takes longer to load than allowed",
    "provenance.inputs": "values lie far from what the model was fitted on",
    "provenance.policy": "the limits of the base branch are not known",
    "provenance.self_test": "the policy cannot say no",
    "provenance.baseline_age": "the baseline is old",
    "provenance.test_set": "the evaluation set is worn",
    "provenance.evaluation": "the candidate could not be asked",
}
_OF_AREAS = {
    Area.DATA: "the data break a rule",
    Area.METRIC: "a metric breaks its limit",
    Area.SLICE: "a metric breaks its limit in a slice of the rows",
    Area.FAIRNESS: "groups are treated more differently than allowed",
    Area.ROBUSTNESS: "predictions change more than allowed when the rows do",
    Area.BUDGET: "a budget is exceeded",
    Area.PROVENANCE: "what was judged is not what it should be",
}


def what_is_wrong(check: CheckResult) -> str:
    """Without its numbers, column and rows: what every result of the same check has in common."""
    # Some ids go on with the name of a rule.
    name = ".".join(check.id.split(".")[:2])
    return _OF_CHECKS.get(name) or _OF_AREAS[check.area]
