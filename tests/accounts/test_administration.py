"""What administrators may do with people and with the settings of the hub, and nobody else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from mhub_core.accounts import hub_service, joining, service
from mhub_core.accounts import people_service as people
from mhub_core.accounts.records import CLOSED, HubSettings, User
from mhub_core.errors import Conflict, Forbidden, Invalid, MHubError, NotFound
from mhub_core.runs import worker_service
from tests import factories

PASSWORD, HERE = "correct horse", "here"


@pytest.fixture
def root(database) -> User:
    return service.sign_up("root@example.org", "Root", PASSWORD, HERE)


@pytest.fixture
def ada(root) -> User:
    return service.sign_up("ada@example.org", "Ada", PASSWORD, HERE)


def test_a_disabled_person_is_signed_out_at_once_and_cannot_sign_in_until_enabled(root, ada):
    session, ticket = service.redeem_ticket(service.issue_ticket(ada.id), "a browser"), service.issue_ticket(ada.id)

    people.set_disabled(root, ada.id, True)

    assert service.get_session_user(session) is None and people.require_person(root, ada.id).disabled
    with pytest.raises(Invalid):
        service.redeem_ticket(ticket, "a browser")
    with pytest.raises(Forbidden, match="disabled"):
        service.sign_in(ada.email, PASSWORD, HERE)
    with pytest.raises(Invalid):  # who does not know the password learns nothing
        service.sign_in(ada.email, "wrong horse", HERE)
    with pytest.raises(Forbidden):
        service.issue_ticket(ada.id)
    people.set_disabled(root, ada.id, False)
    assert service.sign_in(ada.email, PASSWORD, HERE) == ada


def test_the_runs_of_a_disabled_person_wait(root, ada):
    run_id = factories.run_row(ada, factories.model(ada), factories.dataset(ada))
    people.set_disabled(root, ada.id, True)
    assert worker_service.claim("a worker") is None

    people.set_disabled(root, ada.id, False)

    claim = worker_service.claim("a worker")
    assert claim is not None and claim.run_id == run_id


def test_nobody_disables_their_own_account(root, ada):
    people.set_administrator(root, ada.id, True)
    with pytest.raises(Conflict, match="your own account"):
        people.set_disabled(root, root.id, True)


def test_a_hub_never_loses_its_last_administrator(root, ada):
    with pytest.raises(Conflict, match="only administrator"):
        people.set_administrator(root, root.id, False)
    people.set_administrator(root, ada.id, True)
    people.set_disabled(root, ada.id, True)
    with pytest.raises(Conflict, match="only administrator"):
        people.set_administrator(root, root.id, False)


def test_of_two_administrators_who_take_it_from_each_other_one_remains(hub):
    root, ada = factories.person("root", is_admin=True), factories.person("ada", is_admin=True)

    def take(whose: tuple[User, User]) -> str:
        try:
            people.set_administrator(whose[0], whose[1].id, False)
        except MHubError:
            return "refused"
        return "done"

    with ThreadPoolExecutor(2) as both:
        ends = list(both.map(take, [(root, ada), (ada, root)]))

    assert sorted(ends) == ["done", "refused"]
    admins = [person for person in people.list_people(root) if person.user.is_admin]
    assert len(admins) == 1


def test_what_is_for_administrators_is_for_nobody_else(root, ada):
    for nobody in (ada, None):
        for ask in (
            lambda who=nobody: people.set_disabled(who, root.id, True),
            lambda who=nobody: people.set_administrator(who, ada.id, True),
            lambda who=nobody: people.require_person(who, root.id),
            lambda who=nobody: hub_service.save(who, hub_service.current(), HubSettings(name="Mine")),
        ):
            with pytest.raises(Forbidden, match="Only an administrator"):
                ask()
    with pytest.raises(NotFound):
        people.set_disabled(root, 999, True)


def test_the_settings_of_the_hub_hold_once_they_are_saved(root):
    seen = hub_service.current()
    chosen = replace(
        seen, sign_up=CLOSED, domains=" @School.EDU,lab.edu ", visibility="public", name="The  lab", welcome="**Hi**"
    )
    hub_service.save(root, seen, chosen)

    assert hub_service.current() == HubSettings(CLOSED, "school.edu, lab.edu", "public", "The lab", "**Hi**")
    assert (joining.way(), joining.email_problem("a@evil.net")) == (CLOSED, "must be an address at school.edu or lab.edu")
    with pytest.raises(Forbidden):
        service.sign_up("new@school.edu", "New", PASSWORD, HERE)


def test_of_two_administrators_who_save_at_the_same_time_one_is_told(hub):
    root = factories.person("root", is_admin=True)
    seen = hub_service.current()

    def save(name: str) -> str:
        try:
            hub_service.save(root, seen, replace(seen, name=name))
        except Conflict:
            return ""
        return name

    with ThreadPoolExecutor(4) as pool:
        [saved] = filter(None, pool.map(save, ["A", "B", "C", "D"]))
    assert hub_service.current().name == saved


def test_what_the_environment_says_wins_and_is_not_changed(root, monkeypatch):
    monkeypatch.setenv("MHUB_SIGN_UP", "invited")
    seen = hub_service.current()
    hub_service.save(root, seen, replace(seen, sign_up=CLOSED, name="The lab"))

    assert (hub_service.current().sign_up, hub_service.current().name) == ("invited", "The lab")
    assert hub_service.fixed() == {"sign_up": "MHUB_SIGN_UP"}
    monkeypatch.delenv("MHUB_SIGN_UP")
    assert hub_service.current().sign_up == "open"


@pytest.mark.parametrize(
    "field, value",
    [("sign_up", "all"), ("domains", "school edu"), ("domains", "school"), ("domains", "a.b," * 400), ("visibility", "half"),
     ("name", " "), ("name", "x" * 41), ("welcome", "x" * 4_001), ("welcome", "a\x00b")],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused_at_their_field(root, field, value):
    seen = hub_service.current()
    with pytest.raises(Invalid) as error:
        hub_service.save(root, seen, replace(seen, **{field: value}))
    assert set(error.value.problems) == {field}
