"""What can be done to versions of series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mhub_core.data.records import DataSpec, Progress, StepPreview, UploadPreview
from mhub_core.kinds.kind import Addition, Examples, Paths, Prepared
from mhub_core.kinds.signals import further, process, roots, trial
from mhub_core.recipes.fields import NUMBER
from mhub_core.recipes.registry import SIGNAL_STEPS


class SignalRecipes:
    """The steps for series."""

    steps = SIGNAL_STEPS

    def before(self, data: DataSpec, paths: Paths) -> dict[str, Any]:
        """The channels."""
        roots.names_in(data)
        return dict.fromkeys(data.input["channels"], NUMBER)

    def usual(self, data: DataSpec) -> str:
        """None."""
        return ""

    def preview(self, data: DataSpec, paths: Paths, examples: Examples, recipe: Sequence[Mapping[str, Any]]) -> StepPreview:
        """Carry it out on some series."""
        return trial.preview(data, paths, recipe)

    def process(
        self, data: DataSpec, paths: Mapping[str, Path], recipe: Sequence[Mapping[str, Any]], folder: Path, progress: Progress
    ) -> Prepared:
        """Carry it out on all."""
        return process.process(data, paths, recipe, folder, progress)

    def differences(self, data: DataSpec, paths: Paths, preview: UploadPreview) -> tuple[list[str], list[str]]:
        """Compare channels and labels."""
        return further.differences(data, preview)

    def extend(self, data: DataSpec, paths: Mapping[str, Path], addition: Addition, folder: Path, progress: Progress) -> Prepared:
        """Add the series to those of the upload, and do the steps again."""
        return further.extend(data, paths, addition, folder, progress)
