"""Do texts still have the form that they had: dates, codes, times, and whatever has one?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from mlci_action.checks.findings import Compared, Finding, Kind
from mlci_action.checks.formed_columns import FormedColumn, formed_columns, named_sharper
from mlci_action.checks.rises import ALPHA, Rise, risen
from mlci_action.checks.text_cells import (
    MANY,
    Named,
    cells,
    holds_dates,
    shown,
    text_of,
)
from mlci_action.checks.text_forms import (
    INVISIBLE,
    ODD_SPACES,
    OUTER_SPACES,
    is_longer_number,
    one_skeleton,
    readings,
    skeleton,
    traits_in,
)
from mlci_action.domain.cells import CellTest
from mlci_action.domain.shapes import shape_of

NAME = "format"
ID = f"data.{NAME}"
HELD = "texts have the forms that they had"
FEW_SHAPES = 30
FEW_CODES = 5  # different ones that make capitals a code
# How many cells with a trait that nobody means are enough where no cell had it.
SURE = {INVISIBLE: 1, ODD_SPACES: 5, OUTER_SPACES: 5}
RARE = 0.001  # the share up to which a trait hardly ever comes
LEAST_RISE = 0.01


def find_format(data: Compared) -> Iterator[Finding]:
    """Cells of a form that a column never has, then forms and traits that became more."""
    columns = formed_columns(data, named_sharper(data))
    named = set()
    for finding in _all_forms(data, columns):
        if finding.column not in named:
            named.add(finding.column)
            yield finding


def find_new_forms(data: Compared, sharper: Mapping[str, Named]) -> Iterator[Finding]:
    """Cells of a form that a column never has. `sharper` are named already."""
    return _new_forms(data, formed_columns(data, sharper))


def _all_forms(data: Compared, columns: Sequence[FormedColumn]) -> Iterator[Finding]:
    yield from _new_forms(data, columns)
    free = [column for column in columns if not column.repeats]
    yield from _more_shapes(data, free)
    yield from _more_traits(data, free)


def _new_forms(data: Compared, columns: Iterable[FormedColumn]) -> Iterator[Finding]:
    for column in columns:
        shapes = _other_dates(column) or _other_form(column)
        cells_of_them = sum(column.now[shape] for shape in shapes)
        if shapes and not column.pair.may_be_luck(cells_of_them):
            yield _of_shapes(data, column, shapes)


def _other_dates(column: FormedColumn) -> frozenset[str]:
    """The shapes of dates of another family than those of a column of dates."""
    families = {family for family, n in text_of(column.pair.batch.text).dates if n}
    known = {family for family, _ in column.reference.dates}
    if not families - known or not column.before or not holds_dates(column.reference):
        return frozenset()
    skeletons = {skeleton(shape) for shape in column.before}
    return frozenset(shape for shape in column.now if skeleton(shape) not in skeletons)


def _other_form(column: FormedColumn) -> frozenset[str]:
    """The shapes that differ from the one that all texts of the reference have."""
    shapes = list(column.before)
    form = one_skeleton(shapes)
    if sum(column.before.values()) < MANY or form is None:
        return frozenset()
    if len(shapes) == 1 and _is_code(shapes[0]) and column.reference.distinct >= FEW_CODES:
        return frozenset(column.now) - {shapes[0]}
    if "9" not in form:
        return frozenset()
    found = {shape for shape in column.now if skeleton(shape) != form}
    if len(shapes) == 1 and not column.repeats:
        found |= {s for s in column.now if s != shapes[0] and not is_longer_number(s, shapes[0])}
    return frozenset(found)


def _is_code(shape: str) -> bool:
    """Whether capitals of one length stand for something: states, currencies, airports."""
    return len(shape) > 1 and set(shape) == {"A"}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Form:
    """Texts of a column that have a form in common: a shape, or a trait in words."""

    column: FormedColumn
    shapes: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    trait: str = ""


def _more_shapes(data: Compared, columns: Sequence[FormedColumn]) -> Iterator[Finding]:
    rises = [rise for column in columns for rise in _shapes(column)]
    found: dict[str, set[str]] = {}
    for rise, _ in risen(rises, alpha=ALPHA / 2):
        found.setdefault(rise.of.column.pair.name, set()).update(rise.of.shapes)
    for column in columns:
        new = found.get(column.pair.name, set()) - column.before.keys()
        if new:
            yield _of_shapes(data, column, frozenset(new), Kind.COUNT)


def _shapes(column: FormedColumn) -> Iterator[Rise[_Form]]:
    """Each shape, known ones too, and all that came once on either side."""
    before, now = column.before, column.now
    if not 0 < len(before) <= FEW_SHAPES:
        return
    for shape in before.keys() | now.keys():
        if before[shape] + now[shape] > 1:
            form = _Form(column=column, shapes=frozenset({shape}))
            yield _rise(form, before[shape], now[shape])
    once = frozenset(shape for shape, n in now.items() if n == 1 and shape not in before)
    gone = sum(n == 1 and shape not in now for shape, n in before.items())
    yield _rise(_Form(column=column, shapes=once), gone, len(once))


def _more_traits(data: Compared, columns: Iterable[FormedColumn]) -> Iterator[Finding]:
    """Traits that hardly any text of the reference had, the one that rose most of each column."""
    rises = [rise for column in columns for rise in _traits(column)]
    sure = [
        rise
        for rise in rises
        if rise.before == 0
        and 0 < SURE.get(rise.of.trait, inf) <= rise.now
        and not rise.of.column.pair.may_be_luck(rise.now)
    ]
    yield from (_of_a_trait(data, rise, Kind.FORM) for rise in sure)
    worst: dict[str, Rise[_Form]] = {}
    for rise, _ in risen(rises, alpha=ALPHA / 2):
        if rise.before <= RARE * rise.rows_before and rise.rise > LEAST_RISE:
            name = rise.of.column.pair.name
            worst[name] = max(worst.get(name, rise), rise, key=lambda one: one.rise)
    for rise in worst.values():
        yield _of_a_trait(data, rise)


def _traits(column: FormedColumn) -> Iterator[Rise[_Form]]:
    """Every trait, told from values: of long lists of values not all are known."""
    if column.reference.count < MANY or column.values is None or not column.reference.complete:
        return
    before, now = dict(column.reference.values), column.values
    read_before, read_now = readings(before), readings(now)
    for trait in traits_in([*read_before, *read_now]):
        texts = trait.of(read_now)
        yield _rise(
            _Form(column=column, texts=frozenset(texts), trait=trait.name),
            sum(before[text] for text in trait.of(read_before)),
            sum(now[text] for text in texts),
        )


def _rise(form: _Form, before: int, now: int) -> Rise[_Form]:
    return Rise(
        of=form,
        before=before,
        rows_before=form.column.reference.count,
        now=now,
        rows_now=text_of(form.column.pair.batch.text).count,
    )


def _of_shapes(
    data: Compared, column: FormedColumn, shapes: frozenset[str], kind: Kind = Kind.FORM
) -> Finding:
    rows = sum(column.now[shape] for shape in shapes)
    texts = [text for text in column.values or () if shape_of(text) in shapes]
    usual = max(column.before, key=column.before.__getitem__)
    return Finding(
        column=column.pair.name,
        message=f"column {column.pair.name!r} holds {cells(rows)} {data.examples(texts or shapes)}"
        f", a form that none of {column.reference.count:,} in the reference has: "
        f"{'dates there' if holds_dates(column.reference) else 'most'} have the form {usual!r}",
        kind=kind,
        rows=rows,
        observed=rows / column.pair.batch.filled,
        cells=CellTest(column=column.pair.name, shapes=shapes),
        evidence=shown(data, texts),
    )


def _of_a_trait(data: Compared, rise: Rise[_Form], kind: Kind = Kind.COUNT) -> Finding:
    column, texts = rise.of.column, rise.of.texts
    return Finding(
        column=column.pair.name,
        message=f"column {column.pair.name!r}: {rise.now:,} of {rise.rows_now:,} texts come with "
        f"{rise.of.trait}, and {rise.before:,} of {rise.rows_before:,} in the reference",
        kind=kind,
        rows=rise.now,
        observed=rise.rise,
        limit=LEAST_RISE,
        cells=CellTest(column=column.pair.name, texts=texts, exact=True),
        evidence=shown(data, texts),
    )
