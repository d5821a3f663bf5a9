"""Looking a version through in the sandbox, so that its memory and its time are bounded."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mhub_core import sandbox, settings
from mhub_core.data.records import DataSpec, Progress
from mhub_core.errors import TooLarge
from mhub_core.exploring.records import Profile
from mhub_core.exploring.registry import PROFILES

_STALL_SECONDS = 60.0
_CPU_SECONDS = 3_600  # as preparing data may take, see `datasets.child`
_NICE = 5  # nobody waits for it as for a prediction


def profile_json(asked: dict[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """Make a profile as the sandbox runs it."""
    os.nice(_NICE)
    data = DataSpec.from_json(asked["data"])
    arrays = {name: Path(path) for name, path in asked["arrays"].items()}
    return PROFILES[data.kind](arrays, data, progress).to_json()


def profile_in_child(arrays: dict[str, Path], data: DataSpec, beat: Callable[[dict[str, Any] | None], None]) -> Profile:
    """Make a profile in the sandbox. `beat` gets each progress, and None often in between; what it raises ends the run.

    Raises the MHubError that it met, TooLarge when it takes too much memory or time, or sandbox.Died.
    """
    asked = {"arrays": {name: str(path) for name, path in arrays.items()}, "data": data.to_json()}
    memory = settings.number("MHUB_PREPARE_MEMORY_MB") * 1_000_000
    limits = sandbox.Limits(memory, cpu_seconds=_CPU_SECONDS, stall_seconds=_STALL_SECONDS)
    try:
        return Profile.from_json(sandbox.run("profile_dataset", asked, limits, beat))
    except sandbox.TooMuchMemory as error:
        raise too_much_memory() from error
    except sandbox.TooLong as error:
        told = f"Looking through this data takes more than {_CPU_SECONDS // 60} minutes of computing, which the hub forbids."
        raise TooLarge(told, mend="You can train on it all the same.") from error


def too_much_memory() -> TooLarge:
    """Return the error for a version that cannot be looked through within the limit."""
    return TooLarge(
        "Looking through this data takes more memory than the hub allows.",
        f"At most {settings.number('MHUB_PREPARE_MEMORY_MB'):,} MB.",
        "You can train on it all the same. The person who runs the hub can allow more with MHUB_PREPARE_MEMORY_MB.",
    )
