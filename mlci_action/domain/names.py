"""Which valid name did they mean? And which id does a name make?"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

_ID_LENGTH = 120


def nearest(name: str, valid: Iterable[str]) -> str | None:
    """The valid name most like `name`, or None when nothing comes near."""
    close = difflib.get_close_matches(name.lower(), list(valid), n=1, cutoff=0.6)
    return close[0] if close else None


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """A hint sentence: the nearest valid name, else all of them."""
    names = sorted(valid)
    near = nearest(name, names)
    return f"did you mean {near!r}?" if near else f"valid are: {', '.join(names)}"


def id_part(text: str) -> str:
    """`text` as a part of a check id: lower case, without spaces, commas or control characters."""
    return re.sub(r"[^a-z0-9_=<>!.*/+&|-]+", "_", text.lower())[:_ID_LENGTH].strip("_") or "_"
