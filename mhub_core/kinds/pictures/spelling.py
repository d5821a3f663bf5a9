"""Names of classes that differ in hardly anything: told, and taken for one where that is sure or was chosen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from mhub_core.data.records import Option
from mhub_core.kinds.pictures.paths import clean, fewer
from mhub_core.kinds.pictures.records import Example

SAME_CASE = "same_case"


class Spelling:
    """Classes whose names differ only by capital letters: told, and made one where that was chosen."""

    def __init__(self, names: set[str], chosen: dict[str, Any]) -> None:
        groups = defaultdict(list)
        for name in sorted(names):
            groups[name.casefold()].append(name)
        self._alike = [group for group in groups.values() if len(group) > 1]
        self._is_one = bool(chosen.get(SAME_CASE, False))
        self._first = {name: group[0] for group in self._alike for name in group} if self._is_one else {}

    def of(self, name: str) -> str:
        """Return the class that a name stands for."""
        return self._first.get(name, name)

    def warnings(self) -> list[str]:
        """Tell of each group of names."""
        what = "are taken for one class" if self._is_one else "are different classes"
        return [f"{fewer(group)} differ only in capital letters; they {what}." for group in self._alike]

    def options(self) -> tuple[Option, ...]:
        """Return the choice, where there is one."""
        help = "Names that differ in nothing else are then one class."
        return (Option(SAME_CASE, "Ignore capital letters in class names", self._is_one, (), help),) if self._alike else ()


def blanks(examples: Sequence[Example]) -> list[str]:
    """Tell of folders of one class whose names differ by blanks or by how their letters are composed."""
    raw: dict[str, set[str]] = defaultdict(set)
    for folder in {folder for example in examples for folder in example.image.name.split("/")[:-1]}:
        raw[clean(folder)].add(folder)
    names = sorted({example.class_name for example in examples if len(raw[example.class_name]) > 1})
    alike = "Folders whose names differ only by blanks, or by how their accents are stored, are one class"
    return [f"{alike}: {fewer(names)}."] if names else []
