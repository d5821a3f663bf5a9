"""What a search finds."""

from __future__ import annotations

from dataclasses import dataclass

Marks = tuple[tuple[int, int], ...]  # (start, end) of each part of a text that matches, in order


@dataclass(frozen=True)
class Found:
    """One thing that was found. `title` and `excerpt` are plain text of people: whoever shows them escapes them.

    `excerpt` is the line of its text in which the words stand, or its beginning; empty when it has no text.
    """

    kind: str  # model | dataset | project | run | person
    id: int
    title: str
    title_marks: Marks
    excerpt: str
    excerpt_marks: Marks
    about: str  # of a run: which model and dataset, such as "Small net on Iris"; else empty
    owner_name: str | None  # None: a person, or what came with the hub


@dataclass(frozen=True)
class FoundPage:
    """One page of what was found, the best first. `counts` says for each kind that was looked for how much of it was found.

    `is_cut`: of a kind there is more; only the newest were looked at (`finding.service.MOST`).
    """

    things: tuple[Found, ...]
    counts: dict[str, int]
    is_cut: bool

    @property
    def total(self) -> int:
        """Return how many things were found."""
        return sum(self.counts.values())
