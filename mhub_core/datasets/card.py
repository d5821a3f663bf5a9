"""The card that goes with the files of a version: what they are, from where, and what became of them. Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from mhub_core.data.records import Column, DataSpec
from mhub_core.datasets.records import Dataset, DatasetVersion
from mhub_core.kinds.registry import require_kind
from mhub_core.sharing.texts import one_line
from mhub_core.tasks.registry import require_task

_MAX_COLUMNS = 1_000


def text(dataset: Dataset, version: DatasetVersion, data: DataSpec, has_test: bool) -> str:
    """Return the card. `has_test`: whether the test examples are among the files."""
    what = require_kind(data.kind).noun[1]
    facts = {
        "Licence": dataset.licence or "not stated",
        "Source": dataset.source or "not stated",
        "Owner": dataset.owner_name or "built in",
        "Version": f"{version.number}, made {version.created:%Y-%m-%d %H:%M} UTC",
        "Note": version.note,
        "Task": require_task(data.task).title,
        "Target": str(data.target["name"]),
        "Classes": ", ".join(data.classes),
        what.capitalize(): f"{data.num_rows:,}: {data.num_train:,} for training, {data.num_test:,} for the test",
        "Files": "with the test split" if has_test else f"the {data.num_train:,} {what} for training; the test split is left out",
    }
    parts = [
        [f"# {one_line(dataset.name)}", "", dataset.description, ""],
        [f"- {name}: {one_line(fact)}" for name, fact in facts.items() if fact],
        _listed("How this version was made", _history(dataset, version)),
        ["", "## Known faults", "", dataset.faults] if dataset.faults else [],
        _listed("What the hub noticed", _faults(version)),
        _columns([Column.from_json(column) for column in data.input.get("columns", ())]),
    ]
    return "\n".join(line for part in parts for line in part) + "\n"


def _listed(title: str, lines: Iterable[str]) -> list[str]:
    shown = [f"- {one_line(line)}" for line in lines]
    return ["", f"## {title}", "", *shown] if shown else []


def _history(dataset: Dataset, version: DatasetVersion) -> list[str]:
    """Return what was done from the upload on."""
    by_number = {one.number: one for one in dataset.versions}
    lines: list[str] = []
    here: DatasetVersion | None = version
    while here is not None:
        lines = [f"Version {here.number}: {step}" for step in here.done] + lines
        here = by_number.get(here.parent_number or 0)
    return lines


def _faults(version: DatasetVersion) -> list[str]:
    report = version.report or {}
    refused = [f"{report['refused']:,} were refused or dropped."] if report.get("refused") else []
    reasons = [f"{item}: {why}" for item, why in report.get("reasons", ())]
    return [*refused, *reasons, *report.get("warnings", ())]


def _columns(columns: list[Column]) -> list[str]:
    if not columns:
        return []
    head = ["", "## Columns", "", "| Column | Type | Missing | Distinct values |", "|---|---|---|---|"]
    return head + [
        f"| {one_line(one.name).replace('|', chr(92) + '|')} | {'not used' if one.kind == 'ignored' else one.kind} | "
        f"{one.missing:,} | {one.distinct:,} |"
        for one in columns[:_MAX_COLUMNS]
    ]
