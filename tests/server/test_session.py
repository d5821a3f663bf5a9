"""The session cookie: who gets it, who does not."""

from __future__ import annotations

import pytest
from httpx import Response
from starlette.applications import Starlette
from starlette.testclient import TestClient

from mhub_core.accounts import service
from mhub_core.accounts.records import SESSION_COOKIE
from mhub_core.errors import MHubError
from mhub_core.server.answers import answer_error
from mhub_core.server.app import ROUTES

HUB = "http://hub.example"

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=ROUTES, exception_handlers={MHubError: answer_error}), base_url=HUB)


@pytest.fixture
def ticket() -> str:
    return service.issue_ticket(service.sign_up("ada@example.org", "Ada", "correct horse", "here").id)


def send(client: TestClient, ticket: object, origin: str | None = HUB) -> Response:
    return client.post("/api/session", json={"ticket": ticket}, headers={"Origin": origin} if origin else {})


def test_a_ticket_is_exchanged_for_a_cookie_that_no_script_can_read(client: TestClient, ticket: str) -> None:
    answer = send(client, ticket)
    assert answer.status_code == 200
    assert {"HttpOnly", "SameSite=lax"} <= set(answer.headers["set-cookie"].split("; "))
    assert service.get_session_user(client.cookies[SESSION_COOKIE]).name == "Ada"


def test_the_cookie_is_secure_when_the_browser_sees_https(client: TestClient, ticket: str) -> None:
    assert "Secure" in send(client, ticket, "https://hub.example").headers["set-cookie"]


def test_a_ticket_that_is_sent_again_is_refused(client: TestClient, ticket: str) -> None:
    send(client, ticket)
    again = send(client, ticket)
    assert again.status_code == 400 and "set-cookie" not in again.headers
    assert "already been used or has expired" in again.json()["error"]["happened"]


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://[::1", f"{HUB}:8502", f"{HUB}.evil.org"])
def test_a_request_from_a_foreign_page_is_refused(client: TestClient, ticket: str, origin: str | None) -> None:
    assert send(client, ticket, origin).status_code == 403
    assert send(client, ticket).status_code == 200  # and has not used the ticket up


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"ticket": 7}', b"\xff", b"[" * 900, b'{"ticket": "\\ud800"}'])
def test_a_body_that_holds_no_ticket_is_refused_in_words(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/session", content=body, headers={"Origin": HUB})
    assert answer.status_code == 400 and "ticket" in answer.json()["error"]["happened"]


def test_a_large_body_is_refused(client: TestClient) -> None:
    assert client.post("/api/session", content=b"x" * 5000, headers={"Origin": HUB}).status_code == 413


def test_ending_a_session_drops_the_cookie_and_the_session(client: TestClient, ticket: str) -> None:
    send(client, ticket)
    token = client.cookies[SESSION_COOKIE]
    assert client.post("/api/session/end", headers={"Origin": HUB}).status_code == 200
    assert SESSION_COOKIE not in client.cookies
    assert service.get_session_user(token) is None
