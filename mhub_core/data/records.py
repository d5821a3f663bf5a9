"""What every room above may know of a dataset version: frozen records of plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from mhub_core.errors import Invalid

FORMAT = 2
Progress = Callable[[int, int, str], None]  # how many are done, of how many, and in words what is done


@dataclass(frozen=True)
class Column:
    """One column of a table, as it was found. `kind` is "number", "category", "date" or "ignored".

    `decimals` is how many digits behind the point its numbers have, at most 6; `usual` its most frequent category. These and
    the median are unknown of a version that an older release prepared. `minimum`, `maximum`, `mean` and `median` of dates are
    days since 1970. `unit` stood at each number; `convention` is how numbers are written where it is not 1,234.56; `marks` are
    texts that stand for no value, beside the usual ones; `written` is how dates are written, `parts` what a model gets of them.
    """

    name: str
    kind: str
    missing: int = 0
    distinct: int = 0
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    std: float | None = None
    categories: tuple[str, ...] = ()
    median: float | None = None
    decimals: int | None = None
    usual: str | None = None
    unit: str | None = None
    convention: str | None = None
    marks: tuple[str, ...] = ()
    written: dict[str, Any] | None = None
    parts: tuple[dict[str, Any], ...] = ()

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Column:
        """Return the column that `dataclasses.asdict` wrote."""
        return cls(**{**data, **{name: tuple(data.get(name, ())) for name in ("categories", "marks", "parts")}})


@dataclass(frozen=True)
class DataSpec:
    """All that training and prediction need to know about a ready dataset version.

    `arrays` names blobs: `x` and `y` with one entry per example, `split` uint8 (1 = hidden test example), and what the kind
    keeps besides (a table its rows as `parquet`); a large `x` may be missing, and `kinds.arrays` makes it of the others.
    `input` is what the kind says of one example, at least `{"shape": [...]}` without the batch; `target` what the task says
    of the answer, at least `{"name": ...}`, with the names of its `classes` where there are any.
    """

    kind: str
    task: str
    arrays: dict[str, str]
    input: dict[str, Any]
    target: dict[str, Any]
    num_rows: int
    num_train: int
    num_test: int
    format: int = FORMAT

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one example, without the batch."""
        return tuple(self.input["shape"])

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes of the answer; empty when it has none."""
        return tuple(self.target.get("classes", ()))

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON that `from_json` reads back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> DataSpec:
        """Return the spec that `to_json` wrote, in this release or an earlier one. Names that it does not know are left out.

        Raises Invalid for a description in which something is missing, and for one of a later release.
        """
        if not isinstance(data, dict) or data.get("format", 1) not in (1, FORMAT):
            raise _unreadable(f"its format is {data.get('format') if isinstance(data, dict) else type(data).__name__}")
        try:
            newest = data if data.get("format") == FORMAT else _from_first_format(data)
            _ = [newest["arrays"][name] for name in ("y", "split")], list(newest["input"]["shape"]), newest["target"]["name"]
            return cls(**{name: newest[name] for name in cls.__dataclass_fields__})
        except (KeyError, TypeError, AttributeError) as error:
            raise _unreadable(f"{error} is missing or of the wrong type") from error


def _from_first_format(data: dict[str, Any]) -> dict[str, Any]:
    """Return the newest form of a description as release 0.1 wrote it, which had a field for everything."""
    arrays = {"x": data["x_key"], "y": data["y_key"], "split": data["split_key"]}
    table = {"parquet": data["table_key"]} if data.get("table_key") else {}
    known = {"columns": data.get("columns", []), "encoder": data["encoder"]} if data.get("encoder") else {}
    numbers = {"mean": data.get("y_mean", 0.0), "std": data.get("y_std", 1.0)}
    named = {"classes": list(data["classes"]), "counts": list(data["class_counts"])} if data["classes"] else numbers
    counts = {name: data[name] for name in ("num_rows", "num_train", "num_test")}
    return {
        "kind": data["kind"],
        "task": data["task"],
        "arrays": arrays | table,
        "input": {"shape": list(data["input_shape"]), **known},
        "target": {"name": data["target"], **named},
        "format": FORMAT,
        **counts,
    }


def _unreadable(why: str) -> Invalid:
    return Invalid(
        f"The description of a dataset version cannot be read: {why}.",
        f"A description of format 1 or {FORMAT}, as this release of M-Hub writes it.",
        "Update the hub if a newer release wrote it; else restore the database from a backup, or upload the data again.",
    )


@dataclass(frozen=True)
class Frame:
    """Which part of a photo a model sees: `width` and `height` of the photo in pixels, turned upright, and where in it lie the
    corners of what the model sees; a margin that was added lies outside of the photo."""

    width: int
    height: int
    left: float
    top: float
    right: float
    bottom: float

    def in_view(self, pixels: np.ndarray) -> np.ndarray:
        """Return boxes `(boxes, 4)`, whose corners are pixels of the photo, as shares of what the model sees: beyond 0 or 1 where
        they reach out of it."""
        start = np.array([self.left, self.top] * 2)
        shares: np.ndarray = (pixels - start) / np.array([self.right - self.left, self.bottom - self.top] * 2)
        return shares

    def in_photo(self, corners: np.ndarray) -> np.ndarray:
        """Return boxes `(boxes, 4)`, whose corners are shares of what the model sees, as whole pixels inside of the photo."""
        start = np.array([self.left, self.top] * 2)
        size = np.array([self.right - self.left, self.bottom - self.top] * 2)
        pixels: np.ndarray = np.rint(start + corners * size).clip(0, [self.width, self.height] * 2).astype(np.int64)
        return pixels


@dataclass(frozen=True)
class Option:
    """One guess about an upload, which a person can change. `choices` are the values that it may have, each with its label;
    empty for a free text or, where `value` is a number, a whole number of at least 0."""

    name: str
    label: str
    value: str | int | bool
    choices: tuple[tuple[str | int | bool, str], ...] = ()
    help: str = ""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Option:
        """Return the option that `dataclasses.asdict` wrote."""
        return cls(**{**data, "choices": tuple((value, label) for value, label in data["choices"])})


@dataclass(frozen=True)
class UploadPreview:
    """What an upload looks like before a dataset is made of it. `columns` and `first_rows` are empty for images."""

    kind: str
    file_name: str
    num_bytes: int
    columns: tuple[Column, ...]
    guessed_target: str
    guessed_tasks: dict[str, str]  # the likely task for each column that may be the target
    first_rows: tuple[dict[str, Any], ...]
    classes: dict[str, int]  # images: class name -> number of files
    warnings: tuple[str, ...]
    longest_side: int | None = None  # images: of some of them, in pixels
    usual_side: int | None = None  # images: the median of their longer sides
    options: tuple[Option, ...] = ()  # the guesses by which it was read
    num_examples: int | None = None  # images: how many can be used, by their names
    # For what columns are good where a kind needs to know: role -> names, the guess first.
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    splits: dict[str, dict[str, int]] = field(default_factory=dict)  # images: split that was given -> class -> number of files
    about: dict[str, Any] = field(default_factory=dict)  # what the page of the kind shows besides, as plain JSON


@dataclass(frozen=True)
class Bars:
    """How the values of a column are spread: how many rows hold each of some values or ranges, before and after."""

    column: str
    labels: tuple[str, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]


@dataclass(frozen=True)
class Lines:
    """A series before and after, each by channel, None where a value is missing, with its label."""

    label: str
    before: tuple[tuple[float | None, ...], ...]
    after: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True)
class StepPreview:
    """What steps do to the first training examples. `after_each`: how many are left after each step."""

    rows_before: int
    after_each: tuple[int, ...]
    is_part: bool  # there are more training examples than were looked at
    columns: tuple[str, ...] = ()  # of a table: what its first rows are then
    rows: tuple[dict[str, Any], ...] = ()
    missing_before: int = 0
    missing_after: int = 0
    bars: Bars | None = None
    pictures: tuple[tuple[bytes, bytes], ...] = ()  # of images: some before and after, as PNG
    shape: tuple[int, ...] = ()  # of images: height, width and channels then
    lines: tuple[Lines, ...] = ()  # of series: some before and after
