"""What annotation files say of images, whatever their format, and what is to be told of boxes that cannot be used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from mhub_core.kinds.pictures.archive import Archive
from mhub_core.kinds.pictures.paths import MAX_SHOWN, Entry, fewer
from mhub_core.kinds.pictures.places import Placed

MAX_KEPT = 10_000  # refused boxes that are listed one by one
_NAMED = 3


class Box(NamedTuple):
    """A box as it is written: its class, and its sides in pixels or as shares of the image."""

    name: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Drawn:
    """The boxes of one image. `size`: the (width, height) in which they are measured, (1, 1) for shares; None: that of the
    image."""

    boxes: tuple[Box, ...]
    size: tuple[float, float] | None


class Told:
    """Counts what was refused or changed, by its reason, and keeps what is listed one by one."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str]] = []  # of what, why, as it was written
        self._names: dict[tuple[str, bool], list[str]] = defaultdict(list)
        self._counts: dict[tuple[str, bool], int] = defaultdict(int)

    def refuse(self, name: str, why: str, written: object = "") -> None:
        """Note a box that is left out. `name`: of its image or file; `why` follows on "each"."""
        self._note(name, why, is_left_out=True)
        if len(self.rows) < MAX_KEPT:
            self.rows.append((name[:200], why, str(written)[:200]))

    def change(self, name: str, why: str) -> None:
        """Note a box that is used otherwise than it is written."""
        self._note(name, why, is_left_out=False)

    def _note(self, name: str, why: str, is_left_out: bool) -> None:
        self._counts[why, is_left_out] += 1
        names = self._names[why, is_left_out]
        if len(names) < _NAMED and name[:MAX_SHOWN] not in names:
            names.append(name[:MAX_SHOWN])

    def sentences(self) -> list[str]:
        """Return a sentence for each reason, with how many and some of their names."""
        told = []
        for (why, is_left_out), count in self._counts.items():
            some = f"{count:,} box{' was' if count == 1 else 'es were'} {'left out' if is_left_out else 'changed'}"
            told.append(f"{some}: {'it' if count == 1 else 'each'} {why} ({fewer(self._names[why, is_left_out], _NAMED)}).")
        return told


@dataclass
class Annotated:
    """What the files of one format say: the boxes of each image, in what order the classes stand, which files were read, files
    that are left out and why, images whose file cannot be read, and what else is to be told."""

    by_image: dict[Entry, Drawn]
    classes: Sequence[str]
    used: set[Entry]
    refused: list[tuple[str, str]] = field(default_factory=list)
    splits: dict[Entry, str] = field(default_factory=dict)  # of images, where lists tell them
    broken: set[Entry] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    told: Told = field(default_factory=Told)


class Format(Protocol):
    """One way to write boxes down."""

    name: str
    words: str  # what it is called

    def find(self, archive: Archive, images: Sequence[Placed], others: Sequence[Placed]) -> Annotated | None:
        """Return what the files of this format among `others` say of the images; None when there are none."""
