"""Reads the hand-written sentences in `words/`: what every class and argument is, and what stands first on its shelf."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("words")


class Words:
    """All sentences. It remembers which were asked for, so that those of things that are gone can be told."""

    def __init__(self) -> None:
        shelves, others = _read("layers"), _read("others")
        self.shelves = {name: shelf for shelf, sentences in shelves.items() for name in sentences}
        layers = {name: sentence for sentences in shelves.values() for name, sentence in sentences.items()}
        self.classes: dict[str, dict[str, str]] = {"layer": layers, **others}
        self.arguments = {key: sentence for keys, sentence in _read("arguments").items() for key in _split(keys)}
        self._asked: set[str] = set()

    def of_class(self, group: str, name: str) -> str | None:
        """Return the sentence of a class."""
        self._asked.add(f"{group} {name}")
        return self.classes[group].get(name)

    def place(self, group: str, name: str) -> int:
        """Return where a class stands in its group."""
        names = list(self.classes[group])
        return names.index(name) if name in names else len(names)

    def of_argument(self, group: str, class_name: str, name: str) -> str | None:
        """Return the sentence of an argument: the one for its class, else for its group, else for its name."""
        for key in (f"{class_name}.{name}", f"{group}.{name}", name):
            if key in self.arguments:
                self._asked.add(key)
                return str(self.arguments[key])
        return None

    def unasked(self) -> list[str]:
        """Return the keys of all sentences that nothing asked for."""
        classes = [f"{group} {name}" for group, sentences in self.classes.items() for name in sentences]
        return [key for key in [*classes, *self.arguments] if key not in self._asked]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _split(keys: str) -> list[str]:
    """Return "A.x" and "B.x" of "A B.x"."""
    *classes, last = keys.split()
    name = last.split(".")[-1]
    return [f"{each}.{name}" for each in classes] + [last]
