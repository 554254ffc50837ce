"""Which models has an evaluation set judged here? Kept in the report folder, from run to run."""

from __future__ import annotations

import json
import re
from pathlib import Path

from mlci_action.adapters.report_folder import write_whole
from mlci_action.domain.ledger import Ledger
from mlci_action.errors import MlciError

LEDGER = "ledger.json"
_VERSION = 1
_MAX_BYTES = 8 << 20
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def read_ledger(folder: Path | None) -> Ledger:
    """What earlier runs with the same report folder have judged; nothing where there is no file.

    A file that is none of ours is taken for none: it only ever adds to a warning.
    """
    if folder is None:
        return Ledger()
    try:
        with (folder / LEDGER).open("rb") as stream:
            document = json.loads(stream.read(_MAX_BYTES))
        judged = document["judged"] if document["version"] == _VERSION else {}
        return Ledger(judged={data: _models(models) for data, models in judged.items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Ledger()


def write_ledger(ledger: Ledger, folder: Path) -> None:
    """Keep it for the next run. MlciError when it cannot be written."""
    judged = {data: list(models) for data, models in ledger.judged.items()}
    try:
        write_whole(folder / LEDGER, json.dumps({"version": _VERSION, "judged": judged}) + "\n")
    except OSError as error:
        raise MlciError(
            f"cannot write {LEDGER} to {folder}: {error.strerror or error}",
            hint="choose another folder with --output",
        ) from error


def _models(found: object) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(
        isinstance(model, str) and _DIGEST.fullmatch(model) for model in found
    ):
        raise TypeError("no list of digests")
    return tuple(found)
