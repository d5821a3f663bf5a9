"""Data that is fetched: who may, what becomes of it, that it is fetched again, and that no password is ever told."""

from __future__ import annotations

import json
import logging
import sqlite3
from contextlib import closing
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import make_url, select, text

from db.base import now
from db.engine import reading, writing
from db.tables.sources import FetchRow, SourceRow
from db.tables.storage import BlobRow
from mhub_core import sandbox, settings
from mhub_core.data.split_ways import Split
from mhub_core.data.splits import TEST
from mhub_core.datasets import fetch_service, service, source_service, version_service, worker_service
from mhub_core.errors import Conflict, Forbidden, Invalid, NotFound, SignInRequired, Unavailable
from mhub_core.people import export_service
from mhub_core.sharing import service as sharing
from mhub_core.sources import sealing
from mhub_core.storage import service as storage
from mhub_core.storage import uploads
from tests.datasets.conftest import CARS, pack, picture
from tests.sources.conftest import sends, serve  # noqa: F401

PASSWORD = "a-hidden-password"


@pytest.fixture(autouse=True)
def this_machine_is_allowed(monkeypatch):  # noqa: ANN001, ANN201
    monkeypatch.setenv("MHUB_SOURCE_NETWORKS", "127.0.0.0/8")


@pytest.fixture
def file(serve):  # noqa: ANN001, ANN201, F811
    """A file on a server, of which a test may change what it holds."""
    held = {"data": CARS}
    url = serve({"/cars.csv": lambda handler: sends(held["data"].encode())(handler)})
    return f"{url}/cars.csv", held


def fetched(anna, url: str, **given: str):  # noqa: ANN001, ANN201
    fetch_id = source_service.fetch(anna, "web", {"url": url, **given})
    fetch_service.run(fetch_id)
    return source_service.require_fetch(anna, fetch_id)


def made(anna, url: str, **choices: object):  # noqa: ANN001, ANN201
    """Make a dataset of what lies at an address, as the page and the workers do."""
    fetch = fetched(anna, url)
    assert service.inspect_upload(anna, fetch.receipt).kind == "table"
    dataset_id = service.create(anna, fetch.receipt, "Cars", "", "table", "price", "regression", fetch_id=fetch.id, **choices)
    dataset = service.require_dataset(anna, dataset_id)
    worker_service.prepare(dataset.versions[0].id)
    return service.require_dataset(anna, dataset_id)


@pytest.mark.slow
def test_a_dataset_is_made_of_the_web_and_says_where_it_comes_from(anna, ben, file):
    dataset = made(anna, file[0] + "?token=hidden", visibility="public")

    assert dataset.ready_version.spec.num_rows == 60 and dataset.source == "127.0.0.1"
    seen = source_service.get_source(ben, dataset.id)
    assert (seen.title, seen.words, seen.may_refresh, seen.last) == ("From the web", "", False, None)
    with pytest.raises(Forbidden):
        source_service.refresh(ben, dataset.id)


@pytest.mark.slow
def test_a_refresh_makes_a_version_read_split_and_processed_as_the_one_before(anna, file):
    asked = Split("group", "color", 0.5).to_json()
    dataset = made(anna, file[0], split=asked, reading={"columns": {"weight": "number"}})
    fill = {"step": "fill_missing", "params": {"columns": ["weight"], "how": "median"}}
    worker_service.prepare(version_service.process(anna, dataset.versions[0].id, [fill]))
    file[1]["data"] = CARS + "".join(f"{2000 + n},red,{n}\n" for n in range(40))

    fetch_service.run(source_service.refresh(anna, dataset.id))
    newest = service.require_dataset(anna, dataset.id).versions[0]
    worker_service.prepare(newest.id)

    made_of_it = service.require_version(anna, newest.id)
    spec = made_of_it.spec
    assert (newest.number, made_of_it.state, spec.num_rows, spec.input["split"]) == (3, "ready", 100, asked)
    assert spec.num_test in (30, 70) and len(spec.input["recipe"]) == 1
    assert made_of_it.done[0] == "Replaced the data by cars.csv" and made_of_it.note == "fetched again"


@pytest.mark.slow
def test_who_may_edit_a_dataset_refreshes_it_without_getting_the_file(anna, ben, file):
    dataset = made(anna, file[0])
    sharing.grant(anna, "dataset", dataset.id, ben.id, "edit")
    file[1]["data"] = CARS + "2000,red,7\n"

    fetch_service.run(fetch_id := source_service.refresh(ben, dataset.id))

    assert len(service.require_dataset(anna, dataset.id).versions) == 2
    assert source_service.require_fetch(ben, fetch_id).receipt is None
    with reading() as session:
        result, senders = session.get_one(FetchRow, fetch_id).result, set(session.scalars(select(BlobRow.sender_id)))
    assert result.keys() == {"version_id", "file_name", "num_bytes"} and ben.id not in senders and anna.id in senders


def test_the_receipt_of_a_refresh_that_an_earlier_hub_kept_is_not_told(anna, ben):
    dataset_id = _of_a_database(anna)
    sharing.grant(anna, "dataset", dataset_id, ben.id, "edit")
    fetch_id = source_service.refresh(ben, dataset_id)
    with writing() as session:
        row = session.get_one(FetchRow, fetch_id)
        row.state, row.result = "ready", {"receipt": "of the whole file", "key": "its key"}

    assert source_service.require_fetch(ben, fetch_id).receipt is None
    assert source_service.get_source(ben, dataset_id).last.receipt is None


def different(each: int) -> dict[str, bytes]:
    """Return images of two classes of which no two are alike."""
    return {f"{kind}/{n}.png": picture((40 + n, 30 + place)) for place, kind in enumerate(("cat", "dog")) for n in range(each)}


def hidden(spec) -> set[bytes]:  # noqa: ANN001
    """Return the images for the test."""
    x, split = (np.load(storage.local_path(spec.arrays[name])) for name in ("x", "split"))
    return {image.tobytes() for image in x[split == TEST]}


@pytest.mark.slow
def test_images_are_fetched_again_as_they_were_prepared_at_first_and_keep_their_split(anna, serve):  # noqa: F811
    held = {"data": pack(different(6))}
    url = serve({"/animals.zip": lambda handler: sends(held["data"])(handler)})
    fetch, asked = fetched(anna, f"{url}/animals.zip"), Split(share=0.4).to_json()
    choices = {"image_size": 28, "color": "gray", "split": asked, "fetch_id": fetch.id}
    dataset_id = service.create(anna, fetch.receipt, "Animals", "", "images", "class", "classification", **choices)
    worker_service.prepare(service.require_dataset(anna, dataset_id).versions[0].id)
    held["data"] = pack(different(10))

    fetch_service.run(source_service.refresh(anna, dataset_id))
    newest = service.require_dataset(anna, dataset_id).versions[0]
    worker_service.prepare(newest.id)

    made_of_it, first = service.require_dataset(anna, dataset_id).versions
    assert (made_of_it.spec.num_rows, made_of_it.spec.input_shape) == (20, (28, 28, 1))
    assert hidden(first.spec) < hidden(made_of_it.spec) and made_of_it.spec.num_test < 20
    assert made_of_it.done == ("Replaced the data by animals.zip",)


@pytest.mark.slow
def test_a_refresh_of_what_has_not_changed_makes_no_version_and_one_that_fails_says_why(anna, file):
    dataset = made(anna, file[0])

    fetch_service.run(source_service.refresh(anna, dataset.id))
    assert source_service.get_source(anna, dataset.id).last.state == "ready"
    file[1]["data"] = ""
    fetch_service.run(source_service.refresh(anna, dataset.id))

    last = source_service.get_source(anna, dataset.id).last
    assert last.state == "failed" and "empty file" in last.error.happened
    assert len(service.require_dataset(anna, dataset.id).versions) == 1


def test_who_may_edit_a_dataset_refreshes_it_without_seeing_a_password(anna, ben):
    dataset_id = _of_a_database(anna)
    sharing.grant(anna, "dataset", dataset_id, ben.id, "edit")

    fetch_id = source_service.refresh(ben, dataset_id)

    assert PASSWORD not in repr(source_service.get_source(ben, dataset_id)) + repr(source_service.require_fetch(ben, fetch_id))
    with pytest.raises(Conflict, match="being fetched already"):
        source_service.refresh(anna, dataset_id)
    with pytest.raises(NotFound):
        source_service.require_fetch(anna, fetch_id)


def _of_a_database(anna) -> int:  # noqa: ANN001
    from tests import factories

    given = {"url": f"postgresql://u:{PASSWORD}@127.0.0.1:1/cars", "query": "SELECT 1"}
    fetch_id = source_service.fetch(anna, "database", given)
    source_service.cancel(anna, fetch_id)
    dataset_id = service.require_version(anna, factories.dataset(anna)).dataset_id
    with writing() as session:
        session.get_one(SourceRow, session.get_one(FetchRow, fetch_id).source_id).dataset_id = dataset_id
    return dataset_id


def test_a_password_is_in_no_table_no_log_no_error_and_no_archive(anna, caplog):
    caplog.set_level(logging.DEBUG)
    fetch_id = source_service.fetch(anna, "database", {"url": f"postgresql://u:{PASSWORD}@127.0.0.1:1/d", "query": "SELECT 1"})

    fetch_service.run(fetch_id)

    told = source_service.require_fetch(anna, fetch_id)
    assert told.state == "failed" and "cannot be reached" in told.error.happened
    with reading() as session:
        rows = [repr(session.execute(text(f"SELECT * FROM {table}")).all()) for table in ("data_sources", "data_fetches")]
        sealed = session.scalar(select(SourceRow.secret))
    files = [data for _, data in export_service.files(anna) if isinstance(data, bytes)]
    for place in (*rows, caplog.text, repr(told), str(told.error), *map(repr, files)):
        assert PASSWORD not in place
    assert sealing.unseal(sealed) == {"password": PASSWORD}


def test_a_password_cannot_be_read_with_another_key_of_the_hub(anna, monkeypatch):
    sealed = sealing.seal({"password": PASSWORD})
    monkeypatch.setenv("MHUB_SECRET_KEY", "another")

    with pytest.raises(Unavailable, match="secret key has changed"):
        sealing.unseal(sealed)


def test_a_visitor_fetches_nothing_and_wrong_fields_are_told(database, anna):
    with pytest.raises(SignInRequired):
        source_service.fetch(None, "web", {"url": "https://example.org/a.csv"})
    with pytest.raises(Invalid) as caught:
        source_service.fetch(anna, "web", {"url": "file:///etc/passwd"})
    assert caught.value.problems.keys() == {"url"}


def test_one_person_fetches_three_at_a_time(anna):
    for _ in range(3):
        source_service.fetch(anna, "web", {"url": "https://example.org/a.csv"})
    with pytest.raises(Conflict, match="3 sources"):
        source_service.fetch(anna, "web", {"url": "https://example.org/a.csv"})


def test_what_is_cancelled_ends_its_process_and_leaves_no_file(anna, monkeypatch):
    fetch_id = source_service.fetch(anna, "web", {"url": "https://example.org/a.csv"})

    def run(name, asked, limits, beat, folder):  # noqa: ANN001, ANN202
        (folder / "data").write_bytes(b"half of it")
        source_service.cancel(anna, fetch_id)
        beat(None)

    monkeypatch.setattr(sandbox, "run", run)
    fetch_service.run(fetch_id)

    assert source_service.require_fetch(anna, fetch_id).state == "cancelled"
    assert not list(storage.incoming().iterdir()) and not fetch_service.list_unfetched()


def test_a_fetch_whose_worker_died_is_done_again_but_not_for_ever(anna):
    fetch_id = source_service.fetch(anna, "web", {"url": "https://example.org/a.csv"})
    for attempt in range(3):
        assert fetch_service.list_unfetched() == [fetch_id]
        assert fetch_service._claim(fetch_id) and not fetch_service._claim(fetch_id)
        with writing() as session:
            row = session.get_one(FetchRow, fetch_id)
            row.progress = {**row.progress, "at": (now() - timedelta(minutes=2)).isoformat()}
    fetch_service.run(fetch_id)

    assert source_service.require_fetch(anna, fetch_id).state == "failed" and not fetch_service.list_unfetched()


@pytest.mark.slow
def test_a_fetch_that_is_too_large_for_its_person_is_told(anna, file, monkeypatch):
    monkeypatch.setenv("MHUB_QUOTA_MB", "0")
    with pytest.raises(Exception, match="already take"):
        fetched(anna, file[0])
        raise AssertionError(source_service.require_fetch(anna, 1).error)


def test_the_receipt_of_another_upload_does_not_become_a_source(anna, send):
    fetch_id = source_service.fetch(anna, "web", {"url": "https://example.org/a.csv"})

    with pytest.raises(NotFound, match="not fetched from that source"):
        service.create(anna, send(CARS), "Cars", "", "table", "price", "regression", fetch_id=fetch_id)
    assert service.list_datasets(anna) == []


@pytest.mark.parametrize("refreshes", [True, False])
def test_who_refreshes_a_dataset_does_not_get_its_source_for_a_dataset_of_their_own(anna, ben, send_as, refreshes):
    dataset_id = _of_a_database(anna)
    sharing.grant(anna, "dataset", dataset_id, ben.id, "edit")
    fetch_id, receipt = source_service.refresh(ben, dataset_id), send_as(ben, CARS)
    with writing() as session:
        row = session.get_one(FetchRow, fetch_id)
        row.state, row.refreshes, row.result = "ready", refreshes, {"key": uploads.unseal(ben.id, receipt).key}

    with pytest.raises(NotFound, match="not fetched from that source"):
        service.create(ben, receipt, "Cars", "", "table", "price", "regression", fetch_id=fetch_id)
    with reading() as session:
        assert [row.dataset_id for row in session.scalars(select(SourceRow))] == [dataset_id]


def test_the_folder_of_sqlite_files_never_holds_the_hubs_own(database, monkeypatch, tmp_path):
    monkeypatch.setenv("MHUB_SOURCE_FOLDER", str(tmp_path))
    assert fetch_service.limits_now().folder == ""
    (tmp_path / "open").mkdir()
    monkeypatch.setenv("MHUB_SOURCE_FOLDER", str(tmp_path / "open"))
    assert fetch_service.limits_now().folder == str(tmp_path / "open")
    assert json.dumps(fetch_service.limits_now().networks) == '["127.0.0.0/8"]'


@pytest.mark.parametrize("file", ["hub.sqlite", "below/hub.sqlite", "link/hub.sqlite"])
def test_the_folder_of_sqlite_files_never_holds_the_hubs_database_outside_of_its_home(hub_home, monkeypatch, tmp_path, file):
    opened = tmp_path / "open"
    opened.mkdir()
    (tmp_path / "link").symlink_to(opened)
    monkeypatch.setenv("MHUB_SOURCE_FOLDER", str(opened))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / file if 'link' in file else opened / file}")

    assert fetch_service.limits_now().folder == ""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'hub.sqlite'}")
    assert fetch_service.limits_now().folder == str(opened)


def test_a_fetch_whose_source_is_gone_ends_in_words(anna):
    fetch_id = source_service.fetch(anna, "database", {"url": "postgresql://u@127.0.0.1:1/d", "query": "SELECT 1"})
    with closing(sqlite3.connect(make_url(settings.database_url()).database)) as plain, plain:  # without foreign keys
        plain.execute("DELETE FROM data_sources")

    fetch_service.run(fetch_id)

    with reading() as session:
        row = session.get_one(FetchRow, fetch_id)
    assert row.state == "failed" and "source of this data was forgotten" in row.result["error"]["happened"]
    with pytest.raises(NotFound):
        source_service.cancel(anna, fetch_id)
