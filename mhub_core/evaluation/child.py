"""Opens what was given to a model: files of strangers in the sandbox, one request at a time, so that none takes the machine."""

from __future__ import annotations

import base64
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from mhub_core import errors, sandbox
from mhub_core.data.records import DataSpec, Frame, Option, Progress
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.kind import Decoded, Opened
from mhub_core.kinds.registry import require_kind

_LIMITS = sandbox.Limits(memory_bytes=600_000_000, cpu_seconds=20, wall_seconds=20.0, file_bytes=1 << 30)
MOST_OPENING = 3  # one that is opened, and others that wait for it; the rest is asked again after a moment (`queue.ask`)
_BUSY = "The hub is busy reading other people's inputs."
_BYTES = "bytes"  # an example that is bytes, on its way through JSON
_files = sandbox.Places(2, 20.0, _BUSY)
_door, _places = sandbox.Places(MOST_OPENING, 0.0, _BUSY), sandbox.Places(1, 20.0, _BUSY)


def decode(data: DataSpec, inputs: dict[str, Any]) -> Decoded:
    """Return what the kind of data let through, as a model takes it. Raises Invalid when none of it can be read, TooLarge, and
    Unavailable while too many others ask."""
    kind = require_kind(data.kind)
    return _decode_apart(data, inputs) if kind.decodes_files else kind.decode(data, inputs)


def decode_json(asked: dict[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """`DataKind.decode` as the sandbox runs it: the array lies in the folder."""
    data = DataSpec.from_json(asked["data"])
    decoded = require_kind(data.kind).decode(data, asked["inputs"])
    np.save(folder / "x.npy", decoded.x)
    problems = {str(place): errors.to_json(problem) for place, problem in decoded.problems.items()}
    frames = [asdict(frame) for frame in decoded.frames]
    return {"problems": problems, "frames": frames, "notes": {str(place): note for place, note in decoded.notes.items()}}


def open_json(asked: dict[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """`DataKind.open` as the sandbox runs it: the file lies at `path`; what is bytes comes as base64."""
    data = DataSpec.from_json(asked["data"])
    found = require_kind(data.kind).open(data, Path(asked["path"]), asked["file_name"], asked["chosen"])
    examples = [{_BYTES: base64.b64encode(one).decode("ascii")} if isinstance(one, bytes) else one for one in found.examples]
    return {**asdict(replace(found, examples=())), "examples": examples}


def open_file(data: DataSpec, file_name: str, content: bytes, chosen: dict[str, Any]) -> Opened:
    """Return the examples in a file that somebody gives to a model of this data, opened in the sandbox. Raises Invalid, TooLarge,
    and Unavailable while too many others ask."""
    with _files.taken(), tempfile.TemporaryDirectory(prefix="given-") as made:
        path = Path(made) / "given"
        path.write_bytes(content)
        asked = {"data": data.to_json(), "path": str(path), "file_name": file_name, "chosen": chosen}
        try:
            told = sandbox.run("open_file", asked, _LIMITS)
        except sandbox.TooMuchMemory as error:
            raise TooLarge("Opening this takes more memory than the hub allows.", mend="Upload a smaller file.") from error
        except sandbox.Broken as error:
            raise Invalid("The file could not be opened.", mend="Save it again with another program.") from error
    examples = [_unpacked(one) for one in told["examples"]]
    options = [Option.from_json(option) for option in told["options"]]
    return Opened(examples, told["names"], told["notes"], options, told["shown"])


def _unpacked(example: Any) -> Any:
    return base64.b64decode(example[_BYTES]) if isinstance(example, dict) and example.keys() == {_BYTES} else example


def _decode_apart(data: DataSpec, inputs: dict[str, Any]) -> Decoded:
    with _door.taken(), _places.taken(), tempfile.TemporaryDirectory(prefix="decode-") as made:
        try:
            told = sandbox.run("decode_input", {"data": data.to_json(), "inputs": inputs}, _LIMITS, folder=Path(made))
        except sandbox.TooMuchMemory as error:
            raise TooLarge(
                "Opening this takes more memory than the hub allows.", mend="Upload fewer or smaller files."
            ) from error
        except sandbox.Broken as error:
            raise Invalid("The upload could not be opened.", mend="Save it again with another program.") from error
        x = np.load(Path(made) / "x.npy", allow_pickle=False)
    if x.shape[1:] != data.input_shape:
        raise Invalid("The upload could not be opened.")  # Only a process that was taken over says so.
    problems = {int(place): errors.from_json(problem) for place, problem in told["problems"].items()}
    frames = tuple(Frame(**frame) for frame in told["frames"])
    return Decoded(x, problems, {int(place): note for place, note in told["notes"].items()}, frames)
