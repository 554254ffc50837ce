"""Which sources on GitHub will the run ask that has no token, and what do they have?"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace

from mlci_action.adapters.baseline_sources import git as git_source
from mlci_action.adapters.baseline_sources import path as path_source
from mlci_action.adapters.baseline_sources.git import Commits
from mlci_action.adapters.baseline_sources.taken import Place
from mlci_action.adapters.baselines import take_of
from mlci_action.adapters.fetched import Came, FetchedBaseline
from mlci_action.domain.sources import (
    ArtifactSource,
    BaselineSource,
    GitSource,
    PathSource,
    ReleaseSource,
)
from mlci_action.errors import BaselineError, BaselineMissing, MlciError
from mlci_action.rendering.plain import one_line

_MAX_WORDS = 1_000


def fetch_baselines(
    sources: Sequence[BaselineSource],
    place: Place,
    commits: Commits,
    *,
    token_environ: Mapping[str, str],
) -> Mapping[str, FetchedBaseline]:
    """What each source on GitHub has, by its name; what nobody will ask is not asked here.

    An earlier path or git source that has a baseline ends it; of other earlier ones that cannot be
    told here. place.store: a folder for all of them. token_environ: the environment with the token,
    which only GitHub gets to see. Never an MlciError: it is what came of the source.
    """
    found: dict[str, FetchedBaseline] = {}
    for number, source in enumerate(sources):
        there = replace(place, store=place.store / str(number))
        if isinstance(source, ArtifactSource | ReleaseSource):
            one = _asked(source, replace(there, environ=token_environ))
            found[str(source)] = one
            place.say(f"{source}: {one.origin or one.message}")
            if one.came in (Came.TAKEN, Came.ERROR):
                break
        elif isinstance(source, PathSource | GitSource) and _is_there(source, there, commits):
            break
    return found


def _asked(source: BaselineSource, place: Place) -> FetchedBaseline:
    try:
        return FetchedBaseline.of(take_of(source)(source, place))
    except BaselineError as error:
        told = error
    except MlciError as error:
        told = BaselineError(error.message, hint=error.hint)
    except OSError as error:
        told = BaselineError(
            f"what {source} has cannot be kept: {error.strerror or type(error).__name__}",
            hint="is there room on the disk?",
        )
    shutil.rmtree(place.store, ignore_errors=True)
    one = FetchedBaseline.not_taken(told)
    message, hint = one_line(one.message, _MAX_WORDS), one_line(one.hint, _MAX_WORDS)
    return replace(one, message=message, hint=hint)


def _is_there(source: PathSource | GitSource, place: Place, commits: Commits) -> bool:
    """Whether the run will get no further than this source, with a baseline or with an error."""
    try:
        if isinstance(source, PathSource):
            path_source.take(source, place)
        else:
            git_source.take(source, place, commits)
    except BaselineMissing:
        return False
    except (MlciError, OSError):
        return True
    finally:
        shutil.rmtree(place.store, ignore_errors=True)
    return True
