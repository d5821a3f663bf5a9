"""A look at a page reads each thing once, in one transaction, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, event, select, text, update
from sqlalchemy.exc import DBAPIError

from db import engine
from db.tables.accounts import UserRow
from mhub_core import sandbox
from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.errors import Unavailable
from mhub_core.look import current, one_look
from mhub_core.models import service as models
from mhub_core.runs import service as runs
from mhub_core.storage import service as storage
from mhub_core.training import plan as plans
from tests import factories
from tests.services import wait_until
from tests.storage import rogue


@pytest.fixture
def statements(hub) -> Iterator[list[str]]:
    """What the database is asked, the beginnings and ends of transactions left out."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield asked
    event.remove(Engine, "before_cursor_execute", note)


def name_of(user_id: int) -> str:
    with engine.reading() as session:
        return str(session.get_one(UserRow, user_id).name)


def rename(user_id: int, name: str) -> None:
    with engine.writing() as session:
        session.execute(update(UserRow).where(UserRow.id == user_id).values(name=name))


def test_a_row_is_read_once_in_a_look_and_each_time_without_one(statements):
    ada = factories.person("ada")

    statements.clear()
    with one_look():
        assert name_of(ada.id) == name_of(ada.id) == ada.name
    assert len(statements) == 1
    assert name_of(ada.id) == name_of(ada.id) == ada.name
    assert len(statements) == 3


def test_a_look_sees_what_it_wrote_itself(hub):
    ada = factories.person("ada")

    with one_look():
        assert name_of(ada.id) == ada.name
        rename(ada.id, "Ada Lovelace")
        assert name_of(ada.id) == "Ada Lovelace"


def test_a_look_that_fails_to_write_reads_on(hub):
    ada = factories.person("ada")

    with one_look():
        assert name_of(ada.id) == ada.name
        with pytest.raises(ZeroDivisionError), engine.writing() as session:
            session.execute(update(UserRow).values(name="nobody"))
            raise ZeroDivisionError
        assert name_of(ada.id) == ada.name


def test_the_next_look_sees_what_others_wrote_meanwhile(hub):
    ada = factories.person("ada")

    with one_look():
        assert name_of(ada.id) == ada.name
    rename(ada.id, "Ada Lovelace")
    with one_look():
        assert name_of(ada.id) == "Ada Lovelace"
    assert current() is None


def test_a_look_goes_on_after_a_statement_that_failed(hub):
    ada = factories.person("ada")

    with one_look():
        assert name_of(ada.id) == ada.name
        with pytest.raises((Unavailable, DBAPIError)), engine.reading() as session:
            session.execute(text("SELECT * FROM nothing_of_the_kind"))
        assert name_of(ada.id) == ada.name


def test_who_is_looking_is_asked_once_until_something_is_written(statements):
    ada = factories.person("ada")
    token = accounts.redeem_ticket(accounts.issue_ticket(ada.id), "test")

    statements.clear()
    with one_look():
        assert accounts.get_session_user(token) == accounts.get_session_user(token) == ada
        assert len(statements) == 1
        rename(ada.id, "Ada Lovelace")
        assert accounts.get_session_user(token).name == "Ada Lovelace"
    assert len(statements) == 3
    assert accounts.get_session_user("no token at all") is None


def test_who_signs_out_within_a_look_is_signed_out_at_once(hub):
    ada = factories.person("ada")
    token = accounts.redeem_ticket(accounts.issue_ticket(ada.id), "test")

    with one_look():
        assert accounts.get_session_user(token) == ada
        accounts.sign_out(token)
        assert accounts.get_session_user(token) is None


def test_a_dataset_that_several_verbs_ask_about_is_looked_up_once(statements):
    ada, eve = factories.person("ada"), factories.person("eve")
    version_id = factories.dataset(ada)
    dataset_id = datasets.require_version(eve, version_id).dataset_id

    statements.clear()
    with one_look():
        datasets.require_dataset(eve, dataset_id)
        once_asked = len(statements)
        datasets.require_version(eve, version_id)
        datasets.require_dataset(eve, dataset_id)
    assert not [asked for asked in statements[once_asked:] if "FROM datasets " in asked or "FROM grants" in asked]


def test_people_at_once_have_looks_of_their_own(hub):
    people = [factories.person(f"person{number}") for number in range(8)]

    def look(person: User) -> list[str]:
        with one_look():
            return [name_of(person.id) for _ in range(20)]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(look, people))
    assert found == [[person.name] * 20 for person in people]


def test_no_connection_stays_behind(hub):
    ada = factories.person("ada")
    for _ in range(50):  # more than the pool holds
        with one_look():
            name_of(ada.id)
    with engine.reading() as session:
        assert session.scalars(select(UserRow.id)).all() == [ada.id]


def test_what_reads_can_neither_write_nor_hold_rows(hub):
    ada = factories.person("ada")

    with pytest.raises((Unavailable, DBAPIError)), engine.reading() as session:
        session.execute(update(UserRow).values(name="nobody"))
    if hub_is_postgresql():
        with pytest.raises((Unavailable, DBAPIError)), engine.reading() as session:
            session.get(UserRow, ada.id, with_for_update=True)
    assert name_of(ada.id) == ada.name


def hub_is_postgresql() -> bool:
    return engine.engine().dialect.name == "postgresql"


def test_a_page_that_trains_does_not_wait_for_itself(hub):
    ada = factories.person("ada")
    version_id, dataset_version_id = factories.model(ada), factories.dataset()
    plan = plans.defaults(factories.iris_spec())

    with one_look():
        models.require_model(ada, models.require_version(ada, version_id).model_id)
        run_id = runs.submit(ada, version_id, dataset_version_id, plan, "key-of-a-look")
        assert runs.require_run(ada, run_id).state == "queued"


def num_held() -> int:
    """Return how many connections are held that read."""
    return engine.engine(write=False).pool.checkedout()


def test_a_look_holds_no_connection_while_it_waits_for_the_sandbox(hub, tmp_path):
    # A pool has 15 connections or so: as many tabs that wait for slow files would keep everybody else from every page.
    ada, held = factories.person("ada"), list[int]()
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")

    with one_look():
        assert name_of(ada.id) == ada.name and num_held() == 1
        with sandbox.Places(1, 1.0, "").taken():
            assert num_held() == 0
        assert name_of(ada.id) == ada.name and num_held() == 1
        request = {"path": str(tmp_path / "a.csv"), "file_name": "a.csv", "chosen": {}}
        sandbox.run("preview_upload", request, sandbox.Limits(2**30), lambda _: held.append(num_held()))
    assert set(held) == {0}


def test_a_look_holds_no_connection_while_it_waits_for_files_elsewhere(hub, on_s3):
    ada, held = factories.person("ada"), list[int]()

    def refuse(request: rogue.Rogue) -> None:
        held.append(num_held())
        rogue.refuse(403, "AccessDenied")(request)

    with rogue.rogue(refuse) as server, pytest.MonkeyPatch.context() as environment:
        environment.setenv("STORAGE_URL", server.url())
        with one_look():
            assert name_of(ada.id) == ada.name and num_held() == 1
            with pytest.raises(Unavailable):
                storage.local_path("0" * 64)
    assert set(held) == {0}


def test_many_who_wait_for_one_file_hold_no_connection_and_are_told_together(hub, on_s3):
    ada, asked, says = factories.person("ada"), list[int](), threading.Event()

    def wait(request: rogue.Rogue) -> None:
        asked.append(1)
        says.wait(60)
        rogue.refuse(403, "AccessDenied")(request)

    def look_at_the_file(_: int) -> type:
        with one_look():
            name_of(ada.id)
            try:
                storage.local_path("0" * 64)
            except Unavailable as error:
                return type(error)
        return type(None)

    with rogue.rogue(wait) as server, pytest.MonkeyPatch.context() as environment, ThreadPoolExecutor(12) as pool:
        environment.setenv("STORAGE_URL", server.url())
        told = [pool.submit(look_at_the_file, number) for number in range(12)]
        try:
            wait_until(lambda: asked and num_held() == 0)
            time.sleep(1)
            assert num_held() == 0
        finally:
            says.set()
        assert {one.result() for one in told} == {Unavailable}
    assert len(asked) == 1
