"""The page for administrators, and the parts of Account that need mail."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from mhub_core import settings
from mhub_core.accounts import email_service, hub_service, people_service, service
from mhub_core.accounts.records import User

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]
PASSWORD = "correct horse"


@pytest.fixture
def root(database) -> User:
    return service.sign_up("root@example.org", "Root", PASSWORD, "here")


def open_page(name: str, user: User | None, **query: str) -> AppTest:
    app = AppTest.from_file(str(settings.ROOT / "Home.py"), default_timeout=120)
    if user:
        app.session_state["session_token"] = service.token_of(service.issue_ticket(user.id))
    for key, value in query.items():
        app.query_params[key] = value
    return app.switch_page(f"pages/{name}.py").run()


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    told = (*app.markdown, *app.success, *app.error, *app.warning, *app.caption, *app.text, *app.info)
    return " ".join(str(element.value) for element in told).replace("\\", "")


def test_an_administrator_names_the_hub_and_the_start_page_welcomes_in_their_words(root):
    app = open_page("Administration", root)
    app.text_input(key="hub_name").set_value("Lab 7")
    app.text_area(key="hub_welcome").set_value("Hello **class** ![](http://evil.example/x.png)")
    assert "Saved." in said(press(app, "Save"))

    start = open_page("Start", None)

    assert "Hello **class** [image](http://evil.example/x.png)" in said(start)
    assert "Welcome to Lab 7" in " ".join(element.proto.body for element in start.get("html"))


def test_an_administrator_does_not_overwrite_what_another_one_saved_meanwhile(root):
    app = open_page("Administration", root)
    seen = hub_service.current()
    hub_service.save(root, seen, replace(seen, name="Theirs"))
    app.text_input(key="hub_name").set_value("Mine")

    assert "Another administrator changed these settings" in said(press(app, "Save"))
    assert hub_service.current().name == "Theirs"


def test_an_administrator_disables_somebody_and_enables_them_again(root):
    ada = service.sign_up("ada@example.org", "Ada <b>", PASSWORD, "here")
    app = open_page("Administration", root, id=str(ada.id))
    press(app, "Disable the account")
    assert people_service.require_person(root, ada.id).disabled and "disabled" in said(app)
    press(app, "Enable the account")
    press(app, "Make administrator")
    person = people_service.require_person(root, ada.id)
    assert person.user.is_admin and not person.disabled


def test_nobody_else_sees_the_page_for_administrators(root):
    app = open_page("Administration", service.sign_up("ada@example.org", "Ada", PASSWORD, "here"), id=str(root.id))
    assert "for administrators of this hub" in said(app) and "root@example.org" not in said(app)


def test_what_the_environment_sets_is_said_and_cannot_be_changed_on_the_page(root, monkeypatch):
    monkeypatch.setenv("MHUB_SIGN_UP", "closed")
    app = open_page("Administration", root)
    assert app.selectbox(key="hub_sign_up").disabled and "`MHUB_SIGN_UP`, which wins" in said(app)


def test_an_administrator_sees_whether_mail_arrives(root, mailbox):
    mailbox.refusals = ["550 Not you"]
    assert "It is on its way" in said(press(open_page("Administration", root), "Send a test e-mail to yourself"))
    mailbox.fetch()
    assert "550 Not you (given up)" in said(open_page("Administration", root))


def test_a_person_sees_whether_their_address_is_confirmed_and_has_the_link_sent_again(root, mailbox):
    app = open_page("Account", root)
    assert "not confirmed yet" in said(app)
    press(app, "Send the confirmation link again")
    token = mailbox.link().partition("?confirm=")[2]

    visitor = open_page("Account", None, confirm=token)
    assert not email_service.is_confirmed(root)  # by opening the link alone
    assert "root@example.org is confirmed" in said(press(visitor, "Confirm the address"))

    assert email_service.is_confirmed(root) and "not confirmed yet" not in said(app.run())


def test_who_forgot_the_password_reads_the_same_whether_or_not_there_is_such_an_account(root, mailbox):
    told = []
    for email in ("root@example.org", "nobody@example.org"):
        app = open_page("Account", None)
        next(field for field in app.text_input if field.label == "E-mail of your account").set_value(email)
        told.append(said(press(app, "Send a link")))
    assert told[0] == told[1] and "a link is on its way" in told[0]
    assert len(mailbox.fetch()) == 1


def test_the_ways_in_are_offered_only_where_they_are_configured(database, monkeypatch):
    def drawn() -> str:
        return " ".join(element.proto.body for element in open_page("Account", None).get("html"))

    assert "/api/sign-in/" not in drawn()
    monkeypatch.setenv("MHUB_GITHUB_ID", "an id")
    monkeypatch.setenv("MHUB_GITHUB_SECRET", "a secret")
    assert "href='/api/sign-in/github?next=" in drawn() and "/api/sign-in/google" not in drawn()
