"""How is each of the two models asked? As its bytes, the settings and its own time call for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from mlci_action.adapters.baseline_code import BaselineCode, code_of
from mlci_action.adapters.baselines import Baseline, BaselineFinder
from mlci_action.adapters.command_model import ask_command
from mlci_action.adapters.interpreters import Interpreter
from mlci_action.adapters.measuring import Asked
from mlci_action.adapters.model_files import ModelFile
from mlci_action.adapters.own_python import OwnPython
from mlci_action.adapters.predictions_file import read_predictions_file
from mlci_action.adapters.stored_predictions import find_stored, read_stored
from mlci_action.adapters.worker_process import WorkerSetup
from mlci_action.adapters.worker_questions import predict
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.errors import BaselineError, InterpreterError, MlciError, ModelError
from mlci_action.evaluation.reading.predictions import ModelOutput
from mlci_action.evaluation.reading.variants import Answers, Variant, varied
from mlci_action.settings.values import HowAsked, Settings

_CANDIDATE, _BASELINE = "the candidate", "the baseline"
_SHARED = "the candidate's"
_ONLY_READ = "cannot be asked again: there are only its predictions"
_NOT_LOADED = "was not loaded: its stored predictions were used"


@dataclass(kw_only=True)
class ModelAsker:
    """Asks both models of one run.

    setup: where workers run, for this change's code. no_code: why code that comes with the change
    may not run, empty when it may. data_digest: of the evaluation data. cache: where environments
    are kept; scratch: a folder of this run.
    """

    settings: Settings
    baselines: BaselineFinder
    setup: Callable[[], WorkerSetup]
    no_code: str
    skops_types: tuple[str, ...]
    data_digest: Callable[[], str]
    cache: Path
    scratch: Path
    say: Callable[[str], None]
    show_log: Callable[[str], None]
    _baseline_python: tuple[Interpreter, str] | None = None
    _code: dict[str, BaselineCode | None] = field(default_factory=dict)

    def ask_candidate(
        self, file: ModelFile, frame: pd.DataFrame, variants: Sequence[Variant]
    ) -> Answers:
        """What the candidate says; ModelError when it says nothing that can be used."""
        how = self.settings.candidate.how
        self._must_allow(how.code, _CANDIDATE)
        asked = self.of_candidate(file)
        return self._ask(asked, frame, variants, who=_CANDIDATE, facts={"environment": _SHARED})

    def of_candidate(self, file: ModelFile) -> Asked:
        """The candidate, and all that it takes to ask it."""
        how = self.settings.candidate.how
        return self._asked(file, how, self.setup(), trusted=not self.no_code)

    def ask_baseline(
        self, found: Baseline, frame: pd.DataFrame, variants: Sequence[Variant]
    ) -> Answers:
        """What the baseline says: by its stored predictions, beside the candidate, or on its own.

        Predictions that were stored for these very rows spare loading it, unless it is to be asked
        of changed rows as well. ModelError when there is no way.
        """
        # The settings are the change's own, whose code they name: even that of a reviewed commit.
        self._must_allow(self.settings.baseline_how.code, _BASELINE)
        stored = self._stored(found, len(frame))
        if isinstance(stored, ModelOutput) and self.settings.robustness is None:
            return _from_store(stored, len(variants), _NOT_LOADED)
        try:
            return self._ask_loaded(found, frame, variants)
        except (ModelError, InterpreterError) as error:
            if not isinstance(stored, ModelOutput):
                hint = f"{error.hint}; {stored}" if stored and error.hint else error.hint
                raise ModelError(error.message, hint=hint) from error
            self.say(f"{error.message}; its stored predictions are used")
            return _from_store(stored, len(variants), f"was not asked: {error.message}")

    def of_baseline(self, found: Baseline) -> Asked:
        """The baseline as it was asked last, or would be first."""
        setup, trusted = self._baseline_setup(found)
        if self._baseline_python is not None:
            setup = replace(setup, interpreter=self._baseline_python[0])
        return self._asked(found.file, self.settings.baseline_how, setup, trusted=trusted)

    def asks_alike(self, candidate: ModelFile, found: Baseline) -> bool:
        """Whether both are the same bytes, asked in the same way and with the same code."""
        same_way = self.settings.candidate.how == self.settings.baseline_how
        return candidate.digest == found.file.digest and same_way and self._own_code(found) is None

    def old_python(self, found: Baseline) -> Callable[[], Interpreter] | None:
        """Makes or finds an interpreter with what the baseline was made with; None: there is none.

        Errors as `OwnPython.of`.
        """
        own = self._own_python
        if not own.is_known(found):
            return None
        return lambda: own.of(found, self.setup().interpreter, self.setup().environ)[0]

    def _ask_loaded(
        self, found: Baseline, frame: pd.DataFrame, variants: Sequence[Variant]
    ) -> Answers:
        own, code = self._own_python, self._own_code(found)
        of_code = {} if code is None else {"code": found.commit, "notes": list(code.notes)}
        facts: dict[str, Any] = {"environment": _SHARED, **of_code}
        shared: Answers | MlciError
        try:
            asked = self.of_baseline(found)
            shared = self._ask(asked, frame, variants, who=_BASELINE, facts=facts)
        except ModelError as error:
            shared = error
        # An environment that nobody asked for is made only where there is no other way.
        does = isinstance(shared, Answers) and not (own.is_named and _other_versions(shared))
        if does or not own.is_known(found):
            return _or_raise(shared)
        setup = self.setup()
        try:
            interpreter, made_of = own.of(found, setup.interpreter, setup.environ)
        except (InterpreterError, BaselineError) as error:
            if isinstance(shared, Answers):
                self.say(f"the baseline was asked beside the candidate: {error.message}")
                return shared
            raise ModelError(f"{shared.message}; {error.message}", hint=error.hint) from error
        self._baseline_python = interpreter, made_of
        facts["environment"] = made_of
        return self._ask(self.of_baseline(found), frame, variants, who=_BASELINE, facts=facts)

    def _ask(
        self,
        asked: Asked,
        frame: pd.DataFrame,
        variants: Sequence[Variant],
        *,
        who: str,
        facts: Mapping[str, Any],
    ) -> Answers:
        data = self.settings.data
        if asked.format is ModelFormat.PREDICTIONS:
            answers = read_predictions_file(
                asked.model,
                frame,
                id_column=data.id,
                target=data.target,
                classes=asked.how.classes,
                who=who,
            )
            told = {"predictions_from": "a file of predictions", **answers.facts}
            warned = tuple(str(text) for text in answers.facts.get("warnings", ()))
            silent = (_ONLY_READ,) * len(variants)
            return replace(answers, variants=silent, facts=told, unexpected=warned)
        if asked.how.predict is not None:
            return self._ask_command(asked, frame, variants, who=who, facts=facts)
        said = predict(
            asked.model,
            frame,
            format=asked.format,
            how=asked.how,
            trusted_types=asked.trusted_types,
            code_allowed=asked.code_allowed,
            target=data.target,
            set_aside=[name for name in self.settings.set_aside if name in frame.columns],
            variants=variants,
            setup=asked.setup,
            who=who,
            show_log=self.show_log,
        )
        return Answers(
            output=said.output,
            variants=said.variants,
            unexpected=said.unexpected,
            facts={"predictions_from": "the model", **facts, **said.facts},
        )

    def _ask_command(
        self,
        asked: Asked,
        frame: pd.DataFrame,
        variants: Sequence[Variant],
        *,
        who: str,
        facts: Mapping[str, Any],
    ) -> Answers:
        """Each variant is a run of its own; one that fails is told in its place."""

        def run(rows: pd.DataFrame) -> Answers:
            return ask_command(
                asked.how.predict or "",
                asked.model,
                rows,
                target=self.settings.data.target,
                id_column=self.settings.data.id,
                classes=asked.how.classes,
                setup=asked.setup,
                who=who,
                show_log=self.show_log,
            )

        answers = run(frame)
        said: list[ModelOutput | str] = []
        for variant in variants:
            try:
                said.append(run(varied(frame, variant)).output)
            except ModelError as error:
                said.append(error.message.removeprefix(who).strip())
        warned = tuple(str(text) for text in answers.facts.get("warnings", ()))
        told = {"predictions_from": "a command", **facts, **answers.facts}
        return replace(answers, variants=tuple(said), facts=told, unexpected=warned)

    def _asked(self, file: ModelFile, how: HowAsked, setup: WorkerSetup, *, trusted: bool) -> Asked:
        return Asked(
            model=file.path,
            n_bytes=file.n_bytes,
            setup=replace(setup, code_allowed=trusted),
            format=file.format,
            how=how,
            trusted_types=self.skops_types,
            code_allowed=trusted,
        )

    def _must_allow(self, code: Sequence[str], who: str) -> None:
        if self.no_code and code:
            raise ModelError(
                f"{who} needs code of this change ({code[0]}), which is not run: {self.no_code}",
                hint="trust: {pickle: always} in the base branch's mlci.yml lets it run",
            )

    def _baseline_setup(self, found: Baseline) -> tuple[WorkerSetup, bool]:
        """Where the baseline is asked, and whether the code there is none of this change."""
        setup, code = self.setup(), self._own_code(found)
        if code is not None:
            setup = replace(setup, working_directory=code.folder)
        reviewed = code is not None and self.baselines.is_of_base(found)
        return setup, not self.no_code or reviewed

    def _own_code(self, found: Baseline) -> BaselineCode | None:
        """The code of the baseline's commit, None where it is the working copy's.

        Where this change's code may not run, what only looks the same is not taken for it.
        """
        commit = found.commit
        if commit is None:
            return None
        if commit not in self._code:
            git, folder = self.baselines.git, self.baselines.folder.resolve()
            top = (git.root() or folder).resolve()
            try:
                below = folder.relative_to(top).as_posix().removeprefix(".")
                into = self.scratch / f"code-{commit}"
                self._code[commit] = code_of(git, commit, below, into, always=bool(self.no_code))
            except (BaselineError, ValueError):
                self._code[commit] = None
        return self._code[commit]

    @property
    def _own_python(self) -> OwnPython:
        return OwnPython(
            settings=self.settings.baseline_environment,
            baselines=self.baselines,
            no_code=self.no_code,
            cache=self.cache,
            say=self.say,
        )

    def _stored(self, found: Baseline, n_rows: int) -> ModelOutput | str | None:
        """Stored predictions, why they cannot be used, or None: there are none."""
        path = find_stored(found, self.baselines.git, self.scratch / "stored")
        if path is None:
            return None
        return read_stored(
            path, model_digest=found.file.digest, data_digest=self.data_digest(), n_rows=n_rows
        )


def _from_store(stored: ModelOutput, n_variants: int, why_silent: str) -> Answers:
    facts = {"predictions_from": "stored predictions"}
    return Answers(output=stored, variants=(why_silent,) * n_variants, facts=facts)


def _other_versions(answers: Answers) -> bool:
    """Whether a library that wrote the model is another one here."""
    recorded, here = answers.facts.get("recorded"), answers.facts.get("installed")
    if not isinstance(recorded, dict) or not isinstance(here, dict):
        return False
    return any(
        name in here and here[name] != version
        for name, version in recorded.items()
        # Some files only tell of an age: "2 or later".
        if re.fullmatch(r"\d+(\.\w+)+", str(version))
    )


def _or_raise(said: Answers | MlciError) -> Answers:
    if isinstance(said, MlciError):
        raise said
    return said
