"""Models in between: trained with some parts of the inputs new and the others as they were."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mlci_action.adapters.git import Git
from mlci_action.adapters.interpreters import Interpreter
from mlci_action.adapters.training.corners import Corners, CornerTrainer
from mlci_action.adapters.training.fingerprints import FileDigests, InputFinder, fingerprint_of
from mlci_action.adapters.training.running import Trainer
from mlci_action.domain.fingerprint import Fingerprint, Part
from mlci_action.errors import MlciError
from mlci_action.settings.parse import parse_settings
from mlci_action.settings.values import TrainSettings
from tests.fakes.repositories import Repository

CONFIG = """\
data: {{evaluation: test.csv, target: y}}
candidate: {{model: models/m}}
metrics: {{accuracy: {{min: 0.5}}}}
train:
  command: python train.py
  inputs: ["data/**", train.py, "lib/*.py", params.yaml, requirements.txt]
  output: models/m
  explain_seconds: 60
evidence: {{seed: {seed}}}
"""
TRAIN = """\
import os, pathlib
read = lambda name: pathlib.Path(name).read_text().strip()
rows = sorted(read(path) for path in pathlib.Path("data").iterdir())
said = [*rows, "{code}", read("params.yaml"), os.environ["MLCI_SEED"], read("../shared.txt")]
pathlib.Path("models").mkdir(exist_ok=True)
pathlib.Path("models/m").write_text(" ".join(said))
"""
OLD = {
    "project/mlci.yml": CONFIG.format(seed=0),
    "project/train.py": TRAIN.format(code="old-code"),
    "project/lib/gone.py": "",
    "project/lib/kept.py": "",
    "project/params.yaml": "old-depth",
    "project/requirements.txt": "a==1",
    "project/data/a.csv": "old-a",
    "project/data/b.csv": "b",
    "shared.txt": "shared",
    ".gitignore": "project/models/\n",
}
NEW = {
    "project/data/a.csv": "new-a",
    "project/data/c.csv": "c",
    "project/train.py": TRAIN.format(code="new-code"),
    "project/mlci.yml": CONFIG.format(seed=5),
    "project/params.yaml": "new-depth",
}
PYTHON = Interpreter(path=Path(sys.executable), reason="", version="3.11.0")


class Between:
    """A repository with a commit, and a working copy that went on."""

    def __init__(self, tmp_path: Path) -> None:
        self.scratch = tmp_path / "scratch"
        self.repository = Repository(tmp_path / "repository")
        self.folder = self.repository.folder / "project"
        self.base = self.repository.commit({k: v.encode() for k, v in OLD.items()}, "old")

    def write(self, *names: str) -> None:
        for name in names:
            (self.repository.folder / name).write_text(NEW[name])

    def __call__(
        self,
        *,
        known: Fingerprint | None = None,
        seconds: float = 60,
        clock: Callable[[], float] | None = None,
        old_python: Callable[[], Interpreter] | None = None,
    ) -> Corners:
        text = (self.folder / "mlci.yml").read_text()
        settings = parse_settings(text, path="mlci.yml")
        assert settings.train is not None
        train = replace(settings.train, explain_seconds=seconds)
        trainer = CornerTrainer(
            settings=settings,
            train=train,
            folder=self.folder,
            config="mlci.yml",
            git=Git(folder=self.folder),
            commit=self.base,
            known=known,
            trainer=Trainer(
                command=train.command,
                interpreter=PYTHON,
                environ=os.environ,
                env=(),
                timeout_seconds=60,
                show_log=lambda _: None,
            ),
            scratch=self.scratch,
            say=lambda _: None,
            old_python=old_python,
        )
        if clock is not None:
            trainer.clock = clock
        return trainer.models()

    def fingerprint(self, python: str = "3.11.0") -> Fingerprint:
        settings = parse_settings((self.folder / "mlci.yml").read_text(), path="mlci.yml")
        train = settings.train or TrainSettings(command="", output="")
        finder = InputFinder(train=train, folder=self.folder, top=self.repository.folder)
        return fingerprint_of(finder, FileDigests(), python=python, seed=0)


@pytest.fixture
def between(tmp_path: Path) -> Between:
    return Between(tmp_path)


def said(found: Corners) -> dict[str, str]:
    return {"+".join(sorted(corner)): path.read_text() for corner, path in found.models.items()}


def test_each_model_in_between_has_some_parts_new_and_the_rest_as_it_was(between: Between) -> None:
    between.write(*NEW)
    (between.folder / "lib" / "gone.py").unlink()
    (between.folder / "data" / "b.csv").unlink()
    before = between.repository.snapshot()

    found = between()

    assert found.changed == (Part.DATA, Part.CODE, Part.PARAMETERS)
    assert found.note == ""
    assert said(found) == {
        "data": "c new-a old-code old-depth 0 shared",
        "code": "b old-a new-code old-depth 0 shared",
        "parameters": "b old-a old-code new-depth 5 shared",
        "code+data": "c new-a new-code old-depth 0 shared",
        "data+parameters": "c new-a old-code new-depth 5 shared",
        "code+parameters": "b old-a new-code new-depth 5 shared",
    }
    assert between.repository.snapshot() == before
    assert not (between.folder / "models").exists()


def test_where_one_part_changed_there_is_nothing_in_between(between: Between) -> None:
    between.write("project/data/a.csv")
    assert between() == Corners(changed=(Part.DATA,))


def test_single_parts_come_first_and_time_ends_it(between: Between) -> None:
    between.write(*NEW)
    seconds = iter([0.0, 1.0, 2.0, 100.0])
    found = between(seconds=10, clock=lambda: next(seconds))
    assert [set(corner) for corner in found.models] == [{Part.DATA}, {Part.CODE}]
    assert found.note == (
        "train.explain_seconds, 10 seconds, were over before parameters was trained"
    )


def test_a_training_that_fails_in_between_is_told(between: Between) -> None:
    between.write("project/data/a.csv")
    (between.folder / "train.py").write_text("raise SystemExit('no')")
    found = between()
    assert said(found) == {"data": "b new-a old-code old-depth 0 shared"}
    assert found.note.startswith("with what is new in code alone: the training ended with exit")


def test_dependencies_need_an_environment_of_their_own(between: Between) -> None:
    between.write("project/data/a.csv")
    (between.folder / "requirements.txt").write_text("a==2")
    found = between()
    assert found.models == {}
    assert found.note.startswith("dependencies changed too, and there is no environment")

    between.scratch = between.scratch / "again"
    between.scratch.mkdir(parents=True)
    asked = []

    def old() -> Interpreter:
        asked.append(1)
        return PYTHON

    found = between(old_python=old)
    assert sorted(said(found)) == ["data", "dependencies"]
    assert asked == [1]


def test_another_python_is_told_from_what_is_known_of_the_old_model(between: Between) -> None:
    known = between.fingerprint(python="3.10.1")
    between.write("project/data/a.csv")
    assert between(known=known).changed == (Part.DATA, Part.DEPENDENCIES)


def test_a_commit_that_is_not_what_the_old_model_was_made_of_tells_nothing(
    between: Between,
) -> None:
    between.write("project/data/a.csv")
    known = between.fingerprint()
    with pytest.raises(MlciError, match="is not what the baseline was made of"):
        between(known=known)


def test_ignored_inputs_and_links_come_along(between: Between) -> None:
    folder = between.repository.folder
    (folder / ".gitignore").write_text("project/models/\nproject/data/large.csv\n")
    (folder / "project" / "data" / "large.csv").write_text("large")
    (folder / "project" / "link.txt").symlink_to("params.yaml")
    between.write("project/train.py")
    found = between()
    assert said(found)["data"] == "b large old-a old-code old-depth 0 shared"
