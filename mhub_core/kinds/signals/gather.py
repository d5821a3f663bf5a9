"""The series that a table or arrays hold, one behind the other in one array; what is left out is named with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from mhub_core.errors import Invalid
from mhub_core.kinds.signals.layout import WIDE, Layout, channels
from mhub_core.kinds.signals.times import Clock
from mhub_core.kinds.tables import dates
from mhub_core.kinds.tables.formats.format import Refusals

MIN_STEPS = 2
_SHOWN_LABELS = 3


@dataclass
class Gathered:
    """`values` float64 `(steps of all series, channels)`, NaN where one is missing; series k is `values[ends[k]:ends[k + 1]]`.

    `labels` has one entry for each, None where there is no target; `names` say which each is to a person; `beside` has one value
    of another column for each.
    """

    values: np.ndarray
    ends: np.ndarray
    names: list[str]
    channels: tuple[str, ...]
    labels: pl.Series | None = None
    beside: pl.Series | None = None
    refusals: Refusals = field(default_factory=Refusals)
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self.values[start:end] for start, end in zip(self.ends[:-1], self.ends[1:], strict=True))

    @property
    def lengths(self) -> np.ndarray:
        """The number of steps of each, int64."""
        return np.diff(self.ends)

    def only(self, kept: np.ndarray) -> Gathered:
        """Return the series of a mask, with the same refusals and notes."""
        if kept.all():
            return self
        steps = np.repeat(kept, self.lengths)
        ends = np.concatenate([[0], np.cumsum(self.lengths[kept])])
        names = [name for name, is_kept in zip(self.names, kept, strict=True) if is_kept]
        labels, beside = (None if one is None else one.filter(pl.Series(kept)) for one in (self.labels, self.beside))
        return Gathered(self.values[steps], ends, names, self.channels, labels, beside, self.refusals, self.notes)


def gather(frame: pl.DataFrame, layout: Layout, beside: str = "") -> Gathered:
    """Return the series of a tidy frame that can be used. `beside`: a column of which each keeps its first value.

    Raises Invalid for columns that are not there.
    """
    return usable(find(frame, layout, beside=beside), layout.target)


def find(frame: pl.DataFrame, layout: Layout, labelled: bool = True, beside: str = "") -> Gathered:
    """Return the series of a tidy frame, also such as nobody can use. `labelled`: each has a label. Raises Invalid."""
    _require_columns(frame, [*layout.values, layout.id, layout.time, beside, *([layout.target] if labelled else ())])
    _require_numbers(frame, layout)
    return (_rows if layout.form == WIDE else _blocks)(frame, layout, labelled, beside)


def usable(found: Gathered, target: str) -> Gathered:
    """Return the series that have a label, two steps and a value, and refuse the others one by one."""
    kept = np.ones(len(found), bool)
    missing = found.labels.is_null().to_numpy() if found.labels is not None else ~kept
    for place, (one, name) in enumerate(zip(found, found.names, strict=True)):
        why = _why_refused(one, bool(missing[place]), target)
        if why:
            found.refusals.add(name, why)
            kept[place] = False
    return found.only(kept)


def _why_refused(values: np.ndarray, is_missing: bool, target: str) -> str | None:
    if np.isnan(values).all():
        return "has no values"
    if len(values) < MIN_STEPS:
        return f"has one step; a series has {MIN_STEPS} or more"
    return f"the target {target!r} is missing" if is_missing else None


def _require_columns(frame: pl.DataFrame, wanted: Sequence[str]) -> None:
    gone = [name for name in filter(None, wanted) if name not in frame.columns]
    if gone:
        told = ", ".join(frame.columns[:10])
        raise Invalid(f"There is no column {gone[0][:80]!r}.", f"One of {told}.", "Choose another column.")


def _require_numbers(frame: pl.DataFrame, layout: Layout) -> None:
    if not layout.values:
        raise Invalid(
            "No column of numbers is left for the values of the series.",
            "One column of numbers for each channel, or one for each step.",
            "Choose the layout, the series column and the target again, or another type for the columns.",
        )
    words = [name for name in layout.values if not frame[name].dtype.is_numeric()]
    if words:
        raise Invalid(
            f"The column {words[0][:80]!r} holds no numbers.", "Series of numbers.", "Leave it out, or choose its type."
        )


def _rows(frame: pl.DataFrame, layout: Layout, labelled: bool, beside: str) -> Gathered:
    """Read one series out of each row. Missing values behind the last one are no steps: the series ends before."""
    runs = channels(layout.values) or {"value": list(layout.values)}
    cells = np.stack([frame.select(run).cast(pl.Float64).to_numpy() for run in runs.values()], axis=2)
    cells = np.where(np.isfinite(cells), cells, np.nan)
    is_there = ~np.isnan(cells).all(axis=2)
    lengths = np.where(is_there.any(axis=1), cells.shape[1] - is_there[:, ::-1].argmax(axis=1), 1)
    inside = np.arange(cells.shape[1]) < lengths[:, None]
    names = [f"row {number:,}" for number in range(1, frame.height + 1)]
    ends = np.concatenate([[0], np.cumsum(lengths)])
    labels = _labels(frame[layout.target]) if labelled else None
    return Gathered(cells[inside], ends, names, tuple(runs), labels, frame[beside] if beside else None)


def _blocks(frame: pl.DataFrame, layout: Layout, labelled: bool, beside: str) -> Gathered:
    """Read the series out of rows that are one step each, in the order of their times."""
    refusals, notes = Refusals(), []
    frame = frame.with_row_index("#row", 1) if "#row" not in frame.columns else frame
    frame = _with_ids(frame, layout, refusals)
    ids = frame[layout.id]
    known = ids.unique(maintain_order=True)
    codes = ids.replace_strict(known, pl.int_range(len(known), eager=True), return_dtype=pl.Int64).to_numpy()
    clock = Clock(frame[layout.time]) if layout.time else None
    order = clock.order(codes) if clock else np.argsort(codes, kind="stable")
    names = [f"series {name}"[:80] for name in dates.in_words(known.to_frame()).to_series().cast(pl.String)]
    ends = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(known)))])
    if clock:
        notes += clock.notes(codes, order, ends, names)
    values = frame.select(layout.values).cast(pl.Float64).to_numpy()[order]
    labels = _labels(_first_of_each(frame[layout.target][order], ends)) if labelled else None
    kept = _first_of_each(frame[beside][order], ends) if beside else None
    found = Gathered(np.where(np.isfinite(values), values, np.nan), ends, names, layout.values, labels, kept, refusals, notes)
    return _without_torn(found, frame[layout.target][order]) if labelled else found


def _with_ids(frame: pl.DataFrame, layout: Layout, refusals: Refusals) -> pl.DataFrame:
    """Leave out rows that do not tell their series or their time."""
    for column, what in ((layout.id, "series"), (layout.time, "time")):
        if not column or not frame[column].null_count():
            continue
        for number in frame.filter(pl.col(column).is_null())["#row"]:
            refusals.add(f"row {number:,}", f"its {what} ({column}) is missing")
        frame = frame.filter(pl.col(column).is_not_null())
    if not frame.height:
        raise Invalid("No row tells its series and its time.", "A value in both columns.", "Choose other columns.")
    return frame


def _first_of_each(values: pl.Series, ends: np.ndarray) -> pl.Series:
    """Return the first value of each series that is not missing."""
    series = pl.Series("#of", np.repeat(np.arange(len(ends) - 1), np.diff(ends)))
    firsts = pl.DataFrame([series, values.alias("#value")]).group_by("#of", maintain_order=True)
    return firsts.agg(pl.col("#value").drop_nulls().first())["#value"].alias(values.name)


def _without_torn(found: Gathered, labels: pl.Series) -> Gathered:
    """Refuse the series whose label changes."""
    series = pl.Series("#of", np.repeat(np.arange(len(found)), found.lengths))
    told = (
        pl.DataFrame([series, labels.alias("#label")])
        .drop_nulls()
        .group_by("#of")
        .agg(pl.col("#label").unique(maintain_order=True))
    )
    kept = np.ones(len(found), bool)
    for place, values in sorted(told.filter(pl.col("#label").list.len() > 1).iter_rows()):
        kept[place] = False
        more = ", ..." if len(values) > _SHOWN_LABELS else ""
        shown = ", ".join(str(value)[:40] for value in values[:_SHOWN_LABELS])
        found.refusals.add(found.names[place], f"its label changes ({shown}{more})")
    return found.only(kept)


def _labels(values: pl.Series) -> pl.Series:
    """Return labels as a task reads them."""
    return dates.in_words(values.to_frame()).to_series()
