"""Signing in with another provider, a real one on this machine: what succeeds, and every refusal."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from sqlalchemy import func, select, update
from starlette.applications import Starlette
from starlette.testclient import TestClient

from db.engine import reading, writing
from db.tables.accounts import UserRow
from mhub_core.accounts import identity_service, joining, providers, service
from mhub_core.accounts.identity_service import LINK_COOKIE
from mhub_core.accounts.records import SESSION_COOKIE, User
from mhub_core.errors import Conflict, Invalid, MHubError, NotFound, Throttled
from mhub_core.server import provider_client
from mhub_core.server.answers import answer_error
from mhub_core.server.app import ROUTES
from mhub_core.server.sign_in import path_of_ours
from tests.provider import CLIENT_ID, OTHER_KEY, SECRET, Provider, provider

HUB = "http://127.0.0.1:8501"
PASSWORD, HERE = "correct horse", "10.0.0.7"


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with provider() as found:
        yield found


@pytest.fixture
def school(database, running: Provider, monkeypatch: pytest.MonkeyPatch) -> Provider:
    """A provider that does nothing wrong yet, as the settings of the hub name it: thrice."""
    fresh = Provider()
    running.person, running.wrong, running.asked = fresh.person, {}, []
    monkeypatch.setattr(provider_client, "_said", {})
    monkeypatch.setattr(providers, "GOOGLE_ISSUER", running.issuer)
    at = running.issuer
    monkeypatch.setattr(providers, "GITHUB", providers.GitHubAddresses(f"{at}/authorize", f"{at}/token", f"{at}/api"))
    monkeypatch.setenv("MHUB_OIDC_ISSUER", running.issuer)
    for name in ("OIDC", "GITHUB", "GOOGLE"):
        monkeypatch.setenv(f"MHUB_{name}_ID", CLIENT_ID)
        monkeypatch.setenv(f"MHUB_{name}_SECRET", SECRET)
    return running


@pytest.fixture
def browser() -> TestClient:
    app = Starlette(routes=ROUTES, exception_handlers={MHubError: answer_error})
    return TestClient(app, base_url=HUB, follow_redirects=False)


def leave(browser: TestClient, name: str = "oidc", **query: str) -> str:
    """Press the button, and go where it leads: returns the address to which the provider sends the browser back."""
    answer = browser.get(f"/api/sign-in/{name}", params=query)
    assert answer.status_code == 303, answer.text
    return httpx.get(answer.headers["location"], trust_env=False).headers["location"]


def sign_in(browser: TestClient, name: str = "oidc", **query: str) -> httpx.Response:
    return browser.get(leave(browser, name, **query))


def person(browser: TestClient) -> User | None:
    return service.get_session_user(browser.cookies.get(SESSION_COOKIE, ""))


def is_refused(answer: httpx.Response, words: str, status: int = 400) -> bool:
    return (answer.status_code, words in answer.text, SESSION_COOKIE in answer.cookies) == (status, True, False)


def num_people() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(UserRow)) or 0


@pytest.mark.parametrize("name", ["oidc", "google", "github"])
def test_somebody_new_gets_an_account_and_is_the_same_person_the_next_time(school, browser, name):
    answer = sign_in(browser, name, next="/Model?id=7")

    ada = person(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/Administration")  # the first account
    assert ada.email == "ada@school.example" and ada.is_admin and ada.name in ("Ada L.", "ada")
    assert {"HttpOnly", "SameSite=lax"} <= set(answer.headers["set-cookie"].split("; "))
    school.person["email"] = "lovelace@school.example"  # the name at the provider decides, not the address
    assert sign_in(browser, name, next="/Model?id=7").headers["location"] == "/Model?id=7"
    assert (person(browser), num_people()) == (ada, 1)


def test_what_a_provider_says_of_itself_is_read_once(school, browser):
    sign_in(browser)
    sign_in(browser)
    assert school.asked.count("discovery") == 1


def test_nothing_is_asked_of_a_provider_that_is_not_configured(school, browser, monkeypatch):
    monkeypatch.delenv("MHUB_OIDC_SECRET")
    assert is_refused(browser.get("/api/sign-in/oidc"), "no such way", 404)
    assert is_refused(browser.get("/api/sign-in/other"), "no such way", 404)
    assert school.asked == []


def test_an_answer_with_another_state_or_for_another_browser_is_refused(school, browser):
    back = leave(browser)
    code = parse_qs(urlsplit(back).query)["code"][0]
    for query in ({"code": code, "state": "another"}, {"code": code}, {"code": code, "state": "é"}):
        leave(browser)
        assert is_refused(browser.get(f"{HUB}/api/sign-in/oidc/back?{urlencode(query)}"), "was not started in this browser")
    stranger = TestClient(browser.app, base_url=HUB, follow_redirects=False)
    assert is_refused(stranger.get(back), "was not started in this browser")
    leave(browser, "google")
    assert is_refused(browser.get(back), "was not started in this browser")
    assert school.asked.count("token") == 0


def test_a_code_works_once(school, browser):
    back = leave(browser)
    cookie = browser.cookies["mhub_sign_in"]
    assert browser.get(back).status_code == 303
    assert is_refused(browser.get(back), "was not started in this browser")  # the cookie is gone with the first answer
    browser.cookies.set("mhub_sign_in", cookie)
    assert is_refused(browser.get(back), "did not confirm this sign-in")


def test_a_code_of_somebody_elses_sign_in_is_refused_by_the_proof_key(school, browser):
    stolen = parse_qs(urlsplit(leave(TestClient(browser.app, base_url=HUB, follow_redirects=False))).query)["code"][0]
    state = parse_qs(urlsplit(leave(browser)).query)["state"][0]
    answer = browser.get(f"{HUB}/api/sign-in/oidc/back?{urlencode({'code': stolen, 'state': state})}")
    assert is_refused(answer, "did not confirm this sign-in")


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another client"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"sub": None},
    ],
)
def test_a_token_that_was_not_made_for_this_sign_in_is_refused(school, browser, claims):
    school.wrong = {"claims": claims}
    assert is_refused(sign_in(browser), "did not confirm this sign-in")


def test_a_token_signed_by_somebody_else_is_refused(school, browser):
    school.wrong = {"key": OTHER_KEY}
    assert is_refused(sign_in(browser), "did not confirm this sign-in")


@pytest.mark.parametrize("name", ["oidc", "github"])
@pytest.mark.parametrize("is_verified", [False, "true", None])
def test_an_address_that_is_not_verified_makes_no_account(school, browser, name, is_verified):
    school.person["email_verified"] = is_verified
    assert is_refused(sign_in(browser, name), "did not give a verified e-mail address")
    assert num_people() == 0


def test_claims_of_another_person_are_not_mixed_in(school, browser):
    school.wrong = {"claims": {"email": None}, "userinfo": {"sub": "somebody else"}}
    assert is_refused(sign_in(browser), "did not give a verified e-mail address")
    school.wrong = {"claims": {"email": None, "email_verified": None}}
    assert sign_in(browser).status_code == 303 and person(browser).email == "ada@school.example"


def test_an_account_that_is_there_is_linked_once_its_password_was_given_and_never_by_itself(school, browser):
    ada = service.sign_up("ada@school.example", "Ada", PASSWORD, HERE)

    answer = sign_in(browser)

    assert answer.headers["location"] == "/Account?link=1" and person(browser) is None
    token = browser.cookies[LINK_COOKIE]
    assert identity_service.waiting(token).email == ada.email and identity_service.list_identities(ada) == []
    for _ in range(5):
        with pytest.raises(Invalid):
            identity_service.link(token, "wrong horse", HERE)
    with pytest.raises(Throttled):
        identity_service.link(token, PASSWORD, HERE)
    for forged in ("", token[:-2], "x" * 100_000):
        with pytest.raises(Invalid, match="took too long"):
            identity_service.link(forged, PASSWORD, HERE)
    assert identity_service.link(token, PASSWORD, "10.0.0.8") == ada
    with pytest.raises(Conflict):
        identity_service.link(token, PASSWORD, "10.0.0.8")
    assert sign_in(browser).headers["location"] == "/" and person(browser) == ada


def test_the_last_way_in_is_not_taken_away(school, browser):
    sign_in(browser)
    ada = person(browser)
    with pytest.raises(Conflict, match="only way"):
        identity_service.unlink(ada, school.issuer)
    with writing() as session:
        session.execute(update(UserRow).values(password_hash="x"))
    identity_service.unlink(ada, school.issuer)
    assert identity_service.list_identities(ada) == []


@pytest.mark.parametrize(
    "way, domains, taken", [("open", "", 1), ("closed", "", 0), ("invited", "", 0), ("open", "lab.example", 0), ("asked", "", 1)]
)
def test_a_hub_takes_new_people_from_providers_as_it_takes_others(school, browser, monkeypatch, way, domains, taken):
    root = service.sign_up("root@lab.example", "Root", PASSWORD, HERE)
    monkeypatch.setenv("MHUB_SIGN_UP", "invited" if way == "asked" else way)
    monkeypatch.setenv("MHUB_EMAIL_DOMAINS", domains)
    sign_in(browser, invite=joining.invite(root) if way == "asked" else "")
    assert (person(browser) is not None, num_people()) == (bool(taken), 1 + taken)


def test_a_disabled_person_is_not_signed_in(school, browser):
    sign_in(browser)
    browser.cookies.clear()
    with writing() as session:
        session.execute(update(UserRow).values(disabled=True))
    assert is_refused(sign_in(browser), "This account is disabled", 403)


def test_a_provider_that_is_away_or_slow_or_endless_is_said_in_words(school, browser, monkeypatch):
    monkeypatch.setattr(provider_client, "SECONDS", 0.3)
    for wrong in ({"seconds": 1}, {"bytes": provider_client.MAX_BYTES + 1}):
        school.wrong = wrong
        assert is_refused(sign_in(browser), "did not answer, or not in time", 503)
    monkeypatch.setenv("MHUB_OIDC_ISSUER", "http://127.0.0.1:1")
    assert is_refused(browser.get("/api/sign-in/oidc"), "did not answer, or not in time", 503)


@pytest.mark.parametrize(
    "said",
    [{"issuer": "https://evil.example"}, {"token_endpoint": "http://evil.example/token"}, {"jwks_uri": 7}, {"issuer": None}],
)
def test_what_a_provider_says_of_itself_is_checked(school, browser, said):
    school.wrong = {"discovery": said}
    assert is_refused(browser.get("/api/sign-in/oidc"), "was not understood", 503)


def test_who_does_not_agree_at_the_provider_is_told(school, browser):
    state = parse_qs(urlsplit(leave(browser)).query)["state"][0]
    answer = browser.get(f"{HUB}/api/sign-in/oidc/back?{urlencode({'error': '<script>', 'state': state})}")
    assert is_refused(answer, "did not sign you in") and "<script>" not in answer.text


def test_a_foreign_page_cannot_begin_a_sign_in(school, browser):
    answer = browser.get("/api/sign-in/oidc", headers={"Sec-Fetch-Site": "cross-site"})
    assert is_refused(answer, "foreign page", 403)


@pytest.mark.parametrize(
    "given, goes_to",
    [
        ("/Model?id=7", "/Model?id=7"), ("/", "/"), ("", "/"), ("//evil.example", "/"), ("https://evil.example/Model", "/"),
        ("/\\evil.example", "/"), ("/Model\\..\\evil", "/"), ("/Model?x=\r\nSet-Cookie: a=b", "/"), ("javascript:alert(1)", "/"),
        ("/api/session/end", "/"), ("/Model?" + "x" * 600, "/"), ("http://[", "/"), ("/Nowhere", "/"), ("Model", "/"),
    ],
)  # fmt: skip
def test_a_sign_in_goes_on_at_a_page_of_the_hub_alone(given, goes_to):
    assert path_of_ours(given) == goes_to


@pytest.mark.parametrize(
    "settings, told",
    [
        ({"MHUB_GOOGLE_ID": "x"}, "MHUB_GOOGLE_ID needs MHUB_GOOGLE_SECRET"),
        ({"MHUB_OIDC_ID": "x", "MHUB_OIDC_SECRET": "y"}, "needs MHUB_OIDC_ISSUER"),
        ({"MHUB_OIDC_ID": "x", "MHUB_OIDC_SECRET": "y", "MHUB_OIDC_ISSUER": "http://school.example"}, "MHUB_OIDC_ISSUER is"),
        ({"MHUB_GITHUB_ID": "x", "MHUB_GITHUB_SECRET": "y", "MHUB_HOST": "0.0.0.0"}, "MHUB_GITHUB_ID needs MHUB_ADDRESS"),
    ],
)
def test_a_setting_of_a_provider_that_is_missing_is_named(hub_home, monkeypatch, settings, told):
    providers.check()
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=told):
        providers.check()


def test_too_many_who_come_back_from_one_address_must_wait(school, browser):
    school.wrong = {"key": OTHER_KEY}
    with pytest.raises(Throttled):
        for _ in range(70):
            identity_service.count_try(HERE)


def test_only_its_owner_unlinks_a_provider(school, browser):
    sign_in(browser)
    with pytest.raises(NotFound):
        identity_service.unlink(service.sign_up("bob@school.example", "Bob", PASSWORD, HERE), school.issuer)
    assert len(identity_service.list_identities(person(browser))) == 1
