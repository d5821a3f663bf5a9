"""Comments and the bell in a real browser: somebody is told, is led to the comment, and what it holds does no harm."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import SESSION_COOKIE
from mhub_core.comments import service as comments
from mhub_core.models import service as models
from mhub_core.notices import service as notices
from tests import chromium, factories
from tests.server.small_app import served_hub

pytestmark = pytest.mark.slow
SECONDS = 30_000
HOSTILE = """Hello <script>window.hacked = 1</script> <img src=x onerror="window.hacked = 2">
![](https://evil.example/i.png) [![x](https://evil.example/y.png)](https://evil.example) [press](javascript:window.hacked=3)
<a href="javascript:window.hacked=4">here</a> <iframe src="https://evil.example"></iframe> <style>body {display: none}</style>"""


@pytest.fixture
def url(database) -> Iterator[str]:
    with served_hub() as url:
        yield url


def test_somebody_is_told_of_a_comment_and_led_to_it_by_keyboard_on_a_phone(url):
    ada, bob = factories.person("ada"), factories.person("<b>bob</b>")
    model_id = models.require_version(ada, factories.model(ada)).model_id
    hostile = comments.write(bob, "model", model_id, HOSTILE)
    with chromium.browser() as browser:
        context = browser.new_context(viewport={"width": 390, "height": 800})
        page = context.new_page()
        foreign: list[str] = []
        page.on("request", lambda request: foreign.append(request.url) if "evil" in request.url else None)
        page.goto(f"{url}/Help")
        expect(page.get_by_role("heading", name="Step by step")).to_be_visible(timeout=SECONDS)
        expect(page.locator(".mhub-bell")).to_be_hidden()  # of a visitor

        token = accounts.redeem_ticket(accounts.issue_ticket(ada.id), "a browser")
        context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": url}])
        page.reload()
        bell = page.get_by_role("button", name="Notifications, 1 unread")
        expect(bell).to_be_visible(timeout=SECONDS)
        bell.focus()
        page.keyboard.press("Enter")
        notice = page.get_by_role("link", name="<B>Bob</B> commented on your model Small net")
        expect(notice).to_be_visible()
        page.keyboard.press("Escape")
        expect(notice).to_be_hidden()
        page.keyboard.press("Enter")  # the bell has the focus again
        page.keyboard.press("Tab")
        expect(notice).to_be_focused()
        page.keyboard.press("Enter")

        expect(page.locator(f"#comment-{hostile}")).to_be_in_viewport(timeout=SECONDS)
        assert page.url == f"{url}/Model?id={model_id}&comment={hostile}"
        expect(page.get_by_role("button", name="Notifications", exact=True)).to_be_visible()
        assert notices.list_notices(ada).num_unread == 0
        said = page.locator(".st-key-window-comments")
        expect(said).to_contain_text("Hello")
        for link in said.get_by_text("press", exact=True).all() + said.get_by_text("here").all():
            link.click()
        assert said.locator("script, img, iframe, style, [onerror], a[href^='javascript']").count() == 0
        assert (page.evaluate("window.hacked ?? 0"), foreign) == (0, [])

        page.get_by_text("Write a comment").click()
        page.get_by_label("Your comment (Markdown)").fill("Thanks @<B>Bob</B>")
        page.get_by_role("button", name="Comment", exact=True).click()
        expect(said.get_by_role("heading", name="Comments (2)")).to_be_visible(timeout=SECONDS)
        assert [one.kind for one in notices.list_notices(bob).notices] == ["mention"]
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it scrolls sideways"
