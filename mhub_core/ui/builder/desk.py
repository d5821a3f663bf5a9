"""What lies on the desk of somebody who draws: the design, its history, what is selected. And every way to change it.

The desk is plain JSON in the session, one for each model. Every change goes through `change`, which remembers the step before and
saves the draft at once, so that nothing is lost on a reload; a draft that another tab saved meanwhile is not overwritten unasked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from mhub_core import queue
from mhub_core.catalog import catalog
from mhub_core.errors import Conflict, MHubError
from mhub_core.graphs import edit, history, layout, walk
from mhub_core.graphs import service as graphs
from mhub_core.graphs.walk import Graph
from mhub_core.models import service as models
from mhub_core.models.records import Model
from mhub_core.ui import flow, session
from mhub_core.ui.forms import fields

Desk = dict[str, Any]
AFTER, BEFORE, LOOSE = "after", "before", "loose"
FACTS_SECONDS = 1.0  # A warm worker answers in a tenth of that.


def lay_out(model: Model) -> Desk:
    """Return the desk of a model: the one in this session, or a new one when there is none, or the draft or the person is newer."""
    key = _key(model.id)
    desk = st.session_state.get(key)
    if desk is None or desk["may_edit"] != model.may_edit or (desk["revision"] != model.draft_revision and not desk["conflict"]):
        desk = st.session_state[key] = {
            "model_id": model.id,
            "graph": model.draft,
            "revision": model.draft_revision,
            "may_edit": model.may_edit,
            "history": history.new(),
            "selected": None,
            "edge": None,
            "place": AFTER,
            "generation": model.draft_revision,
            "fit": True,
            "view": None,
            "error": None,
            "problems": {},
            "conflict": False,
            "away": False,
        }
    return desk


def require(model_id: int) -> Desk:
    """Return the desk that this session has laid out."""
    return st.session_state[_key(model_id)]


def _key(model_id: int) -> str:
    return f"desk_{model_id}"


def change(model_id: int, function: Callable[..., Any], *arguments: Any, **options: Any) -> bool:
    """Change the design by one of `edit`'s functions and save it. What goes wrong lies on the desk in words. True: it worked."""
    desk = require(model_id)
    desk["error"], desk["problems"] = None, {}
    try:
        result = function(desk["graph"], *arguments, **options)
    except MHubError as error:
        desk["error"] = queue.error_to_json(error)
        return False
    graph, selected = result if isinstance(result, tuple) else (result, desk["selected"])
    if function is not edit.set_positions and layout.arrange(desk["graph"]) == desk["graph"]:
        graph = layout.arrange(graph)  # What was laid out stays so until somebody moves a layer by hand.
    if graph != desk["graph"]:
        desk["history"] = history.push(desk["history"], desk["graph"])
        _show(desk, graph, selected)
        save(desk)
    return True


def _show(desk: Desk, graph: Graph, selected: str | None) -> None:
    """Put a design on the desk; what is selected must still be in it."""
    desk["graph"] = graph
    desk["selected"] = selected if selected in walk.nodes_by_id(graph) else None
    edges = [[edge["source"], edge["target"]] for edge in graph["edges"]]
    desk["edge"] = desk["edge"] if desk["edge"] in edges else None


def save(desk: Desk) -> None:
    """Save the draft. A newer one of another tab is not overwritten: the desk says so until somebody decides."""
    try:
        desk["revision"] = models.save_draft(session.get_viewer(), desk["model_id"], desk["graph"], desk["revision"])
    except Conflict:
        desk["conflict"] = True
    except MHubError as error:
        desk["error"] = queue.error_to_json(error)


def load_newer(model_id: int) -> None:
    """Put the draft that another tab saved onto the desk."""
    st.session_state.pop(_key(model_id), None)
    lay_out(models.require_model(session.get_viewer(), model_id))


def keep_mine(model_id: int) -> None:
    """Overwrite the draft that another tab saved. Its design stays one step back in the history."""
    desk = require(model_id)
    theirs = models.require_model(session.get_viewer(), model_id)
    desk["history"] = history.push(desk["history"], theirs.draft)
    desk.update(revision=theirs.draft_revision, conflict=False)
    save(desk)


def step_back(model_id: int) -> None:
    """Undo."""
    _travel(require(model_id), history.undo)


def step_forward(model_id: int) -> None:
    """Redo."""
    _travel(require(model_id), history.redo)


def _travel(desk: Desk, direction: Callable[..., Any]) -> None:
    desk["error"], desk["problems"] = None, {}
    desk["history"], graph = direction(desk["history"], desk["graph"])
    desk["generation"] += 1  # The fields of the form show the values of that time.
    _show(desk, graph, desk["selected"])
    save(desk)


def select(model_id: int, node_id: str | None) -> None:
    """Open the form of a layer; a second click on the same one in the list closes it."""
    desk = require(model_id)
    desk.update(selected=node_id, edge=None, error=None, problems={})


def hear(desk: Desk, key: str) -> None:
    """Take in what was done in the diagram since the last run."""
    event = flow.next_event(desk["graph"], key)
    if event is None:
        return
    if event.selected:
        select(desk["model_id"], event.selected)
    if event.edge:
        desk.update(edge=list(event.edge), selected=None, error=None)
    if event.moved and desk["may_edit"]:
        change(desk["model_id"], edit.set_positions, event.moved)
    for source, target in event.connected if desk["may_edit"] else ():
        change(desk["model_id"], edit.connect, source, target)


def add(model_id: int, class_name: str) -> None:
    """Add a layer where the palette says: onto the selected connection, after or before the selected layer, at the end, or loose."""
    desk = require(model_id)
    place = _place(desk, class_name)
    graph = desk["graph"]
    if change(model_id, edit.add_node, class_name, **place) and desk["graph"] != graph:
        desk["edge"] = None
        desk["fit"] = True


def _place(desk: Desk, class_name: str) -> dict[str, str | None]:
    graph = desk["graph"]
    block = catalog.get_block("layer", class_name)
    if desk["place"] == LOOSE or not graph["nodes"] or (block and block.role == "input"):
        return {}
    if desk["edge"]:
        return {"after": desk["edge"][0], "before": desk["edge"][1]}
    if desk["selected"]:
        return {desk["place"]: desk["selected"]}
    ends = walk.outputs(graph)
    if len(ends) != 1:
        return {}
    # The last layer is the answer of the model: what is added goes in front of it.
    return {"before": ends[0]} if walk.incoming(graph)[ends[0]] else {"after": ends[0]}


def remove(model_id: int, node_id: str) -> None:
    """Delete a layer and select the one before it, so that several clicks delete several layers."""
    desk = require(model_id)
    before = next((edge["source"] for edge in desk["graph"]["edges"] if edge["target"] == node_id), None)
    if change(model_id, edit.remove, node_id):
        desk["selected"] = before
        desk["fit"] = True


def arrange(model_id: int) -> None:
    """Lay the diagram out and show all of it."""
    change(model_id, layout.arrange)
    fit(model_id)


def fit(model_id: int) -> None:
    """Show all of the diagram."""
    require(model_id)["fit"] = True


def rename(model_id: int, node_id: str, name: str) -> None:
    """Give a layer another name. What is wrong with it is told beside the field."""
    if not change(model_id, edit.rename, node_id, name):
        desk = require(model_id)
        desk.update(problems=desk["error"]["problems"], error=None)


def take_value(model_id: int, node_id: str, path: fields.Path, value: Any) -> bool:
    """Take one field of a layer's form. What is wrong with it is told beside the field."""
    if change(model_id, _set_argument, node_id, path, value):
        return True
    desk = require(model_id)
    told = desk["error"]["problems"].get(path[0], desk["error"]["happened"])
    desk.update(error=None, problems={".".join(path): told})
    return False


def _set_argument(graph: Graph, node_id: str, path: fields.Path, value: Any) -> Graph:
    node = edit.require_node(graph, node_id)
    config = fields.with_value(catalog.require_layer(node["class"]), node["config"], path, value)
    return edit.set_config(graph, node_id, config)


def back_to_default(model_id: int, node_id: str, path: fields.Path, default: Any) -> None:
    """Set one field back to its default, and have the form show it."""
    if take_value(model_id, node_id, path, default):
        require(model_id)["generation"] += 1


def refuse_value(model_id: int, path: fields.Path, words: str) -> None:
    """Note what is wrong with a field; the design stays as it was."""
    require(model_id)["problems"] = {".".join(path): words}


def reset(model_id: int, node_id: str) -> None:
    """Set all arguments of a layer back to their defaults, but for those that it needs."""
    desk = require(model_id)
    node = edit.require_node(desk["graph"], node_id)
    needed = {item.name for item in catalog.require_layer(node["class"]).arguments if item.required}
    if change(model_id, edit.set_config, node_id, {name: value for name, value in node["config"].items() if name in needed}):
        desk["generation"] += 1


def facts(desk: Desk) -> dict[str, Any] | None:
    """Return the live facts of the design, or None while the worker that computes them is away.

    After one vain wait it is not asked here again, so that drawing goes on without waits: `is_worker_back` asks.
    """
    if desk["away"]:
        return None
    try:
        return graphs.facts(desk["graph"], seconds=FACTS_SECONDS)
    except MHubError:
        desk["away"] = True
        return None


def is_worker_back(desk: Desk) -> bool:
    """Ask the worker again."""
    desk["away"] = False
    return facts(desk) is not None
