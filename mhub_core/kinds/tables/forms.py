"""Texts whose cells stand in another way than between separators and double quotes, and how they come into that way line by line.

Whatever reads rows afterwards knows separators and double quotes only. No form changes how many lines there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

TAB = "\t"
FORMULA = r'^="([^"]*)"$'
_SWAPPED = str.maketrans("'\"", "\"'")
_SWAPPED_BYTES = bytes.maketrans(b"'\"", b"\"'")
_BLANK = re.compile(r"[ \t]+")
# Nothing is tried twice, so that a line of quotes takes no longer than its length: empty quotes; or quotes and all up to what
# closes them, or up to the quote that closes nothing, before which no other quote opens a cell either; or blanks.
_BLANKS = re.compile(r'(?:"")++(?=[ \t]|\Z)|"++(?:[^"]++|"")*+(?P<closed>"(?=[ \t]|\Z))?|[ \t]++')
_MIN_LINES = 5  # that differ and all have a blank in the same places, and cells of a fixed width are believed


@dataclass(frozen=True)
class Form:
    """How the lines of a text become lines with separators and double quotes, and how a cell becomes what it was.

    `separator` stands between cells then, where it is another one; `swaps`: single and double quotes have changed places.
    """

    change: Callable[[str], str] | None = None  # of whole lines, with line ends between them
    separator: str | None = None
    swaps: bool = False
    has_formulas: bool = False  # cells such as ="007", by which programs keep spreadsheets from taking them for numbers

    def lines(self, lines: Sequence[str]) -> list[str]:
        """Change lines."""
        return self._changed("\n".join(lines)).split("\n") if lines else []

    def pieces(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Change pieces of a file, as `lines.pieces` gives them."""
        if self.swaps and not self.change:
            yield from (piece.translate(_SWAPPED_BYTES) for piece in pieces)
        elif self.change:
            yield from (self._changed(text).encode() for text in _in_lines(pieces))
        else:
            yield from pieces

    def cells(self, cells: Sequence[str]) -> list[str]:
        """Return cells as they were."""
        cells = [cell.translate(_SWAPPED) for cell in cells] if self.swaps else list(cells)
        return [re.sub(FORMULA, r"\1", cell) for cell in cells] if self.has_formulas else cells

    def frame(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return a frame of cells as they were."""
        frame = frame.with_columns(pl.all().str.replace_many({"'": '"', '"': "'"})) if self.swaps else frame
        return frame.with_columns(pl.all().str.replace(FORMULA, "$1")) if self.has_formulas else frame

    def _changed(self, text: str) -> str:
        text = text.translate(_SWAPPED) if self.swaps else text
        return self.change(text) if self.change else text


def _in_lines(pieces: Iterable[bytes]) -> Iterator[str]:
    rest = b""
    for piece in pieces:
        whole, mark, rest = (rest + piece).rpartition(b"\n")
        yield (whole + mark).decode()
    yield rest.decode()


PLAIN = Form()
SINGLE = Form(swaps=True)


def _without_outer_quotes(text: str) -> str:
    return "\n".join(map(_undo_line, text.split("\n")))


def _undo_line(line: str) -> str:
    found = line.strip()
    return found[1:-1].replace('""', '"') if len(found) > 1 and found[0] == found[-1] == '"' else line


LINES = Form(_without_outer_quotes)


def _between_blanks(text: str) -> str:
    return "\n".join(_BLANKS.sub(_with_tabs, line.strip(" \t")) for line in text.split("\n"))


def _with_tabs(found: re.Match[str]) -> str:
    return found[0] if found["closed"] else _BLANK.sub(TAB, found[0])


BLANKS = Form(_between_blanks, TAB)


def columns_of(lines: Sequence[str]) -> tuple[int, ...]:
    """Return where cells of a fixed width begin, from 0, by the places in which all lines have a blank; empty for none."""
    filled = {line.expandtabs() for line in lines if line.strip()}
    if len(filled) < _MIN_LINES:
        return ()
    width = max(map(len, filled))
    is_used = [any(place < len(line) and line[place] != " " for line in filled) for place in range(width)]
    return tuple(place for place, used in enumerate(is_used) if used and (not place or not is_used[place - 1]))


def fixed(starts: tuple[int, ...]) -> Form:
    """Return the form of lines whose cells begin in these places. One that does not keep to it becomes one cell."""
    ends = [(start, after) for start, after in pairwise((0, *starts[1:], 1 << 30))]

    def cut(line: str) -> str:
        line = line.expandtabs()
        if any(line[start - 1 : start].strip() for start in starts[1:]):
            return line
        cells = (line[start:end].strip().replace('"', '""') for start, end in ends)
        return TAB.join(f'"{cell}"' if '"' in cell else cell for cell in cells) if line.strip() else line

    return Form(lambda text: "\n".join(map(cut, text.split("\n"))), TAB)
