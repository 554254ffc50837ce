"""The life of a retraining: what changed, trained or not, twice the same, and its own commit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlci_action.adapters.bundles import read_bundle
from mlci_action.adapters.github_event import Change, load_change
from mlci_action.adapters.permission import Permission
from mlci_action.adapters.training.records import record_beside, record_path
from mlci_action.adapters.world import Speaker
from mlci_action.domain.fingerprint import Part
from mlci_action.domain.retraining import Retrained
from mlci_action.errors import MlciError, SettingsError
from mlci_action.rendering.training_text import training_json, training_text
from mlci_action.retraining import retrain, retrainer
from mlci_action.runs import RunOptions, real_world
from tests.builders_bundle import make_bundle
from tests.fakes.repositories import Repository

# The "model" is what the inputs say; slow_ and odd_ variants are written over it.
TRAIN = """\
import os, pathlib
rows = pathlib.Path("data/train.csv").read_text().splitlines()
pathlib.Path("models").mkdir(exist_ok=True)
pathlib.Path("models/m.bin").write_text(f"{len(rows)} {pathlib.Path('params.yaml').read_text()}")
print("seed", os.environ["MLCI_SEED"])
"""
CONFIG = """\
data: {evaluation: data/test.csv, target: y, train: data/train.csv}
candidate: {model: models/m.bin}
metrics: {accuracy: {min: 0.5}}
train:
  command: python train.py
  inputs: ["data/train.csv", "*.py", params.yaml, requirements.txt]
  output: models/m.bin
"""
ROWS = "x,y\n" + "".join(f"{i * 37 % 97 / 10},{i % 2}\n" for i in range(200))


class Project:
    """A repository with a training, and what was said."""

    def __init__(self, folder: Path) -> None:
        self.repository = Repository(folder)
        self.folder = folder
        self.said: list[str] = []
        self.printed: list[str] = []
        self.environ = {**os.environ, "GITHUB_TOKEN": "hidden"}
        for name in ("GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "VIRTUAL_ENV"):
            self.environ.pop(name, None)
        files = {
            "data/train.csv": ROWS,
            "data/test.csv": ROWS,
            "train.py": TRAIN,
            "params.yaml": "depth: 3\n",
            "requirements.txt": "numpy==1.26.4\n",
            "mlci.yml": CONFIG,
        }
        self.commit({name: text.encode() for name, text in files.items()}, "begin")

    def commit(self, files: dict[str, bytes], message: str) -> str:
        return self.repository.commit(files, message)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    @property
    def output(self) -> Path:
        return self.folder / "models" / "m.bin"

    def __call__(
        self, *, force: bool = False, reproduce: bool = False, more: str = "", fork: bool = False
    ) -> Retrained:
        if more:
            self.write("mlci.yml", CONFIG + more)
        options = RunOptions(config=self.folder / "mlci.yml", python=sys.executable)
        speaker = Speaker(say=self.said.append, foreign=self.printed.append)
        change = load_change(self.environ)
        with real_world(options, change, environ=self.environ, speaker=speaker) as world:
            if fork:
                of_fork = Change(event_name="pull_request", is_fork=True, head_repository="a/b")
                world.permission = Permission(change=of_fork)
            return retrain(world, force=force, reproduce=reproduce)

    def refusal(self, *, force: bool = False, fork: bool = False) -> str:
        with pytest.raises(MlciError) as caught:
            self(force=force, fork=fork)
        return str(caught.value)

    def files(self) -> dict[str, bytes]:
        models = self.folder / "models"
        return {path.name: path.read_bytes() for path in sorted(models.iterdir())}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "a project")


def test_the_first_time_it_is_trained_and_then_there_is_nothing_to_do(project: Project) -> None:
    first = project()

    assert (first.exit_code, first.plan.train) == (0, True)
    record = record_beside(project.output)
    assert record is not None
    assert record == first.record
    assert (record.rows, record.command) == (200, "python train.py")
    assert record.parameters == {"seed": 0, "params.yaml": {"depth": 3}}
    assert sorted(record.fingerprint.code) == ["<command>", "train.py"]
    assert sorted(record.fingerprint.dependencies) == ["<python>", "requirements.txt"]
    assert project.printed == ["seed 0\n"]

    again = project()
    assert not again.plan.train
    assert again.plan.because == "the inputs are those of the model at models/m.bin"
    assert len(project.printed) == 1
    # A record from somewhere is told with all that led to it.
    assert training_json(again)["trained"] is False


def test_what_changed_is_told_by_part(project: Project) -> None:
    project()
    project.write("params.yaml", "depth: 4\n")
    project.write("help.py", "")

    found = project()

    assert found.plan.changed == (Part.CODE, Part.PARAMETERS)
    assert project.output.read_text() == "201 depth: 4\n"
    text = training_text(found)
    assert "help.py (new)" in text
    assert "params.yaml (changed)" in text
    assert text.endswith("Next: mlci gate")


def test_nothing_changed_in_a_model_of_another_record_is_not_taken_for_it(project: Project) -> None:
    project()
    project.output.write_bytes(b"another model")

    found = project()

    assert found.plan.train
    assert found.notes[0] == "m.bin.mlci.json is not about the model beside it"


def test_force_trains_whatever(project: Project) -> None:
    project()
    assert project(force=True).record is not None


def test_without_a_record_the_baselines_own_says_that_nothing_changed(project: Project) -> None:
    made = project().record
    assert made is not None
    bundle = make_bundle(project.folder / "live", model=project.output, training=made)
    assert read_bundle(bundle.folder).manifest.training == made
    record_path(project.output).unlink()
    project.output.unlink()

    found = project(more="baseline: {from: live}\n")

    assert not found.plan.train
    assert found.plan.since.startswith("the baseline")

    project.write("params.yaml", "depth: 9\n")
    assert project().plan.changed == (Part.PARAMETERS,)


def test_the_record_beside_a_baseline_in_git_is_found_as_well(project: Project) -> None:
    project()
    project.commit({}, "model")
    project.repository.branch("change")
    project.commit({"data/train.csv": (ROWS + "7,1\n").encode()}, "data")
    for path in (project.output, record_path(project.output)):
        path.unlink()

    found = project(more='baseline: {from: "git:main:models/m.bin"}\n')

    assert found.plan.since == "the baseline git:main:models/m.bin"
    assert found.plan.changed == (Part.DATA,)


def test_the_commit_of_a_training_is_never_trained_again(project: Project) -> None:
    project()
    project.commit({}, "A new model\n\nTrained-by: mlci")
    # Another Python than the runner's: the record alone would not hold it back.
    record = record_path(project.output)
    document = json.loads(record.read_text())
    document["training"]["fingerprint"]["dependencies"]["<python>"] = f"sha256:{'0' * 64}"
    project.commit({"models/m.bin.mlci.json": json.dumps(document).encode()}, "x")
    assert project().plan.train

    project.repository.git("reset", "--quiet", "--hard", "HEAD")
    project.commit({"models/m.bin": project.output.read_bytes()}, "again\n\nTrained-by: mlci")
    record.write_text(json.dumps(document, indent=2))
    project.commit({}, "again\n\nTrained-by: mlci\n")
    held = project()
    assert not held.plan.train
    assert "a training's own" in held.plan.because
    assert held.plan.changed == (Part.DEPENDENCIES,)

    project.write("params.yaml", "depth: 5\n")
    assert project().plan.train


def test_a_commit_with_the_trailer_that_brings_more_than_a_model_is_trained(
    project: Project,
) -> None:
    project()
    project.commit({"params.yaml": b"depth: 8\n"}, "sly\n\nTrained-by: mlci")
    assert project().plan.train


def test_little_new_data_is_no_reason_to_train(project: Project) -> None:
    project()
    project.commit({}, "model")
    project.write("data/train.csv", ROWS + "1000,1\n")
    least = "  material: {rows: 0.01}\n"

    few = project(more=least)
    assert not few.plan.train
    assert few.plan.material is not None
    assert few.plan.material.rows == pytest.approx(1 / 201)
    assert "rows are new or gone" in training_text(few)

    project.write("data/train.csv", ROWS + "".join(f"{i},0\n" for i in range(500, 510)))
    assert project().plan.train


def test_drift_of_the_data_is_measured_against_what_was_trained_on(project: Project) -> None:
    project()
    project.commit({}, "model")
    project.write("data/train.csv", ROWS + "3,1\n")
    least = "  material: {drift: 0.1}\n"
    assert not project(more=least).plan.train

    project.write("data/train.csv", ROWS.replace("\n1.", "\n9."))
    moved = project()
    assert moved.plan.train
    assert moved.plan.material is not None
    assert (moved.plan.material.drift or 0) > 0.1


def test_data_that_git_does_not_have_are_trained_on(project: Project) -> None:
    project.commit({".gitignore": b"data/\n"}, "no data")
    project.repository.git("rm", "-r", "--quiet", "--cached", "data")
    project.commit({}, "none")
    project()
    project.commit({}, "model")
    project.write("data/train.csv", ROWS + "1000,1\n")

    found = project(more="  material: {rows: 0.5}\n")

    assert found.plan.train
    assert "cannot be told" in found.plan.because


def test_a_commit_with_other_data_than_were_trained_on_says_nothing(project: Project) -> None:
    project()
    more = ROWS + "1000,1\n"
    project.commit({"data/train.csv": more.encode()}, "model of the rows before")
    project.write("data/train.csv", more + "1001,1\n")

    found = project(more="  material: {rows: 0.5}\n")

    assert found.plan.train
    assert "its training data are not in git" in found.plan.because


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("raise SystemExit('no luck')", "exit code 1; its last line: no luck"),
        ("pass", "wrote no 'models/m.bin'"),
        ("open('models/m.bin', 'w')", "is empty"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "by SIGKILL"),
        ("import os; os.symlink('/etc/passwd', 'models/m.bin'); 1/0", "ZeroDivisionError"),
        (TRAIN + "open('params.yaml', 'a').write('# x')", "changed its own inputs ('params.yaml'"),
    ],
    ids=["fails", "nothing", "empty", "killed", "link", "inputs"],
)
def test_what_fails_leaves_the_old_model_as_it_was(
    project: Project, program: str, said: str
) -> None:
    project()
    before = project.files()
    project.write("train.py", program)

    assert said in project.refusal(force=True)

    assert project.files() == before
    assert record_beside(project.output) is not None


def test_a_training_that_takes_too_long_is_ended_with_all_that_it_started(
    project: Project,
) -> None:
    project.write("mlci.yml", CONFIG + "  timeout_seconds: 1\n")
    project.write("train.py", "import subprocess; subprocess.run(['sleep', '600'])")
    assert "within 1 seconds" in project.refusal()
    assert project.files() == {}


def test_it_sees_no_token_and_what_the_settings_let_through(project: Project) -> None:
    project.environ["DATA_HOME"] = "/somewhere"
    project.write("train.py", f"{TRAIN}\nprint(sorted(os.environ))")
    project(more="  env: [DATA_HOME]\n")
    assert "DATA_HOME" in project.printed[0]
    assert "GITHUB" not in project.printed[0]
    project.write("mlci.yml", CONFIG + "  env: [GITHUB_TOKEN]\n")
    assert "GITHUB_TOKEN is never shown" in project.refusal(force=True)


def test_a_forks_training_does_not_run(project: Project) -> None:
    assert "train.command is code of this change" in project.refusal(fork=True)
    assert not project.output.exists()


def test_without_train_there_is_nothing_that_could_be_trained(project: Project) -> None:
    project.write("mlci.yml", CONFIG.partition("train:\n")[0])
    with pytest.raises(SettingsError, match="says nothing of training"):
        project()


# Its "model" is what it predicts, so that nothing heavy has to be loaded.
_PREDICTING = """\
import os, pathlib, random
draw = random.Random({seed})
nonce = {nonce}
scores = [0.25 + row % 2 / 2 + draw.random() / 5 for row in range(200)]
lines = [f"{{row % 2}},{{score:.6f}},{{nonce}}" for row, score in enumerate(scores)]
lines = ["prediction,probability,nonce", *lines]
pathlib.Path("models/m.bin").write_text("\\n".join(lines))
"""


@pytest.mark.parametrize(
    ("seed", "nonce", "code", "said"),
    [
        ("0", "0", 0, "gave the same bytes"),
        ("0", "os.urandom(6).hex()", 0, "bytes differ, predictions identical"),
        ("None", "0", 1, "Not reproducible"),
    ],
    ids=["bytes", "predictions", "neither"],
)
def test_training_twice_says_what_is_the_same(
    project: Project, seed: str, nonce: str, code: int, said: str
) -> None:
    project()
    before = project.files()
    project.write("train.py", _PREDICTING.format(seed=seed, nonce=nonce))
    predicting = CONFIG.replace("{model: models/m.bin}", "{predictions: models/m.bin}")
    project.write("mlci.yml", predicting.replace("accuracy: {min: 0.5}", "log_loss: {max: 1}"))

    found = project(reproduce=True)

    assert found.exit_code == code
    assert said in training_text(found)
    # The inputs changed, so it was to be trained anyway: the first model stays.
    assert record_beside(project.output) == found.record
    assert project.files() != before
    if code:
        assert found.reproduced is not None
        assert (found.reproduced.max_difference or 0) > 0
        assert found.reproduced.flipped == 0
        assert [pair.metric for pair in found.reproduced.metrics] == ["log_loss"]

    kept = project.files()
    again = project(reproduce=True)
    assert again.record is None
    assert project.files() == kept


def test_each_seed_has_a_model_of_its_own_and_the_output_stays(
    project: Project, tmp_path: Path
) -> None:
    project()
    before = project.files()
    seeded = "import os, pathlib; pathlib.Path('models/m.bin').write_text(os.environ['MLCI_SEED'])"
    project.write("train.py", seeded)
    options = RunOptions(config=project.folder / "mlci.yml", python=sys.executable)
    speaker = Speaker(say=lambda _: None, foreign=lambda _: None)
    with real_world(options, Change(), environ=project.environ, speaker=speaker) as world:
        trained = retrainer(world, tmp_path)
        assert [trained(seed).read_text() for seed in (3, 4)] == ["3", "4"]
    assert project.files() == before


_KILLED = """\
import sys
from pathlib import Path
from tests.integration.test_training import Project
project = Project.__new__(Project)
project.folder, project.said, project.printed = Path(sys.argv[1]), [], []
import os
project.environ = dict(os.environ)
from mlci_action import __main__ as entry
import signal
signal.signal(signal.SIGTERM, entry._terminated)
project(force=True)
"""


def test_a_run_that_is_ended_gives_the_old_model_back(project: Project) -> None:
    project()
    before = project.files()
    project.write("train.py", "open('begun', 'w'); import time; time.sleep(600)")
    root = Path(__file__).resolve().parents[2]
    environ = {**os.environ, "PYTHONPATH": str(root)}
    environ.pop("GITHUB_EVENT_NAME", None)
    process = subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(project.folder)],
        cwd=root,
        env=environ,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not (project.folder / "begun").exists() and process.poll() is None:
            time.sleep(0.02)
        assert process.poll() is None
        assert not project.output.exists()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert project.files() == before
