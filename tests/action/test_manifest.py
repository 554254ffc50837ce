"""Does action.yml keep what it promises, as far as its text can show?"""

from __future__ import annotations

import ast
import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlci_action.settings.inputs import ActionInputs, parse_inputs

ROOT = Path(__file__).resolve().parents[2]
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = MANIFEST["runs"]["steps"]
BY_ID = {step["id"]: step for step in STEPS}
GUARDED = ("fetch", "comment", "verdict")
LINKER = {"LD_AUDIT", "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_INSERT_LIBRARIES"}
LINKER |= {"DYLD_LIBRARY_PATH", "GCONV_PATH", "GLIBC_TUNABLES", "NODE_OPTIONS"}


def variable(name: str) -> str:
    return "MLCI_INPUT_" + name.upper().replace("-", "_")


def test_the_steps_stand_in_the_order_that_keeps_the_token_from_the_users_code() -> None:
    assert [step["id"] for step in STEPS] == ["install", "fetch", "evaluate", "comment", "verdict"]


def test_every_input_is_a_field_of_the_typed_inputs_except_the_token() -> None:
    fields = {field.name.replace("_", "-") for field in dataclasses.fields(ActionInputs)}
    assert set(MANIFEST["inputs"]) == fields | {"github-token"}


def test_the_defaults_of_the_manifest_are_those_of_the_typed_inputs() -> None:
    """An input that is left out means the same on the command line and in the action."""
    defaults = {
        name: entry["default"]
        for name, entry in MANIFEST["inputs"].items()
        if name != "github-token"
    }
    assert parse_inputs(defaults) == parse_inputs({})


@pytest.mark.parametrize("name", MANIFEST["inputs"])
def test_every_input_is_described_and_optional(name: str) -> None:
    entry = MANIFEST["inputs"][name]
    assert set(entry) == {"description", "required", "default"}
    assert "Default" in entry["description"]
    assert entry["required"] is False
    assert isinstance(entry["default"], str)


def test_the_readme_lists_the_inputs_with_their_defaults() -> None:
    """A default that is no text of its own, such as the interpreter, is told in words."""
    rows = readme_rows("inputs")
    assert [row[0] for row in rows] == [f"`{name}`" for name in MANIFEST["inputs"]]
    for (_, default, _), entry in zip(rows, MANIFEST["inputs"].values(), strict=True):
        literal = entry["default"].removeprefix("${{ ").removesuffix(" }}")
        assert literal == "" or default == f"`{literal}`"


def test_the_readme_lists_the_outputs() -> None:
    names = [row[0] for row in readme_rows("outputs")]
    assert names == [f"`{name}`" for name in MANIFEST["outputs"]]


@pytest.mark.parametrize("step", ["fetch", "evaluate"])
def test_every_input_but_the_token_reaches_the_steps_that_decide(step: str) -> None:
    expected = {
        variable(name): f"${{{{ inputs.{name} }}}}"
        for name in MANIFEST["inputs"]
        if name != "github-token"
    }
    env = BY_ID[step]["env"]
    assert {name: env[name] for name in env if name.startswith("MLCI_INPUT_")} == expected


@pytest.mark.parametrize("step", ["comment", "verdict"])
def test_the_inputs_of_the_later_steps_keep_their_names(step: str) -> None:
    names = {variable(name): name for name in MANIFEST["inputs"]}
    env = BY_ID[step]["env"]
    passed = {key: value for key, value in env.items() if key.startswith("MLCI_INPUT_")}
    assert passed
    assert passed == {key: f"${{{{ inputs.{names[key]} }}}}" for key in passed}


def test_every_output_has_a_default_and_deploy_is_true_or_false() -> None:
    """A job that was cancelled in the middle still says `false`, never nothing."""
    values = {name: entry["value"] for name, entry in MANIFEST["outputs"].items()}
    assert values.pop("deploy") == (
        "${{ steps.verdict.outputs.deploy == 'true' && 'true' || 'false' }}"
    )
    assert values.pop("verdict") == "${{ steps.verdict.outputs.verdict || 'error' }}"
    # A comment step that was refused by the guard, or killed, has left no status of its own.
    assert values.pop("comment-status") == (
        "${{ steps.comment.outputs.comment-status "
        "|| steps.comment.outcome == 'failure' && 'failed' || 'skipped' }}"
    )
    assert values.pop("comment-url") == "${{ steps.comment.outputs.comment-url || '' }}"
    # An evaluation that was killed may have been made to say anything.
    pattern = re.compile(
        r"\$\{\{ steps\.evaluate\.outcome == 'success' "
        r"&& steps\.evaluate\.outputs\.([\w-]+) \|\| '[^']*' \}\}"
    )
    for name, value in values.items():
        match = pattern.fullmatch(value)
        assert match, f"{name}: {value}"
        assert match[1] == name


def test_no_expression_stands_inside_a_script() -> None:
    assert [step["id"] for step in STEPS if "${{" in step["run"]] == []


def test_only_the_steps_that_talk_to_github_are_given_the_token() -> None:
    holders = [step["id"] for step in STEPS if "github-token" in " ".join(values_of(step))]
    assert holders == ["fetch", "comment"]
    assert "github.token" not in yaml.safe_dump(STEPS)
    assert "secrets." not in yaml.safe_dump(MANIFEST)


def test_tokens_of_the_job_are_blank_for_the_users_code() -> None:
    env = BY_ID["evaluate"]["env"]
    blank = {name for name, value in env.items() if value == ""}
    assert blank == {"GITHUB_TOKEN", "GH_TOKEN", "INPUT_GITHUB-TOKEN"}


@pytest.mark.parametrize("step", GUARDED)
def test_what_runs_beside_user_code_starts_from_the_guard(step: str) -> None:
    """The interpreter is an absolute path, the linker has nothing to add, the text is the guard."""
    entry = BY_ID[step]
    light_python = "${{ steps.install.outputs.light-python }}"
    assert entry["shell"] == f"{light_python} -I -S -B -X utf8 {{0}} {step}"
    script = ast.unparse(ast.parse(entry["run"]))
    assert script == "import os\nexec(os.environ['MLCI_GUARD'])"
    assert {name for name, value in entry["env"].items() if value == ""} == LINKER
    outputs = ("guard", "light", "light-digest", "network", "state")
    assert {f"${{{{ steps.install.outputs.{name} }}}}" for name in outputs} <= values_of(entry)


def test_the_comment_never_turns_the_step_red_and_the_verdict_always_speaks() -> None:
    assert BY_ID["comment"]["continue-on-error"] is True
    assert "continue-on-error" not in BY_ID["verdict"]
    assert "always()" in BY_ID["verdict"]["if"]
    assert "if" not in BY_ID["fetch"]
    assert "if" not in BY_ID["evaluate"]


def test_the_action_uses_no_other_action() -> None:
    """A nested action is downloaded for everybody, from a server that may not have it."""
    assert "uses" not in {key for step in STEPS for key in step}


def readme_rows(table: str) -> list[list[str]]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    _, _, rest = text.partition(f"<!-- {table} -->")
    lines = rest.partition(f"<!-- /{table} -->")[0].strip().splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def values_of(step: dict[str, Any]) -> set[str]:
    return set(step.get("env", {}).values())
