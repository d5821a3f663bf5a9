"""Who sees a profile, how it comes to be, and what happens when a worker dies over it."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from db.base import now
from db.engine import reading, writing
from db.tables.datasets import DatasetRow, DatasetVersionRow
from jobs import find_rows, profile_dataset
from mhub_core import queue, sandbox, settings
from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.datasets.claim_service import Lost
from mhub_core.datasets.worker_service import _store
from mhub_core.errors import Conflict, NotFound
from mhub_core.exploring import mark, rows, service, worker_service
from mhub_core.kinds.table import Table
from mhub_core.storage import artifact_service as artifacts
from mhub_core.storage import service as storage
from tests import factories
from tests.exploring.test_table import good, with_repeated
from tests.services import wait_until

QUICK = "dramatiq:quick"


def version_of(frame: pl.DataFrame, folder: Path, owner: User | None = None, visibility: str = "public") -> int:
    """Put a table into the hub as a ready version."""
    folder.mkdir()
    spec, _ = Table().keep(frame, "label", "classification", folder)
    return factories.dataset(owner, visibility, spec=_store(spec, folder))


def row_of(version_id: int) -> DatasetVersionRow:
    with reading() as session:
        return session.get_one(DatasetVersionRow, version_id)


def age(version_id: int) -> None:
    """Let it look as if whoever makes the profile had been silent for a minute."""
    with writing() as session:
        row = session.get_one(DatasetVersionRow, version_id)
        row.progress = {mark.NAME: {**row.progress[mark.NAME], "at": (now() - timedelta(minutes=1)).isoformat()}}


def test_the_first_look_asks_a_worker_once_and_later_looks_read_what_it_made(hub, tmp_path):
    version_id = version_of(with_repeated(60), tmp_path / "data")
    assert service.see(None, version_id) == service.see(None, version_id) == service.Seen()
    assert queue.lengths()[queue.QUICK] == 1

    worker_service.make_profile(version_id)
    key = row_of(version_id).report[mark.NAME]["key"]
    worker_service.make_profile(version_id)  # a message that came twice

    seen = service.see(None, version_id)
    assert "across_splits" in {one.name for one in seen.profile.findings} and seen.profile.column("a").mean is not None
    row = row_of(version_id)
    assert (row.report[mark.NAME]["key"], row.progress, row.state) == (key, {}, "ready")
    assert key not in artifacts.unnamed(timedelta(0))


def test_a_profile_belongs_to_its_data_and_goes_with_its_dataset(database, tmp_path):
    owner = factories.person("owner")
    version_id = version_of(good(), tmp_path / "data", owner)
    worker_service.make_profile(version_id)
    key = row_of(version_id).report[mark.NAME]["key"]
    other = version_of(with_repeated(60), tmp_path / "other", owner)
    with writing() as session:
        session.get_one(DatasetVersionRow, other).report = row_of(version_id).report  # as of a version made of another

    assert service.see(owner, other).profile is None
    datasets.delete(owner, row_of(other).dataset_id)
    datasets.delete(owner, row_of(version_id).dataset_id)
    assert key in artifacts.unnamed(timedelta(hours=47))


def test_who_may_not_read_the_data_sees_no_profile_and_no_rows(database, tmp_path):
    owner, other = factories.person("owner"), factories.person("other")
    version_id = version_of(good(), tmp_path / "data", owner, "private")
    worker_service.make_profile(version_id)

    for somebody in (other, None):
        with pytest.raises(NotFound):
            service.see(somebody, version_id)
        with pytest.raises(NotFound):
            service.rows(somebody, version_id, rows.Query())
    assert service.see(owner, version_id).profile and service.rows(owner, version_id, rows.Query()).total == 320


def test_a_version_that_is_not_ready_has_no_profile(database):
    version_id = factories.dataset()
    with writing() as session:
        row = session.get_one(DatasetVersionRow, version_id)
        row.state, row.spec = "waiting", None

    worker_service.make_profile(version_id)

    with pytest.raises(Conflict):
        service.see(None, version_id)


KILLED = "import sys\nfrom mhub_core.exploring import worker_service\nworker_service.make_profile(int(sys.argv[1]))"


def test_a_worker_that_is_killed_leaves_nothing_and_the_next_one_finishes(database, tmp_path):
    wide = pl.DataFrame({f"c{n}": np.random.default_rng(n).normal(size=5_000) for n in range(60)})
    version_id = version_of(wide.with_columns(label=pl.Series(["no", "yes"] * 2_500)), tmp_path / "data")
    before = set(storage.list_keys())
    worker = subprocess.Popen([sys.executable, "-c", KILLED, str(version_id)], cwd=settings.ROOT)
    wait_until(lambda: service.see(None, version_id).is_making)
    worker.kill()
    worker.wait()

    worker_service.make_profile(version_id)  # too early: it may only be slow
    assert service.see(None, version_id).profile is None and set(storage.list_keys()) == before
    age(version_id)
    worker_service.make_profile(version_id)

    assert service.see(None, version_id).profile
    assert len(set(storage.list_keys()) - before) == 1 and not list(storage.incoming().glob("profile-*"))


def test_who_was_taken_for_dead_changes_nothing(database, tmp_path):
    version_id = version_of(good(), tmp_path / "data")
    claim, _ = worker_service._claim(version_id)
    age(version_id)
    worker_service.make_profile(version_id)

    with pytest.raises(Lost):
        worker_service._finish(claim, {"key": "late"})

    assert service.see(None, version_id).profile


def test_two_workers_make_it_once(hub, tmp_path):
    version_id = version_of(good(), tmp_path / "data")
    workers = [threading.Thread(target=worker_service.make_profile, args=(version_id,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert service.see(None, version_id).profile and row_of(version_id).progress == {}


def test_data_that_takes_too_much_memory_is_told_once_and_for_good(database, tmp_path, monkeypatch):
    version_id = version_of(good(), tmp_path / "data")
    monkeypatch.setenv("MHUB_PREPARE_MEMORY_MB", "20")

    worker_service.make_profile(version_id)

    assert "more memory" in service.see(None, version_id).error.happened and row_of(version_id).progress == {}


def test_data_that_takes_too_long_is_told_once_and_for_good(database, tmp_path, monkeypatch):
    version_id = version_of(good(), tmp_path / "data")

    def run(name, asked, limits, beat):
        assert limits.cpu_seconds
        raise sandbox.TooLong

    monkeypatch.setattr(sandbox, "run", run)

    worker_service.make_profile(version_id)

    assert "minutes of computing" in service.see(None, version_id).error.happened and row_of(version_id).progress == {}


def test_a_profile_whose_blob_is_gone_is_told_in_words(database, tmp_path):
    version_id = version_of(with_repeated(31), tmp_path / "data")  # which no other test has looked at
    worker_service.make_profile(version_id)
    storage.delete(row_of(version_id).report[mark.NAME]["key"])

    assert isinstance(service.see(None, version_id).error, NotFound)


def test_without_room_a_profile_waits_for_the_next_look(database, tmp_path, monkeypatch):
    version_id = version_of(good(), tmp_path / "data")
    monkeypatch.setattr(profile_dataset.room, "free", threading.BoundedSemaphore(1))
    with profile_dataset.room.free:
        profile_dataset.profile_dataset.fn(version_id)
    assert service.see(None, version_id).profile is None

    profile_dataset.profile_dataset.fn(version_id)

    assert service.see(None, version_id).profile


def test_rows_are_those_of_training_with_what_is_true_of_them(database, tmp_path):
    version_id = version_of(good(), tmp_path / "data")
    page = service.rows(None, version_id, rows.Query("a", True, "label", "is", "yes"), 0, 5)

    frame = pl.read_parquet(storage.local_path(datasets.require_version(None, version_id).spec.arrays["parquet"]))
    split = np.load(storage.local_path(datasets.require_version(None, version_id).spec.arrays["split"]))
    expected = frame.filter(pl.Series(split == 0)).filter(pl.col("label") == "yes").sort("a", descending=True)
    assert page.total == expected.height and list(page.rows) == expected.head(5).to_dicts()
    assert [truth["class"] for truth in page.truths] == ["yes"] * 5


def test_rows_of_a_large_table_are_found_by_the_worker_as_here(broker, database, tmp_path, monkeypatch):
    version_id = version_of(good(), tmp_path / "data")
    query = rows.Query("b", False, "a", "above", "0")
    here = service.rows(None, version_id, query, 5, 10)
    asked: list[object] = []

    def ask(job: str, *arguments: object, seconds: float) -> object:
        asked.append(job)
        return find_rows.find_rows.fn.__wrapped__(*arguments)

    monkeypatch.setattr(service, "FEW_ROWS", 10)
    monkeypatch.setattr(queue, "ask", ask)

    assert service.rows(None, version_id, query, 5, 10) == here and asked == ["find_rows"]


def test_a_dataset_row_without_profile_kinds_is_left_alone(database):
    version_id = factories.dataset()
    with writing() as session:
        row = session.get_one(DatasetVersionRow, version_id)
        row.spec = {**row.spec, "kind": "music"}
        assert session.get(DatasetRow, row.dataset_id)

    worker_service.make_profile(version_id)

    assert service.see(None, version_id).profile.columns == () and row_of(version_id).progress == {}
