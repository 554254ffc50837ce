"""Which names may stand in a bundle? Plain relative ones, the same on every system."""

from __future__ import annotations

import re

MANIFEST = "manifest.json"
PROFILE = "profile.json"
PREDICTIONS = "predictions.npz"
ENVIRONMENT = "environment.txt"
TRAIN_PROFILE = "train_profile.json"
MLBOM = "mlbom.cdx.json"
STATEMENT = "statement.intoto.json"

DERIVED = (MLBOM, STATEMENT)  # made from the manifest, which therefore cannot name them
RESERVED = (MANIFEST, PROFILE, PREDICTIONS, ENVIRONMENT, TRAIN_PROFILE, *DERIVED)

MAX_PATH = 1_000
_UNPLAIN = r"\x00-\x1f\x7f/\\:*?\"<>|"
# A component that is not dots alone, then further ones.
_COMPONENT = rf"(?!\.{{1,2}}(?:/|$))[^{_UNPLAIN}]+"
PLAIN_PATH = rf"^{_COMPONENT}(?:/{_COMPONENT})*$"


def is_plain_path(path: str) -> bool:
    """Whether it is relative, stays inside, and names the same file wherever it is unpacked."""
    return 0 < len(path) <= MAX_PATH and re.fullmatch(PLAIN_PATH, path) is not None


def name_in_bundle(name: str) -> str:
    """What a model with that file name is called in a bundle; mostly its own name."""
    plain = re.sub(rf"[{_UNPLAIN}]|[\ud800-\udfff]", "_", name)[-200:]
    if plain.strip(".") == "":
        return "model"
    return f"model-{plain}" if plain.casefold() in RESERVED or plain.startswith(".") else plain
