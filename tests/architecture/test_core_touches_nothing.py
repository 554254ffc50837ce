"""The core opens no file, asks no clock and draws only from the seed; imports cannot show that."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "mlci_action"
CORE = ("domain", "checks", "profiles", "evaluation", "rendering", "settings")
FORBIDDEN = {
    *("open", "read_text", "read_bytes", "write_text", "write_bytes", "unlink", "mkdir"),
    *("read_csv", "read_parquet", "read_json", "read_pickle", "to_csv", "to_parquet", "to_pickle"),
    *("now", "utcnow", "today", "time", "perf_counter", "monotonic", "getenv", "urandom"),
    *("eval", "exec", "compile", "__import__", "print", "input", "breakpoint", "query"),
    *("default_rng", "RandomState", "getrandbits", "uuid4"),
}
# A regular expression is compiled, and a dtype is asked for its own moment of time.
HARMLESS = {("re", "compile")}


def calls(source: str) -> Iterator[str]:
    """The names of all functions that are called."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        match node.func:
            case ast.Name(id=name):
                yield name
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if (owner, name) in HARMLESS:
                continue
            case ast.Attribute(attr="default_rng") if _drawn_from_the_seed(node):
                continue
            case ast.Attribute(attr=name):
                yield name


def _drawn_from_the_seed(call: ast.Call) -> bool:
    """Whether the only argument is the seed that stands in the report."""
    return [ast.unparse(argument) for argument in call.args] == ["seed"] and not call.keywords


def core_files() -> list[Path]:
    files = [path for folder in CORE for path in sorted((PACKAGE / folder).rglob("*.py"))]
    return [*files, PACKAGE / "gate.py", PACKAGE / "errors.py"]


@pytest.mark.parametrize("path", core_files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_core_touches_nothing_outside(path: Path) -> None:
    assert FORBIDDEN & set(calls(path.read_text(encoding="utf-8"))) == set()


@pytest.mark.parametrize(
    "line",
    [
        *("open('x')", "Path('x').read_text()", "pd.read_csv('x')", "time.time()"),
        *("frame.query('a')", "np.random.default_rng()", "np.random.default_rng(7)"),
    ],
)
def test_the_rule_sees_what_it_forbids(line: str) -> None:
    """A guard that never fires guards nothing."""
    assert FORBIDDEN & set(calls(line))
    assert not FORBIDDEN & set(calls("re.compile('x'), np.random.default_rng(seed)"))


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("mlci_action", ("pandas", "numpy", "pydantic", "requests")),
        ("mlci_action.domain.decision", ("pandas", "numpy", "pydantic", "requests")),
        ("mlci_action.stages.comment", ("pandas", "numpy", "scipy", "pydantic", "yaml")),
        ("mlci_action.stages.verdict", ("pandas", "numpy", "scipy", "pydantic", "yaml")),
        ("mlci_action.stages.verify", ("pandas", "numpy", "scipy", "pydantic", "yaml", "requests")),
        ("mlci_action.stages.fetch", ("pandas", "numpy", "scipy", "sklearn")),
        ("mlci_action.__main__", ("pandas", "numpy", "scipy", "pydantic", "yaml")),
    ],
)
def test_a_stage_imports_no_more_than_its_environment_has(
    module: str, heavy: tuple[str, ...]
) -> None:
    """The steps that hold a token run in a light environment, and must start at once."""
    code = f"import sys, {module}; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=PACKAGE.parent, check=True, capture_output=True, text=True
    ).stdout.split()
    assert set(heavy) & set(loaded) == set()
