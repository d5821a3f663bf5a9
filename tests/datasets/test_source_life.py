"""A source after a dataset was made of it: its owner changes, tests and forgets it, and its password serves nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.base import now
from db.engine import reading, writing
from db.tables.datasets import DatasetRow
from db.tables.sources import FetchRow, SourceRow
from mhub_core import sandbox
from mhub_core.datasets import fetch_service, service, source_change_service, source_service
from mhub_core.errors import Conflict, Forbidden, Invalid, NotFound
from mhub_core.notices import service as notices
from mhub_core.people import leaving_service
from mhub_core.projects import invite_service
from mhub_core.sharing import owner_service
from mhub_core.sharing import service as sharing
from mhub_core.sources import sealing
from tests import factories
from tests.datasets.test_pages import page, words
from tests.pages.building import unfold
from tests.sources.conftest import sends, serve  # noqa: F401

PASSWORD = "a-hidden-password"
DATABASE = {"url": f"postgresql://u:{PASSWORD}@127.0.0.1:1/cars", "query": "SELECT 1"}
BUCKET = {"bucket": "cars", "key": "a.csv", "access_key": "an-id", "secret_key": PASSWORD}


@pytest.fixture(autouse=True)
def this_machine_is_allowed(monkeypatch):  # noqa: ANN001, ANN201
    monkeypatch.setenv("MHUB_SOURCE_NETWORKS", "127.0.0.0/8")


def made(owner, source: str = "database", **given: str) -> int:  # noqa: ANN001
    """Return a dataset that was fetched from a source, as its owner described it."""
    fetch_id = source_service.fetch(owner, source, given or DATABASE)
    source_service.cancel(owner, fetch_id)
    dataset_id = service.require_version(owner, factories.dataset(owner)).dataset_id
    with writing() as session:
        session.get_one(SourceRow, session.get_one(FetchRow, fetch_id).source_id).dataset_id = dataset_id
    return dataset_id


def secret_of(dataset_id: int) -> dict[str, str]:
    with reading() as session:
        sealed = session.scalar(select(SourceRow.secret).where(SourceRow.dataset_id == dataset_id))
    return sealing.unseal(sealed) if sealed else {}


def fields(owner, dataset_id: int, **other: str) -> dict[str, str]:  # noqa: ANN001
    """Return what the owner's form holds, with some fields changed. Secrets are empty in it."""
    return {**source_service.get_source(owner, dataset_id).config, **other}


def test_the_owner_sees_what_was_asked_for_and_that_there_is_a_password_but_not_which(anna, ben):
    dataset_id = made(anna)
    sharing.grant(anna, "dataset", dataset_id, ben.id, "manage")

    seen, seen_by_ben = (source_service.get_source(one, dataset_id) for one in (anna, ben))

    assert seen.config == {"url": "postgresql://u@127.0.0.1:1/cars", "query": "SELECT 1"} and seen.has_secret and seen.may_change
    assert PASSWORD not in repr(seen)
    assert (seen_by_ben.config, seen_by_ben.may_change, seen_by_ben.has_secret) == ({}, False, False)


def test_another_query_to_the_same_database_keeps_the_password(anna):
    dataset_id = made(anna)

    source_change_service.change(anna, dataset_id, fields(anna, dataset_id, query="SELECT 2"))

    assert source_service.get_source(anna, dataset_id).config["query"] == "SELECT 2"
    assert secret_of(dataset_id) == {"password": PASSWORD}


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u@attacker.example.org/cars",
        "postgresql://u@127.0.0.1:2/cars",
        "postgresql://other@127.0.0.1:1/cars",
        "postgresql://u@127.0.0.1:1/cars?sslmode=disable",
    ],
)
def test_a_password_goes_to_no_other_place_than_it_was_entered_for(anna, url):
    dataset_id = made(anna)
    before = source_service.get_source(anna, dataset_id)

    with pytest.raises(Invalid) as caught:
        source_change_service.change(anna, dataset_id, {"url": url, "query": "SELECT 1", "password": ""})

    assert caught.value.problems.keys() == {"password"}
    assert source_service.get_source(anna, dataset_id) == before
    source_change_service.change(anna, dataset_id, {"url": url, "query": "SELECT 1", "password": "new"})
    assert secret_of(dataset_id) == {"password": "new"}


@pytest.mark.parametrize("changed", ["bucket", "endpoint", "region"])
def test_keys_of_s3_go_to_no_other_server_or_bucket_but_to_another_object(anna, changed):
    dataset_id = made(anna, "s3", **BUCKET)
    other = {"bucket": "others", "endpoint": "https://attacker.example.org", "region": "eu-west-1"}[changed]

    with pytest.raises(Invalid) as caught:
        source_change_service.change(anna, dataset_id, fields(anna, dataset_id, **{changed: other}))
    assert caught.value.problems.keys() == {"access_key"}
    source_change_service.change(anna, dataset_id, fields(anna, dataset_id, key="b.csv"))

    assert secret_of(dataset_id) == {"access_key": "an-id", "secret_key": PASSWORD}


def test_what_stood_behind_the_question_mark_goes_to_no_other_address(anna):
    dataset_id = made(anna, "web", url="https://example.org/a.csv?token=hidden")

    source_change_service.change(anna, dataset_id, fields(anna, dataset_id))
    assert secret_of(dataset_id) == {"query": "?token=hidden"}
    source_change_service.change(anna, dataset_id, {"url": "https://attacker.example.org/a.csv"})

    assert secret_of(dataset_id) == {}


def test_a_password_is_dropped_where_the_owner_says_so(anna):
    dataset_id = made(anna)

    source_change_service.change(anna, dataset_id, {"url": "sqlite:///a.sqlite", "query": "SELECT 1"}, drops_secret=True)

    assert secret_of(dataset_id) == {} and not source_service.get_source(anna, dataset_id).has_secret


def test_the_card_says_where_it_comes_from_now_unless_the_owner_wrote_something_else(anna):
    dataset_id = made(anna, "web", url="https://example.org/a.csv")
    with writing() as session:
        session.get_one(DatasetRow, dataset_id).source = "example.org"

    source_change_service.change(anna, dataset_id, {"url": "https://example.com/a.csv"})
    assert service.require_dataset(anna, dataset_id).source == "example.com"
    with writing() as session:
        session.get_one(DatasetRow, dataset_id).source = "My notebook"
    source_change_service.change(anna, dataset_id, {"url": "https://example.net/a.csv"})

    assert service.require_dataset(anna, dataset_id).source == "My notebook"


@pytest.mark.parametrize("level", ["edit", "manage"])
def test_who_may_only_edit_or_manage_neither_changes_nor_tests_nor_forgets_a_source(anna, ben, level):
    dataset_id = made(anna)
    sharing.grant(anna, "dataset", dataset_id, ben.id, level)

    for verb in (
        lambda: source_change_service.change(ben, dataset_id, {**DATABASE, "query": "SELECT secrets"}),
        lambda: source_change_service.test(ben, dataset_id),
        lambda: source_change_service.forget(ben, dataset_id),
    ):
        with pytest.raises(Forbidden):
            verb()


def test_an_administrator_forgets_a_source_and_does_nothing_else_with_it(anna):
    admin, dataset_id = factories.person("root", is_admin=True), made(anna)

    with pytest.raises(Forbidden, match="Only the owner"):
        source_change_service.change(admin, dataset_id, DATABASE)
    source_change_service.forget(admin, dataset_id)

    assert source_service.get_source(anna, dataset_id) is None


def test_a_source_is_forgotten_with_its_password_and_what_is_on_its_way_and_the_versions_stay(anna, ben):
    dataset_id = made(anna)
    sharing.grant(anna, "dataset", dataset_id, ben.id, "edit")
    fetch_id = source_service.refresh(ben, dataset_id)
    claim, _ = fetch_service._claim(fetch_id)

    source_change_service.forget(anna, dataset_id)

    with pytest.raises(fetch_service.Lost):
        fetch_service._FETCH.beat(claim)(None)
    with pytest.raises(Conflict, match="nothing to fetch again"):
        source_service.refresh(anna, dataset_id)
    with reading() as session:
        assert not session.scalars(select(SourceRow)).all() and not session.scalars(select(FetchRow)).all()
    assert len(service.require_dataset(anna, dataset_id).versions) == 1


@pytest.mark.slow
def test_a_test_tells_whether_data_comes_and_keeps_nothing_of_it(anna, serve):  # noqa: F811
    held = {"status": 200}
    url = serve({"/cars.csv": lambda handler: sends(b"a,b\n1,2\n", held["status"])(handler)})
    dataset_id = made(anna, "web", url=f"{url}/cars.csv")

    fetch_service.run(source_change_service.test(anna, dataset_id))
    assert source_service.get_source(anna, dataset_id).tested.state == "ready"
    held["status"] = 404
    fetch_service.run(fetch_id := source_change_service.test(anna, dataset_id))

    tested = source_service.get_source(anna, dataset_id).tested
    assert tested.state == "failed" and "no file at this address" in tested.error.happened and tested.receipt is None
    with reading() as session:
        assert [row.id for row in session.scalars(select(FetchRow).where(FetchRow.tests))] == [fetch_id]
    source_change_service.change(anna, dataset_id, {"url": f"{url}/other.csv"})
    assert source_service.get_source(anna, dataset_id).tested is None


def test_a_source_is_tested_once_at_a_time_and_a_dataset_of_a_file_not_at_all(anna):
    dataset_id = made(anna)
    source_change_service.test(anna, dataset_id)

    with pytest.raises(Conflict, match="being tested already"):
        source_change_service.test(anna, dataset_id)
    with pytest.raises(Conflict, match="has no source"):
        source_change_service.test(anna, service.require_version(anna, factories.dataset(anna)).dataset_id)


def test_a_dataset_that_is_handed_over_leaves_its_source_behind_and_both_are_told(anna, ben):
    dataset_id = made(anna)
    sharing.grant(anna, "dataset", dataset_id, ben.id, "edit")
    fetch_id = source_service.refresh(ben, dataset_id)
    assert owner_service.leaves_behind(anna, "dataset", dataset_id)

    invite_service.hand_over(anna, "dataset", dataset_id, ben.id)

    assert source_service.get_source(ben, dataset_id) is None and not secret_of(dataset_id)
    assert fetch_service._claim(fetch_id) is None
    assert "source was not handed over" in repr(notices.list_notices(ben))
    assert not owner_service.leaves_behind(ben, "dataset", dataset_id)


def test_a_source_that_is_not_its_datasets_owners_serves_nobody(anna, ben):
    """However a dataset got another owner: in an earlier release its source went along."""
    dataset_id = made(anna)
    with writing() as session:
        session.get_one(DatasetRow, dataset_id).owner_id = ben.id

    assert source_service.get_source(ben, dataset_id) is None
    for verb in (source_service.refresh, source_change_service.test):
        with pytest.raises(Conflict):
            verb(ben, dataset_id)


def test_who_was_let_into_a_dataset_once_does_not_see_later_where_it_is_fetched_from(anna, ben):
    dataset_id = made(anna)
    sharing.grant(anna, "dataset", dataset_id, ben.id, "edit")
    fetch_id = source_service.refresh(ben, dataset_id)
    sharing.revoke(anna, "dataset", dataset_id, ben.id)

    told = source_service.require_fetch(ben, fetch_id)

    assert told.config == {} and "127.0.0.1" not in repr(told)


def test_the_owner_of_a_source_cancels_what_somebody_else_has_fetched_and_nobody_else_does(anna, ben):
    dataset_id = made(anna)
    sharing.grant(anna, "dataset", dataset_id, ben.id, "edit")
    fetch_id = source_service.refresh(ben, dataset_id)

    with pytest.raises(NotFound):
        source_service.cancel(factories.person("carl"), fetch_id)
    source_service.cancel(anna, fetch_id)

    assert source_service.require_fetch(ben, fetch_id).state == "cancelled"


def test_one_person_has_one_source_fetched_at_a_time_and_the_others_wait_while_those_of_others_go_on(anna, ben):
    hers = [source_service.fetch(anna, "web", {"url": "https://example.org/a.csv"}) for _ in range(2)]
    his = source_service.fetch(ben, "web", {"url": "https://example.org/a.csv"})

    claims = [fetch_service._claim(one) for one in (*hers, his)]

    assert [claim is not None for claim in claims] == [True, False, True]
    assert fetch_service.list_unfetched() == [hers[1]]
    source_service.cancel(anna, hers[0])
    assert fetch_service._claim(hers[1])


def test_a_fetch_whose_worker_died_does_not_keep_the_persons_others_waiting(anna):
    first, second = (source_service.fetch(anna, "web", {"url": "https://example.org/a.csv"}) for _ in range(2))
    assert fetch_service._claim(first)
    with writing() as session:
        row = session.get_one(FetchRow, first)
        row.progress = {**row.progress, "at": (now() - timedelta(minutes=2)).isoformat()}

    assert fetch_service._claim(second)


@pytest.mark.parametrize(
    ("code", "states"), [(-9, "waiting waiting failed"), (-15, "waiting waiting waiting failed"), (1, "failed")]
)
def test_a_fetch_whose_process_was_killed_is_done_again_but_not_for_ever(anna, monkeypatch, code, states):
    def run(*_: object) -> None:
        raise sandbox.Died(code)

    monkeypatch.setattr(sandbox, "run", run)
    fetch_id, found = source_service.fetch(anna, "web", {"url": "https://example.org/a.csv"}), []
    for _ in states.split():
        fetch_service.run(fetch_id)
        found.append(source_service.require_fetch(anna, fetch_id).state)

    assert found == states.split()


def test_who_leaves_takes_their_sources_along_and_the_heir_of_a_dataset_gets_none(anna, ben):
    dataset_id = made(anna)
    sharing.grant(anna, "dataset", dataset_id, ben.id, "edit")

    leaving_service.leave(anna, "", leaving_service.WORD, "here")

    assert service.require_dataset(ben, dataset_id).owner_id == ben.id
    assert source_service.get_source(ben, dataset_id) is None and not secret_of(dataset_id)


@pytest.mark.slow
def test_the_page_shows_the_owner_a_form_without_the_password_and_forgets_the_source_after_asking(anna, ben):
    dataset_id = made(anna)
    sharing.grant(anna, "dataset", dataset_id, ben.id, "manage")
    unfold(app := page("Dataset", anna, id=dataset_id), "dataset_source")
    app.text_area[0].set_value("SELECT 2")
    next(one for one in app.button if one.label == "Save").click().run()

    assert "Saved. Test the connection" in " ".join(one.value for one in app.success)
    assert (app.text_area[0].value, app.text_input[1].value) == ("SELECT 2", "") and PASSWORD not in words(app)
    app.button(key="forget_source").click().run()
    assert source_service.get_source(anna, dataset_id) is None and "comes from a database" not in words(app)


@pytest.mark.slow
def test_the_page_asks_for_the_password_again_for_another_server_and_shows_managers_no_form(anna, ben):
    dataset_id = made(anna)
    sharing.grant(anna, "dataset", dataset_id, ben.id, "manage")
    assert not [one for one in page("Dataset", ben, id=dataset_id).expander if "source" in one.label]
    unfold(app := page("Dataset", anna, id=dataset_id), "dataset_source")

    app.text_input[0].set_value("postgresql://u@other/cars")
    next(one for one in app.button if one.label == "Save").click().run()

    assert "Is needed again" in words(app) and secret_of(dataset_id) == {"password": PASSWORD}
