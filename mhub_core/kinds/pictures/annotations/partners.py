"""Which image an annotation file is about, by their names: as images/train/1.jpg and labels/train/1.txt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from mhub_core.kinds.pictures.paths import Entry, roles, split_of

_Key = tuple[str | None, tuple[str, ...], str]


class Partners:
    """Finds images by the names of files beside them, or by names that files tell."""

    def __init__(self, images: Sequence[Entry]) -> None:
        self._by_key = {_key(image): image for image in reversed(images)}
        self._by_stem, self._by_name = defaultdict(list), defaultdict(list)
        for image in images:
            self._by_stem[image.stem.lower()].append(image)
            self._by_name[_last(image.name)].append(image)

    def of_file(self, entry: Entry) -> Entry | None:
        """Return the image of the same name in the same folders but those that say "labels" and "images"; or the only one of that
        name."""
        found = self._by_key.get(_key(entry))
        if found is None and len(same := self._by_stem[entry.stem.lower()]) == 1:
            return same[0]
        return found

    def listed(self, name: str, beside: Entry) -> Entry | None:
        """Return the image that a line of a list calls so, perhaps without its ending; None where several are called so."""
        if found := self.named(name, beside):
            return found
        same = self._by_stem[_last(name.replace("\\", "/"))]
        return same[0] if len(same) == 1 else None

    def named(self, name: str, beside: Entry) -> Entry | None:
        """Return the image that a file calls so: by the end of its path, of several the one nearest to the file."""
        wanted = name.replace("\\", "/").strip("/")
        same = self._by_name[_last(wanted)]
        if len(same) < 2:
            return same[0] if same else None
        folders = "/".join((*beside.folders, wanted)).lower()
        split = next((found for part in (*beside.folders, beside.stem) if (found := _split_in(part))), None)
        ranked = sorted(
            same,
            key=lambda image: (
                image.name.lower() == folders,
                image.name.lower().endswith("/" + wanted.lower()),
                split is not None and any(split_of(folder) == split for folder in image.folders),
            ),
            reverse=True,
        )
        return ranked[0]


def _last(name: str) -> str:
    return name.rpartition("/")[2].lower()


def _split_in(name: str) -> str | None:
    """Return the split that a folder or a file such as instances_val2017 is for."""
    return next((found for word in (name, *name.split("_")) if (found := split_of(word))), None)


def _key(entry: Entry) -> _Key:
    split = next((found for folder in entry.folders if (found := split_of(folder))), None)
    return split, tuple(folder for folder in entry.folders if not roles(folder)), entry.stem.lower()
