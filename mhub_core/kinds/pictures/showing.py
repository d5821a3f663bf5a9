"""What steps would do to some images of a version, seen while somebody chooses them."""

from __future__ import annotations

import numpy as np

from mhub_core.data.records import DataSpec, StepPreview
from mhub_core.data.splits import TRAIN
from mhub_core.kinds import arrays
from mhub_core.kinds.kind import Paths
from mhub_core.kinds.pictures import decode, kept
from mhub_core.recipes import image_run
from mhub_core.recipes.image_run import Recipe
from mhub_core.recipes.image_step import shape_of

_SHOWN = 5


def preview(data: DataSpec, paths: Paths, recipe: Recipe) -> StepPreview:
    """Return what a checked recipe does to some training images from all over the version."""
    train = np.flatnonzero(np.load(paths("split"), mmap_mode="r") == TRAIN)
    some = train[:: max(1, len(train) // _SHOWN)][:_SHOWN]
    images = np.load(paths(kept.X), mmap_mode="r")[some] if kept.X in data.arrays else arrays.some(data, some.tolist())
    changed = image_run.apply(images, recipe)
    pairs = tuple((decode.to_png(one), decode.to_png(other)) for one, other in zip(images, changed, strict=True))
    shape = tuple(shape_of(changed).values())
    return StepPreview(len(train), (len(train),) * len(recipe), False, pictures=pairs, shape=shape)
