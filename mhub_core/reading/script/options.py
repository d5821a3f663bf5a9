"""The options of a command line: a script is read as if it were started without any, so that each has its default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mhub_core.reading.records import Unreadable
from mhub_core.reading.script.values import Failure, Instance, Reference, is_scalar

PARSERS = ("argparse.ArgumentParser", "optparse.OptionParser")
_GROUPS = ("add_argument_group", "add_mutually_exclusive_group")
_CONVERTED: dict[str, Callable[[Any], Any]] = {"int": int, "float": float, "str": str}
_SWITCHES = {"store_true": False, "store_false": True, "count": None}
_DEFINE = "DEFINE_"


@dataclass(eq=False)
class Parser:
    """An ArgumentParser, and the values that its options have."""

    own: dict[str, Any] = field(default_factory=dict)
    is_pair: bool = False  # Whether parse_args gives the other words of the command line too, as in optparse.


def method(parser: Parser, name: str, args: list[Any], named: dict[str, Any]) -> Any:
    """Return what a method of a parser gives. Raises Unreadable for one that is not known."""
    if name in ("add_argument", "add_option"):
        target = _target(args, named)
        parser.own[target] = _default(target, args, named)
        return None
    if name in _GROUPS:
        return parser
    if name == "set_defaults":
        parser.own.update(named)
        return None
    if name in ("parse_args", "parse_known_args"):
        if any(item not in (None, [], ()) for item in [*args, *named.values()]):
            raise Unreadable("the command-line options are set in a way that is not supported")
        options = Instance(dict(parser.own))
        return (options, []) if parser.is_pair or name == "parse_known_args" else options
    raise Unreadable(f"{name[:60]} of an ArgumentParser is not supported")


def _target(args: list[Any], named: dict[str, Any]) -> str:
    """Return the name under which the value of an option is found, as argparse makes it."""
    if isinstance(named.get("dest"), str):
        return str(named["dest"])
    flags = [item for item in args if isinstance(item, str)]
    long = next((item for item in flags if item.startswith("--")), flags[0])
    return long.lstrip("-").replace("-", "_")


def _default(target: str, args: list[Any], named: dict[str, Any]) -> Any:
    is_needed = named.get("required") is True or (not str(args[0]).startswith("-") and named.get("nargs") not in ("?", "*"))
    if "default" not in named and is_needed:
        told = f"the option {target[:60]} of the command line has no default"
        return Failure(Unreadable(told, mend="Give it a default, or write the plain value in its place."))
    if "default" not in named:
        return _SWITCHES.get(str(named.get("action")))
    return _converted(target, named["default"], named.get("type"))


def _converted(target: str, value: Any, kind: Any) -> Any:
    """A default that is a text goes through the option's type, as one that is typed does."""
    if not isinstance(value, str) or kind is None:
        return value
    name = kind.path if isinstance(kind, Reference) else kind
    if name not in _CONVERTED:
        return Failure(Unreadable(f"the option {target[:60]} passes through a function that cannot be read"))
    return _CONVERTED[name](value)


def is_definition(path: str) -> bool:
    """Tell whether a name is one of the functions that define a flag, such as absl.flags.DEFINE_integer."""
    home, _, last = path.rpartition(".")
    return last.startswith(_DEFINE) and home.endswith("flags")


def define(flags: Instance, args: list[Any], named: dict[str, Any]) -> None:
    """Remember the default of a flag."""
    named = dict(zip(("name", "default"), args)) | named
    if isinstance(named.get("name"), str) and (is_scalar(named.get("default")) or isinstance(named.get("default"), list)):
        flags.own[named["name"]] = named.get("default")
