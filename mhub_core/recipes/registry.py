"""The steps that recipes can be made of, in the order in which a person is offered them."""

from __future__ import annotations

from mhub_core.errors import Invalid
from mhub_core.recipes.step import Step
from mhub_core.recipes.steps.bins import Bins
from mhub_core.recipes.steps.cast import Cast
from mhub_core.recipes.steps.clip import Clip
from mhub_core.recipes.steps.drop_columns import DropColumns
from mhub_core.recipes.steps.drop_duplicates import DropDuplicates
from mhub_core.recipes.steps.drop_missing import DropMissing
from mhub_core.recipes.steps.fill_missing import FillMissing
from mhub_core.recipes.steps.filter_rows import FilterRows
from mhub_core.recipes.steps.group_rare import GroupRare
from mhub_core.recipes.steps.log import Log
from mhub_core.recipes.steps.rename import Rename

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
    GroupRare(),
)
STEPS = {step.name: step for step in _ALL}


def require_step(name: object) -> Step:
    """Return a step by name. Raises Invalid for one that this hub does not know."""
    if not isinstance(name, str) or name not in STEPS:
        known = ", ".join(STEPS)
        raise Invalid(f"This hub knows no step {str(name)[:80]!r}.", f"One of {known}.", "Update the hub, or leave it out.")
    return STEPS[name]
