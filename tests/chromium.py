"""The browser of the tests: a headless Chromium that asks nothing of the outside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

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


@contextmanager
def browser() -> Iterator[Browser]:
    """Run a headless Chromium until the block ends. Skips the test where there is none; `./mhub test` refuses that under CI."""
    if not os.path.exists(PATH):
        pytest.skip("no Chromium here")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=PATH, args=OPTIONS)
        yield chromium
        chromium.close()
