"""The pieces of every page, driven as Streamlit runs them."""

from __future__ import annotations

import itertools

import pytest
from streamlit.testing.v1 import AppTest

from mhub_core import settings
from mhub_core.accounts import password_service, service
from mhub_core.ui.page import plain

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]


def app_of(script: str) -> AppTest:
    """Return an app whose only page is written in the test."""
    folder = settings.home() / "app"
    folder.mkdir(parents=True)
    (folder / "App.py").write_text(script, encoding="utf-8")
    return AppTest.from_file(str(folder / "App.py"), default_timeout=120)


def open_page(name: str) -> AppTest:
    """Return a page of the hub, as a visitor sees it."""
    return AppTest.from_file(str(settings.ROOT / "Home.py"), default_timeout=120).switch_page(f"pages/{name}.py").run()


def fill_sign_up(
    app: AppTest, name: str = "Ada", email: str = "ada@example.org", password: str = "correct horse", again: str = ""
) -> None:
    values = {"First name": name, "E-mail": email, "Password": password, "Repeat password": again or password}
    for field in app.text_input[2:]:  # the first two are those of the sign-in form
        field.set_value(values.get(field.label, ""))
    press(app, "Sign up")


def press(app: AppTest, label: str) -> None:
    [button for button in app.button if button.label == label][-1].click().run()
    assert not app.exception


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def words(app: AppTest) -> str:
    return " ".join(element.value for kind in (app.markdown, app.error, app.warning, app.info, app.text) for element in kind)


ACTION = """
import streamlit as st
from mhub_core.ui.login import require_login
from mhub_core.ui.page import page_setup
page_setup("Desk")
note = st.text_input("Note")
if st.button("Keep"):
    st.write("kept for " + require_login("Sign in to keep it.").name)
"""


def test_a_visitor_who_presses_a_button_is_asked_in_and_finds_the_field_as_it_was() -> None:
    app = app_of(ACTION).run()
    app.text_input[0].set_value("do not lose me")
    press(app, "Keep")
    assert "Sign in to keep it." in words(app)
    form = [field for field in app.text_input if field.label != "Note"]
    for field, value in zip(form[2:], ("Ada", "", "ada@example.org", "correct horse", "correct horse"), strict=True):
        field.set_value(value)
    press(app, "Sign up")
    assert [field.value for field in app.text_input] == ["do not lose me"]
    press(app, "Keep")
    assert "kept for Ada" in words(app)


def test_the_first_account_is_told_that_it_is_the_administrators_and_the_second_is_not() -> None:
    told = []
    for email in ("ada@example.org", "bob@example.org"):
        app = open_page("Account")
        fill_sign_up(app, email=email)
        told.append("You are the administrator" in words(app))
        # What they wanted before they signed up may lead to another page at once, so it is said there too.
        told += ["You are the administrator" in words(app.switch_page(f"pages/{name}.py").run()) for name in ("Help", "Models")]
    assert told == [True, True, False] + [False] * 3


def test_a_page_that_needs_an_account_shows_itself_right_after_signing_up() -> None:
    app = open_page("Account")
    assert "Sign in to see your account." in words(app)
    fill_sign_up(app)
    assert not app.exception
    assert "ada@example.org" in words(app)


def test_a_wrong_password_is_said_and_the_form_stays() -> None:
    service.sign_up("ada@example.org", "Ada", "correct horse", "here")
    app = open_page("Account")
    app.text_input[0].set_value("ada@example.org")
    app.text_input[1].set_value("wrong password")
    press(app, "Sign in")
    assert "The e-mail address or the password is wrong." in words(app)
    assert "Sign in" in labels(app)


def test_the_fifth_wrong_password_makes_the_sixth_try_wait() -> None:
    app = open_page("Account")
    for _ in range(6):
        app.text_input[0].set_value("ada@example.org")
        app.text_input[1].set_value("wrong password")
        press(app, "Sign in")
    assert "Too many attempts." in words(app)


def said_at(app: AppTest, label: str) -> str:
    """Return what a form says between a field and the next field or button."""
    kinds = {"text_input", "form_submit_button", "button", "markdown", "alert"}
    drawn = [element for element in app if element.type in kinds or element.type in ("error", "warning")]
    at = max(index for index, element in enumerate(drawn) if getattr(element, "label", "") == label)
    texts = itertools.takewhile(lambda element: element.type in ("markdown", "error"), drawn[at + 1 :])
    return " ".join(str(text.value) for text in texts).replace("\\", "")


def test_a_sign_up_names_all_problems_at_their_fields_and_keeps_what_was_typed() -> None:
    app = open_page("Account")
    fill_sign_up(app, name="", email="nothing", password="short", again="shirt")
    assert "visible characters" in said_at(app, "First name")
    assert "complete e-mail address" in said_at(app, "E-mail")
    assert "at least 8" in said_at(app, "Password")
    above_button = said_at(app, "Repeat password")
    assert "not the same" in above_button and "The account was not created." in above_button and "at least 8" not in above_button
    assert "nothing" in [field.value for field in app.text_input]


def test_an_address_that_has_an_account_is_said_at_its_field_with_what_to_do_above_the_button() -> None:
    service.sign_up("ada@example.org", "Ada", "correct horse", "here")
    app = open_page("Account")
    fill_sign_up(app)
    assert "has an account already" in said_at(app, "E-mail").lower()
    assert "Sign in with it" in said_at(app, "Repeat password")


def test_a_sign_in_without_e_mail_and_password_says_so_at_both_fields() -> None:
    app = open_page("Account")
    press(app, "Sign in")
    assert words(app).count("Is missing") == 2


def test_signing_out_makes_a_visitor() -> None:
    app = open_page("Account")
    fill_sign_up(app)
    press(app, "Sign out")
    assert "ada@example.org" not in words(app)


def test_on_a_hub_by_invitation_a_visitor_reads_what_to_do_and_signs_up_with_the_administrators_link(monkeypatch) -> None:
    service.sign_up("ada@example.org", "Ada", "correct horse", "here")
    monkeypatch.setenv("MHUB_SIGN_UP", "invited")
    visitor = open_page("Account")
    assert "New accounts on this hub need an invitation." in words(visitor) and "Forgot password?" in {
        tab.label for tab in visitor.tabs
    }
    assert "This hub does not send e-mail." in words(visitor)
    visitor.text_input[0].set_value("ada@example.org")
    visitor.text_input[1].set_value("correct horse")
    press(visitor, "Sign in")
    visitor.switch_page("pages/Administration.py").run()
    press(visitor, "Create an invitation link")
    link = next(code.value for code in visitor.code if "invite=" in code.value)

    guest = AppTest.from_file(str(settings.ROOT / "Home.py"), default_timeout=120)
    guest.query_params["invite"] = link.rpartition("=")[2]
    fill_sign_up(guest.switch_page("pages/Account.py").run(), email="bob@example.org")
    assert "bob@example.org" in words(guest)


def test_a_person_changes_their_name_and_signs_out_in_another_browser() -> None:
    app = open_page("Account")
    fill_sign_up(app)
    ada = service.sign_in("ada@example.org", "correct horse", "here")
    there = service.redeem_ticket(service.issue_ticket(ada.id), "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Firefox/127.0")
    app.session_state["rename"] = app.session_state["browsers"] = True
    app.run()
    app.text_input(key="own_name").set_value("Ada Lovelace")
    press(app, "Change the name")
    assert "Ada Lovelace" in words(app) and "this browser" in words(app) and "Firefox on Linux" in words(app)
    press(app, "Sign out there")
    assert "Firefox on Linux" not in words(app) and "ada@example.org" in words(app)
    assert service.get_session_user(there) is None


def test_a_session_that_was_ended_elsewhere_is_over_here_too() -> None:
    app = open_page("Account")
    fill_sign_up(app)
    service.sign_out_everywhere(service.sign_in("ada@example.org", "correct horse", "here"))
    app.run()
    assert "ada@example.org" not in words(app)


def change_password(*typed: str) -> AppTest:
    """Sign up and fill in the form of a new password: the current one, the new one twice."""
    app = open_page("Account")
    fill_sign_up(app)
    for field, value in zip(app.text_input[:3], typed, strict=True):
        field.set_value(value)
    press(app, "Change the password")
    return app


def test_a_changed_password_keeps_this_sign_in() -> None:
    app = change_password("correct horse", "a new password", "a new password")
    assert "Your password is changed." in " ".join(element.value for element in app.success)
    app.run()
    assert "ada@example.org" in words(app)


def test_a_password_change_names_all_problems_at_their_fields() -> None:
    app = change_password("wrong horse", "short", "shirt")
    assert "not your current password" in said_at(app, "Current password")
    assert "at least 8" in said_at(app, "New password")
    assert "not the same" in said_at(app, "Repeat the new password")
    assert service.sign_in("ada@example.org", "correct horse", "here")


def test_an_administrator_sees_everyone_and_nobody_else_does() -> None:
    service.sign_up("ada@example.org", "Ada", "correct horse", "here")
    service.sign_up("bob@example.org", "Bob <b>", "correct horse", "here")
    seen = []
    for email in ("ada@example.org", "bob@example.org"):
        app = open_page("Account")
        app.text_input[0].set_value(email)
        app.text_input[1].set_value("correct horse")
        press(app, "Sign in")
        app.switch_page("pages/Administration.py").run()
        seen.append("".join(element.proto.body for element in app.get("html")))
    assert "bob@example.org" in seen[0] and "Bob &lt;b&gt;" in seen[0] and "0 MB of" in seen[0]
    assert "ada@example.org" not in seen[1]


def test_an_administrators_reset_link_opens_a_form_that_sets_the_password() -> None:
    admin = service.sign_up("ada@example.org", "Ada", "correct horse", "here")
    app = AppTest.from_file(str(settings.ROOT / "Home.py"), default_timeout=120)
    app.query_params["reset"] = password_service.issue_reset(admin, "ada@example.org")
    app.switch_page("pages/Account.py").run()
    for field in app.text_input:
        field.set_value("a new password")
    press(app, "Set the password")
    assert service.sign_in("ada@example.org", "a new password", "here") == admin


ERRORS = """
import streamlit as st
from mhub_core.errors import Conflict, SignInRequired
from mhub_core.ui.errors import errors_shown, shown_or_stopped
from mhub_core.ui.page import page_setup
page_setup("Errors")
with errors_shown():
    raise Conflict("It *changed*.", "One [tab].", "Load <b>again</b>.", {"name": "is `taken`"})
st.write("the page goes on")
if st.button("Change"):
    with errors_shown():
        raise SignInRequired("This needs an account.")
with shown_or_stopped():
    raise Conflict("The end.")
st.write("never reached")
"""


def test_an_error_is_shown_with_what_to_do_and_the_page_goes_on_or_stops_as_it_says() -> None:
    app = app_of(ERRORS).run()
    shown = app.error[0].value
    assert all(part in shown for part in (r"It \*changed\*", r"\[tab\]", r"\<b\>again", r"is \`taken\`"))
    assert "the page goes on" in words(app) and "never reached" not in words(app)


def test_what_needs_an_account_opens_the_sign_in_window() -> None:
    app = app_of(ERRORS).run()
    press(app, "Change")
    assert "This needs an account." in words(app)
    assert "Sign up" in labels(app)


@pytest.mark.parametrize(
    ("address", "found"), [("7", 7), ("", None), ("0", None), ("-1", None), ("1e3", None), ("٣", None), ("9" * 30, None)]
)
def test_only_a_number_that_could_be_an_id_is_taken_from_the_address(address: str, found: int | None) -> None:
    app = app_of("import streamlit as st\nfrom mhub_core.ui.page import query_id\nst.write(repr(query_id()))")
    app.query_params["id"] = address
    assert app.run().markdown[0].value == repr(found)


@pytest.mark.parametrize(
    ("typed", "markdown"),
    [
        ("*a* <b>[x](y)", r"\*a\* \<b\>\[x\](y)"),
        ("1. one", r"1\. one"),
        ("- one\n    code", "\\- one  \ncode"),
        ("3.5 cm-2", "3.5 cm-2"),
    ],
)
def test_plain_text_means_nothing_to_markdown(typed: str, markdown: str) -> None:
    assert plain(typed) == markdown


def test_a_database_that_is_away_is_said_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    script = "import streamlit as st\nfrom mhub_core.ui.page import page_setup\n"
    app = app_of(script + "st.session_state['session_token'] = 'x'\npage_setup('X')").run()
    assert "The database did not answer." in words(app)


def test_an_error_that_no_page_caught_is_a_sentence_with_a_number_only_when_the_hub_itself_failed():
    def page() -> None:
        from mhub_core.errors import Invalid
        from mhub_core.ui.errors import show_unexpected

        for error in (Invalid("Too new for this hub.", mend="Update it."), ValueError("secret")):
            assert show_unexpected(error)

    told, failed = AppTest.from_function(page, default_timeout=20).run().error
    assert "Too new for this hub" in told.value and "number" not in told.value
    assert "give the administrator this number" in failed.value and "secret" not in failed.value
