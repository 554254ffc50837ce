"""What data does a run read? The evaluation table, its reference, the training data: summed up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from mlci_action.adapters.baselines import Baseline
from mlci_action.adapters.locating import locate
from mlci_action.adapters.reference import ReferenceFinder
from mlci_action.adapters.summaries import open_joined, reference_profile, sum_up_chunks
from mlci_action.adapters.tables.labels import JoinedSource
from mlci_action.adapters.tables.options import ReadOptions
from mlci_action.adapters.tables.source import TableSource
from mlci_action.checks.context import DataToCheck, Reference, SchemaFailure
from mlci_action.domain.places import Located
from mlci_action.domain.profile import TableProfile
from mlci_action.domain.results import CheckResult
from mlci_action.errors import BaselineMissing, MlciError
from mlci_action.profiles.table import Aims, Summed
from mlci_action.settings.values import DataSettings

SchemaAnswer = tuple[tuple[SchemaFailure, ...] | None, str | None]


@dataclass(kw_only=True)
class DataReader:
    """Reads each table once; `say` tells what is being done.

    `set_aside` are columns that hold no feature, `root` is the folder that reports name files from.
    `train_profile` sums up `data.train` once the data have been checked.
    """

    data: DataSettings
    folder: Path
    root: Path
    set_aside: tuple[str, ...]
    references: ReferenceFinder
    say: Callable[[str], None]
    _rows: int | None = None
    _reference: Reference | None = None
    _why_none: str = ""
    _train: dict[str, Any] | None = None
    train_profile: TableProfile | None = field(default=None, init=False)
    _frame: pd.DataFrame | None = field(default=None, repr=False)

    @cached_property
    def source(self) -> TableSource | JoinedSource:
        """The evaluation table, with its labels; DatasetError when it cannot be read."""
        source = self._open(self.data.evaluation, self.data.labels)
        # Now, before any user code has run: it could write other data than those that are judged.
        _ = source.digest
        return source

    def frame(self) -> pd.DataFrame:
        """All its rows, as the model sees them."""
        if self._frame is None:
            self.say(f"reading {self.data.evaluation}")
            self._frame = self.source.frame()
            self.say(f"{len(self._frame):,} rows, {len(self._frame.columns):,} columns")
        return self._frame

    def to_check(
        self,
        baseline: Callable[[], Baseline],
        schema_says: Callable[[pd.DataFrame], SchemaAnswer] | None,
    ) -> DataToCheck:
        """The evaluation table summed up beside its reference. DatasetError when it cannot be.

        `baseline` is asked only when the settings name no reference; `schema_says` needs all rows.
        """
        data = self.data
        problem = self._find_reference(baseline)
        known = None if self._reference is None else self._reference.profile
        self.say(f"checking {data.evaluation}")
        batch = sum_up_chunks(
            self.source.chunks(), aims=self._aims, reference=known, origin=data.evaluation
        )
        self._rows = batch.profile.rows
        failures, schema_problem = (
            (None, None) if schema_says is None else schema_says(self.frame())
        )
        return DataToCheck(
            batch=batch,
            reference=self._reference,
            no_reference=self._why_none,
            reference_problem=problem,
            train=None if data.train is None else self._summed_up_train(data.train),
            limits=data.checks,
            target=data.target,
            id=data.id,
            time=data.time,
            show_values=data.show_values,
            schema_failures=failures,
            schema_problem=schema_problem,
            integrity=batch.integrity,
        )

    def locate(self, results: tuple[CheckResult, ...]) -> tuple[Located, ...]:
        """The rows that results mean, by one more pass over their columns."""
        return locate(self.source, results, root=self.root)

    def facts(self) -> dict[str, Any]:
        """What was read, as JSON values."""
        data = self.data
        known: dict[str, Any] = {
            "path": data.evaluation, "target": data.target, "positive": data.positive,
        }  # fmt: skip
        if self._reference is not None:
            profile = self._reference.profile
            known["reference"] = {"origin": self._reference.origin, "rows": profile.rows}
        elif self._why_none:
            known["reference"] = {"why_none": self._why_none}
        if self._train is not None:
            known["train"] = dict(self._train)
        if self._rows is None and self._frame is None:
            return known
        source = self.source
        return {
            **known,
            "rows": self._rows if self._frame is None else len(self._frame),
            "columns": len(source.names),
            "digest": source.digest,
            "files": [path.name for path in source.files],
            "notes": list(source.notes),
        }

    @cached_property
    def _aims(self) -> Aims:
        checks = self.data.checks
        limits = checks.duplicates
        return Aims(
            target=self.data.target,
            id=self.data.id,
            set_aside=self.set_aside,
            # A limit on repeated rows is exact, whatever it costs.
            every_row=limits is not None and limits.max_share is not None,
            rules=self.data.integrity,
        )

    def _summed_up_train(self, pattern: str) -> Summed:
        """The training data; which bytes they were stands in the facts."""
        source = self._open(pattern, None)
        digest = source.digest
        summed = sum_up_chunks(source.chunks(), aims=self._aims)
        self.train_profile = summed.profile
        self._train = {"path": pattern, "rows": summed.profile.rows, "digest": digest}
        return summed

    def _find_reference(self, baseline: Callable[[], Baseline]) -> str:
        """Look the reference up; why one that is there cannot be used, empty when it can."""
        data = self.data
        try:
            taken = baseline() if data.reference is None else None
        except MlciError as error:
            taken, self._why_none = None, str(error)
        try:
            found = self.references.find(data, taken)
            self.say(f"compared with {found.origin}")
            profile = reference_profile(found, self.folder, options=self._options, aims=self._aims)
        except BaselineMissing as error:
            self._why_none = str(error)
            return ""
        except MlciError as error:
            return str(error)
        self._why_none = ""
        self._reference = Reference(profile=profile, origin=found.origin, is_train=found.is_train)
        return ""

    def _open(self, pattern: str, labels: str | None) -> TableSource | JoinedSource:
        return open_joined(
            pattern,
            labels,
            self.folder,
            options=self._options,
            target=self.data.target,
            id=self.data.id,
        )

    @cached_property
    def _options(self) -> ReadOptions:
        asked = self.data.options
        return ReadOptions(
            separator=asked.separator,
            encoding=asked.encoding,
            columns=asked.columns or None,
            sheet=asked.sheet,
        )
