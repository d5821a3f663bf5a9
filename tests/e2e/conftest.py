"""Two hubs that all end-to-end tests share: embedded, and PostgreSQL with Redis and a second machine's worker. Both send mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from tests.chromium import browser
from tests.e2e.hub import Hub, lab, started_hub
from tests.mailbox import Mailbox, mail_server


@dataclass(frozen=True)
class Site:
    """A running hub, with the variables that it was given where a second machine shares them, and its mail server."""

    hub: Hub
    shared: dict[str, str]
    mailbox: Mailbox


# The tests of one hub stay together: each would start one of its own.
@pytest.fixture(
    scope="package",
    params=[pytest.param(name, marks=pytest.mark.xdist_group(f"{name} hub in a browser")) for name in ("small", "lab")],
)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A hub with all defaults but mail; then one on PostgreSQL and Redis with a second machine."""
    folder = tmp_path_factory.mktemp(request.param)
    with mail_server() as mailbox:
        mail = {"MHUB_SMTP_URL": mailbox.url, "MHUB_MAIL_FROM": "M-Hub <hub@school.example>"}
        if request.param == "lab":
            with lab(folder, **mail) as (hub, shared):
                yield Site(hub, shared, mailbox)
        else:
            with started_hub(folder / "home", **mail) as hub:
                yield Site(hub, {}, mailbox)


@pytest.fixture(scope="module")  # no longer: other tests in this process could start no browser meanwhile
def chromium() -> Iterator[Browser]:
    """One browser for all tests of a file."""
    with browser() as chromium:
        yield chromium
