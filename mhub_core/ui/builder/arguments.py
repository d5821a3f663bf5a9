"""What the fields of a layer's form do to the design: its name and its arguments. What is wrong is told beside the field."""

from __future__ import annotations

from typing import Any

from mhub_core.catalog import catalog
from mhub_core.graphs import edit
from mhub_core.graphs.walk import Graph
from mhub_core.ui.builder import desk as desks
from mhub_core.ui.forms import fields


def rename(model_id: int, node_id: str, name: str) -> None:
    """Give a layer another name."""
    desks.change(model_id, edit.rename, node_id, name)
    desks.tell_beside_fields(desks.require(model_id))


def take_value(model_id: int, node_id: str, path: fields.Path, value: Any) -> bool:
    """Take one field of a layer's form."""
    if desks.change(model_id, _set_argument, node_id, path, value):
        return True
    desk = desks.require(model_id)
    error = desk["told"]["error"] or {"problems": {}, "happened": ""}
    told = error["problems"].get(path[0], error["happened"])
    desk["told"].update({"error": None, "problems": {".".join(path): told}})
    return False


def _set_argument(graph: Graph, node_id: str, path: fields.Path, value: Any) -> Graph:
    node = edit.require_node(graph, node_id)
    config = fields.with_value(catalog.require_layer(node["class"]), node["config"], path, value)
    return edit.set_config(graph, node_id, config)


def back_to_default(model_id: int, node_id: str, path: fields.Path, default: Any) -> None:
    """Set one field back to its default, and have the form show it."""
    if take_value(model_id, node_id, path, default):
        desks.require(model_id)["view"]["generation"] += 1


def reset(model_id: int, node_id: str) -> None:
    """Set all arguments of a layer back to their defaults, but for those that it needs."""
    desk = desks.require(model_id)
    node = edit.require_node(desks.graph(desk), node_id)
    needed = {item.name for item in catalog.require_layer(node["class"]).arguments if item.required}
    if desks.change(
        model_id, edit.set_config, node_id, {name: value for name, value in node["config"].items() if name in needed}
    ):
        desk["view"]["generation"] += 1
