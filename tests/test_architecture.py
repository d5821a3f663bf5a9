"""Who may import whom. The table of docs/architecture.md, held by reading every import of the program."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from mhub_core import sandbox
from mhub_core.kinds.registry import KINDS
from mhub_core.settings import ROOT
from mhub_core.tasks.registry import TASKS
from mhub_core.training.engine.learners import registry as learner_engines
from mhub_core.training.engine.tasks import registry as engines
from mhub_core.training.learners.registry import LEARNERS
from mhub_core.ui.kinds import registry as kind_views
from mhub_core.ui.tasks import registry as task_views

# From the ground up: a room of the core imports only rooms that stand before it here.
FLOORS = (
    ("settings", "errors", "look"),
    ("storage", "catalog", "queue", "zips", "tars", "sandbox", "together", "mail", "notices"),
    ("sharing", "accounts", "comments", "projects"),
    ("data", "graphs", "tasks", "recipes", "kinds", "sources"),
    ("datasets", "models", "reading"),
    ("exploring",),
    ("training", "evaluation"),
    ("runs",),
    ("leaderboards", "finding", "people"),
    ("ui", "server"),
)
ORDER = [room for floor in FLOORS for room in floor]
APART = ("charts",)  # imports nothing of ours
HEAVY = ("tensorflow", "keras")
PAGES_MAY_NOT = ("db", "jobs", "pages", "sqlalchemy", "dramatiq", *HEAVY)


@cache
def modules() -> dict[str, Path]:
    """Every module of the program by its dotted name."""
    files = [
        ROOT / "Home.py",
        *(path for folder in ("mhub_core", "jobs", "db", "pages") for path in (ROOT / folder).rglob("*.py")),
    ]
    return {name_of(path): path for path in sorted(files) if "migrations" not in path.parts}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def imports(module: str, inner: bool = True) -> frozenset[str]:
    """Return what a module imports, as dotted names; `inner` counts also what it imports inside of functions."""
    tree = ast.parse(modules()[module].read_text(encoding="utf-8"))
    nodes = ast.walk(tree) if inner else iter(tree.body)
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert not node.level, f"{module} imports relatively"
            found.update(whole(node.module, alias.name) for alias in node.names)
    return frozenset(found)


def whole(module: str, name: str) -> str:
    """`from a import b` is the module a.b when that is one, else the module a."""
    return f"{module}.{name}" if f"{module}.{name}" in modules() else module


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "mhub_core" else ""


def is_service(module: str) -> bool:
    return module.rpartition(".")[2].endswith("service")


def is_engine(module: str) -> bool:
    return "engine" in module.split(".")


def top(name: str) -> str:
    return name.partition(".")[0]


def core() -> list[str]:
    return [module for module in modules() if room(module)]


def offenders(sources: list[str], is_wrong) -> list[str]:  # noqa: ANN001
    return [f"{source} -> {target}" for source in sources for target in sorted(imports(source)) if is_wrong(source, target)]


def test_every_room_has_its_floor():
    assert {room(module) for module in core()} == {*ORDER, *APART}


def test_a_room_imports_only_what_stands_before_it():
    def is_above(source: str, target: str) -> bool:
        mine, other = room(source), room(target)
        return other in ORDER and mine in ORDER and ORDER.index(other) > ORDER.index(mine)

    assert offenders(core(), is_above) == []


def named(node: ast.expr) -> set[str]:
    """The texts that a side of a comparison names."""
    parts = node.elts if isinstance(node, (ast.Tuple, ast.List, ast.Set)) else [node]
    texts = {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)}
    return texts | {part.id for part in parts if isinstance(part, ast.Name) and part.id.isupper()}


def names_not_to_ask_for(module: str) -> set[str]:
    """The names of kinds, tasks and learners; where programs are read or installed, "keras" is the library of that name."""
    of_libraries = room(module) in ("graphs", "catalog", "reading") or module == "jobs.machine"
    return {*KINDS, *TASKS, *(() if of_libraries else (*LEARNERS, "KERAS"))}


def test_nobody_asks_which_kind_task_or_learner_it_is():
    def asks_by_name(module: str, node: ast.AST) -> bool:
        if not isinstance(node, ast.Compare):
            return False
        return any(named(side) & names_not_to_ask_for(module) for side in (node.left, *node.comparators))

    asks = [
        f"{module}:{node.lineno}"
        for module, path in modules().items()
        if not {"kinds", "tasks", "learners"} & set(module.split("."))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare)
        and any(named(side) & names_not_to_ask_for(module) for side in (node.left, *node.comparators))
    ]

    assert asks == []


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_has_its_two_files(name):
    assert {f"mhub_core.kinds.{name}", f"mhub_core.ui.kinds.{name}"} <= modules().keys()
    assert name in kind_views.VIEWS


@pytest.mark.parametrize("name", TASKS)
def test_every_task_has_its_three_files(name):
    rooms = ("tasks", "training.engine.tasks", "ui.tasks")
    assert {f"mhub_core.{place}.{name}" for place in rooms} <= modules().keys()
    assert name in engines.ENGINES and name in task_views.VIEWS


@pytest.mark.parametrize("name", LEARNERS)
def test_every_learner_has_its_two_files(name):
    assert {f"mhub_core.training.learners.{name}", f"mhub_core.training.engine.learners.{name}"} <= modules().keys()
    assert name in learner_engines.ENGINES


def test_the_core_never_imports_pages_or_jobs():
    assert offenders(core(), lambda source, target: top(target) in ("pages", "jobs", "Home")) == []


def test_charts_import_nothing_of_ours():
    assert offenders(core(), lambda source, target: room(source) == "charts" and room(target) not in ("", "charts")) == []


def test_only_service_files_import_the_database():
    assert offenders(core(), lambda source, target: top(target) == "db" and not is_service(source)) == []


def test_only_ui_and_server_import_streamlit():
    assert offenders(core(), lambda source, target: top(target) == "streamlit" and room(source) not in ("ui", "server")) == []


def test_only_engines_import_keras():
    def is_wrong(source: str, target: str) -> bool:
        return top(target) in HEAVY and not is_engine(source) and source != "mhub_core.catalog.generate"

    assert offenders(list(modules()), is_wrong) == []


def test_only_jobs_and_engines_import_engines():
    def is_wrong(source: str, target: str) -> bool:
        may = top(source) == "jobs" or is_engine(source) or source.startswith("mhub_core.catalog.")
        return bool(room(target)) and is_engine(target) and not may

    assert offenders(list(modules()), is_wrong) == []


def test_pages_know_the_core_only():
    pages = [module for module in modules() if top(module) in ("pages", "Home")]
    closed = {"queue", "storage", "catalog.generate"}

    assert offenders(pages, lambda source, target: top(target) in PAGES_MAY_NOT or is_engine(target)) == []
    assert offenders(pages, lambda source, target: room(target) in closed) == []


def test_what_runs_in_the_sandbox_loads_no_database():
    def reached(module: str, seen: set[str]) -> set[str]:
        if module not in seen:
            seen.add(module)
            for target in imports(module, inner=False) & modules().keys():
                reached(target, seen)
        return seen

    entries = {where.partition(":")[0] for name, where in sandbox.FUNCTIONS.items() if name != "fetch_source"}  # fetches by SQL
    assert [module for entry in entries for module in reached(entry, set()) if top(module) == "db"] == []


def test_the_database_imports_nothing_but_the_ground():
    tables = [module for module in modules() if top(module) == "db"]

    assert offenders(tables, lambda source, target: room(target) not in ("", *FLOORS[0])) == []


def test_no_two_modules_import_each_other():
    done: set[str] = set()

    def walk(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path, module))
        if module not in done:
            for target in imports(module) & modules().keys() - {module}:
                walk(target, (*path, module))
            done.add(module)

    for module in modules():
        walk(module, ())


@pytest.mark.parametrize("module", [name for name, path in modules().items() if path.name == "__init__.py"])
def test_a_package_says_what_it_is_and_imports_nothing(module):
    tree = ast.parse(modules()[module].read_text(encoding="utf-8"))

    assert ast.get_docstring(tree)
    assert len(tree.body) == 1


def test_the_web_process_never_loads_tensorflow_or_keras():
    pages = {target for module in modules() if top(module) in ("pages", "Home") for target in imports(module) if room(target)}
    web = sorted(pages | {module for module in core() if room(module) == "server" and not module.endswith("__main__")})
    code = f"import importlib, sys\nfor name in {web}: importlib.import_module(name)\n"
    code += f"print([n for n in {HEAVY} if n in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert done.stdout.splitlines()[-1:] == ["[]"], done.stderr
