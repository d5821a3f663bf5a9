"""The `mhub` file itself, before anything is installed, and the locks that it installs."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

from mhub_core.settings import ROOT

LOCKS = ("requirements.txt", "requirements-web.txt", "requirements-gpu.txt", "requirements-test.txt")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def run(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    return subprocess.run(
        [sys.executable, "mhub", *words], cwd=folder, env={**clean, **environment}, capture_output=True, text=True
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A bare checkout with the launcher, its settings, and nothing installed."""
    shutil.copy(ROOT / "mhub", tmp_path)
    shutil.copytree(ROOT / "mhub_core", tmp_path / "mhub_core", ignore=shutil.ignore_patterns("__pycache__", "*.json"))
    for lock in LOCKS:
        shutil.copy(ROOT / lock, tmp_path)
    return tmp_path


@pytest.fixture
def launcher(checkout: Path) -> ModuleType:
    """The launcher as a module, with that checkout as its own."""
    loader = SourceFileLoader("mhub_launcher", str(checkout / "mhub"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def requirement_names(lines: list[str]) -> set[str]:
    return {re.match(r"[A-Za-z0-9-]+", line)[0].lower() for line in lines}


def test_the_launcher_can_be_read_by_any_python_3_and_imports_nothing_that_must_be_installed() -> None:
    tree = ast.parse((ROOT / "mhub").read_text(), feature_version=(3, 6))
    imported = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    assert imported <= sys.stdlib_module_names
    assert os.access(ROOT / "mhub", os.X_OK)


def test_an_old_python_is_told_what_is_needed(launcher: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    launcher.OLDEST, launcher.TOO_NEW = (3, 98), (3, 99)
    with pytest.raises(SystemExit, match="M-Hub needs Python 3.11, 3.12 or 3.13"):
        launcher.use_a_fitting_python()


def test_a_worker_without_addresses_is_told_which_are_missing_and_installs_nothing(checkout: Path) -> None:
    seen = run(checkout, "worker", REDIS_URL="redis://far")
    assert seen.returncode == 1
    assert "not set: DATABASE_URL, STORAGE_URL" in seen.stderr
    assert not (checkout / ".venv").exists()


def test_addresses_for_a_worker_may_stand_in_the_env_file(checkout: Path) -> None:
    (checkout / ".env").write_text("DATABASE_URL=postgresql://far/mhub\nSTORAGE_URL=file:///far\n")
    assert "not set: REDIS_URL." in run(checkout, "worker").stderr


@pytest.mark.parametrize(
    "words", [["up", "--port", "99999"], ["up", "--workers", "-1"], ["up", "--web", "0"], ["up", "--prot", "1"], ["dance"]]
)
def test_a_wrong_command_line_is_refused_before_anything_is_installed(checkout: Path, words: list[str]) -> None:
    seen = run(checkout, *words)
    assert seen.returncode == 2 and "Traceback" not in seen.stderr
    assert not (checkout / ".venv").exists()


def test_status_before_the_first_start_says_how_to_start(checkout: Path) -> None:
    assert "./mhub up" in run(checkout, "status").stderr


def test_what_the_tests_installed_serves_a_start_but_not_the_other_way_round(launcher: ModuleType) -> None:
    launcher.VENV.mkdir()
    launcher.PYTHON = Path(sys.executable)
    for lock, up, tests in (("requirements-test.txt", True, True), ("requirements.txt", True, False)):
        launcher.write_stamp({"lock": lock, "sha256": launcher.digest(lock)})
        assert (launcher.stamp_fits(launcher.CPU_LOCKS), launcher.stamp_fits(launcher.TEST_LOCKS)) == (up, tests)


def test_a_changed_lock_or_an_unfinished_set_up_is_installed_again(launcher: ModuleType) -> None:
    launcher.VENV.mkdir()
    launcher.PYTHON = Path(sys.executable)
    launcher.write_stamp({"lock": "requirements.txt", "sha256": "that of an older lock"})
    assert not launcher.stamp_fits(launcher.CPU_LOCKS)
    assert not launcher.must_start_afresh(launcher.read_stamp(), "requirements.txt")
    assert launcher.must_start_afresh(launcher.read_stamp(), "requirements-gpu.txt"), "the other kind of TensorFlow"
    launcher.write_stamp({"unfinished": "requirements.txt"})
    assert not launcher.stamp_fits(launcher.CPU_LOCKS)
    assert launcher.must_start_afresh(launcher.read_stamp(), "requirements.txt")


def test_a_failed_step_shows_its_last_words_and_what_to_do(launcher: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="the set-up failed at"):
        launcher.step([sys.executable, "-c", "raise SystemExit('no room on the disk')"])
    assert "no room on the disk" in capsys.readouterr().out


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_the_pinned_versions_and_only_one_kind_of_tensorflow_for_linux(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    pinned = {line.split(" ")[0] for line in lines}
    assert {line for line in PYPROJECT["dependencies"] if "==" in line and "[" not in line} <= pinned
    on_linux = [line for line in lines if line.startswith("tensorflow") and "!= 'linux'" not in line]
    assert len(on_linux) == (0 if lock == "requirements-web.txt" else 1)


def test_the_web_set_has_no_keras() -> None:
    names = requirement_names((ROOT / "requirements-web.txt").read_text().splitlines())
    assert not names & {"keras", "tensorflow", "tensorflow-cpu", "jax", "torch"}


def test_every_direct_dependency_is_explained() -> None:
    wanted = requirement_names(sum(PYPROJECT["optional-dependencies"].values(), PYPROJECT["dependencies"]))
    explained = set(re.findall(r"^\| ([a-z0-9-]+) \|", (ROOT / "docs" / "dependencies.md").read_text(), re.M))
    assert wanted == explained - {"package", "lock"}


def test_a_check_goes_on_after_a_step_that_failed_and_names_that_step_at_its_end(
    launcher: ModuleType, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(launcher.ROOT)
    launcher.PYTHON = Path(sys.executable)

    with pytest.raises(SystemExit, match="failed: no such thing[.] mend it"):
        launcher.carry_out((("no such thing", ["mhub_no_such_module"]), ("greeting", ["__hello__"])), {"set-up": 0.04}, "mend it")

    *_, said = capfd.readouterr().out.splitlines()
    assert re.fullmatch(r"--- set-up 0.0 s, no such thing \d+.\d s, greeting \d+.\d s", said)


def test_a_check_in_which_all_goes_well_ends_well(launcher: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(launcher.ROOT)
        launcher.PYTHON = Path(sys.executable)
        launcher.carry_out((("greeting", ["__hello__"]),), {}, "mend it")

    assert "Hello world!" in capfd.readouterr().out
