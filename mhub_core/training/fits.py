"""What fits what: which stock architectures this hub can train, and which designs were drawn for a kind of data."""

from __future__ import annotations

from collections import Counter

from mhub_core.data.records import DataSpec
from mhub_core.errors import Invalid
from mhub_core.graphs import adapt, layout, stock, walk
from mhub_core.graphs.stock import Stock
from mhub_core.graphs.walk import Graph
from mhub_core.kinds.registry import KINDS, require_kind
from mhub_core.tasks.registry import TASKS, require_task

_ACTIVATIONS = ("Activation", "Softmax")  # that stand in a layer of their own
_ANY_DATA = "Rescaling"  # follows the range of the numbers, not what a design is for


def trains_here(item: Stock) -> bool:
    """Tell whether the hub has data and a task for an architecture."""
    return item.task in TASKS and not KINDS.keys().isdisjoint(item.fed_by)


def list_stock(data: DataSpec) -> list[Stock]:
    """Return the architectures that are made for such data, the best to begin with first."""
    return stock.list_stock(data.kind, data.task)


def drawn_for(item: Stock, data: DataSpec) -> Graph:
    """Return the design of an architecture with the input and output of such data, laid out."""
    fitted, _ = _fitted(item.graph(), data)
    return layout.arrange(fitted)


def _fitted(graph: Graph, data: DataSpec) -> tuple[Graph, list[str]]:
    return adapt.adapt(graph, require_kind(data.kind).input(data), require_task(data.task).output(data))


def is_for(graph: Graph, data: DataSpec) -> bool:
    """Tell whether a design was drawn for such data: to fit it only sizes change, no layer and no kind of output."""
    return num_changes(graph, data) is not None


def num_changes(graph: Graph, data: DataSpec) -> int | None:
    """Return how many changes of sizes let a design fit the data; None when it was not drawn for such data."""
    try:
        fitted, said = _fitted(graph, data)
    except Invalid:
        return None
    same = _layers(fitted) == _layers(graph) and _tells_classes(fitted) == _tells_classes(graph)
    return len(said) if same else None


def _layers(graph: Graph) -> tuple[Counter[str], set[int]]:
    """Return how many layers of each class there are, and how many dimensions the inputs have."""
    layers = [node for node in walk.all_resolved(graph).values() if node["class"] != _ANY_DATA]
    inputs = [node for node in layers if node["class"] == "InputLayer"]  # several take the same data, through one
    others = Counter(node["class"] for node in layers if node not in inputs)
    return others, {len(node["config"].get("shape") or ()) for node in inputs}


def _tells_classes(graph: Graph) -> bool:
    """Tell whether the output is one value for each of several classes, or a probability, and not one number."""
    last = walk.resolved(graph, walk.nodes_by_id(graph)[walk.ends(graph)[0][0]])
    settings = last["config"]
    num = settings.get("units", settings.get("filters", 1))
    return last["class"] in _ACTIVATIONS or settings.get("activation") in ("softmax", "sigmoid") or num > 1
