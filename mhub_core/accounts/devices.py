"""Browsers, each known by a signed cookie that names it and those who signed in there; nothing is stored here.

Owners of accounts are not kept waiting in a browser of their own because strangers guess at a password, and what a browser
opened is no other one's.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer

from mhub_core import settings

DEVICE_COOKIE = "mhub_device"
_MAX_PEOPLE, _MAX_LENGTH = 8, 400


@dataclass(frozen=True)
class Device:
    """A browser: a random name, and the ids of those who signed in there last."""

    name: str
    user_ids: tuple[int, ...] = ()


def read(cookie: str) -> Device | None:
    """Return the browser of a cookie, or None when the cookie is missing or made up."""
    try:
        name, *user_ids = _signer().loads(cookie[:_MAX_LENGTH])
    except (BadSignature, ValueError, TypeError):
        return None
    return Device(name, tuple(user_ids))


def new() -> str:
    """Return the cookie of a browser that comes for the first time."""
    return _signer().dumps([secrets.token_urlsafe(12)])


def with_user(cookie: str, user_id: int) -> str:
    """Return the cookie of a browser in which one more person has signed in."""
    device = read(cookie) or Device(secrets.token_urlsafe(12))
    others = [known for known in device.user_ids if known != user_id]
    return _signer().dumps([device.name, *[user_id, *others][:_MAX_PEOPLE]])


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key(), salt="device")
