"""What is declared is documented."""

from __future__ import annotations

import inspect
from pathlib import Path

from mhub_core import errors, settings

PACKAGES = ("mhub_core", "jobs", "db", "pages")


def test_every_setting_stands_in_the_documentation_as_it_is_declared():
    page = settings.ROOT / "docs" / "settings.md"

    assert page.read_text() == settings.page(), "run `python -m mhub_core.settings`"


def test_every_error_says_when_it_is_raised():
    for name, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, errors.MHubError) and kind is not errors.MHubError:
            assert (kind.__doc__ or "").startswith("Raised when"), name


def test_every_module_says_what_it_is_for():
    silent = [str(path) for path in modules() if path.read_text().strip() and not path.read_text().lstrip().startswith('"""')]

    assert silent == []


def modules() -> list[Path]:
    """Every Python file of the program, in order."""
    found = [path for package in PACKAGES for path in (settings.ROOT / package).rglob("*.py")]
    return sorted(path for path in found if "migrations" not in path.parts)
