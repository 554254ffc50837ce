"""What does a run see of the outside? The real `World`: data, models, git and workers."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from mlci_action._version import __version__
from mlci_action.adapters.asking import ModelAsker
from mlci_action.adapters.baselines import Baseline, BaselineFinder
from mlci_action.adapters.data_reader import DataReader, SchemaAnswer
from mlci_action.adapters.environments import default_cache
from mlci_action.adapters.github_event import Change
from mlci_action.adapters.interpreters import Interpreter, find_interpreter
from mlci_action.adapters.leaving import (
    WorkingCopy,
    leave_behind,
    ledger_before,
    working_copy,
)
from mlci_action.adapters.measuring import measure
from mlci_action.adapters.metric_files import MetricFile, find_metric_files
from mlci_action.adapters.model_files import (
    ModelFile,
    as_predictions,
    digest_of_model,
    read_model_file,
)
from mlci_action.adapters.models_between import models_between
from mlci_action.adapters.paths import newest_file
from mlci_action.adapters.permission import Permission
from mlci_action.adapters.reference import ReferenceFinder
from mlci_action.adapters.schemas import check_yaml_schema, is_python_object
from mlci_action.adapters.seen import BASELINE, CANDIDATE, Seen
from mlci_action.adapters.stored_predictions import to_npz
from mlci_action.adapters.training.running import Trainer
from mlci_action.adapters.trusting import is_of_commit
from mlci_action.adapters.worker_process import WorkerSetup
from mlci_action.adapters.worker_questions import apply_python_schema, ask_metrics
from mlci_action.checks.context import DataToCheck
from mlci_action.domain.costs import Budgets, Costs
from mlci_action.domain.places import Located
from mlci_action.domain.policy import PolicyFacts
from mlci_action.domain.report import Facts, Report
from mlci_action.domain.results import CheckResult
from mlci_action.errors import MlciError, ModelError
from mlci_action.evaluation.metrics.custom_metrics import CustomAnswers, CustomQuestion
from mlci_action.evaluation.reading.variants import Answers, Variant
from mlci_action.parts.outside import Between
from mlci_action.parts.remarks import stale, worn
from mlci_action.settings.values import Settings, TrainSettings

_LIBRARIES = ("numpy", "scipy", "pandas", "pandera", "scikit-learn")


@dataclass(frozen=True, kw_only=True, slots=True)
class Speaker:
    """Whom the run tells what it does: our own sentences, and what the user's code printed."""

    say: Callable[[str], None]
    foreign: Callable[[str], None]


@dataclass(kw_only=True)
class RealWorld:
    """The outside of one run; it remembers what it found, for the report.

    `folder` is the config file's, which all its paths are relative to. `python` is the interpreter
    that was asked for, `provenance_of_policy` says where the limits come from. `cache` is where
    environments of baselines are kept, None: among the user's caches. `limits_from` tells of
    `settings`, `report_folder` has the ledger of earlier runs.
    """

    settings: Settings
    folder: Path
    change: Change
    environ: Mapping[str, str]
    baselines: BaselineFinder
    speaker: Speaker
    permission: Permission = field(default_factory=Permission)
    python: str | None = None
    cache: Path | None = None
    provenance_of_policy: Mapping[str, Any] = field(default_factory=dict)
    limits_from: PolicyFacts = field(default_factory=lambda: PolicyFacts(origin="the settings"))
    report_folder: Path | None = None
    _seen: Seen = field(default_factory=Seen)
    _copy: WorkingCopy = field(init=False)

    def __post_init__(self) -> None:
        # Before any user code has run: it could write another metric than the one in the commit.
        self._seen.metric_files = self._find_metric_files()
        self._copy = working_copy(self.baselines.git)

    def load_data(self) -> DataToCheck:
        """The evaluation data summed up beside its reference, and what its schema says of it."""
        has_schema = self.settings.data.schema is not None
        return self.reader.to_check(self._taken_baseline, self._schema_says if has_schema else None)

    def load_rows(self) -> pd.DataFrame:
        """The rows of the evaluation data."""
        return self.reader.frame()

    def locate(self, results: tuple[CheckResult, ...]) -> tuple[Located, ...]:
        """Where the rows stand that results of data checks mean."""
        return self.reader.locate(results)

    def find_candidate(self) -> ModelFile:
        """The newest file at `candidate.model`; ModelError where it may not be loaded."""
        asked = self.settings.candidate
        path = newest_file(asked.model, self.folder) or self.folder / asked.model
        found = read_model_file(path, who=CANDIDATE)
        if asked.predictions:
            found = as_predictions(found, who=CANDIDATE)
        self._seen.candidate = found
        brought = not is_of_commit(found.path, self.baselines.git, self.baselines.base)
        self.permission.must_allow(found, who=CANDIDATE, brought=brought)
        return found

    def find_baseline(self) -> ModelFile:
        """The first source that has one; BaselineMissing when none has."""
        return self.found_baseline().file

    def found_baseline(self) -> Baseline:
        """The baseline with its origin; BaselineMissing when no source has one."""
        try:
            self._seen.baseline = self.baselines.find(self.settings.baseline)
        except MlciError as error:
            self._seen.no_baseline = error
            raise
        found = self._seen.baseline
        self.speaker.say(f"baseline: {found.source}")
        brought = not self.baselines.is_of_base(found)
        self.permission.must_allow(found.file, who=BASELINE, brought=brought)
        return found

    def asks_alike(self, candidate: ModelFile, baseline: ModelFile) -> bool:
        """Whether one answer is both models'."""
        found = self._seen.baseline
        return (
            found is not None
            and found.file is baseline
            and self._asker.asks_alike(candidate, found)
        )

    def predict(
        self, model: ModelFile, frame: pd.DataFrame, *, who: str, variants: Sequence[Variant] = ()
    ) -> Answers:
        """What `model` says of every row of `frame` and of the variants, in the user's interpreter.

        ModelError when it does not answer, or is not the file any more that was found.
        """
        self._must_be_unchanged(model, who)
        more = sum(len(variant.rows) for variant in variants)
        besides = f", and {more:,} more that are changed or repeated" if more else ""
        self.speaker.say(f"{who} predicts {len(frame):,} rows{besides}")
        if self._seen.baseline is not None and model is self._seen.baseline.file:
            answers = self._asker.ask_baseline(self._seen.baseline, frame, variants)
        else:
            answers = self._asker.ask_candidate(model, frame, variants)
        self._seen.answers[who] = answers
        return answers

    def measure(
        self,
        candidate: ModelFile,
        baseline: ModelFile | None,
        frame: pd.DataFrame,
        *,
        budgets: Budgets,
    ) -> Costs:
        """What asking the models costs, in turn in the same run."""
        self._must_be_unchanged(candidate, CANDIDATE)
        found = None if baseline is None else self._seen.baseline
        if found is not None:
            self._must_be_unchanged(found.file, BASELINE)
        self.speaker.say("measuring what it costs to ask the models")
        return measure(
            self._asker.of_candidate(candidate),
            None if found is None else self._asker.of_baseline(found),
            frame,
            budgets=budgets,
            target=self.settings.data.target,
            set_aside=[name for name in self.settings.set_aside if name in frame.columns],
            show_log=self.speaker.foreign,
        )

    def stored_predictions(self) -> bytes | None:
        """What the candidate said, to be kept beside it; None where it said nothing."""
        found = self._seen.candidate
        said = self._seen.said_by(CANDIDATE)
        if found is None or said is None:
            return None
        return to_npz(
            said.output,
            model_digest=found.digest,
            data_digest=self.reader.source.digest,
            how=self.settings.candidate.how,
        )

    def _must_be_unchanged(self, model: ModelFile, who: str) -> None:
        if digest_of_model(model.path, who=who) != model.digest:
            raise ModelError(
                f"{who} changed while the gate ran",
                hint="something that an earlier model or schema started rewrote the file",
            )

    def ask_metrics(self, question: CustomQuestion) -> CustomAnswers:
        """What the user's own metrics say of both models' predictions, in their interpreter.

        ModelError when they do not answer, or when their files are not those that were found.
        """
        if self._find_metric_files() != self._seen.metric_files:
            raise ModelError(
                "the file of a metric changed while the gate ran",
                hint="something that a model or a schema started rewrote it",
            )
        places = ", ".join(str(metric.custom) for metric in question.metrics)
        self.permission.must_allow_code(places)
        at_most = f"at most {self.settings.worker.timeout_seconds:g} seconds"
        self.speaker.say(f"{places}: {question.rows.n:,} rows, {at_most}")
        return ask_metrics(question, setup=self._setup(), show_log=self.speaker.foreign)

    def interpreter(self) -> Interpreter:
        """The user's Python, looked up once; InterpreterError when there is none."""
        if self._seen.interpreter is None:
            top = self.baselines.git.root() or self.folder

            def refuse(python: Path) -> None:
                self.permission.must_allow_python(python, top)

            found = find_interpreter(self.python, self.environ, self.folder, refuse=refuse)
            self.speaker.say(f"models run in {found.path} (Python {found.version}): {found.reason}")
            self._seen.interpreter = found
        return self._seen.interpreter

    def models_between(self) -> Between[ModelFile] | None:
        """Trained where `train.explain_seconds` gives the time; None where it gives none."""
        train, found = self.settings.train, self._seen.baseline
        if train is None or not train.explain_seconds > 0 or found is None:
            return None
        self.permission.must_allow_code("train.command")
        return models_between(
            self.settings,
            train,
            baseline=found,
            folder=self.folder,
            git=self.baselines.git,
            trainer=self.trainer(train),
            scratch=self.baselines.store / "between",
            say=self.speaker.say,
            old_python=self._asker.old_python(found),
        )

    def trainer(self, train: TrainSettings) -> Trainer:
        """Runs `train.command` in the user's interpreter; InterpreterError when there is none."""
        return Trainer(
            command=train.command,
            interpreter=self.interpreter(),
            environ=self.environ,
            env=train.env,
            timeout_seconds=train.timeout_seconds,
            show_log=self.speaker.foreign,
        )

    def policy(self) -> PolicyFacts:
        """Where the limits come from, and which of them the change would move."""
        return self.limits_from

    def today(self) -> date:
        """The day of this run, in UTC."""
        return datetime.now(tz=UTC).date()

    def remarks(self) -> tuple[CheckResult, ...]:
        """What was seen of baseline and evaluation set that a reader must know."""
        found = self._seen.baseline
        source = "" if found is None else found.source
        return (
            *stale(
                self._seen.age_of_baseline(self.today()),
                source,
                self.settings.baseline_max_age_days,
            ),
            *worn(self._looks(), self.settings.evidence.confidence),
        )

    def leave_behind(self, report: Report, folder: Path) -> str | None:
        """Manifest, bundle and ledger of a finished run, as `leaving` has it."""
        return leave_behind(
            report,
            seen=self._seen,
            reader=self.reader,
            copy=self._copy,
            predictions=self.stored_predictions(),
            folder=folder,
        )

    def _looks(self) -> int:
        """How many models the evaluation set has judged, with this one."""
        candidate = self._seen.candidate
        if candidate is None or self._seen.said_by(CANDIDATE) is None:
            return 0
        digest = self.reader.source.digest
        ledger = ledger_before(self.report_folder, self._seen)
        return len(ledger.with_judged(digest, candidate.digest).models(digest))

    def facts(self) -> Facts:
        """What was judged, on what and where."""
        evidence = self.settings.evidence
        return Facts(
            provenance={
                "tool": {"name": "mlci", "version": __version__},
                "policy": dict(self.provenance_of_policy),
                "trust": self.permission.as_mapping(),
                "change": self.change.as_mapping(),
                **self._seen.as_mapping(self.settings, self.today()),
                "confidence": evidence.confidence,
                "seed": evidence.seed,
                "decide_by": evidence.decide_by.value,
            },
            data=self.reader.facts(),
            environment={
                "python": platform.python_version(),
                "platform": platform.platform(),
                "libraries": {name: importlib.metadata.version(name) for name in _LIBRARIES},
            },
        )

    @cached_property
    def reader(self) -> DataReader:
        """Reads the data of this run."""
        return DataReader(
            data=self.settings.data,
            folder=self.folder,
            root=self.baselines.git.root() or self.folder,
            set_aside=self.settings.set_aside,
            references=ReferenceFinder(
                folder=self.folder, store=self.baselines.store / "data", baselines=self.baselines
            ),
            say=self.speaker.say,
        )

    def _taken_baseline(self) -> Baseline:
        """The baseline that was found before, or looked for now; it is not looked for twice."""
        if self._seen.no_baseline is not None:
            raise self._seen.no_baseline
        return self._seen.baseline or self.found_baseline()

    def _schema_says(self, frame: pd.DataFrame) -> SchemaAnswer:
        """What does not hold, or why the schema could not be applied."""
        schema = self.settings.data.schema or ""
        try:
            if is_python_object(schema):
                self.permission.must_allow_code(schema)
                said = apply_python_schema(
                    schema, frame, setup=self._setup(), show_log=self.speaker.foreign
                )
            else:
                said = check_yaml_schema(schema, self.folder, frame)
        except MlciError as error:
            return None, str(error)
        return said, None

    @cached_property
    def _asker(self) -> ModelAsker:
        return ModelAsker(
            settings=self.settings,
            baselines=self.baselines,
            setup=self._setup,
            no_code=self.permission.no_code,
            skops_types=self.permission.trust.skops_types,
            data_digest=lambda: self.reader.source.digest,
            cache=self.cache or default_cache(self.environ),
            scratch=self.baselines.store / "asked",
            say=self.speaker.say,
            show_log=self.speaker.foreign,
        )

    def _setup(self) -> WorkerSetup:
        worker = self.settings.worker
        return WorkerSetup(
            interpreter=self.interpreter(),
            working_directory=self.folder,
            environ=self.environ,
            env=worker.env,
            timeout_seconds=worker.timeout_seconds,
            memory_mb=worker.memory_mb,
            network=worker.network and not self.permission.no_code,
            code_allowed=not self.permission.no_code,
        )

    def _find_metric_files(self) -> tuple[MetricFile, ...]:
        metrics = (limits.metric for limits in self.settings.metrics)
        places = [(metric.name, metric.custom) for metric in metrics if metric.custom is not None]
        return find_metric_files(places, self.folder)
