"""What would loading a pickle import? Read off its opcodes, compressed or not; nothing is run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from mlci_action.adapters.model_bytes.nested_pickles import search_imports
from mlci_action.adapters.model_bytes.pickle_machine import Found, follow
from mlci_action.adapters.model_bytes.pickle_opcodes import NoSense
from mlci_action.adapters.model_bytes.streams import Ended, open_stream


@dataclass(frozen=True, slots=True)
class Imports:
    """names: `module.name`, sorted. complete: whether all that loading imports is among them; what
    the named functions import in turn never is.
    """

    names: tuple[str, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Followed:
    """What the opcodes of a file say, as far as they make sense.

    calls: how often something imported is called. ends: whether the last opcode is STOP.
    """

    imports: Imports
    calls: int
    ends: bool


def follow_pickle(file: BinaryIO) -> Followed:
    """What a file says when it is taken for a pickle, whatever it is. Memory and time are bounded.

    From the front, unpacked where it is compressed.
    """
    found = Found()
    ends = False
    stream = open_stream(file)
    try:
        follow(stream, found)
        ends = True
        # Nothing behind the STOP is loaded, unless somebody's own code goes on reading.
        found.sure = found.sure and not any(block.strip(b"\0\r\n ") for block in stream.blocks())
    except (Ended, NoSense):
        found.sure = False
    return Followed(Imports(tuple(sorted(found.names)), found.sure), found.calls, ends)


def read_imports(file: BinaryIO, followed: Followed) -> Imports:
    """What loading the pickle would import: what was found, and where that is not sure to be all,
    what looks like an import anywhere else in it.
    """
    if followed.imports.complete:
        return followed.imports
    found = Found()
    for name in (*followed.imports.names, *search_imports(open_stream(file))):
        found.add(name)
    return Imports(tuple(sorted(found.names)), complete=False)
