"""Tables: one example is a row of numbers and categories."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mhub_core.data.records import Column, DataSpec, Progress, UploadPreview
from mhub_core.data.split_ways import WAYS
from mhub_core.errors import Invalid, TooLarge
from mhub_core.graphs import adapt
from mhub_core.graphs.adapt import Input
from mhub_core.kinds import grouping
from mhub_core.kinds.kind import NEVER, Decoded, Opened, Prepared, Recipes
from mhub_core.kinds.tables import asking, encoding, prepare, process
from mhub_core.kinds.tables.formats import registry as formats
from mhub_core.kinds.tables.recipes import TableRecipes

MAX_ROWS = 10_000
MAX_BYTES = 10_000_000


class Table:
    """`x` is float32 `(rows, features)`; `input` is `{"shape", "columns", "encoder"}`; the rows as they were are `parquet`."""

    name = "table"
    noun = ("row", "rows")
    help = "each row of the table is one example"
    tasks: tuple[str, ...] = ("classification", "regression")
    epochs = 30
    notices: tuple[str, ...] = ()
    asked_endings: tuple[str, ...] = formats.ENDINGS
    decodes_files = False
    num_mistakes = 0
    split_ways: tuple[str, ...] = tuple(WAYS)
    recipes: Recipes | None = TableRecipes()

    def accepts(self, path: Path, head: bytes, file_name: str) -> bool:
        """Take every file but a zip without a table: its reader says what is wrong with one that is no table."""
        return formats.holds_table(path, file_name)

    def likeness(self, found: str, path: Path, file_name: str, chosen: dict[str, Any]) -> int:
        """What another kind accepts is no table."""
        return NEVER

    def preview(self, path: Path, file_name: str, chosen: dict[str, Any]) -> UploadPreview:
        """Look at the first rows of a file."""
        return prepare.preview(path, file_name, chosen)

    def check_request(self, target: str, task: str, choices: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """Target and task are chosen for a table, and how its file is read where the guess was wrong."""
        problems = {} if task in self.tasks else {"task": f"must be one of {', '.join(self.tasks)}"}
        return {"target": target, "task": task, "reading": choices.get("reading") or {}}, problems

    def prepare(self, path: Path, request: dict[str, Any], folder: Path, progress: Progress) -> Prepared:
        """Read a file."""
        return prepare.prepare_file(path, request, folder, progress)

    def keep(self, loaded: pl.DataFrame, target: str, task: str, folder: Path) -> Prepared:
        """Encode a frame."""
        return prepare.prepare_frame(loaded, target, task, folder, lambda *_: None)

    def notice(self, x: np.ndarray) -> dict[str, Any]:
        """The encoder knows all."""
        return {}

    def groups(self, data: DataSpec, path_of: Callable[[str], Path]) -> pl.Series | None:
        """Look into the table."""
        return grouping.column_of(data, path_of, "parquet")

    def shape_words(self, data: DataSpec) -> str:
        """Count the features."""
        number = data.input_shape[0]
        return f"{number:,} feature{'' if number == 1 else 's'}"

    def input(self, data: DataSpec) -> Input:
        """A row of standardised numbers."""
        return adapt.row(data.input_shape[0])

    def open(self, data: DataSpec, path: Path, file_name: str, chosen: dict[str, Any]) -> Opened:
        """Read rows out of any format of tables."""
        return asking.opened(path, file_name, features(data), chosen)

    def check_inputs(self, data: DataSpec, given: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Take the model's own columns only. A missing value is None; text stays text."""
        names = [column.name for column in features(data)]
        if not given:
            raise Invalid("There is no row to predict.", f"Rows with the columns {', '.join(names[:10])}.", "Fill in a row.")
        if not any(name in row for row in given for name in names):
            raise Invalid(
                "None of the columns is one that this model was trained on.",
                f"Columns such as {', '.join(names[:10])}.",
                "Check the first line.",
            )
        kept = [{name: _plain(row.get(name)) for name in names} for row in given[: MAX_ROWS + 1]]
        if len(given) > MAX_ROWS or len(json.dumps(kept)) > MAX_BYTES:
            raise TooLarge("This is too much at once.", f"At most {MAX_ROWS:,} rows and 10 MB.", "Upload fewer rows.")
        return {"rows": kept}

    def decode(self, data: DataSpec, inputs: dict[str, Any]) -> Decoded:
        """Encode rows as those of the dataset were."""
        if data.input.get("recipe"):
            return Decoded(process.encode_raw(data, inputs["rows"]))
        return Decoded(encoding.encode_rows(data.input["encoder"], inputs["rows"]))

    def picture(self, x: np.ndarray) -> None:
        """A row is no picture."""
        return None


def columns(data: DataSpec) -> tuple[Column, ...]:
    """Return all columns but the target, as they were found."""
    return tuple(map(Column.from_json, data.input.get("columns", ())))


def features(data: DataSpec) -> list[Column]:
    """Return the columns that a model is asked by: of a version that a recipe made, those of the uploaded file."""
    if data.input.get("recipe"):
        return process.raw_features(data)
    return [column for column in columns(data) if column.kind != "ignored" and column.name != data.target["name"]]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, bool, int, float)) else str(value)
