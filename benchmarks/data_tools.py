"""What does each tool do to check one large table beside another? A function a tool.

    PYTHON -m benchmarks.data_tools NAME REFERENCE NEW

`benchmarks.data_checks` calls it like this, each time in a new process and in the interpreter that
has the tool. It prints one line of JSON: the seconds of the work without the imports, the peak
memory in MB, and a digest of the answers where two tools should give the same; or what is missing.

Each function imports its tool and hands back what is to be timed.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import logging
import os
import resource
import sys
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.by_hand import with_pandas, with_polars

Work = Callable[[str, str], object]

_ID, _TIME, _LABEL = "id", "at", "label"
_BASIC = ("dtype", "missing", "range", "outliers", "categories", "ids", "drift")
_INSTALL = "requirements/peers.in says how to install it"
_LINUX_KB, _MB = 1024, 1e6


def polars_by_hand() -> Work:
    """Types, missing values, ranges, categories, ids, outliers and drift, all columns at once."""
    import_module("polars")
    return with_polars


def pandas_by_hand() -> Work:
    """The same answers, column by column."""
    import_module("pandas")
    return with_pandas


def ours_basic() -> Work:
    """The answers of those by hand and no others."""
    ours = import_module("mlci_action")
    check, checks = ours.check_data, ours.DataChecks.only(_BASIC)
    return lambda reference, new: check(new, reference=reference, checks=checks, id=_ID)


def ours_default() -> Work:
    """Every check that runs unasked, beside the reference."""
    check = import_module("mlci_action").check_data
    return lambda reference, new: check(new, reference=reference)


def ours_profile() -> Work:
    """What it takes to read the reference alone, and to store what it is like."""
    check = import_module("mlci_action").check_data

    def work(reference: str, _: str) -> object:
        return _profile_of(reference).write_text(check(reference).profile_to_json(), "utf-8")

    return work


def ours_with_profile() -> Work:
    """Every check that runs unasked, beside the profile that `ours_profile` has stored."""
    check = import_module("mlci_action").check_data

    def work(reference: str, new: str) -> object:
        profile = _profile_of(reference)
        if not profile.exists():
            raise NotImplementedError("ask for ours_profile too, which stores the profile")
        return check(new, reference=profile)

    return work


def _profile_of(reference: str) -> Path:
    return Path(reference).with_suffix(".profile.json")


def pandera() -> Work:
    """The schema part alone: a schema read off the reference, by which the new table is judged."""
    peer, pd = import_module("pandera.pandas"), import_module("pandas")

    def work(reference: str, new: str) -> object:
        known, columns = pd.read_parquet(reference), {}
        for name, values in known.items():
            checks = []
            if values.dtype.kind in "if" and name != _ID:
                checks = [peer.Check.in_range(values.min(), values.max())]
            elif values.dtype.kind not in "ifbM":
                checks = [peer.Check.isin(values.dropna().unique())]
            columns[name] = peer.Column(
                values.dtype, checks, nullable=bool(values.isna().any()), unique=name == _ID
            )
        try:
            return peer.DataFrameSchema(columns).validate(pd.read_parquet(new), lazy=True)
        except peer.errors.SchemaErrors as error:
            return error.failure_cases

    return work


def great_expectations() -> Work:
    """The schema part alone, as expectations read off the reference."""
    peer, pd = import_module("great_expectations"), import_module("pandas")
    expect = peer.expectations

    def work(reference: str, new: str) -> object:
        known, table = pd.read_parquet(reference), pd.read_parquet(new)
        context = peer.get_context(mode="ephemeral")
        batch = context.data_sources.add_pandas("pandas").add_dataframe_asset("new")
        suite = peer.ExpectationSuite(name="as the reference")
        for name, values in known.items():
            suite.add_expectation(expect.ExpectColumnValuesToNotBeNull(column=name, mostly=0.99))
            suite.add_expectation(
                expect.ExpectColumnValuesToBeOfType(column=name, type_=str(values.dtype))
            )
            if values.dtype.kind in "if" and name != _ID:
                low, high = float(values.min()), float(values.max())
                suite.add_expectation(
                    expect.ExpectColumnValuesToBeBetween(column=name, min_value=low, max_value=high)
                )
            elif values.dtype.kind not in "ifbM":
                allowed = list(values.dropna().unique())
                suite.add_expectation(
                    expect.ExpectColumnValuesToBeInSet(column=name, value_set=allowed)
                )
        suite.add_expectation(expect.ExpectColumnValuesToBeUnique(column=_ID))
        whole = batch.add_batch_definition_whole_dataframe("all")
        return whole.get_batch({"dataframe": table}).validate(suite, result_format="SUMMARY")

    return work


def evidently() -> Work:
    """The presets of drift and of a summary."""
    peer, pd = import_module("evidently"), import_module("pandas")
    presets = import_module("evidently.presets")

    def work(reference: str, new: str) -> object:
        known, table = pd.read_parquet(reference), pd.read_parquet(new)
        report = peer.Report([presets.DataDriftPreset(), presets.DataSummaryPreset()])
        return report.run(peer.Dataset.from_pandas(table), peer.Dataset.from_pandas(known)).dict()

    return work


def deepchecks() -> Work:
    """The suites of data integrity and of train and test."""
    peer, pd = import_module("deepchecks.tabular"), import_module("pandas")
    suites = import_module("deepchecks.tabular.suites")

    def work(reference: str, new: str) -> object:
        known, table = (
            peer.Dataset(
                frame,
                label=_LABEL,
                index_name=_ID,
                datetime_name=_TIME,
                cat_features=[name for name in frame if name[0] == "c" or name == "flag"],
            )
            for frame in (pd.read_parquet(reference), pd.read_parquet(new))
        )
        return (
            suites.data_integrity().run(table),
            suites.train_test_validation().run(known, table),
        )

    return work


def tfdv() -> Work:
    """Statistics of both, a schema of the reference, and what it says with drift compared."""
    peer, pd = import_module("tensorflow_data_validation"), import_module("pandas")

    def work(reference: str, new: str) -> object:
        known, table = (
            peer.generate_statistics_from_dataframe(pd.read_parquet(path))
            for path in (reference, new)
        )
        schema = peer.infer_schema(known)
        for feature in schema.feature:
            feature.drift_comparator.jensen_shannon_divergence.threshold = 0.1
        return peer.validate_statistics(table, schema, previous_statistics=known)

    return work


TOOLS: dict[str, Callable[[], Work]] = {
    tool.__name__: tool
    for tool in (
        *(
            polars_by_hand,
            pandas_by_hand,
            ours_basic,
            ours_default,
            ours_profile,
            ours_with_profile,
        ),
        *(pandera, great_expectations, evidently, deepchecks, tfdv),
    )
}


def main(name: str, reference: str, new: str) -> None:
    """Does the work once and says what it took."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    os.environ.update(DISABLE_LATEST_VERSION_CHECK="true", DO_NOT_TRACK="1")
    noise = io.StringIO()
    try:
        with contextlib.redirect_stdout(noise):
            work = TOOLS[name]()
            begin, begin_cpu = time.perf_counter(), _cpu_seconds()
            answers = work(reference, new)
            seconds, cpu_seconds = time.perf_counter() - begin, _cpu_seconds() - begin_cpu
    except ModuleNotFoundError as error:
        print(json.dumps({"missing": f"no {error.name}; {_INSTALL}"}))
        return
    except NotImplementedError as error:
        print(json.dumps({"missing": str(error)}))
        return
    told: dict[str, Any] = {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_mb": _peak_mb()}
    if name.endswith("by_hand"):
        told["digest"] = hashlib.sha256(repr(answers).encode()).hexdigest()
    print(json.dumps(told))


def _cpu_seconds() -> float:
    """Of all threads, and of the processes that have ended."""
    return sum(os.times()[:4])


def _peak_mb() -> float:
    """Of this process and of the largest that it started."""
    unit = 1 if sys.platform == "darwin" else _LINUX_KB
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(one).ru_maxrss for one in who) * unit / _MB


if __name__ == "__main__":
    main(*sys.argv[1:])
