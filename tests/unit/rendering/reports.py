"""Which reports can there be? Every shape that the domain allows, with foreign text in it."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from mlci_action.domain.behaviour import (
    Behaviour,
    Calibration,
    CalibrationBin,
    Flips,
    FoundSlice,
    GroupRates,
    ScoreShift,
    Value,
)
from mlci_action.domain.comparison import Comparison, ComparisonRow, Interval, Standing
from mlci_action.domain.costs import CostRow
from mlci_action.domain.decision import Decision
from mlci_action.domain.metric import TUNED, Direction, Metric, Needs, Parameters, Task
from mlci_action.domain.metrics import FAIRNESS_METRICS, METRICS, custom_metric
from mlci_action.domain.outcomes import Area, Outcome, Severity, Verdict
from mlci_action.domain.report import Report
from mlci_action.domain.results import CheckResult
from mlci_action.domain.robustness import RobustnessRow
from mlci_action.domain.slices import Slice
from tests.builders import HOSTILE
from tests.unit.rendering.proofs import POLICIES, REASONS, SELF_TESTS, WAIVERS

TEXTS = st.sampled_from([HOSTILE, "", "plain", "a\\|b", "\ud800", "\u202ex"]) | st.text(max_size=12)
# Counts are bounded by what report.json admits; numbers are not, NaN and infinity included.
NUMBERS = st.none() | st.floats() | st.sampled_from([0.0, -0.0, 0.8712, 1e-7, 41_234.5, math.nan])
_COUNTS = st.integers(0, 10**7)
_WORDS = st.from_regex(r"[a-z_=&>]{1,12}", fullmatch=True)
_CUSTOM = Metric(
    name="acme:profit",
    direction=Direction.LOWER_IS_BETTER,
    tasks=frozenset({Task.BINARY}),
    needs=Needs.LABELS,
)
# A name is one line: the settings refuse any other.
_ODD = HOSTILE.replace("\n", " ")
_METRICS = [
    METRICS["roc_auc"],
    METRICS["log_loss"],
    _CUSTOM,
    METRICS["f1"].asked_at(Parameters(threshold=TUNED, class_label=HOSTILE), name="f1.min"),
    FAIRNESS_METRICS["equalized_odds_ratio"],
    custom_metric(
        "acme.py:gain", direction=Direction.HIGHER_IS_BETTER, needs=Needs.LABELS, name=_ODD
    ),
]
_JSON = st.recursive(
    st.none() | st.booleans() | _COUNTS | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_WORDS, inner, max_size=2),
    max_leaves=4,
)
_OF_MODELS = (
    "format", "kind", "imports", "imports_complete", "recorded", "installed", "environment",
    "predictions_from", "code", "isolation", "peak_bytes",
)  # fmt: skip
_KNOWN_FACTS = st.fixed_dictionaries(
    {},
    optional={
        key: st.dictionaries(st.sampled_from(keys), _JSON, max_size=3) | _JSON
        for key, keys in {
            "policy": ("origin", "config"),
            "change": ("event", "sha", "head_sha"),
            "candidate": ("path", "digest", "size", *_OF_MODELS),
            "baseline": ("source", "tried", "modified", *_OF_MODELS),
            "trust": ("pickle", "origin", "code"),
            "tool": ("version",),
            "libraries": ("numpy",),
        }.items()
    },
)
_DRIFT_KEYS = ("column", "d", "low", "high", "p", "psi", "js", "w1", "importance", "drifted")
_KNOWN_DATA = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("path", "rows", "target"), _JSON),
        "reference": st.dictionaries(
            st.sampled_from(["origin", "rows", "digest", "why_none"]), _JSON, max_size=4
        )
        | _JSON,
        "drift": st.lists(
            st.dictionaries(st.sampled_from(_DRIFT_KEYS), _JSON, max_size=9) | _JSON, max_size=3
        )
        | _JSON,
        "smallest_drift": _JSON,
    },
)
# A column called `where` alone reads as an expression in report.json.
_SLICES = st.builds(lambda where: Slice(where=where), TEXTS) | st.dictionaries(
    st.sampled_from(["sex", "region", HOSTILE]), TEXTS, min_size=1, max_size=2
).map(lambda by: Slice(by=tuple(by.items())))


@st.composite
def checks(draw: st.DrawFn) -> CheckResult:
    area = draw(st.sampled_from(Area))
    outcome = draw(st.sampled_from(Outcome))
    parts = draw(
        st.lists(
            _WORDS | st.sampled_from(["roc_auc", "max_regression", "noise", "latency"]),
            min_size=1,
            max_size=3,
        )
    )
    return CheckResult(
        id=".".join([area.value, *parts]),
        area=area,
        outcome=outcome,
        message=draw(TEXTS),
        severity=Severity.FAIL if outcome is Outcome.FAILED else draw(st.sampled_from(Severity)),
        slice=draw(st.none() | _SLICES),
        column=draw(st.none() | TEXTS),
        sensitive=draw(st.none() | TEXTS),
        rows=draw(st.none() | _COUNTS),
        observed=draw(NUMBERS),
        limit=draw(NUMBERS),
        evidence=draw(st.dictionaries(_WORDS, _JSON, max_size=2)),
    )


_INTERVALS = st.builds(
    Interval,
    method=TEXTS,
    standing=st.sampled_from(Standing),
    low=NUMBERS,
    high=NUMBERS,
    se=NUMBERS,
    df=NUMBERS,
    counts=st.none() | st.tuples(st.floats(), st.floats(), st.floats()),
    note=TEXTS,
)
_ROWS = st.builds(
    ComparisonRow,
    metric=st.sampled_from(_METRICS),
    slice=st.none() | _SLICES,
    n=_COUNTS,
    candidate=NUMBERS,
    baseline=NUMBERS,
    diff=NUMBERS,
    interval=st.none() | _INTERVALS,
    outcome=st.none() | st.sampled_from(Outcome),
    note=TEXTS,
    sensitive=st.none() | TEXTS,
    candidate_interval=st.none() | st.tuples(st.floats(), st.floats()),
    baseline_interval=st.none() | st.just((0.1, 0.2)),
)
_VALUES = st.builds(Value, value=NUMBERS, low=NUMBERS, high=NUMBERS, note=TEXTS)
_PAIRS = st.tuples(NUMBERS, NUMBERS)
_FLIPS = st.builds(
    Flips,
    n=_COUNTS,
    negative_rows=_COUNTS,
    positive_rows=_COUNTS,
    negative=_VALUES,
    positive=_VALUES,
)
_BINS = st.builds(CalibrationBin, n=_COUNTS, mean_score=st.floats(), observed=_VALUES)
_CALIBRATION = st.builds(
    Calibration,
    who=st.sampled_from(["candidate", "baseline"]),
    error=_VALUES,
    slope=_VALUES,
    intercept=_VALUES,
    bins=st.lists(_BINS, max_size=2).map(tuple),
)
_SHIFTS = st.builds(
    ScoreShift,
    mean_change=_VALUES,
    mean_absolute_change=st.floats(),
    distances=st.dictionaries(TEXTS | st.just("ks"), st.floats(), max_size=2),
    quantiles=st.dictionaries(TEXTS, st.tuples(st.floats(), st.floats()), max_size=2),
)
_GROUPS = st.builds(
    GroupRates,
    sensitive=TEXTS,
    group=TEXTS,
    n=_COUNTS,
    positives=_COUNTS,
    judged=st.booleans(),
    rates=st.dictionaries(st.sampled_from(["selection_rate", HOSTILE]), _PAIRS, max_size=2),
    note=TEXTS,
)
_FOUND = st.builds(
    FoundSlice,
    where=TEXTS,
    n=_COUNTS,
    loss=TEXTS,
    baseline=st.floats(),
    candidate=st.floats(),
    diff=_VALUES,
)
_BEHAVIOURS = st.builds(
    Behaviour,
    flips=st.none() | _FLIPS,
    calibration=st.lists(_CALIBRATION, max_size=2).map(tuple),
    score_shift=st.none() | _SHIFTS,
    groups=st.lists(_GROUPS, max_size=2).map(tuple),
    found_slices=st.lists(_FOUND, max_size=2).map(tuple),
)
_COMPARISONS = st.builds(
    Comparison,
    task=st.just(Task.BINARY),
    n_rows=_COUNTS,
    confidence=st.sampled_from([0.9, 0.95]),
    rows=st.lists(_ROWS, max_size=4).map(tuple),
    disagreement=NUMBERS,
    notes=st.lists(TEXTS, max_size=2).map(tuple),
    behaviour=_BEHAVIOURS,
)


_ROBUSTNESS = st.builds(
    RobustnessRow,
    what=st.sampled_from(["noise", "monotonic", HOSTILE]),
    detail=TEXTS,
    measure=TEXTS,
    n=_COUNTS,
    candidate=_VALUES,
    baseline=st.none() | _VALUES,
    rise=st.none() | _VALUES,
)
_COSTS = st.builds(
    CostRow,
    measure=st.sampled_from(["latency", HOSTILE]),
    unit=st.sampled_from(["ms", "MB"]) | TEXTS,
    n=_COUNTS,
    candidate=NUMBERS,
    baseline=NUMBERS,
    candidate_p95=NUMBERS,
    baseline_p95=NUMBERS,
    ratio=st.none() | _VALUES,
    note=TEXTS,
)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    verdict = draw(st.sampled_from(Verdict))
    open_ = verdict in (Verdict.PASS, Verdict.INCONCLUSIVE)
    found = draw(st.lists(checks(), max_size=4))
    messages = [check.message for check in found]
    reasons = st.lists(st.sampled_from(messages) if messages else TEXTS, max_size=3)
    return Report(
        decision=Decision(
            verdict=verdict,
            deploy=open_ and draw(st.booleans()),
            reasons=tuple(draw(reasons)),
        ),
        checks=tuple(found),
        comparison=draw(st.none() | _COMPARISONS),
        robustness=tuple(draw(st.lists(_ROBUSTNESS, max_size=3))),
        costs=tuple(draw(st.lists(_COSTS, max_size=2))),
        policy=draw(st.none() | POLICIES),
        waivers=draw(WAIVERS),
        self_test=draw(st.none() | SELF_TESTS),
        why_moved=draw(st.none() | REASONS),
        provenance=draw(_KNOWN_FACTS),
        data=draw(_KNOWN_DATA),
        environment=draw(_KNOWN_FACTS),
    )
