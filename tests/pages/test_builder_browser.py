"""The builder under a real mouse: the diagram in Chromium, against a real web server on a home of the test's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from jobs import valkey
from mhub_core import settings
from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import SESSION_COOKIE, User
from mhub_core.graphs import design, edit, stock, walk
from mhub_core.models import service as models
from tests import chromium
from tests.conftest import wait_until
from tests.factories import person
from tests.services import free_port

SECONDS = 30_000


pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("builder in a browser")]


@pytest.fixture(scope="module", autouse=True)
def home(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One home for all tests here, whose people and models stay apart."""
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o700)
    shutil.copy(empty_sqlite, home)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DATABASE_URL", "REDIS_URL", "STORAGE_URL", "MHUB_SECRET_KEY"):
            patch.delenv(name, raising=False)
        patch.setenv("MHUB_HOME", str(home))
        yield home


@pytest.fixture(scope="module")
def url(home: Path) -> Iterator[str]:
    """A web server and a broker, without workers."""
    port = free_port()
    valkey.clear_the_way(home / "broker")
    broker = subprocess.Popen(valkey.command(home / "broker"), stdout=subprocess.DEVNULL)
    environment = os.environ | {"MHUB_PORT": str(port)}
    server = subprocess.Popen(
        [sys.executable, "-m", "mhub_core.server"], cwd=settings.ROOT, env=environment, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(address), seconds=120)
        yield address
    finally:
        server.terminate()
        server.wait()
        broker.kill()
        broker.wait()


def _answers(address: str) -> bool:
    try:
        return urllib.request.urlopen(f"{address}/_stcore/health", timeout=5).status == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def ada(home: Path) -> User:
    return person("ada")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.browser() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, url: str, ada: User) -> Iterator[Page]:
    """A fresh tab in which Ada is signed in."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    token = accounts.redeem_ticket(accounts.issue_ticket(ada.id), "test")
    context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": url}])
    page = context.new_page()
    page.set_default_timeout(SECONDS)
    expect.set_options(timeout=SECONDS)
    yield page
    context.close()


def open_builder(page: Page, url: str, user: User, graph: dict) -> tuple[int, FrameLocator]:
    model_id = models.create(user, "<b>Digits</b>", "", graph)
    page.goto(f"{url}/Builder?model={model_id}")
    diagram = page.frame_locator(".st-key-diagram iframe")
    expect(diagram.locator(".react-flow__node")).to_have_count(len(graph["nodes"]))
    return model_id, diagram


def node(diagram: FrameLocator, node_id: str) -> Locator:
    return diagram.locator(f".react-flow__node[data-id={node_id}]")


def at_rest(page: Page, thing: Locator) -> None:
    """Wait until the diagram has moved to where it shows what was added."""
    places = [None, thing.bounding_box()]
    while places[-1] != places[-2]:
        page.wait_for_timeout(300)
        places.append(thing.bounding_box())


def drag(page: Page, start: Locator, end: Locator) -> None:
    at_rest(page, end)
    for step, place in (("down", start.bounding_box()), ("up", end.bounding_box())):
        page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2, steps=8)
        getattr(page.mouse, step)()


def drag_block(page: Page, name: str, end: Locator) -> None:
    """Search for a block with the keyboard and drag it into the diagram."""
    page.keyboard.press("/")
    page.keyboard.type(name)
    block = page.get_by_role("button", name=name, exact=True)
    # The palette has been narrowed: a button that is drawn anew while it is dragged is let go.
    expect(page.get_by_role("button", name="Embedding", exact=True)).to_have_count(0)
    expect(block).to_be_visible()
    drag(page, block, end)


def pairs(user: User, model_id: int) -> set[tuple[str, str]]:
    return {(edge["source"], edge["target"]) for edge in draft(user, model_id)["edges"]}


def draft(user: User, model_id: int) -> dict:
    return models.require_model(user, model_id).draft


def test_the_mouse_opens_forms_adds_connects_and_undoes_and_a_reload_finds_it_all(page: Page, url: str, ada: User) -> None:
    model_id, diagram = open_builder(page, url, ada, stock.require_stock("small_cnn").graph())

    node(diagram, "n3").click()
    expect(page.get_by_role("textbox", name="name", exact=True)).to_have_value("conv2d")
    page.get_by_role("button", name="ReLU", exact=True).click()
    expect(node(diagram, "n10")).to_be_visible()

    drag(page, node(diagram, "n3").locator(".react-flow__handle-bottom"), node(diagram, "n5").locator(".react-flow__handle-top"))
    wait_until(lambda: ("n3", "n5") in pairs(ada, model_id), seconds=30)
    page.get_by_role("button", name="Undo").click()
    wait_until(lambda: walk.as_chain(draft(ada, model_id)) is not None, seconds=30)

    drag(page, node(diagram, "n7").locator(".react-flow__handle-bottom"), node(diagram, "n3").locator(".react-flow__handle-top"))
    expect(page.get_by_text("would create a cycle")).to_be_visible()
    expect(diagram.locator(".react-flow__edge")).to_have_count(9)

    page.reload()
    expect(diagram.locator(".react-flow__node")).to_have_count(10)
    assert walk.as_chain(draft(ada, model_id))[3] == "n10"


def test_a_residual_block_is_drawn_with_the_mouse_and_edited_with_keys(page: Page, url: str, ada: User) -> None:
    graph, _ = edit.add_node(design.empty(), "InputLayer", config={"shape": [32, 32, 16]})
    model_id, diagram = open_builder(page, url, ada, graph)

    drag_block(page, "Conv2D", node(diagram, "n1"))
    drag_block(page, "Add", node(diagram, "n2"))
    drag_block(page, "BatchNormalization", diagram.get_by_test_id("rf__edge-n2-n3").locator("path").first)
    expect(node(diagram, "n4")).to_be_visible()
    drag(page, node(diagram, "n1").locator(".react-flow__handle-bottom"), node(diagram, "n3"))
    block = {("n1", "n2"), ("n2", "n4"), ("n4", "n3"), ("n1", "n3")}
    wait_until(lambda: pairs(ada, model_id) == block, seconds=30)

    node(diagram, "n2").click()
    node(diagram, "n4").click(modifiers=["Shift"])
    expect(page.get_by_text("2 layers selected")).to_be_visible()
    page.keyboard.press("Delete")
    wait_until(lambda: len(draft(ada, model_id)["nodes"]) == 2, seconds=30)
    page.keyboard.press("Control+z")
    wait_until(lambda: pairs(ada, model_id) == block, seconds=30)


def test_keys_change_no_layer_that_is_not_on_screen(page: Page, url: str, ada: User) -> None:
    model_id, diagram = open_builder(page, url, ada, stock.require_stock("small_cnn").graph())
    node(diagram, "n3").click()
    expect(page.get_by_role("textbox", name="name", exact=True)).to_have_value("conv2d")

    page.get_by_text("Python", exact=True).click()
    page.locator("[data-testid=stCode]").click()
    page.keyboard.press("Backspace")
    page.locator("[data-test-script-state=notRunning]").wait_for()
    page.get_by_text("Diagram", exact=True).first.click()

    expect(diagram.locator(".react-flow__node")).to_have_count(9)
    node(diagram, "n4").click()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Click a layer to open its settings")).to_be_visible()
    expect(diagram.locator(".react-flow__node.selected")).to_have_count(0)
    node(diagram, "n3").click()
    expect(page.get_by_role("textbox", name="name", exact=True)).to_have_value("conv2d")
    page.keyboard.press("Backspace")
    expect(diagram.locator(".react-flow__node")).to_have_count(8)


def test_a_phone_gets_the_list_and_no_sideways_scrolling(page: Page, url: str, ada: User) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    model_id = models.create(ada, "Digits", "", stock.require_stock("small_cnn").graph())
    page.goto(f"{url}/Builder?model={model_id}")

    page.locator(".st-key-outline").get_by_role("button", name="Dropout").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    wait_until(lambda: len(draft(ada, model_id)["nodes"]) == 8, seconds=30)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
    expect(page.locator(".st-key-diagram")).to_have_count(0)
