"""Which bundle is in place at a destination? The one that its pointer, `promoted.json`, names."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum

POINTER = "promoted.json"
POINTER_VERSION = 1
MAX_POINTER_BYTES = 4096
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_BUNDLE = re.compile(r"(?:mlci-bundle-)?([0-9a-f]{16})(?:\.zip)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pointer:
    """bundle: the name of a folder or zip beside it; manifest, model: the digests of its own."""

    bundle: str
    manifest: str
    model: str

    def __post_init__(self) -> None:
        if not all(_DIGEST.fullmatch(digest) for digest in (self.manifest, self.model)):
            raise ValueError("a digest in it is none")
        name = _BUNDLE.fullmatch(self.bundle)
        if name is None or not self.manifest.startswith(f"sha256:{name[1]}"):
            raise ValueError("the bundle's name is not that of its digest")


class PromotionOutcome(StrEnum):
    """What came of it. KEPT: the same model is in place under an earlier manifest, and stays so."""

    PROMOTED = "promoted"
    ALREADY = "already"
    KEPT = "kept"


@dataclass(frozen=True, kw_only=True, slots=True)
class Promotion:
    """What is in place now, and where. manifest, model: digests."""

    outcome: PromotionOutcome
    where: str
    manifest: str
    model: str

    @property
    def already(self) -> bool:
        """Whether nothing had to be done."""
        return self.outcome is not PromotionOutcome.PROMOTED

    @property
    def sentence(self) -> str:
        """It, for a reader."""
        match self.outcome:
            case PromotionOutcome.PROMOTED:
                return f"promoted: {self.where}"
            case PromotionOutcome.ALREADY:
                return f"already in place: {self.where}"
            case PromotionOutcome.KEPT:
                return (
                    f"the same model is already in place: {self.where}; its manifest is another"
                    " one, which --replace would put in its place"
                )


def pointer_to(manifest: str, model: str, *, suffix: str = "") -> Pointer:
    """The pointer to the bundle of that manifest, a folder, or a file with that suffix."""
    name = f"mlci-bundle-{short_name(manifest)}{suffix}" if suffix else short_name(manifest)
    return Pointer(bundle=name, manifest=manifest, model=model)


def short_name(manifest: str) -> str:
    """What a bundle's folder is called at a destination, by the digest of its manifest."""
    return manifest.removeprefix("sha256:")[:16]


def pointer_to_json(pointer: Pointer) -> str:
    """The text of promoted.json."""
    document = {
        "version": POINTER_VERSION,
        "bundle": pointer.bundle,
        "manifest": pointer.manifest,
        "model": pointer.model,
    }
    return json.dumps(document, indent=1) + "\n"


def pointer_from_json(data: bytes) -> Pointer:
    """The pointer in a promoted.json, which nobody vouches for; ValueError says what is wrong."""
    if len(data) > MAX_POINTER_BYTES:
        raise ValueError(f"it is longer than {MAX_POINTER_BYTES:,} bytes")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is not JSON") from error
    match document:
        case {"version": 1, "bundle": str(bundle), "manifest": str(manifest), "model": str(model)}:
            return Pointer(bundle=bundle, manifest=manifest, model=model)
        case _:
            raise ValueError(f"it is not a pointer of version {POINTER_VERSION}")
