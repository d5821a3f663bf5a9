"""Bringing a model along on the builder's page: pasted text becomes a model; what is wrong is shown with its line."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from mhub_core import settings
from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import User
from mhub_core.models import service as models
from mhub_core.storage import service as storage
from mhub_core.storage import uploads
from mhub_core.ui.builder import bring
from mhub_core.ui.session import TOKEN
from tests.pages.building import open_page, unfold
from tests.pages.conftest import words

pytestmark = pytest.mark.slow

SCRIPT = """import keras
from keras import layers
model = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="softmax")], name="tiny")
model.compile(loss="mse")
"""


def open_builder(user: User | None) -> AppTest:
    app = AppTest.from_file(str(settings.ROOT / "Home.py"), default_timeout=120).switch_page("pages/Builder.py")
    if user:
        app.session_state[TOKEN] = accounts.redeem_ticket(accounts.issue_ticket(user.id), "test")
    return app.run()


def paste(app: AppTest, text: str) -> AppTest:
    app.radio(key="bring_way").set_value(bring.TEXT).run()
    app.text_area(key="bring_text").set_value(text)
    app.button(key="bring_read").click().run()
    assert not app.exception
    return app


def test_a_pasted_script_is_shown_and_becomes_a_model(ada) -> None:
    app = paste(open_builder(ada), SCRIPT)
    assert "tiny contains 2 layers, 1 connection" in words(app).replace("**", "")
    assert "trains or tests the model" in words(app)

    app.button(key="bring_create").click().run()

    (card,) = models.list_models(ada, mine=True)
    assert card.name == "tiny"
    assert [node["class"] for node in models.require_model(ada, card.id).draft["nodes"]] == ["InputLayer", "Dense"]


def test_a_mistake_is_shown_with_its_line_and_what_was_typed_stays(ada) -> None:
    wrong = SCRIPT.replace("Dense", "Denze")

    app = paste(open_builder(ada), wrong)

    assert "Line 3" in words(app)
    assert '3: model = keras.Sequential([keras.Input((4,)), layers.Denze(3, activation="softmax")]' in words(app)
    assert app.text_area(key="bring_text").value == wrong


def test_a_visitor_may_look_and_is_asked_to_sign_in_to_keep_it(database) -> None:
    app = paste(open_builder(None), SCRIPT)

    app.button(key="bring_create").click().run()

    assert "Sign in" in " ".join(button.label for button in app.button)
    assert app.text_area(key="bring_text").value == SCRIPT


def test_a_sent_file_is_read_and_another_persons_receipt_is_not(ada, bob, monkeypatch: pytest.MonkeyPatch) -> None:
    key = storage.put_bytes(SCRIPT.encode())
    receipt = uploads.seal(ada.id, key, "my net.py", len(SCRIPT))
    monkeypatch.setattr(bring, "uploader", lambda *_, **__: receipt)

    assert "my net contains" in words(open_builder(ada)).replace("**", "")
    assert "no longer available" in words(open_builder(bob))


def test_a_refused_text_is_not_read_again_at_the_next_click(ada, monkeypatch: pytest.MonkeyPatch) -> None:
    app = paste(open_builder(ada), '{"format": 1, "nodes": 7, "edges": []}')
    monkeypatch.setattr(bring.apart, "read_text", None)

    app.button(key="bring_read").click().run()

    assert not app.exception and "must be lists" in words(app)


def test_the_list_of_models_offers_to_bring_one(ada) -> None:
    app = open_page("Models", ada)
    unfold(app, "bring_model")

    paste(app, SCRIPT)

    assert "tiny" in [field.value for field in app.text_input]
