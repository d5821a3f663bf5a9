"""What was chosen for runs, in rows: lists sort by it. The whole of it stands in the plan of each run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables.runs import RunRow, RunSettingRow

_LONGEST = 60  # letters of a name and of a text


def record(session: Session, run: RunRow) -> None:
    """Write down what the plan of a new run says."""
    visible = {"model_visibility": run.model_visibility, "dataset_visibility": run.dataset_visibility}
    for name, value in run.spec["plan"].items():
        number, text = kept(value)
        if (number, text) != (None, None):
            session.add(RunSettingRow(run_id=run.id, name=name[:_LONGEST], number=number, text=text, **visible))


def kept(value: Any) -> tuple[float | None, str | None]:
    """Return a value of a plan as a number or as a text; neither for what has no order."""
    if isinstance(value, int | float):
        return (float(value), None) if math.isfinite(value) else (None, None)
    return (None, value[:_LONGEST]) if isinstance(value, str) else (None, None)


def settings_of(session: Session, run_ids: Sequence[int]) -> dict[int, dict[str, float | str]]:
    """Return what was chosen for each of these runs, by name."""
    found: dict[int, dict[str, float | str]] = {run_id: {} for run_id in run_ids}
    columns = (RunSettingRow.run_id, RunSettingRow.name, RunSettingRow.number, RunSettingRow.text)
    for run_id, name, number, text in session.execute(select(*columns).where(RunSettingRow.run_id.in_(run_ids))):
        found[run_id][name] = number if number is not None else text or ""
    return found
