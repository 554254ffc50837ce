"""Which in-toto statements are in a file, and who signed them? Nothing in it is trusted.

It may be a plain statement, a DSSE envelope, a Sigstore bundle around one, or one of those a line,
as `gh attestation download` writes them.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlci_action.adapters.model_bytes.streams import open_regular
from mlci_action.errors import BundleError, MlciError
from mlci_action.rendering.attestation import PAYLOAD_TYPE, STATEMENT_TYPE
from mlci_action.rendering.plain import one_line
from mlci_action.rendering.strict_json import parsed

_MAX_BYTES = 16 << 20
_MAX_STATEMENTS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Attestation:
    """A statement, and the signatures over `signed`; a plain statement has none."""

    statement: dict[str, Any]
    signed: bytes = b""
    signatures: tuple[bytes, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether nobody signed it."""
        return not self.signatures


def read_attestations(path: Path) -> tuple[Attestation, ...]:
    """All that the file holds. BundleError when it holds anything else; MlciError when it cannot be
    read at all.
    """
    try:
        with open_regular(path) as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise MlciError(
            f"no attestation at {one_line(str(path))!r}: {error.strerror or error}",
            hint="name the file that `actions/attest` or `gh attestation download` wrote",
        ) from error
    if len(data) > _MAX_BYTES:
        raise BundleError("the attestation is larger than any")
    try:
        found = tuple(_attestation(one) for one in _documents(data.decode()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        why = error if isinstance(error, _NoStatement) else "it is damaged, or of another kind"
        raise BundleError(f"the attestation is no in-toto statement: {why}") from error
    return found


class _NoStatement(ValueError):
    """Says why not."""


def _documents(text: str) -> Iterable[Any]:
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and all(
        line.startswith("{") and line.rstrip().endswith("}") for line in lines
    ):
        if len(lines) > _MAX_STATEMENTS:
            raise _NoStatement(f"it has more than {_MAX_STATEMENTS:,} lines")
        return [parsed(line) for line in lines]
    return [parsed(text)]


def _attestation(document: dict[str, Any]) -> Attestation:
    if "_type" in document:
        return Attestation(statement=_statement(document))
    envelope = document.get("dsseEnvelope", document)
    kind = envelope["payloadType"]
    if kind != PAYLOAD_TYPE:
        raise _NoStatement(f"its payload is {one_line(str(kind), 100)!r}")
    payload = _decoded(envelope["payload"])
    signatures = tuple(_decoded(one["sig"]) for one in envelope["signatures"])
    if not signatures:
        raise _NoStatement("its envelope has no signature")
    # What DSSE signs: https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md
    head = f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode()
    return Attestation(
        statement=_statement(parsed(payload.decode())), signed=head + payload, signatures=signatures
    )


def _statement(document: dict[str, Any]) -> dict[str, Any]:
    if document.get("_type") != STATEMENT_TYPE:
        raise _NoStatement("it is not a statement of version 1")
    return document


def _decoded(text: str) -> bytes:
    """Of base64; DSSE allows both alphabets."""
    try:
        return base64.b64decode(text.translate(str.maketrans("-_", "+/")), validate=True)
    except binascii.Error as error:
        raise _NoStatement("a part of its envelope is not base64") from error
