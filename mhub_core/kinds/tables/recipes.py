"""What can be done to versions of tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from mhub_core.data.records import DataSpec, Progress, StepPreview, UploadPreview
from mhub_core.errors import Invalid
from mhub_core.kinds.kind import Addition, Examples, Paths, Prepared
from mhub_core.kinds.tables import further, process, trial
from mhub_core.recipes import run
from mhub_core.recipes.registry import STEPS


class TableRecipes:
    """The steps for tables."""

    steps = STEPS

    def before(self, data: DataSpec, paths: Paths) -> dict[str, Any]:
        """The columns, with what each holds."""
        if "parquet" not in data.arrays:
            raise Invalid(
                "This version does not hold its rows, so it cannot be processed in steps.", mend="Upload the data again."
            )
        return run.columns_of(pl.read_parquet_schema(paths("parquet")))

    def usual(self, data: DataSpec) -> str:
        """None."""
        return ""

    def preview(self, data: DataSpec, paths: Paths, examples: Examples, recipe: Sequence[Mapping[str, Any]]) -> StepPreview:
        """Carry it out on some rows."""
        return trial.preview(data, paths, recipe)

    def process(
        self, data: DataSpec, paths: Mapping[str, Path], recipe: Sequence[Mapping[str, Any]], folder: Path, progress: Progress
    ) -> Prepared:
        """Carry it out on the rows as they were."""
        return process.process(data, paths, recipe, folder, progress)

    def differences(self, data: DataSpec, paths: Paths, preview: UploadPreview) -> tuple[list[str], list[str]]:
        """Compare the columns."""
        return further.differences(data, paths, preview)

    def extend(self, data: DataSpec, paths: Mapping[str, Path], addition: Addition, folder: Path, progress: Progress) -> Prepared:
        """Add the rows to those of the upload, and do the steps again."""
        return further.extend(data, paths, addition, folder, progress)
