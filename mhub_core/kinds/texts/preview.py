"""What the beginning of a file looks like, as texts with labels."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from mhub_core.data.records import Column, UploadPreview
from mhub_core.errors import Invalid
from mhub_core.kinds.pictures import given as folders
from mhub_core.kinds.tables import columns as facts
from mhub_core.kinds.tables import dates, types
from mhub_core.kinds.tables.formats import registry as formats
from mhub_core.kinds.texts import columns
from mhub_core.kinds.texts.prepare import TEXT

_PREVIEW_ROWS = 20


def preview(path: Path, file_name: str, chosen: dict[str, Any]) -> UploadPreview:
    """Return what the beginning of a file looks like, as texts with labels."""
    head = formats.look(path, file_name, chosen)
    found = types.tidy(head.frame, chosen)
    frame = found.frame
    candidates = columns.find(frame)
    texts, read = [one.name for one in candidates], [one.name for one in candidates if one.is_text]
    if not frame.height or not texts or frame.width < 2:
        raise Invalid(
            "This file has no column of texts beside another column.",
            "A column of texts, such as reviews, and one of labels, such as good or bad.",
            "Choose another kind of data above, or upload another file.",
        )
    labels = [name for name in frame.columns if name not in (texts[0], head.split_column)]
    option = folders.choice(Counter(frame[head.split_column].to_list()), chosen) if head.split_column else None
    return UploadPreview(
        kind=TEXT,
        file_name=file_name,
        num_bytes=path.stat().st_size,
        columns=tuple(_found(frame[name], name in read, found.found[name]) for name in frame.columns),
        guessed_target=columns.guess_label(frame.select(labels)),
        guessed_tasks={name: facts.guess_task(frame[name]) for name in frame.columns},
        first_rows=tuple(dates.in_words(frame.head(_PREVIEW_ROWS)).to_dicts()),
        classes={},
        warnings=head.notes,
        options=(*([option] if option else ()), *head.options, *found.options),
        roles={TEXT: tuple(texts)},
    )


def _found(values: pl.Series, is_text: bool, found: types.Found) -> Column:
    """Return the facts of a column; one of texts is no column of categories."""
    column = facts.describe(values, None, found)
    return replace(column, kind=TEXT, categories=()) if is_text else column


def is_likely(path: Path, file_name: str, chosen: dict[str, Any]) -> bool | None:
    """Tell whether a file is likely one of texts; None when it cannot be one."""
    head = formats.look(path, file_name, chosen)
    frame = types.tidy(head.frame, chosen).frame
    found = columns.find(frame)
    if not found or frame.width < 2:
        return None
    target = columns.guess_label(frame.drop(found[0].name))
    known = (found[0].name, target, head.split_column)
    others = [name for name in frame.columns if name not in known and facts.why_ignored(frame[name]) is None]
    return columns.is_likely(found, len(others))
