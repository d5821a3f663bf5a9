"""Images that are exact copies of others: told, and left out where that was chosen."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from mhub_core.data.records import Option
from mhub_core.errors import Invalid
from mhub_core.kinds.pictures.records import Example, Layout

COPIES, ALL, ONE = "copies", "all", "one"
COPY = "is an exact copy of another file"  # why an image is left out; its name may follow
_CHOICES = ((ALL, "Keep all"), (ONE, "Keep one of each"))


def told(layout: Layout, chosen: dict[str, Any]) -> Layout:
    """Return a layout that tells of copies, by the checksums of the archive; or without them, those of the test set kept."""
    groups = defaultdict(list)
    for example in layout.examples:
        if example.image.check is not None and example.image.num_bytes:
            groups[example.image.check, example.image.num_bytes].append(example)
    several = [group for group in groups.values() if len(group) > 1]
    if not several:
        return layout
    asked = chosen.get(COPIES, ALL)
    if asked not in dict(_CHOICES):
        raise Invalid("Copies cannot be treated in this way.", "; ".join(words for _, words in _CHOICES), "Choose one of these.")
    option = Option(COPIES, "Images that are exact copies of others", asked, _CHOICES)
    options = (*layout.options, option)
    if asked == ALL:
        return replace(layout, options=options, warnings=(*layout.warnings, _words(several)))
    kept = {max(group, key=lambda example: (bool(example.is_test), -example.image.place)): group for group in several}
    out = {one: kept_one for kept_one, group in kept.items() for one in group if one is not kept_one}
    refused = [(one.image.name[:200], f"{COPY}: {kept_one.image.name[:200]}") for one, kept_one in out.items()]
    examples = tuple(example for example in layout.examples if example not in out)
    return replace(layout, options=options, examples=examples, refused=(*layout.refused, *refused))


def _words(several: list[list[Example]]) -> str:
    number = sum(len(group) - 1 for group in several)
    words = f"{number:,} image{' is an exact copy of another' if number == 1 else 's are exact copies of others'}"
    mixed = sum(len({example.class_name for example in group}) > 1 for group in several)
    words += f", {mixed:,} of them in another class" if mixed else ""
    return f"{words}. A copy that is both learned from and tested on makes scores look better than they are."
