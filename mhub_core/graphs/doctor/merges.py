"""Repairs of layers that merge different shapes: Add behind a stride, Concatenate of two sizes, an image beside a row."""

from __future__ import annotations

from collections.abc import Iterator

from mhub_core.graphs.doctor.case import PASSING, Attempt, Case, Shape, configured, inserted, replaced
from mhub_core.graphs.walk import Edge, Graph, Node
from mhub_core.graphs.words import shape_text

MOST_BRANCHES = 30
_MERGES = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")


def repairs(case: Case) -> Iterator[Attempt]:
    """Yield what brings the inputs of a merging layer together."""
    # Most repairs change every branch, each with a copy of the design: not for hundreds of them.
    if not 2 <= len(case.edges) <= MOST_BRANCHES or not all(case.given):
        return
    if case.node["class"] == "Dot":
        yield from _dot(case)
    elif case.node["class"] in (*_MERGES, "Concatenate"):
        yield from _one_rank(case)
        if len({len(shape) for shape in case.given}) == 1:
            yield from _same_padding(case)
            yield from _same_sizes(case)
            yield from _same_width(case)
        yield from _only_two(case)
        yield from _without_one(case)
    elif case.node["class"] in ("Attention", "AdditiveAttention"):
        yield from _same_width(case)


def _text(shape: Shape) -> str:
    return shape_text([None, *shape])


def _one_rank(case: Case) -> Iterator[Attempt]:
    """An image or a sequence beside a row: gather it first, or repeat the row."""
    ranks = [len(shape) for shape in case.given]
    if len(set(ranks)) == 1 or min(ranks) != 1:
        return
    for make in ("GlobalAveragePooling", "Flatten"):
        graph, told = case.graph, []
        for edge, shape in zip(case.edges, case.given):
            if len(shape) > 1:
                class_name = make if make == "Flatten" else f"{make}{len(shape) - 1}D"
                graph, _ = inserted(graph, edge, class_name)
                told.append(f"Insert a {class_name} behind {case.at(edge['source'])['name']}")
        yield f"{' and '.join(told)}: it makes a row of numbers that can be joined with the other input", graph
    long = next(shape for shape in case.given if len(shape) > 1)
    if max(ranks) == 2 and long[0]:
        graph = case.graph
        for edge, shape in zip(case.edges, case.given):
            graph = inserted(graph, edge, "RepeatVector", n=long[0])[0] if len(shape) == 1 else graph
        yield f"Insert a RepeatVector: it gives the row to each of the {long[0]} steps", graph


def _branch(case: Case, edge: Edge) -> list[Node]:
    """Return the layers of one branch, from the merging layer back to where the branches part."""
    found = []
    for node in case.back(case.at(edge["source"]), through=None):
        if len(case.following[node["id"]]) > 1:
            break
        found.append(node)
    return found


def _same_padding(case: Case) -> Iterator[Attempt]:
    """A convolution without padding made one branch a little smaller."""
    if len({tuple(shape[:-1]) for shape in case.given}) == 1:
        return
    valid = [
        node
        for edge in case.edges
        for node in _branch(case, edge)
        if "kernel_size" in node["config"] and node["config"].get("padding", "valid") == "valid" and not _is_strided(node)
    ]
    graph = case.graph
    for node in valid:
        graph = configured(graph, node["id"], padding="same")
    if valid:
        names = " and ".join(node["name"] for node in valid)
        yield f'Set padding to "same" in {names}: the branches keep one size', graph


def _is_strided(node: Node) -> bool:
    strides = node["config"].get("strides") or 1
    return (max(strides) if isinstance(strides, list) else strides) > 1


def _same_sizes(case: Case) -> Iterator[Attempt]:
    """Bring branches of different height and width together."""
    spatial = [shape[:-1] for shape in case.given]
    if any(None in sizes for sizes in spatial) or len(spatial[0]) not in (1, 2) or len({tuple(sizes) for sizes in spatial}) == 1:
        return
    small = min(spatial, key=lambda sizes: [size or 0 for size in sizes])
    yield from _shrink(case, small)
    yield from _unstride(case)
    large = max(spatial, key=lambda sizes: [size or 0 for size in sizes])
    for target in (large, small) if len(small) == 2 else ():
        yield from _resize(case, target)
    yield from _crop(case, small)


def _shrink(case: Case, small: Shape) -> Iterator[Attempt]:
    """Where one branch is a whole number of times larger: a convolution with strides on it, or a pooling."""
    dims = len(small)
    adds = case.node["class"] in _MERGES
    channels = next(shape[-1] for shape in case.given if shape[:-1] == small)
    graph, told = case.graph, []
    for edge, shape in zip(case.edges, case.given):
        steps = [-(-(size or 0) // (less or 1)) for size, less in zip(shape, small)]
        if shape[:-1] == small:
            if adds and shape[-1] != channels:
                return
            continue
        if any(-(-(size or 0) // step) != less for size, step, less in zip(shape, steps, small)):
            return
        step = steps[0] if len(set(steps)) == 1 else steps
        if adds:
            graph, _ = inserted(graph, edge, f"Conv{dims}D", filters=channels, kernel_size=1, strides=step, padding="same")
            told.append(f"Insert a Conv{dims}D of size 1 with strides {step} behind {case.at(edge['source'])['name']}")
        else:
            graph, _ = inserted(graph, edge, f"MaxPooling{dims}D", pool_size=step, padding="same")
            told.append(f"Insert a MaxPooling{dims}D behind {case.at(edge['source'])['name']}")
    yield f"{' and '.join(told)}: both branches then come to {_text([*small, channels] if adds else small)}", graph


def _unstride(case: Case) -> Iterator[Attempt]:
    """Without its strides the branch stays as large as the other."""
    graph, names = case.graph, []
    for edge in case.edges:
        for node in _branch(case, edge):
            if "kernel_size" in node["config"] and _is_strided(node):
                graph = configured(graph, node["id"], strides=1)
                names.append(node["name"])
    if names:
        yield from _with_width(case, f"Set strides to 1 in {' and '.join(names)}: the branches keep one size", graph)


def _with_width(case: Case, words: str, graph: Graph) -> Iterator[Attempt]:
    """An Add needs the same channels too: a 1 × 1 convolution on the branch that differs."""
    channels = [shape[-1] for shape in case.given]
    if case.node["class"] not in _MERGES or len(set(channels)) == 1:
        yield words, graph
        return
    edge = case.edges[-1]
    graph, _ = inserted(graph, edge, f"Conv{len(case.given[0]) - 1}D", filters=channels[0], kernel_size=1)
    yield f"{words}; and a convolution of size 1 gives {case.at(edge['source'])['name']} {channels[0]} channels", graph


def _resize(case: Case, target: Shape) -> Iterator[Attempt]:
    graph, names = case.graph, []
    for edge, shape in zip(case.edges, case.given):
        if shape[:-1] != target:
            graph, _ = inserted(graph, edge, "Resizing", height=target[0], width=target[1])
            names.append(case.at(edge["source"])["name"])
    words = f"Insert a Resizing behind {' and '.join(names)}: it resizes the images to {_text(target)}"
    yield from _with_width(case, words, graph)


def _crop(case: Case, small: Shape) -> Iterator[Attempt]:
    """Cut what is too much off the larger branch."""
    dims, graph, names = len(small), case.graph, []
    for edge, shape in zip(case.edges, case.given):
        more = [(size or 0) - (less or 0) for size, less in zip(shape, small)]
        if any(more):
            cut = [[count // 2, count - count // 2] for count in more]
            graph, _ = inserted(graph, edge, f"Cropping{dims}D", cropping=cut if dims > 1 else cut[0])
            names.append(case.at(edge["source"])["name"])
    yield f"Insert a Cropping{dims}D behind {' and '.join(names)}: it cuts the border off, down to {_text(small)}", graph


def _same_width(case: Case) -> Iterator[Attempt]:
    """Bring the last dimension together: of rows by a Dense, of images by a convolution of size 1."""
    widths = [shape[-1] for shape in case.given]
    if len(set(widths)) == 1 or case.node["class"] == "Concatenate":
        return
    # The shorter branch is the way around: it changes, and what the longer one computed stays.
    keep = max(range(len(widths)), key=lambda place: (len(_branch(case, case.edges[place])), -place))
    layer, setting = ("Dense", {"units": widths[keep]})
    if len(case.given[keep]) in (3, 4):
        layer, setting = f"Conv{len(case.given[keep]) - 1}D", {"filters": widths[keep], "kernel_size": 1}
    graph, names = case.graph, []
    for edge, width in zip(case.edges, widths):
        if width != widths[keep]:
            graph, _ = inserted(graph, edge, layer, **setting)
            names.append(case.at(edge["source"])["name"])
    kind = "convolution of size 1" if layer != "Dense" else "Dense layer"
    unit = "channels" if layer != "Dense" else "numbers"
    yield f"Insert a {kind} behind {' and '.join(names)}: it gives {widths[keep]} {unit}, as the other branch has", graph
    yield from _fitting_units(case, widths)
    if case.node["class"] != "Attention":
        words = f"Use a Concatenate instead of {case.node['name']}: it joins inputs of different widths"
        yield words, replaced(case.graph, case.node["id"], "Concatenate", {})


def _fitting_units(case: Case, widths: list[int | None]) -> Iterator[Attempt]:
    """The last Dense or convolution of one branch can give what the other has."""
    for place, edge in enumerate(case.edges):
        wanted = widths[place - 1]
        for node in case.back(case.at(edge["source"]), through=tuple(name for name in PASSING if name != "Dense")):
            setting = {"Dense": "units", "Conv1D": "filters", "Conv2D": "filters", "SeparableConv2D": "filters"}.get(
                node["class"]
            )
            if setting and wanted and len(set(widths)) == 2 and len(case.following[node["id"]]) == 1:
                words = f"Set {setting} to {wanted} in {node['name']}: as many as the other branch has"
                yield words, configured(case.graph, node["id"], **{setting: wanted})


def _without_one(case: Case) -> Iterator[Attempt]:
    """Of three or more inputs one may have been connected by mistake."""
    for edge, shape in zip(case.edges[::-1], case.given[::-1]) if len(case.edges) > 2 else ():
        graph = {**case.graph, "edges": [item for item in case.graph["edges"] if item != edge]}
        yield f"Remove the connection from {case.at(edge['source'])['name']}: it brings {_text(shape)}", graph


def _only_two(case: Case) -> Iterator[Attempt]:
    if case.node["class"] == "Subtract" and len(case.edges) > 2:
        for edge in case.edges[:1:-1]:
            graph = {**case.graph, "edges": [item for item in case.graph["edges"] if item != edge]}
            yield f"Remove the connection from {case.at(edge['source'])['name']}: a Subtract takes two inputs", graph
        yield (
            f"Use an Add instead of {case.node['name']}: it takes any number of inputs",
            replaced(case.graph, case.node["id"], "Add", {}),
        )


def _dot(case: Case) -> Iterator[Attempt]:
    """Find the axes along which both inputs have one size."""
    first, second = case.given[:2]
    pairs = [
        [one + 1, other + 1]
        for one in reversed(range(len(first)))
        for other in reversed(range(len(second)))
        if first[one] == second[other] is not None
    ]
    for pair in pairs:
        axes = pair[0] if pair[0] == pair[1] else pair
        told = f"both inputs have {first[pair[0] - 1]} numbers there"
        yield f"Set axes to {axes} in {case.node['name']}: {told}", configured(case.graph, case.node["id"], axes=axes)
    yield from _same_width(case)
