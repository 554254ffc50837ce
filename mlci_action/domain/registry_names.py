"""How does a model registry say what a version is? By these tags, and where its bundle lies."""

from __future__ import annotations

import re
from collections.abc import Mapping

MANIFEST_TAG = "mlci.manifest"  # the digest of the bundle's manifest
MODEL_TAG = "mlci.model"  # the digest of the model
COMMIT_TAG = "mlci.commit"

# A name that nothing else among the artifacts of a run has.
BUNDLE_FOLDER = "mlci-bundle"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def promoted_manifest(tags: Mapping[str, str]) -> str | None:
    """The manifest's digest of a version that was promoted; None of any other version."""
    return _digest(tags, MANIFEST_TAG)


def promoted_model(tags: Mapping[str, str]) -> str | None:
    """The model's digest of a version that was promoted; None of any other version."""
    return _digest(tags, MODEL_TAG) if promoted_manifest(tags) else None


def bundle_folder(path: str) -> str | None:
    """The folder of a bundle, by its own path or its model's; None when `path` is in none."""
    found = re.fullmatch(rf"(.*?(?:^|/){BUNDLE_FOLDER})(?:/[^/]+)?", path)
    return found[1] if found else None


def _digest(tags: Mapping[str, str], tag: str) -> str | None:
    value = tags.get(tag, "")
    return value if _DIGEST.fullmatch(value) else None
