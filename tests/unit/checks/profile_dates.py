"""Which day does a text name? Four families of dates, with or without a time behind them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = r"([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2}|[AaPp][Mm])?)?"
_FORMS = (
    ("iso", re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})" + _TIME, re.ASCII)),
    ("slash", re.compile(r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4}|\d{2})" + _TIME, re.ASCII)),
    ("dot", re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4}|\d{2})" + _TIME, re.ASCII)),
    ("named", re.compile(r"(?P<d>\d{1,2})[ -](?P<b>[A-Za-z]{3,9})[ -](?P<y>\d{4})" + _TIME)),
    ("named", re.compile(r"(?P<b>[A-Za-z]{3,9}) (?P<d>\d{1,2}),? (?P<y>\d{4})" + _TIME)),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """A text with a date's form; the day it names, if there is one."""

    family: str
    year: int
    month: int
    day: int

    @property
    def days(self) -> float | None:
        """Days since 1970; of d/m/y and m/d/y the first that names a day. None when none does."""
        swapped = self.family == "slash"
        for month, day in [(self.month, self.day), *([(self.day, self.month)] * swapped)]:
            try:
                return float((date(self.year, month, day) - date(1970, 1, 1)).days)
            except ValueError:
                continue
        return None


def day_of(text: str) -> Day | None:
    """The day, None for a text that has no date's form."""
    for family, form in _FORMS:
        found = form.fullmatch(text.strip())
        if found is None:
            continue
        parts = found.groupdict()
        named = parts.get("b")
        if named is not None and named[:3].lower() not in MONTHS:
            continue
        month = int(parts["m"]) if named is None else MONTHS.index(named[:3].lower()) + 1
        year = int(parts["y"])
        # The century of two digits is POSIX's: 69 to 99 are of the last one.
        if len(parts["y"]) == len("99"):
            year += 1900 if year >= 69 else 2000
        return Day(family=family, year=year, month=month, day=int(parts["d"]))
    return None
