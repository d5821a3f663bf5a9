"""Where a person is signed in, and signing out there from elsewhere; what a person is called."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from db.base import now
from db.engine import writing
from db.tables.accounts import SessionRow
from mhub_core.accounts import people_service as people
from mhub_core.accounts import service
from mhub_core.accounts import session_service as sessions
from mhub_core.accounts.records import User
from mhub_core.errors import Invalid, NotFound, SignInRequired
from tests import factories

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
AGENTS = {
    CHROME: "Chrome on Windows",
    f"{CHROME} Edg/126.0.0.0": "Edge on Windows",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0": "Firefox on Linux",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 "
    "Safari/604.1": "Safari on iPhone",
    "Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 "
    "Mobile Safari/537.36": "Samsung Internet on Android",
    "curl/8.5.0": "Unknown browser",
    "<script>alert(1)</script>": "Unknown browser",
}


def sign_in(person: User, agent: str = CHROME) -> str:
    """Sign somebody in with a browser and return the token of its cookie."""
    return service.redeem_ticket(service.issue_ticket(person.id), agent)


@pytest.mark.parametrize("agent", AGENTS)
def test_a_browser_is_called_as_people_call_it(agent):
    assert sessions.browser_words(agent) == AGENTS[agent]


def test_a_person_sees_each_browser_and_signs_out_in_one_of_them(ada):
    here, there = sign_in(ada), sign_in(ada, "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0")
    sign_in(factories.person("bob"))
    service.issue_ticket(ada.id)  # its cookie never reached a browser
    found = sessions.list_sessions(ada, [here])
    assert {(one.browser, one.is_this) for one in found} == {("Chrome on Windows", True), ("Firefox on Linux", False)}

    sessions.end_session(ada, next(one.id for one in found if not one.is_this))
    assert service.get_session_user(there) is None and service.get_session_user(here) == ada
    assert [one.is_this for one in sessions.list_sessions(ada, [here])] == [True]


def test_nobody_ends_the_session_of_another_or_one_that_has_ended(ada):
    token = sign_in(ada)
    [mine] = sessions.list_sessions(ada)
    with pytest.raises(NotFound):
        sessions.end_session(factories.person("bob"), mine.id)
    with pytest.raises(NotFound):
        sessions.end_session(ada, token)  # the token is not the id under which it is kept
    assert service.get_session_user(token) == ada
    sessions.end_session(ada, mine.id)
    with pytest.raises(NotFound):
        sessions.end_session(ada, mine.id)


def test_a_visitor_has_no_sessions_and_no_name(ada):
    for verb in (lambda: sessions.list_sessions(None), lambda: sessions.end_session(None, "x"), lambda: people.rename(None, "x")):
        with pytest.raises(SignInRequired):
            verb()


def test_a_person_takes_another_name_under_the_rules_of_signing_up(ada):
    people.rename(ada, "  Ada   Lovelace ")
    assert service.require_user(ada.id).name == "Ada Lovelace"
    for name in ("", "   ", "a" * 81, "\u202eadA"):
        with pytest.raises(Invalid) as raised:
            people.rename(ada, name)
        assert "name" in raised.value.problems
    assert service.require_user(ada.id).name == "Ada Lovelace"


def seen_before(minutes: int) -> None:
    """Let all browsers have been quiet for some time."""
    with writing() as session:
        session.execute(update(SessionRow).values(seen=now() - timedelta(minutes=minutes)))


def test_a_visit_ends_after_an_hour_and_the_next_one_knows_when_that_was(ada):
    token = sign_in(ada)
    assert sessions.last_visit(ada, [token]) is None
    seen_before(20)
    service.get_session_user(token)  # somebody who goes on
    assert sessions.last_visit(ada, [token]) is None
    seen_before(90)
    service.get_session_user(token)
    before = sessions.last_visit(ada, [token])
    assert before and timedelta(minutes=80) < now() - before < timedelta(minutes=100)
    other = sign_in(ada)  # another browser knows it of this one
    assert now() - sessions.last_visit(ada, [other]) < timedelta(minutes=5)
