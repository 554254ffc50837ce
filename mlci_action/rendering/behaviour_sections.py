"""Which parts tell how the models behave, beside what their metrics are worth?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from mlci_action.domain.behaviour import (
    Behaviour,
    Calibration,
    CalibrationBin,
    FoundSlice,
    GroupRates,
    ScoreShift,
    Value,
)
from mlci_action.domain.report import Report
from mlci_action.rendering.figures import NONE, found_figures, number, side_by_side, with_interval
from mlci_action.rendering.flips_csv import FLIPS, MAX_ROWS
from mlci_action.rendering.markdown import NBSP, code_span, escape_cell, table
from mlci_action.rendering.subjects import flips_check
from mlci_action.rendering.wording import (
    SYMBOLS,
    better_or_worse,
    flips_words,
    interval_header,
    outcome_words,
    rule_words,
)

_NOTE, _CONDITION = 120, 240
_RATES = {
    "selection_rate": "Selection rate",
    "true_positive_rate": "TPR",
    "false_positive_rate": "FPR",
}
_DISTANCES = {
    "ks": "Kolmogorov-Smirnov",
    "wasserstein": "Wasserstein",
    "jensen_shannon": "Jensen-Shannon",
    "psi": "population stability index",
}
_MODELS = ("baseline", "candidate")


def flips_line(report: Report) -> str:
    """How many rows changed sides, and whether that may be; never which."""
    flips = _behaviour(report).flips
    if flips is None:
        return ""
    line = flips_words(flips, interval_header(report))
    if check := flips_check(report):
        answer = f"{SYMBOLS[check.outcome]} {outcome_words(check.outcome)}"
        line += f": {answer} {code_span(rule_words(check))}"
    return line


def flips_file(report: Report) -> str:
    """Where the rows are named that changed sides."""
    count = len(report.flipped)
    if not count:
        return ""
    which = f"The first {MAX_ROWS:,} of these {count:,} rows" if count > MAX_ROWS else "These rows"
    return f"{which} are listed in {code_span(FLIPS)} beside the report."


def behaviour_details(report: Report, most: int) -> dict[str, tuple[str, str]]:
    """Title and body of each part that has something to tell, at most so many items long."""
    behaviour = _behaviour(report)
    bodies = {
        "regions": (_regions_title(behaviour), _regions(report, behaviour.found_slices, most)),
        "groups": (_groups_title(behaviour), _groups(behaviour.groups, most)),
        "calibration": ("Calibration", _calibration(report, behaviour.calibration, most)),
        "shift": ("Score shift", _shift(report, behaviour.score_shift, most)),
    }
    return {part: told for part, told in bodies.items() if told[1] and most}


def _regions_title(behaviour: Behaviour) -> str:
    return f"Weakest regions found: {len(behaviour.found_slices):,}"


def _regions(report: Report, found: Sequence[FoundSlice], most: int) -> str:
    if not found:
        return ""
    cells = []
    for region in found[:most]:
        figures = found_figures(region)
        cells.append(
            (
                code_span(region.where, _CONDITION),
                code_span(region.loss),
                figures.baseline,
                figures.candidate,
                _unbroken(better_or_worse(figures.diff, region.diff.value, sign=-1)),
                _unbroken(figures.interval),
                figures.n,
            )
        )
    headers = ("Region", "Loss", "Baseline", "Candidate", "Change", interval_header(report), "n")
    align = ("left", "left", "right", "right", "right", "right", "right")
    said = (
        "Found on half of the rows, measured on the other half; not judged. Put one into "
        "`slices.where` to have it judged."
    )
    return f"{said}\n\n{table(headers, cells, align)}{_more(found, most, 'regions')}"


def _groups_title(behaviour: Behaviour) -> str:
    count = len(behaviour.groups)
    left_out = sum(not group.judged for group in behaviour.groups)
    title = f"Fairness: {count:,} {'group' if count == 1 else 'groups'}"
    return f"{title}, {left_out:,} not judged" if left_out else title


def _groups(groups: Sequence[GroupRates], most: int) -> str:
    if not groups:
        return ""
    cells = [
        (
            code_span(group.sensitive, 60),
            code_span(group.group),
            f"{group.n:,}",
            f"{group.positives:,}",
            *(_rate_cell(group.rates.get(name)) for name in _RATES),
            _group_note(group),
        )
        for group in groups[:most]
    ]
    headers = ("By", "Group", "n", "Positives", *_RATES.values(), "Note")
    align = ("left", "left", *["right"] * (2 + len(_RATES)), "left")
    said = "Rates: baseline → candidate."
    return f"{said}\n\n{table(headers, cells, align)}{_more(groups, most, 'groups')}"


def _rate_cell(pair: tuple[float | None, float | None] | None) -> str:
    baseline, candidate = side_by_side(*pair) if pair else (NONE, NONE)
    return NONE if baseline == candidate == NONE else _unbroken(f"{baseline} → {candidate}")


def _group_note(group: GroupRates) -> str:
    note = escape_cell(group.note, _NOTE)
    if group.judged:
        return note
    return f"not judged: {note or f'{group.n:,} rows'}"


def _calibration(report: Report, models: Sequence[Calibration], most: int) -> str:
    if not models:
        return ""
    level = interval_header(report)
    headers = ("Model", f"Calibration error ({level})", f"Slope ({level})", f"Intercept ({level})")
    cells = [
        (
            escape_cell(m.who, 20),
            _value_cell(m.error),
            _value_cell(m.slope),
            _value_cell(m.intercept),
        )
        for m in sorted(models, key=lambda model: _MODELS.index(model.who))
    ]
    said = (
        "Probabilities that can be taken at their word have slope 1 and intercept 0, and what is "
        "observed in each range of scores is their mean."
    )
    parts = [
        said,
        table(headers, cells, ["left"] + ["right"] * 3),
        _reliability(models, level, most),
    ]
    return "\n\n".join(part for part in parts if part)


def _reliability(models: Sequence[Calibration], level: str, most: int) -> str:
    bins: dict[str, Sequence[CalibrationBin]] = {model.who: model.bins for model in models}
    shown = [who for who in _MODELS if bins.get(who)]
    if not shown:
        return ""
    headers = [
        head
        for who in shown
        for head in (f"{who.capitalize()}: n", "Mean score", f"Observed ({level})")
    ]
    lines = list(zip_longest(*(bins[who] for who in shown)))
    cells = [[cell for rows in line for cell in _bin_cells(rows)] for line in lines[:most]]
    return table(headers, cells, ["right"] * len(headers)) + _more(lines, most, "ranges of scores")


def _bin_cells(rows: CalibrationBin | None) -> tuple[str, str, str]:
    if rows is None:
        return NONE, NONE, NONE
    return f"{rows.n:,}", with_interval(Value(value=rows.mean_score)), _value_cell(rows.observed)


def _shift(report: Report, shift: ScoreShift | None, most: int) -> str:
    if shift is None:
        return ""
    change = with_interval(shift.mean_change).replace(" (", f" ({interval_header(report)} ")
    said = [
        f"mean change {change}" + _note(shift.mean_change),
        f"mean absolute change {number(shift.mean_absolute_change, 3)}",
        *_distances(shift.distances, most),
    ]
    cells = [
        (escape_cell(share, 20), *side_by_side(*pair))
        for share, pair in list(shift.quantiles.items())[:most]
    ]
    quantiles = table(("Quantile", "Baseline", "Candidate"), cells, ["right"] * 3) if cells else ""
    line = f"Scores of the candidate less the baseline's: {'; '.join(said)}."
    return f"{line}\n\n{quantiles}" if quantiles else line


def _distances(distances: Mapping[str, float], most: int) -> list[str]:
    return [
        f"{_DISTANCES.get(name) or escape_cell(name, 40)} {number(value, 3)}"
        for name, value in list(distances.items())[:most]
    ]


def _value_cell(value: Value) -> str:
    return _unbroken(with_interval(value)) + _note(value)


def _unbroken(numbers: str) -> str:
    return numbers.replace(" ", NBSP)


def _note(value: Value) -> str:
    return f"; {escape_cell(value.note, _NOTE)}" if value.note else ""


def _more(items: Sequence[object], most: int, what: str) -> str:
    left_out = len(items) - len(items[:most])
    return f"\n\n{left_out:,} more {what} in report.json." if left_out else ""


def _behaviour(report: Report) -> Behaviour:
    return Behaviour() if report.comparison is None else report.comparison.behaviour
