"""`python -m tests.round_trips [every]`: every layer with a form goes out of the hub and comes back, and is the same.

Each layer stands in a design of its own, once with the settings that it needs and once with every nested one (initializers,
regularizers, constraints, activations) other than the default; with `every`, also once for each argument of each form. From
the design Keras makes a model. Four ways lead on:

- keras: the model's own JSON is read into a design again, and built
- script: the design as Python, run in a child
- read: the design as Python is read into a design again, and built
- json: the design as Keras JSON, which Keras reads

Each time the settings of all layers must be equal, and all weights equal after the same seed, number for number. (Keras makes
all layers of a JSON before it calls the first, which draws other random numbers: there only the shapes of the weights count.)
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.simplefilter("ignore")

import keras  # noqa: E402

from mhub_core import settings  # noqa: E402
from mhub_core.catalog import catalog, generate  # noqa: E402
from mhub_core.catalog.records import Block  # noqa: E402
from mhub_core.graphs import design, export, ports  # noqa: E402
from mhub_core.graphs.engine.build import build  # noqa: E402
from mhub_core.graphs.engine.facts import facts  # noqa: E402
from mhub_core.graphs.walk import Graph  # noqa: E402
from mhub_core.reading.read import read_text  # noqa: E402

LIMIT = 50_000_000
SEED = 5
SHAPES = ([8, 8, 3], [6, 8], [8], [8, 8, 32], [8, 8, 8, 3], [4, 6, 6, 6, 2], [2000, 1], [4, 4])
PARTS = {"GRUCell", "LSTMCell", "SimpleRNNCell", "StackedRNNCells"}
NESTED = {
    "initializer": {"class": "RandomNormal", "config": {"stddev": 0.02}},
    "regularizer": {"class": "L1L2", "config": {"l1": 0.001, "l2": 0.002}},
    "constraint": {"class": "MaxNorm", "config": {"max_value": 3.0}},
    "activation": "tanh",
}
DENSE = {"class": "Dense", "config": {"units": 2}}
# Keras 3.15.1 itself cannot put these into a model, only into a Pipeline: they hand back the very tensor that came in.
NOT_IN_A_MODEL = {"Equalization"}
# Keras 3.15.1 writes the seed that these drew when nobody chose one: what is read has one draw less to make.
DRAWS_A_SEED = {"RandomCrop"}
Made = tuple[list[Any], list[tuple[tuple[int, ...], str]]]  # The settings of all layers; shape and hash of all weights.
Case = tuple[str, Graph]


def forms() -> list[Block]:
    """Return the layers that have a form."""
    return [block for block in catalog.list_layers() if not block.no_form]


def plain(block: Block) -> dict[str, Any]:
    """Return the settings that a layer needs."""
    return {**catalog.first_config(block), **({"seed": SEED} if block.name in DRAWS_A_SEED else {})}


def nested(block: Block) -> dict[str, Any]:
    """Return settings in which all that is nested differs from the default."""
    return {**plain(block), **{item.name: NESTED[item.type] for item in block.arguments if item.type in NESTED}}


def every(block: Block) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each argument's name, and settings in which it differs from the default."""
    for argument in block.arguments:
        partners = generate.companions(block, argument)
        yield argument.name, {**plain(block), argument.name: generate.example(argument), **partners}


def cases(every_argument: bool = False) -> Iterator[Case]:
    """Yield all designs with what they are for."""
    for block in forms():
        yield from drawn(block, block.name, plain(block))
        if nested(block) != plain(block):
            yield from drawn(block, f"{block.name} with nested settings", nested(block))
        for name, config in every(block) if every_argument else ():
            yield from drawn(block, f"{block.name}.{name}", config)


def drawn(block: Block, label: str, config: dict[str, Any]) -> Iterator[Case]:
    """Yield the layer behind an input that it takes, before a Dense if one can stand there: its weights tell whether as
    many random numbers were drawn before it."""
    if block.role == "input":
        yield (
            label,
            _graph({"class": "InputLayer", "config": {**config, "shape": [4]}}, {"class": "Identity", "config": {}}, DENSE),
        )
        return
    layer = {"class": block.name, "config": config}
    layer = {"class": "RNN", "config": {"cell": layer}} if block.name in PARTS else layer
    if block.name in NOT_IN_A_MODEL:
        layer = {"class": "Pipeline", "config": {"layers": [layer]}}
    wide = next((number for number in "123" if f"{number}D" in block.name), None)
    first = {"1": [6, 8], "2": [8, 8, 3], "3": [8, 8, 8, 3]}.get(wide or "", SHAPES[0])
    for shape in (first, *(item for item in SHAPES if item != first)):
        for after in (DENSE, {"class": "Identity", "config": {}}):
            graph = _graph({"class": "InputLayer", "config": {"shape": shape}}, layer, after)
            if not design.check(graph) and all("output_shape" in fact for fact in facts(graph, LIMIT)["nodes"].values()):
                yield label, graph
                return
    yield label, design.empty()


def _graph(first: dict[str, Any], layer: dict[str, Any], after: dict[str, Any]) -> Graph:
    placed = enumerate(zip(("input", "probed", "after"), (first, layer, after)), start=1)
    nodes = [{"id": f"n{number}", "name": name, "position": [0, 110 * number], **item} for number, (name, item) in placed]
    edges = [{"source": "n2", "target": "n3", "port": "inputs", "order": 0}]
    for port in ports.of(nodes[1]):
        for place in range(max(1, port.fewest) if port.required else 0):
            source = "n1" if not place else "n4"  # A merge takes two inputs of the same shape.
            edges.append({"source": source, "target": "n2", "port": port.name, "order": place})
    if any(edge["source"] == "n4" for edge in edges):
        nodes.append({"id": "n4", "name": "other", "position": [200, 110], **first})
    return {"format": design.FORMAT, "nodes": nodes, "edges": edges}


def fingerprint(make: Callable[[], Any]) -> Made:
    """Return what a model is, made as in a fresh process after seeding."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(SEED)
    model = make()
    layers = model._functional.layers if isinstance(model, keras.Sequential) else model.layers
    config = [keras.saving.serialize_keras_object(layer)["config"] for layer in layers]
    weights = [keras.ops.convert_to_numpy(weight) for weight in model.weights if weight.dtype != "string"]
    hashes = [(tuple(weight.shape), hashlib.sha256(weight.tobytes()).hexdigest()) for weight in weights]
    return _without_inner_names(json.loads(json.dumps([config, hashes], default=str)))


def _without_inner_names(value: Any) -> Any:
    """Return it without the names that Keras' counters gave to layers inside of layers, which nobody chose."""
    if isinstance(value, dict):
        inner = {**value["config"], "name": None} if "class_name" in value and "name" in (value.get("config") or {}) else None
        return {key: _without_inner_names(inner if key == "config" and inner else item) for key, item in value.items()}
    return [_without_inner_names(item) for item in value] if isinstance(value, list) else value


def of_script(script: str) -> Made:
    """Return what a script makes, run here."""
    names: dict[str, Any] = {}
    return fingerprint(lambda: exec(script.replace("model.summary()\n", ""), names) or names["model"])


def difference(wanted: Made, found: Made, only_shapes: bool = False) -> str:
    """Return what differs first, or nothing."""
    for left, right in zip(*(made[0] for made in (wanted, found))):
        if left != right:
            keys = [key for key in {**left, **right} if left.get(key) != right.get(key)]
            return f"settings: {', '.join(f'{key} {left.get(key)!r} {right.get(key)!r}' for key in keys)}"
    weights = [[weight[0] if only_shapes else weight for weight in made[1]] for made in (wanted, found)]
    return "" if weights[0] == weights[1] and len(wanted[0]) == len(found[0]) else "weights"


def ways(graph: Graph, run: Callable[[str], Made]) -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield the ways out and back: their names, and what to call to know the difference. `run` runs a script."""
    made: list[Any] = []
    wanted = fingerprint(lambda: made.append(build(graph, LIMIT)) or made[0])
    text = made[0].to_json()
    yield "keras", lambda: difference(wanted, fingerprint(lambda: build(read_text(text).graph, LIMIT)))
    yield "read", lambda: difference(wanted, fingerprint(lambda: build(read_text(export.to_python(graph)).graph, LIMIT)))
    json_text = export.to_keras_json(graph)
    yield "json", lambda: difference(wanted, fingerprint(lambda: keras.models.model_from_json(json_text)), only_shapes=True)
    yield "script", lambda: difference(wanted, run(export.to_python(graph)))


def main(every_argument: bool) -> int:
    """Go all ways with all designs; print how many came back the same, and what did not."""
    counts, good, lost = Counter(), Counter(), []
    with Child() as child:
        for label, graph in cases(every_argument):
            counts["designs"] += 1
            if not graph["nodes"]:
                lost.append(f"{label}: no input fits")
                continue
            for way, differs in ways(graph, child.run):
                counts[way] += 1
                try:
                    told = differs()
                except Exception as error:  # Whatever is raised on the way is the finding.
                    told = f"{type(error).__name__}: {' '.join(str(error).split())}"
                good[way] += not told
                print(f"{label}, {way}: {told[:300]}" if told else ".", end="\n" if told else "", flush=True)
                lost += [f"{label}, {way}: {told[:400]}"] if told else []
    print(f"{len(forms())} layers with a form, {counts['designs']} designs")
    for way, told in (("keras", "diagram -> Keras -> diagram"), ("script", "diagram -> Python in a child -> Keras")):
        print(f"{told}: {good[way]} of {counts['designs']}")
    for way, told in (("read", "diagram -> Python -> diagram"), ("json", "diagram -> Keras JSON -> Keras (shapes of weights)")):
        print(f"{told}: {good[way]} of {counts['designs']}")
    print("\n".join(lost))
    return 1 if lost else 0


class Child:
    """A process that runs scripts and tells what they made."""

    def __enter__(self) -> Child:
        command = [sys.executable, "-m", "tests.round_trips", "child"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, text=True, cwd=settings.ROOT, **pipes)
        return self

    def __exit__(self, *error: object) -> None:
        self.process.communicate()

    def run(self, script: str) -> Made:
        """Return what a script makes. Raises RuntimeError with what it raised."""
        print(json.dumps(script), file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline())
        if isinstance(answer, str):
            raise RuntimeError(answer)
        return answer


def listen(lines: Iterable[str]) -> None:
    """Be the child: run each script that comes in and write what it made."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # What a script prints is no answer.
    for line in lines:
        try:
            answer: Any = of_script(json.loads(line))
        except Exception as error:
            answer = f"{type(error).__name__}: {error}"
        print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["child"]:
        listen(sys.stdin)
    else:
        sys.exit(main(sys.argv[1:] == ["every"]))
