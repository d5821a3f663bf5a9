"""Classes that a script writes to hold its functions and models: their methods are followed as functions are."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from mhub_core.reading.records import Unreadable
from mhub_core.reading.script.calls import called_in
from mhub_core.reading.script.core import MAKING
from mhub_core.reading.script.statements import OWN_LAYER, Statements
from mhub_core.reading.script.values import Class, Failure, Function, Instance, Names, OwnCode, OwnModel, Reference

_MEND = "Build this part from layers of Keras, in a function."
# Methods that change what an attribute is.
_SPECIAL = {"__new__", "__getattr__", "__getattribute__", "__setattr__", "__delattr__"}


class Objects(Statements):
    """Knows classes that build on no other, and their objects."""

    def _do_classdef(self, statement: ast.ClassDef, names: Names) -> None:
        bases = [self.tried(base, names) for base in statement.bases]
        is_plain = all(isinstance(base, Reference) and base.path == "object" for base in bases)
        defined = {item.name for item in statement.body if isinstance(item, ast.FunctionDef)}
        if is_plain and not statement.keywords and not statement.decorator_list and not defined & _SPECIAL:
            names.set(statement.name, self._class(statement, names))
            return
        is_model = any(isinstance(base, Reference) and base.path.rpartition(".")[2] in MAKING for base in bases)
        kind = OwnModel if is_model else OwnCode if called_in(statement) & MAKING else Unreadable
        error = kind(f"{statement.name} {OWN_LAYER}", mend=_MEND, line=statement.lineno)
        names.set(statement.name, Failure(error))

    def _class(self, statement: ast.ClassDef, names: Names) -> Class:
        inside = Names(names)
        self.run(statement.body, inside)
        # The functions of a class see the names around the class, not those in it.
        own = {
            name: replace(value, names=names, title=f"{statement.name}.{value.title}") if isinstance(value, Function) else value
            for name, value in inside.own.items()
        }
        return Class(statement.name, own)

    def instance(self, of: Class, args: list[Any], named: dict[str, Any]) -> Instance:
        """Return a new object of a class."""
        made = Instance({}, of)
        if "__init__" in of.own:
            self.call(self.member(made, "__init__"), args, named)
        elif args or named:
            raise Unreadable(f"{of.title} takes no arguments")
        return made

    def member(self, owner: Class | Instance, name: str) -> Any:
        """Return `owner.name`. Raises Unreadable."""
        of = owner if isinstance(owner, Class) else owner.of
        if name == "__dict__" and isinstance(owner, Instance):
            return owner.own
        if isinstance(owner, Instance) and name in owner.own:
            return self.sure(owner.own[name])
        if of is None or name not in of.own:
            title = "the command line" if of is None else of.title
            raise Unreadable(f"{title} has no attribute {name[:60]} at this point")
        return self._bound(owner, of, self.sure(of.own[name]))

    def _bound(self, owner: Class | Instance, of: Class, value: Any) -> Any:
        if not isinstance(value, Function) or value.kind == "staticmethod":
            return value
        if value.kind == "classmethod":
            return replace(value, bound=(of,))
        if isinstance(owner, Class):
            return value
        bound = replace(value, bound=(owner,))
        return self.call(bound, [], {}) if value.kind == "property" else bound
