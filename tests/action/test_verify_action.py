"""Does verify/action.yml keep what it promises, as far as its text can show?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
TOP: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "verify/action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = MANIFEST["runs"]["steps"]
INSTALL, VERIFY = STEPS
VERDICT = next(step for step in TOP["runs"]["steps"] if step["id"] == "verdict")


def test_verified_is_true_or_false_whatever_happens_to_the_step() -> None:
    values = {name: entry["value"] for name, entry in MANIFEST["outputs"].items()}
    assert values == {
        "verified": "${{ steps.verify.outcome == 'success' "
        "&& steps.verify.outputs.verified == 'true' && 'true' || 'false' }}",
        "model-digest": "${{ steps.verify.outcome == 'success' "
        "&& steps.verify.outputs.model-digest || '' }}",
    }


def test_an_input_that_is_left_out_is_none_and_never_empty() -> None:
    inputs = MANIFEST["inputs"]
    assert list(inputs) == ["model", "manifest", "attestation", "model-digest"]
    assert inputs["model"]["required"] is True
    assert "default" not in inputs["model"]
    assert {entry.get("default", "none") for entry in inputs.values()} == {"none"}
    given = {key: value for key, value in VERIFY["env"].items() if "INPUT" in key}
    assert given == {
        f"MLCI_INPUT_{name.upper().replace('-', '_')}": f"${{{{ inputs.{name} }}}}"
        for name in inputs
    }


def test_it_is_installed_and_guarded_as_the_gate_is() -> None:
    top = TOP["runs"]["steps"][0]
    assert {**top, "run": top["run"].replace('PATH"\n', 'PATH/.."\n')} == INSTALL
    assert VERIFY["shell"] == VERDICT["shell"].removesuffix("verdict") + "verify"
    assert VERIFY["run"].splitlines()[1:] == VERDICT["run"].splitlines()[1:]

    def kept(step: dict[str, Any]) -> dict[str, str]:
        evaluated = ("MLCI_INPUT", "MLCI_INSTALL", "MLCI_FETCH", "MLCI_EVALUATE")
        return {key: value for key, value in step["env"].items() if not key.startswith(evaluated)}

    assert kept(VERIFY) == kept(VERDICT)


def test_it_has_no_token_and_no_condition_and_uses_no_other_action() -> None:
    text = (ROOT / "verify/action.yml").read_text(encoding="utf-8")
    assert [
        word for word in ("token", "secrets.", "uses:", "continue-on-error") if word in text
    ] == []
    assert "if" not in VERIFY
