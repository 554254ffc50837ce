"""How does a manifest become JSON, and a JSON that nobody vouches for a manifest again?

The same manifest gives the same bytes, whose digest is that of the bundle.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from mlci_action.domain.bundle_names import DERIVED, MANIFEST, is_plain_path
from mlci_action.domain.manifest import MANIFEST_VERSION, Manifest
from mlci_action.errors import BundleError
from mlci_action.rendering.fits import misfit
from mlci_action.rendering.manifest_fields import document_of, manifest_of_document
from mlci_action.rendering.manifest_schema import MAX_CHARACTERS, manifest_schema
from mlci_action.rendering.strict_json import parsed, plain_values, unsafe

__all__ = ["digest_of_manifest", "manifest_from_json", "manifest_schema", "manifest_to_json"]

_HINT = "take manifest.json as the gate wrote it; this one is damaged, edited or of another version"
_TOO_MUCH = "the gate cannot bind a verdict to this: is there a name or a list without end in it?"


def manifest_to_json(manifest: Manifest) -> str:
    """The text of manifest.json, which `manifest_from_json` reads again; BundleError if it cannot.

    NaN and infinity are null, keys are sorted.
    """
    document = plain_values(document_of(manifest))
    problem = _problem(document)
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False, sort_keys=True)
    if problem or len(text) >= MAX_CHARACTERS:
        raise BundleError(
            f"no manifest can be written: {problem or _too_long(text)}", hint=_TOO_MUCH
        )
    return text + "\n"


def manifest_from_json(text: str) -> Manifest:
    """The manifest that `text` holds; BundleError when it is anything but one. Trusts nothing."""
    if len(text) > MAX_CHARACTERS:
        raise BundleError(f"this is no manifest: {_too_long(text)}", hint=_HINT)
    try:
        document = parsed(text)
    except ValueError as error:
        raise BundleError(f"the manifest is not JSON: {error}", hint=_HINT) from error
    problem = _problem(document)
    if problem:
        raise BundleError(
            f"this is not a manifest of version {MANIFEST_VERSION}: {problem}", hint=_HINT
        )
    try:
        return manifest_of_document(document)
    except ValueError as error:
        raise BundleError(f"this is not a manifest: {error}", hint=_HINT) from error


def digest_of_manifest(text: str) -> str:
    """SHA-256 of the file with that text, as `sha256:...`: the digest of its bundle."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _too_long(text: str) -> str:
    return f"it has {len(text):,} characters, more than the {MAX_CHARACTERS:,} allowed"


def _problem(document: Any) -> str | None:  # noqa: ANN401 - any JSON value
    """Why that is no manifest; None when it is one."""
    return misfit(document, manifest_schema(), "manifest") or unsafe(document) or _names(document)


def _names(document: dict[str, Any]) -> str | None:
    """Which file of the bundle has a name that another system could take for another file's."""
    paths = [document["model"]["path"], *(entry["path"] for entry in document["files"])]
    if not all(is_plain_path(path) for path in paths):
        return "a path is not a plain relative one"
    folded = [path.casefold() for path in (*paths, MANIFEST, *DERIVED)]
    if len(set(folded)) != len(folded):
        return "a path stands twice in it, or is that of a file which is not listed"
    tops = {path.casefold() for path in paths}
    if any(path.casefold().rpartition("/")[0] in tops for path in paths):
        return "a path lies within another"
    return None
