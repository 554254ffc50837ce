"""Where is it wrong? Rows that a finding means, as lines of the files they stand in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Place:
    """One row of the data: `row` counts from 1, `line` too and is None in files without lines.

    `file` is relative to the repository (or to the config's folder outside of one), with slashes.
    """

    file: str
    row: int
    line: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Located:
    """The rows that one check result means: the first of them as `places`, `rows` in all."""

    check_id: str
    column: str | None
    rows: int
    places: tuple[Place, ...]
