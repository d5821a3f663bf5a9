"""How curves grow in the database, within the transaction of a worker that reports."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from db.tables.runs import MetricChunkRow
from mhub_core.runs import curves

Points = list[tuple[int, dict[str, float]]]
_PIECES = cast("Table", MetricChunkRow.__table__)
_newest_pieces = (
    select(_PIECES.c.name, func.max(_PIECES.c.first_step).label("start"))
    .where(_PIECES.c.run_id == bindparam("run"))
    .group_by(_PIECES.c.name)
    .subquery()
)
_LAST_PIECES = (
    select(_PIECES.c.name.label("curve"), _newest_pieces.c.start, _PIECES.c.num, _PIECES.c.steps, _PIECES.c["values"])
    .join(_newest_pieces, (_newest_pieces.c.name == _PIECES.c.name) & (_newest_pieces.c.start == _PIECES.c.first_step))
    .where(_PIECES.c.run_id == bindparam("run"))
)
_this_piece = (
    _PIECES.c.run_id == bindparam("run"),
    _PIECES.c.name == bindparam("curve"),
    _PIECES.c.first_step == bindparam("start"),
)
_GROW_PIECE = update(_PIECES).where(*_this_piece)


def extend(session: Session, run_id: int, points: Points) -> None:
    """Add points to all curves of a run: with one statement for all that have room in their last pieces, and one for new pieces.

    Statements on the table, not objects: a run that reports each epoch for itself comes here for every one of them.
    """
    last = {piece["curve"]: piece for piece in session.execute(_LAST_PIECES, {"run": run_id}).mappings()}
    longer, new = [], []
    for name in {name for _, values in points for name in values}:
        curve = [(epoch, values[name]) for epoch, values in points if name in values]
        room = curves.CHUNK - last[name]["num"] if name in last else 0
        if room > 0:
            steps, values = curves.pack(curve[:room])
            piece = last[name]
            grown = {"num": piece["num"] + len(curve[:room]), "steps": piece["steps"] + steps, "values": piece["values"] + values}
            longer.append({"run": run_id, "curve": name, "start": piece["start"], **grown})
        for start in range(max(0, room), len(curve), curves.CHUNK):
            piece = curve[start : start + curves.CHUNK]
            steps, values = curves.pack(piece)
            facts = {"run_id": run_id, "name": name, "first_step": piece[0][0], "num": len(piece)}
            new.append({**facts, "steps": steps, "values": values})
    if longer:
        session.connection().execute(_GROW_PIECE, longer)
    if new:
        session.connection().execute(insert(_PIECES), new)
