"""What the bell asks the hub for: only one's own, only what is new, and only from our own pages."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from db.engine import writing
from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import SESSION_COOKIE, User
from mhub_core.errors import MHubError
from mhub_core.notices import service as notices
from mhub_core.server import bell
from mhub_core.server.answers import answer_error
from mhub_core.server.app import ROUTES
from tests import factories

HUB = "http://hub.example"
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer is kept for a second: a test does not wait for it."""
    monkeypatch.setattr(bell, "_kept", {})


def browser_of(user: User | None) -> TestClient:
    client = TestClient(Starlette(routes=ROUTES, exception_handlers={MHubError: answer_error}), base_url=HUB)
    if user is not None:
        ticket = accounts.issue_ticket(user.id)
        client.cookies.set(SESSION_COOKIE, accounts.redeem_ticket(ticket, "a browser"))
    return client


def tell(person: User, words: str) -> None:
    with writing() as session:
        notices.tell(session, [person.id], notices.INVITATION, "model", 7, None, words)


def forget() -> None:
    bell._kept.clear()


def test_everybody_hears_of_their_own_and_only_what_is_new():
    ada, bob = factories.person("ada"), factories.person("bob")
    tell(ada, "<b>Bob</b> invited you")
    client = browser_of(ada)

    answer = client.get("/api/notices")

    told = answer.json()
    assert told["num_unread"] == 1
    assert [(one["words"], one["address"], one["is_read"]) for one in told["notices"]] == [
        ("<b>Bob</b> invited you", "/Model?id=7", False)
    ]
    known = answer.headers["X-Mhub-Tag"]
    assert client.get(f"/api/notices?known={known}").status_code == 204
    tell(ada, "Again")
    assert client.get(f"/api/notices?known={known}").status_code == 204, "it was asked within the same second"
    forget()
    assert client.get(f"/api/notices?known={known}").json()["num_unread"] == 2
    assert browser_of(bob).get("/api/notices").json() == {"num_unread": 0, "notices": []}


def test_a_visitor_and_a_session_that_ended_hear_nothing():
    ada = factories.person("ada")
    signed_out = browser_of(ada)
    accounts.sign_out_everywhere(ada)

    for client in (browser_of(None), signed_out):
        assert client.get("/api/notices").json() == {"is_visitor": True}
        assert client.post("/api/notices/read", json={}, headers={"Origin": HUB}).status_code == 401


def test_notices_are_marked_as_read_by_their_own_person_from_our_own_pages():
    ada, bob = factories.person("ada"), factories.person("bob")
    for words in ("one", "two", "three"):
        tell(ada, words)
    ids = [one.id for one in notices.list_notices(ada).notices]

    assert browser_of(bob).post("/api/notices/read", json={"ids": ids}, headers={"Origin": HUB}).status_code == 200
    client = browser_of(ada)
    for origin in ({}, {"Origin": "http://evil.example"}):
        assert client.post("/api/notices/read", json={}, headers=origin).status_code == 403
    assert client.get("/api/notices").json()["num_unread"] == 3
    read = client.post("/api/notices/read", json={"ids": ids[:1]}, headers={"Origin": HUB})
    assert (read.json()["num_unread"], [one["is_read"] for one in read.json()["notices"]]) == (2, [True, False, False])
    assert client.get("/api/notices").json()["num_unread"] == 2
    assert client.post("/api/notices/read", json={}, headers={"Origin": HUB}).json()["num_unread"] == 0


@pytest.mark.parametrize(
    "body", [b"[]", b"7", b"\xff", b"{", b"[" * 900, b'{"ids": 7}', b'{"ids": ["7"]}', b'{"ids": [true]}', b'{"ids": [-1]}',
             b'{"ids": [1e9]}', b'{"ids": [99999999999999999999]}', b'{"ids": [' + b"1," * 50 + b"1]}"]
)  # fmt: skip
def test_a_body_that_names_no_notices_is_refused_in_words(body: bytes):
    client = browser_of(factories.person("ada"))

    answer = client.post("/api/notices/read", content=body, headers={"Origin": HUB})

    assert (answer.status_code, "names no notifications" in answer.text) == (400, True)
    assert client.post("/api/notices/read", content=b"x" * 2000, headers={"Origin": HUB}).status_code == 413
