"""What does a small GitHub know of branches? One tip each, and which commits they have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.fakes.github_answers import Request, Response, as_json, refusal
from tests.fakes.github_contract import github_contract

TIP = "f" * 40


@dataclass(kw_only=True, slots=True)
class SmallBranches:
    """The commit that each branch is at; all commits are behind it but for the `strangers`."""

    tips: dict[str, str] = field(default_factory=lambda: {"main": TIP})
    strangers: set[str] = field(default_factory=set)

    def answer(self, parts: list[str], request: Request) -> Response:
        """What GitHub says to a request below `branches` or `compare`."""
        name = unquote(parts[0]) if parts else ""
        base, dots, head = name.partition("...")
        if dots:
            return self._compared(base, head)
        if name not in self.tips:
            return refusal(404, "Branch not found")
        branch: dict[str, Any] = github_contract().example("branch-get")
        branch |= {"name": name}
        branch["commit"]["sha"] = self.tips[name]
        return as_json(200, branch)

    def _compared(self, base: str, head: str) -> Response:
        if base not in self.tips.values():
            return refusal(404, "Not Found")
        comparison: dict[str, Any] = github_contract().example("commit-comparison")
        status = "identical" if base == head else "behind"
        comparison |= {"status": "diverged" if head in self.strangers else status}
        return as_json(200, comparison)
