"""In which environment is the baseline asked, where that of the candidate does not do?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mlci_action.adapters.baselines import Baseline, BaselineFinder
from mlci_action.adapters.environments import own_environment
from mlci_action.adapters.interpreters import Interpreter, find_interpreter
from mlci_action.adapters.requirement_files import requirements_of
from mlci_action.domain.bundle_names import ENVIRONMENT
from mlci_action.errors import InterpreterError
from mlci_action.settings.values import OwnEnvironment


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnPython:
    """Finds or makes it. settings: what mlci.yml says of it; its folder is the baselines'.

    no_code: why nothing of the change may run, empty when it may. cache: where environments are
    kept.
    """

    settings: OwnEnvironment
    baselines: BaselineFinder
    no_code: str
    cache: Path
    say: Callable[[str], None]

    @property
    def is_named(self) -> bool:
        """Whether the settings name one."""
        return self.settings.requirements is not None or self.settings.python is not None

    def is_known(self, found: Baseline) -> bool:
        """Whether they do, or the bundle says what was installed when the baseline was judged."""
        return self.is_named or _listed(found) is not None

    def of(
        self, found: Baseline, candidate: Interpreter, environ: Mapping[str, str]
    ) -> tuple[Interpreter, str]:
        """The interpreter, and in words where it comes from.

        InterpreterError when there is none or none may be made, BaselineError for requirements that
        name nothing that can be installed.
        """
        if self.no_code:
            # Which packages it has and which Python it is are the change's word alone.
            raise InterpreterError(
                f"no environment is made for the baseline: {self.no_code}",
                hint="judge the change from a branch of the repository itself",
            )
        own, folder = self.settings, self.baselines.folder
        if own.requirements is None and own.python is not None:
            return find_interpreter(own.python, environ, folder), f"baseline.python, {own.python}"
        listed = _listed(found)
        source = own.requirements or str(listed)
        python = own.python
        if own.requirements is None and found.manifest is not None and found.manifest.python:
            python = ".".join(found.manifest.python.split(".")[:2])
        made = own_environment(
            requirements_of(source, folder=folder, baselines=self.baselines),
            python=python,
            candidate=candidate,
            folder=folder,
            cache=self.cache,
            environ=environ,
            say=self.say,
        )
        return made, f"made of {own.requirements or f'the {ENVIRONMENT} of its bundle'}"


def _listed(found: Baseline) -> Path | None:
    """The bundle's list of what was installed."""
    if found.manifest is None or all(one.path != ENVIRONMENT for one in found.manifest.files):
        return None
    return found.file.path.parent / ENVIRONMENT
