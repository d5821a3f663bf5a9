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
from mhub_core.kinds.tables import codes, dates, encoding, features, looking, types
from mhub_core.kinds.tables import columns as facts
from mhub_core.kinds.tables import long as typing
from mhub_core.kinds.tables.formats import registry as formats
from mhub_core.kinds.tables.formats.csv import FIRST_BYTES
from mhub_core.kinds.tables.formats.format import Head, Long
from mhub_core.kinds.tables.held import File, Frame, Held
from mhub_core.tasks.registry import require_task
from mhub_core.tasks.task import Task

_MAX_FEATURES = 20_000
_MOST_LEFT_OUT = 10  # that are named
_PREVIEW_ROWS = 20
REFUSED, _TABLE = "refused.json", "table.parquet"
_FRAMES = 1.5  # so many copies of all columns lie in memory at once, at the least


def preview(path: Path, file_name: str, chosen: dict[str, Any]) -> UploadPreview:
    """Return what the beginning of a file looks like, read as was chosen; the rest is read when the dataset is made."""
    reads = formats.format_of(path, file_name)
    head = formats.look(path, file_name, chosen)
    if not head.frame.height:
        raise Invalid("The file has a header but no rows.", f"At least {splits.MIN_ROWS} rows.", "Add the rows.")
    require_memory(path, head, reads.reads_pieces)
    found = looking.tidy(path, file_name, chosen)
    frame = found.frame
    told = [facts.described(frame[name], None, found.found[name]) for name in frame.columns]
    columns, reasons = tuple(one for one, _ in told), {one.name: why for one, why in told}
    target = facts.guess_target(frame)
    features = [column for column in columns if column.name != target]
    warnings = [*found.notes, *facts.ignored_sentences(features, reasons), *facts.id_sentences(frame, features)]
    warnings += codes.sentences(frame, columns)
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
    format, chosen = formats.format_of(path, request.get("file_name", "")), request.get("reading", {})
    asked = Split(**request.get("split", {}))
    require_memory(path, format.look(path, chosen), format.reads_pieces)
    long = format.long(path, chosen, folder, progress)
    if long is None:
        whole = format.read(path, chosen, folder, progress)
        spec, report = prepare_frame(whole.frame, request["target"], request["task"], folder, progress, chosen, asked)
        refusals, notes = whole.refusals, whole.notes
    else:
        spec, report = _prepare_long(long, request["target"], request["task"], folder, progress, chosen, asked)
        refusals, notes = long.refusals, long.notes
    if refusals.rows:
        (folder / REFUSED).write_text(json.dumps(refusals.rows), "utf-8")
        report["refused_rows"] = REFUSED
    report["refused"] += refusals.count
    report["reasons"] = [*refusals.examples, *report["reasons"]]
    report["warnings"] = [*notes, *report["warnings"]]
    return spec, report


def _prepare_long(
    long: Long, target: str, task: str, folder: Path, progress: Progress, reading: dict[str, Any], asked: Split
) -> tuple[DataSpec, dict[str, Any]]:
    """Turn a file that is read in pieces into arrays, as `prepare_frame` does a frame."""
    require_column(long.first.columns, target)
    typed = typing.write(long, reading, target, folder / _TABLE, progress)
    long.close()
    held = File(folder / _TABLE)
    _require_target(held[target], target)
    spec, report = keep(held, target, task, folder, progress, asked, found=typed.found)
    told = {"refused": typed.refused, "reasons": missing_reason(typed.refused, target)}
    return spec, report | told | {"warnings": typed.notes + report["warnings"]}


def require_memory(path: Path, head: Head, in_pieces: bool) -> None:
    """Raise TooLarge, before anything is read as a whole, for a file that surely does not fit into the memory for preparing it.

    What was measured on files of numbers, categories and text is at least the file and one and a half times its columns; of what
    is read in pieces, its largest column once.
    """
    size, limit = path.stat().st_size, settings.number("MHUB_PREPARE_MEMORY_MB") * 1_000_000
    num_rows = int(head.frame.height / head.share)
    if in_pieces and size > FIRST_BYTES:
        needed = max(column.estimated_size() for column in head.frame.get_columns()) / head.share
    else:
        needed = size + _FRAMES * head.frame.estimated_size() / head.share
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
    require_column(frame.columns, target)
    progress(0, 0, "Finding types")
    found = types.tidy(frame, reading)
    frame, refused = drop_missing_target(found.frame, target)
    spec, report = keep_frame(frame, target, task, folder, progress, asked, found=found.found)
    told = {"refused": refused, "reasons": missing_reason(refused, target), "warnings": found.notes + report["warnings"]}
    return spec, report | told


def drawn(
    frame: Held, y: np.ndarray, classes: Sequence[str], task: Task, asked: Split
) -> tuple[np.ndarray, list[str], tuple[str, ...]]:
    """Return the split of a frame, what is to be said of it, and the column that only tells of the split."""
    if asked.column and asked.column not in frame.columns:
        told = f"There is no column {asked.column[:80]!r} to split by."
        raise Invalid(told, "A column of the table.", "Choose another column, or another way to split.")
    values = frame[asked.column] if asked.column else None
    split, notes = split_ways.draw(asked, len(y), task.strata(y), classes, values)
    return split, notes, (asked.column,) if split_ways.WAYS[asked.way].hides_column else ()


def require_column(names: Sequence[str], target: str) -> None:
    """Raise Invalid for a table without its target."""
    if target not in names:
        raise Invalid(
            f"There is no column {target[:80]!r}.", "The target must be a column of the table.", "Choose another target."
        )


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
    """Turn a tidy frame into the files of a version, as `keep` does."""
    frame.write_parquet(folder / _TABLE)
    return keep(Frame(frame), target, task, folder, progress, split, left_out, found)


def keep(
    frame: Held,
    target: str,
    task: str,
    folder: Path,
    progress: Progress,
    split: np.ndarray | Split = USUAL,
    left_out: Collection[str] = (),
    found: Mapping[str, types.Found] | None = None,
) -> tuple[DataSpec, dict[str, Any]]:
    """Turn tidy rows, which are `table.parquet` in `folder` already, into `x.npy`, `y.npy` and `split.npy` there.

    `split`: how it is drawn, or uint8 `(rows,)` where it is fixed already. `left_out`: columns that a model does not look at,
    whatever they hold. `found`: what was found out of columns while they were read.
    """
    asked = require_task(task)
    found = {name: types.Found() for name in frame.columns} | dict(found or {})
    y, classes = asked.read_column(dates.in_words(pl.DataFrame(frame[target]))[target])
    notes: list[str] = []
    how = {"split": split.to_json()} if isinstance(split, Split) else {}
    if isinstance(split, Split):
        split, notes, hidden = drawn(frame, y, classes, asked, split)
        left_out = (*left_out, *hidden)
    splits.require_test(split)
    train = split == splits.TRAIN
    mask = pl.Series(train)
    told = [facts.described(frame[name], mask, found[name]) for name in frame.columns if name != target]
    reasons = {one.name: why for one, why in told}
    columns = tuple(replace(one, kind="ignored") if one.name in left_out else one for one, _ in told)
    looked_at = [one for one in columns if one.name not in left_out]
    warnings = facts.ignored_sentences(looked_at, reasons) + facts.id_sentences(frame, looked_at)
    warnings += codes.sentences(frame, looked_at)
    warnings += [f"Column {one.name!r} is not used." for one in columns if one.name in left_out][:_MOST_LEFT_OUT]
    warnings += [*notes, *asked.notes(y, classes)]
    encoder = _fit(columns)
    kept = _keep_features(frame, encoder, folder, progress)
    np.save(folder / "y.npy", y)
    np.save(folder / "split.npy", split)
    report = {"accepted": len(y), "refused": 0, "reasons": [], "warnings": warnings}
    spec = DataSpec(
        kind="table",
        task=task,
        arrays={**kept, "y": "y.npy", "split": "split.npy", "parquet": _TABLE},
        input={"shape": [encoder["num_features"]], "columns": list(map(asdict, columns)), "encoder": encoder} | how,
        target=asked.describe(target, y, classes, train),
        **splits.counts(split),
    )
    return spec, report


def _keep_features(held: Held, encoder: dict[str, Any], folder: Path, progress: Progress) -> dict[str, str]:
    """Write `x.npy`, unless it is so large that it is better made when it is asked for."""
    size = 4 * held.height * encoder["num_features"]
    if size > features.KEPT_BYTES:
        room.require_room(folder, size)
        return {}
    features.encode(held, encoder, folder / "x.npy", progress)
    return {"x": "x.npy"}


def drop_missing_target(frame: pl.DataFrame, target: str) -> tuple[pl.DataFrame, int]:
    """Return the rows that have a target, and how many have none. Raises Invalid when too little is left to learn from."""
    kept = frame.filter(pl.col(target).is_not_null())
    _require_target(kept[target], target)
    return kept, frame.height - kept.height


def _require_target(kept: pl.Series, target: str) -> None:
    if not len(kept):
        raise Invalid(
            f"All values of the target {target!r} are missing.",
            "The target needs a value in most rows.",
            "Choose another target.",
        )
    if kept.n_unique() < 2:
        raise Invalid(
            f"The target {target!r} has only one value, so there is nothing to learn.",
            "A target needs two or more different values.",
            "Choose another target, or upload a file with more rows.",
        )
    if len(kept) < splits.MIN_ROWS:
        raise Invalid(f"Only {len(kept)} rows can be used.", f"At least {splits.MIN_ROWS}.", "Add rows.")


def missing_reason(refused: int, target: str) -> list[tuple[str, str]]:
    """Return what a report says of the rows without a target."""
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
