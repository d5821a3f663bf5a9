"""Whether the disk has room for what is about to be written."""

from __future__ import annotations

import shutil
from pathlib import Path

from mhub_core.errors import TooLarge


def require_room(folder: Path, num_bytes: int) -> None:
    """Raise TooLarge when the prepared data would fill the disk."""
    free = shutil.disk_usage(folder).free
    if num_bytes > free // 2:
        raise TooLarge(
            f"After preparation, this takes {num_bytes / 1e9:.1f} GB.",
            f"The disk of the hub has {free / 1e9:.1f} GB free.",
            "Upload less data, or smaller images.",
        )
