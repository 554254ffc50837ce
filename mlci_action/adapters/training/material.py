"""How much did the training data change? Today's rows beside those of an earlier training."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from mlci_action.adapters.git import Git
from mlci_action.adapters.reference import stored_profile
from mlci_action.adapters.summaries import sum_up_chunks
from mlci_action.adapters.tables.options import ReadOptions
from mlci_action.adapters.tables.source import open_table
from mlci_action.adapters.training.fingerprints import digest_of_input
from mlci_action.checks.drift import all_drifts
from mlci_action.checks.findings import Compared
from mlci_action.domain.bundle_names import TRAIN_PROFILE
from mlci_action.domain.fingerprint import Part
from mlci_action.domain.profile import TableProfile
from mlci_action.domain.retraining import Known, Material
from mlci_action.errors import MlciError, SettingsError
from mlci_action.profiles.row_changes import row_changes, whole_rows
from mlci_action.profiles.stored import from_json
from mlci_action.profiles.table import Aims
from mlci_action.settings.values import Settings, TrainSettings

_TRAINED = "so it is trained"


@dataclass(frozen=True, kw_only=True, slots=True)
class MaterialFinder:
    """Measures `data.train` against what it was.

    commit: whose tree has the inputs of the known training, None where nobody knows. bundle: the
    folder of the bundle that the known model lies in, None for a bare model.
    """

    settings: Settings
    train: TrainSettings
    folder: Path
    git: Git
    scratch: Path
    commit: str | None
    bundle: Path | None

    def measured(self, known: Known, now: Mapping[str, str]) -> Material:
        """How far the data moved since. now: the digests of the data, by name.

        SettingsError when the settings name no `data.train`.
        """
        limits = Material(min_rows=self.train.min_rows, min_drift=self.train.min_drift)
        pattern = self.settings.data.train
        if pattern is None:
            raise SettingsError(
                "train.material needs data.train", hint="name the table that is trained on"
            )
        before = known.record.fingerprint.of(Part.DATA)
        others = _changed(before, now, pattern)
        if others:
            return _unknown(limits, f"{others[0]!r} is not of data.train, {_TRAINED}")
        try:
            return self._compared(before, pattern, limits)
        except (MlciError, OSError) as error:
            why = error.message if isinstance(error, MlciError) else str(error.strerror or error)
            return _unknown(limits, f"how much changed cannot be told ({why}), {_TRAINED}")

    def _compared(self, before: Mapping[str, str], pattern: str, limits: Material) -> Material:
        earlier = self._earlier(before, pattern)
        rows = drift = None
        if limits.min_rows is not None:
            if earlier is None:
                raise MlciError("its training data are not in git")
            found = [
                whole_rows(open_table(pattern, folder, self._options).chunks())
                for folder in (earlier, self.folder)
            ]
            rows = row_changes(*found).share
        if limits.min_drift is not None:
            profile = self._profile_of(earlier, pattern)
            drift = self._drift(profile, pattern)
        return Material(
            rows=rows, drift=drift, min_rows=limits.min_rows, min_drift=limits.min_drift
        )

    def _earlier(self, before: Mapping[str, str], pattern: str) -> Path | None:
        """A folder with the data as they were, each file by its digest; None: git has them not."""
        commit, top = self.commit, self.git.root()
        if commit is None or top is None:
            return None
        below = self.folder.resolve().relative_to(top.resolve())
        folder = self.scratch / "earlier"
        for name, digest in before.items():
            if not _matches(name, pattern):
                continue
            target = folder / name
            if not target.resolve().is_relative_to(folder.resolve()):
                return None
            path = os.path.normpath(below / name)
            if not self.git.has_file(commit, path):
                return None
            target.parent.mkdir(parents=True, exist_ok=True)
            self.git.write_blob(commit, path, target)
            if digest_of_input(target) != digest:
                return None
        return folder if folder.is_dir() else None

    def _profile_of(self, earlier: Path | None, pattern: str) -> TableProfile:
        text = None if self.bundle is None else stored_profile(TRAIN_PROFILE, self.bundle)
        if text is not None:
            return from_json(text, path=TRAIN_PROFILE)
        if earlier is None:
            raise MlciError(f"its training data are not in git, and no bundle has {TRAIN_PROFILE}")
        source = open_table(pattern, earlier, self._options)
        return sum_up_chunks(source.chunks(), aims=self._aims).profile

    def _drift(self, before: TableProfile, pattern: str) -> float:
        """The largest D of any column; 1 where the columns are others."""
        data = self.settings.data
        source = open_table(pattern, self.folder, self._options)
        now = sum_up_chunks(source.chunks(), aims=self._aims, reference=before).profile
        if now.by_name.keys() != before.by_name.keys():
            return 1.0
        compared = Compared(
            batch=now,
            reference=before,
            limits=data.checks,
            target=data.target,
            id=data.id,
            time=data.time,
            show_values=False,
        )
        drifts = [drift.d for _, drift in all_drifts(compared)]
        if not drifts:
            raise MlciError("no column has the values that drift is measured by")
        return max(drifts)

    @property
    def _aims(self) -> Aims:
        data = self.settings.data
        return Aims(
            target=data.target,
            id=data.id,
            set_aside=self.settings.set_aside,
            rows=False,
            relations=False,
        )

    @property
    def _options(self) -> ReadOptions:
        asked = self.settings.data.options
        return ReadOptions(
            separator=asked.separator,
            encoding=asked.encoding,
            columns=asked.columns or None,
            sheet=asked.sheet,
        )


def _changed(before: Mapping[str, str], now: Mapping[str, str], pattern: str) -> list[str]:
    """What changed of the data beside the training table."""
    changed = (name for name in sorted({*before, *now}) if before.get(name) != now.get(name))
    return [name for name in changed if not _matches(name, pattern)]


def _matches(name: str, pattern: str) -> bool:
    """Whether the path or glob means that file."""
    plain = pattern.removeprefix("./")
    return name == plain or _fits(name.split("/"), plain.split("/"))


def _fits(parts: Sequence[str], globs: Sequence[str]) -> bool:
    if not globs or not parts:
        return not parts and set(globs) <= {"**"}
    part, wanted = parts[0], globs[0]
    if part.startswith(".") and not wanted.startswith("."):
        return wanted == "**" and _fits(parts, globs[1:])
    if wanted == "**":
        return _fits(parts, globs[1:]) or _fits(parts[1:], globs)
    return fnmatchcase(part, wanted) and _fits(parts[1:], globs[1:])


def _unknown(limits: Material, why: str) -> Material:
    return Material(min_rows=limits.min_rows, min_drift=limits.min_drift, unknown=why)
