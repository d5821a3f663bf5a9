"""Reads a Python script, or the code cells of a notebook, and finds the model that it is about."""

from __future__ import annotations

from mhub_core.reading.records import Unreadable
from mhub_core.reading.script import builders, networks, source
from mhub_core.reading.script.interpreter import Interpreter
from mhub_core.reading.script.values import (
    Broken,
    Continued,
    Derailed,
    Failure,
    Harmless,
    Loaded,
    Names,
    Network,
    OwnCode,
    Returned,
)
from mhub_core.reading.sketch import Piece, Sketch

_TITLES = ("model", "net", "network", "encoder", "decoder", "classifier", "generator", "discriminator")
_MEND = "Look at this line, or import only the lines that build the model."

# What trains, tests or prints is left out without harm, unless the model needs what comes out of it.
_UNASKED = "what this line gives is known only when the script runs."


def read(text: str, sketch: Sketch) -> Piece:
    """Return the model that a script builds. Raises Unreadable with the line that stands in the way."""
    found = source.parsed(text)
    interpreter, names = Interpreter(sketch), Names()
    names.own["__name__"] = "__main__"
    interpreter.is_old = found.is_old
    try:
        interpreter.run(found.body, names)
    except (Returned, Broken, Continued, Derailed) as error:
        raise Unreadable("a return, break or continue is outside a function or loop.", line=sketch.line) from error
    return _main(interpreter, names, sketch)


def _main(interpreter: Interpreter, names: Names, sketch: Sketch) -> Piece:
    """Return the model that the script is about. One that cannot be read is refused, and never replaced by another."""
    chosen = _chosen(interpreter, names)
    if chosen is None:
        chosen = builders.lost(interpreter, names)
    if chosen is None:
        builders.call(interpreter, names)
        chosen = _chosen(interpreter, names) or _failed(names)
    if chosen is None:
        raise Unreadable("This script builds no Keras model.", "keras.Sequential(...) or keras.Model(inputs, outputs).", _MEND)
    if isinstance(chosen, Failure):
        raise _told(chosen.error)
    sketch.line = chosen.line
    others = [network for network in interpreter.networks if not network.is_used and network is not chosen]
    if others:
        lines = ", ".join(str(network.line) for network in others[:10])
        sketch.note(f"The script builds other models too, which were left out (line {lines}).", chosen.line)
    try:
        return networks.built(chosen, sketch)
    except Unreadable as error:
        raise _told(error.at(chosen.line)) from error


def _chosen(interpreter: Interpreter, names: Names) -> Network | Failure | None:
    """Return the model that the script trains or tests, else the one called model, else the last that no other uses."""
    found = interpreter.networks
    trained = [network for network in found if network.is_trained] or [network for network in found if network.is_tested]
    called_model = [value for name in ("model",) if isinstance(value := names.own.get(name), (Network, Failure))]
    if called_model and isinstance(called_model[0], Failure) and isinstance(called_model[0].error, Loaded):
        called_model = []  # It was loaded from a file; what is in that file may have been built here.
    loose = [network for network in found if not network.is_used]
    return next(iter(trained[-1:] or called_model or loose[-1:] or found[-1:]), None)


def _failed(names: Names) -> Failure | None:
    """Return what went wrong last with a name that a model could have."""
    values = [(name.lower(), value) for name, value in reversed(names.own.items()) if isinstance(value, Failure)]
    return next((value for name, value in values if name.endswith(_TITLES) or isinstance(value.error, (Loaded, OwnCode))), None)


def _told(error: Unreadable) -> Unreadable:
    words = _UNASKED if isinstance(error, Harmless) else error.words if error.words.endswith(".") else f"{error.words}."
    return Unreadable(words, error.expected, error.mend or _MEND, error.line)
