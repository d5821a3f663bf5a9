"""Numbers that were chosen as categories are the same categories in a file for a prediction, whatever its format."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mhub_core.data.records import Column
from mhub_core.kinds.tables import asking, encoding
from tests.datasets.tables_at_hand import houses, read, written
from tests.datasets.workbooks import rows, workbook
from tests.evaluation.test_given_files import parquet

KEYS, HALVES = [1.0, 2.0, None], [2.5, 3.0, 2.5]
FILES = {
    "a.csv": b"k,half\n1.0,2.5\n2.0,3.0\n,2.50\n",
    "b.csv": b"k,half\n1,2.5\n2,3\n,2.5\n",
    "a.parquet": parquet(k=KEYS, half=HALVES),
    "a.xlsx": workbook(S=rows(["k", "half"], [1, 2.5], [2, 3], [None, 2.5])),
    "a.json": json.dumps([{"k": key, "half": half} for key, half in zip(KEYS, HALVES, strict=True)]).encode(),
    "a.jsonl": "".join(json.dumps({"k": key, "half": half}) + "\n" for key, half in zip(KEYS, HALVES, strict=True)).encode(),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("as_written", [lambda number: number, lambda number: f"{number:.1f}"])
def test_a_number_is_the_same_category_in_every_format_as_when_it_was_learned(tmp_path, name, as_written):
    learned = [
        {**row, "k": as_written(number % 3 + 1), "half": as_written((2.5, 3)[number % 2])} for number, row in enumerate(houses())
    ]
    spec = read(tmp_path, written(learned), "price", {"columns": {"k": "category", "half": "category"}}).spec
    columns = [Column.from_json(column) for column in spec.input["columns"] if column["name"] in ("k", "half")]
    (tmp_path / "given").write_bytes(FILES[name])
    found = asking.opened(tmp_path / "given", name, columns, {})
    encoder = encoding.fit(columns)

    x = {
        part["name"]: one
        for part, one in zip(encoder["columns"], np.split(encoding.encode_rows(encoder, found.examples), [3], 1), strict=True)
    }
    assert x["k"].tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0]] and x["half"].tolist() == [[1, 0], [0, 1], [1, 0]]


def test_a_code_is_no_number_and_what_was_written_in_two_ways_stays_two_categories():
    encoder = encoding.fit([Column("k", "category", categories=("007", "1", "1.0", "7"))])

    assert encoding.encode_rows(encoder, [{"k": value} for value in (7.0, "007", 1.0, "1.0", "1.00")]).tolist() == [
        [0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0],
    ]  # fmt: skip
