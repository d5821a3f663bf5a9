"""What every answer says to browsers, also when we made a mistake."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from mhub_core.server.headers import HEADERS, Guard


async def broken(_request: Request) -> Response:
    raise RuntimeError("a mistake of ours")


def test_an_answer_to_a_mistake_has_the_headers_too():
    client = TestClient(Guard(Starlette(routes=[Route("/", broken)])), "http://localhost", raise_server_exceptions=False)

    answer = client.get("/")

    assert answer.status_code == 500 and {name: answer.headers[name] for name in HEADERS} == HEADERS
