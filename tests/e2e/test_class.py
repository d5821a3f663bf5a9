"""A class: a teacher makes a project, two students join it by its code on their phones, train, and see and tell each other."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from mhub_core.settings import ROOT
from tests.chromium import press
from tests.e2e.conftest import Site
from tests.e2e.hub import Hub
from tests.e2e.journey import PHONE, SLOW, WIDE, Journey
from tests.services import wait_until

pytestmark = pytest.mark.slow

SHOTS = ROOT / "tests" / "artifacts" / "class"
PASSWORD = "correct horse battery staple"


def person(chromium: Browser, hub: Hub, size: dict[str, int], shots: Path | None) -> Journey:
    """Open a browser of somebody's own."""
    page = chromium.new_context(viewport=size).new_page()
    page.set_default_timeout(SLOW)
    return Journey(page, hub.url, shots)


def make_project(teacher: Journey) -> tuple[str, str]:
    """Make a project that people can join as editors. Returns its address and its code."""
    page = teacher.page
    teacher.open("/Projects")
    page.get_by_text("New project", exact=True).click()
    page.get_by_label("Name", exact=True).fill("Class 8b")
    teacher.click("Create the project")
    expect(page).to_have_url(re.compile(r"/Project\?id=\d+"), timeout=SLOW)
    address = page.url.removeprefix(teacher.url)
    page.get_by_text("Invite with a code", exact=True).click()
    page.get_by_text("People can join with a code").click()
    page.get_by_role("radiogroup", name="Who joins can").get_by_text("Edit", exact=True).click()
    teacher.settle()
    code = page.locator(".mhub-join-code").inner_text().replace("-", "")
    return address, code


def join(student: Journey, code: str, name: str, email: str) -> None:
    """Scan the code, sign up, and be in the project."""
    page = student.page
    student.open(f"/Project?join={code}")
    student.click("Join")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("tab", name="Sign up").click()
    dialog.get_by_label("First name", exact=True).last.fill(name)
    dialog.get_by_label("E-mail", exact=True).last.fill(email)
    dialog.get_by_label("Password", exact=True).last.fill(PASSWORD)
    dialog.get_by_label("Repeat password", exact=True).fill(PASSWORD)
    with page.expect_response(re.compile("/api/session"), timeout=SLOW):  # which sets the cookie
        press(dialog.get_by_role("button", name="Sign up"))
    expect(page.get_by_text("Leaderboard of this project")).to_be_visible(timeout=SLOW)


def train(student: Journey) -> None:
    """Train the first model of the guide on rows of a table."""
    page = student.page
    student.open("/")
    page.get_by_role("button", name=re.compile("Classify rows of a table")).click()
    expect(page).to_have_url(re.compile(r"/Dataset\?id=\d+"), timeout=SLOW)
    student.follow(re.compile("Next: 2 Network"))
    expect(page).to_have_url(re.compile(r"/Builder\?model=\d+"), timeout=SLOW)
    student.settle()
    student.follow("3 Train")
    student.train()
    student.wait_for_run()


def test_a_class_trains_compares_and_talks_in_a_project(chromium: Browser, site: Site) -> None:
    shots = None if site.shared else SHOTS
    domain = f"{secrets.token_hex(4)}.example.org"  # another if the test is asked again: the hub knows these
    teacher = person(chromium, site.hub, WIDE, shots)
    teacher.sign_up("Tess", f"tess@{domain}", PASSWORD)
    teacher.open("/Notices")
    teacher.page.get_by_text("By mail", exact=True).nth(2).click()  # of mentions
    teacher.settle()
    address, code = make_project(teacher)
    teacher.shoot("project_empty")

    teacher.wait_for_words("/Datasets", "Handwritten digits (MNIST)")  # until then the hub is installing its data

    # Both students join and train on phones.
    sam, kim = (person(chromium, site.hub, PHONE, shots) for _ in range(2))
    for student, name in ((sam, "Sam"), (kim, "Kim")):
        join(student, code, name, f"{name.lower()}@{domain}")
        train(student)

    # Each sees the other on the leaderboard of the project, and compares.
    kim.open(address)
    board = kim.page.locator(".st-key-window-leaderboard")
    for name in ("Sam", "Kim"):
        expect(board.get_by_role("cell", name=name)).to_be_visible(timeout=SLOW)
    assert kim.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it scrolls sideways"
    for box in board.locator("input.mhub-tick").all():
        box.check()
    board.get_by_role("button", name="Compare").click()
    expect(kim.page).to_have_url(re.compile(r"/Compare\?runs=\d+(,|%2C)\d+"), timeout=SLOW)
    kim.sees("Settings that differ")
    kim.shoot("compare")

    # Kim tells the teacher, who hears of it by the bell and by mail, and follows it.
    kim.page.set_viewport_size(PHONE)
    kim.open(address)
    kim.page.get_by_text("Write a comment", exact=True).click()
    kim.page.get_by_label("Your comment (Markdown)").fill("@Tess which of **our** models is better?")
    kim.page.get_by_role("button", name="Comment", exact=True).click()
    expect(kim.page.get_by_text("models is better?")).to_be_visible(timeout=SLOW)
    teacher.open("/")
    bell = teacher.page.get_by_role("button", name=re.compile("Notifications|unread", re.I)).first
    bell.click()
    teacher.page.get_by_role("link", name=re.compile("Kim mentioned you in a comment on the project Class 8b")).click()
    expect(teacher.page).to_have_url(re.compile(r"/Project\?.*comment=\d+"), timeout=SLOW)
    expect(teacher.page.get_by_text("models is better?")).to_be_visible(timeout=SLOW)
    teacher.shoot("project")
    told = "Kim mentioned you in a comment on the project Class 8b"
    told_teacher = lambda one: told in str(one["subject"]) and one["to"] == f"tess@{domain}"  # noqa: E731
    wait_until(lambda: any(map(told_teacher, site.mailbox.letters)), 60)
    [letter] = filter(told_teacher, site.mailbox.letters)
    assert "/Project?id=" in letter.get_content()

    # The teacher switches the code off: a third one cannot come in any more.
    teacher.open(address)
    teacher.page.get_by_text("Invite with a code", exact=True).click()
    teacher.page.get_by_text("People can join with a code").click()
    teacher.settle()
    late = person(chromium, site.hub, PHONE, None)
    late.open(f"/Project?join={code}")
    expect(late.page.get_by_role("button", name="Join", exact=True)).to_have_count(0)
    late.sees(re.compile("code", re.I))
