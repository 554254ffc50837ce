"""Model files that would run a command when they are loaded: here they never are.

The command touches a file, and whoever uses them looks that it is not there.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import os
import pickle
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cloudpickle
import joblib
import numpy as np

SYSTEM = f"{os.system.__module__}.system"


@dataclass(frozen=True, kw_only=True)
class Hostile:
    """A file, an import that has to be found in it, and whether it can be read to its end."""

    content: bytes
    shows: str
    complete: bool = True


class _Calls:
    """Whose pickle is a call."""

    def __init__(self, what: Callable[..., Any], *arguments: object) -> None:
        self._reduced = (what, arguments)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[object, ...]]:
        return self._reduced


def touch(marker: Path) -> _Calls:
    """An object that touches the marker when it comes out of a pickle."""
    return _Calls(os.system, f"touch {marker}")


def text(value: str) -> bytes:
    """A short text as an opcode of protocol 4."""
    data = value.encode()
    return b"\x8c" + bytes([len(data)]) + data


def line_call(module: str, name: str, argument: str) -> bytes:
    """A call in the lines of the first protocol."""
    return f"c{module}\n{name}\n(V{argument}\ntR.".encode()


def hostile_pickles(marker: Path) -> dict[str, Hostile]:
    """By a name that says what is odd about each."""
    command = f"touch {marker}"
    python = f"__import__('os').system({command!r})"
    return {
        **_by_protocol(marker),
        **_by_function(command, python),
        **_by_opcode(command),
        **_within_others(marker, command),
        **_with_arrays(marker),
        **_compressed(marker),
        **_polyglots(marker, command),
    }


def _by_protocol(marker: Path) -> dict[str, Hostile]:
    return {
        f"protocol {number}": Hostile(
            content=pickle.dumps(touch(marker), protocol=number), shows=SYSTEM
        )
        for number in range(6)
    }


def _by_function(command: str, python: str) -> dict[str, Hostile]:
    calls: dict[str, tuple[str, str, str]] = {
        "eval": ("builtins", "eval", python),
        "exec": ("builtins", "exec", python),
        "eval of Python 2": ("__builtin__", "eval", python),
        "posix": ("posix", "system", command),
        "subprocess": ("subprocess", "getoutput", command),
        "runpy": ("runpy", "run_path", "payload.py"),
        "importlib": ("importlib", "import_module", "payload"),
        "pip": ("pip", "main", "install"),
        "timeit": ("timeit", "timeit", python),
        "code": ("code", "interact", python),
        "pty": ("pty", "spawn", command),
        "asyncio": ("asyncio.subprocess", "create_subprocess_shell", command),
        "pdb": ("pdb", "run", python),
        "numpy's own runner": ("numpy.testing._private.utils", "runstring", python),
        "a shell of torch's": ("torch.utils.collect_env", "run", command),
        "webbrowser": ("webbrowser", "open", "file:///x"),
    }
    found = {
        name: Hostile(content=line_call(module, function, argument), shows=f"{module}.{function}")
        for name, (module, function, argument) in calls.items()
    }
    found["subprocess.Popen"] = Hostile(
        content=pickle.dumps(_Calls(subprocess.Popen, command.split())), shows="subprocess.Popen"
    )
    chain = f"cbuiltins\ngetattr\n(cimportlib\nimport_module\n(Vos\ntRVsystem\ntR(V{command}\ntR."
    found["a chain of calls"] = Hostile(content=chain.encode(), shows="importlib.import_module")
    return found


def _by_opcode(command: str) -> dict[str, Hostile]:
    """The same call, written as no library writes it."""
    said = text(command)
    tail = b"\x93" + said + b"\x85R."
    posix, system = text("posix"), text("system")
    plain = {
        "names from the stack": b"\x80\x04" + posix + system,
        "names from a memo": b"\x80\x04" + posix + b"\x940" + system + b"\x940Nh\x00h\x01",
        "names from a long memo": b"\x80\x04" + system + b"r\0\0\1\0000" + posix + b"j\0\0\1\0",
        "names from a numbered memo": b"\x80\x04" + system + b"p7\n0" + posix + b"g7\n",
        "a name under a mark": b"\x80\x04" + posix + b"(NN1" + system,
        "a name twice": b"\x80\x04" + posix + b"2\x93" + posix + system,
        "names of Python 2": b"U\x05posixS'system'\n",
        "names with escapes": b"S'po\\x73ix'\nVsys\\u0074em\n",
        "a name of a long length": b"\x80\x04\x8d" + struct.pack("<Q", 5) + b"posix" + system,
        "a frame that ends early": b"\x80\x04\x95" + struct.pack("<Q", 3) + posix + system,
    }
    found = {name: Hostile(content=each + tail, shows=SYSTEM) for name, each in plain.items()}
    started, imported = b"\x80\x04", b"cposix\nsystem\n"
    namespace = b"ctypes\nSimpleNamespace\n)R}" + text("__setstate__")
    others = {
        "no protocol": imported + said + b"\x85R.",
        "an instance": f"(V{command}\niposix\nsystem\n.".encode(),
        "an object of the stack": b"(" + imported + said + b"o.",
        "a new object": started + imported + said + b"\x85\x81.",
        "a new object with names": started + imported + said + b"\x85}\x92.",
        "a state that is a call": started + namespace + imported + b"sb" + said + b"b.",
    }
    found |= {name: Hostile(content=each, shows=SYSTEM) for name, each in others.items()}
    return found | _half_read(started, imported, said)


def _half_read(started: bytes, imported: bytes, said: bytes) -> dict[str, Hostile]:
    """Of which not all can be told."""
    call = said + b"\x85R"
    content = {
        "a call before what makes no sense": (imported + call + b"\xff\xff", SYSTEM),
        "an object that is kept elsewhere": (started + b"NQ0" + imported + call + b".", SYSTEM),
        "a name that is made up": (
            started + b"cbuiltins\nstr\n" + text("posix") + b"\x85R" + text("system") + b"\x93"
            + call + b".",
            "builtins.str",
        ),
        "a number of copyreg's": (
            started + b"\x82\x07" + call + b".",
            "(number 7 of copyreg's extensions)",
        ),
    }  # fmt: skip
    return {
        name: Hostile(content=each, shows=shows, complete=False)
        for name, (each, shows) in content.items()
    }


def _within_others(marker: Path, command: str) -> dict[str, Hostile]:
    inner = pickle.dumps(touch(marker), protocol=4)
    in_base64 = base64.b64encode(inner)
    of_lines = line_call("posix", "system", command)
    loads = "_pickle.loads"

    def of_decoded(data: bytes) -> bytes:
        return (
            b"\x80\x04" + text("_pickle") + text("loads") + b"\x93" + text("base64")
            + text("b64decode") + b"\x93" + b"C" + bytes([len(data)]) + data + b"\x85R\x85R."
        )  # fmt: skip

    return {
        "within bytes": Hostile(
            content=pickle.dumps(_Calls(pickle.loads, inner)), shows=loads, complete=False
        ),
        "lines within bytes": Hostile(
            content=pickle.dumps(_Calls(pickle.loads, of_lines)), shows=loads, complete=False
        ),
        "within base64": Hostile(content=of_decoded(in_base64), shows=loads, complete=False),
        "behind the end": Hostile(
            content=pickle.dumps({"a": 1}) + inner, shows=SYSTEM, complete=False
        ),
        "of a function": Hostile(
            content=cloudpickle.dumps(lambda: os.system(command)),  # noqa: S605 - never run
            shows="cloudpickle.cloudpickle._make_function",
        ),
    }


def _with_arrays(marker: Path) -> dict[str, Hostile]:
    def dumped(*values: object, **how: Any) -> bytes:  # noqa: ANN401
        stream = io.BytesIO()
        joblib.dump(list(values), stream, **how)
        return stream.getvalue()

    objects = np.array(["a", None, 3.5], dtype=object)
    inside = np.array([touch(marker)], dtype=object)
    rng = np.random.default_rng(0)
    content = {
        "behind an array": dumped(rng.normal(size=(7, 3)), touch(marker)),
        "behind an array by columns": dumped(np.asfortranarray(np.ones((5, 2))), touch(marker)),
        "behind an array of nothing": dumped(np.zeros((0, 4)), touch(marker)),
        "behind an array of texts": dumped(np.array(["abc", "d"]), touch(marker)),
        "behind an array of records": dumped(
            np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]), touch(marker)
        ),
        "behind an array of dates": dumped(np.array(["2020-01-01"], dtype="M8[D]"), touch(marker)),
        "behind an array of objects": dumped(objects, touch(marker)),
        "within an array of objects": dumped(inside),
        "behind an array of protocol 2": dumped(np.arange(9), touch(marker), protocol=2),
        "behind an array of opcodes": dumped(
            np.frombuffer(b"." * 64 + b"\xff" * 64, np.uint8), touch(marker)
        ),
    }
    return {name: Hostile(content=each, shows=SYSTEM) for name, each in content.items()}


def _compressed(marker: Path) -> dict[str, Hostile]:
    plain = pickle.dumps([np.arange(5), touch(marker)])
    header = b"ZF" + hex(len(plain)).encode().ljust(19)
    content = {
        "zlib": zlib.compress(plain),
        "gzip": gzip.compress(plain, mtime=0),
        "gzip in two parts": gzip.compress(plain[:9], mtime=0) + gzip.compress(plain[9:], mtime=0),
        "bzip2": bz2.compress(plain),
        "xz": lzma.compress(plain),
        "lzma": lzma.compress(plain, lzma.FORMAT_ALONE),
        "joblib's zlib": header + zlib.compress(plain),
    }
    found = {name: Hostile(content=each, shows=SYSTEM) for name, each in content.items()}
    # Without matches, lz4 keeps bytes as they are.
    lz4 = b"\x04\x22\x4d\x18\x60\x40\x82" + struct.pack("<I", len(plain) | 1 << 31) + plain
    found["lz4"] = Hostile(content=lz4 + bytes(4), shows=SYSTEM, complete=False)
    return found


def _polyglots(marker: Path, command: str) -> dict[str, Hostile]:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("schema.json", '{"__class__": "Pipeline", "__module__": "sklearn"}')
    payload = b"cposix\nsystem\n" + text(command) + b"\x85R"
    skipped = b"M1" + b"x" * 64
    return {
        "with a skops archive behind": Hostile(
            content=pickle.dumps(touch(marker)) + stream.getvalue(), shows=SYSTEM, complete=False
        ),
        "that begins as CatBoost's": Hostile(
            content=b"C" + bytes([len(skipped)]) + skipped + b"0" + payload + b".", shows=SYSTEM
        ),
        "that begins as a GGUF": Hostile(
            content=b"GGUF" + bytes(5) + b"0" + payload + b".", shows=SYSTEM
        ),
        "that begins as a table": Hostile(
            content=b"Vid,score\n0" + payload + b".\n1,0.5\n2,0.7\n", shows=SYSTEM, complete=False
        ),
    }
