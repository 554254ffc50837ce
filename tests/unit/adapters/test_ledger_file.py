"""What an evaluation set has judged is remembered in the report folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlci_action.adapters.ledger_file import LEDGER, read_ledger, write_ledger
from mlci_action.domain.ledger import Ledger
from mlci_action.errors import MlciError

_DATA, _ONE, _TWO = (f"sha256:{letter * 64}" for letter in "abc")


def test_what_was_judged_is_there_the_next_time(tmp_path: Path) -> None:
    ledger = Ledger().with_judged(_DATA, _ONE).with_judged(_DATA, _TWO).with_judged(_DATA, _ONE)
    write_ledger(ledger, tmp_path)
    assert read_ledger(tmp_path) == ledger
    assert read_ledger(tmp_path).models(_DATA) == (_ONE, _TWO)


def test_two_ledgers_count_each_model_once() -> None:
    one, other = Ledger().with_judged(_DATA, _ONE), Ledger().with_judged(_DATA, _TWO)
    assert one.merged(other).merged(one).models(_DATA) == (_ONE, _TWO)


def test_without_a_folder_or_a_file_nothing_was_judged(tmp_path: Path) -> None:
    assert read_ledger(None) == read_ledger(tmp_path) == Ledger()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"version": 2, "judged": {}}',
        '{"version": 1, "judged": 5}',
        '{"version": 1, "judged": {"x": ["no digest"]}}',
        '{"version": 1, "judged": {"x": "sha256:"}}',
        "[" * 100_000,
    ],
)
def test_a_file_that_is_none_of_ours_counts_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / LEDGER).write_text(text)
    assert read_ledger(tmp_path) == Ledger()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(MlciError, match=r"cannot write ledger\.json"):
        write_ledger(Ledger(), tmp_path / "none")
