"""A table becomes arrays: read, drop what cannot be used and say so, encode, split."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mhub_core import settings
from mhub_core.data import room, split_ways, splits
from mhub_core.data.records import Column, DataSpec, Progress, UploadPreview
from mhub_core.data.split_ways import USUAL, Split
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.tables import columns as facts
from mhub_core.kinds.tables import dates, encoding, types
from mhub_core.kinds.tables.formats.format import Head
from mhub_core.kinds.tables.formats.registry import format_of
from mhub_core.tasks.registry import require_task
from mhub_core.tasks.task import Task

_MAX_FEATURES = 20_000
_BATCH = 50_000
_MOST_LEFT_OUT = 10  # that are named
_PREVIEW_ROWS = 20
_REFUSED = "refused.json"
_FRAMES = 1.5  # so many copies of all columns lie in memory at once, at the least


def preview(path: Path, file_name: str, chosen: dict[str, Any]) -> UploadPreview:
    """Return what the beginning of a file looks like, read as was chosen; the rest is read when the dataset is made."""
    head = format_of(path, file_name).look(path, chosen)
    if not head.frame.height:
        raise Invalid("The file has a header but no rows.", f"At least {splits.MIN_ROWS} rows.", "Add the rows.")
    _require_memory(path, head)
    found = types.tidy(head.frame, chosen)
    frame = found.frame
    columns = tuple(facts.describe(frame[name], None, found.found[name]) for name in frame.columns)
    target = facts.guess_target(frame)
    features = [column for column in columns if column.name != target]
    warnings = [*found.notes, *facts.ignored_sentences(frame, features, found.found), *facts.id_sentences(frame, features)]
    return UploadPreview(
        kind="table",
        file_name=file_name,
        num_bytes=path.stat().st_size,
        columns=columns,
        guessed_target=target,
        guessed_tasks={name: facts.guess_task(frame[name]) for name in frame.columns},
        first_rows=tuple(dates.in_words(frame.head(_PREVIEW_ROWS)).to_dicts()),
        classes={},
        warnings=(*head.notes, *warnings),
        options=(*head.options, *found.options),
    )


def prepare_file(path: Path, request: dict[str, Any], folder: Path, progress: Progress) -> tuple[DataSpec, dict[str, Any]]:
    """Turn a file into arrays in `folder`. `request` is as `Table.check_request` returns it, with the `file_name`.

    Returns the spec, whose keys are file names, and the report.
    """
    format, chosen = format_of(path, request.get("file_name", "")), request.get("reading", {})
    _require_memory(path, format.look(path, chosen))
    whole = format.read(path, chosen, folder, progress)
    asked = Split(**request.get("split", {}))
    spec, report = prepare_frame(whole.frame, request["target"], request["task"], folder, progress, chosen, asked)
    if whole.refusals.rows:
        (folder / _REFUSED).write_text(json.dumps(whole.refusals.rows), "utf-8")
        report["refused_rows"] = _REFUSED
    report["refused"] += whole.refusals.count
    report["reasons"] = [*whole.refusals.examples, *report["reasons"]]
    report["warnings"] = [*whole.notes, *report["warnings"]]
    return spec, report


def _require_memory(path: Path, head: Head) -> None:
    """Raise TooLarge, before anything is read as a whole, for a file that surely does not fit into the memory for preparing it.

    What was measured on files of numbers, categories and text is at least the file and one and a half times its columns.
    """
    size, limit = path.stat().st_size, settings.number("MHUB_PREPARE_MEMORY_MB") * 1_000_000
    needed, num_rows = size + _FRAMES * head.frame.estimated_size() / head.share, int(head.frame.height / head.share)
    if needed > limit:
        raise TooLarge(
            f"The table has about {num_rows:,} rows of {head.frame.width:,} columns. Preparing it takes "
            f"{needed / 1e6:,.0f} MB of memory or more.",
            f"The hub allows {limit / 1e6:,.0f} MB.",
            f"Upload fewer than {int(num_rows * limit / needed):,} rows, or leave out columns. The person who runs the hub can "
            "allow more with MHUB_PREPARE_MEMORY_MB.",
        )


def prepare_frame(
    frame: pl.DataFrame,
    target: str,
    task: str,
    folder: Path,
    progress: Progress,
    reading: dict[str, Any] | None = None,
    asked: Split = USUAL,
) -> tuple[DataSpec, dict[str, Any]]:
    """Turn a frame that was read into arrays in `folder`, as `keep_frame` does, without the rows that have no target.

    `reading` as `types.tidy` takes it. `asked`: how the test rows are chosen.
    """
    if target not in frame.columns:
        raise Invalid(
            f"There is no column {target[:80]!r}.", "The target must be a column of the table.", "Choose another target."
        )
    progress(0, 0, "Finding types")
    found = types.tidy(frame, reading)
    frame, refused = drop_missing_target(found.frame, target)
    spec, report = keep_frame(frame, target, task, folder, progress, asked, found=found.found)
    told = {"refused": refused, "reasons": _missing_reason(refused, target), "warnings": found.notes + report["warnings"]}
    return spec, report | told


def _drawn(
    frame: pl.DataFrame, y: np.ndarray, classes: Sequence[str], task: Task, asked: Split
) -> tuple[np.ndarray, list[str], tuple[str, ...]]:
    """Return the split of a frame, what is to be said of it, and the column that only tells of the split."""
    if asked.column and asked.column not in frame.columns:
        told = f"There is no column {asked.column[:80]!r} to split by."
        raise Invalid(told, "A column of the table.", "Choose another column, or another way to split.")
    values = frame[asked.column] if asked.column else None
    split, notes = split_ways.draw(asked, len(y), task.strata(y), classes, values)
    return split, notes, (asked.column,) if split_ways.WAYS[asked.way].hides_column else ()


def keep_frame(
    frame: pl.DataFrame,
    target: str,
    task: str,
    folder: Path,
    progress: Progress,
    split: np.ndarray | Split = USUAL,
    left_out: Collection[str] = (),
    found: Mapping[str, types.Found] | None = None,
) -> tuple[DataSpec, dict[str, Any]]:
    """Turn a tidy frame into `x.npy`, `y.npy`, `split.npy` and `table.parquet` in `folder`.

    `split`: how it is drawn, or uint8 `(rows,)` where it is fixed already. `left_out`: columns that a model does not look at,
    whatever they hold. `found`: what was found out of columns while they were read.
    """
    asked = require_task(task)
    found = {name: types.Found() for name in frame.columns} | dict(found or {})
    y, classes = asked.read_column(dates.in_words(frame.select(target))[target])
    notes: list[str] = []
    how = {"split": split.to_json()} if isinstance(split, Split) else {}
    if isinstance(split, Split):
        split, notes, hidden = _drawn(frame, y, classes, asked, split)
        left_out = (*left_out, *hidden)
    splits.require_test(split)
    train = split == splits.TRAIN
    described = (facts.describe(frame[name], pl.Series(train), found[name]) for name in frame.columns if name != target)
    columns = tuple(replace(one, kind="ignored") if one.name in left_out else one for one in described)
    looked_at = [one for one in columns if one.name not in left_out]
    warnings = facts.ignored_sentences(frame, looked_at, found) + facts.id_sentences(frame, looked_at)
    warnings += [f"Column {one.name!r} is not used." for one in columns if one.name in left_out][:_MOST_LEFT_OUT]
    warnings += [*notes, *asked.notes(y, classes)]
    encoder = _fit(columns)
    _write_features(frame, encoder, folder / "x.npy", progress)
    np.save(folder / "y.npy", y)
    np.save(folder / "split.npy", split)
    frame.write_parquet(folder / "table.parquet")
    report = {"accepted": len(y), "refused": 0, "reasons": [], "warnings": warnings}
    spec = DataSpec(
        kind="table",
        task=task,
        arrays={"x": "x.npy", "y": "y.npy", "split": "split.npy", "parquet": "table.parquet"},
        input={"shape": [encoder["num_features"]], "columns": list(map(asdict, columns)), "encoder": encoder} | how,
        target=asked.describe(target, y, classes, train),
        **splits.counts(split),
    )
    return spec, report


def drop_missing_target(frame: pl.DataFrame, target: str) -> tuple[pl.DataFrame, int]:
    """Return the rows that have a target, and how many have none. Raises Invalid when too little is left to learn from."""
    kept = frame.filter(pl.col(target).is_not_null())
    if not kept.height:
        raise Invalid(
            f"All values of the target {target!r} are missing.",
            "The target needs a value in most rows.",
            "Choose another target.",
        )
    if kept[target].n_unique() < 2:
        raise Invalid(
            f"The target {target!r} has only one value, so there is nothing to learn.",
            "A target needs two or more different values.",
            "Choose another target, or upload a file with more rows.",
        )
    if kept.height < splits.MIN_ROWS:
        raise Invalid(f"Only {kept.height} rows can be used.", f"At least {splits.MIN_ROWS}.", "Add rows.")
    return kept, frame.height - kept.height


def _missing_reason(refused: int, target: str) -> list[tuple[str, str]]:
    return [("1 row" if refused == 1 else f"{refused:,} rows", f"the target {target!r} is missing")] if refused else []


def _fit(columns: tuple[Column, ...]) -> dict[str, Any]:
    encoder = encoding.fit(columns)
    if not encoder["num_features"]:
        raise Invalid("No column is left to learn from.", "At least one column of numbers or categories.", "Add such columns.")
    if encoder["num_features"] > _MAX_FEATURES:
        raise TooLarge(
            f"The table becomes {encoder['num_features']:,} features.",
            f"At most {_MAX_FEATURES:,}.",
            "Leave out some text columns.",
        )
    return encoder


def _write_features(frame: pl.DataFrame, encoder: dict[str, Any], path: Path, progress: Progress) -> None:
    """Write float32 `(rows, features)` batch by batch."""
    shape = (frame.height, encoder["num_features"])
    room.require_room(path.parent, shape[0] * shape[1] * 4)
    x = np.lib.format.open_memmap(path, "w+", np.float32, shape)
    for start in range(0, frame.height, _BATCH):
        progress(start, frame.height, "Encoding rows")
        piece = frame.slice(start, _BATCH)
        arrays = {part["name"]: encoding.array_of(piece[part["name"]], part["kind"]) for part in encoder["columns"]}
        x[start : start + piece.height] = encoding.encode_columns(encoder, arrays, piece.height)
    x.flush()
