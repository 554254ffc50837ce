"""Did numbers lose their sign? Negative ones in a column that lies well above zero."""

from __future__ import annotations

from collections.abc import Iterator

from mlci_action.checks.ecdf import ecdf
from mlci_action.checks.findings import Compared, Finding
from mlci_action.checks.number_words import quoted, rows, values_of
from mlci_action.checks.row_order import free_pairs
from mlci_action.domain.cells import CellTest
from mlci_action.domain.profile import NumberSummary

NAME = "sign"
ID = f"data.{NAME}"
HELD = "no column that lies above zero has negative numbers"

ENOUGH = 200  # numbers of the reference
_FEWEST_VALUES = 5  # codes may be given any sign; a quantity has more values than this
_CLEAR_OF_ZERO = 0.1  # of the median: a smallest number nearer to zero may go below it
_FEWEST = 2  # negative numbers; one may be a slip of the pen
_MIRRORED = 0.9  # share of them that lies in the reference's range without the sign


def find_sign(data: Compared) -> Iterator[Finding]:
    """Columns clear of zero with negative numbers that would be in range without their sign."""
    for pair in free_pairs(data):
        before, now = pair.reference.numbers, pair.batch.numbers
        if before is None or now is None or not _clear_of_zero(before) or now.negative < _FEWEST:
            continue
        values = [x for x in now.smallest if x < 0]
        # Of many negative numbers the farthest are known, and the others are no farther.
        mirrored = sum(before.smallest[0] <= -x <= before.largest[-1] for x in values)
        if mirrored < _MIRRORED * len(values):
            continue
        yield Finding(
            column=pair.name,
            message=f"column {pair.name!r} is negative in {rows(now.negative)}, and nowhere in the "
            f"reference; without the sign they lie in its range{quoted(data, values)}",
            rows=now.negative,
            cells=CellTest(column=pair.name, below=0.0),
            evidence=values_of(data, values),
        )


def _clear_of_zero(before: NumberSummary) -> bool:
    return (
        before.count >= ENOUGH
        and before.distinct > _FEWEST_VALUES
        and before.smallest[0] > _CLEAR_OF_ZERO * ecdf(before).median > 0
    )
