"""What does it cost to ask the two models? Measured in turn, on the same machine and rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlci_action.adapters.timed_worker import TimedWorker, timed_worker
from mlci_action.adapters.worker_process import WorkerSetup
from mlci_action.domain.costs import A_COMMAND, NO_MODEL, Budgets, Costs, Measure, ModelCosts
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.errors import MlciError
from mlci_action.settings.values import HowAsked
from mlci_action.worker.cost_job import BATCH, SINGLE

ShowLog = Callable[[str], None]

_ASKED_FOR = {SINGLE: Measure.LATENCY, BATCH: Measure.BATCH_LATENCY}
_SECONDS_A_MODEL = 10.0
# At least so many rounds while no more than so many times the planned seconds are spent. Twelve are
# the fewest that have an interval, as `ratio_of_rounds` says.
_ROUNDS = ((400, 1.0), (20, 3.0), (12, 12.0), (6, float("inf")))
# Threads that wait busily for their next task would take the processor from the other model's turn.
_IDLE_THREADS_SLEEP = {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A model and all that it takes to ask it; the words are those of `worker_questions.predict`.

    n_bytes: of the file, or of all files of a folder.
    """

    model: Path
    n_bytes: int
    setup: WorkerSetup
    format: ModelFormat | None = None
    how: HowAsked = field(default_factory=HowAsked)
    trusted_types: tuple[str, ...] = ()
    code_allowed: bool = True


def measure(
    candidate: Asked,
    baseline: Asked | None,
    frame: pd.DataFrame,
    *,
    budgets: Budgets,
    target: str,
    set_aside: Sequence[str] = (),
    show_log: ShowLog,
) -> Costs:
    """What the budgets ask for, of both models, each in a process of its own that lives meanwhile.

    A round asks both once, on the same row; which of them comes first changes from round to round.
    There are 20 to 400 rounds in about 10 seconds a model, fewer when a call is slow (12 for two
    minutes, then 6). Loading is timed three times a model, each in a fresh process, in turn: once
    where the rounds follow and twice without. What is loaded has been read before, so it comes
    from the system's memory and not from the disk.

    ModelError when the candidate dies, hangs or tells nonsense; of the baseline that is a note. A
    model that cannot be timed at all (predictions, a command) has a note as well.
    """
    sizes = Costs(
        candidate=ModelCosts(n_bytes=candidate.n_bytes),
        baseline=None if baseline is None else ModelCosts(n_bytes=baseline.n_bytes),
    )
    if not budgets.ask_a_process:
        return sizes
    ours, theirs = _why_not(candidate), "" if baseline is None else _why_not(baseline)
    if ours:
        return replace(sizes, candidate_note=ours)
    plan = _Plan.of(frame, budgets, target=target, set_aside=set_aside)
    subjects = [_Subject(asked=candidate, who="the candidate", needed=True)]
    if baseline is not None:
        subjects.append(_Subject(asked=baseline, who="the baseline", needed=False, note=theirs))
    _in_rounds(subjects, plan, show_log)
    if budgets.of(Measure.LOAD_TIME):
        _load_again(subjects, plan, show_log)
    found = [subject.costs(budgets) for subject in subjects]
    return Costs(
        candidate=found[0],
        baseline=found[1] if len(found) > 1 else None,
        batch_rows=budgets.batch_rows,
        baseline_note=subjects[-1].note,
    )


def _why_not(asked: Asked) -> str:
    if asked.format is ModelFormat.PREDICTIONS:
        return NO_MODEL
    return A_COMMAND if asked.how.predict is not None else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plan:
    """What is asked: `asks` in rounds, `tries` before anything is timed (memory wants a batch)."""

    rows: pd.DataFrame
    single_rows: int
    asks: tuple[str, ...]
    tries: tuple[str, ...]
    withheld: tuple[str, ...]
    set_aside: tuple[str, ...]

    @classmethod
    def of(
        cls, frame: pd.DataFrame, budgets: Budgets, *, target: str, set_aside: Sequence[str]
    ) -> _Plan:
        """Rows for single calls, evenly spaced, and behind them those of the batch, repeated where
        there are too few.
        """
        asks = tuple(ask for ask, measure in _ASKED_FOR.items() if budgets.of(measure))
        tries = asks
        if budgets.of(Measure.MEMORY) and BATCH not in asks:
            tries = (*asks, BATCH)
        singles = np.linspace(0, len(frame) - 1, min(len(frame), _ROUNDS[0][0])).astype(int)
        batch = np.resize(np.arange(len(frame)), budgets.batch_rows if BATCH in tries else 0)
        positions = np.concatenate([singles, batch])
        return cls(
            rows=frame.drop(columns=target, errors="ignore").iloc[positions],
            single_rows=len(singles),
            asks=asks,
            tries=tries,
            withheld=(target,),
            set_aside=tuple(set_aside),
        )

    def request(self, asked: Asked, tries: Sequence[str]) -> dict[str, Any]:
        """What a worker is told, but for its pipes."""
        how = asked.how
        return {
            "model": str(asked.model.absolute()),
            "format": None if asked.format is None else asked.format.value,
            "load": how.load,
            "features": how.features,
            "columns": None if how.columns is None else list(how.columns),
            "trusted_types": list(asked.trusted_types),
            "code_allowed": asked.code_allowed,
            "withheld": list(self.withheld),
            "set_aside": list(self.set_aside),
            "single_rows": self.single_rows,
            "asks": list(tries),
        }


@dataclass(kw_only=True)
class _Subject:
    """One of the models while it is measured; without `needed` it may fail: `note` says why."""

    asked: Asked
    who: str
    needed: bool
    note: str = ""
    load_seconds: list[float] = field(default_factory=list)
    peak_bytes: int | None = None
    seconds: dict[str, list[float]] = field(default_factory=lambda: {ask: [] for ask in _ASKED_FOR})
    worker: TimedWorker | None = None

    def load(self, plan: _Plan, tries: Sequence[str], alive: ExitStack, show_log: ShowLog) -> None:
        """Begin a process with the model, which lives until `alive` is closed."""
        setup = self.asked.setup
        environ = {**_IDLE_THREADS_SLEEP, **setup.environ}
        with self._failing():
            self.worker = alive.enter_context(
                timed_worker(
                    plan.request(self.asked, tries),
                    plan.rows,
                    setup=replace(setup, environ=environ),
                    who=self.who,
                    show_log=show_log,
                )
            )
            self.load_seconds.append(self.worker.load_seconds)

    def ask(self, ask: str) -> None:
        """Time one call."""
        with self._failing():
            if self.worker is not None:
                self.seconds[ask].append(self.worker.ask(ask))

    def finish(self) -> None:
        """End the process, which says nothing any more."""
        with self._failing():
            if self.worker is not None:
                peaks = (self.peak_bytes, self.worker.finish())
                self.peak_bytes = max((peak for peak in peaks if peak), default=None)

    def costs(self, budgets: Budgets) -> ModelCosts:
        """All that the budgets ask for, or where something went wrong the size."""
        if self.note:
            return ModelCosts(n_bytes=self.asked.n_bytes)
        return ModelCosts(
            n_bytes=self.asked.n_bytes,
            load_seconds=tuple(self.load_seconds) if budgets.of(Measure.LOAD_TIME) else (),
            peak_bytes=self.peak_bytes if budgets.of(Measure.MEMORY) else None,
            single=tuple(self.seconds[SINGLE]),
            batch=tuple(self.seconds[BATCH]),
        )

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except MlciError as error:
            if self.needed:
                raise
            self.note, self.worker = str(error), None


def _in_rounds(subjects: Sequence[_Subject], plan: _Plan, show_log: ShowLog) -> None:
    """Both models loaded, the baseline first; then they are asked in turn."""
    with ExitStack() as alive:
        for subject in _able(subjects[::-1]):
            subject.load(plan, plan.tries, alive, show_log)
        for ask in plan.asks:
            began, rounds = time.monotonic(), 0
            planned = _SECONDS_A_MODEL * len(subjects) / len(plan.asks)
            while _go_on(rounds, (time.monotonic() - began) / planned):
                for subject in (*_able(subjects), *_able(subjects[::-1])):
                    subject.ask(ask)
                rounds += 2
        for subject in _able(subjects):
            subject.finish()


def _go_on(rounds: int, spent: float) -> bool:
    """Whether there are too few rounds for what was spent, as a multiple of what was planned."""
    return any(rounds < enough and spent < most for enough, most in _ROUNDS)


def _load_again(subjects: Sequence[_Subject], plan: _Plan, show_log: ShowLog) -> None:
    """Twice each, the candidate first and then the baseline first."""
    for subject in (*subjects, *subjects[::-1]):
        with ExitStack() as alive:
            if not subject.note:
                subject.load(plan, (), alive, show_log)
                subject.finish()


def _able(subjects: Sequence[_Subject]) -> list[_Subject]:
    return [subject for subject in subjects if not subject.note]
