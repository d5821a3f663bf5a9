"""Tags of runs: only whoever owns a run changes its tags; whoever may see the run sees them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.engine import reading, writing
from db.tables.runs import RunRow, RunTagRow
from mhub_core.accounts.records import User
from mhub_core.runs import access_service as access
from mhub_core.runs import tags as rules

_MOST_KNOWN = 200  # tags that a person is offered


def set_tags(user: User | None, run_id: int, tags: Sequence[str]) -> None:
    """Give a run exactly these tags: one line each, in lower case, at most `found.MAX_TAGS`.

    Raises Invalid, and NotFound, SignInRequired and Forbidden as `access_service.require_own` does.
    """
    wanted = rules.checked(tags)
    with writing() as session:
        _require_own(session, user, run_id)
        _write(session, run_id, wanted)


def change_tags(user: User | None, run_id: int, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
    """Add tags to those of a run, and take others away. Raises as `set_tags` does."""
    wanted, unwanted = rules.checked(add), {rules.normal(tag) for tag in remove}
    with writing() as session:
        _require_own(session, user, run_id)
        kept = [tag for tag in tags_of(session, [run_id])[run_id] if tag not in unwanted]
        _write(session, run_id, rules.checked([*kept, *wanted]))


def _require_own(session: Session, user: User | None, run_id: int) -> None:
    """Raise unless a run is the user's own, and hold it: two who change its tags do so one after the other."""
    access.require_own(session, user, run_id)
    session.execute(select(RunRow.id).where(RunRow.id == run_id).with_for_update(key_share=True))


def _write(session: Session, run_id: int, tags: Sequence[str]) -> None:
    session.execute(delete(RunTagRow).where(RunTagRow.run_id == run_id))
    session.add_all(RunTagRow(run_id=run_id, tag=tag) for tag in tags)


def tags_of(session: Session, run_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the tags of each of these runs, in the order of letters."""
    query = select(RunTagRow.run_id, RunTagRow.tag).where(RunTagRow.run_id.in_(run_ids))
    found: dict[int, tuple[str, ...]] = {run_id: () for run_id in run_ids}
    for run_id, tag in session.execute(query.order_by(RunTagRow.run_id, RunTagRow.tag)):
        found[run_id] += (tag,)
    return found


def list_tags(viewer: User | None) -> list[str]:
    """Return the tags of the viewer's own runs, each once; a visitor has none."""
    if viewer is None:
        return []
    query = select(RunTagRow.tag).join(RunRow, RunRow.id == RunTagRow.run_id).where(RunRow.owner_id == viewer.id)
    with reading() as session:
        return list(session.scalars(query.distinct().order_by(RunTagRow.tag).limit(_MOST_KNOWN)))
