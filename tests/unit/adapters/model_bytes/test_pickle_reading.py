"""What loading a pickle would import, told without loading it."""

from __future__ import annotations

import io
import pickle
import struct
from pathlib import Path

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier

from mlci_action.adapters.model_bytes.pickle_reading import Followed, follow_pickle, read_imports
from tests.fakes.hostile_models import SYSTEM, hostile_pickles, line_call, text

HOSTILE = hostile_pickles(Path("/nonexistent/marker"))


def followed(content: bytes, folder: Path) -> Followed:
    path = folder / "m"
    path.write_bytes(content)
    with path.open("rb") as file:
        found = follow_pickle(file)
        return Followed(read_imports(file, found), found.calls, found.ends)


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_what_would_be_imported_is_told(name: str, tmp_path: Path) -> None:
    hostile = HOSTILE[name]

    imports = followed(hostile.content, tmp_path).imports

    assert hostile.shows in imports.names
    assert imports.complete is hostile.complete


def test_a_forest_of_joblib_is_read_to_its_end(tmp_path: Path) -> None:
    """Hundreds of arrays stand between its opcodes."""
    rows = np.random.default_rng(0).normal(size=(60, 3))
    forest = RandomForestClassifier(5, random_state=0).fit(rows, rows[:, 0] > 0)
    stream = io.BytesIO()
    joblib.dump(forest, stream)

    found = followed(stream.getvalue(), tmp_path)

    assert found.ends
    assert found.imports.complete
    assert set(found.imports.names) == {
        "joblib.numpy_pickle.NumpyArrayWrapper",
        "numpy._core.multiarray.scalar",
        "numpy.dtype",
        "numpy.ndarray",
        "sklearn.ensemble._forest.RandomForestClassifier",
        "sklearn.tree._classes.DecisionTreeClassifier",
        "sklearn.tree._tree.Tree",
    }


def wrapped(dtype: bytes, shape: bytes, *, more: bytes = b"") -> bytes:
    """A stand-in for an array, as joblib writes it, with parts that can be made up."""
    wrapper = text("joblib.numpy_pickle") + text("NumpyArrayWrapper") + b"\x93)\x81"
    made = text("numpy") + text("dtype") + b"\x93" + dtype
    return (
        b"\x80\x04" + wrapper + b"}(" + text("dtype") + made + text("shape") + shape + more + b"ub"
    )


PLAIN = text("i8") + b"\x89\x88\x87R"
PAYLOAD = b"0cposix\nsystem\n" + text("x") + b"\x85R."


def test_an_array_is_passed_by_its_length(tmp_path: Path) -> None:
    content = wrapped(PLAIN, b"K\x02\x85") + b"\xff" * 16 + PAYLOAD

    assert followed(content, tmp_path).imports.complete


@pytest.mark.parametrize(
    ("dtype", "shape"),
    [
        (PLAIN, b"N"),
        (PLAIN, b"J\xff\xff\xff\xff\x85"),
        (PLAIN, text("2") + b"\x85"),
        (PLAIN, b"(" + b"K\x01" * 65 + b"t"),
        (text("i") + b"\x85R", b"K\x02\x85"),
        (text("nonsense") + b"\x85R", b"K\x02\x85"),
        (PLAIN + b"K\x03b", b"K\x02\x85"),
        (text("O8") + b"\x85R(NNNNNK\x08K\x08K\x00tb", b"K\x02\x85"),
        (b"N0cbuiltins\nint\n", b"K\x02\x85"),
    ],
)
def test_of_an_odd_array_nothing_behind_it_is_claimed(
    dtype: bytes, shape: bytes, tmp_path: Path
) -> None:
    """What can be seen in the bytes is told all the same."""
    imports = followed(wrapped(dtype, shape) + b"\xff" * 16 + PAYLOAD, tmp_path).imports

    assert SYSTEM in imports.names
    assert not imports.complete


def test_an_array_that_a_frame_goes_around_is_not_followed(tmp_path: Path) -> None:
    """An unpickler reads the array's bytes from behind the frame, and goes on within it."""
    content = wrapped(PLAIN, b"K\x02\x85")
    framed = content[:2] + b"\x95" + struct.pack("<Q", len(content) + 99) + content[2:]

    assert not followed(framed + b"\xff" * 16 + PAYLOAD, tmp_path).imports.complete


def test_an_array_in_another_file_is_told_by_its_wrapper(tmp_path: Path) -> None:
    content = b"\x80\x02cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81}b."

    assert not followed(content, tmp_path).imports.complete


@pytest.mark.parametrize("name", ["protocol 0", "protocol 4", "behind an array", "gzip", "xz"])
def test_a_file_that_is_cut_off_anywhere_is_read_as_far_as_it_goes(
    name: str, tmp_path: Path
) -> None:
    whole = HOSTILE[name].content
    for length in range(1, len(whole)):
        found = followed(whole[:length], tmp_path)
        # Only a checksum may be cut off without loss.
        assert not found.imports.complete or (found.ends and SYSTEM in found.imports.names)


@settings(max_examples=60)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_an_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp()
    for start in (b"", b"\x80\x04", b"(", b"\x1f\x8b\x08\0\0\0\0\0\0\0", b"x\x9c", b"BZh9"):
        followed(start + content, folder)


OPCODES = st.sampled_from(
    [
        bytes([code])
        for code in b"(.0123NRabcdeghijlopqrstu]}){QUX\x80\x81\x85\x86\x87\x88\x8a\x8b\x8c"
        b"\x8f\x90\x91\x92\x93\x94\x95\x97\x98"
    ]
)


@settings(max_examples=60)
@given(st.lists(st.one_of(OPCODES, st.binary(max_size=3), st.just(b"a\nb\n")), max_size=60))
def test_any_opcodes_are_followed_without_an_error(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]
) -> None:
    followed(b"".join(parts), tmp_path_factory.getbasetemp())


@settings(max_examples=60)
@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary()),
        lambda inner: st.one_of(
            st.lists(inner), st.tuples(inner, inner), st.dictionaries(st.text(), inner)
        ),
        max_leaves=20,
    ),
    st.integers(0, 5),
)
def test_plain_values_end_and_import_nothing_but_what_python_needs_for_them(
    tmp_path_factory: pytest.TempPathFactory, value: object, protocol: int
) -> None:
    found = followed(pickle.dumps(value, protocol), tmp_path_factory.getbasetemp())

    assert found.ends
    assert set(found.imports.names) <= {"_codecs.encode", "__builtin__.bytes"}


def test_far_too_many_names_are_not_all_kept(tmp_path: Path) -> None:
    content = b"".join(f"cm\nname{number}\n0".encode() for number in range(1_200)) + b"N."

    imports = followed(content, tmp_path).imports

    assert len(imports.names) == 1_000
    assert not imports.complete


def test_far_too_many_opcodes_are_not_all_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlci_action.adapters.model_bytes.pickle_machine._MAX_OPCODES", 100)

    found = followed(b"N0" * 60 + line_call("posix", "system", "x"), tmp_path)

    assert not found.ends
    assert found.imports.names == (SYSTEM,)
    assert not found.imports.complete


def test_a_name_is_shown_on_one_line_and_shortened(tmp_path: Path) -> None:
    content = b"\x80\x04" + text("a\nb::error::") + text("\u202e" + "x" * 200) + b"\x93."

    (name,) = followed(content, tmp_path).imports.names

    assert name.startswith("a?b::error::.?xxx")
    assert len(name) < 130


def test_far_too_many_texts_are_not_all_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlci_action.adapters.model_bytes.pickle_machine._MAX_TEXT_BYTES", 1_000)
    content = b"\x80\x04" + text("word") * 20 + text("posix") + text("system") + b"\x93."

    imports = followed(content, tmp_path).imports

    assert SYSTEM in imports.names
    assert not imports.complete
