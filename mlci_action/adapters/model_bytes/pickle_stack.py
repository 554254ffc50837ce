"""What lies on an unpickler's stack, between its marks and in its memo?"""

from __future__ import annotations

from mlci_action.adapters.model_bytes.pickle_opcodes import NoSense
from mlci_action.adapters.model_bytes.pickle_values import Value


class Stack:
    """Values, marks between them, and those that are remembered. NoSense where one is missing."""

    def __init__(self) -> None:
        self._values: list[Value] = []
        self._marks: list[int] = []
        self._memo: dict[int, Value] = {}

    def push(self, value: Value) -> None:
        """Put one on top."""
        self._values.append(value)

    def pop(self) -> Value:
        """Take the top one off; what lies below a mark is out of reach."""
        if len(self._values) <= (self._marks[-1] if self._marks else 0):
            raise NoSense
        return self._values.pop()

    def top(self) -> Value:
        """The top one, left where it is."""
        value = self.pop()
        self.push(value)
        return value

    def mark(self) -> None:
        """Begin a new part."""
        self._marks.append(len(self._values))

    def pop_to_mark(self) -> list[Value]:
        """Take the last part off, with its mark."""
        if not self._marks:
            raise NoSense
        start = self._marks.pop()
        values = self._values[start:]
        del self._values[start:]
        return values

    def drop(self) -> None:
        """Take the top one off, or a mark upon which nothing lies."""
        if self._marks and len(self._values) == self._marks[-1]:
            self._marks.pop()
        else:
            self.pop()

    def remember(self, number: int | None = None) -> None:
        """Keep the top one under a number; None: the next one."""
        self._memo[len(self._memo) if number is None else number] = self.top()

    def recall(self, number: int) -> Value:
        """The value that was kept under that number."""
        if number not in self._memo:
            raise NoSense
        return self._memo[number]
