"""What administrators set for the whole hub: who may sign up, what new things are visible to, its name, its welcome.

A setting of the environment (MHUB_SIGN_UP, MHUB_EMAIL_DOMAINS) wins: who runs the machine has the last word.
"""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from threading import Lock

from cachetools import TTLCache
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.engine import reading, writing
from db.tables.accounts import HubSettingRow
from mhub_core import settings
from mhub_core.accounts.records import CLOSED, INVITED, OPEN, HubSettings, User
from mhub_core.errors import Conflict, Invalid, MHubError
from mhub_core.sharing import policy, texts

MAX_NAME, MAX_WELCOME, MAX_DOMAINS = 40, 4_000, 1_000
WAYS = (OPEN, INVITED, CLOSED)
FROM_ENVIRONMENT = {"sign_up": "MHUB_SIGN_UP", "domains": "MHUB_EMAIL_DOMAINS"}
SECONDS = 5.0  # after which another web process sees a change
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_kept: TTLCache[str, dict[str, str]] = TTLCache(maxsize=8, ttl=SECONDS)
_lock = Lock()


def current() -> HubSettings:
    """Return what holds now. A change by another process is seen within `SECONDS`."""
    url = settings.database_url()
    with _lock:
        stored = _kept.get(url)
    if stored is None:
        with reading() as session:
            stored = _stored(session)
        with _lock:
            _kept[url] = stored
    return _with_environment(HubSettings(**stored))


def name() -> str:
    """Return what the hub is called, also while the database is away."""
    try:
        return current().name
    except MHubError:
        return HubSettings().name


def fixed() -> dict[str, str]:
    """Return what cannot be changed on a page, because the environment says it, with the names of those settings."""
    return {field: setting for field, setting in FROM_ENVIRONMENT.items() if settings.is_set(setting)}


def save(admin: User | None, seen: HubSettings, chosen: HubSettings) -> None:
    """Change what holds for the hub from what an administrator has seen to what they chose.

    Raises:
        Forbidden: for anybody but an administrator.
        Invalid: with one problem for each field.
        Conflict: another administrator has changed something meanwhile; nothing of this is kept.
    """
    policy.require_administrator(admin, "change the settings of the hub")
    chosen = _clean(chosen)
    _check(chosen)
    with writing() as session:
        if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
            session.execute(select(func.pg_advisory_xact_lock(func.hashtext("hub settings"))))
        stored = _stored(session)
        if _with_environment(HubSettings(**stored)) != seen:
            raise Conflict(
                "Another administrator changed these settings meanwhile. Yours were not saved.",
                mend="Reload the page, look at what is set now, and save again.",
            )
        changed = {field: value for field, value in asdict(chosen).items() if value != getattr(seen, field)}
        for field in changed.keys() - fixed().keys():
            session.merge(HubSettingRow(name=field, value=changed[field]))
    with _lock:
        _kept.pop(settings.database_url(), None)


def _stored(session: Session) -> dict[str, str]:
    known = asdict(HubSettings())
    rows = session.execute(select(HubSettingRow.name, HubSettingRow.value)).all()
    return {row.name: row.value for row in rows if row.name in known}


def _with_environment(stored: HubSettings) -> HubSettings:
    if "sign_up" in (told := fixed()):
        stored = replace(stored, sign_up=settings.choice("MHUB_SIGN_UP", WAYS))
    return replace(stored, domains=_domains(settings.text("MHUB_EMAIL_DOMAINS"))) if "domains" in told else stored


def _domains(text: str) -> str:
    """Return domains as they are compared: in lower case, without the sign before them, separated by commas."""
    parts = (part.strip().lower().removeprefix("@") for part in text.split(","))
    return ", ".join(part for part in parts if part)


def _clean(chosen: HubSettings) -> HubSettings:
    return replace(chosen, domains=_domains(chosen.domains), name=texts.one_line(chosen.name), welcome=chosen.welcome.strip())


def _check(chosen: HubSettings) -> None:
    domains = [one for one in chosen.domains.split(", ") if one]
    wrong = next((one for one in domains if not _DOMAIN.fullmatch(one)), "")
    problems = {
        "sign_up": "" if chosen.sign_up in WAYS else "must be open, invited or closed",
        "domains": f"must be domains such as school.edu, separated by commas, and not “{wrong[:60]}”" if wrong else "",
        "visibility": "" if chosen.visibility in policy.VISIBILITIES else "must be private or public",
        "name": texts.name_problem(chosen.name, MAX_NAME),
        "welcome": texts.problem(chosen.welcome, MAX_WELCOME),
    }
    if len(chosen.domains) > MAX_DOMAINS:
        problems["domains"] = f"must have at most {MAX_DOMAINS:,} characters"
    if found := {field: words for field, words in problems.items() if words}:
        raise Invalid("The settings were not saved.", mend="Correct the marked fields.", problems=found)
