"""Every kind of data of the hub: one line for each. The first that accepts an upload takes it, unless it looks like another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from mhub_core.data.records import Option, UploadPreview
from mhub_core.errors import Invalid
from mhub_core.kinds.images import Images
from mhub_core.kinds.kind import LIKELY, NEVER, DataKind
from mhub_core.kinds.series import Series
from mhub_core.kinds.table import Table
from mhub_core.kinds.tables import choosing
from mhub_core.kinds.text import Text

_HEAD_BYTES = 16
KIND = "kind"  # the option of a preview that says what one example is
KINDS: dict[str, DataKind] = {
    kind.name: kind
    for kind in (
        Table(),
        Images(),
        Text(),
        Series(),
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


def preview(path: Path, file_name: str, chosen: dict[str, Any]) -> UploadPreview:
    """Return what an upload holds, as its kind tells it: what a person chose, else by what it holds and its name. Where it can be
    read as another kind, that is the first option.

    Raises Invalid or TooLarge when it is of none, and for a choice that does not fit.
    """
    kind, choices = _of_upload(path, file_name, chosen)
    found = kind.preview(path, file_name, chosen)
    if len(choices) < 2:
        return found
    return replace(found, options=(Option(KIND, "What one example is", kind.name, choices), *found.options))


def _of_upload(path: Path, file_name: str, chosen: dict[str, Any]) -> tuple[DataKind, tuple[tuple[str, str], ...]]:
    """Return the kind, and all that the upload can be read as, each in words."""
    accepting = _accepting(path, file_name)
    likeness = {name: one.likeness(accepting.name, path, file_name, chosen) for name, one in KINDS.items()}
    offered = [one for name, one in KINDS.items() if one is accepting or likeness[name] != NEVER]
    guess = next((one for one in offered if likeness[one.name] == LIKELY), accepting)
    choices = tuple((one.name, f"{one.noun[0].capitalize()}: {one.help}") for one in offered)
    return KINDS[str(choosing.one_of(chosen, KIND, "One example", choices, guess.name))], choices


def _accepting(path: Path, file_name: str) -> DataKind:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    found = next((kind for kind in KINDS.values() if kind.accepts(path, head, file_name)), None)
    if found is None:
        expected = "A table (CSV, Excel, JSON or Parquet), a zip, tar or tar.gz of images or texts, or NumPy arrays as .npz."
        raise Invalid("The hub cannot read this kind of file.", expected, "Save it as one of these.")
    return found
