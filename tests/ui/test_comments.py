"""The window "Comments" at the end of a page."""

from __future__ import annotations

import pytest

from mhub_core.comments import service as comments
from mhub_core.models import service as models
from mhub_core.ui.comments import threads
from tests import factories
from tests.pages.building import open_page, press, words

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def ada():
    return factories.person("ada")


@pytest.fixture
def model_id(ada):
    return models.require_version(ada, factories.model(ada)).model_id


def write(app, label: str, text: str):  # noqa: ANN001, ANN201
    next(area for area in app.text_area if area.label.startswith(label)).set_value(text)
    return app


def open_form(app):  # noqa: ANN001, ANN201
    app.session_state["comments_model_1_write"] = True
    return app.run()


def texts(model_id: int) -> list[str]:
    said = comments.list_threads(None, "model", model_id).threads
    return [one.text for thread in said for one in (thread.comment, *thread.replies)]


def test_somebody_comments_replies_changes_and_deletes(ada, model_id):
    app = open_form(open_page("Model", ada, id=model_id))
    assert "No comments yet." in words(app)

    press(write(app, "Your comment", "Which *optimizer*?"), "Comment")
    assert "Which *optimizer*?" in words(app) and "No comments yet." not in words(app)
    assert next(area for area in app.text_area if area.label.startswith("Your comment")).value == ""
    press(app, "Reply")
    press(write(app, "Your reply", "Adam"), "Reply")
    assert texts(model_id) == ["Which *optimizer*?", "Adam"]

    press(app, "Edit")
    next(area for area in app.text_area if area.value == "Which *optimizer*?").set_value("Which rate?")
    press(app, "Save")
    assert texts(model_id) == ["Which rate?", "Adam"]
    press(app, "Delete")
    press(app, "Cancel")
    press(app, "Delete")
    press(app, "Yes, delete it")
    assert texts(model_id) == ["", "Adam"]


def test_what_a_visitor_typed_is_there_after_signing_in(ada, model_id):
    app = open_form(open_page("Model", None, id=model_id))

    press(write(app, "Your comment", "A long thought"), "Comment")

    assert app.session_state["asked_to_sign_in"] == "This needs an account."
    assert next(area for area in app.text_area if area.label.startswith("Your comment")).value == "A long thought"
    assert texts(model_id) == []


def test_what_was_typed_into_a_form_that_another_one_closed_is_still_there(ada, model_id):
    for text in ("First", "Second"):
        comments.write(ada, "model", model_id, text)
    app = open_page("Model", ada, id=model_id)
    second, first = (button.key for button in app.button if button.label == "Reply")
    app.button(key=first).click().run()
    write(app, "Your reply", "Half a reply")

    app.button(key=second).click().run()
    assert [area.value for area in app.text_area if area.label.startswith("Your reply")] == [""]
    app.button(key=first).click().run()

    assert [area.value for area in app.text_area if area.label.startswith("Your reply")] == ["Half a reply"]


def test_the_address_leads_to_an_old_comment_among_many(ada, model_id):
    ids = [comments.write(ada, "model", model_id, f"Comment {number}") for number in range(12)]
    replies = [comments.write(ada, "model", model_id, f"Reply {number}", ids[0]) for number in range(threads.SHOWN + 2)]

    assert "Comment 0" not in words(open_page("Model", ada, id=model_id))
    folded = open_page("Model", ada, id=model_id, comments=2)
    assert "Comment 0" in words(folded) and "Reply 0" not in words(folded)
    asked = open_page("Model", ada, id=model_id, comment=replies[0])
    assert "Reply 0" in words(asked) and "Comment 5" not in words(asked)
    assert "Comment 11" in words(open_page("Model", ada, id=model_id, comment=4711))


def test_a_name_is_put_behind_what_is_typed(ada, model_id):
    bob = factories.person("bob")
    app = open_form(open_page("Model", bob, id=model_id))
    write(app, "Your comment", "Look,")

    next(box for box in app.selectbox if box.label == "Mention somebody").set_value("Ada").run()

    assert next(area for area in app.text_area if area.label.startswith("Your comment")).value == "Look, @Ada "
