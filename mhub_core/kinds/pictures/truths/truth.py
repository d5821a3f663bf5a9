"""What is true of images, as the reading of image sets asks for it: how it is found, looked at, written, and moves with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from mhub_core.data.records import Option, Progress
from mhub_core.errors import Invalid
from mhub_core.kinds.pictures.archive import Archive
from mhub_core.kinds.pictures.places import Placed
from mhub_core.kinds.pictures.records import Layout
from mhub_core.recipes.image_step import Shape, Window


class Contents(NamedTuple):
    """The files of an archive: images, others, names of texts about the set; and what was chosen otherwise than guessed."""

    archive: Archive
    images: list[Placed]
    others: list[Placed]
    about: list[str]
    chosen: dict[str, Any]


class Offer(NamedTuple):
    """One way to read an archive: its value and words as an option, how many images it has at most, and the reading."""

    value: str
    words: str
    num_images: int
    read: Callable[[], Layout]


class Seen(NamedTuple):
    """What a preview tells: the number of examples of each class, and further options and warnings."""

    classes: dict[str, int]
    options: tuple[Option, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Work:
    """What there is to write. `sizes` are the (height, width) that images had, None for one that was refused."""

    archive: Archive
    found: Layout
    chosen: dict[str, Any]
    sizes: Sequence[tuple[int, int] | None]
    shape: tuple[int, ...]
    fit: str
    folder: Path
    refused: list[tuple[str, str]]  # to which others are added
    progress: Progress

    @property
    def good(self) -> list[int]:
        """Which examples are left."""
        return [row for row, size in enumerate(self.sizes) if size]


class Made(NamedTuple):
    """The classes, `y`, which examples are left, what is to be told, and what of it goes into the report."""

    classes: tuple[str, ...]
    y: np.ndarray
    rows: list[int]
    warnings: Sequence[str] = ()
    report: dict[str, str] = {}  # noqa: RUF012  (a default of a tuple is never changed)


class Truth(Protocol):
    """What is true of images by one task."""

    task: str
    target: str  # what it is called
    least_classes: int

    def offers(self, contents: Contents) -> list[Offer]:
        """Return the ways to read an archive, the likeliest first."""

    def none(self, images: Sequence[Placed]) -> Invalid:
        """Return the error for an archive that has none."""

    def preview(self, archive: Archive, found: Layout, chosen: dict[str, Any]) -> Seen:
        """Look at what was found."""

    def num_bytes(self, shape: Sequence[int]) -> int:
        """Return what is written for one image beside its pixels."""

    def write(self, work: Work) -> Made:
        """Return the answers to the images that are left; large ones lie in `y.npy` of the folder."""

    def move(self, y: np.ndarray, window: Window, shape: Shape) -> np.ndarray:
        """Return answers after a step that shows a window of images, which had a shape before."""

    def number(self, y: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """Return answers whose classes have other numbers, those at the places of the old ones."""

    def join(self, parts: Sequence[np.ndarray]) -> np.ndarray:
        """Return the answers of several versions, one after the other."""
