"""Which rows train, which validate, which are hidden, and in which order they come."""

from __future__ import annotations

import os

import numpy as np
import pytest

from mhub_core.errors import NotFound
from mhub_core.storage import service as storage
from mhub_core.tasks.registry import require_task
from mhub_core.training.engine import rows, windows
from tests.training import real

pytestmark = pytest.mark.usefixtures("hub_home")


def loss_of(data):
    return require_task(data.task).losses[0]


def test_no_row_is_used_for_two_things_and_none_is_lost():
    data = real.digits()

    loaded = rows.load(data, 0.25, 3, loss_of(data))

    together = np.concatenate([loaded.train, loaded.validation, loaded.test])
    assert sorted(together) == list(range(data.num_rows))
    assert len(loaded.test) == data.num_test


@pytest.mark.parametrize("name", ["x", "y", "split"])
def test_nothing_is_learned_from_bytes_that_are_damaged(name):
    data = real.iris()
    path = storage.local_path(data.arrays[name])
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.seek(-4, os.SEEK_END)
        file.write(b"lost")

    with pytest.raises(NotFound, match="damaged"):
        rows.load(data, 0.25, 3, loss_of(data))


def test_validation_rows_hold_every_class_in_its_share():
    loaded = rows.load(real.iris(), 0.25, 3, loss_of(real.iris()))

    assert np.bincount(loaded.y[loaded.validation]).tolist() == [10, 10, 10]


def test_the_seed_draws_the_validation_rows():
    data = real.digits()
    first, again, other = (rows.load(data, 0.2, seed, loss_of(data)).validation for seed in (1, 1, 2))

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_every_epoch_has_its_own_order_that_comes_back():
    numbers = np.arange(100)

    assert np.array_equal(rows.order_of(numbers, 1, 5), rows.order_of(numbers, 1, 5))
    assert not np.array_equal(rows.order_of(numbers, 1, 5), rows.order_of(numbers, 1, 6))
    assert sorted(rows.order_of(numbers, 1, 5)) == list(numbers)


def test_windows_give_every_row_once_in_order_and_cut_only_between_batches():
    loaded = rows.load(real.digits(), 0.0, 1, loss_of(real.digits()))
    order = rows.order_of(loaded.train, 1, 1)

    parts = list(windows.Windows(loaded, batch_size=32).over(order))

    assert all(len(y) % 32 == 0 for _, y in parts[:-1])
    assert np.array_equal(np.concatenate([y for _, y in parts]), loaded.y[order])
    assert np.array_equal(np.concatenate([x for x, _ in parts]), loaded.x[order])
