"""A table that is read in pieces becomes just what it becomes when it is read at once."""

from __future__ import annotations

import gzip
import random
from dataclasses import asdict
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mhub_core.data.records import DataSpec
from mhub_core.kinds import arrays
from mhub_core.kinds.tables import features, lines, prepare
from mhub_core.kinds.tables.formats import csv, packed
from mhub_core.storage import service as storage

NUM_ROWS = 6_000
LATE = 4_500  # a row far behind the first piece


def column(name: str, number: int, draw: random.Random) -> str:
    """Return a cell of a column; some change their nature late."""
    late = number > LATE
    return {
        "id": lambda: str(number),
        "whole": lambda: str(draw.randint(-50, 50)),
        "decimal": lambda: f"{draw.gauss(0, 30):.3f}",
        "gaps": lambda: draw.choice(("", "NA", f"{draw.random():.4f}")),
        "marks": lambda: draw.choice(("-", "None", "n.a.", "-nan", f"{draw.random():.4f}")),
        "marked_whole": lambda: draw.choice(("None", "7", "12", "31")),
        "word": lambda: draw.choice(("red", " blue ", "green", "NA", "?")),
        "day": lambda: f"2024-0{draw.randint(1, 9)}-1{draw.randint(0, 9)}",
        "time": lambda: f"2024-0{draw.randint(1, 9)}-11 1{draw.randint(0, 9)}:30",
        "late_decimal": lambda: f"{draw.randint(1, 9)}.5" if late else str(draw.randint(1, 9)),
        "late_zeros": lambda: f"00{draw.randint(1, 9)}" if late else str(draw.randint(1, 9)),
        "late_word": lambda: "sold out" if late else str(draw.randint(1, 9)),
        "late_unit": lambda: f"{draw.randint(1, 9)} kg" if late else str(draw.randint(1, 9)),
        "late_comma": lambda: "1.234,56" if late else f"{draw.random():.3f}",
        "late_long": lambda: "9" * 25 if late else str(draw.randint(1, 9)),
        "late_inf": lambda: "inf" if late else f"{draw.random():.3f}",
        "late_zone": lambda: "2024-03-11 10:30+02:00" if late else "2024-03-11 10:30",
        "late_time": lambda: "2024-03-11 10:30" if late else f"2024-03-{draw.randint(10, 29)}",
        "late_day": lambda: "25/12/2024" if late else f"2024-03-{draw.randint(10, 29)}",
        "late_number": lambda: str(draw.random()) if late else draw.choice("abc"),
        "blanks": lambda: draw.choice((" 7", "8 ", "  ", "9")),
        "open": lambda: f"{draw.randint(1, 9)},{draw.randint(100, 999)}",
        "codes": lambda: f"0{draw.randint(1, 9)}",
        "empty": lambda: "",
        "one": lambda: "same",
        "mixed_dates": lambda: f"0{draw.randint(1, 9)}/0{draw.randint(1, 9)}/2024",
        "target": lambda: draw.choice(("yes", "no", "")),
    }[name]()


NAMES = [
    "id", "whole", "decimal", "gaps", "marks", "marked_whole", "word", "day", "time", "late_decimal", "late_zeros", "late_word",
    "late_unit", "late_comma", "late_long", "late_inf", "late_zone", "late_time", "late_day", "late_number", "blanks", "open",
    "codes", "empty", "one", "mixed_dates", "target",
]  # fmt: skip


def table(names: list[str], seed: int = 1) -> str:
    """Return a file with semicolons in which some rows are ragged, and one is empty."""
    draw = random.Random(seed)
    rows = [";".join(column(name, number, draw) for name in names) for number in range(NUM_ROWS)]
    rows[10] += ";more"
    rows[5_000] = "too;few"
    rows[5_500] = ";" * (len(names) - 1)
    return "\n".join([";".join(names), *rows]) + "\n"


@pytest.fixture
def short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let 300 kB be a long file."""
    monkeypatch.setattr(csv, "FIRST_BYTES", 120_000)
    monkeypatch.setattr(prepare, "FIRST_BYTES", 120_000)
    monkeypatch.setattr(lines, "_PIECE", 50_000)


def prepared(path: Path, folder: Path, chosen: dict[str, object] | None = None) -> tuple[DataSpec, dict[str, object]]:
    folder.mkdir()
    request = {"target": "target", "task": "classification", "reading": chosen or {}, "file_name": path.name}
    return prepare.prepare_file(path, request, folder, lambda *_: None)


def assert_same(path: Path, folder: Path, chosen: dict[str, object] | None, monkeypatch: pytest.MonkeyPatch) -> DataSpec:
    """Prepare a file in pieces and at once, and compare all that came of it."""
    pieces, report = prepared(path, folder / "pieces", chosen)
    with monkeypatch.context() as patched:
        patched.setattr(csv, "FIRST_BYTES", 1 << 30)
        whole, other_report = prepared(path, folder / "whole", chosen)
    assert report == other_report and asdict(pieces) == asdict(whole)
    assert pl.read_parquet(folder / "pieces/table.parquet").equals(pl.read_parquet(folder / "whole/table.parquet"))
    for name in ("x", "y", "split"):
        assert np.array_equal(np.load(folder / f"pieces/{name}.npy"), np.load(folder / f"whole/{name}.npy"))
    return pieces


def test_all_that_columns_can_be_is_read_in_pieces_as_at_once(tmp_path, short_pieces, monkeypatch):
    (tmp_path / "t.csv").write_text(table(NAMES))
    spec = assert_same(tmp_path / "t.csv", tmp_path, None, monkeypatch)
    assert spec.num_rows < NUM_ROWS and {"number", "category", "date", "ignored"} == {
        one["kind"] for one in spec.input["columns"]
    }


@pytest.mark.parametrize("name", NAMES[:-1])
def test_each_column_by_itself_is_read_in_pieces_as_at_once(tmp_path, short_pieces, monkeypatch, name):
    (tmp_path / "t.csv").write_text(table(["decimal", name, "word", "day", "target"] if name != "decimal" else NAMES[-3:]))
    assert_same(tmp_path / "t.csv", tmp_path, None, monkeypatch)


def test_what_a_person_chose_holds_for_pieces_too(tmp_path, short_pieces, monkeypatch):
    (tmp_path / "t.csv").write_text(table(NAMES))
    columns = {"whole": "category", "late_word": "number", "day": "category", "word": "ignored", "late_zeros": "number"}
    assert_same(tmp_path / "t.csv", tmp_path, {"columns": columns, "numbers": "1.234,56"}, monkeypatch)


def test_a_packed_table_is_read_in_pieces_and_nothing_is_left_of_it(tmp_path, short_pieces, monkeypatch):
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(table(NAMES[:9] + NAMES[-1:]).encode()))
    assert_same(tmp_path / "t.csv.gz", tmp_path, None, monkeypatch)
    assert not (tmp_path / "pieces/unpacked").exists() and packed.Packed.reads_pieces is False


def test_large_features_are_not_kept_but_made_when_they_are_asked_for(hub_home, tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_text(table(["whole", "decimal", "word", "day", "target"]))
    kept, _ = prepared(path, tmp_path / "kept")
    monkeypatch.setattr(features, "KEPT_BYTES", 1000)
    spec, _ = prepared(path, tmp_path / "made")
    expected = np.load(tmp_path / "kept" / kept.arrays["x"])
    key = storage.put_file(tmp_path / "made" / spec.arrays["parquet"])
    data = DataSpec.from_json({**spec.to_json(), "arrays": {**spec.arrays, "parquet": key}})

    first = arrays.path_of(data, "x")
    assert "x" not in spec.arrays and np.array_equal(np.load(first), expected)
    assert arrays.verified(data, "x") == first and np.array_equal(np.load(arrays.borrow(data, "x", tmp_path)), expected)
    storage.delete(key)
    assert not first.exists()
