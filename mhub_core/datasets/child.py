"""What is done with uploads in the sandbox: look at one, prepare one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mhub_core import sandbox, settings
from mhub_core.data.records import Column, DataSpec, Option, Progress, UploadPreview
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds import registry as kinds
from mhub_core.kinds.kind import Addition
from mhub_core.kinds.registry import require_kind

APPEND, REPLACE = "append", "replace"  # what becomes of the rows of a version by a further file
_STALL_SECONDS = 60.0
_CPU_SECONDS = 3_600  # a CSV of 1 GB takes a minute, 32,000 images some minutes
_PREVIEW: dict[str, Any] = {"cpu_seconds": 30, "wall_seconds": 60.0, "file_bytes": 256 << 20}
_previews = sandbox.Places(4, 20.0, "The hub is busy checking other people's uploads.")


def prepare(path: Path, request: dict[str, Any], folder: Path, progress: Progress) -> tuple[DataSpec, dict[str, Any]]:
    """Turn an upload into arrays in `folder`, as the request says."""
    return require_kind(request["kind"]).prepare(path, request, folder, progress)


def preview(path: Path, file_name: str, chosen: dict[str, Any]) -> UploadPreview:
    """Return what an upload looks like, read as was chosen."""
    return kinds.preview(path, file_name, chosen)


def prepare_json(asked: dict[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """`prepare` as the sandbox runs it."""
    spec, report = prepare(Path(asked["path"]), asked["request"], folder, progress)
    return {"spec": spec.to_json(), "report": report}


def process_json(asked: dict[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """Carry a recipe out on a version, as the sandbox runs it."""
    data, paths = DataSpec.from_json(asked["spec"]), {name: Path(path) for name, path in asked["paths"].items()}
    recipes = require_kind(data.kind).recipes
    assert recipes is not None  # else the recipe was refused before
    spec, report = recipes.process(data, paths, asked["recipe"], folder, progress)
    return {"spec": spec.to_json(), "report": report}


def extend_json(asked: dict[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """Add a further file to a version, as the sandbox runs it."""
    data, paths = DataSpec.from_json(asked["spec"]), {name: Path(path) for name, path in asked["paths"].items()}
    recipes = require_kind(data.kind).recipes
    assert recipes is not None  # else the file was refused before
    addition = Addition(Path(asked["path"]), asked["request"], asked["recipe"], asked["request"]["adds"] == REPLACE)
    spec, report = recipes.extend(data, paths, addition, folder, progress)
    return {"spec": spec.to_json(), "report": report}


def preview_json(asked: dict[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """`preview` as the sandbox runs it."""
    return asdict(preview(Path(asked["path"]), asked["file_name"], asked["chosen"]))


def prepare_in_child(
    path: Path, request: dict[str, Any], folder: Path, beat: Callable[[dict[str, Any] | None], None]
) -> tuple[DataSpec, dict[str, Any]]:
    """Run `prepare` in the sandbox. `beat` gets each progress, and None often in between; what it raises ends the run.

    Raises the MHubError that it met, TooLarge when it takes too much memory or time, or sandbox.Died.
    """
    return _in_child("prepare_dataset", {"path": str(path), "request": request}, folder, beat)


def process_in_child(
    data: DataSpec,
    paths: dict[str, Path],
    recipe: list[Any],
    folder: Path,
    beat: Callable[[dict[str, Any] | None], None],
) -> tuple[DataSpec, dict[str, Any]]:
    """Carry a recipe out on a version whose arrays lie at `paths`, in the sandbox, as `prepare_in_child` prepares an upload."""
    asked = {"spec": data.to_json(), "paths": {name: str(path) for name, path in paths.items()}, "recipe": recipe}
    return _in_child("process_dataset", asked, folder, beat)


def extend_in_child(
    data: DataSpec,
    paths: dict[str, Path],
    recipe: list[Any],
    upload: Path,
    request: dict[str, Any],
    folder: Path,
    beat: Callable[[dict[str, Any] | None], None],
) -> tuple[DataSpec, dict[str, Any]]:
    """Add a further file to a version and carry out its recipe again, in the sandbox."""
    asked = {"spec": data.to_json(), "paths": {name: str(path) for name, path in paths.items()}, "recipe": recipe}
    return _in_child("extend_dataset", asked | {"path": str(upload), "request": request}, folder, beat)


def _in_child(
    name: str, asked: dict[str, Any], folder: Path, beat: Callable[[dict[str, Any] | None], None]
) -> tuple[DataSpec, dict[str, Any]]:
    limits = sandbox.Limits(_memory(), cpu_seconds=_CPU_SECONDS, stall_seconds=_STALL_SECONDS)
    try:
        done = sandbox.run(name, asked, limits, beat, folder)
    except sandbox.TooMuchMemory as error:
        raise too_much_memory() from error
    except sandbox.TooLong as error:
        told = f"Preparing this data takes more than {_CPU_SECONDS / 60:.0f} minutes of computing, which the hub does not allow."
        raise TooLarge(told, mend="Upload fewer rows, columns or images, or take steps that do less.") from error
    return DataSpec.from_json(done["spec"]), done["report"]


def preview_in_child(path: Path, file_name: str, chosen: dict[str, Any]) -> UploadPreview:
    """Run `preview` in the sandbox. Raises the MHubError that it met, and Unavailable while too many others are looked at."""
    try:
        with _previews.taken():
            asked = {"path": str(path), "file_name": file_name, "chosen": chosen}
            told = sandbox.run("preview_upload", asked, sandbox.Limits(_memory(), **_PREVIEW))
    except sandbox.TooMuchMemory as error:
        raise too_much_memory() from error
    except sandbox.Broken as error:
        raise unreadable() from error
    columns = tuple(Column.from_json(column) for column in told["columns"])
    lists = {name: tuple(told[name]) for name in ("first_rows", "warnings")}
    options = tuple(Option.from_json(option) for option in told["options"])
    roles = {role: tuple(names) for role, names in told["roles"].items()}
    return UploadPreview(**{**told, **lists, "columns": columns, "options": options, "roles": roles})


def _memory() -> int:
    return settings.number("MHUB_PREPARE_MEMORY_MB") * 1_000_000


def unreadable() -> Invalid:
    """Return the error for an upload at which the process that read it died."""
    mend = "Save the file again with another program; the hub's log has the details."
    return Invalid("The file could not be read.", "A table, or a zip of images.", mend)


def too_much_memory() -> TooLarge:
    """Return the error for an upload that cannot be prepared within the limit."""
    return TooLarge(
        "Preparing this data takes more memory than the hub allows.",
        f"At most {settings.number('MHUB_PREPARE_MEMORY_MB'):,} MB.",
        "Upload fewer rows or columns, or smaller images.",
    )
