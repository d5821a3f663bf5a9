"""Writes `docs/verbs.md`: what each room offers to the others, read from signatures and docstrings. `python -m docs.verbs`.

A module stands on the page when another room, a page or a job imports it. Pure standard library: nothing is imported, so it
runs before anything is installed, and without Keras.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORE = "mhub_core"
PAGE = ROOT / "docs" / "verbs.md"
HEAD = f"""# What each room offers

This page is made by `python -m docs.verbs` from the signatures and the docstrings of every module that another room, a page or
a job imports. What the rooms are, and which may import which: [architecture](architecture.md). The full docstrings stand in the
code. A star marks a name that comes from a file behind the module; `{CORE}.` is left out.
"""


@cache
def modules() -> dict[str, ast.Module]:
    """Return every module of the program by its dotted name, read but not imported."""
    files = [path for folder in (CORE, "jobs", "pages") for path in sorted((ROOT / folder).rglob("*.py"))]
    return {_name(path): ast.parse(path.read_text(encoding="utf-8")) for path in [ROOT / "Home.py", *files]}


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def room(module: str) -> str:
    """Return the room of a module of the core, the ground's own name for `errors`, `queue` and the like; else nothing."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == CORE else ""


def public() -> list[str]:
    """Return the services of the core, and its modules that are used from outside of their room, in order."""
    used = {target for source in modules() for target in _imported(source) if room(target) not in ("", room(source))}
    return [module for module in modules() if (module in used or module.endswith("service")) and room(module) and _offers(module)]


def _imported(module: str) -> Iterator[str]:
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in modules() else node.module


def _offers(module: str) -> list[str]:
    """Return one line for each public function and class of a module, and for what it takes from files behind it to pass on."""
    tree = modules()[module]
    lines = [_line(node) for node in tree.body if _is_public(node)]
    passed_on = _passed_on(tree)
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module in modules():
            names = {alias.name for alias in node.names} & passed_on
            lines += [_line(inner, "\\*") for inner in modules()[node.module].body if getattr(inner, "name", None) in names]
    return lines


def _passed_on(tree: ast.Module) -> set[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def _is_public(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")


def _line(node: ast.stmt, mark: str = "") -> str:
    assert isinstance(node, ast.FunctionDef | ast.ClassDef)
    words = (ast.get_docstring(node) or "").partition("\n\n")[0].replace("\n", " ")
    return f"- `{_signature(node)}`{mark}" + (f": {words}" if words else "")


def _signature(node: ast.FunctionDef | ast.ClassDef) -> str:
    if isinstance(node, ast.FunctionDef):
        returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
        return f"{node.name}({ast.unparse(node.args)}){returns}"
    fields = [part for part in node.body if isinstance(part, ast.AnnAssign) and not ast.unparse(part.target).startswith("_")]
    is_record = any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)
    return f"class {node.name}" + (f"({', '.join(ast.unparse(part) for part in fields)})" if is_record else "")


def page() -> str:
    """Return the whole page."""
    parts, last = [HEAD], ""
    for module in public():
        if room(module) != last:
            last = room(module)
            parts.append(f"\n## {last}\n" + (f"{_about(f'{CORE}.{last}')}\n" if module != f"{CORE}.{last}" else ""))
        title = f"\n### {module.removeprefix(f'{CORE}.')}\n" if module != f"{CORE}.{last}" else ""
        parts.append(f"{title}{_about(module)}\n\n" + "\n".join(_offers(module)) + "\n")
    return "".join(parts)


def _about(module: str) -> str:
    return (ast.get_docstring(modules()[module]) or "").partition("\n\n")[0].replace("\n", " ")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
