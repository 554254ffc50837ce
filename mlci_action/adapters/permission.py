"""What of this change may run in this run? One answer for models, modules and interpreters."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from mlci_action.adapters.github_event import Change
from mlci_action.adapters.model_files import ModelFile
from mlci_action.adapters.trusting import code_allowed, may_load, refuse_interpreter_inside
from mlci_action.domain.trust import Trust
from mlci_action.errors import ModelError


@dataclass(kw_only=True)
class Permission:
    """What `trust` means for one change. `origin` says where that section was read."""

    change: Change = field(default_factory=Change)
    trust: Trust = field(default_factory=Trust)
    origin: str = "the working copy"

    @cached_property
    def no_code(self) -> str:
        """Why code that comes with the change may not run; empty when it may."""
        return code_allowed(self.change, self.trust)

    def must_allow(self, model: ModelFile, *, who: str, brought: bool) -> None:
        """ModelError when the model may not be loaded; `brought`: by this change."""
        may_load(model, self.change, self.trust, brought_by_change=brought, who=who)

    def must_allow_code(self, place: str) -> None:
        """ModelError when what the settings name is code of a change that may not run."""
        if self.no_code:
            raise ModelError(
                f"{place} is code of this change, which is not run: {self.no_code}",
                hint="remove it, or see `trust` in the mlci.yml of the base branch",
            )

    def must_allow_python(self, path: Path, folder: Path) -> None:
        """InterpreterError when a change that may not run code may have brought this Python."""
        if self.no_code:
            refuse_interpreter_inside(path, folder)

    def as_mapping(self) -> dict[str, Any]:
        """As JSON values."""
        formats = self.trust.formats
        return {
            "pickle": self.trust.pickle.value,
            "formats": None if formats is None else [each.value for each in formats],
            "skops_types": list(self.trust.skops_types),
            "origin": self.origin,
            "code": self.no_code,
        }
