"""Helpers of the builder's tests: open it, press what has a label, find a field, read what stands on the page."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from mhub_core import settings
from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import User
from mhub_core.graphs import walk
from mhub_core.models import service as models
from mhub_core.ui.session import TOKEN


def open_page(name: str, user: User | None = None, **query: object) -> AppTest:
    """Open a page of the hub as a person, or as a visitor."""
    app = AppTest.from_file(str(settings.ROOT / "Home.py"), default_timeout=120).switch_page(f"pages/{name}.py")
    if user:
        app.session_state[TOKEN] = accounts.redeem_ticket(accounts.issue_ticket(user.id), "test")
    for key, value in query.items():
        app.query_params[key] = str(value)
    app.run()
    assert not app.exception
    return app


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click()
    app.run()
    assert not app.exception


def choose(app: AppTest, model_id: int, node_id: str) -> None:
    """Select a layer by its row in the list view."""
    if not any(button.key == f"row_{model_id}_{node_id}" for button in app.button):
        app.query_params["view"] = "List"
        app.run()
    app.button(key=f"row_{model_id}_{node_id}").click()
    app.run()
    assert not app.exception


def classes(user: User, model_id: int) -> list[str]:
    graph = models.require_model(user, model_id).draft
    return [walk.nodes_by_id(graph)[node_id]["class"] for node_id in walk.topological(graph)]


def words(app: AppTest) -> str:
    return " ".join(
        str(element.value) for kind in (app.markdown, app.error, app.warning, app.info, app.caption, app.code) for element in kind
    )


def field(app: AppTest, label: str):  # noqa: ANN201  (a widget of any kind)
    return next(item for kind in (app.text_input, app.number_input, app.selectbox) for item in kind if item.label == label)


def tick(app: AppTest, model_id: int, *node_ids: str) -> None:
    """Choose several layers in the list view."""
    pick(app, f"{model_id}_edit_menu", "several")
    for node_id in node_ids:
        app.checkbox(key=f"choose_{model_id}_{node_id}_False").check().run()
        assert not app.exception


def pick(app: AppTest, key: str, option: str) -> None:
    """Choose from a menu."""
    app.menu_button(key=key).click(option).run()
    assert not app.exception


def unfold(app: AppTest, key: str) -> None:
    """Open a part of a form; without a browser an expander is opened by its state."""
    app.session_state[key] = True
    app.run()
    assert not app.exception
