"""Where a person is signed in: each browser by itself, to be signed out from anywhere."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, or_, select

from db.base import now
from db.engine import num_changed, reading, writing
from db.tables.accounts import SessionRow
from mhub_core.accounts import service
from mhub_core.accounts.records import SignedIn, User
from mhub_core.errors import NotFound
from mhub_core.sharing import policy

MOST = 50  # of a person's browsers, the last used ones
# The first that fits: most browsers name others, too, so that old pages take them for those.
_BROWSERS = (
    ("Edge", r"\bEdg(A|iOS)?/"),
    ("Opera", r"\bOPR/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(Firefox|FxiOS)/"),
    ("Chrome", r"\b(Headless)?(Chrome|CriOS|Chromium)/"),
    ("Safari", r"\bSafari/"),
)
_SYSTEMS = (
    ("Android", r"\bAndroid\b"),
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Windows", r"\bWindows\b"),
    ("Mac", r"\bMac(intosh| OS X)\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Linux", r"\bLinux\b"),
)


def browser_words(user_agent: str) -> str:
    """Return a browser as people call it, by what it says of itself (RFC 9110, section 10.1.5): `Chrome on Windows`."""
    browser = next((name for name, pattern in _BROWSERS if re.search(pattern, user_agent)), "Unknown browser")
    system = next((name for name, pattern in _SYSTEMS if re.search(pattern, user_agent)), "")
    return f"{browser} on {system}" if system else browser


def list_sessions(user: User | None, tokens: Collection[str] = ()) -> list[SignedIn]:
    """Return where a person is signed in, the last used first. `tokens` are those of the browser that asks.

    A sign-in whose cookie never reached a browser is left out. Raises SignInRequired for a visitor.
    """
    person = policy.require_signed_in(user)
    own = {service.hash_of(token) for token in tokens}
    query = select(SessionRow.token_hash, SessionRow.device, SessionRow.created, SessionRow.seen)
    query = query.where(SessionRow.user_id == person.id, SessionRow.expires > now())
    query = query.where(or_(SessionRow.device != "", SessionRow.token_hash.in_(own)))
    with reading() as session:
        rows = session.execute(query.order_by(SessionRow.seen.desc(), SessionRow.token_hash).limit(MOST)).all()
    return [SignedIn(row.token_hash, browser_words(row.device), row.created, row.seen, row.token_hash in own) for row in rows]


def last_visit(user: User | None, tokens: Collection[str]) -> datetime | None:
    """Return when a person was here before this visit in the browser with these tokens; None for the first one."""
    person = policy.require_signed_in(user)
    own = [service.hash_of(token) for token in tokens]
    query = select(func.max(SessionRow.before)).where(SessionRow.user_id == person.id, SessionRow.token_hash.in_(own))
    with reading() as session:
        return session.scalar(query)


def end_session(user: User | None, session_id: str) -> None:
    """Sign a person out in one browser. Raises SignInRequired, and NotFound when there is no such sign-in of theirs."""
    person = policy.require_signed_in(user)
    with writing() as session:
        theirs = delete(SessionRow).where(SessionRow.token_hash == session_id, SessionRow.user_id == person.id)
        if not num_changed(session, theirs):
            raise NotFound("This browser is signed out already.", mend="Reload the page to see where you are signed in.")
