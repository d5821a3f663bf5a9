"""The steps that recipes can be made of, in the order in which a person is offered them."""

from __future__ import annotations

from collections.abc import Mapping

from mhub_core.errors import Invalid
from mhub_core.recipes.image_step import ImageStep
from mhub_core.recipes.image_steps.contrast import Contrast
from mhub_core.recipes.image_steps.crop import Crop
from mhub_core.recipes.image_steps.grayscale import Grayscale
from mhub_core.recipes.image_steps.invert import Invert
from mhub_core.recipes.image_steps.pad import Pad
from mhub_core.recipes.image_steps.resize import Resize
from mhub_core.recipes.signal_steps.drop_repeated import DropRepeated
from mhub_core.recipes.signal_steps.drop_series import DropSeries
from mhub_core.recipes.signal_steps.fill_gaps import FillGaps
from mhub_core.recipes.signal_steps.length import Length
from mhub_core.recipes.signal_steps.scale_each import ScaleEach
from mhub_core.recipes.signal_steps.smooth import Smooth
from mhub_core.recipes.step import AnyStep, Step
from mhub_core.recipes.steps.balance import Balance
from mhub_core.recipes.steps.bins import Bins
from mhub_core.recipes.steps.cast import Cast
from mhub_core.recipes.steps.clean_text import CleanText
from mhub_core.recipes.steps.clip import Clip
from mhub_core.recipes.steps.date_parts import DateParts
from mhub_core.recipes.steps.drop_columns import DropColumns
from mhub_core.recipes.steps.drop_duplicates import DropDuplicates
from mhub_core.recipes.steps.drop_missing import DropMissing
from mhub_core.recipes.steps.drop_short import DropShort
from mhub_core.recipes.steps.fill_missing import FillMissing
from mhub_core.recipes.steps.filter_rows import FilterRows
from mhub_core.recipes.steps.group_labels import GroupLabels
from mhub_core.recipes.steps.group_rare import GroupRare
from mhub_core.recipes.steps.hashed import Hashed
from mhub_core.recipes.steps.keep_labels import KeepLabels
from mhub_core.recipes.steps.log import Log
from mhub_core.recipes.steps.one_hot import OneHot
from mhub_core.recipes.steps.order_categories import OrderCategories
from mhub_core.recipes.steps.ordinal import Ordinal
from mhub_core.recipes.steps.rename import Rename
from mhub_core.recipes.steps.scale import Scale
from mhub_core.recipes.steps.sql import Sql
from mhub_core.recipes.steps.target_mean import TargetMean

_ALL: tuple[Step, ...] = (
    FillMissing(),
    DropMissing(),
    DropColumns(),
    Rename(),
    Cast(),
    FilterRows(),
    DropDuplicates(),
    Clip(),
    Log(),
    Bins(),
    Scale(),
    GroupRare(),
    CleanText(),
    OneHot(),
    Ordinal(),
    OrderCategories(),
    Hashed(),
    TargetMean(),
    DateParts(),
    Balance(),
    Sql(),
)
STEPS: Mapping[str, AnyStep] = {step.name: step for step in _ALL}


_OF_IMAGES: tuple[ImageStep, ...] = (Resize(), Crop(), Pad(), Grayscale(), Invert(), Contrast())
IMAGE_STEPS: Mapping[str, AnyStep] = {step.name: step for step in _OF_IMAGES}
_OF_TEXTS: tuple[Step, ...] = (
    CleanText(),
    DropShort(),
    DropDuplicates(),
    KeepLabels(),
    GroupLabels(),
    FilterRows(),
    Balance(),
)
TEXT_STEPS: Mapping[str, AnyStep] = {step.name: step for step in _OF_TEXTS}
_OF_SERIES: tuple[AnyStep, ...] = (
    FillGaps(),
    Length(),
    Smooth(),
    Clip(),
    Scale(),
    ScaleEach(),
    Log(),
    DropSeries(),
    DropRepeated(),
    KeepLabels(),
    GroupLabels(),
    Balance(),
)
SIGNAL_STEPS: Mapping[str, AnyStep] = {step.name: step for step in _OF_SERIES}
ALL: Mapping[str, AnyStep] = {**STEPS, **IMAGE_STEPS, **TEXT_STEPS, **SIGNAL_STEPS}


def require_step(name: object, steps: Mapping[str, AnyStep] | None = None) -> AnyStep:
    """Return a step by name, of all or of some. Raises Invalid for one that is not there."""
    steps = ALL if steps is None else steps
    if not isinstance(name, str) or name not in steps:
        known = ", ".join(steps)
        raise Invalid(f"This hub knows no step {str(name)[:80]!r}.", f"One of {known}.", "Update the hub, or leave it out.")
    return steps[name]
