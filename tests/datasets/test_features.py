"""The features of a table are the same, however many rows are encoded at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mhub_core.kinds.tables import columns as facts
from mhub_core.kinds.tables import encoding, features
from mhub_core.kinds.tables.held import File, Frame, Writer

NUM_ROWS = 7_000
FIRST = datetime(1969, 12, 1)


def table(seed: int) -> pl.DataFrame:
    """Return rows of all types, a tenth of them missing, and some categories that only the last rows have."""
    draw = np.random.default_rng(seed)
    whole, moments = draw.integers(0, 900, NUM_ROWS), draw.integers(0, 80_000_000, NUM_ROWS)
    frame = pl.DataFrame(
        {
            "whole": whole,
            "decimal": draw.normal(1e6, 1, NUM_ROWS),
            "day": [FIRST + timedelta(days=int(one)) for one in whole],
            "spread": [FIRST + timedelta(days=int(one) * 9) for one in whole],
            "moment": [FIRST + timedelta(seconds=int(one)) for one in moments],
            "word": [("red", "blue", "grün")[one % 3] if row < 6_000 else "late" for row, one in enumerate(whole)],
        }
    )
    gone = {name: pl.Series(draw.random(NUM_ROWS) < 0.1) for name in frame.columns}
    return frame.with_columns(pl.when(~gone[name]).then(pl.col(name)).alias(name) for name in frame.columns)


def encoder_of(frame: pl.DataFrame) -> dict[str, object]:
    return encoding.fit([facts.describe(frame[name], pl.Series(np.arange(NUM_ROWS) < 6_000)) for name in frame.columns])


def row_by_row(encoder: dict[str, object], frame: pl.DataFrame) -> np.ndarray:
    """Return the features as one prediction after the other gets them."""
    return np.concatenate([encoding.encode_rows(encoder, [row]) for row in frame.to_dicts()])


@pytest.mark.parametrize("group", [500, 1_300, NUM_ROWS])
def test_features_are_the_same_for_rows_in_memory_in_a_file_and_in_a_prediction(tmp_path, monkeypatch, group):
    frame = table(group)
    encoder = encoder_of(frame)
    writer = Writer(tmp_path / "t.parquet")
    for piece in frame.iter_slices(group):
        writer.write(piece)
        writer._flush()
    writer.close()
    monkeypatch.setattr(features, "_SPAN_ROWS", 2_500)
    monkeypatch.setattr(features, "_BLOCK_ROWS", 300)
    written = []
    for held in (Frame(frame), File(tmp_path / "t.parquet")):
        features.encode(held, encoder, tmp_path / "x.npy", lambda *_: None)
        written.append(np.load(tmp_path / "x.npy").tobytes())
    some = frame[::50]
    assert written[0] == written[1]
    assert np.array_equal(np.frombuffer(written[0], np.float32).reshape(NUM_ROWS, -1)[::50], row_by_row(encoder, some))


def test_a_column_of_dates_without_any_in_some_rows_is_zero_there(tmp_path):
    frame = pl.DataFrame({"day": pl.Series([FIRST, FIRST + timedelta(days=40)] * 600 + [None] * 1_200, dtype=pl.Datetime("us"))})
    encoder = encoding.fit([facts.describe(frame["day"])])
    features.encode(Frame(frame[1_200:]), encoder, Path(tmp_path / "x.npy"), lambda *_: None)
    assert not np.load(tmp_path / "x.npy").any()
