"""Which rules across columns does the owner state? The entries of `data.integrity`, read.

    start <= end                          holds in every row
    casual + registered == count          so do sums
    zip, city -> state                    equal left sides have equal right sides
    never: age < 18 and status == 'wed'   holds in no row
    never: a.x == b.x and a.y < b.y       holds for no two rows, called a and b

Columns are named as in `where`. A rule that a missing value leaves open counts as kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from mlci_action.domain.expressions import Expression, parse_where
from mlci_action.domain.names import did_you_mean, id_part
from mlci_action.domain.outcomes import Severity
from mlci_action.domain.row_pairs import PairRule, names_pairs, parse_pairs

KEYS = ("rule", "never", "max_share", "severity", "name")


@dataclass(frozen=True, kw_only=True, slots=True)
class RowRule:
    """A condition on one row that always holds, or that `never` does."""

    condition: Expression
    never: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it names, in their order."""
        return self.condition.columns


@dataclass(frozen=True, kw_only=True, slots=True)
class Dependency:
    """Rows that are equal in `left` are equal in `right`."""

    left: tuple[str, ...]
    right: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it names, in their order."""
        return self.left + self.right


Asked: TypeAlias = RowRule | Dependency | PairRule


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrityRule:
    """One rule as `text`; up to `max_share` of the rows (0 to 1) may break it.

    `name` is its own part of the id `data.integrity.<name>`.
    """

    name: str
    text: str
    asks: Asked
    max_share: float = 0.0
    severity: Severity = Severity.FAIL


def parse_rules(entries: Iterable[object]) -> tuple[IntegrityRule, ...]:
    """All rules; ValueError names the first that is wrong, or that has the name of another."""
    rules: dict[str, IntegrityRule] = {}
    for entry in entries:
        rule = parse_rule(entry)
        if rule.name in rules:
            raise ValueError(f"two rules are called {rule.name!r}; give one another name")
        rules[rule.name] = rule
    return tuple(rules.values())


def parse_rule(entry: object) -> IntegrityRule:
    """The rule that an entry writes; ValueError says what in it is not supported."""
    match entry:
        case str():
            return _rule({"rule": entry})
        case Mapping():
            return _rule({str(key): value for key, value in entry.items()})
    raise ValueError(f"a rule is a text or a mapping with one of {', '.join(KEYS[:2])}")


def _rule(fields: Mapping[str, object]) -> IntegrityRule:
    for key in fields:
        if key not in KEYS:
            raise ValueError(f"unknown key {key!r}; {did_you_mean(key, KEYS)}")
    written = [fields[key] for key in ("rule", "never") if key in fields]
    if len(written) != 1 or not isinstance(written[0], str):
        raise ValueError("a rule has either rule: or never:, and its text")
    text, never = written[0].strip(), "never" in fields
    prefix = re.match(r"never\s*:\s*", text)
    if prefix and not never:
        text, never = text[prefix.end() :], True
    shown = f"never: {text}" if never else text
    return IntegrityRule(
        name=_name(fields.get("name"), shown),
        text=shown,
        asks=_asked(text, never=never),
        max_share=_share(fields.get("max_share", 0.0)),
        severity=_severity(fields.get("severity", Severity.FAIL)),
    )


def _asked(text: str, *, never: bool) -> Asked:
    dependency = _dependency(text)
    if dependency is not None:
        if never:
            raise ValueError("a rule with -> stands for itself, and not under never")
        return dependency
    if text and names_pairs(text):
        if not never:
            raise ValueError("a rule about two rows, a and b, stands under never")
        return parse_pairs(text)
    return RowRule(condition=parse_where(text, sums=True), never=never)


_NAME = r"\s*(?:`[^`]+`|[^\W\d]\w*)\s*"
_NAMES = rf"{_NAME}(?:,{_NAME})*"
_DEPENDENCY = re.compile(rf"({_NAMES})->({_NAMES})")
_QUOTED = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`]*`""", re.DOTALL)


def _dependency(text: str) -> Dependency | None:
    found = _DEPENDENCY.fullmatch(text)
    if found is None:
        if "->" in _QUOTED.sub("", text):
            raise ValueError("write columns on both sides of ->, for example zip, city -> state")
        return None
    left, right = (_names(part) for part in found.groups())
    if set(left) & set(right):
        raise ValueError("a column stands on both sides of ->")
    return Dependency(left=left, right=right)


def _names(listed: str) -> tuple[str, ...]:
    names = (name.strip().strip("`") for name in re.findall(_NAME, listed))
    return tuple(dict.fromkeys(names))


def _name(given: object, text: str) -> str:
    if given is None:
        return id_part(text)
    if not isinstance(given, str) or not given.strip():
        raise ValueError("the name of a rule is a text")
    return id_part(given)


def _share(given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= 1:
        raise ValueError("max_share is a share of the rows, from 0 to 1")
    return float(given)


def _severity(given: object) -> Severity:
    try:
        return Severity(str(given))
    except ValueError as error:
        raise ValueError(f"severity: {did_you_mean(str(given), [*map(str, Severity)])}") from error
