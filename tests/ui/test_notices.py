"""The page of all notifications."""

from __future__ import annotations

import pytest

from db.engine import writing
from mhub_core.notices import service as notices
from mhub_core.notices.records import Choice
from tests import factories
from tests.pages.building import open_page, press, words

pytestmark = pytest.mark.usefixtures("database")


def lists(app) -> str:  # noqa: ANN001
    return " ".join(element.proto.body for element in app.get("html") if "mhub-notices" in element.proto.body)


def test_somebody_reads_their_notifications_and_chooses_what_to_hear_of():
    ada = factories.person("ada")
    assert "Nothing yet." in words(open_page("Notices", ada))
    with writing() as session:
        for number in range(25):
            notices.tell(session, [ada.id], notices.INVITATION, "model", 7, None, f"<i>Notice</i> {number}")

    app = open_page("Notices", ada)
    assert "&lt;i&gt;Notice&lt;/i&gt; 24" in lists(app) and "href='Model?id=7'" in lists(app)
    assert lists(app).count("mhub-bell-new") == 24
    assert "Notice&lt;/i&gt; 0" in lists(open_page("Notices", ada, page=2))
    press(app, "Mark all as read")
    assert notices.list_notices(ada).num_unread == 0 and "mhub-bell-new" not in lists(app)

    assert [box.label for box in app.checkbox] == ["In the hub"] * len(notices.KINDS), "mail is offered where there is none"
    app.checkbox(key="notices_hub_comment").uncheck().run()
    assert notices.get_choices(ada)[notices.COMMENT] == Choice(False, False)


def test_mail_is_offered_where_the_hub_sends_it(monkeypatch):
    monkeypatch.setenv("MHUB_SMTP_URL", "smtp://127.0.0.1:25")
    ada = factories.person("ada")
    app = open_page("Notices", ada)

    app.checkbox(key="notices_mail_run_ended").check().run()

    assert notices.get_choices(ada)[notices.RUN_ENDED] == Choice(True, True)


def test_a_visitor_is_asked_to_sign_in():
    assert "asked_to_sign_in" in open_page("Notices").session_state
