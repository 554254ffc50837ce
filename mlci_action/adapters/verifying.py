"""Are these the bytes that passed? Step by step, and the first that does not hold ends it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlci_action.adapters.attestations import Attestation, read_attestations
from mlci_action.adapters.bundles import is_bundle, open_bundle, read_manifest_text
from mlci_action.adapters.model_files import digest_of_model
from mlci_action.adapters.signatures import made_by, read_public_key
from mlci_action.domain.manifest import Manifest
from mlci_action.errors import BundleError, MlciError
from mlci_action.rendering.attestation import PREDICATE_TYPE, predicate_of, statement_of
from mlci_action.rendering.manifest_json import digest_of_manifest, manifest_from_json
from mlci_action.rendering.plain import one_line

if TYPE_CHECKING:
    from mlci_action.adapters.signatures import PublicKey

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_MAY_DEPLOY = ("PASSED", "WARNED")
_UNVOUCHED = (
    "nobody vouches for the manifest: give the attestation, or the digest of the gate's job"
)
_UNSIGNED = "its signature was not checked here: `gh attestation verify` does, or --key"
_PLAIN = "nobody signed it"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One thing that was looked at: `manifest`, `verdict`, `model`, `digest` or `attestation`."""

    name: str
    held: bool
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """What was looked at, in this order; only the last of `steps` can be one that does not hold.

    model_digest: of the bytes at hand, None where they were not reached.
    """

    steps: tuple[Step, ...]
    model_digest: str | None = None

    @property
    def holds(self) -> bool:
        """Whether these are the bytes that passed."""
        return self.failed is None and bool(self.steps)

    @property
    def failed(self) -> Step | None:
        """The step that does not hold."""
        return next((step for step in self.steps if not step.held), None)

    def as_mapping(self) -> dict[str, Any]:
        """The same as JSON values."""
        steps = [
            {"step": one.name, "held": one.held, "message": one.sentence} for one in self.steps
        ]
        return {"verified": self.holds, "model_digest": self.model_digest, "steps": steps}


def verify(
    model: Path,
    manifest: Path | None = None,
    *,
    attestation: Path | None = None,
    digest: str | None = None,
    key: Path | None = None,
) -> Verified:
    """Whether the bytes at `model` are those that the manifest says may be deployed.

    model: a file, the folder of an MLflow model, or a bundle (folder or zip), which has its
    manifest in it. attestation: a file of in-toto statements. digest: of the model, as the gate's
    job gave it. key: a PEM file; what it did not sign is no attestation. MlciError when there is
    nothing to look at, or it cannot be looked at.
    """
    _check_request(model, manifest, attestation, digest, key)
    public = None if key is None else read_public_key(key)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            found = _at_hand(model, manifest, Path(scratch))
        except BundleError as error:
            return Verified(steps=(Step(name="manifest", held=False, sentence=error.message),))
    questions: dict[str, Callable[[_AtHand], str]] = {"manifest": _is_manifest, "verdict": _verdict}
    questions["model"] = partial(_model, vouched=attestation is not None or digest is not None)
    if digest is not None:
        questions["digest"] = partial(_digest, digest)
    if attestation is not None:
        questions["attestation"] = partial(_attested, attestation, public)
    return Verified(steps=_answers(found, questions), model_digest=found.model_digest)


@dataclass(frozen=True, kw_only=True, slots=True)
class _AtHand:
    """What there is; digest: of the manifest's file."""

    model_digest: str
    manifest: Manifest
    digest: str


class _No(Exception):
    """It does not hold; the text says why."""


def _check_request(
    model: Path,
    manifest: Path | None,
    attestation: Path | None,
    digest: str | None,
    key: Path | None,
) -> None:
    if not model.exists():
        raise MlciError(
            f"there is no model at {_shown(model)}", hint="was it downloaded to that path?"
        )
    if manifest is None and not is_bundle(model):
        raise MlciError(
            f"{_shown(model)} is no bundle, so its manifest must be named",
            hint="add --manifest manifest.json",
        )
    if manifest is not None and not manifest.is_file():
        raise MlciError(
            f"there is no manifest at {_shown(manifest)}",
            hint="it is manifest.json in the report folder, the output `manifest-path`",
        )
    if digest is not None and not _DIGEST.fullmatch(digest):
        raise MlciError(
            f"{one_line(digest, 100)!r} is no digest",
            hint="write sha256: and 64 hex digits, as the output `model-digest` has it",
        )
    if key is not None and attestation is None:
        raise MlciError("a key alone checks nothing", hint="add --attestation FILE")


def _at_hand(model: Path, manifest: Path | None, scratch: Path) -> _AtHand:
    """BundleError when the manifest or the bundle is damaged; ModelError when the model is none."""
    bundle = open_bundle(model, scratch) if is_bundle(model) else None
    if manifest is not None:
        text = read_manifest_text(manifest)
        known, digest = manifest_from_json(text), digest_of_manifest(text)
        if bundle is not None and bundle.digest != digest:
            raise BundleError(
                f"the bundle {_shown(model)} has another manifest than {_shown(manifest)}"
            )
    elif bundle is not None:
        known, digest = bundle.manifest, bundle.digest
    path = model if bundle is None else bundle.model
    return _AtHand(
        model_digest=digest_of_model(path, who="the model"), manifest=known, digest=digest
    )


def _answers(found: _AtHand, questions: dict[str, Callable[[_AtHand], str]]) -> tuple[Step, ...]:
    steps = []
    for name, ask in questions.items():
        try:
            steps.append(Step(name=name, held=True, sentence=ask(found)))
        except _No as no:
            return (*steps, Step(name=name, held=False, sentence=str(no)))
    return tuple(steps)


def _is_manifest(found: _AtHand) -> str:
    return f"the manifest can be read; its digest is {found.digest}"


def _verdict(found: _AtHand) -> str:
    known = found.manifest
    if not known.passed:
        why = f": {one_line(known.reasons[0])}" if known.reasons else ""
        said = "may be deployed" if known.deploy else "is not to be deployed"
        raise _No(f"its verdict is {known.verdict}, and the model {said}{why}")
    return f"its verdict is {known.verdict}, and the model may be deployed"


def _model(found: _AtHand, *, vouched: bool) -> str:
    judged = found.manifest.model.digest
    if found.model_digest != judged:
        raise _No(f"the model has the digest {found.model_digest}, and {judged} was judged")
    note = "" if vouched else f"; {_UNVOUCHED}"
    return f"the model has the digest that was judged, {judged}{note}"


def _digest(expected: str, found: _AtHand) -> str:
    if found.model_digest != expected:
        raise _No(f"the gate's job judged {expected}, and the model has {found.model_digest}")
    return "it is the model of the gate's job"


def _attested(path: Path, key: PublicKey | None, found: _AtHand) -> str:
    try:
        attestations = read_attestations(path)
    except BundleError as error:
        raise _No(error.message) from error
    reasons = [next(_objections(one, key, found), None) for one in attestations]
    if None in reasons:
        signed = not attestations[reasons.index(None)].is_plain
        checked = "its signature is that of the key" if key else _UNSIGNED if signed else _PLAIN
        return f"the attestation is about this model and this manifest, and says passed; {checked}"
    others = f" (none of its {len(reasons)} statements does)" if len(reasons) > 1 else ""
    raise _No(f"the attestation {reasons[0]}{others}")


def _objections(one: Attestation, key: PublicKey | None, found: _AtHand) -> Iterator[str]:
    """Why it does not vouch for what is at hand, continuing "the attestation"."""
    if key is not None and one.is_plain:
        yield "has no signature, and a key was given"
    if key is not None and not any(made_by(key, sig, one.signed) for sig in one.signatures):
        yield "was not signed with that key"
    statement = one.statement
    if statement.get("predicateType") != PREDICATE_TYPE:
        yield "is about something else than the result of tests"
    named = _subjects(statement)
    for what, digest in (("model", found.model_digest), ("manifest", found.digest)):
        if digest not in named:
            yield f"is not about this {what}, {digest}"
    predicate = statement.get("predicate")
    if not isinstance(predicate, dict) or predicate.get("result") not in _MAY_DEPLOY:
        yield "does not say that the tests passed"
    if predicate != predicate_of(found.manifest, found.digest):
        yield "says something else of the checks than the manifest"
    if one.is_plain and statement != statement_of(found.manifest, found.digest):
        yield "is not the statement that was made of this manifest"


def _subjects(statement: dict[str, Any]) -> set[str]:
    """The digests that it is about; what is none of SHA-256 is left out."""
    listed = statement.get("subject")
    digests = [
        one.get("digest")
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict)
    ]
    return {
        f"sha256:{one['sha256']}" for one in digests if isinstance(one, dict) and "sha256" in one
    }


def _shown(path: Path) -> str:
    return repr(one_line(str(path)))
