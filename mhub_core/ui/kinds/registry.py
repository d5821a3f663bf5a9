"""The view of every kind of data: one line for each."""

from __future__ import annotations

from mhub_core.kinds.registry import require_kind
from mhub_core.ui.kinds import images, series, table, text
from mhub_core.ui.kinds.view import KindView

VIEWS: dict[str, KindView] = {
    "images": images,
    "series": series,
    "table": table,
    "text": text,
}


def require_view(kind: str) -> KindView:
    """Return the view of a kind. Raises Invalid for a kind that this release does not know."""
    return VIEWS[require_kind(kind).name]
