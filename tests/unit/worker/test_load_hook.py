from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from sklearn.linear_model import LogisticRegression

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.loading import load_model, shown_class


def test_a_function_of_the_users_loads_what_nothing_else_does(tmp_path: Path) -> None:
    (tmp_path / "own_format.py").write_text(
        "from pathlib import Path\n"
        "class Constant:\n"
        "    def __init__(self, text):\n"
        "        self.text = text\n"
        "    def predict(self, table):\n"
        "        return [self.text] * len(table)\n"
        "def read(path):\n"
        "    assert isinstance(path, str)\n"
        "    return Constant(Path(path).read_text())\n"
    )
    path = tmp_path / "model.txt"
    path.write_text("yes")

    model, loaded_as = load_model(
        path, {}, format="other", load="own_format.py:read", folder=tmp_path
    )

    assert loaded_as == "load hook"
    assert model.predict([1, 2]) == ["yes", "yes"]
    assert shown_class(model) == "own_format.Constant"


@pytest.mark.parametrize(
    ("load", "said"),
    [
        ("nowhere.py:read", "cannot be imported from 'nowhere.py'"),
        ("hooks.py:gone", "cannot use 'hooks.py:gone': there is no such function"),
        ("hooks.py:number", "cannot use 'hooks.py:number': it is a int"),
        ("hooks.py:fails", "cannot be loaded by 'hooks.py:fails' (ZeroDivisionError: division by"),
        ("hooks.py:nothing", "is a NoneType without a predict method"),
    ],
)
def test_a_function_that_does_not_load_is_named(tmp_path: Path, load: str, said: str) -> None:
    (tmp_path / "hooks.py").write_text(
        "number = 3\ndef fails(path): 1 / 0\ndef nothing(path): return None\n"
    )
    path = tmp_path / "model"
    path.write_bytes(pickle.dumps(LogisticRegression()))

    with pytest.raises(WorkerFailure) as caught:
        load_model(path, {}, load=load, folder=tmp_path)

    assert said in caught.value.message
