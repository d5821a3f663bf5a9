"""Reads a Python script, or the code cells of a notebook, and finds the model that it is about."""

from __future__ import annotations

import ast
import warnings
from typing import Any

from mhub_core.reading.records import Unreadable
from mhub_core.reading.script import networks
from mhub_core.reading.script.interpreter import Interpreter
from mhub_core.reading.script.values import Broken, Continued, Derailed, Failure, Names, Network, Returned
from mhub_core.reading.sketch import Piece, Sketch

MOST_BYTES = 200_000
_MOST_BRACES = 10_000  # Python takes the square of their number to read a text such as f"{a}{b}".
_MEND = "Look at this line, or import only the lines that build the model."


def read(text: str, sketch: Sketch) -> Piece:
    """Return the model that a script builds. Raises Unreadable with the line that stands in the way."""
    body = _parsed(text)
    interpreter, names = Interpreter(sketch), Names()
    names.own["__name__"] = "__main__"
    try:
        interpreter.run(body, names)
    except (Returned, Broken, Continued, Derailed) as error:
        raise Unreadable("a return, break or continue stands outside of a function or loop.", line=sketch.line) from error
    return _main(interpreter, names, sketch)


def _parsed(text: str) -> list[ast.stmt]:
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise Unreadable("This script is too long.", f"At most {MOST_BYTES // 1000} kB.", "Import only the lines of the model.")
    if text.count("{") > _MOST_BRACES:
        raise Unreadable("This script has more braces than any model.", mend="Import only the lines of the model.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text).body
    except SyntaxError as error:
        raise Unreadable(f"this is not Python: {error.msg}.", mend="Fix this line.", line=error.lineno) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable("This text is not a Python script.", mend="Import the script as it runs.") from error


def _main(interpreter: Interpreter, names: Names, sketch: Sketch) -> Piece:
    """Return the model that the script is about: the one that it trains, the one called model, or the last that no other uses."""
    found = interpreter.networks
    called_model = [value for name in ("model",) if isinstance(value := names.own.get(name), (Network, Failure))]
    trained = [network for network in found if network.is_trained]
    loose = [network for network in found if not network.is_used]
    chosen = (trained[-1:] or called_model or loose[-1:] or found[-1:] or _failures(names))[:1]
    if not chosen:
        raise Unreadable("This script builds no Keras model.", "keras.Sequential(...) or keras.Model(inputs, outputs).", _MEND)
    if isinstance(chosen[0], Failure):
        raise _told(chosen[0].error)
    sketch.line = chosen[0].line
    others = [network for network in loose if network is not chosen[0]]
    if others:
        lines = ", ".join(str(network.line) for network in others[:10])
        sketch.note(f"The script builds other models too, which were left out (line {lines}).", chosen[0].line)
    try:
        return networks.built(chosen[0], sketch)
    except Unreadable as error:
        raise _told(error.at(chosen[0].line)) from error


def _failures(names: Names) -> list[Failure]:
    """Return what went wrong last with a name that a model could have."""
    return [value for name, value in reversed(names.own.items()) if isinstance(value, Failure) and "model" in name.lower()]


def _told(error: Unreadable) -> Unreadable:
    words = error.words if error.words.endswith(".") else f"{error.words}."
    return Unreadable(words, error.expected, error.mend or _MEND, error.line)


def of_notebook(value: Any) -> str:
    """Return the code of a notebook. Lines for the shell and for IPython are made comments, so that lines keep their numbers."""
    cells = value.get("cells") if isinstance(value, dict) else None
    if not isinstance(cells, list):
        raise Unreadable("This is not a notebook.", "A Jupyter notebook of version 4.", "Save it again as .ipynb.")
    lines: list[str] = []
    for cell in cells:
        source = cell.get("source") if isinstance(cell, dict) and cell.get("cell_type") == "code" else None
        text = "".join(item for item in source if isinstance(item, str)) if isinstance(source, list) else source
        if isinstance(text, str):
            lines += text.splitlines()
    return "\n".join(f"# {line}" if line.lstrip().startswith(("!", "%")) else line for line in lines)
