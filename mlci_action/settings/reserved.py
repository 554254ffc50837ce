"""Which words of mlci.yml does this version know but not act on? They are refused, not ignored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlci_action.settings.document import Document
from mlci_action.settings.problems import KeyPath, Problem

_USED = (
    "is not used by this version; remove it: a key without effect must not look as if it had one"
)

RESERVED: Mapping[KeyPath, str] = {
    ("train",): _USED,
    ("waivers",): _USED,
}


def take_out_reserved(document: Document) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The document's values without the reserved words, and one problem for each that was there."""
    return _without(document.values, (), document)


def _without(
    values: Mapping[str, Any], where: KeyPath, document: Document
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    kept: dict[str, Any] = {}
    problems: tuple[Problem, ...] = ()
    for key, value in values.items():
        here = (*where, key)
        if here in RESERVED:
            problems = (*problems, document.problem(here, RESERVED[here]))
        elif isinstance(value, dict):
            kept[key], inner = _without(value, here, document)
            problems = (*problems, *inner)
        else:
            kept[key] = value
    return kept, problems
