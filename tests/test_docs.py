"""What is declared is documented."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from docs import verbs
from mhub_core import errors, settings
from tests.e2e import shots

PACKAGES = ("mhub_core", "jobs", "db", "pages")


def test_every_setting_stands_in_the_documentation_as_it_is_declared():
    page = settings.ROOT / "docs" / "settings.md"

    assert page.read_text() == settings.page(), "run `./mhub fix`, which writes it anew"


def test_the_page_of_what_each_room_offers_is_as_the_code_says():
    assert verbs.PAGE.read_text() == verbs.page(), "run `./mhub fix`, which writes it anew"


def test_that_page_names_every_verb_of_every_service():
    services = [module for module in verbs.modules() if module.endswith("service") and verbs.room(module)]

    assert len(services) > 10
    assert set(services) <= set(verbs.public())
    assert "- `sign_out(token: str) -> None`: End one session." in verbs.page()
    assert "- `paste(" in verbs.page()  # of a file behind graphs.edit


def test_every_page_of_the_documentation_is_linked_from_another_and_every_link_leads_somewhere():
    pages = [settings.ROOT / "README.md", settings.ROOT / "CONTRIBUTING.md", *sorted((settings.ROOT / "docs").glob("*.md"))]
    links = {
        (page, (page.parent / target.partition("#")[0]).resolve())
        for page in pages
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text())
        if not target.startswith(("http://", "https://", "#"))
    }

    assert [f"{page.name}: {target.name}" for page, target in links if not target.exists()] == []
    assert {page.name for page in pages} - {target.name for page, target in links if page != target} <= {"README.md"}


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


def test_every_picture_of_the_readme_is_one_that_is_taken_anew():
    shown = set(re.findall(r"\(docs/pictures/([^)]+)\)", (settings.ROOT / "README.md").read_text()))

    assert shown
    assert shown == set(shots.SOURCES) == {path.name for path in shots.PICTURES.iterdir()}
