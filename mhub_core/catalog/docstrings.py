"""Reads Keras docstrings: the first sentence of a class, and the text of each argument, in plain words."""

from __future__ import annotations

import inspect
import re

_ARGUMENT = re.compile(r"^(\*{0,2}\w+(?:\s*,\s*\w+)*)\s*(?:\([^)]*\))?:\s*(.*)$")
_SECTION = re.compile(r"^(Args|Arguments|Init arguments|Initialization arguments)\s*:\s*$")


def plain(text: str) -> str:
    """Return text without mark-up: no back-ticks, links, or line breaks."""
    text = re.sub(r"\[([^\]]+)\]\s*\([^)]*\)", r"\1", text)
    text = re.sub(r"keras\.(\w+\.)*(\w+)", r"\2", text.replace("`", ""))
    return re.sub(r"\s+", " ", text).strip()


def first_sentence(text: str) -> str:
    """Return the first sentence of a text, which ends with a full stop."""
    text = plain(text)
    match = re.match(r"(.*?(?<!e\.g)(?<!i\.e)(?<!etc)(?<!vs)[.!?])(?=\s+[A-Z(]|\s*$)", text)
    sentence = (match.group(1) if match else text)[:300].rstrip(" :;,")
    return sentence if not sentence or sentence.endswith((".", "!", "?")) else sentence + "."


def summary(docstring: str | None) -> str:
    """Return the first sentence of a docstring's first paragraph."""
    return first_sentence(inspect.cleandoc(docstring or "").split("\n\n")[0])


def arguments(docstring: str | None) -> dict[str, str]:
    """Return the text of each argument of the Args section, marked up as Keras wrote it."""
    found: dict[str, str] = {}
    names: list[str] = []
    inside, base = False, 0
    for line in inspect.cleandoc(docstring or "").splitlines():
        stripped, indent = line.strip(), len(line) - len(line.lstrip())
        if _SECTION.match(stripped):
            inside, base, names = True, 0, []
            continue
        if not inside or not stripped:
            continue
        if indent == 0:
            inside = False
            continue
        base = base or indent
        match = _ARGUMENT.match(stripped) if indent == base else None
        if match:
            names = [name.strip("* ") for name in match.group(1).split(",")]
            found.update(dict.fromkeys(names, match.group(2)))
        else:
            found.update({name: f"{found[name]} {stripped}" for name in names})
    return found
