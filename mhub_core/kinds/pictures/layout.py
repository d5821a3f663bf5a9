"""What the names in an archive say: which files are images, of which class or with which mask, and in which split.

Every guess is an option that a person can change; a preview and a preparation read with the same code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mhub_core.data.records import Option
from mhub_core.errors import Invalid
from mhub_core.kinds.pictures import archive as archives
from mhub_core.kinds.pictures import copies, given, paths
from mhub_core.kinds.pictures.archive import Archive
from mhub_core.kinds.pictures.paths import Entry, clean, entries, fewer
from mhub_core.kinds.pictures.places import Placed, place
from mhub_core.kinds.pictures.records import Layout
from mhub_core.kinds.pictures.truths.registry import TRUTHS, truth_of
from mhub_core.kinds.pictures.truths.truth import Contents, Offer

CLASS_FROM = "class_from"


def read(archive: Archive, chosen: dict[str, Any], task: str | None = None) -> Layout:
    """Sort the files of an archive. `chosen`: what was chosen otherwise than guessed; `task`: the only one that may be found.

    Raises Invalid or TooLarge when there are no images, or nothing that tells their classes.
    """
    found = entries(archive.files)
    _refuse_documents(found)
    contents = _sorted(archive, found, chosen)
    offers = [offer for truth in reversed(TRUTHS) if task in (None, truth.task) for offer in truth.offers(contents)]
    if not offers:
        raise truth_of(task or TRUTHS[0].task).none(contents.images)
    archives.require_few(min(offer.num_images for offer in offers))
    way = _chosen_way(offers, chosen)
    layout = way.read()
    option = Option(CLASS_FROM, "What tells the class", way.value, tuple((one.value, one.words) for one in offers))
    options = [option] if len(offers) > 1 else []
    warnings = (*layout.warnings, *_empty_folders(archive, found))
    layout = replace(layout, options=(*options, *layout.options), warnings=warnings)
    return copies.told(given.split(layout, chosen), chosen)


def _sorted(archive: Archive, found: list[Entry], chosen: dict[str, Any]) -> Contents:
    placed = place([entry for entry in found if not entry.tells_about])
    images = [one for one in placed if one.entry.may_be_image]
    others = [one for one in placed if not one.entry.may_be_image]
    if not images:
        raise _no_images(others)
    return Contents(archive, images, others, [entry.name for entry in found if entry.tells_about], chosen)


def _chosen_way(offers: Sequence[Offer], chosen: dict[str, Any]) -> Offer:
    asked = chosen.get(CLASS_FROM, offers[0].value)
    for offer in offers:
        if offer.value == asked:
            return offer
    one_of = "; ".join(offer.words for offer in offers)
    raise Invalid(f"The classes cannot be read from {str(asked)[:40]!r}.", f"One of: {one_of}.", "Choose one of these.")


def _empty_folders(archive: Archive, found: list[Entry]) -> list[str]:
    """Tell of folders in which nothing lies."""
    filled = {"/".join(entry.folders[:depth]) for entry in found for depth in range(len(entry.folders) + 1)}
    empty = [name for name in map(clean, archive.folders) if name not in filled and not paths.is_hidden(name.split("/"))]
    return [f"Empty folders, which make no class: {fewer(empty)}."] if empty else []


def _refuse_documents(found: list[Entry]) -> None:
    if any(entry.file.name == "[Content_Types].xml" for entry in found):
        told = "This is an office document, not a zip of images."
        raise Invalid(told, "A CSV file, or a zip of images.", "Save the table as CSV.")


def _no_images(others: list[Placed]) -> Invalid:
    names = fewer(dict.fromkeys(other.entry.name for other in others))
    return Invalid(
        f"The archive contains no image{f', but {names}' if names else ''}.",
        "PNG, JPEG, GIF, BMP, WebP or TIFF files, in one folder for each class.",
        "Upload a zip of images; upload a table by itself, as a CSV file.",
    )
