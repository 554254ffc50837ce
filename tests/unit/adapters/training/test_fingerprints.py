"""Which bytes count as inputs of a training?"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mlci_action.adapters.training.fingerprints import (
    FileDigests,
    InputFinder,
    digest_of_input,
    fingerprint_of,
)
from mlci_action.domain.fingerprint import Fingerprint, Part
from mlci_action.errors import SettingsError
from mlci_action.settings.values import TrainSettings

FILES = {
    "data/train.csv": "a",
    "data/more/x.json": "{}",
    "src/train.py": "1",
    "src/__pycache__/train.pyc": "x",
    "params.yaml": "p",
    "requirements.txt": "r",
    "models/m.bin": "old",
    "models/m.bin.mlci.json": "{}",
    "models/.m.bin.mlci-before/model": "old",
}


class Found:
    """A repository with a folder of settings in it."""

    def __init__(self, top: Path) -> None:
        self.top, self.folder = top, top / "project"
        for name, text in FILES.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text)

    def finder(
        self, *inputs: str, data: str | None = None, **parts: tuple[str, ...]
    ) -> InputFinder:
        globs = {Part(name): value for name, value in parts.items()}
        train = TrainSettings(command="c", output="models/m.bin", inputs=inputs, parts=globs)
        return InputFinder(train=train, folder=self.folder, top=self.top, train_data=data)

    def fingerprint(self, *inputs: str, python: str = "3.12.1", seed: int = 0) -> Fingerprint:
        return fingerprint_of(self.finder(*inputs), FileDigests(), python=python, seed=seed)


@pytest.fixture
def found(tmp_path: Path) -> Found:
    return Found(tmp_path / "repository")


def test_globs_reach_down_and_what_training_writes_is_no_input(found: Found) -> None:
    assert found.finder("**", "**/*.py").parts() == {
        "data/train.csv": Part.DATA,
        "data/more/x.json": Part.PARAMETERS,
        "src/train.py": Part.CODE,
        "params.yaml": Part.PARAMETERS,
        "requirements.txt": Part.DEPENDENCIES,
    }


def test_the_training_table_is_data_whatever_its_name(found: Found) -> None:
    parts = found.finder("data/**", data="data/more/*.json").parts()
    assert parts["data/more/x.json"] is Part.DATA


def test_the_settings_word_on_a_part_goes_before_the_name(found: Found) -> None:
    sorted_by_file = found.finder("src/*.py", code=("params.yaml",)).parts()
    assert sorted_by_file == {"params.yaml": Part.CODE, "src/train.py": Part.CODE}


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (("data/none*.csv",), "'data/none*.csv' matches no file"),
        (("nothing.py",), "'nothing.py' matches no file"),
        (("models/*",), "'models/*' matches no file"),
        (("https://host/x.csv",), "is no file of the repository"),
        (("../../outside.csv",), "leads out of the repository"),
        (("link.csv",), "leads out of the repository"),
        (("linked/**",), "leads out of the repository"),
        (("odd*",), "no name that can be recorded"),
    ],
)
def test_an_input_that_is_none_is_named(
    found: Found, inputs: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "x.csv").write_text("secret")
    (tmp_path / "outside.csv").write_text("x")
    (found.folder / "link.csv").symlink_to(outside / "x.csv")
    (found.folder / "linked").symlink_to(outside)
    (found.folder / "odd\nname.csv").write_text("")
    with pytest.raises(SettingsError) as caught:
        found.finder(*inputs).parts()
    assert said in caught.value.message


def test_a_file_in_two_parts_is_refused(found: Found) -> None:
    globs = {Part.DATA: ("src/*.py",), Part.CODE: ("src/train.py",)}
    both = TrainSettings(command="c", output="m", parts=globs)
    finder = InputFinder(train=both, folder=found.folder, top=found.top)
    with pytest.raises(SettingsError, match=r"'src/train.py' is both data and code"):
        finder.parts()


def test_a_link_within_the_repository_is_the_file_that_it_leads_to(found: Found) -> None:
    (found.folder / "same.csv").symlink_to("data/train.csv")
    data = found.fingerprint("same.csv", "data/train.csv").data
    assert data["same.csv"] == data["data/train.csv"]


def test_each_kind_of_change_moves_its_own_part(found: Found) -> None:
    inputs = ("src/*.py", "params.yaml", "requirements.txt", "data/**/*.csv")
    before = found.fingerprint(*inputs)
    assert found.fingerprint(*inputs).digest == before.digest
    assert found.fingerprint(*inputs, seed=1).changed_since(before) == (Part.PARAMETERS,)
    assert found.fingerprint(*inputs, python="3.13").changed_since(before) == (Part.DEPENDENCIES,)
    (found.folder / "data/train.csv").write_bytes(b"a\r\n")
    after = found.fingerprint(*inputs)
    assert after.changed_since(before) == (Part.DATA,)
    assert after.digest != before.digest


def test_what_a_notebook_printed_is_no_change(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"

    def digest(source: object, outputs: list[str], title: str = "t") -> str:
        cells = [
            {"cell_type": "markdown", "source": title},
            {"cell_type": "code", "source": source, "outputs": outputs},
        ]
        path.write_text(json.dumps({"cells": cells}))
        return digest_of_input(path)

    before = digest("x = 1\ny", [])
    assert digest(["x = 1\n", "y"], ["printed"], "another title") == before
    assert digest("x = 2\ny", []) != before
    path.write_text("no notebook")
    broken = digest_of_input(path)
    path.write_text("no notebook either")
    assert digest_of_input(path) != broken


def test_a_file_is_read_once_and_again_when_it_changed(tmp_path: Path) -> None:
    path, digests = tmp_path / "x", FileDigests()
    path.write_text("one")
    first, at = digests.of(path), path.stat()
    assert digests.of(path) == first
    path.write_text("two")
    # Whoever sets the time back does not hide it.
    os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))
    assert digests.of(path) != first
