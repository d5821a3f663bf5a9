"""What the names in an archive of images say, as plain records."""

from __future__ import annotations

from dataclasses import dataclass

from mhub_core.data.records import Option
from mhub_core.kinds.pictures.annotations.records import Annotated, Drawn
from mhub_core.kinds.pictures.archive import File
from mhub_core.kinds.pictures.paths import Entry


@dataclass(frozen=True)
class Example:
    """One image: its class, its mask, or its boxes; the split by whose folder it lies in, and whether it is hidden for the test.

    `is_test` None: the hub draws the test set itself.
    """

    image: File
    class_name: str = ""
    mask: File | None = None
    split: str | None = None
    is_test: bool | None = None
    boxes: Drawn | None = None


@dataclass(frozen=True)
class Layout:
    """What an archive holds, in its order: examples, files that are left out and why, what a person should know or can change."""

    task: str
    examples: tuple[Example, ...]
    refused: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    options: tuple[Option, ...]
    texts: tuple[Entry, ...] = ()  # files that may name the values of masks
    annotated: Annotated | None = None  # what is said of boxes

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes in alphabetical order."""
        return tuple(sorted({example.class_name for example in self.examples}))
