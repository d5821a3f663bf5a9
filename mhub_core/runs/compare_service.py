"""The verb that puts several runs beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from db.engine import reading
from mhub_core.accounts.records import User
from mhub_core.errors import Invalid, NotFound
from mhub_core.runs import course_service, curves, service
from mhub_core.runs.records import Comparison, Run

MAX_RUNS = 20
MAX_POINTS = 2_000  # of one metric of all runs together: a browser draws these at once
MIN_POINTS = 50  # of one curve


def compare(viewer: User | None, run_ids: Sequence[int]) -> Comparison:
    """Return runs that the viewer may see, with their curves. Raises Invalid for more than `MAX_RUNS`."""
    wanted = list(dict.fromkeys(run_ids))
    if len(wanted) > MAX_RUNS:
        raise Invalid(f"{len(wanted):,} runs are too many for one comparison.", f"At most {MAX_RUNS} runs.", "Choose fewer runs.")
    found: dict[int, Run] = {}
    for run_id in wanted:
        with suppress(NotFound):
            found[run_id] = service.require_run(viewer, run_id)
    most = min(curves.MOST_POINTS, max(MIN_POINTS, MAX_POINTS // max(1, len(found))))
    with reading() as session:
        points = course_service.points_of(session, list(found), most)
    return Comparison(tuple(found.values()), tuple(one for one in wanted if one not in found), points)
