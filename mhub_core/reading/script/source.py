"""Makes Python of the text of a script or a notebook: lines for the shell and for IPython go, Python 2 becomes Python 3."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from typing import Any

from mhub_core.reading.records import Unreadable

MOST_BYTES = 200_000
_MOST_BRACES = 10_000  # Python takes the square of their number to read a text such as f"{a}{b}".
_SHELL = re.compile(r"(\s*)(?:[!%?]|\w[\w., ]*=\s*[!%](?!=)|[\w.]+\?{1,2}\s*$)")
# Cells that begin with these hold another language; those with any other (%%time, %%capture) hold Python behind it.
_FOREIGN_CELL = re.compile(
    r"\s*%%(?:bash|sh|script|html|HTML|javascript|js|latex|markdown|svg|writefile|file|perl|ruby|R|sql|cmd)\b"
)
# What a statement of Python 2 is called in Python 3. A print becomes an assignment to `print`, which nobody reads.
_OLD = tuple(
    (re.compile(pattern, re.MULTILINE), new)
    for pattern, new in (
        (r"((?:^|[:;])[ \t]*)(?:print|exec)[ \t]*>>[ \t]*", r"\1print = "),
        (r"((?:^|[:;])[ \t]*)print[ \t]+(?![=.])", r"\1print = "),
        (r"((?:^|[:;])[ \t]*)print[ \t]*(?=[\"'])", r"\1print = "),
        (r"((?:^|[:;])[ \t]*)exec[ \t]+(?![=.(])", r"\1print = "),
        (r"^([ \t]*except[ \t]+(?:[\w.]+|\([^()\n]*\)))[ \t]*,[ \t]*(\w+)[ \t]*:", r"\1 as \2:"),
        (r"^([ \t]*raise[ \t]+[\w.]+)[ \t]*,[^\n]*", r"\1"),
        (r"\b(\d+)[lL]\b", r"\1"),
        (r"(?<![\w.])0([0-7]+)\b(?!\.)", r"0o\1"),
        (r"\b[uU][rR](?=[\"'])", "r"),
        (r"<>", "!="),
        (r"(?<![\w.])xrange\(", "range("),
    )
)


@dataclass(frozen=True)
class Source:
    """The statements of a script; `is_old` where only Python 2 takes them."""

    body: list[ast.stmt]
    is_old: bool = False


def parsed(text: str) -> Source:
    """Return the statements of a script. Raises Unreadable with the line that is no Python."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise Unreadable(
            "This script is too long.", f"At most {MOST_BYTES // 1000} kB.", "Import only the lines that build the model."
        )
    if text.count("{") > _MOST_BRACES:
        raise Unreadable("This script nests too many braces for a model.", mend="Import only the lines that build the model.")
    try:
        return Source(_tree(text))
    except SyntaxError as error:
        return _mended(text, error)


def _mended(text: str, first: SyntaxError) -> Source:
    """Try what else a script may be: one with lines for the shell, as Colab saves it, and one for Python 2."""
    plain = without_shell(text)
    for is_old, other in ((False, plain), (True, _as_now(plain))):
        try:
            return Source(_tree(other), is_old)
        except SyntaxError as error:
            # What comes later in the text stands behind what could be mended.
            first = max(first, error, key=lambda item: item.lineno or 0) if not is_old else first
    raise Unreadable(f"this is not Python: {first.msg}.", mend="Correct this line.", line=first.lineno) from first


def _as_now(text: str) -> str:
    text = "\n".join(line.expandtabs(8) if line[:1] in " \t" else line for line in text.split("\n"))
    for pattern, new in _OLD:
        text = pattern.sub(new, text)
    return text


def _tree(text: str) -> list[ast.stmt]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text).body
    except SyntaxError:
        raise
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable("This text is not a Python script.", mend="Import the script in a form that runs.") from error


def without_shell(text: str) -> str:
    """Return a text with `pass` for each line for the shell or for IPython: blocks stay whole, and lines keep their numbers."""
    found: list[str] = []
    goes_on = False
    for line in text.split("\n"):
        match = None if goes_on else _SHELL.match(line)
        found.append("" if goes_on else line if match is None else f"{match.group(1)}pass")
        goes_on = (goes_on or match is not None) and line.rstrip().endswith("\\")
    return "\n".join(found)


def of_notebook(value: Any) -> str:
    """Return the code of a notebook, with every line under the number that it has when all cells stand behind each other."""
    cells = value.get("cells") if isinstance(value, dict) else None
    if cells is None and isinstance(value, dict) and isinstance(value.get("worksheets"), list):
        cells = [cell for sheet in value["worksheets"] if isinstance(sheet, dict) for cell in sheet.get("cells") or []]
    if not isinstance(cells, list):
        raise Unreadable("This is not a notebook.", "A Jupyter notebook.", "Save it again as .ipynb.")
    texts = [text for cell in cells if (text := _text(cell)) is not None]
    # A notebook that is too long is refused as a whole, before anybody looks at its cells.
    is_long = sum(map(len, texts)) > MOST_BYTES
    return "\n".join(texts if is_long else map(_cell, texts))


def _text(cell: Any) -> str | None:
    """Return the code of a cell, None for a cell of another kind. Before version 4 of the format it was called input."""
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return None
    source = cell.get("source", cell.get("input"))
    text = "".join(item for item in source if isinstance(item, str)) if isinstance(source, list) else source
    return "\n".join(text.splitlines()) if isinstance(text, str) else None


def _cell(text: str) -> str:
    """Return a cell as Python. One that is Python as it stands stays so: a line of it may begin with % inside of brackets."""
    first = text.lstrip().partition("\n")[0]
    if _FOREIGN_CELL.match(first):
        return "\n" * text.count("\n")
    if "\n%" not in f"\n{text}" and not any(_SHELL.match(line) for line in text.split("\n")):
        return text
    try:
        if len(text) <= MOST_BYTES and text.count("{") <= _MOST_BRACES:
            _tree(text)
            return text
    except (SyntaxError, Unreadable):
        pass
    return without_shell(text)
