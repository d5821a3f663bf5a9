"""Finding runs: who sees which, by what, in which order. On SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update

from db.engine import writing
from db.tables.runs import RunRow
from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.errors import Invalid, NotFound
from mhub_core.models import service as models
from mhub_core.runs import find_service, order_service, tag_service
from mhub_core.runs import service as runs
from mhub_core.runs.found import RunPage, RunQuery
from mhub_core.sharing import service as sharing
from mhub_core.training import plan as plans
from tests import factories

SORTS = ("newest", "name", "model", "owner", "score:accuracy", "setting:epochs")


def find(viewer: User | None, **asked: object) -> RunPage:
    return find_service.find(viewer, RunQuery(**asked))


def ids(viewer: User | None, **asked: object) -> list[int]:
    return [run.id for run in find(viewer, **asked).runs]


def set_run(run_id: int, **values: object) -> int:
    with writing() as session:
        session.execute(update(RunRow).where(RunRow.id == run_id).values(**values))
    return run_id


def finished(owner: User, pair: tuple[int, int], accuracy: float, **columns: object) -> int:
    run_id = factories.run_row(owner, *pair, **columns)
    factories.finish_run(run_id, {"accuracy": accuracy})
    return run_id


def test_everybody_finds_exactly_the_runs_that_they_may_open_in_every_order(ada):
    people = {"visitor": None, "ada": ada, "admin": factories.person("root", is_admin=True)}
    people |= {name: factories.person(name) for name in ("stranger", "reader", "other")}
    everything, by_model = [], {}
    for owner, model, data, granted in itertools.product(("ada", "other"), *[("public", "private")] * 2, [(), "m", "d", "md"]):
        version = factories.model(ada, model)
        data_version = factories.dataset(ada, data)
        model_id = models.require_version(ada, version).model_id
        dataset_id = datasets.require_version(ada, data_version).dataset_id
        everything.append(finished(ada, (version, data_version), 0.5, owner_id=people[owner].id))
        by_model[model_id] = everything[-1:]
        for letter, kind, thing in (("m", "model", model_id), ("d", "dataset", dataset_id)):
            if letter in granted:
                sharing.grant(ada, kind, thing, people["reader"].id, "read")

    for (who, viewer), sort in itertools.product(people.items(), SORTS):
        assert set(ids(viewer, sort=sort)) == {one for one in everything if opens(viewer, one)}, (who, sort)
        for model_id, of_model in by_model.items():
            assert ids(viewer, sort=sort, model_id=model_id) == [one for one in of_model if opens(viewer, one)], (who, sort)
    assert len(ids(None)) == 8 and len(ids(people["admin"])) == 32


def opens(viewer: User | None, run_id: int) -> bool:
    try:
        runs.require_visible(viewer, run_id)
    except NotFound:
        return False
    return True


def test_a_run_comes_and_goes_with_the_visibility_of_its_model_and_of_its_dataset(ada, pair):
    run_id = finished(ada, pair, 0.5)
    model_id, dataset_id = (runs.require_run(ada, run_id).model_id, runs.require_run(ada, run_id).dataset_id)
    admin = factories.person("root", is_admin=True)

    def seen() -> list[bool]:
        return [ids(None, sort=sort) == [run_id] for sort in ("newest", "score:accuracy", "setting:epochs")]

    assert seen() == [True] * 3
    models.update(ada, model_id, "Net", "", "private")
    assert seen() == [False] * 3
    models.update(ada, model_id, "Net", "", "public")
    assert seen() == [True] * 3
    datasets.update(admin, dataset_id, "Iris", "", "", "", "private")
    assert seen() == [False] * 3 and ids(admin, sort="score:accuracy") == [run_id]
    models.delete(ada, model_id)
    assert ids(admin) == ids(admin, sort="setting:epochs") == []


def test_filters_narrow_the_list_together(ada, pair):
    bob, other = factories.person("bob"), (factories.model(ada, "public", "Wide net"), factories.dataset(name="Digits"))
    first = finished(ada, pair, 0.5, queued=datetime(2026, 3, 1, 23, 59, tzinfo=UTC))
    second = factories.run_row(bob, *pair, queued=datetime(2026, 3, 2, tzinfo=UTC), state="failed")
    third = factories.run_row(ada, *other, queued=datetime(2026, 3, 3, 12, tzinfo=UTC))
    tag_service.set_tags(ada, third, ["paper"])

    assert ids(None) == [third, second, first]
    assert ids(ada, mine=True) == [third, first] and ids(None, mine=True) == []
    assert ids(None, model_id=runs.require_run(None, third).model_id) == [third]
    assert ids(None, dataset_id=runs.require_run(None, first).dataset_id) == [second, first]
    assert ids(None, states=("failed", "finished")) == [second, first]
    assert ids(None, tag=" PAPER ") == [third] and ids(None, tag="pap") == []
    assert ids(None, since=date(2026, 3, 2), until=date(2026, 3, 2)) == [second]
    assert ids(None, since=date(2026, 3, 2), states=("queued",), mine=True) == []


@pytest.mark.parametrize("text", ["LARGE step", "wide", "digits", "why_it", "net digits steps", "0.01", "dig"])
def test_words_are_looked_for_in_names_notes_models_and_datasets(ada, pair, text):
    wanted = factories.run_row(
        ada,
        factories.model(ada, "public", "Wide net"),
        factories.dataset(name="Digits"),
        name="large steps of 0.01",
        notes="Why_it works",
    )
    factories.run_row(ada, *pair, name="small", notes="whyxit")
    assert ids(None, text=text) == [wanted]


def test_a_run_is_found_by_the_new_name_of_its_model_or_dataset(ada, pair):
    run_id = finished(ada, pair, 0.5)
    run = runs.require_run(ada, run_id)
    models.update(ada, run.model_id, "Albatross", "", "public")
    datasets.update(factories.person("root", is_admin=True), run.dataset_id, "Weather", "", "", "", "public")
    assert ids(None, text="albatross weath") == [run_id] and ids(None, text="net") == []
    assert ids(ada, text="rose") == []  # no word begins so


def test_hostile_words_find_nothing_and_break_nothing(ada, pair):
    run_id = factories.run_row(ada, *pair, name="plain")
    for text in ("%", "_", "' OR 1=1 --", "a" * 10_000, "\\", "/%"):
        assert ids(None, text=text) == [], text
    for blank in ("\x00", "\ud800", "\u202e", " \n"):
        assert ids(None, text=blank) == [run_id]
    for tag in ("%", "' OR 1=1 --", "\\"):
        assert ids(None, tag=tag) == []


@pytest.mark.parametrize("tag", ["a,b", "\x00", "\ud800", "a" * 41])
def test_what_can_be_no_tag_is_refused(hub, tag):
    with pytest.raises(Invalid) as refused:
        find(None, tag=tag)
    assert set(refused.value.problems) == {"tag"}


def test_runs_are_sorted_by_every_column_and_those_without_it_come_last(ada, pair):
    bob = factories.person("bob")
    b = finished(bob, (factories.model(bob, "public", "b net"), factories.dataset(name="B")), 0.5, name="beta")
    a = finished(ada, (factories.model(ada, "public", "A net"), factories.dataset(name="a")), 0.7, name="Alpha")
    none = factories.run_row(ada, factories.model(ada, "public", "c net"), factories.dataset(name="c"))
    set_run(a, num_parameters=5, train_seconds=9.0, finished=datetime(2026, 1, 2, tzinfo=UTC))
    set_run(b, num_parameters=7, train_seconds=2.0, finished=datetime(2026, 1, 3, tzinfo=UTC))

    def both(sort: str) -> tuple[list[int], list[int]]:
        return ids(None, sort=sort, descending=False), ids(None, sort=sort)

    assert both("newest") == ([b, a, none], [none, a, b])
    for sort in ("name", "parameters", "finished"):
        assert both(sort) == ([a, b, none], [b, a, none]), sort
    assert both("train_seconds") == ([b, a, none], [a, b, none])
    assert both("model") == both("dataset") == ([a, b, none], [none, b, a])
    assert both("owner") == ([a, none, b], [b, none, a])
    assert both("state") == ([b, a, none], [none, a, b])


def test_scores_and_settings_order_the_runs_that_have_them(ada, pair):
    def started(key: str, **chosen: object) -> int:
        return runs.submit(ada, *pair, {**plans.defaults(factories.iris_spec()), **chosen}, f"key-of-{key}")

    slow = started("slow", learning_rate=0.001, optimizer="sgd")
    fast = started("fast", learning_rate=0.1)
    best = finished(ada, pair, 0.9)

    assert ids(ada, sort="score:accuracy") == [best] and ids(ada, sort="score:rmse") == []
    found = [one for one in ids(ada, sort="setting:learning_rate", descending=False) if one != best]
    assert found == [slow, fast]
    assert ids(ada, sort="setting:optimizer")[0] == slow
    assert ids(ada, sort="setting:optimizer", mine=True)[0] == slow  # the other way to sort, with a filter
    assert find(ada, sort="newest").runs[2].settings["learning_rate"] == 0.001


@pytest.mark.parametrize("asked", [{}, {"sort": "score:accuracy"}, {"sort": "name"}, {"text": "net"}])
def test_a_list_is_read_page_by_page_and_counted(ada, pair, asked):
    for number in range(5):
        finished(ada, pair, number / 10)
    for viewer in (None, ada, factories.person("root", is_admin=True)):
        everything = ids(viewer, **asked)
        pages = [find(viewer, limit=2, offset=offset, **asked) for offset in (0, 2, 4, 6)]
        assert [run.id for page in pages for run in page.runs] == everything
        assert [page.total for page in pages] == [5] * 4 and not any(page.is_cut for page in pages)


def test_a_list_says_when_it_looked_at_the_newest_runs_alone(ada, pair, monkeypatch):
    oldest, *_ = (finished(ada, pair, 0.9 - number / 10, name=f"run {9 - number}") for number in range(5))
    for remembered in (order_service.page, order_service.total):
        remembered.cache_clear()
    monkeypatch.setattr(order_service, "MOST_COUNTED", 4)
    monkeypatch.setattr(order_service, "MOST_SORTED", 3)

    assert (find(ada).total, find(ada, limit=2).total, find(ada).is_cut) == (4, 4, False)
    page = find(ada, sort="name")
    assert (len(page.runs), page.total, page.is_cut) == (3, 3, True)
    assert ids(ada, text="run 9") == ids(ada, text="run 9", sort="name") == [oldest] and not find(ada, text="run").is_cut
    of_model = {"model_id": runs.require_run(ada, oldest).model_id}
    for asked in ({}, of_model):
        assert ids(ada, sort="score:accuracy", limit=1, **asked) == [oldest]  # a walk through the index knows them all
    assert ids(ada, sort="score:accuracy", descending=False, **of_model)[-1] == oldest
    for remembered in (order_service.page, order_service.total):
        remembered.cache_clear()


@pytest.mark.parametrize(
    "asked",
    [
        {"sort": "password"},
        {"sort": "score:"},
        {"sort": "setting:a; DROP TABLE runs"},
        {"sort": "score:x" * 40},
        {"states": ("lost",)},
    ],
)
def test_what_does_not_exist_is_refused_in_words(hub, asked):
    with pytest.raises(Invalid) as refused:
        find(None, **asked)
    assert "One of" in refused.value.expected


def test_who_may_change_a_run_is_told_so(ada, pair):
    factories.run_row(ada, *pair)
    admin, bob = factories.person("root", is_admin=True), factories.person("bob")
    assert [find(viewer).runs[0].may_edit for viewer in (None, bob, ada, admin)] == [False, False, True, True]
