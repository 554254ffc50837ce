"""Does promote/action.yml keep what it promises, as far as its text can show?"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
MANIFEST: dict[str, Any] = yaml.safe_load(
    (ROOT / "promote" / "action.yml").read_text(encoding="utf-8")
)
GATE: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = MANIFEST["runs"]["steps"]
BY_ID = {step["id"]: step for step in STEPS}
OF_GATE = {step["id"]: step for step in GATE["runs"]["steps"]}
INPUTS = ("report", "to", "replace", "model-digest")


def given(step: str) -> dict[str, str]:
    env: dict[str, str] = BY_ID[step]["env"]
    return env


def blank(env: dict[str, str]) -> set[str]:
    return {name for name, value in env.items() if value == ""}


def test_it_installs_as_the_gate_does_from_the_folder_above() -> None:
    assert [step["id"] for step in STEPS] == ["install", "promote", "store"]
    assert BY_ID["install"]["run"] == OF_GATE["install"]["run"].replace(
        '"$GITHUB_ACTION_PATH"', '"$GITHUB_ACTION_PATH/.."'
    )


def test_the_step_with_the_token_starts_from_the_guard() -> None:
    entry, gate = BY_ID["promote"], OF_GATE["verdict"]
    assert entry["shell"] == gate["shell"].replace("verdict", "promote")
    assert ast.dump(ast.parse(entry["run"])) == ast.dump(ast.parse(gate["run"]))
    assert blank(entry["env"]) == blank(gate["env"])
    for name in ("STATE", "GUARD", "LIGHT", "LIGHT_DIGEST", "NETWORK"):
        assert entry["env"][f"MLCI_{name}"] == gate["env"][f"MLCI_{name}"]


def test_only_that_step_has_the_token() -> None:
    holders = [
        step["id"] for step in STEPS if "github-token" in " ".join(step.get("env", {}).values())
    ]
    assert holders == ["promote"]
    assert "github.token" not in yaml.safe_dump(STEPS)
    assert "secrets." not in yaml.safe_dump(MANIFEST)
    assert {"GITHUB_TOKEN", "GH_TOKEN", "INPUT_GITHUB-TOKEN"} <= blank(given("store"))


def test_the_step_for_stores_imports_only_what_was_installed() -> None:
    entry, gate = BY_ID["store"], OF_GATE["evaluate"]
    assert entry["shell"] == gate["shell"]
    script = ast.unparse(ast.parse(entry["run"]))
    assert script == ast.unparse(ast.parse(gate["run"])).replace("'evaluate'", "'promote'")
    assert blank(OF_GATE["verdict"]["env"]) <= blank(given("store"))


def test_exactly_one_of_the_two_steps_runs() -> None:
    first, second = (
        BY_ID[step]["if"].removeprefix("${{ ").removesuffix(" }}") for step in ("promote", "store")
    )
    parts = second.split(" || ")
    assert first == " && ".join(f"!{part}" for part in parts)


@pytest.mark.parametrize("step", ["promote", "store"])
def test_every_input_reaches_the_step_under_its_name(step: str) -> None:
    expected = {
        "MLCI_INPUT_" + name.upper().replace("-", "_"): f"${{{{ inputs.{name} }}}}"
        for name in INPUTS
    }
    if step == "promote":
        expected["MLCI_INPUT_GITHUB_API_URL"] = "${{ inputs.github-api-url }}"
    found = {name: value for name, value in given(step).items() if name.startswith("MLCI_INPUT_")}
    assert found == expected
    branch = "${{ github.event.repository.default_branch }}"
    assert given(step)["MLCI_DEFAULT_BRANCH"] == branch


@pytest.mark.parametrize("name", MANIFEST["inputs"])
def test_every_input_is_described_and_says_its_default(name: str) -> None:
    entry = MANIFEST["inputs"][name]
    assert entry["description"]
    assert entry["required"] is not ("default" in entry)
    assert entry["required"] or "Default" in entry["description"]


def test_promoted_is_true_or_false_and_the_others_are_never_those_of_a_step_that_failed() -> None:
    values = {name: " ".join(entry["value"].split()) for name, entry in MANIFEST["outputs"].items()}
    assert values == {
        "promoted": "${{ (steps.promote.outcome == 'success'"
        " && steps.promote.outputs.promoted == 'true'"
        " || steps.store.outcome == 'success' && steps.store.outputs.promoted == 'true')"
        " && 'true' || 'false' }}",
        **{
            name: f"${{{{ steps.promote.outcome == 'success' && steps.promote.outputs.{name}"
            f" || steps.store.outcome == 'success' && steps.store.outputs.{name} || '' }}}}"
            for name in ("where", "bundle-digest")
        },
    }


def test_no_expression_stands_inside_a_script_and_no_other_action_is_used() -> None:
    assert [step["id"] for step in STEPS if "${{" in step["run"]] == []
    assert "uses" not in {key for step in STEPS for key in step}
