"""What stands between the cells of a text file and around them: found by how many lines have as many cells as the others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mhub_core.errors import Invalid
from mhub_core.kinds.tables import choosing, forms, quotes
from mhub_core.kinds.tables.forms import Form
from mhub_core.kinds.tables.quotes import rows_of

BLANKS, FIXED = " ", "fixed width"
_MARKS: tuple[tuple[str, str], ...] = ((",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "vertical bar"))
SEPARATORS: tuple[tuple[str, str], ...] = (
    *_MARKS,
    (BLANKS, "blanks, one or more"),
    (FIXED, "none: cells begin in the same place in all lines"),
)
SINGLE, LINES = "single", "lines"
QUOTES: tuple[tuple[str, str], ...] = (
    (quotes.DOUBLED, 'around cells, doubled within: "say ""hi"""'),
    (quotes.BACKSLASH, 'around cells, with a backslash within: "say \\"hi\\""'),
    (SINGLE, "single ones around cells: 'say \"hi\"'"),
    (LINES, "around whole lines"),
    (quotes.NONE, "letters like any other"),
)
_TOLD = {
    ";": "The cells are separated by semicolons.",
    "\t": "The cells are separated by tabs.",
    "|": "The cells are separated by vertical bars.",
    BLANKS: "The cells are separated by blanks, of which several count as one.",
    FIXED: "The cells have a fixed width: they begin in the same place in all lines.",
    SINGLE: "The cells are quoted with single quotes.",
    LINES: "There are quotation marks around whole lines; they were left out.",
}
_COMPARED_LINES, _COMPARED_LETTERS = 300, 60_000
_LINES_ABOVE = 0.05  # what it counts against a separator that the first line does not have
_NEARLY_ALL = 0.9
_FORMS = {SINGLE: forms.SINGLE, LINES: forms.LINES}
_IN_SINGLE = re.compile(r"(?:^|[,;\t|])[ ]*'(?:[^'\n]|'')*'[ ]*(?=[,;\t|]|$)")
_SINGLE_BETWEEN_BLANKS = re.compile(r"(?:^|[ \t])'[^']*'(?=[ \t]|$)")
_BEGINS_DOUBLE = re.compile(r'(?:^|[,;\t|])[ ]*"')
_BEGINS_SINGLE = re.compile(r"(?:^|[,;\t|])[ ]*'")


@dataclass(frozen=True)
class Way:
    """`separator` and `quoting` are what a person may choose; `form` brings lines into the shape in which `mark` stands between
    cells and `quotes` around them, `width` of them in a row."""

    separator: str
    quoting: str
    form: Form
    mark: str
    quotes: str
    width: int
    share: float

    def notes(self) -> list[str]:
        """Say what is not as in most files."""
        return [_TOLD[one] for one in (self.separator, self.quoting) if one in _TOLD]


def find(lines: Sequence[str], chosen: dict[str, Any], told: str | None, min_columns: int) -> Way:
    """Return how lines are parted into cells. `told`: the separator that the file names. Raises Invalid for a single column."""
    lines = list(_compared(lines))
    one = choosing.one_of(chosen, "separator", "The separator", SEPARATORS, told or "")
    quoting = str(choosing.one_of(chosen, "quotes", "Quotation marks", QUOTES, ""))
    kinds = [quoting] if quoting else _likely_quotes(lines)
    marks = [str(one)] if one else [mark for mark, _ in _MARKS]
    best = _best(lines, marks, kinds)
    if not one and (best.width < 2 or best.share < _NEARLY_ALL):
        below = [line for line in lines[1:] if line.strip()]
        spaced = SINGLE if below and all(map(_SINGLE_BETWEEN_BLANKS.search, below)) else quotes.DOUBLED
        others = (_best(lines, [mark], [quoting or kind]) for mark, kind in ((BLANKS, spaced), (FIXED, quotes.DOUBLED)))
        best = next((one for one in others if one.width > 1 and one.share >= max(_NEARLY_ALL, best.share)), best)
    if best.width < min_columns or (best.share <= 0.0 and min_columns > 1):
        raise Invalid(
            "The file has only one column.",
            "At least two columns are needed: one to learn from, and the target. Cells are separated by comma, semicolon, "
            "tab, vertical bar or blanks.",
            "Check the separator, or add the missing columns.",
        )
    return best


def _likely_quotes(lines: Sequence[str]) -> list[str]:
    text = "\n".join(lines)
    filled = [line.strip() for line in lines if line.strip()]
    if len(filled) > 1 and all(len(line) > 1 and line[0] == line[-1] == '"' for line in filled):
        kinds = [quotes.DOUBLED, LINES]
    elif _has_single(filled):
        return [SINGLE]
    else:
        kinds = [quotes.DOUBLED]
    return kinds + ([quotes.BACKSLASH] if '\\"' in text else []) + ([quotes.NONE] if '"' in text else [])


def _has_single(lines: Sequence[str]) -> bool:
    """Return whether single quotes stand around cells: in nearly all lines below the first, and never at the start alone."""
    below = lines[1:]
    quoted = [line for line in below if _IN_SINGLE.search(line)]
    if len(quoted) < max(1, len(below) * _NEARLY_ALL) or any(map(_BEGINS_DOUBLE.search, quoted)):
        return False
    right = sum(1 for line in quoted if "'" not in _BEGINS_SINGLE.sub("", _IN_SINGLE.sub("", line)) or _closes(line))
    return right >= len(quoted) * _NEARLY_ALL


def _closes(line: str) -> bool:
    return len(_IN_SINGLE.findall(line)) >= len(_BEGINS_SINGLE.findall(line))


def _best(lines: Sequence[str], marks: Sequence[str], kinds: Sequence[str]) -> Way:
    ways = [_way(lines, mark, kind) for mark in marks for kind in kinds]
    return max(ways, key=lambda way: way[0])[1]  # of equals the first


def _way(lines: Sequence[str], separator: str, quoting: str) -> tuple[tuple[float, int, int], Way]:
    """Return a way with its score, see `_score`."""
    form = _FORMS.get(quoting, forms.PLAIN)
    if separator == BLANKS:
        form = forms.Form(forms.BLANKS.change, forms.TAB, form.swaps)
    elif separator == FIXED:
        form = forms.fixed(forms.columns_of(lines))
    mark, kind = form.separator or separator, quoting if quoting not in _FORMS else quotes.DOUBLED
    score = _score(form.lines(lines), mark, kind)
    return score, Way(separator, quoting, form, mark, kind, score[2], score[0])


def _compared(lines: Sequence[str]) -> Iterator[str]:
    length = 0
    for number, line in enumerate(lines):
        if number and (number >= _COMPARED_LINES or length > _COMPARED_LETTERS):
            return
        length += len(line)
        yield line


def _score(lines: Sequence[str], separator: str, quoting: str) -> tuple[float, int, int]:
    """Return the share of lines in rows of the usual number of cells, how many such rows there are, and that number."""
    widths = Counter(len(row.cells) for row in rows_of(lines, separator, quoting, None))
    width = max(widths, key=lambda one: (one > 1, widths[one], one), default=1)
    rows = list(rows_of(lines, separator, quoting, width))
    right = [row for row in rows if len(row.cells) == width]
    share = sum(row.num_lines for row in right) / max(1, sum(row.num_lines for row in rows)) if width > 1 else 0.0
    starts_late = bool(right) and right[0].first_line > rows[0].first_line
    return share - _LINES_ABOVE * starts_late, len(right), width
