"""What were the data like that the baseline was judged on? The table or profile to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlci_action.adapters.baselines import Baseline, BaselineFinder
from mlci_action.domain.sources import GitSource, parse_source
from mlci_action.errors import BaselineError, BaselineMissing, DatasetError
from mlci_action.profiles.stored import MAX_CHARACTERS, looks_like_profile
from mlci_action.settings.values import DataSettings

PROFILE = "profile.json"
_LFS_POINTER = b"version https://git-lfs"
_NO_WAY = (
    "name one as data.reference, keep the report's profile.json beside the baseline, "
    "or name data.train"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundReference:
    """Where the reference is: `pattern` as a table is opened by, and what it is in words.

    `labels` is where its target is, if that has a file of its own. `is_train` says that it is the
    training data.
    """

    pattern: str
    origin: str
    labels: str | None = None
    is_train: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ReferenceFinder:
    """Looks the reference up, and copies what lies in a commit into `store`."""

    folder: Path
    store: Path
    baselines: BaselineFinder

    def find(self, data: DataSettings, baseline: Baseline | None) -> FoundReference:
        """The reference that the settings name, else the baseline's, else the training data.

        BaselineMissing, with the reasons, when there is none; another MlciError when the one that
        is there cannot be had.
        """
        if data.reference is not None:
            return self._named(data.reference)
        why_none = ["there is no baseline"]
        if baseline is not None:
            found = self._of_baseline(data, baseline)
            if isinstance(found, FoundReference):
                return found
            why_none = [found]
        if data.train is not None:
            origin = f"the training data, {data.train}"
            return FoundReference(pattern=data.train, origin=origin, is_train=True)
        raise BaselineMissing(
            f"no data to compare with: {'; '.join(why_none)}, and data.train is not given",
            hint=_NO_WAY,
        )

    def _named(self, text: str) -> FoundReference:
        if not text.startswith("git:"):
            return FoundReference(pattern=text, origin=text)
        try:
            source = parse_source(text)
        except ValueError as error:
            raise DatasetError(f"data.reference: {error}") from error
        assert isinstance(source, GitSource)  # noqa: S101 - what begins with git: is one
        commit = self.baselines.commit_of(source)
        copied = self._copied(commit, source.path)
        if copied is None:
            raise DatasetError(
                f"data.reference: commit {commit[:12]} has no file {source.path!r}",
                hint="name a file of that commit, relative to the top of the repository",
            )
        return FoundReference(pattern=str(copied), origin=text)

    def _of_baseline(self, data: DataSettings, baseline: Baseline) -> FoundReference | str:
        """The profile beside the baseline, or its evaluation data; else why there is neither."""
        source = parse_source(baseline.source)
        in_git = isinstance(source, GitSource) and baseline.manifest is None
        beside = baseline.file.path.parent / PROFILE
        if not in_git and beside.is_file():
            return FoundReference(pattern=str(beside), origin=f"the baseline's {PROFILE}")
        if baseline.commit is None:
            return f"there is no {PROFILE} beside the baseline"
        commit, at = baseline.commit, f"of commit {baseline.commit[:12]}"
        if isinstance(source, GitSource) and in_git:
            path = str(PurePosixPath(source.path).parent / PROFILE)
            copied = self._copied(commit, path)
            if copied is not None:
                return FoundReference(pattern=str(copied), origin=f"{path} {at}")
        copied = self._evaluation_of(commit, data.evaluation)
        labels = None if data.labels is None else self._evaluation_of(commit, data.labels)
        if copied is None or (data.labels is not None and labels is None):
            return (
                f"the baseline's commit {commit[:12]} has neither {PROFILE} nor {data.evaluation}"
            )
        return FoundReference(
            pattern=str(copied),
            origin=f"{data.evaluation} {at}",
            labels=None if labels is None else str(labels),
        )

    def _evaluation_of(self, commit: str, path: str) -> Path | None:
        there = self._in_repository(path)
        return None if there is None else self._copied(commit, there)

    def _in_repository(self, path: str) -> str | None:
        """A file of the working copy as git names it; None outside of one, and for a glob."""
        root = self.baselines.git.root()
        there = self.folder / path
        if root is None or "://" in path or not there.is_file():
            return None
        try:
            return there.resolve().relative_to(root.resolve()).as_posix()
        except ValueError:
            return None

    def _copied(self, commit: str, path: str) -> Path | None:
        """The file as that commit has it; None when it has none, or only a pointer to it."""
        git = self.baselines.git
        try:
            if not git.has_file(commit, path):
                return None
            self.store.mkdir(parents=True, exist_ok=True)
            target = self.store / PurePosixPath(path).name
            git.write_blob(commit, path, target)
        except BaselineError:
            return None
        with target.open("rb") as stream:
            pointer = stream.read(len(_LFS_POINTER)) == _LFS_POINTER
        return None if pointer else target


def stored_profile(pattern: str, folder: Path) -> str | None:
    """The text of a stored profile at `pattern`; None when what is there is none."""
    path = folder / pattern
    try:
        with path.open("rb") as stream:
            if not looks_like_profile(stream.read(64)):
                return None
            stream.seek(0)
            data = stream.read(MAX_CHARACTERS + 1)
        return data.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
