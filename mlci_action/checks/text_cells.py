"""Which texts of a column are new, and which of them does a sharper check name already?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlci_action.checks.findings import ColumnPair, Compared, Finding
from mlci_action.domain.profile import TextSummary
from mlci_action.domain.shapes import shape_of

ENOUGH = 50  # values of the reference that tell which forms a column has
MANY = 200
_SHOWN = 5
_FEW_CATEGORIES = 20
_VALUES_PER_CATEGORY = 5
_NEARLY_ALL = 0.95
NO_TEXT = TextSummary(
    count=0, values=(), complete=True, distinct=0, unique=True, shapes=(), shapes_complete=True
)

Check = Callable[[Compared], Iterator[Finding]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """Cells of one column that findings name; of texts without spaces around them if not exact."""

    exact: Collection[str] = ()
    stripped: Collection[str] = ()
    shapes: Collection[str] = ()

    def __contains__(self, text: str) -> bool:
        return (
            text in self.exact
            or (bool(self.stripped) and text.strip() in self.stripped)
            or (bool(self.shapes) and shape_of(text) in self.shapes)
        )


NOTHING = Named()


def named_by(data: Compared, *checks: tuple[str, Check]) -> Mapping[str, Named]:
    """By column, the cells that those checks name; one that is switched off names nothing."""
    exact: dict[str, set[str]] = {}
    stripped: dict[str, set[str]] = {}
    shapes: dict[str, set[str]] = {}
    for name, check in checks:
        for finding in check(data) if data.limits.runs(name) else ():
            meant = finding.cells
            if meant is not None:
                texts = exact if meant.exact else stripped
                texts.setdefault(meant.column, set()).update(meant.texts)
                shapes.setdefault(meant.column, set()).update(meant.shapes)
    return {
        column: Named(
            exact=exact.get(column, ()),
            stripped=stripped.get(column, ()),
            shapes=shapes.get(column, ()),
        )
        for column in {**exact, **stripped, **shapes}
    }


def text_of(summary: TextSummary | None) -> TextSummary:
    """The texts of a column, of one without any as well."""
    return NO_TEXT if summary is None else summary


def is_category(summary: TextSummary) -> bool:
    """Whether its texts are categories: they come again and again, and all of them are known."""
    most = max(_FEW_CATEGORIES, summary.count / _VALUES_PER_CATEGORY)
    return summary.complete and 0 < summary.distinct <= most


def holds_dates(summary: TextSummary) -> bool:
    """Whether nearly all its texts are dates: each day brings new ones."""
    return sum(n for _, n in summary.dates) >= max(_NEARLY_ALL * summary.count, 1)


def unseen(pair: ColumnPair, named: Named = NOTHING) -> dict[str, int]:
    """Texts that the reference lacks, with their counts; none where it does not tell all it has.

    Of a batch with too many different texts only the most frequent ones are known.
    """
    before, now = text_of(pair.reference.text), text_of(pair.batch.text)
    if not before.complete:
        return {}
    known = {text for text, _ in before.values}
    return {text: n for text, n in now.values if text not in known and text not in named}


def cells(count: int) -> str:
    """`1 cell`, `2,000 cells`."""
    return f"{count:,} cell{'' if count == 1 else 's'}"


def shown(data: Compared, texts: Iterable[str]) -> dict[str, Any]:
    """The evidence that quotes a few cells, where they may be shown."""
    values = list(texts)[:_SHOWN]
    return {"values": values} if data.show_values and values else {}
