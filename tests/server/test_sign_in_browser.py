"""Ways in, in a real browser: another provider whose account is linked once, and a forgotten password by mail."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from mhub_core.accounts import service
from tests import chromium
from tests.provider import CLIENT_ID, SECRET, provider
from tests.server.small_app import served_hub

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("one served hub")]
PASSWORD = "correct horse"


def test_somebody_links_a_provider_once_and_later_sets_a_forgotten_password(database, mailbox, monkeypatch):
    monkeypatch.delenv("MHUB_ADDRESS")
    expect.set_options(timeout=30_000)
    service.sign_up("root@school.example", "Root", PASSWORD, "here")
    service.sign_up("ada@school.example", "Ada", PASSWORD, "here")
    mailbox.fetch()
    with provider() as school, monkeypatch.context() as environment:
        for name, value in (("ISSUER", school.issuer), ("ID", CLIENT_ID), ("SECRET", SECRET)):
            environment.setenv(f"MHUB_OIDC_{name}", value)
        with served_hub() as hub, chromium.browser() as browser:
            page = browser.new_page(viewport={"width": 390, "height": 844})
            page.goto(f"{hub}/Models")
            page.get_by_role("button", name="Sign in", exact=True).click()
            page.get_by_role("link", name="Sign in with 127.0.0.1").click()
            page.get_by_label("Password of your account here").fill(PASSWORD)
            with page.expect_response(f"{hub}/api/session"):  # else its cookie comes after all are cleared
                page.get_by_role("button", name="Link and sign in").click()
            expect(page.get_by_text("127.0.0.1 as")).to_be_visible()

            page.context.clear_cookies()
            page.goto(f"{hub}/Models?search=net")
            page.get_by_role("button", name="Sign in", exact=True).click()
            page.get_by_role("link", name="Sign in with 127.0.0.1").click()
            expect(page.get_by_role("button", name="Ada")).to_be_visible()
            expect(page).to_have_url(f"{hub}/Models?search=net")

            page.context.clear_cookies()
            page.goto(f"{hub}/Account")
            page.get_by_role("tab", name="Forgot password?").click()
            page.get_by_label("E-mail of your account").fill("ada@school.example")
            page.get_by_role("button", name="Send a link").click()
            expect(page.get_by_text("a link is on its way")).to_be_visible()
            page.goto(mailbox.link(hub))
            page.get_by_label("New password", exact=True).fill("a new password")
            page.get_by_label("Repeat the new password").fill("a new password")
            page.get_by_role("button", name="Set the password").click()
            expect(page.get_by_text("Your password is set.")).to_be_visible()
    assert service.sign_in("ada@school.example", "a new password", "here").name == "Ada"
