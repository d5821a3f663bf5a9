"""Lines of a table that are no rows, though they have as many cells: a second line of names, units or rules below the header,
the header once more between the rows, and totals below them."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from typing import Any

import polars as pl

from mhub_core.data.records import Option
from mhub_core.kinds.tables import choosing, numbers
from mhub_core.kinds.tables.header import TEXT, is_word, kind_of

ROW, NAMES, LEFT_OUT = "row", "names", "left out"
_SECOND: tuple[tuple[str, str], ...] = (
    (NAMES, "more of the names: both are joined"),
    (LEFT_OUT, "units, notes or a rule: left out"),
    (ROW, "the first row"),
)
_TOTALS: tuple[tuple[bool, str], ...] = ((True, "totals: left out"), (False, "a row like the others"))
REPEATED, TOTALS = "repeats the names of the columns", "holds totals of the rows above it"
NUM_LAST = 3  # rows at the end that may hold totals
_ROUNDED = 0.005
_RULE = re.compile(r"^:?[-=_*+─━]{2,}:?$")
_MEASURED = re.compile(r"\s*[<>≤≥≈~±=]|\s*[+-]?[.,]?\d")  # such as <0.01
_NO_UNIT = re.compile(r"[<>≤≥≈~±]|(?<![^\W\d_])(?<!\^)(?<!-)\d")  # m2, m^2 and s-1 are units
_LOOKED_AT = 500
_WORDS = (
    "total|totals|grand total|totals?/averages?|sum|sums|average|averages|mean|summe|summen|gesamt|gesamtsumme|insgesamt|"
    "mittelwert|durchschnitt|somme|total général|moyenne|suma|total general|promedio|totale|somma|media|totaal|gemiddelde|"
    "razem|итого|всего|合計|合计|总计|平均"
)
_TOTAL = rf"(?i)^\s*(?:{_WORDS})\s*:?\s*$"


def second_line(first: Sequence[str], below: Sequence[Sequence[str]], chosen: dict[str, Any]) -> str:
    """Return what the line below the header is: a row, or no row but `NAMES` or `LEFT_OUT`. Raises Invalid for another choice."""
    guess = ROW if len(below) < 2 else _guess(first, below[0], below[1:_LOOKED_AT])
    return str(choosing.one_of(chosen, "second", "The second line", _SECOND, guess))


def second_options(second: str, chosen: dict[str, Any]) -> tuple[Option, ...]:
    """Return the option about the second line, where there is something to choose."""
    return (Option("second", "The second line contains", second, _SECOND),) if second != ROW or "second" in chosen else ()


def last_options(refused: Collection[str], chosen: dict[str, Any]) -> tuple[Option, ...]:
    """Return the option about the last row, where it holds totals. `refused`: why rows were left out."""
    is_asked = TOTALS in refused or "totals" in chosen
    return (Option("totals", "The last row contains", leaves_totals(chosen), _TOTALS),) if is_asked else ()


def leaves_totals(chosen: dict[str, Any]) -> bool:
    """Return whether a row of totals is left out, as it is unless a person wants it. Raises Invalid for another choice."""
    return bool(choosing.one_of(chosen, "totals", "The last row", _TOTALS, True))


def _guess(first: Sequence[str], second: Sequence[str], rest: Sequence[Sequence[str]]) -> str:
    if is_rule(second):
        return LEFT_OUT
    columns = [[row[index] for row in rest if index < len(row)] for index in range(len(second))]
    typed = [(cell, below) for cell, below in zip(second, columns, strict=True) if kind_of(below) != TEXT]
    words = [cell for cell, _ in typed if is_word(cell)]
    if len(words) < 2 or len(words) < len(typed) / 2 or any(_is_value(cell, below) for cell, below in typed):
        return ROW
    has_groups = len({cell for cell in first if cell}) < len(first)  # a name above several columns, or none
    return NAMES if has_groups else ROW if any(map(_NO_UNIT.search, words)) else LEFT_OUT


def is_rule(cells: Sequence[Any]) -> bool:
    """Return whether a line holds dashes alone."""
    filled = [str(cell) for cell in cells if cell is not None and cell != ""]
    return bool(filled) and all(map(_RULE.match, filled))


def _is_value(cell: str, below: Sequence[str]) -> bool:
    return bool(cell) and (not is_word(cell) or bool(_MEASURED.match(cell)) or cell in below)


def joined(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """Return names out of two lines. A name of the first line goes for the columns behind it that have none."""
    names, above = [], ""
    for number, below in enumerate(second):
        above = (first[number] if number < len(first) else "") or above
        names.append(above if not below or below == above else f"{above} {below}".strip())
    return names


def about_second(second: str, cells: Sequence[str]) -> list[str]:
    """Say what became of the second line."""
    if second == ROW:
        return []
    some = ", ".join(repr(cell[:30]) for cell in cells if cell)
    shown = some if len(some) <= 120 else f"{some[:120]} ..."
    if second == NAMES:
        return [f"The names of the columns stand in two lines and are joined; the second one holds {shown}."]
    return [f"The line below the names of the columns is no row and is left out: {shown}."]


def repeats(frame: pl.DataFrame, names: Sequence[str]) -> pl.Series | None:
    """Return which rows hold the names of the columns once more, bool `(rows,)`; None for no row."""
    texts = [place for place, values in enumerate(frame) if values.dtype == pl.String and names[place]]
    if len(texts) < 2 or not (frame.to_series(texts[0]) == names[texts[0]]).any():
        return None
    same = frame.select(pl.all_horizontal((pl.nth(place) == names[place]).fill_null(False) for place in texts)).to_series()
    return same if same.any() else None


def totals(frame: pl.DataFrame) -> list[int]:
    """Return which of the last rows of a whole table hold totals: a cell says so whose word stands nowhere else in its column,
    and most of the numbers beside it are sums or means of those above."""
    found: list[int] = []
    for at in range(max(1, frame.height - NUM_LAST), frame.height):
        above = frame.head(found[0] if found else at)
        if any(_says_total(values, at, above.height) for values in frame) and _adds_up(above, frame.row(at)):
            found.append(at)
    return found


def _says_total(values: pl.Series, at: int, num_above: int) -> bool:
    if values.dtype != pl.String or not values[at] or not re.match(_TOTAL, values[at]):
        return False
    return not values.head(num_above).str.contains(_TOTAL).any() and int((values == values[at]).sum()) == 1


def _adds_up(above: pl.DataFrame, row: Sequence[Any]) -> bool:
    told = [one for values, cell in zip(above, row, strict=True) if (one := _is_total_of(cell, values)) is not None]
    return bool(told) and sum(told) >= len(told) / 2


def _is_total_of(cell: Any, values: pl.Series) -> bool | None:
    """Return whether a cell is the sum or the mean of others, as far as it is rounded; None where it is no number."""
    fits = []
    for convention in (numbers.POINT, numbers.COMMA):
        number, known = (
            _number(cell, convention),
            [one for one in (_number(one, convention) for one in values) if one is not None],
        )
        if number is not None and known:
            total = math.fsum(known)
            fits.append(any(abs(number - one) <= _ROUNDED * abs(one) for one in (total, total / len(known))))
    return any(fits) if fits else None


def _number(cell: Any, convention: str) -> float | None:
    if isinstance(cell, str):
        return numbers.value_of(cell, convention)
    return float(cell) if isinstance(cell, (int, float)) and not isinstance(cell, bool) else None
