"""What a script gives its values names with: assignments, and the rounds of comprehensions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from mhub_core.reading.records import Unreadable
from mhub_core.reading.script.calls import Calls
from mhub_core.reading.script.python import require_key
from mhub_core.reading.script.values import Failure, Names, is_scalar


class Assigning(Calls):
    """Assigns, and walks through lists to make others."""

    def _listcomp(self, node: ast.ListComp, names: Names) -> Any:
        return self.sized([self.value(node.elt, inner) for inner in self._rounds(node.generators, names)])

    _generatorexp = _listcomp

    def _dictcomp(self, node: ast.DictComp, names: Names) -> Any:
        rounds = self._rounds(node.generators, names)
        return self.sized({require_key(self.value(node.key, inner)): self.value(node.value, inner) for inner in rounds})

    def _rounds(self, generators: list[ast.comprehension], names: Names) -> Iterator[Names]:
        if not generators:
            yield names
            return
        first, *rest = generators
        for item in self.items(self.value(first.iter, names)):
            inner = Names(names)
            self.assign(first.target, item, inner)
            if all(self.truth(test, inner) for test in first.ifs):
                yield from self._rounds(rest, inner)

    def assign(self, target: ast.expr, value: Any, names: Names) -> None:
        """Give a value its name, or its names."""
        if isinstance(target, ast.Name):
            names.set(target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target.elts, value, names)
        elif isinstance(target, ast.Subscript):
            owner, index = self.value(target.value, names), self.value(target.slice, names)
            if not isinstance(owner, (list, dict)) or not is_scalar(index):
                raise Unreadable("it changes something that is not supported")
            owner[index] = value
        elif isinstance(target, ast.Attribute):
            self.set_attribute(self.value(target.value, names), target.attr, value)
        else:
            raise Unreadable("it assigns something in a way that is not supported")

    def set_attribute(self, owner: Any, name: str, value: Any) -> None:
        """Carry out `owner.name = value`."""
        raise Unreadable(f"setting {name} is not supported")

    def _unpack(self, targets: list[ast.expr], value: Any, names: Names) -> None:
        items = [value] * len(targets) if isinstance(value, Failure) else self.items(value)
        starred = next((place for place, target in enumerate(targets) if isinstance(target, ast.Starred)), None)
        if starred is not None:
            behind = len(targets) - starred - 1
            stop = len(items) - behind
            items = [*items[:starred], items[starred:stop], *items[stop:]]
        if len(items) != len(targets):
            raise Unreadable(f"it gives {len(items)} values to {len(targets)} names")
        for target, item in zip(targets, items):
            self.assign(target.value if isinstance(target, ast.Starred) else target, item, names)


def as_load(target: ast.expr) -> ast.expr:
    """Return what is assigned to as something that can be read. Raises Unreadable."""
    if isinstance(target, ast.Name):
        return ast.Name(target.id, ast.Load())
    if isinstance(target, ast.Subscript):
        return ast.Subscript(target.value, target.slice, ast.Load())
    if isinstance(target, ast.Attribute):
        return ast.Attribute(target.value, target.attr, ast.Load())
    raise Unreadable("it changes something in a way that is not supported")
