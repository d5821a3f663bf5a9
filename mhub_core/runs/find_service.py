"""The verb that finds runs: one's own or all that one may see, by model, dataset, words, tag, state and date, in any order."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam
from sqlalchemy.orm import Session

from db.engine import reading
from db.tables.runs import RunRow
from mhub_core.accounts.records import User
from mhub_core.errors import Invalid
from mhub_core.runs import line_service, list_service, order_service, records, setting_service, tag_service, tags
from mhub_core.runs.found import COLUMNS, NEWEST, SCORE, SETTING, FoundRun, RunPage, RunQuery
from mhub_core.sharing import policy, texts
from mhub_core.sharing import service as sharing
from mhub_core.sharing import words as asked_words

MAX_RUNS = 200  # on a page
_MEASURED = re.compile(rf"(?:{SCORE}|{SETTING})[A-Za-z][A-Za-z0-9_]{{0,59}}")


def find(viewer: User | None, query: RunQuery) -> RunPage:
    """Return one page of the runs that the viewer may see and that a query asks for.

    Raises Invalid for a column that runs are not sorted by, for a state that there is none of, and for what is no tag; NotFound
    for a project that the viewer may not see.
    """
    asked = _checked(query)
    with reading() as session:
        given = sharing.require_project(session, viewer, asked.project_id)
        if texts.printable_line(query.text) and not asked.text:  # neither letters nor digits: no run is found by these
            return RunPage((), 0, False)
        rows = session.execute(order_service.page(viewer, asked, _is_sqlite(session)), given).all()
        counted = _count(session, viewer, asked, given, rows)
        found = _read(session, viewer, [row.run_id for row in rows], asked.shows_lines)
    return RunPage(found, counted, not order_service.is_walk(asked) and counted == order_service.MOST_SORTED)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _checked(query: RunQuery) -> RunQuery:
    """Return a query of known columns and states, with a page within bounds, and words and a tag as they are looked for."""
    if query.sort not in (NEWEST, *COLUMNS) and not _MEASURED.fullmatch(query.sort):
        known = f"{NEWEST}, {', '.join(COLUMNS)}, or a score or a setting, such as {SCORE}accuracy"
        raise Invalid("Runs cannot be sorted by this.", f"One of {known}.", "Choose another column.")
    if unknown := set(query.states) - {*records.ACTIVE, *records.ENDED}:
        known = ", ".join((*records.ACTIVE, *records.ENDED))
        raise Invalid(f"No run is ever {str(min(unknown))[:40]!r}.", f"One of {known}.", "Choose another state.")
    tag = tags.normal(query.tag)
    texts.refuse("No run has such a tag.", {"tag": tags.problem_of(tag) if tag else ""})
    limit, offset = min(max(query.limit, 1), MAX_RUNS), min(max(query.offset, 0), order_service.MOST_COUNTED)
    text, states = " ".join(asked_words.read(query.text)), tuple(sorted(set(query.states)))
    return replace(query, text=text, tag=tag, states=states, limit=limit, offset=offset)


def _count(session: Session, viewer: User | None, asked: RunQuery, given: dict[str, Any], rows: Any) -> int:
    """Return how many match. Where the page is the last one, or says it itself, nothing is asked for that."""
    if 0 < len(rows) < asked.limit:
        return min(asked.offset + len(rows), order_service.MOST_COUNTED)
    if rows and not order_service.is_walk(asked):
        return int(rows[0].total)
    if not rows and not asked.offset:
        return 0
    of_everybody = (
        None if asked.mine or asked.text else session.scalar(order_service.total(None, asked, _is_sqlite(session)), given)
    )
    if of_everybody == order_service.MOST_COUNTED:  # which is quicker to count than what one person sees besides
        return of_everybody
    return session.scalar(order_service.total(viewer, asked, _is_sqlite(session)), given) or 0


@lru_cache(maxsize=256)  # to put a statement together takes longer than to run it
def _cards(viewer: User | None) -> Select[Any]:
    """Select what is told of the runs of a page."""
    more = (RunRow.num_parameters, RunRow.train_seconds, sharing.allowed_run(viewer, policy.OWN))
    return list_service.joined(*list_service.CARD, *more).where(RunRow.id.in_(bindparam("runs", expanding=True)))


def _read(session: Session, viewer: User | None, run_ids: list[int], shows_lines: bool) -> tuple[FoundRun, ...]:
    """Return runs in the order of their ids."""
    if not run_ids:
        return ()
    rows = {row[0]: row for row in session.execute(_cards(viewer), {"runs": run_ids})}
    scores = list_service.scores_of(session, run_ids)
    settings, tagged = setting_service.settings_of(session, run_ids), tag_service.tags_of(session, run_ids)
    lines = line_service.lines_of(session, run_ids) if shows_lines else {}
    num, told = len(list_service.CARD), [one for one in run_ids if one in rows]
    cells = ((*rows[one][:num], scores[one], lines.get(one), *rows[one][num:], settings[one], tagged[one]) for one in told)
    return tuple(FoundRun(*run) for run in cells)
