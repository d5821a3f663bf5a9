"""Who may make an account: on an open hub, with an invitation, or nobody new."""

from __future__ import annotations

import pytest
from itsdangerous import URLSafeTimedSerializer

from mhub_core import settings
from mhub_core.accounts import identity_service, joining, service
from mhub_core.accounts import people_service as people
from mhub_core.accounts.records import Arrival, User
from mhub_core.errors import Forbidden, Invalid

PASSWORD = "correct horse battery"


@pytest.fixture
def ada(hub) -> User:
    return service.sign_up("ada@example.org", "Ada", PASSWORD, "here")


def join(name: str, invitation: str = "") -> User:
    return service.sign_up(f"{name}@example.org", name, PASSWORD, "here", invitation=invitation)


@pytest.mark.parametrize("way", ["invited", "closed"])
def test_the_first_account_can_always_be_made(hub, monkeypatch, way):
    monkeypatch.setenv("MHUB_SIGN_UP", way)
    admin = join("ada")
    assert admin.is_admin
    with pytest.raises(Forbidden):
        join("bob")
    assert [person.user.name for person in people.list_people(admin)] == ["ada"]


def test_an_invitation_is_good_for_a_class_and_ends(ada, monkeypatch):
    monkeypatch.setenv("MHUB_SIGN_UP", "invited")
    invitation = joining.invite(ada)
    assert [join(name, invitation).name for name in ("bob", "eve")] == ["bob", "eve"]

    monkeypatch.setattr(joining, "INVITATION_DAYS", -1)
    with pytest.raises(Forbidden, match="expired"):
        join("mallory", invitation)


def test_only_an_administrator_invites(ada):
    for somebody in (join("bob"), None):
        with pytest.raises(Forbidden):
            joining.invite(somebody)


def test_a_made_up_invitation_is_none(ada, monkeypatch):
    monkeypatch.setenv("MHUB_SIGN_UP", "invited")
    foreign = URLSafeTimedSerializer("another key", salt="invitation").dumps("join")
    other_use = URLSafeTimedSerializer(settings.secret_key(), salt="reset 1 None").dumps("join")
    for token in (foreign, other_use, "x" * 10_000, "é", joining.invite(ada)[:-2]):
        with pytest.raises(Forbidden):
            join("mallory", token)


def test_a_closed_hub_takes_no_invitation_and_tells_nobody_who_has_an_account(ada, monkeypatch):
    monkeypatch.setenv("MHUB_SIGN_UP", "closed")
    said = []
    for name in ("ada", "bob"):
        with pytest.raises(Forbidden) as raised:
            join(name, joining.invite(ada))
        said.append(raised.value.happened)
    assert said[0] == said[1]
    assert service.sign_in("ada@example.org", PASSWORD, "here") == ada


@pytest.mark.parametrize(
    "domains, taken", [("", True), ("example.org", True), (" @Example.ORG , lab.edu", True), ("lab.edu", False)]
)
def test_a_hub_takes_addresses_of_its_domains_alone(hub, monkeypatch, domains, taken):
    monkeypatch.setenv("MHUB_EMAIL_DOMAINS", domains)
    if taken:
        assert join("ada")
        return
    with pytest.raises(Invalid) as raised:
        join("ada")
    assert raised.value.problems == {"email": "must be an address at lab.edu"}


def test_an_address_below_a_domain_or_beside_it_is_not_of_it(hub, monkeypatch):
    monkeypatch.setenv("MHUB_EMAIL_DOMAINS", "example.org")
    for email in ("ada@evil-example.org", "ada@x.example.org", "ada@example.org.evil.net"):
        with pytest.raises(Invalid):
            service.sign_up(email, "Ada", PASSWORD, "here")


def test_a_setting_that_is_wrong_is_named(database, monkeypatch):
    monkeypatch.setenv("MHUB_SIGN_UP", "everyone")
    with pytest.raises(ValueError, match="MHUB_SIGN_UP is 'everyone'; it must be one of: open, invited, closed"):
        joining.way()


@pytest.mark.parametrize("subject", ["", "\x00", "\ud800", "a\nb", "x" * 256])
def test_a_provider_that_names_nobody_signs_nobody_in(database, subject):
    with pytest.raises(Invalid, match="were not signed in"):
        identity_service.arrive(Arrival("google", subject, "eve@example.org", True, "Eve"), "10.0.0.7")
