"""How problems are said."""

from __future__ import annotations

import pytest

from mlci_action.settings.problems import KeyPath, Problem, dotted, quoted, settings_error


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ((), ""),
        (("data",), "data"),
        (("slices", "by", 1, 0), "slices.by[1][0]"),
        (("metrics", "my metric"), "metrics.my metric"),
        (("", "a\n::error::b"), "''.'a\\n::error::b'"),
        (("x" * 61,), f"'{'x' * 59}..."),
    ],
)
def test_a_key_path_is_one_line(where: KeyPath, text: str) -> None:
    assert dotted(where) == text


def test_a_long_value_is_cut() -> None:
    assert quoted("x" * 58) == f"'{'x' * 58}'"
    assert quoted("x" * 59) == f"'{'x' * 59}..."


def test_problems_are_sorted_by_line_and_said_once() -> None:
    late = Problem(line=12, where="slices", text="is empty")
    early = Problem(line=9, text="not valid YAML")
    error = settings_error("mlci.yml", [late, early, late])
    assert error.problems == ("mlci.yml:9: not valid YAML", "mlci.yml:12: slices: is empty")
    assert error.message == "mlci.yml has 2 problems"
