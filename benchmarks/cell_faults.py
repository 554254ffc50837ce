"""Which faults sit in single cells of one column? Numbers, categories and dates gone wrong."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.planting import (
    Clean,
    Column,
    Fault,
    Plant,
    Planted,
    any_of,
    category_columns,
    is_text,
    number_columns,
    rows_for,
    shared_columns,
    with_cells,
)

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?![\d.])")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2,4})(?!\d)")
_SHORTEST_TYPO = 5

Change = Callable[[Any, np.random.Generator], Any]
Allowed = Callable[[Column], NDArray[np.bool_]]


def cell_faults() -> tuple[Fault, ...]:
    """Each at three shares of the cells."""
    return (*_number_faults(), *_text_faults(), *_date_faults())


def _number_faults() -> tuple[Fault, ...]:
    def numbers(name: str, change: Change, *noted: float, rows: Allowed | None = None) -> Fault:
        plant = _in_cells(number_columns, change, rows or _present)
        return Fault(name=f"number: {name}", plant=plant, noted=noted)

    return (
        numbers("NaN", lambda _, __: None, 0.55, 0.96, 1),
        numbers("blank", lambda _, __: " ", 1, 1, 1),
        numbers("?", lambda _, __: "?", 1, 1, 1),
        numbers("oz", lambda value, _: f"{value} oz", 1, 1, 1),
        numbers("text", lambda _, __: "high"),
        numbers("-999", lambda _, __: -999, 1, 1, 1),
        numbers("99999999", lambda _, __: 99_999_999, 0.99, 1, 1),
        numbers("x1000", lambda value, _: value * 1000, 0.99, 1, 1, rows=_not_zero),
        Fault(
            name="number: sign flip",
            plant=_in_cells(_positive, lambda value, _: -value, _not_zero),
            noted=(0.62, 0.81, 0.82),
        ),
        Fault(name="number: constant stretch", plant=_stretch, noted=(0.10, 0.50, 0.92)),
    )


def _text_faults() -> tuple[Fault, ...]:
    def texts(name: str, change: Change, *noted: float, rows: Allowed | None = None) -> Fault:
        plant = _in_cells(_categories, change, rows or _present)
        return Fault(name=f"text: {name}", plant=plant, noted=noted)

    return (
        texts("NaN", lambda _, __: None, 0.53, 0.97, 1),
        texts("blank", lambda _, __: " ", 1, 1, 1),
        texts("?", lambda _, __: "?", 0.97, 1, 1),
        texts("unknown", lambda _, __: "unknown", 0.59, 1, 1),
        texts("typo", _typo, 0.90, 1, 1, rows=_long_words),
        texts("case", _other_case, 1, 1, 1, rows=_with_letters),
        texts("space", lambda value, _: f"{value} ", 1, 1, 1),
        texts("mojibake", _mojibake, 1, 1, 1, rows=_with_letters),
    )


def _date_faults() -> tuple[Fault, ...]:
    return (
        Fault(
            name="date: other format",
            plant=_in_cells(_dates, lambda value, _: other_format(value), _present),
            noted=(0.92, 0.92, 0.92),
        ),
        Fault(
            name="date: year 2207",
            plant=_in_cells(_dates, lambda value, _: in_2207(value), _present),
            noted=(1, 1, 1),
        ),
    )


def _in_cells(columns: Callable[[Clean], list[str]], change: Change, allowed: Allowed) -> Plant:
    """A fault that changes cells of one column, which is chosen by chance, one by one."""

    def plant(clean: Clean, share: float, random: np.random.Generator) -> Planted | None:
        fit = [name for name in columns(clean) if allowed(clean.batch[name]).any()]
        column = any_of(fit, random)
        if column is None:
            return None
        rows = rows_for(allowed(clean.batch[column]), share, random)
        if rows is None:
            return None
        cells = clean.batch[column].astype(object).to_numpy()[rows]
        values = [change(value, random) for value in cells]
        return Planted(batch=with_cells(clean.batch, column, rows, values), columns=(column,))

    return plant


def _stretch(clean: Clean, share: float, random: np.random.Generator) -> Planted | None:
    """A sensor that hangs: a run of rows with the value of the first of them."""
    column = any_of(number_columns(clean), random)
    if column is None:
        return None
    length = max(1, round(share * len(clean.batch)))
    begin = int(random.integers(len(clean.batch) - length + 1))
    rows = np.arange(begin, begin + length)
    value = clean.batch[column].iloc[begin]
    if value != value:  # noqa: PLR0124 - a missing value is no reading
        return None
    batch = with_cells(clean.batch, column, rows, [value] * length)
    return Planted(batch=batch, columns=(column,))


def other_format(date: str) -> str:
    """2024-05-31 as 31/05/2024, and 31/05/2024 as 2024-31-05: the parts in another order."""
    if _ISO.match(date):
        return _ISO.sub(r"\3/\2/\1", date)
    return _SLASHED.sub(lambda at: f"{at[3]}-{at[1]:0>2}-{at[2]:0>2}", date)


def in_2207(date: str) -> str:
    """The same day in the year 2207."""
    if _ISO.match(date):
        return _ISO.sub(r"2207-\2-\3", date)
    return _SLASHED.sub(r"\1/\2/2207", date)


def _typo(word: str, random: np.random.Generator) -> str:
    """One letter but the first is another."""
    places = [place for place, letter in enumerate(word) if place and letter.isalpha()]
    place = places[int(random.integers(len(places)))]
    others = [letter for letter in string.ascii_lowercase if letter != word[place].lower()]
    return word[:place] + others[int(random.integers(len(others)))] + word[place + 1 :]


def _other_case(word: str, _: np.random.Generator) -> str:
    return word.upper() if word.upper() != word else word.lower()


def _mojibake(word: str, _: np.random.Generator) -> str:
    """UTF-8 read as Latin-1; a word without an accent gets one first."""
    accented = word if not word.isascii() else word[:-1] + "é"
    return accented.encode().decode("latin-1")


def _positive(clean: Clean) -> list[str]:
    return [
        name
        for name in number_columns(clean)
        if clean.reference[name].min() >= 0 and clean.reference[name].median() > 0
    ]


def _categories(clean: Clean) -> list[str]:
    dates = set(_dates(clean))
    return [name for name in category_columns(clean) if name not in dates]


def _dates(clean: Clean) -> list[str]:
    return [
        name
        for name in shared_columns(clean)
        if is_text(clean.batch[name])
        and is_text(clean.reference[name])
        and clean.batch[name].notna().any()
        and all(_is_date(value) for value in clean.batch[name].dropna())
    ]


def _is_date(value: object) -> bool:
    return isinstance(value, str) and bool(_ISO.match(value) or _SLASHED.match(value))


def _present(column: Column) -> NDArray[np.bool_]:
    return np.asarray(column.notna())


def _not_zero(column: Column) -> NDArray[np.bool_]:
    return np.asarray(column.notna() & (column != 0))


def _long_words(column: Column) -> NDArray[np.bool_]:
    return np.array([isinstance(text, str) and _is_long_word(text) for text in column], bool)


def _is_long_word(text: str) -> bool:
    letters = sum(map(str.isalpha, text))
    return letters >= _SHORTEST_TYPO and not any(map(str.isdigit, text))


def _with_letters(column: Column) -> NDArray[np.bool_]:
    return np.array(
        [isinstance(text, str) and text.upper() != text.lower() for text in column], bool
    )
