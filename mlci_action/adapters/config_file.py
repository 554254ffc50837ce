"""What does the settings file say? Its text, and the settings in it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from mlci_action.errors import SettingsError
from mlci_action.settings.parse import parse_settings
from mlci_action.settings.values import Settings

_MAX_BYTES = 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfigFile:
    """The settings with the folder that their paths are relative to, and the text's digest."""

    settings: Settings
    folder: Path
    digest: str


def load_config(
    path: Path, *, candidate: str | None = None, baseline: str | None = None
) -> ConfigFile:
    """The settings in the file at `path`; the others take the place of its own.

    SettingsError when there is no such file, and with every problem in it.
    """
    text = _text(path)
    return ConfigFile(
        settings=parse_settings(text, path=path.name, candidate=candidate, baseline=baseline),
        folder=path.absolute().parent,
        digest=f"sha256:{hashlib.sha256(text.encode()).hexdigest()}",
    )


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise SettingsError(
            f"cannot read {path.name!r}: {error.strerror or error}",
            hint=f"looked in {path.absolute().parent}; name another file with --config",
        ) from error
    if len(data) > _MAX_BYTES:
        raise SettingsError(f"{path.name!r} is larger than {_MAX_BYTES:,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path.name!r} is not UTF-8 text", hint="save it as UTF-8") from error
