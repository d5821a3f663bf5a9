"""Telling the owner of a run that it ended, within the transaction of its end."""

from __future__ import annotations

from sqlalchemy.orm import Session

from db.tables.runs import RunRow
from mhub_core.notices import service as notices
from mhub_core.runs.records import FAILED, FINISHED
from mhub_core.sharing import service as sharing
from mhub_core.sharing import texts
from mhub_core.tasks.registry import TASKS


def tell(session: Session, run: RunRow, scores: dict[str, float] | None = None) -> None:
    """Tell the owner of a run how it ended, with the score by which its task ranks; not of one that was stopped by hand."""
    if run.stop_requested:
        return
    how = {FINISHED: "finished", FAILED: "failed"}.get(run.state, "was stopped by the hub")
    why = (run.error or {}).get("happened", "") if run.state == FAILED else _main_score(run, scores or {})
    words = f"Your {texts.run_phrase(run.id, run.name)} {how}{f': {why}' if why else ''}"
    notices.tell(session, [run.owner_id], notices.RUN_ENDED, sharing.RUN, run.id, None, words)


def _main_score(run: RunRow, scores: dict[str, float]) -> str:
    task = TASKS.get(run.spec.get("data", {}).get("task", ""))
    score = task.scores[0] if task else None
    return f"{score.label} {score.text(scores[score.name])}" if score and score.name in scores else ""
