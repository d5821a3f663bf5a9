"""How the desk of somebody who draws changes. What lies on it is in `desk_parts`.

The desk is plain JSON in the session, one for each model. Every change goes through `change`, which saves the draft at once as
one step more, so that nothing is lost on a reload and undo reaches back across tabs; a draft that another tab saved meanwhile is
not overwritten unasked. What is done to it by buttons and keys is in `actions`, by the fields of a layer's form in `arguments`;
undo, versions and the choice between two tabs are in `saving`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from mhub_core import errors
from mhub_core.catalog import catalog
from mhub_core.errors import Conflict, MHubError, Unavailable
from mhub_core.graphs import edit, layout, walk
from mhub_core.graphs import service as graphs
from mhub_core.graphs.walk import Graph
from mhub_core.models import draft_service as drafts
from mhub_core.models.records import Model
from mhub_core.ui import flow_bridge, session
from mhub_core.ui.builder.desk_parts import LOOSE, Desk, first_view, nothing_told

FACTS_SECONDS = 1.0  # A warm worker answers in a tenth of that.
MOST_ARRANGED = 200  # Larger diagrams are laid out when somebody asks for it, not at every change.


def lay_out(model: Model) -> Desk:
    """Return the desk of a model: the one in this session, or a new one when there is none, or a newer draft or person.

    A newer draft does not take the place of a design that is not saved yet: then somebody has to decide.
    """
    desk: Desk | None = st.session_state.get(_key(model.id))
    if desk is None or desk["may_edit"] != model.may_edit:
        return lay_anew(model)
    desk["content"]["name"] = model.name
    if desk["sync"]["revision"] != model.draft_revision:
        if not desk["sync"]["unsaved"]:
            return lay_anew(model)
        desk["sync"]["conflict"] = True
    return desk


def lay_anew(model: Model) -> Desk:
    """Put the draft of the database onto the desk, which stays the same dictionary: who holds it sees what is new."""
    desk: Desk = st.session_state.setdefault(_key(model.id), {})
    laid: Desk = {
        "model_id": model.id,
        "may_edit": model.may_edit,
        "content": {"name": model.name, "graph": model.draft},
        "view": first_view(model.draft_revision, desk.get("view")),
        "told": nothing_told(),
        "sync": {
            "revision": model.draft_revision,
            "can_undo": model.can_undo,
            "can_redo": model.can_redo,
            "version": None,
            "unsaved": False,
            "conflict": False,
            "away": False,
        },
    }
    desk.update(laid)
    put(desk, model.draft)
    return desk


def require(model_id: int) -> Desk:
    """Return the desk that this session has laid out."""
    desk: Desk = st.session_state[_key(model_id)]
    return desk


def _key(model_id: int) -> str:
    return f"desk_{model_id}"


def graph(desk: Desk) -> Graph:
    """Return the design that is on screen: the whole, or the sub-model that is open."""
    return edit.inside(desk["content"]["graph"], desk["view"]["inside"]) if desk["view"]["inside"] else desk["content"]["graph"]


def targets(desk: Desk) -> list[str]:
    """Return the layers that an action concerns: those that are chosen, or the one whose form is open."""
    selected = desk["view"]["selected"]
    return list(desk["view"]["chosen"]) or ([selected] if selected else [])


def hush(desk: Desk, said: str = "") -> None:
    """Take back what was said of what was done before."""
    desk["told"].update({"error": None, "problems": {}, "said": said})


@contextmanager
def told(desk: Desk) -> Iterator[None]:
    """What goes wrong inside lies on the desk in words."""
    hush(desk)
    try:
        yield
    except MHubError as error:
        desk["told"]["error"] = errors.to_json(error)


def tell_beside_fields(desk: Desk, form: str = "") -> None:
    """Have the problems of fields stand beside these, and nowhere else. What is no field's stays above the diagram.

    `form` comes before their names, where fields of several forms on screen have the same ones.
    """
    problems = desk["told"]["error"]["problems"] if desk["told"]["error"] else {}
    if problems:
        desk["told"].update({"error": None, "problems": {f"{form}{name}": words for name, words in problems.items()}})


def change(model_id: int, function: Callable[..., Any], *arguments: Any, **options: Any) -> bool:
    """Change the open design by one of `edit`'s functions and save it. True: it worked; else the desk says in words what did not.

    A function that returns ids beside the design has these selected.
    """
    desk = require(model_id)
    with told(desk):
        before = graph(desk)
        result = function(before, *arguments, **options)
        after, touched = result if isinstance(result, tuple) else (result, None)
        by_hand = function is edit.set_positions or options.get("position") is not None
        after = _keep_arranged(desk, before, after, by_hand)
        if after != before:
            path = desk["view"]["inside"]
            keep(desk, edit.with_inside(desk["content"]["graph"], path, after) if path else after)
        if touched is not None:
            choose(desk, touched if isinstance(touched, list) else [touched])
            desk["view"]["fit"] = desk["view"]["fit"] or (not by_hand and next(iter(targets(desk)), False))
        return True
    return False


def press(model_id: int, function: Callable[..., Any], *arguments: Any, **options: Any) -> None:
    """Do as `change`, for a button, which has no use for an answer."""
    change(model_id, function, *arguments, **options)


def _keep_arranged(desk: Desk, before: Graph, after: Graph, by_hand: bool) -> Graph:
    """What was laid out stays so until somebody moves a layer by hand."""
    if by_hand:
        desk["view"]["arranged"] = False
    if by_hand or len(after["nodes"]) > MOST_ARRANGED or _skeleton(before) == _skeleton(after):
        return after
    if desk["view"]["arranged"] is None:
        desk["view"]["arranged"] = layout.arrange(before) == before
    return layout.arrange(after) if desk["view"]["arranged"] else after


def _skeleton(design: Graph) -> Any:
    return [node["id"] for node in design["nodes"]], design["edges"]


def put(desk: Desk, whole: Graph) -> None:
    """Put a design on the desk; what is open and what is selected must still be in it."""
    desk["content"]["graph"] = whole
    while desk["view"]["inside"] and not _is_there(whole, desk["view"]["inside"]):
        desk["view"]["inside"] = desk["view"]["inside"][:-1]
    shown = graph(desk)
    ids = walk.nodes_by_id(shown)
    desk["view"]["selected"] = desk["view"]["selected"] if desk["view"]["selected"] in ids else None
    desk["view"]["chosen"] = [node_id for node_id in desk["view"]["chosen"] if node_id in ids]
    edges = [[edge["source"], edge["target"]] for edge in shown["edges"]]
    desk["view"]["edge"] = desk["view"]["edge"] if desk["view"]["edge"] in edges else None


def _is_there(whole: Graph, path: list[str]) -> bool:
    try:
        edit.inside(whole, path)
    except MHubError:
        return False
    return True


def keep(desk: Desk, whole: Graph) -> None:
    """Save a design and put it on the desk. Raises Invalid for one that is refused, which is not put there.

    A newer draft of another tab is not overwritten: the desk says so until somebody decides. While the database is away the
    design stays here, not saved: the next change, or whatever needs it to be saved, tries again.
    """
    try:
        revision = drafts.save_draft(session.require_user(), desk["model_id"], whole, desk["sync"]["revision"])
    except Conflict:
        desk["sync"].update({"unsaved": True, "conflict": True})
    except Unavailable as error:
        desk["sync"]["unsaved"] = True
        desk["told"]["error"] = errors.to_json(error)
    else:
        desk["sync"].update({"revision": revision, "unsaved": False, "conflict": False})
    desk["sync"].update({"can_undo": True, "can_redo": False})
    put(desk, whole)


def select(model_id: int, node_id: str | None, edge: tuple[str, str] | None = None) -> None:
    """Open the form of a layer, or of a connection, or none: in any case of no several layers."""
    desk = require(model_id)
    desk["view"].update({"selected": node_id, "edge": list(edge) if edge else None, "chosen": [], "several": False})
    hush(desk)


def choose(desk: Desk, node_ids: list[str]) -> None:
    """Take several layers as chosen; one alone has its form open instead."""
    ids = walk.nodes_by_id(graph(desk))
    found = [node_id for node_id in dict.fromkeys(node_ids) if node_id in ids]
    alone = len(found) == 1 and not desk["view"]["several"]
    desk["view"].update({"selected": found[0] if alone else None, "chosen": [] if alone else found, "edge": None})


def open_inside(model_id: int, path: list[str]) -> None:
    """Show the design inside a sub-model; an empty path is the whole."""
    desk = require(model_id)
    if _is_there(desk["content"]["graph"], path):
        desk["view"].update({"inside": list(path), "selected": None, "chosen": [], "edge": None, "arranged": None, "fit": True})
        hush(desk)


def names_inside(desk: Desk) -> list[str]:
    """Return the names of the sub-models that are open, from the outermost."""
    whole, path = desk["content"]["graph"], desk["view"]["inside"]
    return [edit.require_node(edit.inside(whole, path[:depth]), path[depth])["name"] for depth in range(len(path))]


def add(model_id: int, class_name: str, **where: Any) -> None:
    """Add a layer at a place as `edit.add_node` takes it. Without one it goes where the palette says.

    That is onto the selected connection, after or before the selected layer, at the end, or loose.
    """
    desk = require(model_id)
    before = graph(desk)
    if change(model_id, edit.add_node, class_name, **(where or place(desk, class_name))) and graph(desk) != before:
        desk["view"].update({"edge": None, "fit": not where.get("position")})


def place(desk: Desk, class_name: str = "") -> dict[str, str | None]:
    """Return where the palette puts a new layer, as `edit.add_node` takes it."""
    design = graph(desk)
    block = catalog.get_block("layer", class_name)
    if desk["view"]["place"] == LOOSE or not design["nodes"] or (block and block.role == "input"):
        return {}
    if desk["view"]["edge"]:
        return {"after": desk["view"]["edge"][0], "before": desk["view"]["edge"][1]}
    if desk["view"]["selected"]:
        return {desk["view"]["place"]: desk["view"]["selected"]}
    ends = walk.outputs(design)
    if len(ends) != 1:
        return {}
    # The last layer is the answer of the model: what is added goes in front of it.
    return {"before": ends[0]} if walk.incoming(design)[ends[0]] else {"after": ends[0]}


def show(model_id: int, node_id: str) -> None:
    """Open the form of a layer and bring it into view."""
    select(model_id, node_id)
    require(model_id)["view"]["fit"] = node_id


def fit(model_id: int) -> None:
    """Show all of the diagram."""
    require(model_id)["view"]["fit"] = flow_bridge.WHOLE


def facts(desk: Desk) -> dict[str, Any] | None:
    """Return the live facts of the open design, or None while they are awaited: its worker is away, or it is very large.

    After one vain wait they are not waited for here again, so that drawing goes on: `is_worker_back` asks.
    """
    if desk["sync"]["away"]:
        return None
    try:
        found = graphs.facts_soon(graph(desk), FACTS_SECONDS)
    except MHubError:
        found = None
    desk["sync"]["away"] = found is None
    return found


def is_worker_back(desk: Desk) -> bool:
    """Ask the worker again."""
    desk["sync"]["away"] = False
    return facts(desk) is not None
