"""A proposed schema holds for its own rows, as it stands and with everything brought in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mlci_action.adapters.schemas import check_yaml_schema, load_yaml_schema
from mlci_action.domain.profile import ColumnProfile, TableProfile
from mlci_action.rendering.schema_proposal import propose_schema, scalar
from tests.unit.checks.profiles import Cell, numbers, table, text

_PROPOSED = re.compile(r"^( *)# (?=\S)", re.MULTILINE)
_HOSTILE = (
    "a\nb", "a: b", "# a", "é", "日本", "2020", "1e5", "yes", "null", "~", "", " ", "a ", "-", "?",
    "- a", "{a}", "[a]", "a,b", "'", '"', "\\", "&a", "*a", "!a", "%a", "@a", "`a", "|", ">", "<<",
    "=", "a #b", "a:", ":a", "...", "---", "\u202e", "\u2028", "\x85", "\x00", "\t", "\ufeff", "😀",
    "required", "0x10", "12:30", "2020-01-01", ".inf", "True", "k" * 2_000, "é" * 2_000,
)  # fmt: skip


def _uncommented(schema: str) -> str:
    return _PROPOSED.sub(r"\1", schema)


def _broken(schema: str, frame: pd.DataFrame, folder: Path) -> list[tuple[str | None, str]]:
    (folder / "schema.yml").write_text(schema, encoding="utf-8")
    failures = check_yaml_schema("schema.yml", folder, frame)
    return sorted((f.column or "", f.rule) for f in failures)


def _columns(schema: str) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = yaml.safe_load(schema)["columns"]
    return found


def _rules(column: ColumnProfile, *others: ColumnProfile) -> dict[str, object]:
    """What stands for a column in the proposal with everything brought in."""
    return _columns(_uncommented(propose_schema(table(column, *others))))[column.name]


def _as_csv(profile: TableProfile) -> TableProfile:
    """The same cells, from a file that stores no types."""
    return replace(profile, columns=tuple(replace(c, dtype="text") for c in profile.columns))


_CELLS: dict[str, list[Cell]] = {
    "age": [30, 41, 30, 52],
    "income": [100.5, None, 1e-7, 2e20],
    "children": [0, None, 2, 1],
    "sex": ["f", "m", None, "f"],
    "id": ["a-1", "a-2", "a-3", "yes"],
    "member": [True, False, True, True],
    "consent": [True, None, True, False],
    "code": ["a", "7", "a", "b"],
    "gone": [None, None, None, None],
}
_TABLE = table(*(numbers(cells, name) for name, cells in _CELLS.items()), origin="data/train.csv")


def test_the_proposal_reads_like_this() -> None:
    schema = propose_schema(
        table(
            numbers([30, 41, None], "age"),
            text(["f", "m", "f"], "sex"),
            numbers([7, 8, 9], "id: no"),
            numbers([0.5, 1, 2], "rate"),
            origin="data/train.csv",
        )
    )
    remarks, _, rules = schema.partition("schema_type")
    assert all(line.startswith("##") for line in remarks.splitlines())
    assert "3 rows of data/train.csv" in remarks
    assert rules == _EXPECTED


_EXPECTED = """\
: dataframe
strict: false
# strict: true  # no other columns
columns:
  age:
    dtype: float64  # whole numbers: pandas has no integer that is missing
    required: true
    nullable: true  # 1 of 3 are missing
    checks:
      # greater_than_or_equal_to: 30
      # less_than_or_equal_to: 41
  sex:
    dtype: str
    required: true
    nullable: true
    # nullable: false
    checks:
      # isin: [f, m]
  "id: no":
    dtype: int64
    required: true
    nullable: true
    # nullable: false
    # unique: true
    checks:
      # greater_than_or_equal_to: 7
      # less_than_or_equal_to: 9
  rate:
    dtype: float64
    required: true
    nullable: true
    # nullable: false
    checks:
      # greater_than_or_equal_to: 0.5
      # less_than_or_equal_to: 2.0
"""


@pytest.mark.parametrize("change", [str, _uncommented], ids=["as it stands", "all brought in"])
@pytest.mark.parametrize("typed", [True, False])
def test_the_rows_follow_their_own_proposal(
    change: Callable[[str], str], tmp_path: Path, *, typed: bool
) -> None:
    schema = change(propose_schema(_TABLE if typed else _as_csv(_TABLE)))
    frame = pd.DataFrame(_CELLS)
    if not typed:
        (tmp_path / "table.csv").write_text(frame.to_csv(index=False), encoding="utf-8")
        frame = pd.read_csv(tmp_path / "table.csv")
    assert _broken(schema, frame, tmp_path) == []


def test_as_it_stands_it_asks_for_columns_and_types_alone(tmp_path: Path) -> None:
    schema = propose_schema(table(numbers([1, 2], "a"), text(["x", "y"], "b")))
    wider = pd.DataFrame({"new": [0, 0], "b": ["z", "z"], "a": [-9, -9]})
    assert _broken(schema, wider, tmp_path) == []
    narrower = pd.DataFrame({"a": ["1", "2"]})
    assert [column for column, _ in _broken(schema, narrower, tmp_path)] == ["a", "b"]


def test_each_line_that_is_brought_in_is_a_rule_of_its_own(tmp_path: Path) -> None:
    schema = propose_schema(table(numbers([1, 2, 5], "a"), text(["x", "y", "x"], "b")))
    frame = pd.DataFrame({"a": [0, 9, 9], "b": ["z", None, "z"], "c": [1, 1, 1]})
    broken = []
    for match in _PROPOSED.finditer(schema):
        one = schema[: match.start()] + match[1] + schema[match.end() :]
        broken += _broken(one, frame, tmp_path)
    assert len(broken) == len(_PROPOSED.findall(schema)) - 1  # `a` has no missing value
    assert {column for column, _ in broken} == {"a", "b", "c"}


def test_every_line_by_itself_keeps_the_file_valid(tmp_path: Path) -> None:
    schema = propose_schema(_TABLE)
    for match in _PROPOSED.finditer(schema):
        one = schema[: match.start()] + match[1] + schema[match.end() :]
        (tmp_path / "schema.yml").write_text(one, encoding="utf-8")
        assert list(load_yaml_schema("schema.yml", tmp_path).columns) == list(_CELLS)


@pytest.mark.parametrize("name", _HOSTILE)
def test_a_column_may_have_any_name(name: str, tmp_path: Path) -> None:
    profile = table(numbers([1, 2, 2], name), text(["u", "v", "u"], "other"))
    frame = pd.DataFrame({name: [1, 2, 2], "other": ["u", "v", "u"]})
    for schema in (propose_schema(profile), _uncommented(propose_schema(profile))):
        assert list(_columns(schema)) == [name, "other"]
        assert _broken(schema, frame, tmp_path) == []


@pytest.mark.parametrize("value", [value for value in _HOSTILE if len(value) < 100])
def test_a_category_may_be_any_text(value: str, tmp_path: Path) -> None:
    cells: list[Cell] = [f"{value}/", f"{value}/", "b"]
    profile = table(text(cells, "a"))
    schema = _uncommented(propose_schema(profile))
    assert _broken(schema, pd.DataFrame({"a": cells}), tmp_path) == []
    assert _broken(schema, pd.DataFrame({"a": [f"{value}!"]}), tmp_path) != []


@given(st.text() | st.sampled_from(_HOSTILE))
def test_any_text_comes_back_from_key_and_list(value: str) -> None:
    written = scalar(value)
    assert len(written.splitlines()) == 1
    assert yaml.safe_load(f"[{written}, b]") == [value, "b"]
    explicit = f"? {written}\n: 1\n"
    assert yaml.safe_load(explicit) == {value: 1}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_comes_back_as_the_same_number(value: float) -> None:
    assert yaml.safe_load(scalar(value)) == value


def test_the_origin_stays_a_remark() -> None:
    schema = propose_schema(table(numbers([1], "a"), origin="x\nstrict: true\r# b\u2028c"))
    assert yaml.safe_load(schema)["strict"] is False
    assert _columns(schema).keys() == {"a"}


def _values(count: int, rows: int) -> list[Cell]:
    return [f"v{row % count:03}" for row in range(rows)]


@pytest.mark.parametrize(
    ("cells", "closed"),
    [
        (_values(20, 40), True),
        (_values(21, 40), False),
        (_values(21, 104), False),
        (_values(21, 105), True),
        ([*_values(3, 9), None], True),
        ([*_values(3, 9), 5], False),
        (["x" * 100, "x" * 100], True),
        (["x" * 101, "x" * 101], False),
        (["u", "v", "w"], False),
        ([True, False, True], False),
        ([3, 3, 4], False),
    ],
)
def test_only_categories_get_a_closed_list(cells: list[Cell], *, closed: bool) -> None:
    rules = _rules(numbers(cells, "a"), numbers([1.5, 2], "b"))
    assert ("isin" in (rules.get("checks") or {})) is closed  # type: ignore[operator]


def test_values_that_were_not_all_kept_close_no_list() -> None:
    column = text(["a", "b", "a"], "a")
    assert column.text is not None
    some = replace(column, text=replace(column.text, complete=False))
    assert "checks" not in _rules(some)


@pytest.mark.parametrize(
    ("cells", "unique"),
    [
        ([1, 2, 3], True),
        (["a", "b"], True),
        ([1, 2, 2], False),
        ([1, 2, None], False),
        (["a", "1"], False),
        ([0.5, 0.25], False),
        ([7], False),
        ([datetime(2020, 1, 1), datetime(2021, 1, 1)], False),  # noqa: DTZ001
    ],
)
def test_what_never_comes_twice_may_be_unique(cells: list[Cell], *, unique: bool) -> None:
    assert ("unique" in _rules(numbers(cells, "a"))) is unique


@pytest.mark.parametrize(
    ("cells", "ends"),
    [
        ([3, 9, 5], (3, 9)),
        ([3, 9.5], (3.0, 9.5)),
        ([-1e300, 1e-300], (-1e300, 1e-300)),
        ([1, 2.0**53], None),
        ([1, "inf"], None),
    ],
)
def test_the_ends_of_numbers_are_exact_or_left_out(
    cells: list[Cell], ends: tuple[float, float] | None
) -> None:
    rules = _rules(replace(numbers(cells, "a"), dtype="double"))
    expected = ends and {"greater_than_or_equal_to": ends[0], "less_than_or_equal_to": ends[1]}
    assert rules.get("checks") == expected


def test_a_table_without_columns_is_a_schema_without_columns() -> None:
    assert _columns(propose_schema(table(rows=0))) == {}
