"""Every kind of data of the hub: one line for each. The first that accepts an upload takes it."""

from __future__ import annotations

from pathlib import Path

from mhub_core.errors import Invalid
from mhub_core.kinds.images import Images
from mhub_core.kinds.kind import DataKind
from mhub_core.kinds.table import Table

_HEAD_BYTES = 16
KINDS: dict[str, DataKind] = {
    kind.name: kind
    for kind in (
        Table(),
        Images(),
    )
}


def require_kind(name: str) -> DataKind:
    """Return a kind by name. Raises Invalid for one that this release does not know."""
    if name not in KINDS:
        raise Invalid(
            f"This release does not know the kind of data {str(name)[:40]!r}.",
            f"One of: {', '.join(KINDS)}.",
            "Update the hub, or choose another.",
        )
    return KINDS[name]


def kind_of_upload(path: Path, file_name: str) -> DataKind:
    """Return the kind that an upload is of, by what it holds and its name. Raises Invalid when it is of none."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    found = next((kind for kind in KINDS.values() if kind.accepts(path, head, file_name)), None)
    if found is None:
        raise Invalid("The hub cannot read this kind of file.", f"One of: {', '.join(KINDS)}.", "Upload another file.")
    return found
