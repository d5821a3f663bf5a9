"""What the bell in the bar at the top asks for: `GET /api/notices?known=TAG`, 204 when nothing is new; `POST /api/notices/read`.

Every open tab asks three times a minute. An answer is kept for a second, so that nobody keeps the database busy with asking.
"""

from __future__ import annotations

import hashlib
import json
import threading
from typing import Any
from urllib.parse import urlencode

from cachetools import TTLCache
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import SESSION_COOKIE, User
from mhub_core.errors import Invalid
from mhub_core.look import one_look
from mhub_core.notices import service as notices
from mhub_core.notices.records import Latest, Notice
from mhub_core.server.bodies import small_body
from mhub_core.server.origin import require_same_origin

KEPT_SECONDS = 1.0
MAX_IDS = 50
_HEADERS = {"Cache-Control": "no-store"}
_VISITOR = b'{"is_visitor": true}'
_kept: TTLCache[str, bytes] = TTLCache(maxsize=5_000, ttl=KEPT_SECONDS)  # by session
_lock = threading.Lock()  # such a cache is not safe when many threads change it


async def newest(request: Request) -> Response:
    """Answer with the newest notices of whoever asks and how many are unread; 204 when that is what they know already."""
    token = request.cookies.get(SESSION_COOKIE, "")
    with _lock:
        body = _kept.get(token) if token else _VISITOR
    if body is None:
        body = await run_in_threadpool(_look, token)
    return Response(status_code=204, headers=_HEADERS) if _tag(body) == request.query_params.get("known") else _answer(body)


async def mark_read(request: Request) -> Response:
    """`{"ids": [7, 8]}`, or `{}` for all: note that they were read, and answer as `newest`."""
    require_same_origin(request)
    ids, token = _ids(await small_body(request)), request.cookies.get(SESSION_COOKIE, "")
    return _answer(await run_in_threadpool(_mark_read, token, ids))


def _mark_read(token: str, ids: list[int] | None) -> bytes:
    notices.mark_read(_holder(token), ids)
    return _look(token)


def _look(token: str) -> bytes:
    with one_look():
        user = _holder(token)
        body = json.dumps(_plain(notices.list_notices(user))).encode() if user else _VISITOR
    with _lock:
        _kept[token] = body
    return body


def _holder(token: str) -> User | None:
    return accounts.get_session_user(token) if token else None


def _plain(latest: Latest) -> dict[str, Any]:
    return {"num_unread": latest.num_unread, "notices": [_one(notice) for notice in latest.notices]}


def _one(notice: Notice) -> dict[str, Any]:
    address = f"/{notice.page}?{urlencode(notice.query)}"
    at = notice.created.isoformat(timespec="seconds")
    return {"id": notice.id, "words": notice.words, "address": address, "at": at, "is_read": notice.is_read}


def _answer(body: bytes) -> Response:
    return Response(body, headers={**_HEADERS, "X-Mhub-Tag": _tag(body)}, media_type="application/json")


def _tag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]


def _ids(body: bytes) -> list[int] | None:
    try:
        ids = json.loads(body or b"{}").get("ids")
    except (ValueError, AttributeError, RecursionError):
        ids = "none"
    if ids is None:
        return None
    if not isinstance(ids, list) or len(ids) > MAX_IDS or not all(type(one) is int and 0 < one < 2**63 for one in ids):
        raise Invalid("The request names no notifications.", f'JSON such as {{"ids": [7, 8]}}, with at most {MAX_IDS}.')
    return ids
