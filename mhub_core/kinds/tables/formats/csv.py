"""Text with one row per line: CSV, TSV, and what else people call so."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import polars as pl

from mhub_core.data.records import Progress
from mhub_core.kinds.tables import encoding, text
from mhub_core.kinds.tables.formats.format import Head, Whole


class Csv:
    """Cells of text between separators."""

    name = "csv"
    words = "a CSV file"
    endings: tuple[str, ...] = (".csv", ".tsv", ".txt")
    head_is_enough = True

    def accepts(self, path: Path, head: bytes, file_name: str) -> bool:
        """Take every file: the reader says what is wrong with one that is no table."""
        return True

    def look(self, path: Path, chosen: dict[str, Any]) -> Head:
        """Read the first lines."""
        layout, rows = text.inspect(path)
        buffer = io.StringIO()
        csv.writer(buffer).writerows([layout.names, *rows])
        frame = _read(io.BytesIO(buffer.getvalue().encode()))
        size = path.stat().st_size
        return Head(frame, notes=tuple(layout.warnings), share=min(1.0, text.HEAD_BYTES / max(size, 1)))

    def read(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> Whole:
        """Write a clean copy and read that."""
        layout, _ = text.inspect(path)
        clean = folder / "clean.csv"
        refusals = text.write_clean(path, layout, clean, progress)
        progress(0, 0, "Finding types")
        frame = _read(clean)
        clean.unlink()
        return Whole(frame, refusals, tuple(layout.warnings))


def _read(source: Path | io.BytesIO) -> pl.DataFrame:
    nothing = list(encoding.MISSING)
    try:
        return pl.read_csv(source, infer_schema_length=None, null_values=nothing)
    except pl.exceptions.ComputeError:  # whole numbers of more than 38 digits
        if isinstance(source, io.BytesIO):
            source.seek(0)
        texts = pl.read_csv(source, infer_schema=False, null_values=nothing)
    as_numbers = texts.cast(pl.Float64, strict=False)
    return texts.with_columns(column for column in as_numbers if column.null_count() == texts[column.name].null_count())
