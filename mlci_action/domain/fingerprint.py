"""What does a trained model depend on? Its inputs, file by file, in four parts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any


class Part(StrEnum):
    """What an input is; the values are words of mlci.yml and of manifests."""

    DATA = "data"
    CODE = "code"
    PARAMETERS = "parameters"
    DEPENDENCIES = "dependencies"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """An input that is not as it was. how: `new`, `gone` or `changed`."""

    part: Part
    name: str
    how: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Fingerprint:
    """The inputs of a training: for each part a digest by name, mostly of a file by its path.

    Names are relative to the settings file, with `/`; digests are `sha256:...`. What is no file has
    a name in angle brackets, as `<command>` and `<python>`.
    """

    data: Mapping[str, str] = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    dependencies: Mapping[str, str] = field(default_factory=dict)

    def of(self, part: Part) -> Mapping[str, str]:
        """The inputs of one part."""
        found: Mapping[str, str] = getattr(self, part.value)
        return found

    @property
    def digest(self) -> str:
        """Of all of it, as `sha256:...`."""
        values = {one.name: dict(getattr(self, one.name)) for one in fields(self)}
        text = json.dumps(values, sort_keys=True)
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"

    def changed_since(self, before: Fingerprint) -> tuple[Part, ...]:
        """The parts that are not as they were."""
        return tuple(part for part in Part if dict(self.of(part)) != dict(before.of(part)))

    def changes_since(self, before: Fingerprint) -> tuple[Change, ...]:
        """Each input that is not as it was, by part and name."""
        found = []
        for part in Part:
            ours, theirs = self.of(part), before.of(part)
            for name in sorted({*ours, *theirs}):
                if ours.get(name) != theirs.get(name):
                    how = "gone" if name not in ours else "changed" if name in theirs else "new"
                    found.append(Change(part=part, name=name, how=how))
        return tuple(found)


def is_file(name: str) -> bool:
    """Whether an input of that name is a file, and not such as `<command>`."""
    return not name.startswith("<")


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingRecord:
    """How a model came about; it lies beside the model and travels in its manifest.

    model: the digest of what was made. command: as the settings have it. rows: of `data.train`,
    None where that is not named.
    """

    model: str
    command: str
    fingerprint: Fingerprint
    python: str | None = None
    rows: int | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
