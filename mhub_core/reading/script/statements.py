"""Carries out the statements of a script; a line that cannot be followed spoils only the names that it would have set."""

from __future__ import annotations

import ast
from typing import Any

from mhub_core.reading.records import Unreadable
from mhub_core.reading.script import core, loading, meanings
from mhub_core.reading.script.assigning import as_load
from mhub_core.reading.script.calls import called_in, is_plain, kind_of
from mhub_core.reading.script.core import PYTHON_ERRORS, TooMuch
from mhub_core.reading.script.doubt import Doubt
from mhub_core.reading.script.values import (
    Broken,
    Class,
    Continued,
    Derailed,
    Failure,
    Function,
    Instance,
    Names,
    OwnCode,
    Reference,
    Returned,
    canonical,
    is_scalar,
)
from mhub_core.reading.sketch import Sketch

OWN_LAYER = "is a custom Python class, and no code of a script is run here"
_OPEN = "depends on whether this line fails, which is known only when the script runs"
_SILENT = (ast.Pass, ast.Assert)


class Statements(Doubt):
    """Carries out statements. What calls mean is told by the class that builds on this one."""

    DEEPEST = core.DEEPEST

    def __init__(self, sketch: Sketch) -> None:
        super().__init__(sketch)
        self._plain: dict[ast.FunctionDef, bool] = {}

    def run(self, body: list[ast.stmt], names: Names) -> None:
        """Carry out statements in order, and note those that are left out."""
        for statement in body:
            self.step()
            self.sketch.line = statement.lineno
            try:
                self._one(statement, names)
            except TooMuch:
                raise
            except RecursionError as error:
                raise TooMuch(
                    "this line is nested too deeply.", mend="Write it in several lines.", line=statement.lineno
                ) from error
            except Unreadable as error:
                self.left_out(statement, names, error.at(statement.lineno))
            except PYTHON_ERRORS as error:
                self.left_out(statement, names, Unreadable(f"it fails: {str(error)[:200]}", line=statement.lineno))

    def _one(self, statement: ast.stmt, names: Names) -> None:
        if isinstance(statement, _SILENT):
            return
        method = getattr(self, f"_do_{type(statement).__name__.lower()}", None)
        if method is None:
            raise Unreadable(f"a statement of the kind {type(statement).__name__} is not supported")
        method(statement, names)

    def _do_import(self, statement: ast.Import, names: Names) -> None:
        for alias in statement.names:
            top = alias.name.partition(".")[0]
            names.set(alias.asname or top, Reference(canonical(alias.name if alias.asname else top)))

    def _do_importfrom(self, statement: ast.ImportFrom, names: Names) -> None:
        home = "." * statement.level + (statement.module or "")
        for alias in statement.names:
            path = f"{home}.{alias.name}"
            if alias.name == "*":
                self._do_import_all(home, statement.lineno)
            elif path == "__future__.division":
                self.is_old = False
            else:
                names.set(alias.asname or alias.name, Reference(canonical(path)))

    def _do_import_all(self, home: str, line: int) -> None:
        """Remember where names may come from that nothing else gives; one that is known already keeps its meaning."""
        self.stars.append(canonical(home))
        if not meanings.has_names(canonical(home)):
            self.sketch.note(f"Left out: the names that come from {home[:60]} are not known", line)

    def _do_expr(self, statement: ast.Expr, names: Names) -> None:
        if not isinstance(statement.value, ast.Constant):
            self.value(statement.value, names)

    def _do_assign(self, statement: ast.Assign, names: Names) -> None:
        if isinstance(statement.targets[0], ast.Name) and statement.targets[0].id == "print":
            return  # What Python 2 prints.
        value = self.value(statement.value, names)
        for target in statement.targets:
            self.assign(target, value, names)

    def _do_annassign(self, statement: ast.AnnAssign, names: Names) -> None:
        if statement.value is not None:
            self.assign(statement.target, self.value(statement.value, names), names)

    def _do_augassign(self, statement: ast.AugAssign, names: Names) -> None:
        target = ast.copy_location(as_load(statement.target), statement)
        left, right = self.value(target, names), self.value(statement.value, names)
        if isinstance(left, list) and isinstance(statement.op, ast.Add):
            right = self.items(right)
        found = self.operate(type(statement.op), left, right)
        # Lists and dictionaries change in place, under all their names.
        if isinstance(left, list):
            left[:] = found
        elif isinstance(left, dict):
            left.update(found)
        self.assign(statement.target, left if isinstance(left, (list, dict)) else found, names)

    def _do_global(self, statement: ast.Global, names: Names) -> None:
        for name in statement.names:
            names.elsewhere[name] = names.outermost()

    def _do_nonlocal(self, statement: ast.Nonlocal, names: Names) -> None:
        for name in statement.names:
            home = names.outer and names.outer.home(name)
            if home is None:
                raise Unreadable(f"{name[:60]} is not known around this function")
            names.elsewhere[name] = home

    def _do_functiondef(self, statement: ast.FunctionDef, names: Names) -> None:
        if statement not in self._plain:
            self._plain[statement] = is_plain(statement)
        defaults = self.defaults(statement.args, names)
        function: Function | Failure = Function(statement, names, defaults, statement.name, kind_of(statement))
        if not self._plain[statement]:
            kind = OwnCode if called_in(statement) & core.MAKING else Unreadable
            words = f"{statement.name} is a generator or has a decorator, which is not followed"
            function = Failure(kind(words, mend="Call a plain function that builds the model.", line=statement.lineno))
        names.set(statement.name, function)

    def _do_return(self, statement: ast.Return, names: Names) -> None:
        raise Returned(None if statement.value is None else self.tried(statement.value, names))

    def _do_if(self, statement: ast.If, names: Names) -> None:
        try:
            holds = self.truth(statement.test, names)
        except TooMuch:
            raise
        except Unreadable:
            other = loading.other_branch(statement)
            if other is None:
                raise
            self.sketch.note("Read as if there were no file to load the model from", statement.lineno)
            self.run(other, names)
            return
        self.run(statement.body if holds else statement.orelse, names)

    def _do_for(self, statement: ast.For, names: Names) -> None:
        items = self.items(self.value(statement.iter, names))
        with self.looping():
            for item in items:
                self.assign(statement.target, item, names)
                if self._round(statement.body, names):
                    return
        self.run(statement.orelse, names)

    def _do_while(self, statement: ast.While, names: Names) -> None:
        with self.looping():
            while self.truth(statement.test, names):
                if self._round(statement.body, names):
                    return
        self.run(statement.orelse, names)

    def _round(self, body: list[ast.stmt], names: Names) -> bool:
        """Carry out a loop's body once, and tell whether the loop ends."""
        self.step()
        try:
            self.run(body, names)
        except Continued:
            return False
        except Broken:
            return True
        except Derailed as derailed:
            raise derailed.error from None
        return False

    def _do_break(self, statement: ast.Break, names: Names) -> None:
        raise Broken

    def _do_continue(self, statement: ast.Continue, names: Names) -> None:
        raise Continued

    def _do_with(self, statement: ast.With, names: Names) -> None:
        for item in statement.items:
            if isinstance(item.optional_vars, ast.Name):
                name = item.optional_vars.id
                error = Unreadable(f"what {name[:60]} holds is known only when the script runs", line=statement.lineno)
                names.set(name, Failure(error))
        self.run(statement.body, names)

    def _do_try(self, statement: ast.Try, names: Names) -> None:
        lines = [*statement.body, *statement.orelse]
        there = {name for name in self.all_named_by(lines) if names.home(name)}
        changed = self.attributes_set(lines, names)
        try:
            for place, line in enumerate(lines):
                before = self.num_doubtful
                self.run([line], names)
                if self.num_doubtful > before:
                    unsure = there & self.all_named_by(lines[place:]) | self.all_named_by(statement.handlers)
                    self._in_doubt(lines[place + 1 :], unsure, names, line.lineno)
                    error = Unreadable(f"what it is {_OPEN}", line=line.lineno)
                    for handler in statement.handlers:
                        self.unsure(handler, names, error, is_whole=True)
                    for _, owner, name in [item for item in changed if item[0] >= line.lineno]:
                        self.spoil_attribute(owner, name, error)
                    return
        finally:
            self.run(statement.finalbody, names)

    def _in_doubt(self, rest: list[ast.stmt], unsure: set[str], names: Names, line: int) -> None:
        """Carry out the rest of a `try` behind a line that was left out, and may have failed.

        What was there before and is set from there on has one of two values then; so has what a handler sets.
        """
        try:
            self.run(rest, names)
        except Returned:
            raise Returned(Failure(Unreadable(f"what comes back {_OPEN}", line=line))) from None
        for name in unsure:
            names.set(name, Failure(Unreadable(f"{name} {_OPEN}", line=line)))

    def _do_delete(self, statement: ast.Delete, names: Names) -> None:
        for target in statement.targets:
            if isinstance(target, ast.Name) and (home := names.home(target.id)):
                del home.own[target.id]
            elif isinstance(target, ast.Attribute) and isinstance(owner := self.value(target.value, names), (Class, Instance)):
                del owner.own[target.attr]
            elif isinstance(target, ast.Subscript):
                self._delete_part(self.value(target.value, names), self.value(target.slice, names))

    def _delete_part(self, owner: Any, index: Any) -> None:
        if not isinstance(owner, (list, dict)) or not is_scalar(index):
            raise Unreadable("it deletes something in a way that is not supported")
        del owner[index]

    def _do_raise(self, statement: ast.Raise, names: Names) -> None:
        raise Returned(Failure(Unreadable("the script stops here with an error of its own", line=statement.lineno)))
