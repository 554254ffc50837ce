"""What may a single value of mlci.yml be? Text, words as written, and finite numbers."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from mlci_action.domain.expressions import parse_where
from mlci_action.domain.metric import TUNED
from mlci_action.domain.names import nearest
from mlci_action.domain.sources import parse_source
from mlci_action.settings.document import WrittenNumber
from mlci_action.settings.problems import NO_VALUE, quoted

_PLACE = r"[^\s:][^:]*:[A-Za-z_][A-Za-z0-9_]*"
_WITHHELD = ("ACTIONS_", "GITHUB_", "INPUT_", "MLCI_", "RUNNER_")


def complaint(text: str) -> PydanticCustomError:
    """What a validator raises: `text` is shown as it is."""
    return PydanticCustomError("mlci", "{text}", {"text": text})


def as_number(value: object) -> float:
    """A finite number that is written as one: `yes` and `"0.8"` are text."""
    given(value)
    if isinstance(value, str):
        remedy = "; remove the quotes" if _is_number(value) else ""
        raise complaint(f"expected a number, not the text {quoted(value)}{remedy}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise complaint(f"expected a number, not {_kind(value)}")
    if not math.isfinite(value):
        raise complaint("expected a finite number")
    return float(value)


def _as_whole(value: object) -> int:
    number = as_number(value)
    if not number.is_integer():
        raise complaint(f"expected a whole number, not {number:g}")
    return int(number)


def _as_threshold(value: object) -> float:
    if not isinstance(value, str) or _is_number(value):
        return as_number(value)
    if value != _TUNED:
        hint = f"; did you mean {_TUNED!r}?" if nearest(value, [_TUNED]) else ""
        raise complaint(f"expected a number or the word {_TUNED!r}, not {quoted(value)}{hint}")
    return TUNED


def _as_top_rows(value: object) -> float:
    number = as_number(value)
    if not (0 < number < 1 or (number >= 1 and number.is_integer())):
        raise complaint(f"expected a whole number of rows, or a share below 1, not {number:g}")
    return number


def as_text(value: object) -> str:
    """Text that is written as such: a bare number is none."""
    given(value)
    if isinstance(value, WrittenNumber):
        raise complaint(f"expected text, not the number {value.text}; put it in quotes")
    if not isinstance(value, str):
        raise complaint(f"expected text, not {_kind(value)}")
    return value


def as_written(value: object) -> str:
    """Text, or a number as its text: a column may be called 2020 and a label 1."""
    return value.text if isinstance(value, WrittenNumber) else as_text(value)


def given(value: object) -> object:
    """The value, which is not null."""
    if value is None:
        raise complaint(NO_VALUE)
    return value


def _one_as_list(value: object) -> object:
    return [value] if isinstance(value, str | float) else value


def _where(text: str) -> str:
    parse_where(text)
    return text


def _source(text: str) -> str:
    parse_source(text)
    return text


def _variable(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise complaint(f"{quoted(name)} is not the name of an environment variable")
    if name.upper().startswith(_WITHHELD) or "TOKEN" in name.upper():
        raise complaint(f"{name} is never shown to the code under test; remove it")
    return name


def _place(text: str) -> str:
    if not re.fullmatch(_PLACE, text):
        raise complaint(f"expected module:function or file.py:function, not {quoted(text)}")
    return text


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _kind(value: object) -> str:
    return "a list" if isinstance(value, list) else "a mapping"


class _NotNull:
    """Keeps null, which `Maybe` refuses, out of the JSON Schema."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        values = [option for option in schema["anyOf"] if option != {"type": "null"}]
        return dict(values[0]) if len(values) == 1 else {"anyOf": values}


class _OneOrMany:
    """Tells the JSON Schema that a lone item stands for a list of one."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        many = handler(core_schema)
        return {"anyOf": [many["items"], many]}


_FILLED = StringConstraints(pattern=r"\S")
ANY_SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"], "pattern": r"\S"}
_TUNED = "tuned"
_THRESHOLD: dict[str, Any] = {"anyOf": [{"type": "number"}, {"const": _TUNED}]}
_TOP_ROWS: dict[str, Any] = {
    "anyOf": [
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        {"type": "integer", "minimum": 1},
    ]
}
_T = TypeVar("_T")

Text: TypeAlias = Annotated[str, _FILLED, BeforeValidator(as_text)]
Word: TypeAlias = Annotated[str, _FILLED, BeforeValidator(as_written), WithJsonSchema(ANY_SCALAR)]
Where: TypeAlias = Annotated[Text, AfterValidator(_where)]
Place: TypeAlias = Annotated[
    str,
    BeforeValidator(as_text),
    AfterValidator(_place),
    WithJsonSchema({"type": "string", "pattern": f"^{_PLACE}$"}),
]
Variable: TypeAlias = Annotated[Text, AfterValidator(_variable)]

Number: TypeAlias = Annotated[float, BeforeValidator(as_number)]
NotNegative: TypeAlias = Annotated[float, Field(ge=0), BeforeValidator(as_number)]
Positive: TypeAlias = Annotated[float, Field(gt=0), BeforeValidator(as_number)]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1), BeforeValidator(as_number)]
Inside: TypeAlias = Annotated[float, Field(gt=0, lt=1), BeforeValidator(as_number)]
AboveZero: TypeAlias = Annotated[float, Field(gt=0, le=1), BeforeValidator(as_number)]
Threshold: TypeAlias = Annotated[float, BeforeValidator(_as_threshold), WithJsonSchema(_THRESHOLD)]
TopRows: TypeAlias = Annotated[float, BeforeValidator(_as_top_rows), WithJsonSchema(_TOP_ROWS)]
Confidence: TypeAlias = Annotated[float, Field(gt=0.5, lt=1), BeforeValidator(as_number)]
Seed: TypeAlias = Annotated[int, Field(ge=0), BeforeValidator(_as_whole)]
Few: TypeAlias = Annotated[int, Field(ge=0, le=10), BeforeValidator(_as_whole)]
Count: TypeAlias = Annotated[int, Field(ge=1), BeforeValidator(_as_whole)]

Columns: TypeAlias = Annotated[
    list[Word], Field(min_length=1), _OneOrMany(), BeforeValidator(_one_as_list)
]
Sources: TypeAlias = Annotated[
    list[Annotated[Text, AfterValidator(_source)]],
    Field(min_length=1),
    _OneOrMany(),
    BeforeValidator(_one_as_list),
]
# A key may be left out; a key without a value is a mistake, not a default.
Maybe: TypeAlias = Annotated[_T | None, BeforeValidator(given), _NotNull()]
