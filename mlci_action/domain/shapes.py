"""What does a text look like? Its shape tells a format apart without telling the value."""

from __future__ import annotations

MAX_SHAPE = 60
_BEYOND_ASCII = 0x80
_TABLE = {
    **dict.fromkeys(range(ord("0"), ord("9") + 1), "9"),
    **dict.fromkeys(range(ord("a"), ord("z") + 1), "a"),
    **dict.fromkeys(range(ord("A"), ord("Z") + 1), "A"),
}


def shape_of(text: str) -> str:
    """Digits as 9, lower-case letters as a, upper-case ones as A, all else as it is; cut at 60.

    Only ASCII is told apart: a letter beyond it counts as `a`, so that its bytes need no decoding.
    """
    return "".join(
        "a" if ord(letter) >= _BEYOND_ASCII else _TABLE.get(ord(letter), letter)
        for letter in text[:MAX_SHAPE]
    )
