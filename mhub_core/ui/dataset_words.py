"""Facts of a dataset in the words of people."""

from __future__ import annotations

from mhub_core.data.records import DataSpec
from mhub_core.datasets.records import DatasetCard, DatasetVersion
from mhub_core.kinds.registry import require_kind
from mhub_core.tasks.registry import require_task

STATES = {"waiting": "waiting", "preparing": "being prepared", "ready": "ready", "refused": "refused"}


def counted(number: int, one: str, many: str = "") -> str:
    """Return `1 row`, `1,234 rows`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def examples(kind: str, number: int) -> str:
    """Return `1 image`, `1,234 rows`."""
    return counted(number, *require_kind(kind).noun)


def card_facts(card: DatasetCard) -> str:
    """Return one line that says what a dataset is for and how large."""
    classes = [counted(card.num_classes, "class", "classes")] if card.num_classes else []
    size = [examples(card.kind, card.num_rows), *classes] if card.state == "ready" else [STATES[card.state]]
    return " · ".join([require_task(card.task).title, *size])


def split(spec: DataSpec) -> str:
    """Return the one sentence that explains the splits."""
    what, each = require_kind(spec.kind).noun[1], require_task(spec.task).hidden_share
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
