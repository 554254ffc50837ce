"""Which known text is a slip away: but for case and punctuation, one letter off, or cut off?

Near texts are found by what two have in common once a letter is left out of each, so that 5,000
texts are not compared with 5,000 others (Bocek, Hunt and Stiller 2007, FastSS).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import combinations, pairwise
from operator import ne

LEAST_LETTERS = 5
LEAST_LETTERS_WITH_DIGITS = 12  # `Route 66 North` is words with a number in it, `B2C` a code
LEAST_FOR_FIRST = 8  # letters of a text whose first one may be replaced
LEAST_CUT = 8  # letters of a text that was cut off
LONG = 16  # letters from which more than one may be replaced
LETTERS_PER_SLIP = 8
MOST_LETTERS = 80  # a longer text is prose
_SHORT = 40  # up to here every letter is left out in turn; beyond, one of two ends must be right
_END = 20
_MOST_COMPARISONS = 20_000
_DIGITS = re.compile(r"\d+")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[.,:/-](?=\d)")
_KEPT = 0xE000  # signs between digits are set aside in Unicode's private area
# Signs that carry a meaning of their own: C and C#, A and A*, 5 and 5%.
_MEANT = frozenset("#%*@&!?")


class _Dropped(dict[int, int | None]):
    """For `str.translate`: spaces and punctuation go; what a letter becomes is found out once."""

    def __missing__(self, code: int) -> int | None:
        letter = chr(code)
        stays = letter.isalnum() or letter in _MEANT or unicodedata.category(letter)[0] == "S"
        self[code] = code if stays or _KEPT <= code < _KEPT + 0x80 else None
        return self[code]


_DROPPED = _Dropped()


class TooAlike(Exception):
    """The texts have so much in common that a slip means nothing."""


class _Sharing:
    """Texts by what they share; most share nothing, and thousands of lists of one would cost."""

    def __init__(self) -> None:
        self._first: dict[Hashable, str] = {}
        self._all: dict[Hashable, list[str]] = {}

    def add(self, key: Hashable, text: str) -> None:
        """Put a text beside those with the same key."""
        first = self._first.setdefault(key, text)
        if first is not text:
            self._all.setdefault(key, [first]).append(text)

    def of(self, key: Hashable) -> Sequence[str]:
        """The texts with that key."""
        first = self._first.get(key)
        return () if first is None else self._all.get(key, (first,))

    def shared(self) -> Iterable[list[str]]:
        """The texts of each key that several have."""
        return self._all.values()


class NearTexts:
    """Known texts, to ask which of them another text may have been meant as."""

    def __init__(self, known: Iterable[str]) -> None:
        self._plain = {text: plainly(text) for text in known}
        self._by_fold = _Sharing()
        self._by_part = _Sharing()
        for text, plain in self._plain.items():
            self._by_fold.add(_folded(plain), text)
            for part in _parts(plain):
                self._by_part.add(part, text)
        self._in_order = sorted((plain, text) for text, plain in self._plain.items())
        self._left = _MOST_COMPARISONS

    def written_otherwise(self, text: str) -> list[str]:
        """Those that differ in case, spaces and punctuation only."""
        return [known for known in self._by_fold.of(folded(text)) if known != text]

    def one_slip_away(self, text: str) -> list[str]:
        """Those with one letter added, left out, replaced or swapped; in a long text, several.

        TooAlike when there are too many to compare.
        """
        plain = plainly(text)
        shared = {known: None for part in _parts(plain) for known in self._by_part.of(part)}
        return [known for known in shared if self._is_slip(plain, self._plain[known])]

    def longer(self, text: str) -> list[str]:
        """Those that go on where this one ends inside a word. TooAlike when there are too many."""
        plain, found = plainly(text), []
        if len(plain) < LEAST_CUT:
            return []
        for place in range(bisect_right(self._in_order, (plain, text)), len(self._in_order)):
            other, known = self._in_order[place]
            if not other.startswith(plain):
                break
            self._count_one()
            if is_cut(plain, other):
                found.append(known)
        return found

    def pairs_cut(self) -> Iterator[tuple[str, str]]:
        """Known texts of which one is the other, cut inside a word. TooAlike as above."""
        for _, text in self._in_order:
            for other in self.longer(text):
                yield text, other

    def pairs_written_otherwise(self) -> Iterator[tuple[str, str]]:
        """Known texts that differ from each other in case, spaces and punctuation only."""
        for texts in self._by_fold.shared():
            yield from combinations(texts, 2)

    def pairs_one_slip_apart(self) -> Iterator[tuple[str, str]]:
        """Known texts that are one slip from each other. TooAlike when there are too many."""
        for texts in self._by_part.shared():
            for one, other in combinations(texts, 2):
                if self._is_slip(self._plain[one], self._plain[other]):
                    yield one, other

    def _count_one(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise TooAlike

    def _is_slip(self, one: str, other: str) -> bool:
        self._count_one()
        return is_slip(one, other)


def folded(text: str) -> str:
    """The text without case, spaces and punctuation; of one without letters only spaces go.

    Symbols stay, as do what stands between digits (1.5 and 15) and a last minus (A and A-).
    """
    return _folded(plainly(text))


def _folded(plain: str) -> str:
    if plain.isalpha():
        return plain
    if not any(map(str.isalpha, plain)):
        return " ".join(plain.split())
    if _BETWEEN_DIGITS.search(plain):
        plain = _BETWEEN_DIGITS.sub(lambda sign: chr(_KEPT + ord(sign.group())), plain)
    return plain.translate(_DROPPED) + ("-" if plain.endswith("-") else "")


def plainly(text: str) -> str:
    """The text without case and the spaces around it, as slips are looked for in it."""
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).casefold().strip()


def is_slip(one: str, other: str) -> bool:
    """Whether one edit, or several in a long text, make one plain text of the other.

    All digits are the same in both, and so is the first letter unless another one stands there in
    a long word: typical and atypical, million and billion are different things.
    """
    if one == other or _DIGITS.findall(one) != _DIGITS.findall(other):
        return False
    if one[:1] != other[:1] and not len(one) == len(other) >= LEAST_FOR_FIRST:
        return False
    if len(one) == len(other):
        return sum(map(ne, one, other)) <= _slips(len(one)) or _is_swap(one, other)
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) > 1:
        return False
    begin = next((i for i, letter in enumerate(shorter) if letter != longer[i]), len(shorter))
    return shorter[begin:] == longer[begin + 1 :]


def is_cut(one: str, other: str) -> bool:
    """Whether `one` is the begin of `other` and ends inside a word."""
    ends = len(one)
    return (
        LEAST_CUT <= ends < len(other)
        and other.startswith(one)
        and one[-1].isalpha()
        and other[ends].isalpha()
    )


def _is_swap(one: str, other: str) -> bool:
    """Whether two letters side by side change places, and nothing else."""
    at = next(place for place, letter in enumerate(one) if letter != other[place])
    return one[at + 1 : at + 2] + one[at] + one[at + 2 :] == other[at:]


def _slips(length: int) -> int:
    return length // LETTERS_PER_SLIP if length >= LONG else 1


def _has_words(plain: str) -> bool:
    """Whether it has letters enough for a slip to be told from another word."""
    letters = sum(map(str.isalpha, plain))
    least = LEAST_LETTERS_WITH_DIGITS if _DIGITS.search(plain) else LEAST_LETTERS
    return letters >= least and len(plain) <= MOST_LETTERS


def _parts(plain: str) -> list[Hashable]:
    """What two texts that are a slip apart share at least one of."""
    length = len(plain)
    if not _has_words(plain):
        return []
    if length <= _SHORT:
        # Of two equal letters in a row the same is left whichever goes.
        parts: list[Hashable] = [
            plain[:place] + plain[place + 1 :]
            for place in range(length)
            if not place or plain[place] != plain[place - 1]
        ]
        parts.append(plain)
    else:
        parts = [("first", plain[:_END]), ("last", plain[-_END:])]
    if length >= LONG:
        # One piece more than letters that may be wrong: at least one is right.
        pieces = _slips(length) + 1
        ends = [piece * length // pieces for piece in range(pieces + 1)]
        parts += [(length, begin, plain[begin:end]) for begin, end in pairwise(ends)]
    return parts
