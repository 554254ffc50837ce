"""When is it worth training again?"""

from __future__ import annotations

import pytest

from mlci_action.domain.fingerprint import Change, Fingerprint, Part, TrainingRecord
from mlci_action.domain.input_parts import part_of
from mlci_action.domain.retraining import Known, Material, Plan, Reproduced, Retrained, what_to_do

BEFORE = Fingerprint(
    data={"a.csv": "1"}, code={"t.py": "1", "<command>": "1"}, dependencies={"<python>": "1"}
)
NEW_DATA = Fingerprint(data={"a.csv": "2"}, code=BEFORE.code, dependencies=BEFORE.dependencies)
NEW_BOTH = Fingerprint(data={"a.csv": "1", "b.csv": "1"}, dependencies=BEFORE.dependencies)


def known(whose: str = "the model at m", fingerprint: Fingerprint = BEFORE) -> Known:
    record = TrainingRecord(model="sha256:m", command="train", fingerprint=fingerprint)
    return Known(record=record, whose=whose)


def of(rows: float | None = None, drift: float | None = None, **more: str) -> Material:
    return Material(
        rows=rows, drift=drift, min_rows=0.1, min_drift=0.2, unknown=more.get("why", "")
    )


def test_the_first_time_there_is_nothing_to_compare_with() -> None:
    plan = what_to_do(BEFORE, beside=None, baseline=None)
    assert plan == Plan(train=True, because="there is no record of an earlier training")


@pytest.mark.parametrize(
    ("beside", "baseline"), [(known(), None), (None, known())], ids=["beside", "baseline"]
)
def test_the_inputs_of_a_known_model_are_not_trained_on_again(
    beside: Known | None, baseline: Known | None
) -> None:
    plan = what_to_do(BEFORE, beside=beside, baseline=baseline)
    assert (plan.train, plan.because) == (False, "the inputs are those of the model at m")


def test_what_changed_is_told_by_name_and_part() -> None:
    plan = what_to_do(NEW_BOTH, beside=known(), baseline=None)
    assert plan.because == "data and code changed since the model at m"
    assert plan.changes == (
        Change(part=Part.DATA, name="b.csv", how="new"),
        Change(part=Part.CODE, name="<command>", how="gone"),
        Change(part=Part.CODE, name="t.py", how="gone"),
    )


def test_the_model_at_hand_counts_and_not_the_baseline() -> None:
    """It is not what these inputs give, whatever the baseline was made of."""
    stale = known(fingerprint=NEW_DATA)
    assert what_to_do(BEFORE, beside=stale, baseline=known("the baseline")).train


@pytest.mark.parametrize("model", [None, known()])
def test_on_a_trainings_own_commit_nothing_is_trained(model: Known | None) -> None:
    plan = what_to_do(NEW_DATA, beside=model, baseline=None, own_commit="c" * 40)
    assert not plan.train
    assert plan.because.startswith("commit cccccccccccc is a training's own")
    assert what_to_do(NEW_DATA, beside=model, baseline=None, own_commit="c" * 40, force=True).train


@pytest.mark.parametrize(
    ("material", "train"),
    [
        (of(0.09, 0.19), False),
        (of(0.1, 0.0), True),
        (of(0.0, 0.2), True),
        (of(0.0, None), True),
        (of(0.0, float("nan")), True),
        (of(0.0, 0.0, why="nobody knows, so it is trained"), True),
    ],
)
def test_only_data_that_changed_little_are_not_trained_on(
    material: Material,
    train: bool,  # noqa: FBT001
) -> None:
    plan = what_to_do(NEW_DATA, beside=known(), baseline=None, material=lambda _: material)
    assert plan.train is train
    assert plan.material is material
    assert material.sentence in plan.because


def test_how_much_data_changed_is_not_asked_where_more_did() -> None:
    def measured(_: Known) -> Material:
        raise AssertionError

    assert what_to_do(NEW_BOTH, beside=known(), baseline=None, material=measured).train


def test_a_training_that_says_something_else_next_time_is_no_success() -> None:
    plan = Plan(train=True, because="")
    assert Retrained(plan=plan, output="m").exit_code == 0
    for same, code in ((True, 0), (False, 1)):
        twice = Reproduced(same_bytes=False, same_predictions=same)
        assert Retrained(plan=plan, output="m", reproduced=twice).exit_code == code


@pytest.mark.parametrize(
    ("part", "names"),
    [
        (Part.CODE, "train.py src/a/Model.R fit.jl run.sh nb.ipynb q.sql Makefile a/Snakefile"),
        (
            Part.DEPENDENCIES,
            """requirements.txt requirements-dev.txt a/base.requirements.txt uv.lock poetry.lock
            pyproject.toml setup.cfg environment.yml conda-lock.yml Pipfile Pipfile.lock renv.lock
            Dockerfile docker/Dockerfile.gpu""",
        ),
        (Part.PARAMETERS, "params.yaml a.yml c.toml d.json e.ini f.cfg"),
        (Part.DATA, "train.csv a.parquet x notes.txt data/train.csv.dvc rows.jsonl lockfile"),
    ],
)
def test_a_name_tells_what_a_file_is(part: Part, names: str) -> None:
    assert {name: part_of(name) for name in names.split()} == dict.fromkeys(names.split(), part)
