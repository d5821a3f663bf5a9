"""What steps would do to a version, seen on its first training examples while somebody chooses them."""

from __future__ import annotations

from functools import partial
from typing import Any

from mhub_core.accounts.records import User
from mhub_core.data.records import StepPreview
from mhub_core.datasets import service, version_service
from mhub_core.kinds import arrays


def preview(user: User | None, version_id: int, recipe: list[dict[str, Any]]) -> StepPreview:
    """Return what a recipe does to the first training examples. Raises as `version_service.process` for one that cannot be
    done."""
    version_service.require_editor(user, version_id)
    data = service.require_ready(user, version_id)
    clean = version_service.checked(data, recipe)
    paths, examples = partial(arrays.path_of, data), partial(arrays.some, data)
    return version_service.recipes_of(data).preview(data, paths, examples, clean)
