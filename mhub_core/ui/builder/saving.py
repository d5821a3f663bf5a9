"""What is done with the draft that the database has: undo, redo, versions, and the choice between two tabs."""

from __future__ import annotations

from collections.abc import Callable

from mhub_core.errors import Conflict
from mhub_core.models import draft_service as drafts
from mhub_core.models import service as models
from mhub_core.models.records import Draft
from mhub_core.ui import session
from mhub_core.ui.builder import desk as desks
from mhub_core.ui.builder.desk_parts import Desk

BEHIND = "This diagram was changed in another tab. The newest version is now shown; nothing else was done."
CHOOSE = "First choose which design to keep: the newer one or yours."


def save(model_id: int) -> None:
    """Try again to save what could not be saved."""
    desk = desks.require(model_id)
    with desks.told(desk):
        _is_saved(desk)


def _is_saved(desk: Desk) -> bool:
    """Tell whether the database has what is on the desk, once what it has not is tried again; if not, the desk says why."""
    if desk["sync"]["unsaved"]:
        desks.keep(desk, desk["content"]["graph"])
    if desk["sync"]["conflict"]:
        desk["told"]["said"] = CHOOSE
    return not desk["sync"]["unsaved"]


def load_newer(model_id: int) -> None:
    """Put the draft that another tab saved onto the desk."""
    with desks.told(desks.require(model_id)):
        desks.lay_anew(models.require_model(session.get_viewer(), model_id))


def keep_mine(model_id: int) -> None:
    """Overwrite the draft that another tab saved. Its design stays one step back in the history."""
    desk = desks.require(model_id)
    with desks.told(desk):
        desk["sync"]["revision"] = models.require_model(session.get_viewer(), model_id).draft_revision
        desks.keep(desk, desk["content"]["graph"])


def step_back(model_id: int) -> None:
    """Undo."""
    _with_saved(model_id, lambda desk: _travel(desk, drafts.undo))


def step_forward(model_id: int) -> None:
    """Redo."""
    _with_saved(model_id, lambda desk: _travel(desk, drafts.redo))


def _travel(desk: Desk, verb: Callable[..., Draft]) -> None:
    draft = verb(session.get_viewer(), desk["model_id"], desk["sync"]["revision"])
    desk["sync"].update({"revision": draft.revision, "can_undo": draft.can_undo, "can_redo": draft.can_redo})
    desk["view"]["arranged"] = None
    desk["view"]["generation"] += 1  # The fields of the form show the values of that time.
    desks.put(desk, draft.graph)


def keep_version(model_id: int, note: str = "") -> None:
    """Make the design on the desk a version, whose id then lies there; else the desk says in words what keeps it from that."""

    def make(desk: Desk) -> None:
        desk["sync"]["version"] = drafts.save_version(session.require_user(), model_id, note, desk["sync"]["revision"])

    desks.require(model_id)["sync"]["version"] = None
    _with_saved(model_id, make)


def _with_saved(model_id: int, verb: Callable[[Desk], None]) -> None:
    """Do what concerns the saved draft, if that is what is on screen. Else the desk has the newer one, or says what is wrong."""
    desk = desks.require(model_id)
    with desks.told(desk):
        try:
            if _is_saved(desk):
                verb(desk)
        except Conflict:
            # Nothing of this tab is lost, so there is nothing to choose.
            desks.lay_anew(models.require_model(session.get_viewer(), model_id))
            desk["told"]["said"] = BEHIND
