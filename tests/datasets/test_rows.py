"""Rows in are rows kept and rows refused, whatever the file looks like; and both ways of reading find the same rows."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import polars as pl
import pytest

from mhub_core.errors import Invalid
from mhub_core.kinds.tables import lines, numbers, quotes, rows
from mhub_core.kinds.tables.formats.csv import Csv

WORDS = ("a", "Lima", "x y", "3 rooms", "Österreich", "it's", "#", "\\", "don", "=1", "ends")
NOISE = ('"', 'a "b" c', '"open', 'shut"', '5" pipe', '""')


def silent(*_):
    return None


def read(path: Path, data: str, **chosen):
    path.write_text(data, newline="")
    return Csv().read(path, {"header": True, "skip": 0, **chosen}, path.parent, silent)


@pytest.mark.parametrize("seed", range(40))
def test_rows_in_are_rows_kept_and_rows_refused(tmp_path, seed):
    """Every line that is not blank is a row, or one more line of a row that was kept: none is swallowed."""
    chance = random.Random(seed)
    width, separator, end = chance.randint(2, 6), chance.choice(",;\t|"), chance.choice(("\n", "\r\n", "\r"))
    noisy = chance.choice((0.0, 0.02, 0.3))
    written, kept, refused = [separator.join(f"name{number}" for number in range(width))], 0, 0
    for number in range(chance.choice((3, 40, 700))):
        right = chance.random() > 0.05 or number < 3
        cells = [_cell(chance, noisy) for _ in range(width if right else chance.choice((width - 1, width + 1)))]
        cells[0] = f"r{number}" if chance.random() > 0.01 else cells[0]
        cells[-1] = cells[-1] or "z"
        kept, refused = kept + right, refused + (not right)
        written += [separator.join(cells), *([""] if chance.random() < 0.03 else [])]
    found = read(tmp_path / "t.csv", end.join(written), separator=separator)

    inside = sum(_more_lines(cell) for row in found.frame.iter_rows() for cell in row if cell)
    assert found.frame.height + found.refusals.count + inside == kept + refused
    assert noisy or (found.frame.height, found.refusals.count) == (kept, refused)


def _more_lines(cell: str) -> int:
    _, *between = cell.split("\n")
    return sum(1 for line in between[:-1] if line.strip()) + bool(between)


def _cell(chance: random.Random, noisy: float) -> str:
    if chance.random() < noisy:
        return chance.choice(NOISE)
    return chance.choice(
        (str(chance.randint(0, 9999)), f"{chance.random():.3f}", chance.choice(WORDS), f'"{chance.choice(WORDS)}"', "")
    )


@pytest.mark.parametrize("seed", range(20))
def test_what_programs_write_comes_back_as_it_was(tmp_path, seed):
    chance = random.Random(seed)
    inside = "abc ,;\"\n'\\.\té"
    table = [["".join(chance.choice(inside) for _ in range(chance.randint(0, 12))) + "e" for _ in range(4)] for _ in range(200)]
    out = io.StringIO()
    csv.writer(out, quoting=chance.choice((csv.QUOTE_ALL, csv.QUOTE_MINIMAL))).writerows([["p", "q", "r", "s"], *table])
    found = read(tmp_path / "t.csv", out.getvalue(), separator=",", quotes="doubled")

    assert found.refusals.count == 0
    assert [list(row) for row in found.frame.iter_rows()] == table


@pytest.mark.parametrize("size", [7, 64, 1000])
def test_a_file_in_pieces_has_the_same_rows_and_numbers(size):
    table = "a,b,c\n" + "".join(
        f'{number},"x, {number}\nmore",{("z", "5 z", "")[number % 3]}\n' + ("1,2\n" if number % 17 == 4 else "")
        for number in range(90)
    )
    shape = rows.Shape(",", quotes.DOUBLED, 3, 3, 1)
    data = table.encode()

    def all_of(pieces):
        taken = list(rows.batches(pieces, shape, lines.Changed()))
        return pl.concat([one.frame for one in taken]), [one for batch in taken for one in batch.refused]

    whole, refused = all_of([data])
    frame, again = all_of([data[at : at + size] for at in range(0, len(data), size)])
    assert whole.height == 90 and len(refused) == 6 and refused[0] == rows.Refused(6, 12, "has 2 cells instead of 3", "1,2")
    assert frame.equals(whole) and again == refused


def test_a_quotation_mark_that_never_closes_costs_no_row_in_a_long_file(tmp_path):
    table = "label,text,number\n" + "".join(
        f"ham,{chr(34) if number == 50 else ''}word {number},{number}\n" for number in range(30_000)
    )
    found = read(tmp_path / "t.csv", table)

    assert found.frame.height == 30_000 and found.frame["text"][50] == '"word 50'
    assert any("1 row" in note for note in found.notes)


def test_a_cell_that_is_too_long_is_named_by_its_line(tmp_path):
    table = "a,b\n" + "1,2\n" * 400_000 + "3," + "x" * 200_000 + "\n"

    with pytest.raises(Invalid, match="begins in line 400,002 is longer"):
        read(tmp_path / "t.csv", table)


def test_one_number_is_read_as_a_column_of_them_is():
    chance = random.Random(5)
    cells = ["".join(chance.choice("0123456789.,' -$%()e") for _ in range(chance.randint(1, 7))) for _ in range(3000)]
    cells += ["1,234.5", "1.234,5", "$ 5", "(3)", "5 kg", "1e5", "12,34,567", "1 234", "-.5", "5."]
    parts = numbers.take_apart(pl.Series(cells))
    for convention, other in ((numbers.POINT, numbers.COMMA), (numbers.COMMA, numbers.POINT)):
        first, second = numbers.read(parts, convention), numbers.read(parts, other)
        expected = [one if one is not None else two for one, two in zip(first, second, strict=True)]
        found = [
            numbers.value_of(cell, convention) if part is not None else None
            for cell, part in zip(cells, parts.number, strict=True)
        ]
        assert found == expected
