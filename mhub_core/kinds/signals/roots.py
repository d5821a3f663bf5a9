"""Series as they were uploaded, which every version keeps: steps start from them, and a further file comes to them.

`values` float64 `(steps of all series, channels)`, NaN where one is missing, and `lengths` int32 `(series,)`; `examples` is
Parquet with a row for each series: `name`, `label`, and `beside`, by which they may be split. Of a version that a recipe made
they are called `raw_values` and so on, and `raw_rows` int64 `(series,)` tells which of them its own are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from mhub_core.data.records import DataSpec
from mhub_core.errors import Invalid
from mhub_core.kinds.signals.gather import Gathered

NAMES = ("values", "lengths", "examples", "split")
_NAME, _LABEL, BESIDE = "name", "label", "beside"


@dataclass(frozen=True)
class Root:
    """The series of an upload, uint8 `(series,)` their split, and int64 `(series,)` which of them a version has."""

    series: Gathered
    split: np.ndarray
    rows: np.ndarray


def write(series: Gathered, folder: Path, prefix: str = "") -> dict[str, str]:
    """Write values and examples; return their files by the names of arrays. `lengths` and `split` are arrays of every version."""
    assert series.labels is not None
    np.save(folder / f"{prefix}values.npy", series.values)
    beside = [series.beside.alias(BESIDE)] if series.beside is not None else []
    frame = pl.DataFrame([pl.Series(_NAME, series.names, pl.String), series.labels.alias(_LABEL), *beside])
    frame.write_parquet(folder / f"{prefix}examples.parquet")
    return {f"{prefix}values": f"{prefix}values.npy", f"{prefix}examples": f"{prefix}examples.parquet"}


def names_in(data: DataSpec) -> dict[str, str]:
    """Return under which name each array of the root lies among those of a version. Raises Invalid where it was not kept."""
    prefix = "raw_" if "raw_values" in data.arrays else ""
    if f"{prefix}values" not in data.arrays:
        told = "This version was made before series were kept as they were uploaded, so it cannot be changed."
        raise Invalid(told, "A version of this release.", "Upload the data again.")
    return {name: f"{prefix}{name}" for name in NAMES}


def read(data: DataSpec, path_of: Callable[[str], Path]) -> Root:
    """Return the root of a version. Values are mapped, not read."""
    names = names_in(data)
    values, lengths, split = (np.load(path_of(names[name]), mmap_mode="r") for name in ("values", "lengths", "split"))
    examples = pl.read_parquet(path_of(names["examples"]))
    label = examples[_LABEL].alias(data.target["name"])
    beside = examples[BESIDE] if BESIDE in examples.columns else None
    ends = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    series = Gathered(values, ends, examples[_NAME].to_list(), tuple(data.input["channels"]), label, beside)
    rows = np.load(path_of("raw_rows")) if "raw_rows" in data.arrays else np.arange(len(split))
    return Root(series, np.asarray(split), rows)
