"""What may a single value under `data` be? Switches, and how a text file is to be read."""

from __future__ import annotations

import codecs
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from mlci_action.domain.names import nearest
from mlci_action.domain.sources import parse_source
from mlci_action.settings.problems import quoted
from mlci_action.settings.scalars import ANY_SCALAR, Text, as_text, as_written, complaint, given

WHITESPACE = "whitespace"

# What YAML 1.1 takes for true and false, and 1.2 for text.
_TRUE = ("true", "yes", "on")
_FALSE = ("false", "no", "off")
_SPELLED = {r"\t": "\t", "tab": "\t"}
_NO_SEPARATORS = '"\r\n\0'
_ENCODINGS = (
    *("utf-8", "utf-8-sig", "utf-16", "utf-32", "ascii", "latin-1", "iso-8859-1", "iso-8859-2"),
    *("iso-8859-15", "cp1250", "cp1251", "cp1252", "cp437", "cp850", "koi8-r", "mac-roman"),
    *("gbk", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr"),
)


def means_true(value: object) -> bool:
    """Whether a word of the file says yes."""
    return isinstance(value, str) and value.lower() in _TRUE


def means_off(value: object) -> bool:
    """Whether a word of the file says no."""
    return isinstance(value, str) and value.lower() in _FALSE


def _as_flag(value: object) -> bool:
    given(value)
    if not (means_true(value) or means_off(value)):
        raise complaint(f"expected true or false, not {quoted(value)}")
    return means_true(value)


def _as_true(value: object) -> bool:
    given(value)
    if means_off(value):
        raise complaint("is so without being said; remove it")
    if not means_true(value):
        raise complaint(f"expected true, not {quoted(value)}")
    return True


def _as_closed(value: object) -> bool | list[str]:
    if not isinstance(value, list) or not value:
        try:
            return _as_true(value)
        except ValueError as error:
            hint = "expected true or a list of columns, for example [sex, region]"
            raise complaint(hint) from error
    return [_filled(as_written(column)) for column in value]


def _filled(text: str) -> str:
    if not text.strip():
        raise complaint("names a column without a name")
    return text


def _as_separator(value: object) -> str:
    text = as_text(value)
    text = _SPELLED.get(text, text)
    if text and text in _NO_SEPARATORS:
        raise complaint(f"{quoted(text)} stands in values and between rows, never between columns")
    if text == WHITESPACE or len(text) == 1:
        return text
    raise complaint(f"{quoted(text)} is neither one character nor the word {WHITESPACE!r}")


def _encoding(name: str) -> str:
    try:
        codecs.lookup(name)
        # Some codecs turn bytes into bytes, and only using them tells.
        "a".encode(name)
    except (LookupError, ValueError) as error:
        near = nearest(name, _ENCODINGS)
        hint = f"did you mean {near!r}?" if near else "for example utf-8, latin-1 or cp1252"
        raise complaint(f"{quoted(name)} is no text encoding; {hint}") from error
    return name


def _reference(text: str) -> str:
    if text.startswith("git:"):
        parse_source(text)
    return text


_CLOSED: dict[str, Any] = {
    "anyOf": [{"const": True}, {"type": "array", "minItems": 1, "items": ANY_SCALAR}]
}
_SEPARATOR: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "maxLength": 1, "pattern": r'[^"\r\n\u0000]'},
        {"enum": [WHITESPACE, *_SPELLED]},
    ]
}

Flag: TypeAlias = Annotated[bool, BeforeValidator(_as_flag), WithJsonSchema({"type": "boolean"})]
OnlyTrue: TypeAlias = Annotated[bool, BeforeValidator(_as_true), WithJsonSchema({"const": True})]
Closed: TypeAlias = Annotated[
    bool | list[str], BeforeValidator(_as_closed), WithJsonSchema(_CLOSED)
]
Separator: TypeAlias = Annotated[str, BeforeValidator(_as_separator), WithJsonSchema(_SEPARATOR)]
Encoding: TypeAlias = Annotated[Text, AfterValidator(_encoding)]
Reference: TypeAlias = Annotated[Text, AfterValidator(_reference)]
