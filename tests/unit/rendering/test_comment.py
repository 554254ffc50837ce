from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings

from mlci_action.domain.behaviour import (
    Behaviour,
    Calibration,
    CalibrationBin,
    FlippedRow,
    Flips,
    FoundSlice,
    GroupRates,
    ScoreShift,
    Value,
)
from mlci_action.domain.decision import Decision, DeployPolicy, decide
from mlci_action.domain.metric import Parameters
from mlci_action.domain.metrics import METRICS
from mlci_action.domain.outcomes import Outcome, Severity, Verdict
from mlci_action.domain.report import Report
from mlci_action.domain.slices import Slice
from mlci_action.rendering.comment import MAX_CHARACTERS, render_comment
from mlci_action.rendering.summary import render_summary
from tests.builders import DATA, HOSTILE, PROVENANCE, by, check, report, row
from tests.sample_reports import (
    SAMPLES,
    failing,
    first_model,
    fragile,
    inconclusive,
    passing,
    unfair,
)
from tests.unit.rendering.gfm import rendered
from tests.unit.rendering.reports import reports

RUN = "https://github.com/acme/credit/actions/runs/17/attempts/1"
OUR_TAGS = {f"<{end}{tag}>" for tag in ("details", "summary", "sub", "code") for end in ("", "/")}


def above_the_fold(markdown: str) -> str:
    return markdown.partition("<details>")[0]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_comment_reads_as_reviewed(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"comment/{name}.md", render_comment(SAMPLES[name](), run_url=RUN))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("pass", "### ✅ mlci: pass, would deploy: all 6 required checks held"),
        ("first_model", "### ⚠️ mlci: inconclusive, would not deploy: there is no baseline"),
        ("set_up", "### ❌ mlci: error, do not deploy: mlci.yml has 2 problems (and 2 more)"),
    ],
)
def test_the_first_line_is_the_answer(name: str, line: str) -> None:
    """Verdict, deploy in words, and the reason; the emoji never stands alone."""
    assert render_comment(SAMPLES[name]()).partition("\n")[0] == line


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (42, ("would deploy", "would not deploy")),
        (None, ("deploy", "do not deploy")),
    ],
)
def test_only_a_pull_request_speaks_in_the_conditional(
    number: int | None, words: tuple[str, str]
) -> None:
    for deploy, said in zip((True, False), words, strict=True):
        decision = Decision(verdict=Verdict.PASS, deploy=deploy, reasons=("it held",))
        made = report(decision=decision, provenance={"change": {"pr_number": number}})
        assert render_comment(made).startswith(f"### ✅ mlci: pass, {said}: it held\n")


def test_what_is_wrong_with_the_data_stands_before_the_numbers_that_rest_on_them() -> None:
    shown = above_the_fold(
        render_comment(
            report(
                check("metric.roc_auc.max_regression", Outcome.FAILED, "roc_auc fell by 0.0211"),
                check("data.missing", Outcome.FAILED, "missing values above the limit"),
                rows=(row(outcome=Outcome.FAILED),),
            )
        )
    )
    lead, table = shown.split("| Metric", 1)
    assert "| ❌\N{NO-BREAK SPACE}failed\N{NO-BREAK SPACE}`data.missing` |" in lead
    assert "| missing values above the limit |" in lead
    assert "fell by" not in lead.split("\n", 1)[1]
    assert "❌\N{NO-BREAK SPACE}failed: `max_regression`" in table


def test_a_failure_that_no_table_shows_stands_before_the_tables() -> None:
    shown = above_the_fold(
        render_comment(
            report(
                check("metric.roc_auc.max_regression", Outcome.FAILED, "roc_auc fell by 0.0211"),
                check("budget.latency.max_ratio", Outcome.FAILED, "takes 2.1 times as long"),
                rows=(row(outcome=Outcome.FAILED),),
            )
        )
    )
    lead, _ = shown.split("| Metric", 1)
    assert "- ❌ failed `budget.latency.max_ratio`: takes 2.1 times as long" in lead


def test_an_error_is_told_even_when_its_row_is_in_the_table() -> None:
    made = report(
        check("data.schema", Outcome.ERRORED, "the schema cannot be read"),
        check("metric.roc_auc.max_regression", Outcome.ERRORED, "the baseline does not load"),
        rows=(row(baseline=None, interval=None, outcome=Outcome.ERRORED),),
    )
    assert "the baseline does not load" in above_the_fold(render_comment(made))


def test_what_did_not_lead_to_the_verdict_is_folded() -> None:
    """A reviewer of a failure has no time for what was not settled beside it."""
    made = report(
        check("data.missing", Outcome.FAILED, "missing values above the limit"),
        check("metric.roc_auc.max_regression", Outcome.INCONCLUSIVE, "not settled"),
    )
    above, below = render_comment(made).split("<details>", 1)
    assert "not settled" not in above
    assert "not settled" in below


def test_every_rule_that_a_row_broke_is_named() -> None:
    made = report(
        check("metric.roc_auc.min", Outcome.FAILED, "below", limit=0.65),
        check("metric.roc_auc.max_regression", Outcome.FAILED, "fell", limit=0.01),
        rows=(row(outcome=Outcome.FAILED),),
    )
    assert "failed: `min 0.65`, `max_regression 0.01` |" in render_comment(made)


def test_warnings_and_notes_are_in_the_details() -> None:
    """An old model or a guessed separator is seen by whoever looks."""
    candidate = {
        "warnings": ["saved by another version"],
        "recorded": {"scikit-learn": "1.6.1"},
    }
    made = replace(
        report(check(), provenance={"candidate": candidate}), data={"notes": ["read with `;`"]}
    )
    shown = render_comment(made)
    assert "- candidate: saved with scikit-learn 1.6.1\n" in shown
    assert "- warnings: saved by another version\n" in shown
    assert "- notes on the data: read with &#96;;&#96;\n" in shown


def test_why_numbers_say_less_than_they_seem_to_is_above_the_fold() -> None:
    """Rows that depend on each other without anybody saying so make every interval too narrow."""
    made = passing()
    assert made.comparison is not None
    warned = replace(made.comparison, warnings=("'customer|id' repeats",))
    shown = render_comment(replace(made, comparison=warned))
    assert "- ⚠️ 'customer&#124;id' repeats\n" in above_the_fold(shown)


def test_warnings_that_no_table_shows_are_above_the_fold_by_name() -> None:
    """Inputs that the model was not fitted on are seen, although they never fail a gate."""
    shown = above_the_fold(render_comment(fragile()))
    assert "- ⚠️ warned `provenance.inputs`: 'income' lies 12 standard deviations" in shown
    assert "- ⚠️ warned `budget.memory.max_mb`: memory 212 MB" in shown
    data = report(check("data.missing", Outcome.WARNED, "three more"), check())
    assert above_the_fold(render_comment(data)).count("three more") == 1


def test_changed_rows_and_costs_are_folded_and_what_failed_of_them_is_not() -> None:
    above, below = render_comment(fragile()).split("<details>", 1)
    assert "- ❌ failed `budget.latency.max_ratio`: latency 1.701 times the baseline's" in above
    assert above.startswith("### ❌ mlci: fail, would not deploy: roc_auc loses 0.0312")
    assert "Robustness" not in above
    assert "<summary>Robustness: 1 failed, 1 inconclusive, 3 passed</summary>" in below
    assert "<summary>Costs: 1 failed, 1 warned, 1 passed</summary>" in below
    quiet = render_comment(replace(passing(), robustness=fragile().robustness))
    assert "noise" not in above_the_fold(quiet)


def test_how_the_models_were_asked_is_told_in_the_line_below_the_numbers() -> None:
    lines = above_the_fold(render_comment(fragile())).splitlines()
    line = next(line for line in lines if line.startswith("6,512 rows scored"))
    assert "; the baseline ran in an environment of its own (numpy 1.26.4, " in line
    assert "; code of this change was not run: this is a pull request of a fork" in line


def test_what_a_model_could_import_and_reach_is_in_the_details() -> None:
    _, below = render_comment(fragile()).split("<details>", 1)
    ours, theirs = (
        next(line for line in below.splitlines() if line.startswith(f"- asking the {who}: "))
        for who in ("candidate", "baseline")
    )
    assert "imports `sklearn.ensemble._forest.RandomForestClassifier`, `features.Ratio`," in ours
    assert ours.endswith(
        "network cut, processes apart, 4,096 MB of memory allowed, at most 212 MB used"
    )
    assert "code of commit `b6589fc6ab0d`" in theirs
    assert "LogisticRegression` (and what cannot be told from its bytes)" in theirs
    assert "- trust: pickle `same-repository`, from the base branch" in below


def test_many_imports_are_counted() -> None:
    found = {**PROVENANCE["candidate"], "imports": [f"evil.{place}" for place in range(400)]}
    shown = render_comment(report(check(), provenance={**PROVENANCE, "candidate": found}))
    assert "`evil.11` and 388 more\n" in shown
    assert "evil.12" not in shown


def test_slices_that_passed_are_counted_once_and_not_listed_again() -> None:
    """Their table is there already; a list of a hundred buries what did not pass."""
    id_ = "slice.roc_auc.max_regression.sex="
    quiet = [check(f"{id_}{value}", slice=by(sex=value)) for value in "abc"]
    failed = check(f"{id_}d", Outcome.FAILED, slice=by(sex="d"))
    shown = render_comment(report(*quiet, failed, check("metric.roc_auc.min")))
    assert f"{id_}a" not in shown
    assert f"- ❌ failed `{id_}d`" in shown
    assert "- ✅ passed `metric.roc_auc.min`" in shown
    assert "- ✅ 3 checks of slices passed" in shown


def test_checks_with_one_message_are_told_once() -> None:
    made = report(
        check("metric.roc_auc.min", Outcome.ERRORED, "first"),
        check("metric.f1.min", Outcome.ERRORED, "the candidate does not load"),
        check("metric.recall.min", Outcome.ERRORED, "the candidate does not load"),
    )
    assert "- ❌ errored `metric.f1.min` and 1 more: the candidate does not load" in above_the_fold(
        render_comment(made)
    )


def test_reasons_without_a_check_are_told() -> None:
    """A set-up error has no checks, and all its problems are shown at once."""
    shown = render_comment(SAMPLES["set_up"]())
    assert "- mlci.yml:9: baseline.from is missing, and max_regression needs one" in shown


def test_a_long_reason_is_short_in_the_heading_and_whole_below() -> None:
    reason = "roc_auc is not settled: " + "these rows settle 0.04; " * 10 + "more rows are needed"
    made = report(check("metric.roc_auc.max_regression", Outcome.INCONCLUSIVE, reason))
    heading, rest = render_comment(made).split("\n", 1)
    assert heading.endswith("roc_auc is not settled: these rows settle 0.04")
    assert f": {reason}" in above_the_fold(rest)


def test_an_inconclusive_verdict_names_the_ways_out_above_the_fold() -> None:
    shown = above_the_fold(render_comment(inconclusive()))
    assert "these 200 rows can settle a margin of 0.044" in shown
    assert "`deploy: {when_inconclusive: deploy}`" in shown
    assert "`evidence: {decide_by: point}`" in shown
    assert "first_model" not in shown


def test_a_missing_baseline_says_how_to_accept_the_first_model_and_where_it_was_looked_for() -> (
    None
):
    shown = above_the_fold(render_comment(first_model()))
    assert "`deploy: {first_model: deploy}`" in shown
    assert "`git:base:models/model.joblib` (not in commit b6589fc6ab0d)" in shown
    assert "when_inconclusive" not in shown


@pytest.mark.parametrize("name", ["pass", "fail", "error", "unchanged", "set_up"])
def test_ways_out_are_offered_for_an_inconclusive_verdict_only(name: str) -> None:
    assert "What can be done" not in render_comment(SAMPLES[name]())


def test_an_unsettled_candidate_that_deploys_needs_no_way_out() -> None:
    decision = Decision(
        verdict=Verdict.INCONCLUSIVE, deploy=True, reasons=("not shown to be worse", "unsettled")
    )
    shown = render_comment(replace(inconclusive(), decision=decision))
    assert shown.startswith("### ⚠️ mlci: inconclusive, would deploy: not shown to be worse\n")
    assert "What can be done" not in shown


def test_slices_are_folded_worst_first_and_failed_ones_shown() -> None:
    """A reviewer sees what failed without a click and the rest with one."""
    shown = render_comment(failing())
    above, below = shown.split("<details>", 1)
    assert "`roc_auc` in `sex=female`" in above
    assert "sex=male" not in above
    order = [below.index(label) for label in ("`sex=female`", "`sex=male`", "`age >= 60`")]
    assert order == sorted(order)
    assert "no regression shown" in below
    assert "no regression over 0.03 shown" in render_comment(passing())
    assert "not judged: 31 rows, fewer than 50" in below


def test_the_confidence_of_the_interval_is_its_own() -> None:
    made = passing()
    assert made.comparison is not None
    shown = render_comment(replace(made, comparison=replace(made.comparison, confidence=0.9)))
    assert "90 % CI" in shown
    assert "95 % CI" not in shown


@pytest.mark.parametrize(
    ("metric", "candidate", "words"),
    [("roc_auc", 0.9, "better"), ("log_loss", 0.9, "worse"), ("roc_auc", 0.8712, "same")],
)
def test_the_change_says_whether_it_is_better(metric: str, candidate: float, words: str) -> None:
    """The sign alone would ask for the metric's direction."""
    shown = render_comment(report(check(), rows=(row(metric, 0.8712, candidate),)))
    assert f"\N{NO-BREAK SPACE}{words} |" in shown


def test_fairness_stands_with_the_metrics_and_has_its_own_verdict() -> None:
    shown = above_the_fold(render_comment(unfair())).replace("\N{NO-BREAK SPACE}", " ")
    rows = [line for line in shown.splitlines() if "equalized_odds_difference` by" in line]
    assert [re.findall("(?:❌|⚠️) [^|]*", line)[0].strip() for line in rows] == [
        "❌ failed: `max_regression 0.02`",
        "⚠️ inconclusive: `max_regression 0.02`",
    ]


def test_flips_are_counted_above_the_fold_and_their_rows_never_named() -> None:
    flipped = FlippedRow(row=3, id="L-17", truth="yes", baseline="yes", candidate="no")
    made = replace(unfair(), flipped=(flipped,))
    shown = render_comment(made)
    assert "\n12 rows right before are wrong now (0.18 %, 95 % CI" in above_the_fold(shown)
    assert "L-17" not in shown + render_summary(made)
    assert "flips.csv" not in shown
    assert "These rows are listed in `flips.csv`" in render_summary(made)


def test_a_broken_limit_on_flips_is_told_once_beside_its_numbers() -> None:
    flips = check("metric.flips.max_negative_rate", Outcome.FAILED, "too many flips", limit=0.001)
    first = check("data.missing", Outcome.FAILED, "missing values above the limit")
    made = replace(unfair(), checks=(first, flips), decision=decide((first, flips), DeployPolicy()))
    shown = above_the_fold(render_comment(made))
    assert "(0.48 %): ❌ failed `max_negative_rate 0.001`\n" in shown
    assert "too many flips" not in shown
    uncounted = above_the_fold(render_comment(replace(made, comparison=None)))
    assert "- ❌ failed `metric.flips.max_negative_rate`: too many flips" in uncounted


def test_only_the_callers_address_is_linked() -> None:
    """What the report says of its own run could have been written by the evaluated code."""
    change = {"event": "pull_request", "run_url": "https://evil.example"}
    made = replace(passing(), provenance=PROVENANCE | {"change": change})
    assert rendered(render_comment(made)).links == ()
    assert rendered(render_comment(made, run_url=RUN)).links == (RUN,)


def misbehaving(text: str, times: int = 1) -> Behaviour:
    """The same text wherever groups, columns, conditions and notes are told."""
    value = Value(value=0.5, low=0.4, high=0.6, note=text)
    model = Calibration(
        who="candidate",
        error=value,
        slope=value,
        intercept=value,
        bins=(CalibrationBin(n=1, mean_score=0.5, observed=value),) * times,
    )
    return Behaviour(
        flips=Flips(n=1, negative_rows=1, positive_rows=0, negative=value, positive=value),
        calibration=(model, replace(model, who="baseline")),
        score_shift=ScoreShift(
            mean_change=value,
            mean_absolute_change=0.1,
            distances={f"{text}{place}": 0.1 for place in range(times)},
            quantiles={f"{text}{place}": (0.1, 0.2) for place in range(times)},
        ),
        groups=(GroupRates(sensitive=text, group=text, n=1, positives=1, judged=False, note=text),)
        * times,
        found_slices=(
            FoundSlice(where=text, n=1, loss=text, baseline=0.1, candidate=0.2, diff=value),
        )
        * times,
    )


def hostile() -> Report:
    """The same text wherever a pull request can put one."""
    asked = METRICS["f1"].asked_at(Parameters(class_label=HOSTILE), name=HOSTILE)
    slice_ = by(**{HOSTILE: HOSTILE})
    where = Slice(where=HOSTILE)
    facts = dict.fromkeys(("path", "source", "digest", "origin", "config", "version"), HOSTILE)
    return replace(
        report(
            check("data.a|b<script>@team", Outcome.FAILED, HOSTILE, column=HOSTILE),
            check("data.##[error]", Outcome.WARNED, HOSTILE),
            check("slice.roc_auc.max_regression.x", Outcome.FAILED, HOSTILE + "2", slice=slice_),
            check("metric.roc_auc.min`|x", Outcome.INCONCLUSIVE, HOSTILE + "3"),
            rows=(
                row(note=HOSTILE, outcome=None),
                row(slice_=slice_, outcome=Outcome.FAILED),
                row(slice_=where, outcome=None, note=HOSTILE),
                replace(row(), metric=asked, sensitive=HOSTILE),
            ),
            provenance={
                "policy": facts,
                "tool": facts,
                "candidate": facts | {"model_class": HOSTILE, "size": HOSTILE},
                "baseline": facts | {"tried": [{"source": HOSTILE, "why": HOSTILE}]},
                "change": {"event": "pull_request", "head_sha": "@team"},
                "confidence": HOSTILE,
                "seed": HOSTILE,
                "interpreter": {"path": HOSTILE, "reason": HOSTILE, "version": HOSTILE},
            },
        ),
        data=DATA | dict.fromkeys(("target", "positive", "rows", "columns", "unlabelled"), HOSTILE),
        environment={"python": HOSTILE, "libraries": {HOSTILE: HOSTILE}},
    )


def test_foreign_text_stays_text_everywhere_in_the_comment() -> None:
    made = hostile()
    assert made.comparison is not None
    behaving = replace(made.comparison, behaviour=misbehaving(HOSTILE))
    markdown = render_comment(replace(made, comparison=behaving), title=HOSTILE)
    for part in ("Weakest regions", "Fairness: 1 group", "Calibration", "Score shift"):
        assert f"<summary>{part}" in markdown
    page = rendered(markdown)
    assert page.links == ()
    assert {tag for html in page.html for tag in re.findall("<[^>]*>?", html)} == OUR_TAGS
    assert "<script" not in markdown
    assert "::error" not in markdown
    assert "##[" not in markdown
    assert not re.search(r"@(?!&#8203;)", re.sub(r"`[^`]*`", "", markdown))
    tables = [line for line in markdown.splitlines() if line.startswith("|")]
    # Metrics and regions have seven columns, groups eight, the others four, six and three.
    assert {line.count("|") for line in tables} == {8, 9, 5, 7, 4}


@settings(max_examples=60)
@given(reports())
def test_every_report_makes_a_whole_comment(made: Report) -> None:
    """Nothing is left open, whatever the report holds."""
    markdown = render_comment(made, run_url=RUN)
    assert markdown.startswith("### ")
    assert markdown.count("<details>") == markdown.count("</details>")
    assert rendered(markdown).links == (RUN,)
    assert "fence" not in rendered(markdown).kinds


def crowded(slices: int, message: str = "no regression shown") -> Report:
    many = [by(postcode=f"{number:05}") for number in range(slices)]
    return report(
        check("data.missing", Outcome.FAILED, "missing values above the limit"),
        *(
            check(
                f"slice.roc_auc.max_regression.{slice_.key}",
                Outcome.FAILED if place < 20 else Outcome.PASSED,
                f"{message} in {slice_.label}",
                slice=slice_,
            )
            for place, slice_ in enumerate(many)
        ),
        *(check(f"budget.b{place}", Outcome.FAILED, f"{message} {place}") for place in range(30)),
        rows=(
            row(),
            *(
                row(
                    slice_=slice_,
                    candidate=0.8 - place / 10_000,
                    outcome=Outcome.FAILED if place < 20 else Outcome.PASSED,
                )
                for place, slice_ in enumerate(many)
            ),
        ),
    )


@pytest.mark.parametrize(
    ("slices", "message"), [(1_000, "short"), (300, "|" * 4_000), (3_000, "&<@" * 1_000)]
)
def test_a_long_report_is_shortened_whole_sections_at_a_time(slices: int, message: str) -> None:
    """GitHub refuses a longer body altogether; the verdict and the link are always in it."""
    markdown = render_comment(crowded(slices, message), run_url=RUN)
    assert len(markdown) <= MAX_CHARACTERS
    assert markdown.startswith("### ❌ mlci: fail, would not deploy: missing values above")
    assert RUN in markdown
    assert markdown.count("<details>") == markdown.count("</details>")


def test_what_is_left_out_is_counted() -> None:
    markdown = render_comment(crowded(1_000))
    assert "15 more rows in report.json" in above_the_fold(markdown)
    assert "- 20 more reasons in report.json" in above_the_fold(markdown)
    assert re.search(r"- ✅ [\d,]+ checks of slices passed", markdown)


def test_the_worst_case_is_the_verdict_and_the_link() -> None:
    """Names as long as they come and as hostile as they come, in every place at once."""
    evil = "&" * 4_000
    rows = tuple(
        row(slice_=by(**{evil: f"{evil}{place}"}), outcome=Outcome.FAILED, note=evil)
        for place in range(60)
    )
    overall = tuple(replace(row(), metric=replace(row().metric, name=evil)) for _ in range(60))
    made = replace(
        report(
            *(check(f"data.{evil}{n}", Outcome.FAILED, f"{n}{evil}") for n in range(60)),
            rows=(*overall, *rows),
            provenance={
                key: dict.fromkeys(("path", "source", "origin", "version"), evil)
                for key in ("candidate", "baseline", "policy", "tool")
            },
        ),
        environment={"libraries": {f"{evil}{n}": evil for n in range(50)}},
    )
    assert made.comparison is not None
    behaving = replace(made.comparison, behaviour=misbehaving(evil, times=60))
    markdown = render_comment(replace(made, comparison=behaving), run_url=RUN, title=evil)
    assert len(markdown) <= MAX_CHARACTERS
    assert markdown.startswith("### ❌ &amp;&amp;")
    assert RUN in markdown


@pytest.mark.parametrize("evil", ["&", "#"])
def test_what_stands_beside_the_comparison_is_bounded_as_well(evil: str) -> None:
    """As many changes, costs and facts as a report may hold, each as long as it may be."""
    made, text = fragile(), evil * 4_000
    value = replace(made.robustness[0].candidate, note=text)
    odd = replace(made.robustness[0], what=text, detail=text, measure=text, candidate=value)
    cost = replace(made.costs[0], measure=text, unit=text, note=text)
    model = {
        "installed": {f"{place}{text}": text for place in range(100)},
        "imports": [text] * 1_000,
        **dict.fromkeys(("environment", "predictions_from", "format", "kind", "code"), text),
        "isolation": {"network": text, "processes": text},
    }
    facts = {
        **PROVENANCE,
        "candidate": model,
        "baseline": {**model, "predictions_from": "stored predictions"},
        "trust": dict.fromkeys(("code", "origin", "pickle"), text),
    }
    warned = [check(f"robustness.x{n}", Outcome.WARNED, f"{n}{text}") for n in range(100)]
    crowd = replace(
        made,
        checks=(*made.checks, *warned),
        robustness=tuple(replace(odd, detail=f"{n}{text}") for n in range(1_000)),
        costs=(cost,) * 1_000,
        provenance=facts,
    )
    markdown = render_comment(crowd, run_url=RUN, title=text)
    assert len(markdown) <= MAX_CHARACTERS
    assert RUN in markdown
    plain = render_comment(
        replace(made, robustness=(made.robustness[0],) * 1_000, costs=(made.costs[0],) * 1_000)
    )
    assert "950 more rows in report.json." in plain
    assert "950 more measures in report.json." in plain


def test_behaviour_gives_way_before_slices_and_checks_do() -> None:
    """What no limit asks about is the first that a long report does without."""
    slices = [by(postcode=f"{number:05}") for number in range(5)]
    made = report(check(), rows=(row(), *(row(slice_=slice_) for slice_ in slices)))
    assert made.comparison is not None

    for length, more in ((1, 10), (30, 50), (4_000, 57)):
        behaving = replace(made.comparison, behaviour=misbehaving("&" * length, times=60))
        shown = render_comment(replace(made, comparison=behaving))
        assert f"{more} more regions in report.json" in shown
        for part in ("Slices: 5 passed", "1 check: 1 passed", "How the intervals were made"):
            assert part in shown
    crowd = crowded(1_000, "|" * 400)
    assert crowd.comparison is not None
    behaving = replace(crowd.comparison, behaviour=misbehaving("&" * 4_000, times=60))
    shown = render_comment(replace(crowd, comparison=behaving))
    assert "Weakest regions" not in shown
    assert "Slices: 20 failed, 980 passed" in shown


def test_a_check_that_only_warns_is_marked_optional() -> None:
    markdown = render_comment(
        report(check(), check("data.duplicates", Outcome.NOT_RUN, "no id", severity=Severity.WARN))
    )
    assert "- \N{HEAVY MINUS SIGN} not run `data.duplicates` (optional): no id" in markdown
