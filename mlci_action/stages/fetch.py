"""Step `fetch`: which commits and baselines does the run need? With the token, before user code.

It writes only into a repository and a folder of its own and never fails the run: what could not be
fetched is left as a sentence for the step that evaluates, which then has a report to put it in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from mlci_action.adapters.base_commit import BaseCommit, find_base
from mlci_action.adapters.base_file import file_of, name_in_repository
from mlci_action.adapters.baseline_sources.git import Commits
from mlci_action.adapters.baseline_sources.taken import Place
from mlci_action.adapters.config_file import load_config
from mlci_action.adapters.fetched import (
    Came,
    FetchedBaseline,
    FetchedRefs,
    baselines_in,
    objects_in,
    write_fetched,
)
from mlci_action.adapters.fetching_baselines import fetch_baselines
from mlci_action.adapters.git import Git, fetch_commit
from mlci_action.adapters.github_event import Change, load_change
from mlci_action.adapters.github_runner import Console
from mlci_action.adapters.lfs_objects import LfsObjects
from mlci_action.domain.sources import BASE_REF, BaselineSource, GitSource, parse_source
from mlci_action.errors import BaselineError, MlciError
from mlci_action.settings.parse import parse_settings
from mlci_action.settings.policy.merge import merged
from mlci_action.settings.values import Settings
from mlci_action.stages.surroundings import config_of, console_of, inputs_of, state_of


def run(environ: Mapping[str, str]) -> int:
    """Fetch what the clone lacks: the base, whatever commits the settings name, and baselines."""
    console, state = console_of(environ), state_of(environ)
    fetching = _Fetching(environ=environ, state=state, console=console)
    baselines: Mapping[str, FetchedBaseline] = {}
    # Whatever is wrong with the set-up is told by the step that evaluates.
    with suppress(MlciError):
        baselines = _fetch_all(fetching)
    refs = FetchedRefs(commits=fetching.commits, problems=fetching.problems, baselines=baselines)
    try:
        write_fetched(refs, state)
    except OSError as error:
        console.say(f"what was fetched cannot be told: {error.strerror or type(error).__name__}")
    return 0


@dataclass(kw_only=True)
class _Fetching:
    """Brings refs, and remembers what each names, or why it could not be fetched."""

    environ: Mapping[str, str] = field(repr=False)
    state: Path
    console: Console
    commits: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def token(self) -> str:
        return self.environ.get("MLCI_TOKEN") or ""

    @property
    def without_token(self) -> dict[str, str]:
        return {name: value for name, value in self.environ.items() if name != "MLCI_TOKEN"}

    @property
    def repository(self) -> str:
        return f"{self.environ['GITHUB_SERVER_URL']}/{self.environ['GITHUB_REPOSITORY']}"

    def bring(self, refs: Iterable[str | None], git: Git) -> None:
        """All of them that are not here."""
        for ref in dict.fromkeys(refs):
            known = ref in self.commits or ref in self.problems
            if ref is None or known or git.commit(ref) is not None:
                continue
            try:
                self.commits[ref] = self._fetch(ref)
                self.console.say(f"fetched {ref}: {self.commits[ref]}")
            except BaselineError as error:
                self.problems[ref] = error.message
                self.console.say(f"not fetched: {error}")

    def commit(self, ref: str) -> str:
        """The commit of a ref that was fetched. BaselineError otherwise."""
        return FetchedRefs(commits=self.commits, problems=self.problems).commit(ref)

    def _fetch(self, ref: str) -> str:
        into = objects_in(self.state)
        return fetch_commit(
            self.repository, ref, into=into, environ=self.without_token, token=self.token
        )


def _fetch_all(fetching: _Fetching) -> Mapping[str, FetchedBaseline]:
    environ = fetching.without_token
    inputs = inputs_of(environ)
    path = config_of(inputs, environ)
    config = load_config(path, baseline=inputs.baseline)
    git = Git(folder=config.folder, extra_objects=objects_in(fetching.state), environ=environ)
    change = load_change(environ)
    base = find_base(change, git)
    # The base is read for its `trust` and its limits, whatever the baseline is.
    fetching.bring([change.base_sha, *_refs(config.settings, base.commit)], git)
    settings = _in_force(change, git, own=config.settings, path=path, baseline=inputs.baseline)
    fetching.bring(_refs(settings, base.commit), git)
    found = _baselines(settings, change, base, git, fetching, api=inputs.github_api_url)
    # For the data and the code that they were judged with.
    fetching.bring([one.commit for one in found.values() if one.came is Came.TAKEN], git)
    return found


def _baselines(
    settings: Settings,
    change: Change,
    base: BaseCommit,
    git: Git,
    fetching: _Fetching,
    *,
    api: str | None,
) -> Mapping[str, FetchedBaseline]:
    environ = fetching.without_token
    place = Place(
        folder=git.folder,
        store=baselines_in(fetching.state),
        environ=environ,
        change=change,
        under_test=base.under_test,
        say=fetching.console.say,
    )
    own = git.git_dir()
    commits = Commits(
        git=git,
        base=base.commit,
        no_base=base.why_none,
        fetch=fetching.commit,
        lfs=LfsObjects(
            kept=(*(() if own is None else (own,)), objects_in(fetching.state)),
            server=fetching.repository,
            token=fetching.token or None,
            environ=environ,
        ),
    )
    asking = {**environ, "GITHUB_TOKEN": fetching.token}
    if api:
        asking["GITHUB_API_URL"] = api
    return fetch_baselines(settings.baseline, place, commits, token_environ=asking)


def _in_force(
    change: Change, git: Git, *, own: Settings, path: Path, baseline: str | None
) -> Settings:
    """The settings that the run will judge by, as far as they say what the baseline is."""
    name = name_in_repository(path, git)
    if change.base_ref is None or change.base_sha is None or name is None:
        return own
    try:
        text = file_of(git, change.base_sha, name)
        if text is None:
            return own
        theirs = parse_settings(text.decode("utf-8-sig"), path=own.path, baseline=baseline)
    except (MlciError, UnicodeDecodeError):
        return own
    return merged(theirs, own)[0]


def _refs(settings: Settings, base: str | None) -> tuple[str | None, ...]:
    """The commits that the settings name."""
    sources = [
        *settings.baseline,
        *_named(settings.data.reference),
        *_named(settings.baseline_environment.requirements),
    ]
    return tuple(_ref(source, base) for source in sources)


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
