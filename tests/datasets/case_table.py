"""What the hub makes of files as people have them: `python -m tests.datasets.case_table FOLDER_OR_FILE ...`.

Every file goes through the real reading and preparation, with everything as it is guessed; a design goes through the reader of
designs. Prints a table in Markdown: file, what was guessed, what was told, state after.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mhub_core.data.records import DataSpec, UploadPreview
from mhub_core.datasets import child
from mhub_core.errors import MHubError
from mhub_core.kinds.registry import require_kind
from mhub_core.reading import read

_DESIGNS = (".py", ".ipynb", ".keras", ".h5")
_QUIET = {"encoding": "utf-8", "separator": ",", "quotes": "doubled", "skip": 0, "header": True, "numbers": "1,234.56"}


@dataclass(frozen=True)
class Case:
    """A file, what was guessed of it, what was told before and after, and what came of it."""

    file_name: str
    guessed: str
    told: tuple[str, ...]
    state: str


def case(path: Path) -> Case:
    """Read and prepare a file with everything as it is guessed."""
    return _design(path) if path.suffix in _DESIGNS or b'"class_name"' in path.read_bytes()[:4096] else _data(path)


def prepared(path: Path, chosen: dict[str, Any] | None = None) -> tuple[UploadPreview, DataSpec, dict[str, Any]]:
    """Return the preview of a file, and the spec and report of the dataset that its form makes when nothing is changed in it."""
    preview = child.preview(path, path.name, chosen or {})
    with tempfile.TemporaryDirectory() as folder:
        request, problems = require_kind(preview.kind).check_request(*_as_the_form(preview, chosen or {}))
        assert not problems, problems
        request |= {"kind": preview.kind, "file_name": path.name}
        spec, report = child.prepare(path, request, Path(folder), lambda *_: None)
    return preview, spec, report


def _as_the_form(preview: UploadPreview, chosen: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    target, text = preview.guessed_target, next(iter(preview.roles.get("text", ())), None)
    choices = {"reading": chosen, "series": preview.about.get("layout"), "text": text}
    return target, preview.guessed_tasks[target], choices


def _data(path: Path) -> Case:
    guessed, told = "", ()
    try:
        preview = child.preview(path, path.name, {})
        guessed, told = _guessed(preview), preview.warnings
        _, spec, report = prepared(path)
    except MHubError as error:
        return Case(path.name, guessed, told, f"REFUSED: {error}")
    return Case(path.name, guessed, tuple(dict.fromkeys((*told, *report["warnings"]))), _state(spec, report))


def _guessed(preview: UploadPreview) -> str:
    options = [f"{one.name} {one.value!r}" for one in preview.options if _QUIET.get(one.name, "") != one.value]
    columns = [f"{one.name} {one.kind}{f' ({one.unit})' if one.unit else ''}" for one in preview.columns]
    classes = [f"{name} {count}" for name, count in preview.classes.items()]
    target = f"target {preview.guessed_target} ({preview.guessed_tasks[preview.guessed_target]})"
    return f"{preview.kind}: {'; '.join([', '.join(_few(columns or classes)), target, *options])}"


def _state(spec: DataSpec, report: dict[str, Any]) -> str:
    classes = f", classes {', '.join(_few(spec.classes))}" if spec.classes else ""
    refused = f", {report['refused']} refused: {report['reasons'][:2]}" if report["refused"] else ""
    examples = require_kind(spec.kind).noun[1]
    return f"ready: {report['accepted']} {examples} ({spec.num_train} + {spec.num_test}), {spec.task}{classes}{refused}"


def _few(names: Any) -> list[str]:
    listed = list(map(str, names))
    return listed[:12] + ([f"... {len(listed)} in all"] if len(listed) > 12 else [])


def _design(path: Path) -> Case:
    try:
        reading = read.read(path.name, path)
    except MHubError as error:
        return Case(path.name, "design", (), f"REFUSED: {error}")
    layers = [node["class"] for node in reading.graph["nodes"]]
    notes = tuple(f"line {note.line}: {note.words}" if note.line else note.words for note in reading.notes)
    return Case(path.name, f"design {reading.name!r}", notes, f"read: {', '.join(_few(layers))}")


def files(places: list[str]) -> Iterator[Path]:
    """Give the files that are named, and all in the folders that are."""
    for place in map(Path, places):
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        yield from (path for path in found if path.is_file() and path.suffix != ".md")


def main(places: list[str]) -> None:
    """Print the table."""
    print("| file | guessed | told | state after |\n|---|---|---|---|")
    for path in files(places):
        one = case(path)
        cells = (f"{path.parent.name}/{one.file_name}", one.guessed, "<br>".join(one.told), one.state)
        print("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
