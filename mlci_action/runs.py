"""From options to a written report, whatever happens on the way."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mlci_action._version import __version__
from mlci_action.adapters.base_commit import find_base
from mlci_action.adapters.base_policy import policy_in_force
from mlci_action.adapters.base_trust import trust_in_force
from mlci_action.adapters.baselines import BaselineFinder
from mlci_action.adapters.config_file import load_config
from mlci_action.adapters.fetched import from_origin, objects_in, read_fetched
from mlci_action.adapters.git import Git
from mlci_action.adapters.github_event import Change, load_change
from mlci_action.adapters.leaving import forget_bundle
from mlci_action.adapters.permission import Permission
from mlci_action.adapters.report_folder import forget_report, keep_predictions, write_report
from mlci_action.adapters.world import RealWorld, Speaker
from mlci_action.domain.decision import Decision
from mlci_action.domain.fail_on import BUG_EXIT_CODE, EXIT_CODES
from mlci_action.domain.outcomes import Verdict
from mlci_action.domain.report import Report
from mlci_action.errors import MlciError, SettingsError
from mlci_action.gate import run_data_checks, run_gate


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOptions:
    """What is asked for.

    `output` None writes no report; `state` is the folder in which an earlier step, that had a
    token, left what it fetched.
    """

    config: Path = Path("mlci.yml")
    output: Path | None = None
    candidate: str | None = None
    baseline: str | None = None
    python: str | None = None
    state: Path | None = None
    data_only: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """A run that has ended; `crash` is the bug of ours that ended it.

    bundle: the digest of the bundle that it left, None where it left none.
    """

    report: Report
    exit_code: int
    bundle: str | None = None
    crash: Exception | None = None


def run(options: RunOptions, *, environ: Mapping[str, str], speaker: Speaker) -> Finished:
    """The gate, or its data checks alone; every end but a signal has a report, written first.

    A wrong set-up is the verdict `error`; so is a bug of ours, which has its own exit code.
    """
    change = Change()
    if options.output is not None:
        forget_report(options.output)
        forget_bundle(options.output)
    try:
        change = load_change(environ)
        with real_world(options, change, environ=environ, speaker=speaker) as world:
            judge = run_data_checks if options.data_only else run_gate
            report = judge(world.settings, world)
            bundle = _leave(world, report, options)
        _write(report, options, change)
    except MlciError as error:
        _withdraw(options)
        report, bundle = _refused(error, change), None
        _write(report, options, change)
    except Exception as crash:  # noqa: BLE001 - a bug must not end without `deploy=false`
        _withdraw(options)
        report = _without_checks((f"this is a bug in mlci: {_named(crash)}",), change)
        _write(report, options, change)
        return Finished(report=report, exit_code=BUG_EXIT_CODE, crash=crash)
    except BaseException as signal:
        _withdraw(options)
        _write(_without_checks((f"the run was ended: {_named(signal)}",), change), options, change)
        raise
    exit_code = EXIT_CODES[report.decision.verdict]
    return Finished(report=report, exit_code=exit_code, bundle=bundle)


def refuse(error: MlciError, output: Path, *, environ: Mapping[str, str]) -> Finished:
    """A run that could not begin, because the options themselves are wrong; with its report."""
    try:
        change = load_change(environ)
    except MlciError:
        change = Change()
    report = _refused(error, change)
    write_report(report, output, run_url=change.run_url)
    return Finished(report=report, exit_code=EXIT_CODES[report.decision.verdict])


@contextmanager
def real_world(
    options: RunOptions, change: Change, *, environ: Mapping[str, str], speaker: Speaker
) -> Iterator[RealWorld]:
    """The outside as the options say; what it stores meanwhile is gone afterwards."""
    config = load_config(options.config, candidate=options.candidate, baseline=options.baseline)
    with tempfile.TemporaryDirectory(prefix="mlci-", ignore_cleanup_errors=True) as name:
        baselines = _baselines(options, config.folder, Path(name), change, environ, speaker.say)
        trusted = trust_in_force(
            change,
            baselines.git,
            own=config.settings.trust,
            config=options.config,
            fetch=baselines.fetch,
        )
        in_force = policy_in_force(
            change,
            baselines.git,
            own=config.settings,
            config=options.config,
            fetch=baselines.fetch,
            baseline=options.baseline,
        )
        yield RealWorld(
            settings=in_force.settings,
            folder=config.folder,
            change=change,
            environ=environ,
            baselines=baselines,
            speaker=speaker,
            permission=Permission(change=change, trust=trusted.trust, origin=trusted.origin),
            python=options.python,
            cache=None if options.state is None else options.state / "environments",
            provenance_of_policy={
                "origin": in_force.facts.origin,
                "config": _in_repository(config.folder / config.settings.path, baselines.git),
                "digest": in_force.facts.digest,
                "file_digest": config.digest,
            },
            limits_from=in_force.facts,
            report_folder=options.output,
        )


def _in_repository(path: Path, git: Git) -> str:
    """The file as the repository names it: report.sarif points there for want of a row."""
    root = git.root()
    try:
        return path.name if root is None else path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return path.name


def _refused(error: MlciError, change: Change) -> Report:
    problems = error.problems if isinstance(error, SettingsError) else ()
    # A single problem is the error itself.
    return _without_checks((str(error), *(problems if len(problems) > 1 else ())), change)


def _named(error: BaseException) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _without_checks(reasons: tuple[str, ...], change: Change) -> Report:
    return Report(
        decision=Decision(verdict=Verdict.ERROR, deploy=False, reasons=reasons),
        provenance={
            "tool": {"name": "mlci", "version": __version__},
            "change": change.as_mapping(),
        },
    )


def _baselines(
    options: RunOptions,
    folder: Path,
    store: Path,
    change: Change,
    environ: Mapping[str, str],
    say: Callable[[str], None],
) -> BaselineFinder:
    state = options.state
    fetched = None if state is None else read_fetched(state)
    fetched_objects = objects_in(store if state is None else state)
    git = Git(folder=folder, extra_objects=fetched_objects, environ=environ)
    base = find_base(change, git)
    return BaselineFinder(
        folder=folder,
        store=store / "baseline",
        git=git,
        base=base.commit,
        no_base=base.why_none,
        under_test=base.under_test,
        fetch=from_origin(git, fetched_objects, environ) if fetched is None else fetched.commit,
        change=change,
        environ=environ,
        recorded=None if fetched is None else fetched.baseline,
        say=say,
    )


def _withdraw(options: RunOptions) -> None:
    """No bundle that may be deployed stays beside a report that says otherwise."""
    if options.output is not None:
        with suppress(MlciError):
            forget_bundle(options.output)


def _leave(world: RealWorld, report: Report, options: RunOptions) -> str | None:
    """What the candidate said, its manifest and bundle: before the report that points to them."""
    if options.output is None:
        return None
    predictions = world.stored_predictions()
    if predictions is not None:
        keep_predictions(predictions, options.output)
    return world.leave_behind(report, options.output)


def _write(report: Report, options: RunOptions, change: Change) -> None:
    if options.output is not None:
        write_report(report, options.output, run_url=change.run_url)
