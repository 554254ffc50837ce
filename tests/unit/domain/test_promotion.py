from __future__ import annotations

import pytest

from mlci_action.domain.promotion import Pointer, pointer_from_json, pointer_to, pointer_to_json

MANIFEST = "sha256:" + "0123456789abcdef" * 4
MODEL = "sha256:" + "f" * 64


@pytest.mark.parametrize(
    ("suffix", "name"),
    [("", "0123456789abcdef"), (".zip", "mlci-bundle-0123456789abcdef.zip")],
)
def test_a_pointer_names_a_bundle_by_its_digest_and_reads_back(suffix: str, name: str) -> None:
    pointer = pointer_to(MANIFEST, MODEL, suffix=suffix)
    assert pointer == Pointer(bundle=name, manifest=MANIFEST, model=MODEL)
    assert pointer_from_json(pointer_to_json(pointer).encode()) == pointer


@pytest.mark.parametrize(
    ("bundle", "manifest", "model"),
    [
        ("fedcba9876543210", MANIFEST, MODEL),
        ("../0123456789abcdef", MANIFEST, MODEL),
        ("0123456789abcdef/..", MANIFEST, MODEL),
        ("", MANIFEST, MODEL),
        ("0123456789abcdef", MANIFEST.upper(), MODEL),
        ("0123456789abcdef", MANIFEST[:-1], MODEL),
        ("0123456789abcdef", MANIFEST, "sha256:"),
        ("0123456789abcdef\n", MANIFEST, MODEL),
    ],
)
def test_a_pointer_to_anything_but_a_bundle_beside_it_is_none(
    bundle: str, manifest: str, model: str
) -> None:
    with pytest.raises(ValueError, match=r"digest"):
        Pointer(bundle=bundle, manifest=manifest, model=model)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", b"null", b"[" * 4000, b'{"version": 1}', b'{"version": true}', b" " * 5000],
)
def test_what_is_no_pointer_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"^it is "):
        pointer_from_json(data)
