"""What is counted by person, asked for many times in the same moment, as from several web processes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from mhub_core.accounts import service as accounts
from mhub_core.datasets import service as datasets
from mhub_core.errors import Conflict, Invalid, MHubError
from mhub_core.models import shelf_service as shelf
from mhub_core.storage import service as storage
from mhub_core.storage import uploads
from tests import factories

NUM = 12


def at_once(ask: Callable[[int], object]) -> list[MHubError | None]:
    """Ask several times in one moment; returns what was refused, or None, for each."""
    gate = threading.Barrier(NUM)

    def one(number: int) -> MHubError | None:
        gate.wait()
        try:
            ask(number)
        except MHubError as error:
            return error
        return None

    with ThreadPoolExecutor(NUM) as pool:
        return list(pool.map(one, range(NUM)))


def test_no_more_datasets_wait_than_one_person_may_have_waiting(ada, monkeypatch):
    monkeypatch.setattr(datasets, "MAX_UNPREPARED", 3)
    path = storage.incoming() / "sent"
    path.write_bytes(b"a,b\n1,2\n")
    token = uploads.seal(ada.id, storage.take_file(path, ada.id), "a.csv", 8)

    told = at_once(lambda number: datasets.create(ada, token, f"Data {number}", "", "table", "b", "regression"))

    assert told.count(None) == 3 and all(isinstance(error, Conflict) for error in told if error)


def test_no_more_blocks_are_kept_than_one_person_may_keep(ada, monkeypatch):
    monkeypatch.setattr(shelf, "MOST_BLOCKS", 3)

    told = at_once(lambda number: shelf.save_block(ada, f"Block {number}", "", factories.chain(1)))

    assert told.count(None) == shelf.num_blocks(ada) == 3 and all(isinstance(error, Invalid) for error in told if error)


def test_first_copies_from_several_tabs_do_not_collide(ada):
    told = at_once(lambda number: shelf.copy_to_clipboard(ada, factories.chain(number + 1)))

    assert told == [None] * NUM and shelf.clipboard(ada) is not None


@pytest.mark.parametrize("email", ["a\x00da@example.org", "ada@example.org\x00", "\x00"])
def test_an_address_that_no_database_keeps_is_one_that_has_no_account(ada, email):
    with pytest.raises(Invalid, match="e-mail address or the password is wrong"):
        accounts.sign_in(email, "correct horse", "192.0.2.1")
