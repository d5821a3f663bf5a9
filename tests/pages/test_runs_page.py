"""The list of all runs: what it shows to whom, its address, and what is done with ticked rows."""

from __future__ import annotations

import html
import re

import pytest
from streamlit.testing.v1 import AppTest

from mhub_core.accounts.records import User
from mhub_core.errors import NotFound
from mhub_core.runs import service as runs
from mhub_core.runs import tag_service
from mhub_core.ui.login import TICKED
from tests import factories
from tests.pages.building import open_page, press, unfold
from tests.pages.conftest import words

pytestmark = pytest.mark.slow


def table(app: AppTest) -> str:
    return next((element.proto.body for element in app.get("html") if "mhub-tick" in element.proto.body), "")


def listed(app: AppTest) -> list[int]:
    return [int(one) for one in re.findall(r"class='mhub-tick' value='(\d+)'", table(app))]


def heads(app: AppTest) -> dict[str, str]:
    """Return the links at the heads of the columns, by their words."""
    head = table(app).partition("</thead>")[0]
    return {words: html.unescape(address) for address, words in re.findall(r"href='([^']*)'>([^<]*)</a>", head)}


def follow(viewer: User | None, address: str) -> AppTest:
    query = dict(part.split("=", 1) for part in address.partition("?")[2].split("&") if part)
    return open_page("Runs", viewer, **{name: value.replace("%3A", ":").replace("%2C", ",") for name, value in query.items()})


@pytest.fixture
def pair(ada) -> tuple[int, int]:
    return factories.model(ada, "public"), factories.dataset()


@pytest.fixture
def three(ada, pair) -> list[int]:
    """Runs of one model with growing accuracy."""
    found = [factories.run_row(ada, *pair, name=f"try {number}") for number in range(3)]
    for number, run_id in enumerate(found):
        factories.finish_run(run_id, {"accuracy": 0.5 + number / 10, "loss": 1.0})
    return found


def test_everybody_sees_the_runs_that_are_theirs_to_see(ada, bob, pair, three):
    secret = factories.run_row(ada, factories.model(ada, "private", "Secret net"), pair[1])
    assert listed(open_page("Runs", ada)) == [secret, *reversed(three)]
    for viewer in (None, bob):
        app = open_page("Runs", viewer)
        assert listed(app) == [*reversed(three)] and "Secret" not in table(app) + words(app)
    assert "3 runs." in words(app)


def test_names_are_shown_as_they_were_typed(ada, pair):
    run_id = factories.run_row(ada, *pair, name="<b onclick=alert(1)>bold</b>")
    tag_service.set_tags(ada, run_id, ["<i>odd</i>"])
    app = open_page("Runs", ada, columns="name,tags")
    assert "&lt;b onclick" in table(app) and "&lt;i&gt;odd" in table(app) and "<b " not in table(app)
    unfold(app, "runs_filters")
    assert not app.exception


def test_a_click_on_a_head_sorts_and_another_one_turns_the_order_round(ada, three):
    app = follow(ada, heads(open_page("Runs", ada))["Score"])
    assert listed(app) == [*reversed(three)] and "Score ▼" in heads(app)
    assert "aria-sort='descending'" in table(app)
    assert listed(follow(ada, heads(app)["Score ▼"])) == three
    assert listed(follow(ada, heads(app)["Run"])) == three


def test_the_address_says_what_is_shown(ada, bob, pair, three):
    other = factories.run_row(bob, factories.model(bob, "public", "Other net"), pair[1], state="failed")
    model_id = runs.require_run(ada, three[0]).model_id
    app = open_page("Runs", None, model=model_id, sort="name", down=0, columns="name,score:accuracy,setting:epochs,junk")
    assert listed(app) == three and "Only model Small net." in words(app)
    assert "0.500" in table(app) and "Epochs" in table(app) and ">5</td>" in table(app)
    assert "model=" in heads(app)["Accuracy"] and "columns=" in heads(app)["Accuracy"]
    assert listed(open_page("Runs", None, state="failed,junk")) == [other]
    assert listed(open_page("Runs", None, search="try 1")) == [three[1]]
    assert listed(open_page("Runs", None, since="2020-01-01", until="2020-12-31")) == []


def test_an_address_that_makes_no_sense_shows_the_list(ada, three):
    junk = {
        "model": "x",
        "sort": "password",
        "down": 7,
        "state": ",,",
        "since": "soon",
        "columns": "<b>",
        "page": 99,
        "tag": "a,b",
    }
    assert listed(open_page("Runs", ada, **junk)) == [*reversed(three)]


def test_what_is_private_looks_like_what_is_not_there(ada, bob, pair):
    factories.run_row(ada, *pair)
    secret = factories.run_row(
        ada, factories.model(ada, "private", "Secret net"), factories.dataset(ada, "private", "Secret data")
    )
    run = runs.require_run(ada, secret)
    for name, number in (("model", run.model_id), ("dataset", run.dataset_id)):
        private, missing = (words(open_page("Runs", bob, **{name: one})) for one in (number, 999))
        assert private == missing.replace("999", str(number)) and "No run matches" in private


def test_filters_and_columns_are_chosen_by_hand(ada, bob, pair, three):
    tag_service.set_tags(ada, three[0], ["paper"])
    factories.run_row(bob, *pair, state="failed")
    app = open_page("Runs", ada)
    unfold(app, "runs_filters")
    app.selectbox(key="runs_tag").set_value("paper").run()
    assert listed(app) == [three[0]] and "paper" in app.query_params["tag"]
    press(app, "Clear the search and all filters")
    app.multiselect(key="runs_state").set_value(["failed", "stopped"]).run()
    assert len(listed(app)) == 1 and "failed,stopped" in app.query_params["state"]
    press(app, "Clear the search and all filters")
    app.multiselect(key="runs_columns").set_value(["name", "setting:batch_size"]).run()
    assert "Batch size" in table(app) and "Owner" not in table(app)


def test_an_empty_list_says_why(ada, pair):
    assert "No run has been made public yet." in words(open_page("Runs"))
    assert "There is no run that you can see yet." in words(open_page("Runs", ada))
    factories.run_row(ada, *pair)
    app = open_page("Runs", ada, search="nothing of that name")
    assert "No run matches." in words(app)
    press(app, "Clear the search and all filters")
    assert len(listed(app)) == 1


def test_pages_are_turned(ada, pair):
    everything = [factories.run_row(ada, *pair) for _ in range(51)]
    app = open_page("Runs", ada)
    assert listed(app) == everything[:0:-1] and "Page 1 of 2" in words(app)
    press(app, "Next ▶")
    assert listed(app) == everything[:1]


def ask(app: AppTest, action: str, *run_ids: int) -> None:
    """Ask what the bar asks: a component of the browser, which AppTest does not have."""
    app.session_state[TICKED] = f"{action}:{','.join(map(str, run_ids))}"
    app.run()
    assert not app.exception


def test_ticked_runs_are_deleted_after_one_question_that_says_what_goes(ada, bob, pair, three):
    others = factories.run_row(bob, *pair)
    app = open_page("Runs", ada)
    ask(app, "delete", *three[:2], others)
    said = words(app)
    assert f"Run {three[0]}: try 0" in said and "1 ticked run belongs to somebody else" in said
    assert "curves" in said and "leaderboard" in said and "Model versions that they saved are kept" in said
    press(app, "Yes, delete 2 runs")
    assert listed(app) == [others, three[2]]
    with pytest.raises(NotFound):
        runs.require_run(ada, three[0])


def test_a_run_that_cannot_be_deleted_is_named_with_the_reason(ada, pair, three):
    training = factories.run_row(ada, *pair, state="running")
    app = open_page("Runs", ada)
    ask(app, "delete", three[0], training)
    press(app, "Yes, delete 2 runs")
    assert "Done for 1 of 2 runs" in words(app) and "This run is still training. Stop it first." in words(app)


def test_ticked_runs_are_tagged_and_stopped(ada, pair):
    waiting = factories.run_row(ada, *pair)
    app = open_page("Runs", ada, columns="name,state,tags")
    ask(app, "tag", waiting)
    app.text_input(key="runs_tags").set_value("Sweep, second").run()
    press(app, "Save")
    assert "second, sweep" in table(app)
    ask(app, "stop", waiting)
    press(app, "Yes, stop 1 run")
    assert "Stopped" in table(app)


def test_a_visitor_cannot_ask_for_what_an_owner_can(ada, three):
    app = open_page("Runs")
    ask(app, "delete", *three)
    assert "3 ticked runs belong to other people" in words(app) and not any("Yes" in button.label for button in app.button)


def test_a_model_and_a_dataset_lead_to_their_runs(ada, pair, three):
    run = runs.require_run(ada, three[0])
    app = open_page("Model", ada, id=run.model_id)
    link = next(one.proto for one in app.get("page_link") if one.proto.label == "All runs of this model")
    assert f"model={run.model_id}" in link.query_string
    app = open_page("Dataset", ada, id=run.dataset_id)
    press(app, "Runs")
    assert listed(app) == [*reversed(three)]
