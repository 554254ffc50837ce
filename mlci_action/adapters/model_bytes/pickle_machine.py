"""What does a pickle import? Its opcodes are followed, and nothing of what they ask for is done."""

from __future__ import annotations

from collections.abc import Callable

from mlci_action.adapters.model_bytes.joblib_arrays import (
    Odd,
    array_behind,
    stands_in_another_file,
)
from mlci_action.adapters.model_bytes.nested_pickles import looks_nested
from mlci_action.adapters.model_bytes.pickle_opcodes import ARGUMENTS, Argument, Bytes, NoSense
from mlci_action.adapters.model_bytes.pickle_stack import Stack
from mlci_action.adapters.model_bytes.pickle_values import (
    MADE_UP,
    UNKNOWN,
    Made,
    Mapping,
    Named,
    Value,
    called,
    imported,
)
from mlci_action.adapters.model_bytes.streams import Ended, Stream

_MAX_OPCODES = 1_000_000
_MAX_TEXT_BYTES = 64 << 20
_BYTES_OF_A_TEXT = 64
_MAX_NAMES = 1_000
_MAX_ENTRIES = 16
_MAX_TUPLE = 64
_LAST_PROTOCOL = 5
PERSISTENT = "(an object that is kept outside of the file)"


class Found:
    """What following a pickle finds.

    names: of what is imported. calls: how often something imported is called. opcodes: how many
    were followed. room: how many bytes of texts may still be kept. sure: whether nothing was passed
    by.
    """

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.calls = self.opcodes = 0
        self.room = _MAX_TEXT_BYTES
        self.sure = True

    def add(self, name: str) -> None:
        """One more name; of far too many the first ones."""
        if len(self.names) < _MAX_NAMES:
            self.names.add(name)
        elif name not in self.names:
            self.sure = False
        if name in (MADE_UP, PERSISTENT):
            self.sure = False


def follow(stream: Stream, found: Found, *, arrays: bool = True) -> None:
    """Follow one pickle to its STOP. NoSense or Ended when it has none that can be reached.

    arrays: whether those of joblib stand between its opcodes, as bytes.
    """
    _Machine(stream, found, arrays=arrays).run()


class _Machine:
    """One pickle, as it is followed."""

    def __init__(self, stream: Stream, found: Found, *, arrays: bool) -> None:
        self._stream, self._found, self._arrays = stream, found, arrays
        self._stack = Stack()
        self._frame_end = 0

    def run(self) -> None:
        stream, found, stack = self._stream, self._found, self._stack
        while True:
            found.opcodes += 1
            if found.opcodes > _MAX_OPCODES:
                raise Ended
            opcode = stream.read(1)
            read = ARGUMENTS.get(opcode)
            if read is None:
                raise NoSense
            argument = read(stream)
            if opcode in _PLAIN:
                stack.push(self._plain(argument))
            elif opcode in _CONSTANTS:
                stack.push(_CONSTANTS[opcode])
            elif opcode == b".":
                stack.pop()
                return
            else:
                _EFFECTS[opcode](self, argument)

    def _plain(self, argument: Argument) -> Value:
        if isinstance(argument, Bytes):
            self._found.sure = self._found.sure and not looks_nested(argument.start)
            return UNKNOWN
        if isinstance(argument, str):
            if looks_nested(argument.encode("utf-8", "replace")):
                self._found.sure = False
            self._found.room -= len(argument) + _BYTES_OF_A_TEXT
            return argument if self._found.room > 0 else UNKNOWN
        return argument

    def mark(self, _: Argument) -> None:
        self._stack.mark()

    def drop(self, _: Argument) -> None:
        self._stack.drop()

    def drop_to_mark(self, _: Argument) -> None:
        self._stack.pop_to_mark()

    def duplicate(self, _: Argument) -> None:
        self._stack.push(self._stack.top())

    def look(self, _: Argument) -> None:
        self._stack.top()

    def remember(self, argument: Argument) -> None:
        if not isinstance(argument, int) or argument < 0:
            raise NoSense
        self._stack.remember(argument)

    def remember_next(self, _: Argument) -> None:
        self._stack.remember()

    def recall(self, argument: Argument) -> None:
        if not isinstance(argument, int):
            raise NoSense
        self._stack.push(self._stack.recall(argument))

    def import_lines(self, argument: Argument) -> None:
        self._stack.push(self._imported(argument))

    def import_from_stack(self, _: Argument) -> None:
        name, module = self._stack.pop(), self._stack.pop()
        self._stack.push(self._imported((module, name)))

    def _imported(self, pair: Argument) -> Named:
        if not isinstance(pair, tuple):
            raise NoSense
        named = imported(*pair)
        self._found.add(named.name)
        return named

    def import_by_number(self, argument: Argument) -> None:
        named = Named(f"(number {argument} of copyreg's extensions)")
        self._found.add(named.name)
        self._found.sure = False
        self._stack.push(named)

    def make_of_lines(self, argument: Argument) -> None:
        arguments = self._stack.pop_to_mark()
        self._called(self._imported(argument), tuple(arguments))

    def make_of_stack(self, _: Argument) -> None:
        values = self._stack.pop_to_mark()
        if not values:
            raise NoSense
        self._called(values[0], tuple(values[1:]))

    def persistent(self, _: Argument) -> None:
        self._found.add(PERSISTENT)
        self._stack.push(UNKNOWN)

    def persistent_of_stack(self, argument: Argument) -> None:
        self._stack.pop()
        self.persistent(argument)

    def call(self, _: Argument) -> None:
        arguments, what = self._stack.pop(), self._stack.pop()
        self._called(what, arguments)

    def _called(self, what: Value, arguments: Value) -> None:
        self._found.calls += 1
        self._stack.push(called(what, arguments))

    def call_with_names(self, argument: Argument) -> None:
        self._stack.pop()
        self.call(argument)

    def build(self, _: Argument) -> None:
        state, built = self._stack.pop(), self._stack.top()
        if isinstance(built, Made):
            built.state = state
        if self._arrays:
            self._pass_array(built)

    def _pass_array(self, built: Value) -> None:
        """Past the bytes of an array, which joblib puts into the place of what was built."""
        if stands_in_another_file(built):
            self._found.sure = False
            return
        try:
            array = array_behind(built)
        except Odd as error:
            raise NoSense from error
        if array is None:
            return
        if self._stream.position < self._frame_end:
            # Its bytes stand behind those of the frame, which then goes on.
            raise NoSense
        self._stack.pop()
        if array.n_bytes is None:
            follow(self._stream, self._found, arrays=False)
        else:
            padding = self._stream.read(1)[0] if array.padded else 0
            self._stream.skip(padding + array.n_bytes)
        self._stack.push(UNKNOWN)

    def frame(self, argument: Argument) -> None:
        if not isinstance(argument, int):
            raise NoSense
        self._frame_end = self._stream.position + argument

    def protocol(self, argument: Argument) -> None:
        if not isinstance(argument, int) or argument > _LAST_PROTOCOL:
            raise NoSense

    def append(self, _: Argument) -> None:
        self._stack.pop()
        self._stack.top()

    def append_to_mark(self, _: Argument) -> None:
        self._stack.pop_to_mark()
        self._stack.top()

    def collect(self, _: Argument) -> None:
        self._stack.pop_to_mark()
        self._stack.push(UNKNOWN)

    def tuple_to_mark(self, _: Argument) -> None:
        values = self._stack.pop_to_mark()
        self._stack.push(tuple(values) if len(values) <= _MAX_TUPLE else UNKNOWN)

    def tuple_of_one(self, _: Argument) -> None:
        self._stack.push((self._stack.pop(),))

    def tuple_of_two(self, _: Argument) -> None:
        last, first = self._stack.pop(), self._stack.pop()
        self._stack.push((first, last))

    def tuple_of_three(self, _: Argument) -> None:
        last, second, first = (self._stack.pop() for _ in range(3))
        self._stack.push((first, second, last))

    def empty_mapping(self, _: Argument) -> None:
        self._stack.push(Mapping())

    def mapping_to_mark(self, _: Argument) -> None:
        entries = self._stack.pop_to_mark()
        self._stack.push(Mapping())
        self._keep(entries)

    def set_item(self, _: Argument) -> None:
        value, key = self._stack.pop(), self._stack.pop()
        self._keep([key, value])

    def set_to_mark(self, _: Argument) -> None:
        self._keep(self._stack.pop_to_mark())

    def _keep(self, entries: list[Value]) -> None:
        target = self._stack.top()
        if len(entries) % 2:
            raise NoSense
        if isinstance(target, Mapping):
            for key, value in zip(entries[::2], entries[1::2], strict=True):
                if isinstance(key, str) and len(target.entries) < _MAX_ENTRIES:
                    target.entries[key] = value


_PLAIN = frozenset(bytes([code]) for code in b"FILJKMGSVTUXBC\x8c\x8d\x8e\x96\x8a\x8b")
_CONSTANTS: dict[bytes, Value] = {
    b"N": None, b"\x88": 1, b"\x89": 0, b"]": UNKNOWN, b")": (), b"\x8f": UNKNOWN, b"\x97": UNKNOWN,
}  # fmt: skip
_EFFECTS: dict[bytes, Callable[[_Machine, Argument], None]] = {
    b"(": _Machine.mark, b"0": _Machine.drop, b"1": _Machine.drop_to_mark,
    b"2": _Machine.duplicate, b"\x98": _Machine.look,
    b"p": _Machine.remember, b"q": _Machine.remember, b"r": _Machine.remember,
    b"\x94": _Machine.remember_next,
    b"g": _Machine.recall, b"h": _Machine.recall, b"j": _Machine.recall,
    b"c": _Machine.import_lines, b"\x93": _Machine.import_from_stack,
    b"\x82": _Machine.import_by_number, b"\x83": _Machine.import_by_number,
    b"\x84": _Machine.import_by_number,
    b"i": _Machine.make_of_lines, b"o": _Machine.make_of_stack,
    b"P": _Machine.persistent, b"Q": _Machine.persistent_of_stack,
    b"R": _Machine.call, b"\x81": _Machine.call, b"\x92": _Machine.call_with_names,
    b"b": _Machine.build, b"\x95": _Machine.frame, b"\x80": _Machine.protocol,
    b"a": _Machine.append, b"e": _Machine.append_to_mark, b"\x90": _Machine.append_to_mark,
    b"l": _Machine.collect, b"\x91": _Machine.collect, b"t": _Machine.tuple_to_mark,
    b"\x85": _Machine.tuple_of_one, b"\x86": _Machine.tuple_of_two,
    b"\x87": _Machine.tuple_of_three,
    b"}": _Machine.empty_mapping, b"d": _Machine.mapping_to_mark, b"s": _Machine.set_item,
    b"u": _Machine.set_to_mark,
}  # fmt: skip
