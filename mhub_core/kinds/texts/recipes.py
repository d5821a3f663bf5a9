"""What can be done to versions of texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from mhub_core.data.records import DataSpec, Progress, StepPreview, UploadPreview
from mhub_core.kinds.kind import Addition, Examples, Paths, Prepared
from mhub_core.kinds.texts import further, process, trial
from mhub_core.recipes import run
from mhub_core.recipes.registry import TEXT_STEPS


class TextRecipes:
    """The steps for texts."""

    steps = TEXT_STEPS

    def before(self, data: DataSpec, paths: Paths) -> dict[str, Any]:
        """The columns, that of the texts first, with what each holds."""
        columns = run.columns_of(pl.read_parquet_schema(paths("parquet")))
        text = data.input["text"]
        return {text: columns[text], **columns}

    def usual(self, data: DataSpec) -> str:
        """The column of the texts."""
        return str(data.input["text"])

    def preview(self, data: DataSpec, paths: Paths, examples: Examples, recipe: Sequence[Mapping[str, Any]]) -> StepPreview:
        """Carry it out on some texts."""
        return trial.preview(data, paths, recipe)

    def process(
        self, data: DataSpec, paths: Mapping[str, Path], recipe: Sequence[Mapping[str, Any]], folder: Path, progress: Progress
    ) -> Prepared:
        """Carry it out on all."""
        return process.process(data, paths, recipe, folder, progress)

    def differences(self, data: DataSpec, paths: Paths, preview: UploadPreview) -> tuple[list[str], list[str]]:
        """Compare the columns and the labels."""
        return further.differences(data, paths, preview)

    def extend(self, data: DataSpec, paths: Mapping[str, Path], addition: Addition, folder: Path, progress: Progress) -> Prepared:
        """Add the texts to those of the upload, and do the steps again."""
        return further.extend(data, paths, addition, folder, progress)
