"""How curves grow in the database, within the transaction of a worker that reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

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
    for name in {name for _, told in points for name in told}:
        curve = [(epoch, told[name]) for epoch, told in points if name in told]
        room = max(0, curves.CHUNK - last[name]["num"]) if name in last else 0
        if room:
            longer.append({"run": run_id, **_grown(last[name], curve[:room])})
        pieces = [curve[start : start + curves.CHUNK] for start in range(room, len(curve), curves.CHUNK)]
        new += [{"run_id": run_id, "name": name, **_packed(piece)} for piece in pieces]
    if longer:
        session.connection().execute(_GROW_PIECE, longer)
    if new:
        session.connection().execute(insert(_PIECES), new)


def _packed(curve: curves.Curve) -> dict[str, Any]:
    steps, values = curves.pack(curve)
    return {"first_step": curve[0][0], "num": len(curve), "steps": steps, "values": values}


def _grown(piece: Mapping[Any, Any], curve: curves.Curve) -> dict[str, Any]:
    steps, values = curves.pack(curve)
    longer = {"num": piece["num"] + len(curve), "steps": piece["steps"] + steps, "values": piece["values"] + values}
    return {"curve": piece["curve"], "start": piece["start"], **longer}
