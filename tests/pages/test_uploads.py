"""Uploads that came to nothing, and forms that are folded away before they are sent."""

from __future__ import annotations

import pytest

from db.engine import writing
from db.tables.datasets import DatasetVersionRow
from mhub_core import errors
from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.errors import Invalid
from tests import factories
from tests.pages.building import open_page, press, unfold, words

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]


def refused(owner: User) -> int:
    """Put a dataset into the hub of which nothing could be used. Returns its id."""
    version_id = factories.dataset(owner, "private", "Broken")
    report = {"accepted": 0, "refused": 0, "error": errors.to_json(Invalid("Nothing to learn from."))}
    with writing() as session:
        row = session.get_one(DatasetVersionRow, version_id)
        row.request = {"kind": "table", "task": "classification"}
        row.state, row.report, row.spec = "refused", report, None
        return row.dataset_id


def test_a_refused_upload_says_on_its_card_what_can_be_done_and_is_deleted_with_one_click() -> None:
    ada = factories.person("ada")
    dataset_id = refused(ada)
    cards = " ".join(element.proto.body for element in open_page("Datasets", ada, mine=1).get("html"))
    assert "This upload was refused. Open it to see why, or to delete it." in cards
    app = open_page("Dataset", ada, id=dataset_id)
    assert "Nothing to learn from." in words(app)
    press(app, "Delete this upload")
    assert datasets.list_datasets(ada, mine=True) == []


def test_a_form_that_is_folded_and_opened_again_still_holds_what_was_typed() -> None:
    app = open_page("Models", factories.person("ada"))
    unfold(app, "new_model")
    key = "new_name_dense_classifier"
    app.text_input(key=key).set_value("My own words").run()
    app.session_state["new_model"] = False
    app.run()
    unfold(app, "new_model")
    assert app.text_input(key=key).value == "My own words"
