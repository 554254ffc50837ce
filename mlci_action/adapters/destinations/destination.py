"""What is a place that models are promoted to? It says what is there, and takes a bundle after it.

Bundles in it are never changed; one pointer says which of them is in place, and is switched whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mlci_action.adapters.bundles import Bundle
from mlci_action.errors import MlciError


class PromotionRefused(MlciError):
    """This model must not go there, or not any more: an answer (exit 1), not a wrong set-up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Current:
    """What is in place. manifest, model: digests; where: for a reader."""

    manifest: str
    model: str
    where: str


class Destination(Protocol):
    """One place. `name` is how the user wrote it; credentials never stand in it.

    MlciError when the place cannot be read or written; what was in place then still is.
    """

    @property
    def name(self) -> str:
        """As a reader is shown it."""
        ...

    def current(self) -> Current | None:
        """What is in place now, None where nothing is."""
        ...

    def put(self, bundle: Bundle, *, expected: str | None) -> str:
        """Bring the bundle there and put it in place of `expected`; answers where it now is.

        expected: the manifest's digest that `current()` gave, None: nothing was there.
        PromotionRefused when something else is in place by now. Done twice, it is done once.
        """
        ...


def moved_on(name: str, found: Current | None) -> PromotionRefused:
    """Another promotion was faster: what is there is not what this one was to follow."""
    there = "nothing is" if found is None else f"the model {found.model} is"
    return PromotionRefused(
        f"{there} in place at {name} by now, which was not so a moment ago",
        hint="another promotion came between; run the gate again with that as --baseline",
    )
