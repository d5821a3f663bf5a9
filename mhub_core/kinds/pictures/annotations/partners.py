"""Which image an annotation file is about, by their names: as images/train/1.jpg and labels/train/1.txt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from itertools import product

from mhub_core.kinds.pictures.paths import Entry, roles, split_of

_MOST_PARTS = 8  # of the end of a path that are compared: names may have thousands
_End = tuple[str, ...]
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
        same = self._by_name.get(_last(wanted), [])
        if len(same) < 2:
            return same[0] if same else None
        if exact := self._by_path.get("/".join((*beside.folders, wanted)).lower()):
            return exact
        split = next((found for part in (*beside.folders, beside.stem) if (found := _split_in(part))), None)
        whole, last = _end(wanted.lower().split("/")), (_last(wanted),)
        ends = ((whole, split), (whole, None), (last, split), (last, None))
        return next((image for end in ends if (image := self._by_end.get(end))), None)

    @cached_property
    def _by_path(self) -> dict[str, Entry]:
        return {image.name.lower(): image for image in reversed(self._of_many)}

    @cached_property
    def _by_end(self) -> dict[tuple[_End, str | None], Entry]:
        """The first image of each end of a path, and the first in each split, so that no look-up goes through all images."""
        first: dict[tuple[_End, str | None], Entry] = {}
        for image in self._of_many:
            end, splits = _end(image.name.lower().split("/")), {None, *map(split_of, image.folders)}
            for key in product((end[start:] for start in range(len(end))), splits):
                first.setdefault(key, image)
        return first

    @cached_property
    def _of_many(self) -> list[Entry]:
        """The images whose last names others have, too."""
        return [image for same in self._by_name.values() if len(same) > 1 for image in same]


def _end(parts: Sequence[str]) -> _End:
    return tuple(parts[-_MOST_PARTS:])


def _last(name: str) -> str:
    return name.rpartition("/")[2].lower()


def _split_in(name: str) -> str | None:
    """Return the split that a folder or a file such as instances_val2017 is for."""
    return next((found for word in (name, *name.split("_")) if (found := split_of(word))), None)


def _key(entry: Entry) -> _Key:
    split = next((found for folder in entry.folders if (found := split_of(folder))), None)
    return split, tuple(folder for folder in entry.folders if not roles(folder)), entry.stem.lower()
