"""By which limits is a change judged, and which of them would it like to move?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Move(StrEnum):
    """What a change does to one rule of the policy; the values are public."""

    LOOSER = "looser"
    TIGHTER = "tighter"
    OTHER = "other"  # neither can be said: another seed, another file


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyChange:
    """One rule that the change has otherwise than the base branch.

    rule: the key as mlci.yml spells its path, `metrics.roc_auc.max_regression`. before, after: the
    values as text, None where there is none. in_force: whether the change's own already counts; the
    base branch's does until it is merged otherwise.
    """

    rule: str
    move: Move
    before: str | None = None
    after: str | None = None
    in_force: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyFacts:
    """Where the limits come from, for a reader.

    origin: as in "policy: from ...". digest: of the limits in force. problem: why the base branch's
    could not be had although there should be some; empty otherwise.
    """

    origin: str
    digest: str = ""
    changes: tuple[PolicyChange, ...] = ()
    problem: str = ""
