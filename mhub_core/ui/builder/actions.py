"""What buttons, menus, keys and the mouse do to the layers that are selected. Every action has a name, for the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mhub_core.errors import Invalid
from mhub_core.graphs import design, edit, layout, walk
from mhub_core.graphs.walk import Graph
from mhub_core.models import shelf_service as shelf
from mhub_core.ui import flow, session
from mhub_core.ui.builder import desk as desks
from mhub_core.ui.builder import saving
from mhub_core.ui.builder.desk_parts import Desk
from mhub_core.ui.dataset_words import counted

PIECE = "piece_"  # the form that makes something of the layers that are selected
Verb = Callable[[], Any]


def hear(desk: Desk, key: str) -> None:
    """Take in what was done in the diagram, or on the keyboard, since the last run."""
    event = flow.next_event(desks.graph(desk), key)
    if event is None:
        return
    model_id = desk["model_id"]
    if event.selected:
        desks.select(model_id, event.selected)
    if event.edge:
        desks.select(model_id, None, event.edge)
    if event.chosen is not None:
        desks.choose(desk, list(event.chosen))
    if desk["may_edit"]:
        _hear_changes(model_id, event)
    if event.opened:
        desks.open_inside(model_id, [*desk["view"]["inside"], event.opened])
    if event.action:
        act(model_id, event.action)


def _hear_changes(model_id: int, event: flow.GraphEvent) -> None:
    if event.moved:
        desks.change(model_id, edit.set_positions, event.moved)
    for source, target in event.connected:
        _connect(model_id, source, target)
    if event.added:
        desks.add(model_id, event.added)
    if event.dropped:
        _drop(model_id, event.dropped)


def _connect(model_id: int, source: str, target: str) -> None:
    """Draw a connection, and say which one had to make room for it."""
    desk = desks.require(model_id)
    before = desks.graph(desk)
    if desks.change(model_id, edit.connect, source, target):
        kept = {(edge["source"], edge["target"]) for edge in desks.graph(desk)["edges"]}
        names = {node["id"]: node["name"] for node in before["nodes"]}
        gone = [names[edge["source"]] for edge in before["edges"] if (edge["source"], edge["target"]) not in kept]
        if gone:
            desk["told"]["said"] = (
                f"{names[target]} takes only one input, so the connection from {gone[0]} was removed. Undo restores it."
            )


def _drop(model_id: int, drop: flow.Drop) -> None:
    """Put a layer where it was let go: onto a connection, behind a layer, or into the open."""
    if drop.on_edge:
        desks.add(model_id, drop.class_name, after=drop.on_edge[0], before=drop.on_edge[1])
    elif drop.on_node:
        desks.add(model_id, drop.class_name, after=drop.on_node)
    else:
        desks.add(model_id, drop.class_name, position=drop.position)


def act(model_id: int, action: str) -> None:
    """Do what a key or the menu asks for. A name that is none is passed over: it may come from the browser."""
    desk = desks.require(model_id)
    if action in ACTIONS and (desk["may_edit"] or action in FOR_ALL):
        ACTIONS[action](model_id)


def remove(model_id: int, node_id: str) -> None:
    """Delete a layer and select the one before it, so that several clicks delete several layers."""
    desk = desks.require(model_id)
    before = next((edge["source"] for edge in desks.graph(desk)["edges"] if edge["target"] == node_id), None)
    if desks.change(model_id, edit.remove, node_id):
        desk["view"].update({"selected": None if desk["view"]["several"] else before, "fit": True})


def delete(model_id: int) -> None:
    """Delete the connection or the layers that are selected."""
    desk = desks.require(model_id)
    chosen = desks.targets(desk)
    if desk["view"]["edge"]:
        desks.change(model_id, edit.disconnect, *desk["view"]["edge"])
    elif len(chosen) == 1:
        remove(model_id, chosen[0])
    elif chosen and desks.change(model_id, edit.remove_many, chosen):
        desk["view"]["fit"] = True
        desk["told"]["said"] = f"{len(chosen)} layers deleted. Undo restores them."


def copy(model_id: int) -> None:
    """Put the selected layers, with the connections between them, onto the person's clipboard."""
    desk = desks.require(model_id)
    chosen = desks.targets(desk)
    if not chosen:
        desk["told"]["said"] = "Nothing is selected. Click a layer first."
        return
    with desks.told(desk):
        shelf.copy_to_clipboard(session.require_user(), edit.cut_out(desks.graph(desk), chosen))
        desk["told"]["said"] = f"{counted(len(chosen), 'layer')} copied. You can paste here, or in another model or tab."


def cut(model_id: int) -> None:
    """Copy the selected layers, then delete them."""
    desk = desks.require(model_id)
    copy(model_id)
    if desks.targets(desk) and not desk["told"]["error"]:
        delete(model_id)


def paste(model_id: int) -> None:
    """Put a copy of what lies on the clipboard into the open design, and select it."""
    desk = desks.require(model_id)
    with desks.told(desk):
        piece = shelf.clipboard(session.get_viewer())
        if piece is None:
            desk["told"]["said"] = "The clipboard is empty. Copy some layers first."
        elif desks.change(model_id, edit.paste, piece):
            desk["view"]["fit"] = True


def duplicate(model_id: int) -> None:
    """Copy the selected layers beside themselves."""
    chosen = desks.targets(desks.require(model_id))
    if len(chosen) == 1:
        desks.change(model_id, edit.duplicate, chosen[0])
    elif chosen:
        desks.change(model_id, edit.duplicate_many, chosen)


def select_all(model_id: int) -> None:
    """Choose every layer of the open design."""
    desk = desks.require(model_id)
    desks.choose(desk, list(walk.nodes_by_id(desks.graph(desk))))


def choose_none(model_id: int) -> None:
    """Choose nothing."""
    desks.choose(desks.require(model_id), [])


def toggle(model_id: int, node_id: str) -> None:
    """Choose a layer too, or no longer."""
    desk = desks.require(model_id)
    others = [chosen for chosen in desk["view"]["chosen"] if chosen != node_id]
    desks.choose(desk, others if node_id in desk["view"]["chosen"] else [*others, node_id])


def arrange(model_id: int) -> None:
    """Lay the diagram out and show all of it."""
    desks.change(model_id, layout.arrange)
    desks.require(model_id)["view"].update({"arranged": True, "fit": True})


def wrap(model_id: int, name: str) -> bool:
    """Make one sub-model of the selected layers, and open its form. True: it worked."""
    desk = desks.require(model_id)
    if not desks.change(model_id, edit.wrap, desks.targets(desk), name.strip() or "block", desks.facts(desk)):
        return False
    desk["view"].update({"several": False, "fit": True})
    desks.choose(desk, desks.targets(desk))
    return True


def unwrap(model_id: int, node_id: str) -> None:
    """Put the layers of a sub-model in its place."""
    if desks.change(model_id, edit.unwrap, node_id):
        desks.require(model_id)["view"]["fit"] = True


def save_block(model_id: int, name: str, help: str) -> bool:
    """Keep the selected layers as a block of the person's own. What is wrong with a field is told beside it."""
    desk = desks.require(model_id)
    with desks.told(desk):
        piece = _piece(desk)
        shelf.save_block(session.require_user(), name, help, piece)
        loose = "" if walk.inputs(piece) else " It is inserted layer by layer, because these layers cannot form one sub-model."
        desk["told"]["said"] = f"{' '.join(name.split())} is saved. You find it under “My blocks” in your palette.{loose}"
        return True
    desks.tell_beside_fields(desk, PIECE)
    return False


def _piece(desk: Desk) -> Graph:
    """Return the selected layers as a design that can be a sub-model; where they cannot be one, just as they are."""
    graph, chosen = desks.graph(desk), desks.targets(desk)
    try:
        wrapped, node_id = edit.wrap(graph, chosen, "piece", desks.facts(desk))
    except Invalid:
        return edit.cut_out(graph, chosen)
    return walk.inner(edit.require_node(wrapped, node_id)) or design.empty()


ACTIONS: dict[str, Callable[[int], None]] = {
    "undo": saving.step_back,
    "redo": saving.step_forward,
    "cut": cut,
    "copy": copy,
    "paste": paste,
    "duplicate": duplicate,
    "delete": delete,
    "select_all": select_all,
    "arrange": arrange,
    "fit": desks.fit,
}
FOR_ALL = ("copy", "select_all", "fit")  # whoever may look may do these
