"""Facts of a dataset in the words of people."""

from __future__ import annotations

from mhub_core.data import split_ways
from mhub_core.data.records import DataSpec
from mhub_core.data.split_ways import Split
from mhub_core.data.splits import GIVEN
from mhub_core.datasets.records import DatasetCard, DatasetVersion
from mhub_core.kinds.registry import KINDS, require_kind
from mhub_core.tasks.registry import TASKS, require_task

STATES = {"waiting": "waiting", "preparing": "being prepared", "ready": "ready", "refused": "refused"}

KEPT_AND_LEFT = {False: ("accepted", "refused"), True: ("kept", "dropped")}  # of an upload, and by the steps of a recipe


def counted(number: int, one: str, many: str = "") -> str:
    """Return `1 row`, `1,234 rows`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def examples(kind: str, number: int) -> str:
    """Return `1 image`, `1,234 rows`; of a kind that only a later release knows, `7 examples`."""
    return counted(number, *(KINDS[kind].noun if kind in KINDS else ("example", "examples")))


def card_facts(card: DatasetCard) -> str:
    """Return one line that says what a dataset is for and how large."""
    classes = [counted(card.num_classes, "class", "classes")] if card.num_classes else []
    size = [examples(card.kind, card.num_rows), *classes] if card.state == "ready" else [STATES[card.state]]
    return " · ".join([task_title(card.task), *size])


def task_title(task: str) -> str:
    """Return what a task is called; one that only a later release knows stands for itself."""
    return TASKS[task].title if task in TASKS else task


def split(spec: DataSpec) -> str:
    """Return the one sentence that explains the splits."""
    what, each = require_kind(spec.kind).noun[1], require_task(spec.task).hidden_share
    how = spec.input.get("split")
    if how == GIVEN:
        each = "as they came with the data"
    elif how and how != Split().to_json():  # of what is usual, the task has better words
        each = split_ways.words(how)
    return (
        f"{spec.num_train:,} {what} are for training; {spec.num_test:,} ({each}) are held out as the test set: it is the same "
        "for everyone, nobody can train on it, and the hub uses it only to score trained models."
    )


def result(version: DatasetVersion) -> str:
    """Return in one line what became of an upload, or nothing when there is nothing to tell."""
    report = version.report or {}
    if not report.get("refused") and not report.get("warnings"):
        return ""
    notes = f", {counted(len(report['warnings']), 'note')}" if report.get("warnings") else ""
    accepted = examples(version.spec.kind if version.spec else "", report["accepted"])
    kept, left = KEPT_AND_LEFT[version.has_recipe]
    return f"{accepted} {kept}, {report['refused']:,} {left}{notes}: see the Report tab below."
