"""Which pandera schema fits a table? Its types as rules, and what else is true as proposals."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import yaml

from mlci_action.domain.profile import ColumnProfile, NumberSummary, TableProfile
from mlci_action.rendering.plain import one_line

# Two signs stand before what is only to be read, one before what can be brought in.
_HEADER = """\
## A pandera schema, proposed by `mlci schema infer` from {rows:,} rows of {origin}.
##
## The lines without a # ask for these columns and their types. A line behind one # is true of these
## rows to the letter: their ends, their only values, no gap. The next rows need not keep to it:
## rules of that kind, taken from one half of a real and clean table, were broken by its other half
## in 86 % of the tables that we tried. So bring in what you know must hold: widen it, and remove
## the "# " before it. Where a key then stands twice (`strict`, `nullable`), the lower one counts.
schema_type: dataframe
strict: false
# strict: true  # no other columns
columns:"""

# Where no column says more than "text", a text file was read, and pandas will find its types.
_UNTYPED = frozenset({"text", "string", "large_string", "null"})
_FLOATS = {"double": "float64", "float": "float32", "halffloat": "float16"}
_WHOLE = re.compile(r"u?int(8|16|32|64)")
_MOMENT = re.compile(r"timestamp\[(?P<unit>\w+)(, tz=(?P<zone>.+))?\]")
_SPAN = re.compile(r"duration\[\w+\]")
_NUMERIC = ("int", "uint", "float")

# What pandas takes for more than a text.
_TRUTH = frozenset({"True", "TRUE", "true", "False", "FALSE", "false"})
_INFINITE = frozenset({"inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"})
_INT64 = 2**63
_EXACT = 2**53  # whole numbers from here on are not all doubles

_FEW_VALUES = 20
_ROWS_PER_VALUE = 5
# A longer text is no category, and a profile keeps only its beginning.
_LONGEST_VALUE = 100

_PLAIN = re.compile(r"[A-Za-z_][\w.-]*( [\w.-]+)*", re.ASCII)
_PLAIN_DTYPE = re.compile(r"\w+(\[\w+\])?", re.ASCII)
_LONGEST_KEY = 1_000  # of a YAML key on one line with its colon, where it is 1,024


def propose_schema(profile: TableProfile) -> str:
    """The YAML of a schema that these rows follow, as it stands and with all proposals brought in.

    Removing `# ` at the start of any line brings that line in.
    """
    origin = one_line(profile.origin) or "a table"
    typed = any(column.dtype not in _UNTYPED for column in profile.columns)
    lines = [_HEADER.format(rows=profile.rows, origin=origin) + ("" if profile.columns else " {}")]
    for column in profile.columns:
        lines += _column(column, typed=typed)
    return "\n".join(lines) + "\n"


def scalar(value: str | float) -> str:
    """A value as YAML writes it on one line, also inside a list and as a key."""
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and yaml.safe_load(value) == value:
            return value
        # What cannot be seen, such as a mark that turns text around, is escaped.
        readable = value.isprintable()
        dumped = yaml.safe_dump(value, default_style='"', allow_unicode=readable, width=math.inf)
        return dumped.rstrip("\n")
    return yaml.safe_dump(value).partition("\n")[0]


def _column(column: ColumnProfile, *, typed: bool) -> Iterator[str]:
    key = scalar(column.name)
    yield f"  {key}:" if len(key) <= _LONGEST_KEY else f"  ? {key}\n  :"
    dtype, remark = _dtype(column, typed=typed)
    if dtype is None:
        yield f"    ## no dtype: {remark}"
    else:
        written = dtype if _PLAIN_DTYPE.fullmatch(dtype) else scalar(dtype)
        yield f"    dtype: {written}" + (f"  # {remark}" if remark else "")
    yield "    required: true"
    if column.missing:
        yield f"    nullable: true  # {column.missing:,} of {column.rows:,} are missing"
    else:
        yield "    nullable: true"
        yield "    # nullable: false"
    if _is_unique(column):
        yield "    # unique: true"
    checks = [f"      # {name}: {value}" for name, value in _checks(column, dtype)]
    if checks:
        yield "    checks:"
        yield from checks


def _dtype(column: ColumnProfile, *, typed: bool) -> tuple[str | None, str]:
    """The type that pandas gives the column, and a remark; None where it says nothing."""
    if not column.filled:
        return None, "every cell is missing"
    return _typed_dtype(column) if typed else _read_dtype(column)


def _typed_dtype(column: ColumnProfile) -> tuple[str | None, str]:
    """What pandas makes of the type that a file stores."""
    stored = column.dtype
    if stored in _FLOATS:
        return _FLOATS[stored], _gaps(column)
    if _WHOLE.fullmatch(stored):
        return ("float64" if column.missing else stored), _gaps(column)
    if moment := _MOMENT.fullmatch(stored):
        unit, zone = moment["unit"], moment["zone"]
        return (f"datetime64[{unit}, {zone}]" if zone else "datetime64[ns]"), ""
    if _SPAN.fullmatch(stored):
        return "timedelta64[ns]", ""
    return _object_dtype(column)


def _object_dtype(column: ColumnProfile) -> tuple[str | None, str]:
    """The same of what pandas holds as objects, or as codes for them."""
    if column.dtype == "category":
        return "category", ""
    if column.dtype == "bool":
        return _truth(column)
    if column.dtype == "text":
        return (None, "numbers and text") if column.numbers and column.text else ("str", "")
    return None, f"stored as {one_line(column.dtype)}"


def _read_dtype(column: ColumnProfile) -> tuple[str | None, str]:
    """What pandas reads the cells of a text file as."""
    numbers, text = column.numbers, column.text
    words = {value for value, _ in text.values} if text and text.complete else None
    if words and numbers is None and words <= _TRUTH:
        return _truth(column)
    if words and {word.lower() for word in words} <= _INFINITE:
        return "float64", ""
    if text is not None or numbers is None:
        return "str", ("some are numbers" if numbers else "")
    if column.missing or not _is_whole(numbers):
        return "float64", _gaps(column)
    if not -_INT64 <= numbers.smallest[0] <= numbers.largest[-1] < _INT64:
        return None, "whole numbers beyond 64 bits"
    return "int64", ""


def _truth(column: ColumnProfile) -> tuple[str | None, str]:
    return (None, "true and false with gaps") if column.missing else ("bool", "")


def _gaps(column: ColumnProfile) -> str:
    if column.missing and _is_whole(column.numbers):
        return "whole numbers: pandas has no integer that is missing"
    return ""


def _is_whole(numbers: NumberSummary | None) -> bool:
    return numbers is not None and numbers.whole == numbers.count


def _is_unique(column: ColumnProfile) -> bool:
    """Whether no value comes twice in every row; that no two measurements agree means nothing."""
    numbers, text = column.numbers, column.text
    if numbers is not None and text is not None:
        return False
    kind = text if numbers is None else numbers
    named = text is not None or _is_whole(numbers)
    return kind is not None and named and kind.unique and kind.count == column.rows > 1


def _checks(column: ColumnProfile, dtype: str | None) -> Iterator[tuple[str, str]]:
    numbers = column.numbers
    if numbers is not None and column.text is None and dtype and dtype.startswith(_NUMERIC):
        ends = numbers.smallest[0], numbers.largest[-1]
        whole = _is_whole(numbers)
        if not whole or max(map(abs, ends)) < _EXACT:
            low, high = map(int, ends) if whole else ends
            yield "greater_than_or_equal_to", scalar(low)
            yield "less_than_or_equal_to", scalar(high)
    values = _closed_list(column) if dtype in ("str", "category") else ()
    if values:
        yield "isin", f"[{', '.join(map(scalar, values))}]"


def _closed_list(column: ColumnProfile) -> tuple[str, ...]:
    """The values of a column of categories, empty where there are too many to be any."""
    text = column.text
    if text is None or column.numbers is not None or not text.complete or text.unique:
        return ()
    values = tuple(sorted(value for value, _ in text.values))
    few = len(values) <= max(_FEW_VALUES, text.count / _ROWS_PER_VALUE)
    return values if few and max(map(len, values)) <= _LONGEST_VALUE else ()
