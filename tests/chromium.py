"""The browser of the tests: a headless Chromium that asks nothing of the outside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from playwright.sync_api import Browser, Error, Locator, Page, sync_playwright

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATH = os.environ.get("MHUB_CHROMIUM", "/usr/bin/chromium")  # `./mhub test` says where it is, or that there is none

_STANDS_STILL = """async (button) => {
  const place = () => { const { left, top } = button.getBoundingClientRect(); return `${left} ${top}`; };
  for (let before = "", now = place(); before !== now; [before, now] = [now, place()])
    await new Promise((done) => setTimeout(done, 300));
}"""
SECONDS = 5_000  # milliseconds for a page to say what it shows
_running: list[Browser] = []


@contextmanager
def browser() -> Iterator[Browser]:
    """Run a headless Chromium until the block ends. Skips the test where there is none; `./mhub test` refuses that under CI."""
    if not os.path.exists(PATH):
        pytest.skip("no Chromium here")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=PATH, args=OPTIONS)
        _hold_still(chromium)
        _running.append(chromium)
        try:
            yield chromium
        finally:
            _running.remove(chromium)
            chromium.close()


def _hold_still(chromium: Browser) -> None:
    """Ask pages for less motion, unless a test says otherwise: in a box that is still unfolding, a button that is pressed may
    have moved away before it is let go, and the click is lost. Playwright sets this for each context, whatever the browser was
    told.
    """
    for opens in ("new_context", "new_page"):
        setattr(chromium, opens, partial(getattr(chromium, opens), reduced_motion="reduce"))


def press(button: Locator, seconds: float = 60.0) -> None:
    """Click once a button has stood still for as long as a person takes to aim. Parts of a page that are still being loaded move
    what is below them, and a button that has moved between press and release was not clicked.
    """
    button.wait_for(timeout=seconds * 1000)
    button.evaluate(_STANDS_STILL)
    button.click(timeout=seconds * 1000)


def on_screen() -> str:
    """Return the address and the words of every open page, for the report of a test that failed."""
    pages = [page for chromium in _running for context in chromium.contexts for page in context.pages]
    return "\n\n".join(f"{page.url}\n{_words(page)}" for page in pages)


def _words(page: Page) -> str:
    try:
        return page.inner_text("body", timeout=SECONDS)
    except Error as error:
        return f"(no answer: {error.message})"
