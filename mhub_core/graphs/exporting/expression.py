"""Python expressions as trees, written as formatters write them: on one line where it fits, else broken at the brackets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

WIDTH = 88
STEP = "    "


@dataclass(frozen=True)
class Items:
    """A list or a tuple."""

    items: tuple[Any, ...]
    brackets: str = "[]"

    def flat(self) -> str:
        """Return it on one line."""
        comma = "," if self.brackets == "()" and len(self.items) == 1 else ""
        return f"{self.brackets[0]}{', '.join(map(flat, self.items))}{comma}{self.brackets[1]}"


@dataclass(frozen=True)
class Call:
    """A function, which may itself be called first, and its arguments: pairs of a name, or "", and a value."""

    function: Any
    arguments: tuple[tuple[str, Any], ...] = ()
    after: str = ""  # What follows the call, such as [0].

    def flat(self) -> str:
        """Return it on one line."""
        return f"{flat(self.function)}({', '.join(map(_argument, self.arguments))}){self.after}"


def flat(expression: Any) -> str:
    """Return an expression on one line."""
    return expression if isinstance(expression, str) else expression.flat()


def literal(value: Any) -> Any:
    """Return plain data as an expression: lists become tuples, as Keras users write sizes."""
    if isinstance(value, list):
        return Items(tuple(literal(item) for item in value), "()")
    if value == 1 / 255 and isinstance(value, float):
        return "1 / 255"
    return quoted(value) if isinstance(value, str) else repr(value).replace("e-0", "e-")


def listed(value: Any) -> Any:
    """Return a list of expressions as the expression of a list; anything else as it is."""
    return Items(tuple(value)) if isinstance(value, list) else value


def quoted(text: str) -> str:
    """Return a text in double quotes. `repr` escapes whatever somebody put into it."""
    written = repr(text)
    return f'"{written[1:-1]}"' if written.startswith("'") and '"' not in text else written


def statement(head: str, expression: Any, indent: str = "", tail: str = "") -> list[str]:
    """Return the lines of `head` + expression + `tail`, none wider than WIDTH where brackets allow it."""
    line = f"{indent}{head}{flat(expression)}{tail}"
    if len(line) <= WIDTH or isinstance(expression, str):
        return [line]
    if isinstance(expression, Items):
        parts = [("", item) for item in expression.items]
        return _broken(head + expression.brackets[0], parts, expression.brackets[1] + tail, indent)
    head, parts, tail = _opened(head, expression, tail)
    return _broken(head, parts, tail, indent)


def _opened(head: str, call: Call, tail: str) -> tuple[str, list[tuple[str, Any]], str]:
    """Return what stands before, in and behind the fullest brackets: those of `layers.Dense(...)` in `layers.Dense(...)(x)`."""
    inside = ", ".join(map(_argument, call.arguments))
    first = call.function
    if isinstance(first, Call) and len(", ".join(map(_argument, first.arguments))) > len(inside):
        return _opened(head, first, f"({inside}){call.after}{tail}")
    return f"{head}{flat(first)}(", list(call.arguments), f"){call.after}{tail}"


def _broken(head: str, parts: list[tuple[str, Any]], tail: str, indent: str) -> list[str]:
    deeper = indent + STEP
    body = deeper + ", ".join(map(_argument, parts))
    if len(body) <= WIDTH and not _is_long_list(head, parts):
        return [indent + head, body, indent + tail]
    comma = "" if len(parts) == 1 and not parts[0][0] else ","
    lines = [line for name, value in parts for line in statement(f"{name}=" if name else "", value, deeper, comma)]
    return [indent + head, *lines, indent + tail]


def _is_long_list(head: str, parts: list[tuple[str, Any]]) -> bool:
    """Layers in a list stand one on a line, however short they are."""
    return head.endswith("[") and any(isinstance(value, Call) for _, value in parts)


def _argument(pair: tuple[str, Any]) -> str:
    name, value = pair
    return f"{name}={flat(value)}" if name else flat(value)
