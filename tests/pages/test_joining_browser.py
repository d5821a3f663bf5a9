"""A student who scans the code of a class on a phone: signs up, and is in."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from mhub_core.projects import join_service
from mhub_core.projects import service as projects
from tests import chromium
from tests.server.small_app import served_hub

pytestmark = pytest.mark.slow
SECONDS = 30_000
PASSWORD = "three unrelated words"


def test_a_student_joins_by_the_code_on_a_phone(ada) -> None:
    project_id = projects.create(ada, "Class 8b")
    join_service.set_entry(ada, project_id, True, "edit")
    code = join_service.require_entry(ada, project_id).code
    with served_hub() as url, chromium.browser() as browser:
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.set_default_timeout(SECONDS)
        expect.set_options(timeout=SECONDS)
        page.goto(f"{url}/Project?join={code}")
        page.get_by_role("button", name="Join", exact=True).click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("tab", name="Sign up").click()
        for label, text in (("First name", "Sam"), ("E-mail", "sam@example.org")):
            dialog.get_by_label(label, exact=True).last.fill(text)
        dialog.get_by_label("Password", exact=True).last.fill(PASSWORD)
        dialog.get_by_label("Repeat password", exact=True).fill(PASSWORD)
        chromium.press(dialog.get_by_role("button", name="Sign up"))

        expect(page.get_by_text("Leaderboard of this project")).to_be_visible()
        expect(page.get_by_role("cell", name="Sam")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it scrolls sideways"
    assert [one.person_name for one in projects.require_project(ada, project_id).members] == ["Ada", "Sam"]
