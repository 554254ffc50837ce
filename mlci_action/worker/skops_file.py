"""What is in a skops file, without loading a type that nobody has trusted?"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Sequence

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.foreign import Model
from mlci_action.worker.libraries import library

_MAX_MEMBERS = 100_000
_MAX_SCHEMA_BYTES = 256 << 20
_FREE_BYTES = 1 << 30
_MAX_RATIO = 100
_MAX_NAMED = 10
_ENCRYPTED = 0x1
_KEEPS_TO_ITS_LIST = [0, 12]


def load_skops(path: Path, trusted_types: Sequence[str]) -> Model:
    """The object; WorkerFailure names the types that neither skops nor `trusted_types` trusts."""
    must_be_bounded(path)
    skops = library("skops.io", what="a skops file")
    asked = list(skops.get_untrusted_types(file=path))
    untrusted = sorted(set(asked) - set(trusted_types))
    if untrusted:
        listed = ", ".join(untrusted[:_MAX_NAMED])
        raise WorkerFailure(
            "untrusted",
            f"holds types that skops does not trust: {listed}",
            f"trust them in the mlci.yml of the base branch: `trust: {{skops_types: [{listed}]}}`,"
            " or build the model of types that skops trusts",
        )
    return skops.load(path, trusted=asked)


def must_keep_to_its_list(version: str) -> None:
    """WorkerFailure when this skops can be made to run what nobody trusts.

    Releases before 0.12 check another type than they call (CVE-2025-54412, CVE-2025-54413).
    """
    parts = [int(part) for part in re.findall(r"\d+", version)[:2]]
    if parts < _KEEPS_TO_ITS_LIST:
        raise WorkerFailure(
            "untrusted",
            f"is a skops file of a change that may run no code, and skops {version} can be made"
            " to run some",
            "install skops>=0.12 in that environment",
        )


def must_be_bounded(path: Path) -> None:
    """WorkerFailure when the archive claims to hold far more than its size."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise WorkerFailure(
            "format", "is an archive with a password", "save it without one: nobody is asked here"
        )
    claimed = sum(member.file_size for member in members)
    schema = max((m.file_size for m in members if m.filename == "schema.json"), default=0)
    bomb = claimed > max(_FREE_BYTES, _MAX_RATIO * path.stat().st_size)
    if len(members) > _MAX_MEMBERS or schema > _MAX_SCHEMA_BYTES or bomb:
        raise WorkerFailure(
            "format",
            f"is an archive of {len(members)} files that claims to unpack to"
            f" {claimed >> 20} MiB from {path.stat().st_size >> 20}: it is not read",
            "save the model again; no model is packed so tight",
        )
