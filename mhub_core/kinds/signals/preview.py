"""What a table of series looks like before a dataset is made of it, with every guess as an option."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mhub_core.data import signal
from mhub_core.data.records import Column, Option, UploadPreview
from mhub_core.errors import Invalid
from mhub_core.kinds.signals import fitting, gather, layout
from mhub_core.kinds.signals.gather import Gathered
from mhub_core.kinds.signals.layout import LONG, Layout
from mhub_core.kinds.tables import choosing, dates, looking, prepare
from mhub_core.kinds.tables import columns as facts
from mhub_core.kinds.tables.formats import registry as formats
from mhub_core.kinds.tables.types import Tidy

NO_TIME = ""
_FIRST_ROWS = 20
_MAX_OFFERED = 500
_DRAWN, _DRAWN_STEPS, _DRAWN_CHANNELS = 12, 200, 6
_LOOKED_AT = 2_000  # series from which a preview tells lengths


def preview(path: Path, file_name: str, chosen: dict[str, Any]) -> UploadPreview:
    """Return what the beginning of a table holds as series. Raises Invalid or TooLarge."""
    head = formats.look(path, file_name, chosen)
    if not head.frame.height:
        raise Invalid("The file has a header but no rows.", "Series of numbers.", "Add the rows.")
    prepare.require_memory(path, head, in_pieces=False)
    tidy = looking.tidy(path, file_name, chosen)
    found = layout_of(tidy.frame, chosen)
    series = _first_series(tidy.frame, found, is_part=head.share < 1)
    length, fit = fitting.choose(series.lengths, *sizes(chosen)) if len(series) else (0, fitting.END)
    offered = layout.candidates(tidy.frame, found)
    return UploadPreview(
        kind="series",
        file_name=file_name,
        num_bytes=path.stat().st_size,
        columns=_columns(tidy, found),
        guessed_target=found.target,
        guessed_tasks={name: facts.guess_task(tidy.frame[name]) for name in offered},
        first_rows=tuple(dates.in_words(tidy.frame.head(_FIRST_ROWS)).to_dicts()),
        classes={},
        warnings=tuple([*head.notes, *tidy.notes, *series.notes, *_refused(series)]),
        options=(*_options(tidy.frame, found, length, fit), *head.options, *tidy.options),
        about=about(series, found, head.share < 1 or len(series) >= _LOOKED_AT),
    )


def layout_of(frame: pl.DataFrame, chosen: dict[str, Any]) -> Layout:
    """Return how a frame holds series: as was chosen, else as it looks. Raises Invalid for a choice that does not fit."""
    form = str(choosing.one_of(chosen, "layout", "The layout", layout.FORMS, ""))
    names = [(name, name) for name in frame.columns]
    id, time = (
        str(choosing.one_of(chosen, name, f"The column for {what}", [*extra, *names], "")) if name in chosen else None
        for name, what, extra in (("id", "the series", ()), ("time", "the time", ((NO_TIME, ""),)))
    )
    if time and not (frame[time].dtype.is_numeric() or frame[time].dtype.is_temporal()):
        expected = "Numbers or dates, which can be put in order."
        raise Invalid(f"The column {time!r} holds text.", expected, "Choose another column, or the order of the file.")
    return layout.guess(frame, form, id, time)


def sizes(chosen: dict[str, Any]) -> tuple[int, str]:
    """Return the chosen length, 0 for none, and how series come to it, "" for the usual way. Raises Invalid."""
    length = choosing.whole(chosen, "length", "The number of steps", signal.MAX_STEPS, 0)
    if "length" in chosen and length < gather.MIN_STEPS:
        told = f"must be from {gather.MIN_STEPS} to {signal.MAX_STEPS:,}"
        raise Invalid(f"A series cannot have {length} steps.", f"{told.capitalize()}.", "Enter such a number.", {"length": told})
    return length, str(choosing.one_of(chosen, "fit", "The way to one length", fitting.FITS, ""))


def _first_series(frame: pl.DataFrame, found: Layout, is_part: bool) -> Gathered:
    if found.form == LONG and is_part:  # the last series of a part goes on behind it
        last = frame[found.id][-1]
        rest = frame.filter(pl.col(found.id) != last)
        frame = rest if rest.height else frame
    return gather.gather(frame if found.form == LONG else frame.head(_LOOKED_AT), found)


def _refused(series: Gathered) -> list[str]:
    if not series.refusals.count:
        return []
    what, why = series.refusals.examples[0]
    return [f"{series.refusals.count:,} left out so far. The first is {what}: {why}."]


def _columns(tidy: Tidy, found: Layout) -> tuple[Column, ...]:
    """Return the columns with what each is for."""
    parts = {found.id: "identifies the series", found.time: "time", found.target: "target"}
    described = (facts.describe(tidy.frame[name], None, tidy.found[name]) for name in tidy.frame.columns)
    return tuple(
        _with_part(one, parts.get(one.name) or ("number" if one.name in found.values else "ignored")) for one in described
    )


def _with_part(column: Column, part: str) -> Column:
    return Column(**{**column.__dict__, "kind": part})


def _options(frame: pl.DataFrame, found: Layout, length: int, fit: str) -> list[Option]:
    told = [Option("layout", "Layout of the file", found.form, layout.FORMS)]
    if found.form == LONG and len(frame.columns) <= _MAX_OFFERED:
        names = tuple((name, name) for name in frame.columns)
        can_order = tuple((name, name) for name in frame.columns if not frame[name].dtype == pl.String)
        told += [
            Option(
                "id", "Column that identifies each series", found.id, names, "All rows with the same value belong to one series."
            ),
            Option("time", "Column that orders the steps", found.time, ((NO_TIME, "none: the order of the file"), *can_order)),
        ]
    return told + size_options(length, fit)


def size_options(length: int, fit: str) -> list[Option]:
    """Return the options of how long series are for a model."""
    help = "All series of a dataset have the same number of steps for the model."
    way = "Steps that are filled up hold the mean."
    return [Option("length", "Steps", length, (), help), Option("fit", "Series of another length", fit, fitting.FITS, way)]


def about(series: Gathered, found: Layout, is_part: bool) -> dict[str, Any]:
    """Return what the form shows of series: how many, how long, the layout, and some to be drawn."""
    lengths = series.lengths if len(series) else np.zeros(1, np.int64)
    return {
        "series": len(series),
        "is_part": is_part,
        "shortest": int(lengths.min()),
        "longest": int(lengths.max()),
        "missing": int(np.isnan(series.values).sum()),
        "channels": list(series.channels),
        "layout": {"form": found.form, "id": found.id, "time": found.time, "values": list(found.values)},
        "drawn": [_drawn(series, place) for place in _some_of_each(series)],
    }


def _some_of_each(series: Gathered) -> list[int]:
    """Return the places of the first series of each label, then of the second ones, and so on."""
    if not len(series) or series.labels is None:
        return []
    turns = pl.DataFrame({"label": series.labels.cast(pl.String)}).with_columns(turn=pl.int_range(pl.len()).over("label"))
    return turns.with_row_index("place").sort("turn", "place")["place"].head(_DRAWN).to_list()


def _drawn(series: Gathered, place: int) -> dict[str, Any]:
    values = series.values[series.ends[place] : series.ends[place + 1], :_DRAWN_CHANNELS]
    short = signal.stretched(signal.filled(values), _DRAWN_STEPS) if len(values) > _DRAWN_STEPS else values
    label = series.labels[place] if series.labels is not None else ""
    return {"label": str(label), "values": [[None if np.isnan(v) else float(v) for v in line] for line in short.T]}
