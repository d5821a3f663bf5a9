"""Rows that somebody asks for, beside the plain way in pandas."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mhub_core.errors import Invalid
from mhub_core.exploring import rows
from mhub_core.exploring.rows import Query

NUM = 3000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A table with ties and missing values, and its split."""
    folder, draw = tmp_path_factory.mktemp("rows"), np.random.default_rng(2)
    text = [None if n % 11 == 0 else f"Wörd {n % 40} (a+b)" for n in draw.permutation(NUM)]
    whole = [None if n % 13 == 0 else int(n) % 9 for n in draw.permutation(NUM)]
    number = np.where(draw.random(NUM) < 0.1, np.nan, draw.normal(size=NUM))
    frame = pl.DataFrame({"text": text, "whole": whole, "number": number}).with_columns(pl.col("number").fill_nan(None))
    frame.write_parquet(folder / "t.parquet")
    np.save(folder / "split.npy", (draw.random(NUM) < 0.2).astype(np.uint8))
    return folder / "t.parquet", folder / "split.npy"


def plainly(files: tuple[Path, Path], query: Query) -> list[int]:
    """Return all rows that fit, in order, as a loop over them finds it."""
    frame, split = pl.read_parquet(files[0]), np.load(files[1])
    fitting = [n for n in range(NUM) if split[n] == 0 and fits(frame, n, query)]
    if not query.sort:
        return fitting
    known = [n for n in fitting if frame[query.sort][n] is not None]
    return sorted(known, key=lambda n: frame[query.sort][n], reverse=query.descending) + [
        n for n in fitting if n not in set(known)
    ]


def fits(frame: pl.DataFrame, number: int, query: Query) -> bool:
    if not query.column:
        return True
    value, than = frame[query.column][number], query.value
    if query.comparison == rows.MISSING or value is None:
        return value is None and query.comparison == rows.MISSING
    if isinstance(value, str):
        return {"is": value == than, "is_not": value != than, "contains": than.lower() in value.lower()}[query.comparison]
    other = float(than.replace(",", ""))
    return {"is": value == other, "is_not": value != other, "above": value > other, "below": value < other}[query.comparison]


SORTS = [Query(), *(Query(name, down) for name in ("text", "whole", "number") for down in (False, True))]
FILTERS = [
    Query("number", True, "text", "contains", "wÖRD 3"),
    Query("", False, "text", "contains", "(a+b)"),
    Query("text", False, "text", "is", "Wörd 7 (a+b)"),
    Query("whole", False, "text", "is_not", "Wörd 7 (a+b)"),
    Query("", False, "text", "missing"),
    Query("text", True, "whole", "above", "3"),
    Query("whole", True, "number", "below", "-0.5"),
    Query("", False, "whole", "is", "3"),
    Query("number", False, "whole", "missing"),
    Query("", False, "number", "is_not", "1,000"),
]


@pytest.mark.parametrize("query", SORTS + FILTERS, ids=str)
def test_every_page_is_as_the_plain_way_has_it(files, query):
    expected = plainly(files, query)
    found, total, step = [], 1, 97
    while len(found) < total:
        total, page = rows.find(*files, query, len(found), step)
        assert page
        found += page

    assert (total, found) == (len(expected), expected)
    assert rows.find(*files, query, total, step) == (total, [])


def test_days_are_looked_for_as_the_page_shows_them(tmp_path):
    days = pl.datetime_range(datetime(2026, 1, 1), datetime(2026, 1, 9), "1d", eager=True)
    pl.DataFrame({"day": days}).write_parquet(tmp_path / "t.parquet")
    np.save(tmp_path / "split.npy", np.zeros(9, np.uint8))

    for comparison, value, wanted in ((rows.IS, "2026-01-03", [2]), (rows.CONTAINS, "01-0", list(range(9)))):
        query = Query(column="day", comparison=comparison, value=value)
        assert rows.find(tmp_path / "t.parquet", tmp_path / "split.npy", query, 0, 20) == (len(wanted), wanted)


def test_fetched_rows_stand_in_the_order_that_was_asked_for(files):
    frame = pl.read_parquet(files[0])

    assert rows.fetch(files[0], [2999, 0, 7, 7]).equals(frame[[2999, 0, 7, 7]]) and rows.fetch(files[0], []).height == 0


@pytest.mark.parametrize(
    "query",
    [
        Query("no such"),
        Query(column="no such"),
        Query(column="number", comparison="contains"),
        Query(column="whole", value="many"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused_in_words(files, query):
    with pytest.raises(Invalid):
        rows.find(*files, query, 0, 10)
