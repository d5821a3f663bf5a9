"""What a kind of data is: everything that uploads, datasets, training and predictions ask about one example."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl

from mhub_core.data.records import DataSpec, Frame, Option, Progress, StepPreview, UploadPreview
from mhub_core.errors import MHubError
from mhub_core.graphs.adapt import Input
from mhub_core.recipes.step import AnyStep

Paths = Callable[[str], Path]  # where an array of a version lies, by its name
Examples = Callable[[Sequence[int]], np.ndarray]  # some of `x`, by their rows
Prepared = tuple[DataSpec, dict[str, Any]]  # a spec whose arrays are file names in the folder, and the report
NEVER, IF_CHOSEN, LIKELY = 0, 1, 2  # whether an upload that another kind accepts is one of this kind, see `DataKind.likeness`


@dataclass(frozen=True)
class Decoded:
    """What a person gave, as a model takes it: `x` holds the readable examples in their order, `problems` says by its place in
    what was given why another could not be read, `notes` in a sentence what was changed of one. `frames`: where in its photo each
    example lies; empty when they are no photos."""

    x: np.ndarray
    problems: dict[int, MHubError] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True)
class Opened:
    """A file that was given to a model: examples as `check_inputs` takes them, what each is called, what was left out or read
    otherwise than it is written, in sentences, and the guesses by which it was read. `shown`: for each example the cells of its
    row in the file, where there are such."""

    examples: Sequence[Any]
    names: Sequence[str]
    notes: Sequence[str] = ()
    options: Sequence[Option] = ()
    shown: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Addition:
    """A further file for a version: where it lies, how the first one was read and split (as `prepare` takes it), the steps to be
    done again, and whether it comes in the place of what is there."""

    path: Path
    request: Mapping[str, Any]
    steps: Sequence[Mapping[str, Any]]
    replaces: bool


class Recipes(Protocol):
    """What can be done to the versions of a kind: steps, and how they are carried out."""

    steps: Mapping[str, AnyStep]

    def before(self, data: DataSpec, paths: Paths) -> dict[str, Any]:
        """Return what the steps of a version start from, see `recipes.fields.Columns`."""

    def usual(self, data: DataSpec) -> str:
        """Return the column that steps are mostly for, which a form proposes; empty: none."""

    def preview(self, data: DataSpec, paths: Paths, examples: Examples, recipe: Sequence[Mapping[str, Any]]) -> StepPreview:
        """Return what a checked recipe does to the first training examples."""

    def process(
        self, data: DataSpec, paths: Mapping[str, Path], recipe: Sequence[Mapping[str, Any]], folder: Path, progress: Progress
    ) -> Prepared:
        """Turn a version, whose arrays lie at `paths`, into arrays of another in a folder, by a checked recipe. The test examples
        stay test examples. Raises Invalid when nothing usable is left."""

    def differences(self, data: DataSpec, paths: Paths, preview: UploadPreview) -> tuple[list[str], list[str]]:
        """Return why an upload, of which this is the preview, cannot be added to a version, and what is to be known before."""

    def extend(self, data: DataSpec, paths: Mapping[str, Path], addition: Addition, folder: Path, progress: Progress) -> Prepared:
        """Turn a version and a further file into arrays of the next version in a folder. What is there already stays on its side
        of the split. Raises Invalid or TooLarge."""


class DataKind(Protocol):
    """What one example is. Nobody outside of these files asks which kind it is: they ask the kind."""

    name: str
    noun: tuple[str, str]  # one, several: ("image", "images")
    help: str  # what one example is, behind a colon
    tasks: tuple[str, ...]  # what an upload of this kind can be made into, the usual one first
    epochs: int  # a good first number of epochs
    notices: tuple[str, ...]  # the fields of a spec's `input` that `notice` fills
    num_mistakes: int  # how many of the most wrong answers to open examples the report of a run keeps, to be looked at
    split_ways: tuple[str, ...]  # of `data.split_ways.WAYS`, those that an upload of this kind can be split by
    recipes: Recipes | None  # what can be done to its versions, if anything
    asked_endings: tuple[str, ...]  # of the files that `open` reads
    decodes_files: bool  # whether `decode` opens files of strangers, which is done in the sandbox

    def accepts(self, path: Path, head: bytes, file_name: str) -> bool:
        """Tell whether an upload, which begins so, is one of this kind. Called in the sandbox: it may look inside."""

    def likeness(self, found: str, path: Path, file_name: str, chosen: dict[str, Any]) -> int:
        """Return whether an upload that the kind `found` accepts can be read as one of this kind, too: LIKELY where it looks like
        one and is taken for it until a person says otherwise, IF_CHOSEN where a person must choose that, else NEVER."""

    def preview(self, path: Path, file_name: str, chosen: dict[str, Any]) -> UploadPreview:
        """Return what an upload holds, from its beginning. `chosen` is what a person changed of the guesses (`options`) of a
        preview before, by name. Raises Invalid or TooLarge."""

    def check_request(self, target: str, task: str, choices: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """Return what a person chose for an upload, as `prepare` reads it, and a problem for each wrong field."""

    def prepare(self, path: Path, request: dict[str, Any], folder: Path, progress: Progress) -> Prepared:
        """Turn an upload into arrays in a folder. Raises Invalid or TooLarge."""

    def keep(self, loaded: Any, target: str, task: str, folder: Path) -> Prepared:
        """Turn data that is in memory already into arrays in a folder."""

    def notice(self, x: np.ndarray) -> dict[str, Any]:
        """Return what the values of the examples `x` tell that `decode` needs to know, as fields of `input`."""

    def groups(self, data: DataSpec, path_of: Callable[[str], Path]) -> pl.Series | None:
        """Return the groups by which the test was chosen, one for each row of the root; None where there are none."""

    def shape_words(self, data: DataSpec) -> str:
        """Return what one example looks like to a model: `28 x 28, gray`."""

    def input(self, data: DataSpec) -> Input:
        """Return what one example is to a model, see `graphs.adapt`."""

    def open(self, data: DataSpec, path: Path, file_name: str, chosen: dict[str, Any]) -> Opened:
        """Read a file of examples that is given to a model, as uploads are read. Called in the sandbox. `chosen`: what a person
        changed of the guesses. Raises Invalid or TooLarge."""

    def check_inputs(self, data: DataSpec, given: Sequence[Any]) -> dict[str, Any]:
        """Return what a person gave to a model as bounded, plain JSON. Raises Invalid or TooLarge."""

    def decode(self, data: DataSpec, inputs: dict[str, Any]) -> Decoded:
        """Return what `check_inputs` let through as a model takes it. Raises Invalid when none of it can be read."""

    def picture(self, x: np.ndarray) -> bytes | None:
        """Return one example as PNG, or None when it is no picture."""
