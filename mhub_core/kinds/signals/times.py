"""The times of steps: they order a series, and what is odd about them is told. A model sees the order alone."""

from __future__ import annotations

import numpy as np
import polars as pl

from mhub_core.kinds.tables import dates

_UNEVEN = 0.1  # a gap that differs so much from the usual one of its series


class Clock:
    """The times of all rows, as numbers."""

    def __init__(self, times: pl.Series) -> None:
        self._name = times.name
        numbers = dates.days_of(times) * dates.SECONDS_A_DAY if times.dtype.is_temporal() else times.cast(pl.Float64)
        self._times = numbers.to_numpy()

    def order(self, codes: np.ndarray) -> np.ndarray:
        """Return the rows series by series, by time; rows of one time stay in the order of the file."""
        return np.lexsort((np.arange(len(codes)), self._times, codes))

    def notes(self, codes: np.ndarray, order: np.ndarray, ends: np.ndarray, names: list[str]) -> list[str]:
        """Say what is odd, in sentences."""
        told = []
        unsorted = self._unsorted(codes)
        if len(unsorted):
            told.append(
                f"The rows of {_series(unsorted, names)} were not in the order of {self._name!r}; they were sorted by it."
            )
        gaps = np.diff(self._times[order])
        inside = np.ones(len(gaps), bool)
        inside[ends[1:-1] - 1] = False
        of = np.repeat(np.arange(len(names)), np.diff(ends))[1:]
        doubled = inside & (gaps == 0)
        if doubled.any():
            told.append(
                f"{int(doubled.sum()):,} steps of {_series(np.unique(of[doubled]), names)} have the same time as the step "
                "before; all of them are kept, in the order of the file."
            )
        uneven = self._uneven(gaps, inside & ~doubled, of)
        if len(uneven):
            told.append(
                f"The times of {_series(uneven, names)} are not evenly spaced. A model sees the order of the steps, not the time "
                "between them."
            )
        return told

    def _unsorted(self, codes: np.ndarray) -> np.ndarray:
        by_series = np.argsort(codes, kind="stable")
        falls = (np.diff(self._times[by_series]) < 0) & (np.diff(codes[by_series]) == 0)
        return np.unique(codes[by_series][1:][falls])

    def _uneven(self, gaps: np.ndarray, inside: np.ndarray, of: np.ndarray) -> np.ndarray:
        """Return the series of which a gap differs from their usual one."""
        if not inside.any():
            return np.array([], np.int64)
        told = pl.DataFrame({"of": of[inside], "gap": gaps[inside]})
        usual = pl.col("gap").median().over("of")
        far = told.filter((pl.col("gap") - usual).abs() > _UNEVEN * usual)
        return far["of"].unique().sort().to_numpy()


def _series(places: np.ndarray, names: list[str]) -> str:
    first = names[int(places[0])]
    return first if len(places) == 1 else f"{len(places):,} series (the first is {first.removeprefix('series ')})"
