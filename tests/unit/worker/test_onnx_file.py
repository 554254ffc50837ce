from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.loading import load_model, shown_class
from mlci_action.worker.versions import recorded_versions
from tests.unit.worker.boosters import AMOUNT, AS_TEXT, NUMBERS, THREE, TWO

ARRAY = NUMBERS.to_numpy(np.float32)
LABELS = np.where(TWO == 1, "yes", "no")
OPSET = 17


def near(said: Any, expected: Any) -> bool:  # noqa: ANN401
    """Whether both are the same but for the float32 of ONNX."""
    return np.shape(said) == np.shape(expected) and bool(np.allclose(said, expected, atol=1e-4))


def loaded(tmp_path: Path, model: onnx.ModelProto) -> Any:  # noqa: ANN401
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    return load_model(path, {}, format="onnx")[0]


def converted(fitted: Any, **options: Any) -> onnx.ModelProto:  # noqa: ANN401
    made: onnx.ModelProto = to_onnx(
        fitted, ARRAY[:1], target_opset=OPSET, options={id(fitted): options}
    )
    return made


def graph(
    nodes: list[onnx.NodeProto], inputs: list[Any], outputs: list[Any], *, ir: int = 8
) -> onnx.ModelProto:
    made = helper.make_graph(nodes, "graph", inputs, outputs)
    opsets = [helper.make_opsetid("", OPSET)]
    return helper.make_model(made, opset_imports=opsets, ir_version=ir)


def tensor(name: str, shape: list[Any], kind: int = TensorProto.FLOAT) -> Any:  # noqa: ANN401
    return helper.make_tensor_value_info(name, kind, shape)


@pytest.mark.parametrize("zipmap", [True, False])
@pytest.mark.parametrize(
    ("target", "classes"),
    [(TWO, [0, 1]), (LABELS, ["no", "yes"]), (THREE, [0, 1, 2])],
    ids=["codes", "text", "several"],
)
def test_a_classifier_of_one_tensor(
    tmp_path: Path,
    target: Any,  # noqa: ANN401
    classes: list[Any],
    zipmap: bool,  # noqa: FBT001
) -> None:
    fitted = LogisticRegression().fit(ARRAY, target)

    model = loaded(tmp_path, converted(fitted, zipmap=zipmap))

    assert model.feature_names_in_ is None
    assert model.n_features_in_ == 2
    assert model.predict(NUMBERS).tolist() == fitted.predict(ARRAY).tolist()
    assert near(model.predict_proba(NUMBERS), fitted.predict_proba(ARRAY))
    assert model.classes_ == classes
    assert shown_class(model) == "onnxruntime.InferenceSession"


def test_a_forest_of_doubles(tmp_path: Path) -> None:
    wide = NUMBERS.to_numpy()
    fitted = RandomForestClassifier(3, random_state=0).fit(wide, LABELS)

    model = loaded(tmp_path, to_onnx(fitted, wide[:1], target_opset=OPSET))

    assert model.predict(NUMBERS).tolist() == fitted.predict(wide).tolist()
    assert near(model.predict_proba(wide), fitted.predict_proba(wide))


def test_one_input_for_each_column(tmp_path: Path) -> None:
    table = AS_TEXT.assign(count=np.arange(len(AS_TEXT)) % 5)
    encoder = make_column_transformer((OneHotEncoder(), ["city"]), remainder="passthrough")
    fitted = make_pipeline(encoder, LogisticRegression()).fit(table, LABELS)
    types = [
        ("age x", FloatTensorType([None, 1])),
        ("income", FloatTensorType([None, 1])),
        ("city", StringTensorType([None, 1])),
        ("count", Int64TensorType([None, 1])),
    ]

    model = loaded(tmp_path, to_onnx(fitted, initial_types=types, target_opset=OPSET))

    assert model.feature_names_in_ == ["age_x", "income", "city", "count"]
    assert model.writes_blanks_as == "_"
    assert model.predict(table).tolist() == fitted.predict(table).tolist()
    assert near(model.predict_proba(table), fitted.predict_proba(table))


def test_missing_text_and_missing_whole_numbers_are_refused(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Cast", ["count"], ["number"], to=TensorProto.FLOAT),
        helper.make_node("Identity", ["city"], ["unused"]),
    ]
    inputs = [
        tensor("city", [None, 1], TensorProto.STRING),
        tensor("count", [None, 1], TensorProto.INT64),
    ]
    model = loaded(tmp_path, graph(nodes, inputs, [tensor("number", [None, 1])]))
    whole = pd.DataFrame({"city": ["Bonn", "Rome"], "count": [1, 2]})

    assert model.predict(whole).tolist() == [1.0, 2.0]
    with pytest.raises(WorkerFailure, match="takes text as 'city', and values are missing"):
        model.predict(whole.assign(city=["Bonn", np.nan]))
    with pytest.raises(WorkerFailure, match="whole numbers as 'count', and values are missing"):
        model.predict(whole.assign(count=[1.0, np.nan]))


@pytest.mark.parametrize("size", [1, 32])
def test_a_fixed_batch_is_asked_in_pieces(tmp_path: Path, size: int) -> None:
    fitted = LogisticRegression().fit(ARRAY, LABELS)
    types = [("rows", FloatTensorType([size, 2]))]

    model = loaded(tmp_path, to_onnx(fitted, initial_types=types, target_opset=OPSET))

    assert model.predict(NUMBERS).tolist() == fitted.predict(ARRAY).tolist()
    assert near(model.predict_proba(NUMBERS), fitted.predict_proba(ARRAY))


def test_a_batch_that_is_answered_as_one_is_refused(tmp_path: Path) -> None:
    node = helper.make_node("ReduceMean", ["rows"], ["mean"], axes=[0])
    model = loaded(tmp_path, graph([node], [tensor("rows", [4, 2])], [tensor("mean", [1, 2])]))

    with pytest.raises(WorkerFailure, match="takes 4 rows at once, and gives 1 answers"):
        model.predict(NUMBERS)


def test_a_regression_gives_numbers_and_nothing_else(tmp_path: Path) -> None:
    fitted = LinearRegression().fit(ARRAY, AMOUNT)

    model = loaded(tmp_path, converted(fitted))

    assert near(model.predict(NUMBERS), fitted.predict(ARRAY))
    for method in (model.predict_proba, model.decision_function):
        with pytest.raises(NotImplementedError):
            method(NUMBERS)
    assert model.classes_ is None


def test_a_network_without_labels_gives_probabilities_by_their_sum(tmp_path: Path) -> None:
    nodes = [helper.make_node("Softmax", ["rows"], ["out"], axis=1)]
    model = loaded(tmp_path, graph(nodes, [tensor("rows", ["n", 2])], [tensor("out", ["n", 2])]))

    assert model.predict(NUMBERS).tolist() == ARRAY.argmax(axis=1).tolist()
    assert near(model.predict_proba(NUMBERS).sum(axis=1), np.ones(len(NUMBERS)))


def test_a_network_without_probabilities_gives_decisions(tmp_path: Path) -> None:
    nodes = [helper.make_node("Identity", ["rows"], ["logits"])]
    outputs = [tensor("logits", ["n", 2])]
    model = loaded(tmp_path, graph(nodes, [tensor("rows", ["n", 2])], outputs))

    model.predict(NUMBERS)

    with pytest.raises(NotImplementedError):
        model.predict_proba(NUMBERS)
    assert near(model.decision_function(NUMBERS), ARRAY)


def test_margins_beside_labels_are_decisions(tmp_path: Path) -> None:
    fitted = LinearSVC(random_state=0).fit(ARRAY, LABELS)

    model = loaded(tmp_path, converted(fitted))

    assert model.predict(NUMBERS).tolist() == fitted.predict(ARRAY).tolist()
    with pytest.raises(NotImplementedError):
        model.predict_proba(NUMBERS)
    assert near(model.decision_function(NUMBERS), fitted.decision_function(ARRAY))


def test_classes_are_learnt_from_the_rows_where_the_file_does_not_say(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Softmax", ["rows"], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["rows"], ["best"], axis=1, keepdims=0),
        helper.make_node("Add", ["best", "ten"], ["label"]),
    ]
    made = helper.make_graph(
        nodes,
        "graph",
        [tensor("rows", ["n", 2])],
        [tensor("label", ["n"], TensorProto.INT64), tensor("probabilities", ["n", 2])],
        [helper.make_tensor("ten", TensorProto.INT64, [1], [10])],
    )
    opsets = [helper.make_opsetid("", OPSET)]
    model = loaded(tmp_path, helper.make_model(made, opset_imports=opsets, ir_version=8))

    assert model.classes_ is None
    model.predict(NUMBERS)
    assert model.classes_ == [10, 11]


def test_several_outputs_of_numbers_need_a_name(tmp_path: Path) -> None:
    nodes = [helper.make_node("Identity", ["rows"], [name]) for name in ("a", "b")]
    outputs = [tensor("a", ["n", 2]), tensor("b", ["n", 2])]

    with pytest.raises(WorkerFailure, match="none alone is called probabilities: 'a', 'b'"):
        loaded(tmp_path, graph(nodes, [tensor("rows", ["n", 2])], outputs))


def test_an_input_that_is_no_table_asks_for_a_loader(tmp_path: Path) -> None:
    nodes = [helper.make_node("Identity", ["image"], ["out"])]
    shape = ["n", 3, 8, 8]

    with pytest.raises(WorkerFailure) as caught:
        loaded(tmp_path, graph(nodes, [tensor("image", shape)], [tensor("out", shape)]))

    assert "takes the input 'image' of 4 dimensions" in caught.value.message
    assert "candidate.load: module:function" in caught.value.hint


def test_the_columns_are_counted_and_text_is_named(tmp_path: Path) -> None:
    model = loaded(tmp_path, converted(StandardScaler().fit(ARRAY)))

    with pytest.raises(WorkerFailure, match="takes 2 columns, and is given 3"):
        model.predict(AS_TEXT)
    with pytest.raises(WorkerFailure, match="takes numbers only, and the column 'city'"):
        model.predict(AS_TEXT[["income", "city"]])


def test_the_file_tells_its_versions(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(converted(LinearRegression().fit(ARRAY, AMOUNT)).SerializeToString())

    recorded = recorded_versions(path)

    assert set(recorded) == {"ONNX IR", "ONNX opset", "skl2onnx"}
    assert recorded["skl2onnx"].startswith("1.")


def test_a_file_beyond_the_runtime_is_a_matter_of_versions(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    node = helper.make_node("Identity", ["rows"], ["out"])
    shaped = tensor("rows", ["n", 2]), tensor("out", ["n", 2])
    path.write_bytes(graph([node], [shaped[0]], [shaped[1]], ir=99).SerializeToString())

    with pytest.raises(WorkerFailure) as caught:
        load_model(path, recorded_versions(path), format="onnx")

    assert caught.value.kind == "versions"
    assert "it was written by ONNX IR 99, ONNX opset 17" in caught.value.message
    assert "install a newer onnxruntime" in caught.value.hint


@pytest.mark.parametrize("kept", [0.2, 0.9])
def test_half_a_file_is_said_to_be_damaged(tmp_path: Path, kept: float) -> None:
    path = tmp_path / "model.onnx"
    content = converted(LinearRegression().fit(ARRAY, AMOUNT)).SerializeToString()
    path.write_bytes(content[: int(kept * len(content))])

    with pytest.raises(WorkerFailure, match="the file is damaged or holds no onnx model"):
        load_model(path, {}, format="onnx")
