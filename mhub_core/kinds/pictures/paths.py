"""What the names of files and folders in an archive tell: hidden ones, images, folders of splits, of masks, of nothing."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mhub_core.kinds.pictures.archive import File

TRAIN, VALIDATION, TEST = "train", "validation", "test"
ENDINGS = {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".bmp", ".dib", ".webp", ".tif", ".tiff"}
MAX_SHOWN = 80  # letters of a name
_IGNORED_NAMES = {"thumbs.db", "desktop.ini"}
# What files that tell about the data are called, without their endings.
_ABOUT = {"readme", "read_me", "license", "licence", "copying", "notice", "changelog", "citation", "authors"}
# Words of which the names of folders are made that name no class: `training_set`, `val2017`, `train_masks`, `JPEGImages`.
_WORDS = {
    TRAIN: "training|train",
    VALIDATION: "validation|valid|val|development|dev",
    TEST: "testing|test|evaluation|eval|holdout",
    "mask": "segmentations?|masks?|annotations?|annots?|trimaps?|groundtruths?|gt|labels?|targets?",
    "plain": "jpeg|jpg|png|images?|imgs?|pictures?|photos?|datasets?|data|sets?|seg|splits?|files?|folder|samples?|originals?"
    "|class|inputs?|raw|resized|all",
}
_WORD = re.compile("|".join(f"(?P<{role}>{words})" for role, words in _WORDS.items()))
_MASK_ENDING = re.compile(r"[_\-. ](masks?|segmentation|seg|label|labels|gt|groundtruth|annotation|L)$", re.IGNORECASE)
_COUNTING = re.compile(r"[\s._\-]*\(?\d+\)?$")


@dataclass(frozen=True)
class Entry:
    """One file by what its cleaned name says: its folders, its stem and its ending in small letters."""

    file: File
    folders: tuple[str, ...]
    stem: str
    ending: str

    def __hash__(self) -> int:
        """No two files have one place."""
        return self.file.place

    @property
    def name(self) -> str:
        """The whole name."""
        return "/".join((*self.folders, self.stem + self.ending))

    @property
    def may_be_image(self) -> bool:
        """Whether this may be an image by its name: some have no ending at all."""
        return self.ending in ENDINGS or not self.ending

    @property
    def tells_about(self) -> bool:
        """Whether this is a file for people about the data, such as README.md."""
        return self.stem.lower().partition(".")[0] in _ABOUT and self.ending not in ENDINGS


def entries(files: Iterable[File]) -> list[Entry]:
    """Return what is not hidden."""
    return [entry for file in files if (entry := _entry(file)) is not None]


def _entry(file: File) -> Entry | None:
    """Clean a name: composed letters, no blanks around a part. None for a hidden file."""
    parts = [clean(part) for part in file.name.split("/")]
    parts = [part for part in parts if part]
    if not parts or is_hidden(parts):
        return None
    stem, dot, ending = parts[-1].rpartition(".")
    if not dot or not stem:
        stem, ending = parts[-1], ""
    return Entry(file, tuple(parts[:-1]), stem, f".{ending.lower()}" if ending else "")


def is_hidden(parts: Sequence[str]) -> bool:
    """Tell whether a file or folder is one that programs make for themselves."""
    return any(part.startswith(".") or part == "__MACOSX" for part in parts) or parts[-1].lower() in _IGNORED_NAMES


@lru_cache(4096)  # thousands of files lie in a few folders
def clean(part: str) -> str:
    """Return the name of a file or folder with composed letters and no blanks around it."""
    return unicodedata.normalize("NFC", part).strip()


@lru_cache(4096)
def roles(folder: str) -> frozenset[str]:
    """Return what the words of a folder's name say, of "train", "validation", "test", "mask", "plain"; nothing for a class."""
    name = re.sub(r"[\s._\-]+|\d+$", "", folder.lower())
    found, at = set(), 0
    while at < len(name):
        word = _WORD.match(name, at)
        if word is None:
            return frozenset()
        found.add(str(word.lastgroup))
        at = word.end()
    return frozenset(found)


@lru_cache(4096)
def split_of(folder: str) -> str | None:
    """Return the split that a folder is for: `training_set`, `VALID`, `test1`."""
    found = [role for role in (TRAIN, VALIDATION, TEST) if role in roles(folder)]
    return found[0] if len(found) == 1 else None


def without_mask_ending(stem: str) -> str | None:
    """Return the name of the image that a mask such as `cat_mask` belongs to; None when it ends otherwise."""
    found = _MASK_ENDING.search(stem)
    return stem[: found.start()] if found else None


def prefix(stem: str) -> str | None:
    """Return what stands before the number of a file: `cat` of `cat.001`, `7` of `7_00012`; None when nothing does."""
    rest = stem
    while rest and (shorter := _COUNTING.sub("", rest)) != rest:
        if not shorter:
            break
        rest = shorter
    if rest == stem or not rest.strip(" ._-(") or (rest.isdigit() and len(rest) == len(stem)):
        return None
    return rest.strip(" ._-(")


def fewer(names: Iterable[str], most: int = 5) -> str:
    """Return some names in one line: the first ones, and how many more there are."""
    names = [name[:MAX_SHOWN] for name in names]
    more = [f"{len(names) - most:,} more"] if len(names) > most else []
    return ", ".join([*names[:most], *more])


def not_used(names: list[str]) -> list[str]:
    """Tell of files that are no images, those of one folder together."""
    if not names:
        return []
    by_folder = Counter(name.rpartition("/")[0] for name in names)
    shown = [name if by_folder[name.rpartition("/")[0]] < 4 else "" for name in names]
    folders = [f"{count:,} files in {folder or 'no folder'}" for folder, count in by_folder.items() if count >= 4]
    return [f"Not used, because they are not images: {fewer([*filter(None, shown), *folders])}."]
