"""What may a report say of its own limits, with foreign text in it?"""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from mlci_action.domain.fingerprint import Part
from mlci_action.domain.moves import MetricMove, WhyMoved
from mlci_action.domain.outcomes import Outcome, Verdict
from mlci_action.domain.policy import Move, PolicyChange, PolicyFacts
from mlci_action.domain.self_test import Sabotage, SelfTest, Trial
from mlci_action.domain.waivers import Waiver, WaiverState, WaiverUse
from tests.builders import HOSTILE

_TEXTS = st.sampled_from([HOSTILE, "plain", "a\\|b", "\u202ex", "x" * 3_000])
# A name is one line: the settings refuse any other.
_NAMES = st.sampled_from(["roc_auc", HOSTILE.replace("\n", " ")])
_MAYBE = st.none() | _TEXTS
_NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
_NO_WORSE = st.none() | st.sampled_from(
    [Outcome.PASSED.value, Outcome.INCONCLUSIVE.value, Outcome.FAILED.value]
)

POLICIES = st.builds(
    PolicyFacts,
    origin=_TEXTS,
    digest=st.sampled_from(["", f"sha256:{'0' * 64}"]),
    problem=st.just("") | _TEXTS,
    changes=st.lists(
        st.builds(
            PolicyChange,
            rule=_TEXTS,
            move=st.sampled_from(Move),
            before=_MAYBE,
            after=_MAYBE,
            in_force=st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
)
WAIVERS = st.lists(
    st.builds(
        WaiverUse,
        waiver=st.builds(
            Waiver,
            check=_TEXTS,
            ceiling=_NUMBERS,
            reason=_TEXTS,
            expires=st.dates(min_value=date(2000, 1, 1)),
            issue=_MAYBE,
            author=_MAYBE,
            column=_MAYBE,
            slice=_MAYBE,
        ),
        state=st.sampled_from(WaiverState),
        observed=st.none() | _NUMBERS,
    ),
    max_size=2,
).map(tuple)
SELF_TESTS = st.builds(
    SelfTest,
    n=st.integers(0, 10**7),
    trials=st.lists(
        st.builds(
            Trial,
            sabotage=st.sampled_from(Sabotage),
            caught=st.booleans(),
            by=st.lists(_TEXTS, max_size=2).map(tuple),
            verdict=st.sampled_from(Verdict),
        ),
        max_size=len(Sabotage),
    ).map(tuple),
    copy=_NO_WORSE,
    equal=_NO_WORSE,
    note=st.just("") | _TEXTS,
    skipped=st.just("") | _TEXTS,
)
REASONS = st.builds(
    WhyMoved,
    changed=st.lists(st.sampled_from(Part), unique=True).map(
        lambda parts: tuple(part for part in Part if part in parts)
    ),
    moves=st.lists(
        st.builds(
            MetricMove,
            metric=_NAMES,
            n=st.integers(0, 10**7),
            diff=_NUMBERS,
            shares=st.dictionaries(st.sampled_from(Part), _NUMBERS, max_size=4),
            corners=st.just({}),
        ),
        max_size=2,
    ).map(tuple),
    note=st.just("") | _TEXTS,
)
