"""Whose bytes may run? What `trust` of the base branch's mlci.yml says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mlci_action.domain.model_formats import ModelFormat


class PickleTrust(StrEnum):
    """When code that comes with the change may run: pickles, and modules that the settings name."""

    NEVER = "never"
    SAME_REPOSITORY = "same-repository"
    ALWAYS = "always"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trust:
    """`formats` are those that may be loaded, None: all. `skops_types` are trusted besides skops'
    own list.
    """

    formats: tuple[ModelFormat, ...] | None = None
    skops_types: tuple[str, ...] = ()
    pickle: PickleTrust = PickleTrust.SAME_REPOSITORY
