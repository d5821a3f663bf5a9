"""Numbers and states in the words of people."""

from __future__ import annotations

from datetime import datetime

from mhub_core.runs import records

STATES = {
    records.QUEUED: "Waiting",
    records.STARTING: "Starting",
    records.RUNNING: "Training",
    records.STOPPING: "Stopping",
    records.FINISHED: "Finished",
    records.STOPPED: "Stopped",
    records.FAILED: "Failed",
}


def duration(seconds: float) -> str:
    """Return a time span: `0.8 s`, `42 s`, `3 min 5 s`, `2 h 10 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def moment(at: datetime) -> str:
    """Return a date and time of day."""
    return f"{at:%Y-%m-%d %H:%M} UTC"
