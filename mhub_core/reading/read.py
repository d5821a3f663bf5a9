"""Reads an architecture from a file or a text: a `.keras` file, JSON of Keras or of this hub, a Python script, a notebook."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any

from mhub_core.errors import MHubError
from mhub_core.graphs import design
from mhub_core.reading import archive, keras_json, plain_json
from mhub_core.reading.extraction import extract
from mhub_core.reading.records import Reading, Unreadable
from mhub_core.reading.script import script, source
from mhub_core.reading.sketch import Piece, Sketch

KINDS = (".keras", ".json", ".py", ".ipynb")
NO_WEIGHTS = "Only the architecture was imported; trained weights cannot be imported yet, so the model starts untrained."
_MEND = "Save or export the model again with Keras 3."
_UNNAMED = "Imported model"
_NO_NAMES = (_UNNAMED, "model", "config")
_KERAS_NAMES = ("model", "functional", "sequential")
_MOST_TEXT = 8 * 1024 * 1024


@contextmanager
def _in_words() -> Iterator[None]:
    """Whatever stops the reading of what a stranger wrote reaches a person as Unreadable, also what nobody thought of."""
    try:
        yield
    except Unreadable:
        raise
    except MHubError as error:
        refused = Unreadable(error.happened, error.expected, error.mend or _MEND)
        refused.problems = error.problems
        raise refused from error
    except RecursionError as error:
        raise Unreadable("This model is nested too deeply.", mend="Nest fewer models in each other.") from error
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as error:
        logging.getLogger(__name__).warning("The importer found something that it does not know", exc_info=error)
        raise Unreadable("This model contains something that the importer does not understand.", mend=_MEND) from error


@_in_words()
def read(file_name: str, source: Path | bytes) -> Reading:
    """Return the design in a file. Raises Unreadable, with the line where there is one. Nothing in it is run."""
    kind = PurePath(file_name).suffix.lower()
    name = PurePath(file_name).stem[:120] or _UNNAMED
    if kind == ".keras":
        return _of_keras(plain_json.parse(archive.config_text(source)), name, NO_WEIGHTS)
    if kind in (".h5", ".hdf5"):
        told = "Files in the old HDF5 format cannot be read."
        raise Unreadable(told, mend="Save the model as model.keras, or import the output of model.to_json().")
    if kind not in KINDS:
        raise Unreadable(
            f"A {kind or 'nameless'} file cannot be read here.", f"One of {', '.join(KINDS)}.", "Save it as one of these."
        )
    return read_text(_text(source), name, kind)


@_in_words()
def read_text(text: str, name: str = _UNNAMED, kind: str = "") -> Reading:
    """Return the design in a text: JSON when it begins like that, else Python. Raises as `read` does."""
    if kind == ".ipynb":
        return _of_script(source.of_notebook(plain_json.parse(text)), name)
    if kind == ".json" or (not kind and text.lstrip()[:1] in ("{", "[")):
        return _of_json(plain_json.parse(text), name)
    return _of_script(text, name)


def _text(source: Path | bytes) -> str:
    if isinstance(source, Path):
        with source.open("rb") as file:
            source = file.read(_MOST_TEXT + 1)
    if len(source) > _MOST_TEXT:
        raise Unreadable("This file is too large to be the description of a model.", "At most 8 MB.", "Import a smaller one.")
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("This file is not text.", "Text in UTF-8.", "Save it as UTF-8.") from error


def _of_json(value: Any, name: str) -> Reading:
    if isinstance(value, dict) and {"format", "nodes", "edges"} <= value.keys():
        return Reading(design.require_well_formed(value), (), name)
    return _of_keras(*_of_browser(value, name))


def _of_browser(value: Any, name: str) -> tuple[Any, ...]:
    """Return the model in what TensorFlow.js writes (which has its weights in other files), and what to tell."""
    topology = value.get("modelTopology") if isinstance(value, dict) else None
    if not isinstance(topology, dict):
        return value, name
    if isinstance(topology.get("node"), list):
        told = "This is a graph model of TensorFlow.js: it holds single calculations, but no layers."
        raise Unreadable(told, "A layers model of TensorFlow.js.", "Convert the Keras model itself, or import its .keras file.")
    model = topology.get("model_config", topology)
    return plain_json.parse(model) if isinstance(model, str) else model, name, NO_WEIGHTS


def _of_keras(value: Any, name: str, *told: str) -> Reading:
    sketch = Sketch()
    piece = keras_json.read(value, sketch)
    for words in told:
        sketch.note(words)
    return _finish(piece, sketch, name)


def _of_script(text: str, name: str) -> Reading:
    sketch = Sketch()
    return _finish(script.read(text, sketch), sketch, name)


def _finish(piece: Piece, sketch: Sketch, name: str) -> Reading:
    """Return the reading of a model, once its design has passed every check. A name that its author gave it goes before none."""
    if name in _NO_NAMES and piece.name not in _KERAS_NAMES:
        name = piece.name
    return Reading(design.require_valid(extract(piece, sketch)), sketch.notes(), name)
