"""Facts of a dataset in the words of people."""

from __future__ import annotations

from mhub_core.datasets.records import Column, DatasetCard, DatasetVersion, DataSpec

TASKS = {"classification": "Classification", "regression": "Regression"}
STATES = {"waiting": "waiting", "preparing": "being prepared", "ready": "ready", "refused": "refused"}
KINDS = {"number": "number", "category": "category", "ignored": "not used"}


def counted(number: int, one: str, many: str = "") -> str:
    """Return `1 row`, `1,234 rows`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def card_facts(card: DatasetCard) -> str:
    """Return one line that says what a dataset is for and how large."""
    rows = counted(card.num_rows, "image" if card.kind == "images" else "row")
    classes = [counted(card.num_classes, "class", "classes")] if card.num_classes else []
    size = [rows, *classes] if card.state == "ready" else [STATES[card.state]]
    return " · ".join([TASKS.get(card.task, card.task), *size])


def shape(spec: DataSpec) -> str:
    """Return what one example looks like to a model: `28 x 28, gray` or `4 features`."""
    if spec.kind == "images":
        height, width, channels = spec.input_shape
        return f"{width} x {height}, {'gray' if channels == 1 else 'RGB'}"
    return counted(spec.input_shape[0], "feature")


def split(spec: DataSpec) -> str:
    """Return the one sentence that explains the splits."""
    what = "images" if spec.kind == "images" else "rows"
    each = "a fifth of every class" if spec.task == "classification" else "a fifth of all"
    return (
        f"{spec.num_train:,} {what} are there to learn from; {spec.num_test:,} ({each}) are hidden, the same for "
        f"everybody, and used by the "
        "hub alone to test finished models."
    )


def result(version: DatasetVersion) -> str:
    """Return in one line what became of an upload, or nothing when there is nothing to tell."""
    report = version.report or {}
    if not report.get("refused") and not report.get("warnings"):
        return ""
    notes = counted(len(report["warnings"]), "note")
    return f"{report['accepted']:,} accepted, {report['refused']:,} refused, {notes}: see the report below."


def number(value: float | None) -> str:
    """Return a number of a column in at most five digits."""
    return "" if value is None else f"{value:,.5g}"


def column_facts(column: Column) -> str:
    """Return the range of a number, or the first categories."""
    if column.kind == "category":
        shown = ", ".join(column.categories[:6])
        return f"{shown}, …" if len(column.categories) > 6 else shown
    if column.mean is None:
        return ""
    return f"{number(column.minimum)} to {number(column.maximum)}, mean {number(column.mean)}"
