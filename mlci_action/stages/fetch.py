"""Step `fetch`: which commits do baseline and trust need? With the token, before any user code.

It writes only into a repository of its own and never fails the run: what could not be fetched is
left as a sentence for the step that evaluates, which then has a report to put it in.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mlci_action.adapters.base_commit import find_base
from mlci_action.adapters.config_file import load_config
from mlci_action.adapters.fetched import FetchedRefs, objects_in, write_fetched
from mlci_action.adapters.git import Git, fetch_commit
from mlci_action.adapters.github_event import load_change
from mlci_action.domain.sources import BASE_REF, BaselineSource, GitSource, parse_source
from mlci_action.errors import BaselineError, MlciError
from mlci_action.stages.surroundings import config_of, console_of, inputs_of, state_of


def run(environ: Mapping[str, str]) -> int:
    """Fetch what the clone lacks: the base, and whatever commits the settings name."""
    console, state = console_of(environ), state_of(environ)
    without_token = {name: value for name, value in environ.items() if name != "MLCI_TOKEN"}
    try:
        refs = _missing_refs(without_token)
    except MlciError:
        # Whatever is wrong with the set-up is told by the step that evaluates.
        refs = ()
    commits: dict[str, str] = {}
    problems: dict[str, str] = {}
    for ref in refs:
        try:
            commits[ref] = _fetch(ref, state, environ, without_token)
            console.say(f"fetched {ref}: {commits[ref]}")
        except BaselineError as error:
            problems[ref] = error.message
            console.say(f"not fetched: {error}")
    write_fetched(FetchedRefs(commits=commits, problems=problems), state)
    return 0


def _missing_refs(environ: Mapping[str, str]) -> tuple[str, ...]:
    inputs = inputs_of(environ)
    config = load_config(config_of(inputs, environ), baseline=inputs.baseline)
    git = Git(folder=config.folder, environ=environ)
    change = load_change(environ)
    base = find_base(change, git).commit
    sources = [
        *config.settings.baseline,
        *_named(config.settings.data.reference),
        *_named(config.settings.baseline_environment.requirements),
    ]
    # The base is read for its `trust`, whatever the baseline is.
    refs = dict.fromkeys([change.base_sha, *(_ref(source, base) for source in sources)])
    return tuple(ref for ref in refs if ref is not None and git.commit(ref) is None)


def _named(written: str | None) -> tuple[BaselineSource, ...]:
    """The commit in which a file lies that the settings name beside the baseline, if it does."""
    if written is None or not written.startswith("git:"):
        return ()
    try:
        return (parse_source(written),)
    except ValueError:
        # Whatever is wrong with it is told by the step that evaluates.
        return ()


def _ref(source: BaselineSource, base: str | None) -> str | None:
    if not isinstance(source, GitSource):
        return None
    return base if source.ref == BASE_REF else source.ref


def _fetch(
    ref: str, state: Path, environ: Mapping[str, str], without_token: Mapping[str, str]
) -> str:
    url = f"{environ['GITHUB_SERVER_URL']}/{environ['GITHUB_REPOSITORY']}"
    return fetch_commit(
        url,
        ref,
        into=objects_in(state),
        environ=without_token,
        token=environ.get("MLCI_TOKEN") or "",
    )
