"""A column of texts with labels becomes arrays: read, leave out what has no words or no label and say so, number the words."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mhub_core.data import splits
from mhub_core.data.records import Column, DataSpec, Progress
from mhub_core.data.split_ways import COLUMN, USUAL, Split
from mhub_core.errors import Invalid
from mhub_core.kinds.pictures import given as folders
from mhub_core.kinds.pictures.paths import TEST, TRAIN
from mhub_core.kinds.tables import dates, types
from mhub_core.kinds.tables import prepare as tables
from mhub_core.kinds.tables.formats import registry as formats
from mhub_core.kinds.tables.formats.format import Refusals, Whole
from mhub_core.kinds.tables.held import Frame
from mhub_core.kinds.texts import vocabulary, words
from mhub_core.tasks.registry import require_task

TEXT = "text"  # the kind, and the role of the column of texts in a preview
_REFUSED = "refused.json"
_MANY_CUT, _MANY_UNKNOWN = 0.25, 0.3
_NAMED = 5


@dataclass(frozen=True)
class Wanted:
    """What is to be made: from which column the texts come, which is the label, for which task, how long a text may be (None: as
    most of them are), and how many words are known at most."""

    text: str
    target: str
    task: str
    split: Split = USUAL
    length: int | None = None
    max_words: int = vocabulary.DEFAULT_WORDS


def wanted_of(data: DataSpec) -> Wanted:
    """Return what was asked for a version. One of an older release does not tell which length was chosen."""
    chosen = data.input.get("chosen") or {"max_words": max(vocabulary.DEFAULT_WORDS, data.input["num_words"])}
    return Wanted(data.input["text"], data.target["name"], data.task, Split(**data.input.get("split") or {}), **chosen)


def prepare_file(path: Path, request: dict[str, Any], folder: Path, progress: Progress) -> tuple[DataSpec, dict[str, Any]]:
    """Turn a file into arrays in `folder`. `request` is as `Text.check_request` returns it, with the `file_name`."""
    whole, reading = read(path, request, folder, progress), request.get("reading", {})
    frame, split, told = given(whole, Split(**request.get("split", {})), reading)
    wanted = Wanted(request["text"], request["target"], request["task"], split, request["length"], request["max_words"])
    spec, done = keep_frame(frame, wanted, folder, progress, reading, whole.refusals)
    return spec, done | {"warnings": [*whole.notes, *told, *done["warnings"]]}


def given(whole: Whole, asked: Split, reading: Mapping[str, Any]) -> tuple[pl.DataFrame, Split, list[str]]:
    """Return the rows and how they are split: as the folders say that the texts came in, unless a person chose otherwise."""
    name = whole.split_column
    counts = Counter(whole.frame[name].to_list()) if name else Counter()
    option = folders.choice(counts, reading)
    if option is None:
        return whole.frame, asked, []
    told = [folders.told(str(option.value), counts, "texts")]
    if option.value == folders.MIXED:
        return whole.frame, asked, told
    is_test = pl.when(pl.col(name) == option.value).then(pl.lit(TEST)).otherwise(pl.lit(TRAIN)).alias(name)
    return whole.frame.with_columns(is_test), Split(COLUMN, name), told


def read(path: Path, request: Mapping[str, Any], folder: Path, progress: Progress) -> Whole:
    """Return the table of a file, read as was chosen."""
    format = formats.format_of(path, request.get("file_name", ""))
    return format.read(path, request.get("reading", {}), folder, progress)


def keep_frame(
    frame: pl.DataFrame,
    wanted: Wanted,
    folder: Path,
    progress: Progress,
    reading: dict[str, Any] | None = None,
    refusals: Refusals | None = None,
) -> tuple[DataSpec, dict[str, Any]]:
    """Turn a frame into the files of a version in `folder`. `refusals`: rows that were left out before."""
    refusals = refusals or Refusals()
    frame, found, notes = usable(frame, wanted, reading or {}, refusals, progress)
    asked = require_task(wanted.task)
    y, classes = asked.read_column(dates.in_words(frame.select(wanted.target))[wanted.target])
    split, told, _ = tables.drawn(Frame(frame), y, classes, asked, wanted.split)
    spec, warnings = write(frame, found, split, wanted, folder, progress)
    return spec, report(len(split), refusals, [*notes, *told, *warnings], folder)


def usable(
    frame: pl.DataFrame, wanted: Wanted, reading: Mapping[str, Any], refusals: Refusals, progress: Progress
) -> tuple[pl.DataFrame, vocabulary.Read, list[str]]:
    """Return the rows that have a text with words and a label, their words, and what is to be said; refuse the others."""
    frame, notes = _tidy(frame, wanted, reading)
    if long := int((frame[wanted.text].str.len_chars() > words.MAX_LETTERS).sum()):
        notes.append(f"Of {long:,} very long texts only the first {words.MAX_LETTERS:,} letters are looked at.")
    found = vocabulary.read(frame[wanted.text], progress)
    kept = _refuse(frame, wanted, found.lengths, refusals)
    return frame.filter(pl.Series(kept)), found.only(kept), notes


def write(
    frame: pl.DataFrame, found: vocabulary.Read, split: np.ndarray, wanted: Wanted, folder: Path, progress: Progress
) -> tuple[DataSpec, list[str]]:
    """Write `x.npy`, `y.npy`, `split.npy` and `table.parquet`. Return the description and what is to be said. Which words are
    known and how many of a text are read is learned from the training texts."""
    asked = require_task(wanted.task)
    tables.drop_missing_target(frame, wanted.target)
    y, classes = asked.read_column(dates.in_words(frame.select(wanted.target))[wanted.target])
    splits.require_test(split)
    train = split == splits.TRAIN
    seen = frame.filter(pl.Series(train))
    known, length, facts_found = _number(found, train, wanted, folder, progress)
    np.save(folder / "y.npy", y)
    np.save(folder / "split.npy", split)
    frame.write_parquet(folder / "table.parquet")
    spec = DataSpec(
        kind=TEXT,
        task=wanted.task,
        arrays={"x": "x.npy", "y": "y.npy", "split": "split.npy", "parquet": "table.parquet"},
        input={
            "shape": [length],
            "text": wanted.text,
            "columns": [asdict(_column(seen[name])) for name in seen.columns if name != wanted.target],
            "words": "\n".join(known),
            "num_words": len(known) + vocabulary.NUM_SPECIAL,
            "chosen": {"length": wanted.length, "max_words": wanted.max_words},
            "split": wanted.split.to_json(),
        },
        target=asked.describe(wanted.target, y, classes, train),
        **splits.counts(split),
    )
    return spec, [*facts_found, *asked.notes(y, classes)]


def _number(
    found: vocabulary.Read, train: np.ndarray, wanted: Wanted, folder: Path, progress: Progress
) -> tuple[tuple[str, ...], int, list[str]]:
    """Write the texts as numbers. Return the words that are known, the length, and what became of the texts in sentences."""
    known = vocabulary.choose(found, train, wanted.max_words)
    length = wanted.length or vocabulary.usual_length(found.lengths[train])
    becomes = vocabulary.lookup(found, known)
    vocabulary.write(found, becomes, length, folder / "x.npy", progress)
    return known, length, _sentences(found, train, becomes, length, len(known))


def _sentences(found: vocabulary.Read, train: np.ndarray, becomes: np.ndarray, length: int, num_known: int) -> list[str]:
    cut, num = int((found.lengths > length).sum()), len(found.lengths)
    told = [
        f"A model knows {num_known:,} words: the most frequent of the training texts. All others are one word to it, “unknown”.",
        f"A model reads the first {length:,} words of a text: {_share(cut, num)} of the texts are longer and are cut"
        f" (the longest has {int(found.lengths.max()):,} words).",
    ]
    shares = []
    for name, shown in (("training", train), ("test", ~train)):
        numbers = found.of(shown)
        unknown = int((becomes[numbers] == vocabulary.UNKNOWN).sum())
        shares.append(f"{_share(unknown, len(numbers))} of the words of the {name} texts")
    told.append(f"Unknown are {' and '.join(shares)}.")
    return told


def _share(part: int, whole: int) -> str:
    """Return `12.3%`, and no 0% for something."""
    share = part / max(1, whole)
    return "under 0.1%" if 0 < share < 0.001 else f"{share:.1%}"


def _tidy(frame: pl.DataFrame, wanted: Wanted, reading: Mapping[str, Any]) -> tuple[pl.DataFrame, list[str]]:
    """Return the frame with its texts as text and its label as what it is; the other columns stay as they were read."""
    for name in (wanted.text, wanted.target):
        if name not in frame.columns:
            mend = "Choose another column."
            raise Invalid(f"There is no column {name[:80]!r}.", "The text and the label are columns of the table.", mend)
    text = frame[wanted.text]
    if text.dtype != pl.String:
        told = f"The column {wanted.text[:80]!r} holds no text."
        raise Invalid(told, "A column of text, such as reviews.", "Choose another column for the texts.")
    read = [name for name in dict.fromkeys((wanted.target, wanted.split.column)) if name in frame.columns and name != wanted.text]
    kinds = {name: kind for name, kind in (reading.get("columns") or {}).items() if name in read}
    found = types.tidy(frame.select(read), {**reading, "columns": kinds})
    label, notes = _one_spelling(found.frame[wanted.target])
    return frame.with_columns(text.str.strip_chars(), *found.frame).with_columns(label), [*found.notes, *notes]


def _one_spelling(label: pl.Series) -> tuple[pl.Series, list[str]]:
    """Return labels of which those that look the same are the same: one form of Unicode, single blanks. Small letters stay."""
    if label.dtype != pl.String:
        return label, []
    spellings = {one: " ".join(unicodedata.normalize("NFC", one).split()) for one in label.drop_nulls().unique()}
    changed = {one: other for one, other in spellings.items() if one != other}
    told = []
    if changed:
        named = ", ".join(f"“{other}”" for other in sorted(set(changed.values()))[:_NAMED])
        told.append(f"Labels that differ only in blanks or in how letters are stored are one label: {named}.")
    by_case: dict[str, set[str]] = {}
    for one in spellings.values():
        by_case.setdefault(one.casefold(), set()).add(one)
    told += [
        f"{' and '.join(f'“{one}”' for one in sorted(names))} are different classes. If they mean the same, write them alike."
        for names in by_case.values()
        if len(names) > 1
    ][:_NAMED]
    return label.replace(changed) if changed else label, told


def _refuse(frame: pl.DataFrame, wanted: Wanted, lengths: np.ndarray, refusals: Refusals) -> np.ndarray:
    """Note the rows that have no text, no words or no label. Return a mask of the others."""
    empty = (frame[wanted.text].fill_null("") == "").to_numpy()
    wordless, unlabelled = (lengths == 0) & ~empty, frame[wanted.target].is_null().to_numpy()
    for shown, why in (
        (empty, "the text is empty"),
        (wordless, "the text has no words, only marks"),
        (unlabelled & ~empty & ~wordless, f"the label {wanted.target!r} is missing"),
    ):
        for row in np.flatnonzero(shown).tolist():
            refusals.add(f"row {row + 1:,} of those read", why, str(frame[wanted.text][row] or frame[wanted.target][row] or ""))
    usable: np.ndarray = ~(empty | wordless | unlabelled)
    if not usable.any():
        raise Invalid(
            "No row has both a text and a label.",
            f"The column {wanted.text!r} needs words, and {wanted.target!r} a label, in most rows.",
            "Choose other columns, or upload another file.",
        )
    return usable


def _column(values: pl.Series) -> Column:
    """Return the facts of a column that no field asks for and no encoder reads, of the training rows."""
    return Column(values.name, "ignored", values.null_count(), values.drop_nulls().n_unique())


def report(accepted: int, refusals: Refusals, warnings: list[str], folder: Path) -> dict[str, Any]:
    """Return what is told of a file, with the list of refused rows written into `folder`."""
    told = {"accepted": accepted, "refused": refusals.count, "reasons": _reasons(refusals), "warnings": warnings}
    if refusals.rows:
        (folder / _REFUSED).write_text(json.dumps(refusals.rows), "utf-8")
        told["refused_rows"] = _REFUSED
    return told


def _reasons(refusals: Refusals) -> list[tuple[str, str]]:
    """Return each reason once, with the first row that has it and how many more do."""
    told = [(first + (f" and {num - 1:,} more" if num > 1 else ""), why) for why, (first, num) in refusals.reasons.items()]
    return told[:_NAMED]
