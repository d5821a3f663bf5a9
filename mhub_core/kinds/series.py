"""Series: one example is a run of numbers over time, in one or several channels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mhub_core.data.records import DataSpec, Progress, UploadPreview
from mhub_core.data.split_ways import WAYS
from mhub_core.errors import Invalid, TooLarge
from mhub_core.graphs import adapt
from mhub_core.graphs.adapt import Input
from mhub_core.kinds import grouping
from mhub_core.kinds.kind import IF_CHOSEN, LIKELY, Decoded, Opened, Prepared, Recipes
from mhub_core.kinds.signals import arrays, asking, layout, pasted, prepare, preview, roots
from mhub_core.kinds.signals.recipes import SignalRecipes
from mhub_core.kinds.tables import looking
from mhub_core.kinds.tables.formats import registry as formats

_MAX_COLUMNS = 2_000
Loaded = tuple[np.ndarray, Sequence[Any], tuple[str, ...]]  # `(series, steps, channels)`, labels, names of the channels


class Series:
    """`x` is float32 `(series, steps, channels)`, standardised; `input` says how a series becomes one, see `signals.fitting`.

    `lengths` and `gaps` int32 `(series,)`: how many steps and missing values each had.
    """

    name = "series"
    noun = ("series", "series")
    help = "each run of numbers over time is one example, in one row or over many"
    tasks: tuple[str, ...] = ("classification", "regression")
    epochs = 40
    notices: tuple[str, ...] = ()
    num_mistakes = 12
    split_ways: tuple[str, ...] = tuple(WAYS)
    recipes: Recipes | None = SignalRecipes()
    asked_endings: tuple[str, ...] = formats.ENDINGS
    decodes_files = False

    def accepts(self, path: Path, head: bytes, file_name: str) -> bool:
        """What holds series is accepted by another kind first: a table."""
        return False

    def likeness(self, found: str, path: Path, file_name: str, chosen: dict[str, Any]) -> int:
        """Every table can be read as series, and arrays of two or three axes; taken for them is what says so by its columns, or
        whose numbers are no pixels."""
        if found != "table":
            return arrays.likeness(path)
        try:
            frame = looking.tidy(path, file_name, chosen).frame
            return LIKELY if frame.height and layout.is_certain(frame, preview.layout_of(frame, chosen)) else IF_CHOSEN
        except (Invalid, TooLarge):  # of what is refused the other kind says why
            return IF_CHOSEN

    def preview(self, path: Path, file_name: str, chosen: dict[str, Any]) -> UploadPreview:
        """Look at the first rows of a file."""
        look = arrays.look if arrays.holds(path) else preview.preview
        return look(path, file_name, chosen)

    def check_request(self, target: str, task: str, choices: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """Target, task, how the file is read, and the layout that the form showed as `series`."""
        problems = {} if task in self.tasks else {"task": f"must be one of {', '.join(self.tasks)}"}
        told = choices.get("series") or {}
        if told and not _is_layout(told):
            problems["series"] = "must name the form, the columns of series and time, and those of the values"
        request = {"target": target, "task": task, "reading": choices.get("reading") or {}, "series": told}
        return request, problems

    def prepare(self, path: Path, request: dict[str, Any], folder: Path, progress: Progress) -> Prepared:
        """Read a file."""
        make = arrays.prepare_arrays if arrays.holds(path) else prepare.prepare_file
        return make(path, request, folder, progress)

    def keep(self, loaded: Loaded, target: str, task: str, folder: Path) -> Prepared:
        """Keep series with their labels."""
        values, labels, channels = loaded
        return prepare.keep_arrays(values, pl.Series(target, labels), channels, task, folder)

    def notice(self, x: np.ndarray) -> dict[str, Any]:
        """The preparation knows all."""
        return {}

    def groups(self, data: DataSpec, path_of: Callable[[str], Path]) -> pl.Series | None:
        """Look beside the names of the series."""
        return grouping.column_of(data, path_of, "examples", roots.BESIDE)

    def shape_words(self, data: DataSpec) -> str:
        """Tell steps and channels."""
        steps, channels = data.input_shape
        return f"{steps:,} steps, {channels:,} channel{'' if channels == 1 else 's'}"

    def input(self, data: DataSpec) -> Input:
        """Steps of standardised numbers."""
        return adapt.signal(data.input_shape)

    def open(self, data: DataSpec, path: Path, file_name: str, chosen: dict[str, Any]) -> Opened:
        """Read series out of any format of tables, in the layout of the dataset or as columns of numbers."""
        return pasted.opened(path, file_name, data, chosen)

    def check_inputs(self, data: DataSpec, given: Sequence[Any]) -> dict[str, Any]:
        """Take series as lists of numbers by channel."""
        return asking.check(data, given)

    def decode(self, data: DataSpec, inputs: dict[str, Any]) -> Decoded:
        """Encode series as those of the dataset were."""
        return asking.decode(data, inputs)

    def picture(self, x: np.ndarray) -> None:
        """A series is drawn as lines, by the page."""
        return None


def _is_layout(told: Any) -> bool:
    if not isinstance(told, dict) or told.get("form") not in dict(layout.FORMS):
        return False
    values = told.get("values")
    are_names = isinstance(values, list) and len(values) <= _MAX_COLUMNS and all(isinstance(name, str) for name in values)
    return are_names and all(isinstance(told.get(name), str) for name in ("id", "time"))
