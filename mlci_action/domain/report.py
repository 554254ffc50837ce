"""All of it, to show: what every output renders and what report.json holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlci_action.domain.behaviour import FlippedRow
from mlci_action.domain.comparison import Comparison
from mlci_action.domain.costs import CostRow
from mlci_action.domain.decision import Decision
from mlci_action.domain.moves import WhyMoved
from mlci_action.domain.places import Located
from mlci_action.domain.policy import PolicyFacts
from mlci_action.domain.results import CheckResult
from mlci_action.domain.robustness import RobustnessRow
from mlci_action.domain.self_test import SelfTest
from mlci_action.domain.waivers import WaiverUse

SCHEMA_VERSION = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What was judged, on what, and where: JSON values."""

    provenance: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One finished run; the last three are those of `Facts`.

    `robustness` and `costs` stand in the order that the settings name them. `flipped` are the rows
    behind `Flips`: for a file of its own, never for a comment. `located` are the rows that data
    checks mean: for report.sarif and annotations, never for a comment. `profile` is the text of
    profile.json, empty where no data could be read. `policy` is None where no settings were read,
    `self_test` and `why_moved` where nothing was tried.
    """

    decision: Decision
    checks: tuple[CheckResult, ...] = ()
    comparison: Comparison | None = None
    robustness: tuple[RobustnessRow, ...] = ()
    costs: tuple[CostRow, ...] = ()
    flipped: tuple[FlippedRow, ...] = ()
    located: tuple[Located, ...] = ()
    profile: str = ""
    policy: PolicyFacts | None = None
    waivers: tuple[WaiverUse, ...] = ()
    self_test: SelfTest | None = None
    why_moved: WhyMoved | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
