"""What has to be said about the types of columns: gathered while they are read, and said column by column or all at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields

from mhub_core.kinds.tables.numbers import LARGEST

_MANY = 8


@dataclass
class Told:
    """By name of the column, what was read otherwise than it is written."""

    lost: dict[str, tuple[int, str, str]] = field(default_factory=dict)  # how many cells, one of them, what they are not
    marks: dict[str, dict[str, int]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    commas: list[str] = field(default_factory=list)
    open: dict[str, tuple[int, str, float | None]] = field(default_factory=dict)  # how many, one of them, how it was read
    open_dates: dict[str, tuple[str, str]] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    rounded: dict[str, int] = field(default_factory=dict)
    wild: dict[str, int] = field(default_factory=dict)
    composed: dict[str, int] = field(default_factory=dict)
    zones: list[str] = field(default_factory=list)
    nearly: dict[str, tuple[int, int, str]] = field(
        default_factory=dict
    )  # how many cells are numbers, of how many, one that is none

    def merge(self, other: Told, names: Sequence[str]) -> None:
        """Take along what is told of other columns. `names`: all columns in their order."""
        place = {name: number for number, name in enumerate(names)}
        for one in fields(self):
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            both = mine | theirs if isinstance(mine, dict) else mine + theirs
            ordered = sorted(both, key=place.__getitem__)
            setattr(self, one.name, {name: both[name] for name in ordered} if isinstance(both, dict) else ordered)

    def sentences(self) -> list[str]:
        """Return all of it."""
        return [*self._about_marks(), *self._about_cells(), *self._about_types()]

    def _about_marks(self) -> Iterable[str]:
        if self.commas:
            yield f"Numbers of {_named(self.commas)} are written with a decimal comma and read so."
        if self.open:
            number = sum(cells for cells, _, _ in self.open.values())
            cells = f"{number:,} {_cells(number)} of {_named(self.open)}"
            _, example, read = next(iter(self.open.values()))
            value = "" if read is None else f"{read:.15g}"
            yield (
                f"{cells} can be read in two ways: {example!r} was read as {value}. "
                "Choose how numbers are written if that is wrong."
            )
        for name, (example, order) in self.open_dates.items():
            yield f"Dates of {name!r} such as {example!r} are read with the {order.replace(' first', '')} first."
        if self.zones:
            yield f"The times of {_named(self.zones)} are brought to UTC."

    def _about_cells(self) -> Iterable[str]:
        for mark in dict.fromkeys(mark for counts in self.marks.values() for mark in counts):
            cells = {name: counts[mark] for name, counts in self.marks.items() if mark in counts}
            yield f"{mark!r} counts as missing: {sum(cells.values()):,} {_cells(sum(cells.values()))} of {_named(cells)}."
        for name, (count, example, what) in self.lost.items():
            are, values = ("is", "1 value") if count == 1 else ("are", f"{count:,} values")
            kind = what if count > 1 else f"a {what.removesuffix('s')}"
            count_as = "it counts" if count == 1 else "they count"
            yield f"{values} of {name!r} {are} not {kind}, such as {example[:40]!r}; {count_as} as missing."
        for name, count in self.wild.items():
            are, values, count_as = ("is", "1 value", "it counts") if count == 1 else ("are", f"{count:,} values", "they count")
            yield f"{values} of {name!r} {are} infinite or beyond {LARGEST:g}; {count_as} as missing."

        if self.composed:
            number = sum(self.composed.values())
            are = "is" if number == 1 else "are"
            yield (
                f"{number:,} {_cells(number)} of {_named(self.composed)} {are} in another Unicode form, which writes accents as "
                "letters of their own; words that look the same count as the same."
            )

    def _about_types(self) -> Iterable[str]:
        if self.units:
            some = ", ".join(f"{name!r} ({unit})" for name, unit in list(self.units.items())[:_MANY])
            yield f"The unit is left out of the numbers of {some}."
        for name, count in self.codes.items():
            cells = "1 of its cells begins" if count == 1 else f"{count:,} of its cells begin"
            yield f"{name!r} is read as text, because {cells} with 0, as codes do."
        for name, (count, known, example) in self.nearly.items():
            yield (
                f"{name!r} is read as text: {count:,} of its {known:,} values are numbers, others such as {example[:40]!r} "
                "are not. Choose the type “number” to use the numbers; the others then count as missing."
            )
        for name, digits in self.rounded.items():
            yield f"Numbers of {name!r} have up to {digits} digits; the first 15 are kept."


def _cells(number: int) -> str:
    return "cell" if number == 1 else "cells"


def _named(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(map(repr, listed[:_MANY])) + (f" and {len(listed) - _MANY} more" if len(listed) > _MANY else "")
