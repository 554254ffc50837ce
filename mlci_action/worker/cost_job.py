"""How long does the model take, asked one row or one batch at a time? Timed on demand.

The other end asks by one byte on a pipe and gets eight back: seconds as a float64. Nothing of it
goes over stdout, which is the user's code's.
"""

from __future__ import annotations

import gc
import os
import struct
import warnings
from itertools import islice
from pathlib import Path
from time import perf_counter_ns
from typing import Any, Dict, Iterator, List, Sequence, Tuple

from mlci_action.worker.answers import labels_or_values, numbers
from mlci_action.worker.columns import GivenInput
from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.foreign import Table
from mlci_action.worker.forms import copy_of, in_forms
from mlci_action.worker.memory import peak_bytes
from mlci_action.worker.predict_job import Asker, loaded_asker
from mlci_action.worker.predicting import as_the_library_wants
from mlci_action.worker.rows import Rows

SINGLE, BATCH = "1", "n"
_WARM_UP = {SINGLE: 5, BATCH: 2}
_NS_PER_SECOND = 1e9


def answer_costs(request: Dict[str, Any], _output: Path, facts: Dict[str, Any]) -> None:
    """Load the model, say how long that took, then time a call for every byte until there is none.

    The request: as for `predict`, without `variants`; `commands` and `answers` (numbers of two
    pipes), `asks` (which of the bytes will come; those are tried first, untimed), `single_rows`:
    how many of the rows are asked one by one; those behind them are the batch.
    """
    commands, answers = request["commands"], request["answers"]
    for pipe in (commands, answers):
        os.set_inheritable(pipe, False)
    asker = loaded_asker(request, facts)
    calls = _Calls(asker, Rows(Path(request["data"])), request) if request["asks"] else None
    # What a model warns of on every call costs it no time here, and no memory.
    warnings.simplefilter("ignore")
    # What the libraries hold is none of a call's garbage.
    gc.collect()
    gc.freeze()
    _answer(answers, facts["seconds_to_load"])
    for command in iter(lambda: os.read(commands, 1), b""):
        if calls is not None:
            _answer(answers, calls.seconds(command.decode("ascii", "replace")))
    facts["peak_bytes"] = peak_bytes()


def _answer(pipe: int, seconds: float) -> None:
    os.write(pipe, struct.pack("=d", seconds))


class _Calls:
    """Calls from raw rows to an answer: `features`, the choice of columns and one method.

    The method is `predict_proba` where the model has it, else `predict`: a service asks one. The
    form in which it takes the rows is found out before anything is timed.
    """

    def __init__(self, asker: Asker, rows: Rows, request: Dict[str, Any]) -> None:
        self._asker, self._rows = asker, rows
        self._table = rows.table(rows.names_that_travel)
        singles = request["single_rows"]
        self._positions = {SINGLE: _in_turn(singles), BATCH: _always(range(singles, rows.count))}
        given = asker.given(self._served(next(self._positions[request["asks"][0]])))
        # This tells in the model's own words what is wrong with it, if something is.
        arrays = asker.arrays(given)
        self._method = "predict_proba" if "probabilities" in arrays else "predict"
        self._form = self._form_that_works(given)
        for ask in request["asks"]:
            for _ in range(_WARM_UP[ask]):
                self.seconds(ask)

    def seconds(self, ask: str) -> float:
        """How long one call takes.

        No garbage is collected meanwhile, as `timeit` has it: when that happens depends on all
        earlier calls, and it would be counted for whichever one it falls on.
        """
        positions = next(self._positions[ask])
        collects = gc.isenabled()
        gc.disable()
        try:
            started = perf_counter_ns()
            self._call(positions)
            return (perf_counter_ns() - started) / _NS_PER_SECOND
        finally:
            if collects:
                gc.enable()

    def _call(self, positions: Sequence[int]) -> None:
        given = self._asker.given(self._served(positions))
        try:
            self._ask(given, self._form)
        except Exception as error:
            # Told as whatever else a model raises, without the values of rows.
            self._asker.arrays(given)
            what = f"fails in {self._method} ({type(error).__name__}), though not on every call"
            raise WorkerFailure("failed", what) from error

    def _ask(self, given: GivenInput, form: Tuple[str, int]) -> None:
        model, (name, number) = self._asker.model, form
        for table in islice(in_forms(model, given.table, (name,)), number, number + 1):
            raw = getattr(model, self._method)(as_the_library_wants(model, copy_of(table)))
            # An answer that is still being computed is none.
            labels_or_values(raw) if self._method == "predict" else numbers(raw, self._method)

    def _form_that_works(self, given: GivenInput) -> Tuple[str, int]:
        """The first form of the rows, and of its tables the first, that the model takes."""
        for name in given.forms:
            for number, _ in enumerate(in_forms(self._asker.model, given.table, (name,))):
                if self._takes(given, (name, number)):
                    return name, number
        raise WorkerFailure("failed", "fails in predict, though not on every call")

    def _takes(self, given: GivenInput, form: Tuple[str, int]) -> bool:
        try:
            self._ask(given, form)
        except (Exception, SystemExit):  # noqa: BLE001  the next form may do
            return False
        return True

    def _served(self, positions: Sequence[int]) -> Any:  # noqa: ANN401  stands for `Rows`
        return _Served(self._rows, self._table, positions)


class _Served:
    """Some rows of a table that is in memory already, asked for as `Rows` are."""

    def __init__(self, rows: Rows, table: Table, positions: Sequence[int]) -> None:
        self._all, self._table, self._positions = rows, table, list(positions)
        self.count = len(self._positions)

    @property
    def names(self) -> List[str]:
        return self._all.names

    @property
    def names_that_travel(self) -> List[str]:
        return self._all.names_that_travel

    @property
    def texts(self) -> List[str]:
        return self._all.texts

    def table(self, names: List[str]) -> Table:
        known = self.names_that_travel
        if not set(names) <= set(known):
            return self._all.table(names)  # says which of them could not be written
        if not hasattr(self._table, "iloc"):
            return self._table[self._positions][:, [known.index(name) for name in names]]
        rows = self._table.iloc[self._positions].reset_index(drop=True)
        return rows if names == known else rows[names]


def _in_turn(n: int) -> Iterator[Sequence[int]]:
    """One row after the other, and again."""
    while n:
        for position in range(n):
            yield [position]


def _always(positions: Sequence[int]) -> Iterator[Sequence[int]]:
    while True:
        yield positions
