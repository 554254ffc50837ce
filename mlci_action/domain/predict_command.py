"""What does a `predict` command say? Words, some with places for the model, the rows, the answers.

No shell reads it: what stands in the words reaches the program as it is.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

MODEL, INPUT, OUTPUT = "model", "input", "output"
_FORMATS = {INPUT: ("csv", "parquet"), OUTPUT: ("csv", "npy", "parquet")}
PLACES = (MODEL, *(f"{place}.{kind}" for place, kinds in _FORMATS.items() for kind in kinds))
# Not every brace is a place: {print $1} is a program of awk's.
_PLACE = re.compile(r"\{([A-Za-z_][\w.-]*)\}")


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictCommand:
    """words: as written. input, output: the formats in which rows go in and answers come out."""

    words: tuple[str, ...]
    input: str
    output: str

    @property
    def reads_model(self) -> bool:
        """Whether another model gives another command."""
        return any(MODEL in _PLACE.findall(word) for word in self.words)

    def filled(self, *, model: str, input: str, output: str) -> tuple[str, ...]:  # noqa: A002
        """The words with paths in their places."""
        paths: Mapping[str, str] = {MODEL: model, INPUT: input, OUTPUT: output}
        return tuple(
            _PLACE.sub(lambda match: paths[match[1].partition(".")[0]], word) for word in self.words
        )


def parse_command(text: str) -> PredictCommand:
    """The command that `text` writes; ValueError says what is wrong with it."""
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise ValueError(f"is not a command: {str(error).lower()}") from error
    if not words:
        raise ValueError("is not a command: it is empty")
    places = [place for word in words for place in _PLACE.findall(word)]
    known = (MODEL, INPUT, OUTPUT, *PLACES)
    for place in places:
        if place not in known:
            raise ValueError(f"has {{{place}}}, which stands for nothing; there are {_listed()}")
    if _PLACE.search(words[0]):
        raise ValueError("begins with a place; begin with the program")
    return PredictCommand(words=words, input=_format(places, INPUT), output=_format(places, OUTPUT))


def _format(places: list[str], wanted: str) -> str:
    found = {place for place in places if place.partition(".")[0] == wanted}
    if not found:
        raise ValueError(f"has no {{{wanted}}}; there are {_listed()}")
    formats = {place.partition(".")[2] or _FORMATS[wanted][0] for place in found}
    if len(formats) > 1:
        raise ValueError(f"has {{{wanted}}} in more than one format")
    return formats.pop()


def _listed() -> str:
    return ", ".join(f"{{{place}}}" for place in (MODEL, INPUT, OUTPUT, *PLACES[1:]))
