"""Which models lie between the old and the new one? Trained with some parts new, others as before.

What each part brought to a change is told from them, see `evaluation/moves.py`.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from mlci_action.adapters.config_file import load_config
from mlci_action.adapters.git import Git
from mlci_action.adapters.interpreters import Interpreter
from mlci_action.adapters.model_files import digest_of_model
from mlci_action.adapters.training.fingerprints import (
    PYTHON,
    FileDigests,
    InputFinder,
    fingerprint_of,
)
from mlci_action.adapters.training.running import Trainer
from mlci_action.adapters.training.trees import copy_working, put_back, write_commit
from mlci_action.domain.fingerprint import Fingerprint, Part
from mlci_action.domain.moves import corner_name
from mlci_action.errors import MlciError, SettingsError
from mlci_action.evaluation.moves import Corner, corners_of
from mlci_action.settings.values import Settings, TrainSettings

_TWO = 2
_NO_OLD_PYTHON = (
    "dependencies changed too, and there is no environment with the old ones to train in:"
    " name them as baseline.requirements"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Corners:
    """The parts that changed, and the models in between, by the parts that are new in each.

    The old model (no part new) and the new one (all of them) are at hand, and not among them. note:
    why some are missing, empty when none is.
    """

    changed: tuple[Part, ...]
    models: Mapping[Corner, Path] = field(default_factory=dict)
    note: str = ""


@dataclass(kw_only=True)
class CornerTrainer:
    """Trains them in `scratch`, with the inputs of `commit` where a part is to be as before.

    config: the settings file's name in `folder`. known: what the old model was made of, None where
    nobody knows. old_python: the interpreter with the old dependencies, None where there is none.
    clock: seconds, for the time that all of it may take.
    """

    settings: Settings
    train: TrainSettings
    folder: Path
    config: str
    git: Git
    commit: str
    known: Fingerprint | None
    trainer: Trainer
    scratch: Path
    say: Callable[[str], None]
    old_python: Callable[[], Interpreter] | None = None
    clock: Callable[[], float] = time.monotonic

    def models(self) -> Corners:
        """The models that could be trained within `train.explain_seconds`, single parts first.

        MlciError only where nothing can be told at all of what changed.
        """
        deadline = self.clock() + self.train.explain_seconds
        two = self._two_times()
        changed = two.now.changed_since(two.before)
        wanted = corners_of(changed)[1:-1]
        if not wanted:
            return Corners(changed=changed)
        old_python: Interpreter | None = self.trainer.interpreter
        if Part.DEPENDENCIES in changed:
            if self.old_python is None:
                return Corners(changed=changed, note=_NO_OLD_PYTHON)
            old_python = self.old_python()
        self._prepare(two)
        models: dict[Corner, Path] = {}
        for corner in wanted:
            name, left = corner_name(corner), deadline - self.clock()
            if left <= 0:
                seconds = f"{self.train.explain_seconds:g} seconds"
                note = f"train.explain_seconds, {seconds}, were over before {name} was trained"
                return Corners(changed=changed, models=models, note=note)
            self.say(f"training with what is new in {name} alone")
            try:
                models[corner] = self._trained(corner, two, old_python, left)
            except MlciError as error:
                note = f"with what is new in {name} alone: {error.message}"
                return Corners(changed=changed, models=models, note=note)
        return Corners(changed=changed, models=models)

    def _two_times(self) -> _TwoTimes:
        top = self.git.root()
        if top is None:
            raise MlciError("the inputs of the baseline are not in git")
        below = self.folder.resolve().relative_to(top.resolve())
        base = self.scratch / "base"
        write_commit(self.git, self.commit, base)
        earlier = self._earlier_settings(base / below)
        digests, python = FileDigests(), self.trainer.interpreter.version
        before = self._fingerprint(earlier, base / below, base, digests, python)
        now = self._fingerprint(self.settings, self.folder, top, digests, python)
        if self.known is not None:
            # With which Python, only the old model's own record knows.
            was = self.known.dependencies.get(PYTHON, before.dependencies[PYTHON])
            before = replace(before, dependencies={**before.dependencies, PYTHON: was})
            other = before.changes_since(self.known)
            if other:
                raise MlciError(
                    f"{other[0].name!r} of commit {self.commit[:12]} is not what the baseline was"
                    " made of"
                )
        return _TwoTimes(top=top, below=below, base=base, earlier=earlier, before=before, now=now)

    def _earlier_settings(self, folder: Path) -> Settings:
        """Those of the commit; where it says nothing of training, ours."""
        try:
            found = load_config(folder / self.config).settings
        except SettingsError:
            return self.settings
        return self.settings if found.train is None else found

    def _fingerprint(
        self, settings: Settings, folder: Path, top: Path, digests: FileDigests, python: str
    ) -> Fingerprint:
        train = settings.train or self.train
        finder = InputFinder(train=train, folder=folder, top=top, train_data=settings.data.train)
        return fingerprint_of(finder, digests, python=python, seed=settings.evidence.seed)

    def _prepare(self, two: _TwoTimes) -> None:
        finder = InputFinder(
            train=self.train, folder=self.folder, top=two.top, train_data=self.settings.data.train
        )
        inputs = (self.folder / name for name in finder.parts())
        copy_working(self.git, two.top, inputs, self.scratch / "now")

    def _trained(
        self, corner: Corner, two: _TwoTimes, old_python: Interpreter | None, seconds: float
    ) -> Path:
        tree = self.scratch / "tree"
        shutil.copytree(self.scratch / "now", tree, symlinks=True)
        try:
            folder = tree / two.below
            old = [part for part in Part if part not in corner]
            put_back(folder, two.base / two.below, old, before=two.before, now=two.now)
            of_code = self.settings if Part.CODE in corner else two.earlier
            of_numbers = self.settings if Part.PARAMETERS in corner else two.earlier
            train = of_code.train or self.train
            output = folder / train.output
            _remove(output)
            trainer = replace(self.trainer, command=train.command)
            if Part.DEPENDENCIES not in corner and old_python is not None:
                trainer = replace(trainer, interpreter=old_python)
            trainer.run(
                folder,
                seed=of_numbers.evidence.seed,
                timeout_seconds=min(seconds, self.train.timeout_seconds),
                read_only=() if tree.is_relative_to(two.top) else (two.top,),
            )
            digest_of_model(output, who="the model in between")
            kept = self.scratch / "models" / corner_name(corner) / output.name
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(output, kept)
        finally:
            shutil.rmtree(tree, ignore_errors=True)
        return kept


@dataclass(frozen=True, kw_only=True, slots=True)
class _TwoTimes:
    """The inputs before and now. base: a folder with the files of before, as in the repository."""

    top: Path
    below: Path
    base: Path
    earlier: Settings
    before: Fingerprint
    now: Fingerprint


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
