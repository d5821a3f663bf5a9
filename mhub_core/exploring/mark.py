"""What the row of a version says of its profile: in `report` which blob it is, in `progress` who is making it."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from mhub_core.datasets.claim_service import is_stale
from mhub_core.exploring.records import FORMAT

NAME = "profile"


def made(report: dict[str, Any] | None, spec: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return `{"key"}` of the profile of just these arrays in this format, or `{"error"}` when there can be none, or None."""
    found = (report or {}).get(NAME)
    return found if found and spec and found["of"] == of(spec) else None


def of(spec: dict[str, Any]) -> str:
    """Return what a profile belongs to: data that changed, or another form of profiles, have another."""
    told = json.dumps([FORMAT, spec], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def making(progress: dict[str, Any], clock: datetime) -> dict[str, Any] | None:
    """Return how far whoever is making it has come, or None when nobody is."""
    found: dict[str, Any] | None = (progress or {}).get(NAME)
    return found if found and not is_stale(found, clock) else None
