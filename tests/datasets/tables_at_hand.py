"""Small tables as text, and the ways they are looked at and prepared, without a database."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mhub_core.data.records import Column, DataSpec, UploadPreview
from mhub_core.kinds.tables import prepare

NUM_ROWS = 60


@dataclass
class Read:
    """A file as its preview shows it and as it is prepared."""

    preview: UploadPreview
    spec: DataSpec
    report: dict[str, Any]
    frame: pl.DataFrame  # the rows that were kept
    x: np.ndarray  # the features

    @property
    def columns(self) -> dict[str, Column]:
        """Those of the preview, by name."""
        return {column.name: column for column in self.preview.columns}

    @property
    def options(self) -> dict[str, Any]:
        """The guesses, by name."""
        return {option.name: option.value for option in self.preview.options}

    @property
    def told(self) -> str:
        """All that was said before the dataset was made."""
        return "\n".join(self.preview.warnings)

    def values(self, name: str) -> list[Any]:
        """The cells of a column."""
        return self.frame[name].to_list()


def read(folder: Path, data: str | bytes, target: str | None = None, chosen: dict[str, Any] | None = None) -> Read:
    """Preview and prepare a file as an upload is, with the target and the task that are guessed."""
    path = folder / "table.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    preview = prepare.preview(path, path.name, chosen or {})
    target = target or preview.guessed_target
    request = {"target": target, "task": preview.guessed_tasks[target], "reading": chosen or {}, "file_name": path.name}
    spec, report = prepare.prepare_file(path, request, folder, lambda *_: None)
    frame, x = pl.read_parquet(folder / "table.parquet"), np.load(folder / "x.npy")
    return Read(preview, spec, report, frame, x)


def houses(num_rows: int = NUM_ROWS) -> list[dict[str, Any]]:
    """Return rows of four columns: numbers below and above a thousand, and a category."""
    numbers = random.Random(7)
    rows = []
    for _ in range(num_rows):
        area = round(numbers.uniform(20, 1800), 2)
        rows.append(
            {
                "area": area,
                "rooms": numbers.randint(1, 9),
                "city": numbers.choice(("Lima", "Rome", "Oslo")),
                "price": round(area * 3000 + numbers.uniform(0, 9e4), 2),
            }
        )
    return rows


def written(rows: list[dict[str, Any]], separator: str = ",", quoting: int = csv.QUOTE_MINIMAL) -> str:
    """Return rows as a file with a header."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=separator, quoting=quoting, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def in_words(value: float, thousands: str, decimal: str, digits: int = 2) -> str:
    """Return a number as people write it."""
    return f"{value:,.{digits}f}".replace(",", "\0").replace(".", decimal).replace("\0", thousands)
