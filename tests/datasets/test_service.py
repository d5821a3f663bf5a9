"""Who may do what with a dataset; preparing that survives dead workers; built-in sets installed once."""

from __future__ import annotations

import hashlib
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from db.base import now
from db.engine import reading, writing
from db.tables.datasets import DatasetRow, DatasetVersionRow
from mhub_core.datasets import child, example_service, service, worker_service
from mhub_core.datasets.builtins import BUILT_INS
from mhub_core.errors import Conflict, Forbidden, Invalid, NotFound, SignInRequired
from mhub_core.storage import service as storage
from mhub_core.tasks.registry import TASKS
from tests import factories
from tests.datasets.conftest import CARS

pytestmark = pytest.mark.slow


def test_a_visitor_cannot_bring_data_in(database):
    with pytest.raises(SignInRequired):
        service.inspect_upload(None, "token")


def test_all_problems_of_the_form_come_at_once(anna, send):
    with pytest.raises(Invalid) as caught:
        service.create(anna, send(CARS), " ", "x" * 30_000, "images", "", "", "friends", image_size=5, color="red")

    assert set(caught.value.problems) == {"name", "description", "task", "image_size", "color", "visibility"}


def test_a_kind_or_a_task_that_the_hub_does_not_know_is_said_beside_its_field(anna, send):
    for kind, task, wrong in (("music", "regression", "kind"), ("table", "guess", "task"), ("table", "segmentation", "task")):
        with pytest.raises(Invalid) as caught:
            service.create(anna, send(CARS), "Cars", "", kind, "price", task)
        assert set(caught.value.problems) == {wrong}


def test_a_visitor_has_no_datasets_of_their_own(database):
    factories.dataset()  # one that came with the hub, and belongs to nobody

    assert service.list_datasets(None, mine=True) == [] and len(service.list_datasets(None)) == 1


def test_a_private_dataset_does_not_exist_for_others(make, anna, ben):
    dataset = make(CARS)

    for somebody in (ben, None):
        for verb in (service.require_dataset, lambda who, _: example_service.first_rows(who, dataset.versions[0].id)):
            with pytest.raises(NotFound):
                verb(somebody, dataset.id)
        assert service.list_datasets(somebody) == []
    assert [card.name for card in service.list_datasets(anna)] == ["Mine"]


def test_a_public_dataset_is_seen_but_changed_only_by_its_owner(make, ben):
    dataset = make(CARS, visibility="public")

    assert service.require_dataset(None, dataset.id).ready_version.spec.num_rows == 60
    assert not service.require_dataset(ben, dataset.id).may_edit
    with pytest.raises(Forbidden):
        service.update(ben, dataset.id, "Mine now", "", "", "", "private")
    with pytest.raises(SignInRequired):
        service.delete(None, dataset.id)


def test_others_do_not_see_what_is_not_ready(make, ben, anna):
    make("a,b\n1,2\n3,4\n", target="b", visibility="public")

    assert service.list_datasets(ben) == []
    assert service.list_datasets(anna)[0].state == "refused"


def test_a_search_finds_words_and_takes_signs_for_what_they_are(make, anna):
    dataset = make(CARS)
    service.update(anna, dataset.id, "Cars <b>", "100% real", "MIT", "my street", "public")

    assert [card.id for card in service.list_datasets(None, "cars REAL")] == [dataset.id]
    assert service.list_datasets(None, "%_") == [] and len(service.list_datasets(None, "100%")) == 1


def test_a_dataset_is_deleted_with_its_versions(make, anna):
    dataset = make(CARS)

    service.delete(anna, dataset.id)

    with pytest.raises(NotFound):
        service.require_version(anna, dataset.versions[0].id)


def test_a_dataset_that_something_was_trained_on_stays(database):
    owner = factories.person("olga")
    version_id = factories.dataset(owner)
    factories.run_row(owner, factories.model(owner), version_id)
    dataset_id = service.require_version(owner, version_id).dataset_id

    with pytest.raises(Conflict, match="Small net"):
        service.delete(owner, dataset_id)


def created(anna, send) -> int:
    dataset_id = service.create(anna, send(CARS), "Mine", "", "table", "price", "regression")
    return service.require_dataset(anna, dataset_id).versions[0].id


def test_a_version_waits_when_the_broker_is_away(anna, send):
    version_id = created(anna, send)

    assert service.require_version(anna, version_id).state == "waiting"
    assert worker_service.list_unprepared() == [version_id]


def test_a_version_whose_worker_was_killed_is_prepared_again(anna, send):
    version_id = created(anna, send)
    long_ago = (now() - timedelta(minutes=2)).isoformat()
    with writing() as session:
        row = session.get(DatasetVersionRow, version_id)
        row.state, row.progress = "preparing", {"token": "of the dead", "attempt": 1, "at": long_ago}

    assert worker_service.list_unprepared() == [version_id]
    worker_service.prepare(version_id)

    assert service.require_version(anna, version_id).state == "ready"
    assert worker_service.list_unprepared() == []


def test_two_workers_prepare_a_version_once(anna, send, monkeypatch):
    version_id = created(anna, send)
    children = []
    prepare_in_child = child.prepare_in_child
    monkeypatch.setattr(child, "prepare_in_child", lambda *given: (children.append(1), prepare_in_child(*given))[1])

    workers = [threading.Thread(target=worker_service.prepare, args=(version_id,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(children) == 1 and service.require_version(anna, version_id).state == "ready"


def test_a_worker_that_lost_the_version_writes_nothing(anna, send):
    version_id = created(anna, send)
    claim, work = worker_service._claim(version_id)
    with writing() as session:
        session.get(DatasetVersionRow, version_id).progress = {"token": "another", "at": now().isoformat()}

    worker_service._refuse(claim, Invalid("late"))

    assert service.require_version(anna, version_id).state == "preparing"


def test_a_table_that_takes_too_much_memory_is_refused_in_words(make, monkeypatch):
    monkeypatch.setenv("MHUB_PREPARE_MEMORY_MB", "100")
    wide = "".join(",".join(f"{(row * column) % 97}.25" for column in range(300)) + f",{row}\n" for row in range(12_000))
    names = ",".join(f"c{column}" for column in range(300)) + ",price\n"

    [version] = make(names + wide).versions

    assert version.state == "refused"
    assert "more memory" in version.report["error"]["happened"]


def test_a_table_that_takes_too_long_is_refused_in_words_and_not_tried_again(make, monkeypatch):
    monkeypatch.setattr(child, "_CPU_SECONDS", 1)
    wide = "".join(",".join(f"{(row * column) % 97}.25" for column in range(300)) + f",{row}\n" for row in range(12_000))
    names = ",".join(f"c{column}" for column in range(300)) + ",price\n"

    [version] = make(names + wide).versions

    assert version.state == "refused" and "minutes of computing" in version.report["error"]["happened"]


def test_built_in_sets_are_installed_once_also_by_two_workers(database):
    workers = [threading.Thread(target=worker_service.install_builtins) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    worker_service.install_builtins()

    with reading() as session:
        assert session.scalar(select(func.count()).select_from(DatasetRow)) == len(BUILT_INS) >= 15
        assert session.scalar(select(func.count()).select_from(DatasetVersionRow)) == len(BUILT_INS)
    cards = {card.name: card for card in service.list_datasets(None)}
    assert (cards["Iris flowers"].num_rows, cards["Iris flowers"].num_classes) == (150, 3)
    assert all(card.licence and card.source and card.description and card.state == "ready" for card in cards.values())
    assert {card.task for card in cards.values()} == set(TASKS)
    digits = cards["Handwritten digits (MNIST)"]
    assert len(example_service.gallery(None, digits.version_id, 3, limit=5)) == 5


def test_the_list_reads_the_same_on_both_databases(hub):
    factories.dataset(name="Irises")

    [card] = service.list_datasets(None)

    assert (card.name, card.kind, card.num_rows, card.num_classes, card.state) == ("Irises", "table", 150, 3, "ready")


def is_stored(data: str) -> bool:
    return hashlib.sha256(data.encode()).hexdigest() in set(storage.list_keys())


ONE_CLASS = CARS.replace("blue", "red")


def test_a_refused_upload_is_removed_at_once(make):
    dataset = make(ONE_CLASS, target="color", task="classification")
    assert dataset.versions[0].state == "refused" and not is_stored(ONE_CLASS)


def test_a_refused_upload_that_another_dataset_was_made_of_stays(make):
    make(ONE_CLASS)
    make(ONE_CLASS, target="color", task="classification")
    assert is_stored(ONE_CLASS)


def test_an_upload_that_cannot_be_read_is_removed_at_once(anna, send):
    receipt = send("")
    with pytest.raises(Invalid):
        service.inspect_upload(anna, receipt)
    assert not is_stored("")


def test_an_upload_that_was_left_is_removed_unless_a_dataset_was_made_of_it(anna, ben, send):
    for uses_it in (False, True):
        receipt = send(CARS)
        if uses_it:
            service.create(anna, receipt, "Mine", "", "table", "price", "regression")
        service.discard_upload(ben, receipt)  # which is not Ben's
        assert is_stored(CARS)
        service.discard_upload(anna, receipt)
        assert is_stored(CARS) == uses_it


@pytest.mark.parametrize("first", ["Anna", "Ben"])
def test_a_file_that_two_people_sent_stays_while_one_of_them_may_want_it(anna, ben, send_as, first):
    """A class often sends the same file."""
    senders = [anna, ben] if first == "Anna" else [ben, anna]
    receipts = {sender: send_as(sender, CARS) for sender in senders}

    service.discard_upload(ben, receipts[ben])

    assert service.inspect_upload(anna, receipts[anna]).kind == "table"
    assert service.create(anna, receipts[anna], "Mine", "", "table", "price", "regression")


def test_a_refused_dataset_leaves_the_same_file_to_others_who_sent_it(anna, ben, send_as, make):
    theirs = send_as(ben, ONE_CLASS)
    make(ONE_CLASS, target="color", task="classification")
    assert is_stored(ONE_CLASS)
    assert service.inspect_upload(ben, theirs).kind == "table"


def test_an_upload_that_was_removed_meanwhile_is_told_as_such(anna, send):
    receipt = send(CARS)
    service.discard_upload(anna, receipt)
    with pytest.raises(Invalid, match="no longer available"):
        service.create(anna, receipt, "Mine", "", "table", "price", "regression")
    with pytest.raises(Invalid, match="no longer available"):
        service.inspect_upload(anna, receipt)
