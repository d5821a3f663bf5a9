"""What a format of tables is: everything that previews and preparation ask about a file that holds rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from mhub_core.data.records import Option, Progress

MAX_KEPT = 10_000  # refused rows
_EXAMPLES = 5
_MAX_REASONS = 1_000
_MAX_WRITTEN = 500


@dataclass
class Refusals:
    """Rows that were left out: how many, and of the first thousands which, why, and what they hold.

    `reasons`: the first row that has a reason, and how many have it.
    """

    count: int = 0
    rows: list[tuple[str, str, str]] = field(default_factory=list)
    reasons: dict[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def examples(self) -> list[tuple[str, str]]:
        """The first few with the reason."""
        return [(what, why) for what, why, _ in self.rows[:_EXAMPLES]]

    def add(self, what: str, why: str, written: str = "") -> None:
        """Count one more. `written`: the row as it is in the file; of a long one the beginning is kept."""
        self.count += 1
        if why in self.reasons or len(self.reasons) < _MAX_REASONS:
            first, number = self.reasons.get(why, (what, 0))
            self.reasons[why] = (first, number + 1)
        if len(self.rows) < MAX_KEPT:
            self.rows.append((what, why, written[:_MAX_WRITTEN]))


@dataclass(frozen=True)
class Head:
    """The beginning of a file. `options` are the guesses, each of which a person can change; `notes` what was found, in
    sentences; `share` how much of the file this is, about; `split_column` names the column that tells the split, where the file
    came in folders of splits."""

    frame: pl.DataFrame
    options: tuple[Option, ...] = ()
    notes: tuple[str, ...] = ()
    share: float = 1.0
    split_column: str = ""


class Long(Protocol):
    """A file that is too long to lie in memory, all columns as text. It can be read again and again, from its beginning."""

    first: pl.DataFrame  # some thousand rows, or more

    def pieces(self, progress: Progress) -> Iterator[pl.DataFrame]:
        """Give all rows that can be read, the first ones too. Raises Invalid or TooLarge."""

    @property
    def refusals(self) -> Refusals:
        """The rows that were left out when it was read last."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found when it was read last, in sentences."""

    def close(self) -> None:
        """Remove what was written only to be read."""


@dataclass(frozen=True)
class Whole:
    """All rows of a file that could be read. Rows in = rows of the frame + `refusals.count`. `split_column` as in `Head`."""

    frame: pl.DataFrame
    refusals: Refusals
    notes: tuple[str, ...] = ()
    split_column: str = ""


class Format(Protocol):
    """One way to write a table. `chosen` is what a person changed of the guesses, by the name of the option.

    Columns of formats that know text alone come as text, exactly as it stands in the file; what the columns are is found out
    by `kinds.tables.columns`, for all formats alike.
    """

    name: str
    words: str  # what such a file is called: "a CSV file"
    endings: tuple[str, ...]
    head_is_enough: bool  # whether `look` does with the first bytes of a file
    reads_pieces: bool  # whether `long` can do anything

    def accepts(self, path: Path, head: bytes, file_name: str) -> bool:
        """Tell whether a file that begins so, and is called so, is written in this way."""

    def look(self, path: Path, chosen: dict[str, Any]) -> Head:
        """Return the beginning. Raises Invalid or TooLarge, also for a choice that does not fit."""

    def read(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> Whole:
        """Return all rows; `folder` is for files in between. Raises Invalid or TooLarge."""

    def long(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> Long | None:
        """Return a long file as one that is read in pieces; None for one that `read` reads. Raises as that does."""
