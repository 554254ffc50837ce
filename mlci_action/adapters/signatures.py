"""Did this key make that signature? Needs the package cryptography, an extra."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from mlci_action.adapters.model_bytes.streams import open_regular
from mlci_action.errors import MlciError
from mlci_action.rendering.plain import one_line

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    PublicKey: TypeAlias = EllipticCurvePublicKey | Ed25519PublicKey

_MAX_KEY_BYTES = 1 << 16
_P256 = "secp256r1"


def read_public_key(path: Path) -> PublicKey:
    """The key in a PEM file, ECDSA on P-256 or Ed25519.

    MlciError when there is none of those, or the library that checks signatures is not here.
    """
    try:
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519  # noqa: PLC0415
    except ImportError as error:
        raise MlciError(
            "a signature can only be checked with the package cryptography, which is not here",
            hint="pip install 'mlci-action[signatures]', or run `gh attestation verify` beside it",
        ) from error
    named = f"{one_line(str(path))!r}"
    try:
        with open_regular(path) as stream:
            key = serialization.load_pem_public_key(stream.read(_MAX_KEY_BYTES))
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise MlciError(
            f"no public key can be read at {named}", hint="name a PEM file: BEGIN PUBLIC KEY"
        ) from error
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == _P256:
        return key
    raise MlciError(f"the key at {named} is of another kind", hint="use ECDSA P-256 or Ed25519")


def made_by(key: PublicKey, signature: bytes, signed: bytes) -> bool:
    """Whether that key signed those bytes; ECDSA over their SHA-256."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, signed)
        else:
            key.verify(signature, signed, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
