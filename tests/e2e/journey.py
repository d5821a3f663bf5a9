"""What a newcomer does in the browser, step by step; each step ends when the screen shows that it worked."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.chromium import press

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SLOW = 60_000  # milliseconds: a shared machine that has just started


@dataclass
class Journey:
    """One person in one browser tab. `shots` is where screenshots go, each at both widths; None: none are taken."""

    page: Page
    url: str
    shots: Path | None

    def open(self, path: str) -> None:
        """Go to an address of the hub and wait until its page has been drawn."""
        self.page.goto(self.url + path)
        self.settle()

    def settle(self) -> None:
        """Wait until the script of the page has run to its end."""
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=SLOW)

    def shoot(self, name: str) -> None:
        """Save the page at both widths, and expect no sideways scrolling at either."""
        if self.shots is None:
            return
        self.shots.mkdir(parents=True, exist_ok=True)
        for size in (PHONE, WIDE):
            self.page.set_viewport_size({**size, "height": 2400})
            self.settle()
            time.sleep(0.6)  # for the picture: charts and the diagram draw themselves anew after a change of size
            self.page.wait_for_function(f"document.documentElement.scrollWidth <= {size['width']}", timeout=SLOW)
            self.page.screenshot(path=str(self.shots / f"{name}_{size['width']}.png"))
        self.page.set_viewport_size(WIDE)
        self.settle()

    def click(self, name: str, *, exact: bool = True) -> None:
        """Click the first visible button of that name."""
        press(self.page.get_by_role("button", name=name, exact=exact).locator("visible=true").first)

    def follow(self, name: str | re.Pattern[str]) -> None:
        """Follow the first visible link of the page, not of the menu, whose words match."""
        self.page.get_by_test_id("stMain").get_by_role("link", name=name).locator("visible=true").first.click(timeout=SLOW)

    def sees(self, words: str | re.Pattern[str], seconds: float = 60.0) -> None:
        """Expect words on the screen."""
        expect(self.page.get_by_text(words).locator("visible=true").first).to_be_visible(timeout=seconds * 1000)

    def wait_for_words(self, path: str, words: str, seconds: float = 90.0) -> None:
        """Reload a page until it shows words that a worker has yet to bring."""
        end = time.monotonic() + seconds
        self.open(path)
        while not self.page.get_by_text(words).count() and time.monotonic() < end:
            time.sleep(1.0)
            self.open(path)
        self.sees(words)

    def sign_up(self, name: str, email: str, password: str) -> None:
        """Make an account on the start page."""
        self.open("/")
        self.page.get_by_role("tab", name="Sign up").first.click()
        form = self.page.get_by_test_id("stForm").filter(has_text="Repeat password")
        form.get_by_label("First name").fill(name)
        form.get_by_label("E-mail").fill(email)
        form.get_by_label("Password", exact=True).fill(password)
        form.get_by_label("Repeat password").fill(password)
        with self.page.expect_response(re.compile("/api/session"), timeout=SLOW):  # which sets the cookie
            press(form.get_by_role("button", name="Sign up"))
        self.sees("Train your first model")

    def choose(self, label: str, option: str) -> None:
        """Choose an option of a select box."""
        self.page.get_by_test_id("stSelectbox").filter(has_text=label).locator("visible=true").first.get_by_role(
            "combobox"
        ).click()
        self.page.get_by_role("option", name=option).first.click()
        self.settle()

    def upload(self, file: Path) -> None:
        """Send a file on the page of datasets, and wait for what the hub sees in it."""
        self.open("/Datasets?upload=1")
        self.page.locator("input[data-part=file]").set_input_files(file)
        self.sees(re.compile(rf"^{re.escape(file.name)}: "))

    def train(self) -> str:
        """Press the button of the training form, and return the address of the run."""
        self.click("Start training")
        expect(self.page).to_have_url(re.compile(r"/Run\?id=\d+"), timeout=SLOW)
        return self.page.url.removeprefix(self.url)

    def wait_for_run(self, seconds: float = 180.0) -> None:
        """Watch a run until it has finished."""
        self.sees(re.compile("^Finished"), seconds)
        self.sees(re.compile("Scores on the held-out test set"))
