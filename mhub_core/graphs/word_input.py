"""Designs that take the numbers of words: their Embedding follows the vocabulary, and other designs get one."""

from __future__ import annotations

from mhub_core.errors import Invalid
from mhub_core.graphs import edit, walk
from mhub_core.graphs.walk import Graph, Node

WIDTH = 32  # learned numbers of a word, where a design has no layer for words
DTYPE = "int32"
_EMBEDDINGS = ("Embedding", "ReversibleEmbedding")
_OF_STRINGS = ("StringLookup", "TextVectorization")
_TAKE_ANY_SHAPE = ("Flatten", "Reshape")
# They hand the numbers of words on as they are.
_PASS_ON = ("Identity", "Reshape", "Flatten", "Permute", "RepeatVector", "Concatenate", "Cropping1D", "ZeroPadding1D")


def enter(graph: Graph, node_id: str, rank: int, num_words: int, said: list[str]) -> tuple[Graph, str, list[int]]:
    """Give a design, whose input is a text now, a layer for words if it has none. `rank`: of the input that it was drawn for.

    Returns the design, the layer behind which it goes on, and the shape that this gives.
    """
    length = edit.require_node(graph, node_id)["config"]["shape"][0]
    if _embeddings(graph, [node_id]):
        return graph, node_id, [length]
    graph, behind = edit.add_node(graph, "Embedding", config={"input_dim": num_words, "output_dim": WIDTH}, after=node_id)
    said.append(f"An Embedding layer was added: it gives each of the {num_words:,} words {WIDTH} learned numbers.")
    fed = [edit.require_node(graph, edge["target"]) for edge in walk.outgoing(graph)[behind]]
    if rank != 1 or any(walk.owner(graph, layer)["class"] in _TAKE_ANY_SHAPE for layer in fed):
        return graph, behind, [length, WIDTH]
    graph, behind = edit.add_node(graph, "GlobalAveragePooling1D", after=behind)
    said.append("A GlobalAveragePooling1D layer was added: it takes the mean over the words of a text, in whatever order.")
    return graph, behind, [WIDTH]


def fit_vocabulary(graph: Graph, num_words: int, said: list[str]) -> None:
    """Let the layers that take the numbers of words know all of them."""
    for layer in _embeddings(graph, walk.inputs(graph)):
        if (before := layer["config"].get("input_dim")) != num_words:
            layer["config"]["input_dim"] = num_words
            said.append(f"{layer['name']} has {num_words:,} words, those of this dataset, instead of {before:,}.")


def _embeddings(graph: Graph, starts: list[str]) -> list[Node]:
    """Return the layers that get the numbers of words from some layers, in sub-models as well. Raises Invalid for a layer that
    takes the words themselves."""
    feeding, nodes, carrying = walk.incoming(graph), walk.nodes_by_id(graph), set(starts)
    found: list[Node] = []
    for node_id in walk.topological(graph):
        if not any(edge["source"] in carrying for edge in feeding[node_id]):
            continue
        node = walk.owner(graph, nodes[node_id])
        inside = walk.inner(node)
        if node["class"] in _EMBEDDINGS:
            found.append(node)
        elif node["class"] in _OF_STRINGS:
            raise _takes_strings(node)
        elif node["class"] in _PASS_ON:
            carrying.add(node_id)
        elif inside is not None:
            found += _embeddings(inside, walk.inputs(inside))
    return found


def _takes_strings(node: Node) -> Invalid:
    return Invalid(
        f"{node['name']} ({node['class']}) takes texts as they are written.",
        "The hub takes texts apart itself and gives a model the numbers of their words.",
        f"Remove {node['name']} and let an Embedding layer take the input.",
    )
