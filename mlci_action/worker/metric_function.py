"""What does a metric function of the user's say? Called as scikit-learn's metrics are."""

from __future__ import annotations

import inspect
import math
import time
import traceback
import warnings
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from mlci_action.worker.failures import WorkerFailure, shown_without_values
from mlci_action.worker.foreign import Array, Table
from mlci_action.worker.resampling import paired_bootstrap

MetricFunction = Callable[..., Any]
_KEYWORDS = ("sample_weight", "data")
_SHARE_FOR_INTERVALS, _SHARE_IN_ALL = 0.5, 0.75


class Sample(NamedTuple):
    """What a function is given: the truth and both models' predictions of n rows.

    truth: (n,) labels as the data has them, or numbers. candidate, baseline: (n,) labels, numbers
    or probabilities, or (n, k) probabilities. weight: (n,). table: makes the DataFrame of the rows.
    units: (n,) codes of rows that belong together.
    """

    truth: Array
    candidate: Array
    baseline: Optional[Array]
    weight: Optional[Array] = None
    table: Optional[Callable[[], Table]] = None
    units: Optional[Array] = None
    columns: Sequence[str] = ()


class Plan(NamedTuple):
    """What is asked: (m,) row numbers of each slice, two quantiles of the difference, a seed.

    seconds: what the whole of it may take, None without a limit.
    """

    slices: Sequence[Array]
    levels: Optional[Sequence[float]]
    seed: int
    seconds: Optional[float] = None


def ask_functions(
    asked: Sequence[Tuple[MetricFunction, Sample]],
    plan: Plan,
    clock: Callable[[], float] = time.monotonic,
) -> List[Dict[str, Any]]:
    """One answer a function, as JSON values.

    `candidate`, `baseline`: values over all rows, or None. `low`, `high`, `resamples`, `without`:
    of the difference's bootstrap. `slices`: a pair of values for each. `note` says why a value is
    missing, `error` that the function could not be asked. `ignores`: keywords it does not take.

    The intervals get half of the time together, the slices a quarter: what is left undone is said.
    """
    begun = clock()
    calls = [_Call(function, sample) for function, sample in asked]
    for call in calls:
        call.ask_overall()
    for number, call in enumerate(calls):
        seconds = None
        if plan.seconds is not None:
            left = begun + _SHARE_FOR_INTERVALS * plan.seconds - clock()
            seconds = left / (len(calls) - number)
        call.ask_interval(plan, seconds, clock)
    end = None if plan.seconds is None else begun + _SHARE_IN_ALL * plan.seconds
    for call in calls:
        call.answer["slices"] = [call.pair(rows, end, clock) for rows in plan.slices]
    return [call.answer for call in calls]


class _NoValue(Exception):
    """The function gave no number; `broken`: it does not work, rather than being undefined."""

    def __init__(self, why: str, *, broken: bool) -> None:
        super().__init__(why)
        self.why = why
        self.broken = broken


class _Call:
    """One function with what it takes of its sample, and what it has answered."""

    def __init__(self, function: MetricFunction, sample: Sample) -> None:
        self._function = function
        self._sample = sample
        self._takes = _names_in_signature(function)
        self._whole_table: Optional[Table] = None
        unweighted = sample.weight is not None and "sample_weight" not in self._takes
        self.answer: Dict[str, Any] = {
            "candidate": None,
            "baseline": None,
            "note": "",
            "error": "",
            "low": None,
            "high": None,
            "resamples": 0,
            "without": 0,
            "slices": [],
            "ignores": ["sample_weight"] if unweighted else [],
        }

    def ask_overall(self) -> None:
        """Both values over all rows."""
        answer = self.answer
        for who in ("candidate", "baseline"):
            if getattr(self._sample, who) is None:
                continue
            try:
                answer[who] = self._value(who, None, self._table(None))
            except _NoValue as reason:
                answer["note"] = answer["note"] or f"{who}: {reason.why}"
                if reason.broken and not answer["error"]:
                    answer["error"] = reason.why
                    _show_where(reason.__cause__)

    def ask_interval(
        self, plan: Plan, seconds: Optional[float], clock: Callable[[], float]
    ) -> None:
        """The bootstrap of the difference, where both models have a value over all rows."""
        answer = self.answer
        if plan.levels is None or answer["candidate"] is None or answer["baseline"] is None:
            return
        # Two thousand resamples would repeat every warning as often.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = paired_bootstrap(
                self._difference,
                n_rows=len(self._sample.truth),
                units=self._sample.units,
                seed=plan.seed,
                levels=plan.levels,
                seconds=seconds,
                clock=clock,
            )
        answer.update(low=found.low, high=found.high, resamples=found.drawn, without=found.without)

    def pair(self, rows: Array, end: Optional[float], clock: Callable[[], float]) -> Dict[str, Any]:
        """Both values on some of the rows."""
        said: Dict[str, Any] = {"candidate": None, "baseline": None, "note": ""}
        if not len(rows):
            return {**said, "note": "there are no rows"}
        if end is not None and not clock() < end:
            return {**said, "note": "not computed: the time allowed is used up"}
        try:
            table = self._table(rows)
            for who in ("candidate", "baseline"):
                if getattr(self._sample, who) is not None:
                    said[who] = self._value(who, rows, table)
        except _NoValue as reason:
            said["note"] = reason.why
        return said

    def _difference(self, rows: Array) -> Optional[float]:
        try:
            table = self._table(rows)
            return self._value("candidate", rows, table) - self._value("baseline", rows, table)
        except _NoValue:
            return None

    def _value(self, who: str, rows: Optional[Array], table: Optional[Table]) -> float:
        def of_rows(array: Array) -> Array:
            # A copy, because a function that writes into it must not change the next one's.
            return array.copy() if rows is None else array[rows]

        sample, more = self._sample, {}
        if "sample_weight" in self._takes:
            more["sample_weight"] = None if sample.weight is None else of_rows(sample.weight)
        if "data" in self._takes:
            more["data"] = None if table is None else table.copy(deep=rows is None)
        truth, said = of_rows(sample.truth), of_rows(getattr(sample, who))
        try:
            return _as_number(self._function(truth, said, **more))
        except _NoValue:
            raise
        except (Exception, SystemExit) as error:
            why = f"it raised {shown_without_values(error, list(sample.columns))}"
            raise _NoValue(why, broken=True) from error

    def _table(self, rows: Optional[Array]) -> Optional[Table]:
        if "data" not in self._takes or self._sample.table is None:
            return None
        if self._whole_table is None:
            try:
                self._whole_table = self._sample.table()
            except WorkerFailure as failure:
                raise _NoValue(f"it {failure.message}", broken=True) from failure
        if not hasattr(self._whole_table, "iloc"):
            raise _NoValue("it takes `data`, which needs pandas in that environment", broken=True)
        if rows is None:
            return self._whole_table
        taken = self._whole_table.iloc[rows]
        return taken.reset_index(drop=True)


def _show_where(raised: Optional[BaseException]) -> None:
    """The user's own traceback, for the log: the report does not quote what it says."""
    if raised is not None:
        traceback.print_exception(type(raised), raised, raised.__traceback__)


def _names_in_signature(function: MetricFunction) -> List[str]:
    try:
        names = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return []
    return [name for name in _KEYWORDS if name in names]


def _as_number(value: object) -> float:
    import numpy as np

    if value is None:
        raise _NoValue("it returned None", broken=False)
    array = np.asarray(value)
    if array.ndim or array.dtype.kind not in "iuf":
        kind = type(value).__name__
        raise _NoValue(f"it returned {kind}, not one number", broken=True)
    number = float(array)
    if not math.isfinite(number):
        raise _NoValue(f"it returned {number}", broken=False)
    return number
