"""Writes a design as a Jupyter notebook that goes all the way: data, model, training, curves, test. Standard library only.

Format: nbformat 4.5, https://nbformat.readthedocs.io.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mhub_core.catalog import catalog
from mhub_core.errors import Invalid, MHubError
from mhub_core.graphs import adapt, answer, design, walk
from mhub_core.graphs.adapt import Input
from mhub_core.graphs.answer import Output
from mhub_core.graphs.exporting import recipes
from mhub_core.graphs.exporting.python import model_lines
from mhub_core.graphs.walk import Graph

IMAGES, TABLE, ARRAYS = "images", "table", "arrays"
CLASSIFICATION, REGRESSION = "classification", "regression"
_FREE = 9001  # Sizes that only the data know stand for so long as numbers that no design is likely to hold.


class _Named(int):
    """A number that stands in the script under a name: its value comes with the data."""

    name: str

    def __new__(cls, value: int, name: str) -> _Named:
        """Make it of a number and the variable that holds it."""
        made = super().__new__(cls, value)
        made.name = name
        return made

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Sort:
    """One sort of data that a notebook can be written for: its cells around a design, and the code of its test."""

    kind: str
    task: str | None  # None: whatever the data are
    cells: Callable[[Graph], list[recipes.Cell]]
    test: str = ""
    output: Output = answer.NUMBER


def tasks_of(kind: str) -> tuple[str, ...]:
    """Return the tasks among which a person chooses for a kind of data."""
    return tuple(sort.task for sort in SORTS if sort.kind == kind and sort.task)


def guess(graph: Graph) -> tuple[str, str]:
    """Return the kind of data and the task that a design looks made for. Raises Invalid for a broken design."""
    design.require_valid(graph)
    shapes = [node["config"].get("shape", []) for node in graph["nodes"] if node["class"] == "InputLayer"]
    kind, given = (IMAGES, adapt.picture(_image_shape(graph))) if len(shapes[0]) == 3 else (TABLE, adapt.row(_FREE))
    nodes = walk.all_resolved(graph)
    classes = any(_activation(nodes[node_id]) in ("softmax", "sigmoid") for node_id in walk.outputs(graph))
    likely = CLASSIFICATION if classes else REGRESSION
    of_kind = sorted((sort for sort in SORTS if sort.kind == kind), key=lambda sort: sort.task != likely)
    task = of_kind[0].task or likely
    try:
        if len(shapes) == 1:
            adapt.adapt(graph, given, of_kind[0].output)
            return kind, task
    except MHubError:
        pass  # It reads texts or has several answers: only its owner knows what its data look like.
    return ARRAYS, task


def to_notebook(graph: Graph, *, kind: str, task: str = CLASSIFICATION, name: str = "model") -> str:
    """Return the text of an .ipynb file. Raises Invalid for a broken design and for one that does not fit the data.

    `kind`: "images" (a folder for each class), "table" (a CSV file) or "arrays" (NumPy arrays, for any model);
    `task`: "classification" or "regression".
    """
    sort = next((one for one in SORTS if one.kind == kind and one.task in (None, task)), None)
    if sort is None:
        mend = "Choose another kind of data, or use NumPy arrays."
        raise Invalid("A notebook cannot be written for this.", "Images of classes, a table, or arrays.", mend)
    design.require_valid(graph)
    title = re.sub(r"([^\w\s])", r"\\\1", " ".join(name.split()), flags=re.ASCII) or "Model"
    cells = [
        ("markdown", [f"# {title}", "", *recipes.WELCOME]),
        *recipes.setup(catalog.keras_version()),
        *sort.cells(graph),
        *recipes.look_and_keep(sort.test),
    ]
    return json.dumps(_as_json(cells), indent=1) + "\n"


def _arrays(graph: Graph) -> list[recipes.Cell]:
    nodes = walk.all_resolved(graph)
    inputs = [nodes[node_id]["name"] for node_id in walk.inputs(graph)]
    answers = [nodes[node_id] for node_id, _ in walk.ends(graph)]
    losses = [_loss(_activation(node)) for node in answers]
    return [*recipes.arrays(inputs, [node["name"] for node in answers]), *_model(graph, []), *recipes.train_arrays(losses)]


def _images(graph: Graph) -> list[recipes.Cell]:
    shape = _image_shape(graph)
    classes = _free(graph) + 1
    fitted, said = _fitted(graph, adapt.picture(shape), answer.one_of(classes), {classes: "num_classes"})
    return [*recipes.images(*shape), *_model(fitted, said), *recipes.train_images()]


def _table_of_classes(graph: Graph) -> list[recipes.Cell]:
    features = _free(graph)
    told = {features: "num_features", features + 1: "num_classes"}
    fitted, said = _fitted(graph, adapt.row(features), answer.one_of(features + 1), told)
    training = recipes.train_table("sparse_categorical_crossentropy", "accuracy")
    return [*recipes.table(recipes.CLASSES), *_model(fitted, said), *training]


def _table_of_numbers(graph: Graph) -> list[recipes.Cell]:
    features = _free(graph)
    fitted, said = _fitted(graph, adapt.row(features), answer.NUMBER, {features: "num_features"})
    return [*recipes.table(recipes.NUMBERS), *_model(fitted, said), *recipes.train_table("mean_squared_error", "mae")]


SORTS = (
    Sort(IMAGES, CLASSIFICATION, _images, recipes.TEST_IMAGES, answer.one_of(2)),
    Sort(TABLE, CLASSIFICATION, _table_of_classes, recipes.TEST_CLASSES, answer.one_of(2)),
    Sort(TABLE, REGRESSION, _table_of_numbers, recipes.TEST_NUMBERS),
    Sort(ARRAYS, None, _arrays),
)


def _image_shape(graph: Graph) -> tuple[int, int, int]:
    """Return the size of the images that a design was drawn for, or one that many data sets have."""
    drawn = walk.nodes_by_id(graph)[walk.inputs(graph)[0]]["config"].get("shape", [])
    height, width, channels = drawn if len(drawn) == 3 else (28, 28, 1)
    return height or 64, width or 64, channels if channels in (1, 3) else 3


def _fitted(graph: Graph, given: Input, output: Output, told: dict[int, str]) -> tuple[Graph, list[str]]:
    """Return the design as training would fit it to such data; `told` names the numbers that only the data know."""
    fitted, said = adapt.adapt(graph, given, output)
    sure = [sentence for sentence in said if not any(f"{number:,}" in sentence or str(number) in sentence for number in told)]
    return _with_names(fitted, told), sure


def _free(graph: Graph) -> int:
    """Return a number such that neither it nor the next one occurs in a design."""
    taken = set(map(int, re.findall(r"\d{4,9}", json.dumps(graph))))
    return next(number for number in range(_FREE, _FREE + 3 * len(taken) + 3, 2) if not taken & {number, number + 1})


def _with_names(value: Any, told: dict[int, str]) -> Any:
    if isinstance(value, dict):
        return {key: _with_names(item, told) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_names(item, told) for item in value]
    return _Named(value, told[value]) if type(value) is int and value in told else value


def _activation(node: dict[str, Any]) -> str | None:
    inside = walk.inner(node)
    if inside is not None:
        node_id = walk.ends(inside)[0][0]
        return _activation(walk.all_resolved(inside)[node_id])
    return "softmax" if node["class"] == "Softmax" else node["config"].get("activation")


def _loss(activation: str | None) -> str:
    return {"softmax": "sparse_categorical_crossentropy", "sigmoid": "binary_crossentropy"}.get(
        activation or "", "mean_squared_error"
    )


def _model(graph: Graph, said: list[str]) -> list[recipes.Cell]:
    words = ["## The model", "", "This is the diagram as code: one line for each layer."]
    fitted = ["", "To fit the data, this was added:", "", *(f"- {sentence}" for sentence in said)] if said else []
    return [("markdown", words + fitted), ("code", [*model_lines(graph), "model.summary()"])]


def _as_json(cells: list[recipes.Cell]) -> dict[str, Any]:
    language = {"name": "python"}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    written = [_cell(kind, lines, f"cell-{number}") for number, (kind, lines) in enumerate(cells, start=1)]
    return {"cells": written, "metadata": {"kernelspec": kernel, "language_info": language}, "nbformat": 4, "nbformat_minor": 5}


def _cell(kind: str, lines: list[str], cell_id: str) -> dict[str, Any]:
    source = [line + "\n" for line in lines[:-1]] + lines[-1:]
    cell = {"cell_type": kind, "id": cell_id, "metadata": {}, "source": source}
    return cell if kind == "markdown" else cell | {"execution_count": None, "outputs": []}
