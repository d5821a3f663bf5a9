"""Code is laid out in one way, by ruff: the settings are in pyproject.toml."""

import subprocess
import sys

import pytest

from mhub_core import settings


@pytest.mark.parametrize("check", [["format", "--diff"], ["check"]], ids=["layout", "rules"])
def test_ruff_has_nothing_to_say(check):
    done = subprocess.run([sys.executable, "-m", "ruff", *check, "."], cwd=settings.ROOT, capture_output=True, text=True)

    assert done.returncode == 0, f"Run `ruff format .`; what it says:\n{done.stdout[:4000]}"
