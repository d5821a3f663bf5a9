"""What can be done to versions of images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mhub_core.data.records import DataSpec, Progress, StepPreview, UploadPreview
from mhub_core.kinds.kind import Addition, Examples, Paths, Prepared
from mhub_core.kinds.pictures import further, process
from mhub_core.recipes.registry import IMAGE_STEPS


class ImageRecipes:
    """The steps for images."""

    steps = IMAGE_STEPS

    def before(self, data: DataSpec, paths: Paths) -> dict[str, Any]:
        """Height, width and channels."""
        return process.before(data)

    def usual(self, data: DataSpec) -> str:
        """None."""
        return ""

    def preview(self, data: DataSpec, paths: Paths, examples: Examples, recipe: Sequence[Mapping[str, Any]]) -> StepPreview:
        """Carry it out on some images."""
        return process.preview(data, paths, examples, recipe)

    def process(
        self, data: DataSpec, paths: Mapping[str, Path], recipe: Sequence[Mapping[str, Any]], folder: Path, progress: Progress
    ) -> Prepared:
        """Carry it out on all."""
        return process.process(data, paths, recipe, folder, progress)

    def differences(self, data: DataSpec, paths: Paths, preview: UploadPreview) -> tuple[list[str], list[str]]:
        """Compare the classes."""
        return further.differences(data, preview)

    def extend(self, data: DataSpec, paths: Mapping[str, Path], addition: Addition, folder: Path, progress: Progress) -> Prepared:
        """Add the images to those of the upload, and do the steps again."""
        return further.extend(data, paths, addition, folder, progress)
