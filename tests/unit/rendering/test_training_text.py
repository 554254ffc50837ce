"""What `mlci train` says."""

from __future__ import annotations

import json

from mlci_action.domain.fingerprint import Change, Fingerprint, Part, TrainingRecord
from mlci_action.domain.retraining import MetricPair, Plan, Reproduced, Retrained
from mlci_action.rendering.training_text import training_json, training_text

CHANGES = tuple(Change(part=Part.DATA, name=f"data/{n}.csv", how="new") for n in range(12))
RECORD = TrainingRecord(model=f"sha256:{'a' * 64}", command="x", fingerprint=Fingerprint())


def test_ten_files_of_a_part_are_named_and_the_others_counted() -> None:
    plan = Plan(train=True, because="data changed since the model at m", changes=CHANGES)
    text = training_text(Retrained(plan=plan, output="models/m", record=RECORD))
    assert text.splitlines()[0] == "Trained models/m: data changed since the model at m."
    assert "data/9.csv (new) and 2 more" in text
    assert "data/10.csv" not in text
    assert text.endswith("\n\nNext: mlci gate")
    assert max(map(len, text.splitlines())) <= 80


def test_nothing_to_do_says_how_to_train_all_the_same() -> None:
    plan = Plan(train=False, because="the inputs are those of the model at m")
    text = training_text(Retrained(plan=plan, output="m", notes=("there\nis ::no:: baseline",)))
    assert text == (
        "Nothing to train: the inputs are those of the model at m.\n"
        "  note         there is ::no:: baseline\n\n"
        "Next: mlci gate, or mlci train --force to train all the same"
    )


def test_what_differs_between_two_trainings_is_told_with_its_size() -> None:
    differs = Reproduced(
        same_bytes=False,
        same_predictions=False,
        rows=1000,
        max_difference=0.25,
        flipped=0.004,
        metrics=(
            MetricPair(metric="roc_auc", first=0.8, second=0.79),
            MetricPair(metric="f1", first=None, second=0.5),
        ),
    )
    found = Retrained(plan=Plan(train=False, because="x"), output="m", reproduced=differs)
    text = " ".join(training_text(found).split())
    assert "differ on 1,000 rows: by at most 0.25, and 0.004 of the labels flip." in text
    assert "roc_auc 0.8 and 0.79, -0.01" in text
    assert "f1 has no value" in text
    assert training_json(found)["exit_code"] == 1


def test_the_json_is_plain_and_bounded() -> None:
    many = tuple(Change(part=Part.CODE, name=f"{n}.py", how="gone") for n in range(2_000))
    plan = Plan(train=True, because="b", changes=many, since="s")
    document = json.loads(
        json.dumps(training_json(Retrained(plan=plan, output="m", record=RECORD)))
    )
    assert document["trained"] is True
    assert len(document["changed"]["code"]) == 1_000
    assert document["record"]["model"] == RECORD.model
