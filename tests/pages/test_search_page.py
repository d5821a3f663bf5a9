"""The page of all results, and the page of a person that they lead to."""

from __future__ import annotations

import pytest

from mhub_core.models import service as models
from tests import factories
from tests.pages.building import open_page, words

pytestmark = pytest.mark.usefixtures("database")


def html(app) -> str:  # noqa: ANN001
    return " ".join(element.proto.body for element in app.get("html"))


def test_results_come_in_pages_and_are_text_whatever_people_call_things():
    ada = factories.person("ada")
    for number in range(25):
        models.create(ada, f"<b>net</b> {number}", "[x](javascript:alert(1)) net", factories.chain(3), "public")

    first = open_page("Search", q="net")
    second = open_page("Search", q="net", page=2, kind="model")

    assert html(first).count("mhub-kind") == 24 and html(second).count("mhub-kind") == 1
    assert "&lt;b&gt;<mark>net</mark>&lt;/b&gt; 0" in html(second) and "<b>" not in html(first) + html(second)
    assert "javascript" not in html(first)


def test_a_search_without_results_says_what_may_help():
    app = open_page("Search", q="zebra", kind="nonsense")
    assert "Nothing that you can see" in words(app) and "Without signing in you find only what is public." in words(app)
    assert "Press / on any page" in words(open_page("Search"))


def test_the_page_of_a_person_shows_what_the_viewer_may_see():
    ada, bob = factories.person("ada"), factories.person("bob")
    models.create(ada, "Shown", "", factories.chain(3), "public")
    models.create(ada, "Hidden", "", factories.chain(3), "private")

    assert "Shown" in html(open_page("Person", id=ada.id)) and "Hidden" not in html(open_page("Person", bob, id=ada.id))
    assert "Hidden" in html(open_page("Person", ada, id=ada.id))
    assert "no such person" in words(open_page("Person", id=bob.id)) and "Bob" in html(open_page("Person", ada, id=bob.id))
    assert "example.org" not in words(open_page("Person", bob, id=ada.id))
