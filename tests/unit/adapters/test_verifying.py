"""One byte of model, manifest or statement is another, and the answer is no."""

from __future__ import annotations

import base64
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mlci_action.adapters import signatures
from mlci_action.adapters.bundles import Bundle, pack
from mlci_action.adapters.verifying import Verified, verify
from mlci_action.domain.bundle_names import MANIFEST, STATEMENT
from mlci_action.domain.outcomes import Verdict
from mlci_action.errors import MlciError, ModelError
from tests.builders_bundle import make_bundle

Sign = Callable[[bytes], bytes]
_STEP = 9  # of every so many bytes one is changed
_TYPE = "application/vnd.in-toto+json"
_ED25519, _P256 = ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())
_KEYS: dict[str, tuple[Any, Sign]] = {
    "Ed25519": (_ED25519, _ED25519.sign),
    "ECDSA P-256": (_P256, lambda data: _P256.sign(data, ec.ECDSA(SHA256()))),
}


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return make_bundle(tmp_path / "bundle")


def public(path: Path, key: Any) -> Path:  # noqa: ANN401 - a private key of any kind
    path.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return path


def envelope(payload: bytes, sign: Sign = _ED25519.sign, kind: str = _TYPE) -> dict[str, Any]:
    """As DSSE has it, signed over the pre-authentication encoding."""
    signed = f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload
    return {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": kind,
        "signatures": [{"sig": base64.b64encode(sign(signed)).decode()}],
    }


def statement_of(bundle: Bundle) -> bytes:
    return (bundle.folder / STATEMENT).read_bytes()


def written(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def failed(found: Verified) -> str:
    assert not found.holds
    assert found.failed == found.steps[-1]
    return found.steps[-1].name


def test_the_bytes_that_passed_are_told_step_by_step(bundle: Bundle) -> None:
    found = verify(
        bundle.model,
        bundle.folder / MANIFEST,
        attestation=bundle.folder / STATEMENT,
        digest=bundle.manifest.model.digest,
    )
    assert found.holds
    assert [step.name for step in found.steps] == [
        *("manifest", "verdict", "model", "digest", "attestation")
    ]
    assert found.steps[-1].sentence.endswith("nobody signed it")
    assert found.model_digest == bundle.manifest.model.digest
    assert found.as_mapping()["verified"] is True


def test_a_bundle_brings_its_manifest_as_a_folder_and_as_a_zip(
    bundle: Bundle, tmp_path: Path
) -> None:
    pack(bundle, tmp_path / "x.zip")
    for model in (bundle.folder, tmp_path / "x.zip"):
        assert verify(model).holds
        assert verify(model, bundle.folder / MANIFEST).holds
    other = make_bundle(tmp_path / "other", commit="d" * 40)
    assert failed(verify(bundle.folder, other.folder / MANIFEST)) == "manifest"


def test_a_manifest_that_nobody_vouches_for_is_told(bundle: Bundle) -> None:
    known = bundle.folder / MANIFEST
    assert "nobody vouches" in verify(bundle.model, known).steps[-1].sentence
    vouched = verify(bundle.model, known, digest=bundle.manifest.model.digest)
    assert not any("nobody vouches" in step.sentence for step in vouched.steps)


def test_one_changed_byte_anywhere_is_a_no(bundle: Bundle) -> None:
    places = {"model.joblib": "model", MANIFEST: "", STATEMENT: "attestation"}
    for name, step in places.items():
        path = bundle.folder / name
        whole = path.read_bytes()
        for at in range(0, len(whole), _STEP):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            found = verify(
                bundle.model, bundle.folder / MANIFEST, attestation=bundle.folder / STATEMENT
            )
            assert failed(found) == (step or found.steps[-1].name)
        path.write_bytes(whole)
    assert verify(bundle.folder).holds


@pytest.mark.parametrize("name", ["model.joblib", MANIFEST, "profile.json"])
def test_a_damaged_bundle_is_a_no(bundle: Bundle, name: str) -> None:
    with (bundle.folder / name).open("ab") as file:
        file.write(b"{")
    assert failed(verify(bundle.folder)) == "manifest"


@pytest.mark.parametrize(
    ("verdict", "deploy", "held"),
    [
        (Verdict.PASS, True, True),
        (Verdict.INCONCLUSIVE, True, True),
        (Verdict.PASS, False, False),
        (Verdict.INCONCLUSIVE, False, False),
        (Verdict.FAIL, False, False),
        (Verdict.ERROR, False, False),
    ],
)
def test_only_a_model_that_may_be_deployed_is_a_yes(
    tmp_path: Path, verdict: Verdict, *, deploy: bool, held: bool
) -> None:
    found = verify(make_bundle(tmp_path / "b", verdict=verdict, deploy=deploy).folder)
    assert found.holds is held
    assert held or failed(found) == "verdict"


def test_another_model_is_a_no_at_the_step_that_saw_it(bundle: Bundle, tmp_path: Path) -> None:
    other = make_bundle(tmp_path / "other", model=b"another model")
    known = bundle.folder / MANIFEST
    assert failed(verify(other.model, known)) == "model"
    assert failed(verify(bundle.folder, digest=other.manifest.model.digest)) == "digest"
    found = verify(bundle.folder, attestation=other.folder / STATEMENT)
    assert failed(found) == "attestation"
    assert "is not about this model" in found.steps[-1].sentence


@pytest.mark.parametrize(("key", "sign"), _KEYS.values(), ids=_KEYS.keys())
def test_an_attestation_is_held_against_the_key(
    bundle: Bundle, tmp_path: Path, key: object, sign: Sign
) -> None:
    known = public(tmp_path / "key.pem", key)
    signed = envelope(statement_of(bundle), sign)
    forms = {
        "dsse.json": signed,
        "bundle.json": {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
                        "verificationMaterial": {}, "dsseEnvelope": signed},
    }  # fmt: skip
    for name, document in forms.items():
        path = written(tmp_path / name, document)
        found = verify(bundle.folder, attestation=path, key=known)
        assert found.holds
        assert found.steps[-1].sentence.endswith("its signature is that of the key")
        unsigned = verify(bundle.folder, attestation=path).steps[-1]
        assert unsigned.held
        assert "was not checked here" in unsigned.sentence


@pytest.mark.parametrize(("key", "sign"), _KEYS.values(), ids=_KEYS.keys())
def test_what_another_key_signed_is_a_no(
    bundle: Bundle, tmp_path: Path, key: object, sign: Sign
) -> None:
    """Another key, another text, a signature that is none, or none at all."""
    stranger = public(tmp_path / "key.pem", ed25519.Ed25519PrivateKey.generate())
    known = public(tmp_path / "own.pem", key)
    signed = envelope(statement_of(bundle), sign)
    path = written(tmp_path / "dsse.json", signed)
    assert failed(verify(bundle.folder, attestation=path, key=stranger)) == "attestation"
    for forged in (b"", b"x", bytes(64), base64.b64decode(signed["signatures"][0]["sig"])[:-1]):
        sig = {"sig": base64.b64encode(forged).decode()}
        path = written(tmp_path / "dsse.json", {**signed, "signatures": [sig]})
        assert failed(verify(bundle.folder, attestation=path, key=known)) == "attestation"
    other = envelope(statement_of(bundle) + b" ", sign)
    path = written(tmp_path / "dsse.json", {**other, "payload": signed["payload"]})
    assert failed(verify(bundle.folder, attestation=path, key=known)) == "attestation"
    plain = bundle.folder / STATEMENT
    found = verify(bundle.folder, attestation=plain, key=known)
    assert "has no signature, and a key was given" in found.steps[-1].sentence


def test_one_of_several_attestations_is_enough(bundle: Bundle, tmp_path: Path) -> None:
    other = make_bundle(tmp_path / "other", model=b"another model")
    lines = [json.dumps({"dsseEnvelope": envelope(statement_of(one))}) for one in (other, bundle)]
    path = tmp_path / "attestations.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert verify(bundle.folder, attestation=path).holds
    path.write_text("\n".join([lines[0]] * 2), encoding="utf-8")
    found = verify(bundle.folder, attestation=path)
    assert failed(found) == "attestation"
    assert "none of its 2 statements does" in found.steps[-1].sentence


def _without(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda statement: statement.pop(name)


_SAYS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "failed": (lambda s: s["predicate"].update(result="FAILED"), "does not say that the tests"),
    "no result": (lambda s: s["predicate"].pop("result"), "does not say that the tests"),
    "no predicate": (_without("predicate"), "does not say that the tests"),
    "a predicate that is a list": (lambda s: s.update(predicate=[]), "does not say that the tests"),
    "another predicate": (
        lambda s: s.update(predicateType="https://slsa.dev/provenance/v1"), "something else than",
    ),
    "no subject": (_without("subject"), "not about this model"),
    "a subject that is a text": (lambda s: s.update(subject="model"), "not about this model"),
    "odd subjects": (lambda s: s.update(subject=[1, {"digest": 2}, {}]), "not about this model"),
    "the model alone": (lambda s: s["subject"].pop(), "not about this manifest"),
    "the manifest alone": (lambda s: s["subject"].pop(0), "not about this model"),
    "fewer limits": (lambda s: s["predicate"]["configuration"].pop(0), "something else of"),
    "other checks": (lambda s: s["predicate"]["passedTests"].append("x"), "something else of"),
    "another kind of statement": (lambda s: s.update(_type="x"), "no in-toto statement"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "why"), _SAYS.values(), ids=_SAYS.keys())
@pytest.mark.parametrize("signed", [True, False], ids=["signed", "plain"])
def test_an_attestation_that_says_something_else_is_a_no(
    bundle: Bundle,
    tmp_path: Path,
    change: Callable[[dict[str, Any]], object],
    why: str,
    *,
    signed: bool,
) -> None:
    statement = json.loads(statement_of(bundle))
    change(statement)
    document = envelope(json.dumps(statement).encode()) if signed else statement
    found = verify(bundle.folder, attestation=written(tmp_path / "a.json", document))
    assert failed(found) == "attestation"
    assert why in found.steps[-1].sentence


_NONE: dict[str, object] = {
    "nothing": {},
    "a list": [],
    "a number": 1,
    "another payload": envelope(b"{}", kind="application/vnd.cyclonedx+json"),
    "a payload that is no JSON": envelope(b"{"),
    "a payload that is a list": envelope(b"[]"),
    "a payload that is no text": envelope(b"\xff"),
    "no base64": {**envelope(b"{}"), "payload": "?"},
    "letters that are no base64": {**envelope(b"{}"), "payload": "üü"},
    "a payload of null": {**envelope(b"{}"), "payload": None},
    "no signature": {**envelope(b"{}"), "signatures": []},
    "signatures that are none": {**envelope(b"{}"), "signatures": [1]},
    "a signed digest": {"mediaType": "x", "messageSignature": {"signature": "x"}},
    "an envelope of null": {"dsseEnvelope": None},
}


@pytest.mark.parametrize("document", _NONE.values(), ids=_NONE.keys())
def test_what_is_no_attestation_is_a_no(bundle: Bundle, tmp_path: Path, document: object) -> None:
    found = verify(bundle.folder, attestation=written(tmp_path / "a.json", document))
    assert failed(found) == "attestation"
    assert "is no in-toto statement" in found.steps[-1].sentence
    assert "\n" not in found.steps[-1].sentence


_SPOILT: dict[str, Callable[[dict[str, Any]], object]] = {
    "another payload": lambda e: e.update(payloadType="application/vnd.cyclonedx+json"),
    "no signature": lambda e: e.update(signatures=[]),
    "a letter that is no base64": lambda e: e.update(payload="?" + e["payload"]),
}


@pytest.mark.parametrize("spoil", _SPOILT.values(), ids=_SPOILT.keys())
def test_an_envelope_is_taken_to_the_letter(
    bundle: Bundle, tmp_path: Path, spoil: Callable[[dict[str, Any]], object]
) -> None:
    """What is in it is the right statement."""
    found = envelope(statement_of(bundle))
    spoil(found)
    said = verify(bundle.folder, attestation=written(tmp_path / "a.json", found))
    assert failed(said) == "attestation"


@pytest.mark.parametrize("text", ["", "{", "\0", "{}\n{}", "[" * 50_000, "{\n}\n", "x\n" * 2_000])
def test_text_that_is_no_attestation_is_a_no(bundle: Bundle, tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    assert failed(verify(bundle.folder, attestation=tmp_path / "a.json")) == "attestation"


def test_what_cannot_be_looked_at_is_an_error(bundle: Bundle, tmp_path: Path) -> None:
    known, gone = bundle.folder / MANIFEST, tmp_path / "gone"
    key = public(tmp_path / "rsa.pem", rsa.generate_private_key(65537, 2048))
    p384 = public(tmp_path / "p384.pem", ec.generate_private_key(ec.SECP384R1()))
    calls: dict[str, Callable[[], Verified]] = {
        "no model": lambda: verify(gone, known),
        "no manifest": lambda: verify(bundle.model, gone),
        "is no bundle": lambda: verify(bundle.model),
        "is no digest": lambda: verify(bundle.model, known, digest="true"),
        "no attestation at": lambda: verify(bundle.model, known, attestation=gone),
        "a key alone": lambda: verify(bundle.model, known, key=key),
        "no public key": lambda: verify(bundle.model, known, attestation=known, key=known),
        "of another kind": lambda: verify(bundle.model, known, attestation=known, key=key),
        r"of another kind \(": lambda: verify(bundle.model, known, attestation=known, key=p384),
    }
    for why, call in calls.items():
        with pytest.raises(MlciError, match=why):
            call()
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    with pytest.raises(ModelError, match="is empty"):
        verify(empty, known)


def test_without_the_library_a_key_is_refused_by_name(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    key = public(tmp_path / "key.pem", _ED25519)
    with pytest.raises(MlciError, match=r"mlci-action\[signatures\]"):
        signatures.read_public_key(key)
    assert verify(bundle.folder, attestation=bundle.folder / STATEMENT).holds


def test_a_model_folder_is_held_against_its_manifest(tmp_path: Path) -> None:
    source = tmp_path / "risk"
    source.mkdir()
    (source / "MLmodel").write_text("x", encoding="utf-8")
    known = make_bundle(tmp_path / "bundle", model=source).folder / MANIFEST
    assert verify(source, known).holds
    shutil.copy(source / "MLmodel", source / "more")
    assert failed(verify(source, known)) == "model"
