"""What is an input of a training by its name: code, parameters, dependencies, or data?"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from mlci_action.domain.fingerprint import Part

_DEPENDENCIES = re.compile(
    r"(.*[-_.])?(requirements|constraints)([-_.].*)?\.(txt|in)|.*\.lock|.*-lock\.(ya?ml|json)"
    r"|pyproject\.toml|setup\.cfg|environment([-_.].*)?\.ya?ml|pipfile|dockerfile(\..+)?"
    r"|(project|manifest)\.toml|go\.(mod|sum)"
)
_CODE_NAMES = frozenset({"makefile", "snakefile", "justfile", "rakefile"})
_CODE = re.compile(
    r"\.(py|pyi|pyx|r|rmd|jl|sh|bash|ipynb|sql|stan|scala|java|kt|rs|go|c|h|cc|cpp|hpp|cu|js|ts|m"
    r"|mk|smk)"
)
_PARAMETERS = frozenset({".yaml", ".yml", ".toml", ".json", ".ini", ".cfg"})


def part_of(name: str) -> Part:
    """The part that a file of that name belongs to; what no name tells is data."""
    path = PurePosixPath(name.lower())
    if _DEPENDENCIES.fullmatch(path.name):
        return Part.DEPENDENCIES
    if _CODE.fullmatch(path.suffix) or path.name in _CODE_NAMES:
        return Part.CODE
    return Part.PARAMETERS if path.suffix in _PARAMETERS else Part.DATA
