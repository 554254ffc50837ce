"""Is text broken that was not: read in another encoding than it was written in?"""

from __future__ import annotations

from collections.abc import Iterator

from mlci_action.checks.findings import ColumnPair, Compared, Finding, Kind
from mlci_action.checks.rises import Rise, risen
from mlci_action.checks.text_cells import ENOUGH, shown
from mlci_action.domain.cells import CellTest

NAME = "encoding"
ID = f"data.{NAME}"
HELD = "no text has a broken encoding that had none before"


def find_encoding(data: Compared) -> Iterator[Finding]:
    """Columns with broken text where there was none, else with more than before."""
    judged = [pair for pair in data.pairs if pair.reference.filled >= ENOUGH]
    for pair in judged:
        if _now(pair) and not _before(pair) and not pair.may_be_luck(_now(pair)):
            yield _finding(data, pair, Kind.FORM)
    for rise, _ in risen([_rise(pair) for pair in judged if _before(pair)]):
        yield _finding(data, rise.of, Kind.COUNT)


def is_damaged(text: str) -> bool:
    """Whether it holds U+FFFD, or is UTF-8 that was read as Windows-1252 or Latin-1."""
    if text.isascii():
        return False
    return "\ufffd" in text or any(_was_utf8(text, encoding) for encoding in ("cp1252", "latin-1"))


def _was_utf8(text: str, encoding: str) -> bool:
    try:
        return text.encode(encoding).decode("utf-8") != text
    except UnicodeError:
        return False


def _before(pair: ColumnPair) -> int:
    return 0 if pair.reference.text is None else pair.reference.text.damaged


def _now(pair: ColumnPair) -> int:
    return 0 if pair.batch.text is None else pair.batch.text.damaged


def _rise(pair: ColumnPair) -> Rise[ColumnPair]:
    return Rise(
        of=pair,
        before=_before(pair),
        rows_before=pair.reference.filled,
        now=_now(pair),
        rows_now=pair.batch.filled,
    )


def _finding(data: Compared, pair: ColumnPair, kind: Kind) -> Finding:
    values = () if pair.batch.text is None else pair.batch.text.values
    texts = [text for text, _ in values if is_damaged(text)]
    many = f"{_now(pair):,} text{'' if _now(pair) == 1 else 's'}"
    before = f"{_before(pair):,} of {pair.reference.filled:,}" if _before(pair) else "none"
    return Finding(
        column=pair.name,
        message=f"column {pair.name!r} holds {many} with a broken encoding, and "
        f"{before} in the reference: most likely UTF-8 that was read as Latin-1",
        kind=kind,
        rows=_now(pair),
        cells=CellTest(column=pair.name, texts=frozenset(texts), exact=True) if texts else None,
        evidence=shown(data, texts),
    )
