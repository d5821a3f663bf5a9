"""What reading an architecture tells: the design, and a note for everything that is not in it as it was written."""

from __future__ import annotations

from dataclasses import dataclass

from mhub_core.errors import Invalid
from mhub_core.graphs.walk import Graph


@dataclass(frozen=True)
class Note:
    """Something that was read differently, or left out. `line` counts from 1; None where a file has no lines."""

    line: int | None
    words: str


@dataclass(frozen=True)
class Reading:
    """A design that was read, under the name that it had."""

    graph: Graph
    notes: tuple[Note, ...]
    name: str


class Unreadable(Invalid):
    """Raised when a file or a text cannot become a design. `line` says where, when it has lines."""

    own_fields = ("words", "line")
    words: str = ""
    line: int | None = None

    def __init__(self, words: str, expected: str = "", mend: str = "", line: int | None = None) -> None:
        self.words, self.line = words, line
        super().__init__(words if line is None else f"Line {line}: {words}", expected, mend)

    def at(self, line: int | None) -> Unreadable:
        """Return the error with its line, unless it knows a more exact one."""
        return self if line is None or self.line is not None else type(self)(self.words, self.expected, self.mend, line)
