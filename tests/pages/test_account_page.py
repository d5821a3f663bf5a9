"""The account page: what others see, the archive, and the way out."""

from __future__ import annotations

import pytest

from mhub_core.accounts import service as accounts
from mhub_core.errors import NotFound
from mhub_core.models import service as models
from mhub_core.people import service as people
from tests import factories
from tests.pages.building import field, open_page, press, words

pytestmark = pytest.mark.usefixtures("database")
PASSWORD = "correct horse battery"


def test_a_person_writes_about_themselves_and_leaves():
    factories.person("root", is_admin=True)
    ada = accounts.sign_up("ada@example.org", "Ada", PASSWORD, "here")
    models.create(ada, "Net", "", factories.chain(3), "public")
    app = open_page("Account", ada)
    app.session_state["own_profile"] = True
    app.session_state["delete_account"] = True
    app.run()
    app.text_area(key="own_about").set_value("Poetical *science*.")
    press(app, "Save")
    assert people.require_person(None, ada.id).about == "Poetical *science*."

    field(app, "Type DELETE to confirm").set_value("DELETE")
    press(app, "Delete my account")
    assert "s not your password" in words(app)
    field(app, "Your password").set_value(PASSWORD)
    press(app, "Delete my account")
    with pytest.raises(NotFound):
        accounts.require_user(ada.id)
    assert "Sign in to see your account" in words(app)
