"""What can go wrong between GitHub and a client?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto


class Delivery(Enum):
    """How much of an answer reaches the client."""

    WHOLE = auto()
    HALF = auto()
    NONE = auto()
    LATE = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """What goes wrong with one request.

    status: the answer instead of the ordinary one, None to keep that. carried_out: the request
    takes effect all the same. LATE answers come after any client has lost its patience.
    """

    status: int | None = None
    message: str = "scripted"
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = Delivery.WHOLE
    carried_out: bool = False


@dataclass(slots=True)
class Script:
    """What happens to the next requests that fit: a fault, or something of the test's own."""

    method: str
    path: re.Pattern[str]
    times: int
    fault: Fault | None = None
    action: Callable[[], object] | None = None

    def is_fault(self) -> bool:
        """Whether it is a fault."""
        return self.fault is not None

    def is_action(self) -> bool:
        """Whether it is something of the test's own."""
        return self.action is not None
