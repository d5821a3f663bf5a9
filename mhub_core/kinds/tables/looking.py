"""The beginning of a table with its types, found once for all the kinds that look at one upload."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from mhub_core.kinds.tables import types
from mhub_core.kinds.tables.formats import registry as formats
from mhub_core.kinds.tables.types import Tidy


def tidy(path: Path, file_name: str, chosen: dict[str, Any]) -> Tidy:
    """Return the beginning of a table with its types. Raises Invalid or TooLarge."""
    facts = path.stat()
    return _tidy(path, (facts.st_mtime_ns, facts.st_size), file_name, json.dumps(chosen, sort_keys=True))


@lru_cache(maxsize=1)
def _tidy(path: Path, state: tuple[int, int], file_name: str, chosen: str) -> Tidy:
    return types.tidy(formats.look(path, file_name, json.loads(chosen)).frame, json.loads(chosen))
