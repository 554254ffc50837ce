"""Which form does a text have? Its shape without lengths, and single traits of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_RUN = re.compile(r"9+|a+|A+|\s+")
# One more in a list, or in 1,234,567, is no other form.
_LIST = re.compile(r"((?:9|Aa|a|A)[,;|] ?)(?:\1)+")
INVISIBLE = "invisible characters"
ODD_SPACES = "tabs, line ends or unbreakable spaces"
OUTER_SPACES = "spaces around it"
_PATTERNS = {
    "digits": re.compile(r"\d"),
    "digits inside a word": re.compile(r"[^\W\d_]\d+[^\W\d_]"),
    OUTER_SPACES: re.compile(r"^\s|\s$"),
    "two spaces in a row": re.compile(r"\S\s{2,}\S"),
    "no letters": re.compile(r"^[\W\d_]*$"),
    "capitals only": re.compile(r"^[^a-z]*[A-Z][^a-z]*$"),
    "no capitals": re.compile(r"^[^A-Z]*[a-z][^A-Z]*$"),
}
_LINES = frozenset("\t\n\r")
_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co"})
_READABLE = 180  # a profile ends a longer text with a digest
_LENGTHS = (4, 8, 16, 32, 64, 128)


def skeleton(shape: str) -> str:
    """A shape without its lengths: `99:99 aa` and `9:99 aa` are both `9:9 a`."""
    return _LIST.sub(r"\1", _RUN.sub(lambda run: run.group()[0], shape.strip()))


def one_skeleton(shapes: Iterable[str]) -> str | None:
    """The one that all shapes have, None when they have several."""
    found = {skeleton(shape) for shape in shapes}
    return found.pop() if len(found) == 1 else None


def is_longer_number(shape: str, known: str) -> bool:
    """Whether it is a known shape with more digits in a place: numbering that went on."""
    one, other = re.findall(r"9+|[^9]+", shape), re.findall(r"9+|[^9]+", known)
    return len(one) == len(other) and all(
        a == b or (a[0] == b[0] == "9" and len(a) > len(b)) for a, b in zip(one, other, strict=True)
    )


def is_unwritten(letter: str) -> bool:
    """Whether nobody types it: control and invisible characters, but for tabs and line ends."""
    return letter not in _LINES and unicodedata.category(letter) in _INVISIBLE


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as a profile keeps it, what of it can be read, and that without case."""

    text: str
    plain: str
    folded: str


def readings(texts: Iterable[str]) -> list[Reading]:
    """Long texts are read up to where a profile ends them with a digest."""
    begins = ((text, text[:_READABLE]) for text in texts)
    return [Reading(text, plain, plain.casefold()) for text, plain in begins]


@dataclass(frozen=True, kw_only=True, slots=True)
class Trait:
    """Something that texts may have, in words that end `texts with ...`; a character, or else."""

    name: str
    sign: str = ""
    pattern: re.Pattern[str] | None = None

    def of(self, texts: Iterable[Reading]) -> list[str]:
        """Those that have it."""
        if self.pattern is None:
            return [reading.text for reading in texts if self.sign in reading.folded]
        search = self.pattern.search
        return [reading.text for reading in texts if search(reading.plain)]


def traits_in(texts: Iterable[Reading]) -> list[Trait]:
    """All traits to ask for where these texts are all there are."""
    letters = set("".join(reading.folded for reading in texts))
    plain = {letter for letter in letters if letter.isascii() and letter.isprintable()}
    traits = [
        Trait(name=f"the character {letter!r}", sign=letter)
        for letter in sorted(plain)
        if not letter.isdigit() and letter != " "
    ]
    groups: dict[str, set[str]] = {}
    for letter in letters - plain:
        groups.setdefault(_group(letter), set()).add(letter)
    traits += [
        Trait(
            name=name, pattern=re.compile(f"[{re.escape(''.join(sorted(group)))}]", re.IGNORECASE)
        )
        for name, group in sorted(groups.items())
    ]
    traits += [Trait(name=name, pattern=pattern) for name, pattern in _PATTERNS.items()]
    for length in _LENGTHS:
        longer, shorter = rf"(?s)\A.{{{length + 1}}}", rf"(?s)\A.{{0,{length}}}\Z"
        traits.append(Trait(name=f"more than {length} characters", pattern=re.compile(longer)))
        traits.append(Trait(name=f"at most {length} characters", pattern=re.compile(shorter)))
    return traits


def _group(letter: str) -> str:
    if is_unwritten(letter):
        return INVISIBLE
    if letter.isspace():
        return ODD_SPACES
    return "letters beyond ASCII" if letter.isalpha() else "unusual characters"
