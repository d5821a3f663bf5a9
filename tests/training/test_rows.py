"""Which rows train, which validate, which are hidden, and in which order they come."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from mhub_core.data.split_ways import Split
from mhub_core.data.splits import TRAIN
from mhub_core.errors import NotFound
from mhub_core.kinds.tables import prepare
from mhub_core.storage import service as storage
from mhub_core.tasks.registry import require_task
from mhub_core.training import plan
from mhub_core.training.engine import rows, windows
from tests.datasets import series_at_hand
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


def test_copies_of_a_row_are_never_both_learned_from_and_validated_on():
    data = real.iris()
    open_rows = np.flatnonzero(np.load(storage.local_path(data.arrays["split"])) == TRAIN)
    copies = np.repeat(np.arange(150), np.where(np.isin(np.arange(150), open_rows[:20]), 8, 1))
    taken = {name: real.blob(np.load(storage.local_path(data.arrays[name]))[copies]) for name in ("x", "y", "split")}
    data = replace(data, arrays=taken | {"raw_rows": real.blob(copies)}, num_rows=len(copies), num_train=data.num_train + 140)

    loaded = rows.load(data, 0.25, 3, loss_of(data))

    assert not np.isin(copies[loaded.train], copies[loaded.validation]).any()
    assert len(loaded.validation) == plan.num_validation_rows(data.num_train, 0.25)
    assert set(loaded.y[loaded.validation]) == {0, 1, 2}


def test_rows_of_a_group_by_which_the_test_was_chosen_stay_together_in_validation(tmp_path):
    ward = pl.Series("ward", [f"ward {n // 7}" for n in range(200)])
    frame = pl.DataFrame({"age": range(200), "ward": ward, "stay": [n % 13 / 3 for n in range(200)]})
    asked = Split("group", "ward")
    spec, _ = prepare.prepare_frame(frame, "stay", "regression", tmp_path, lambda *_: None, asked=asked)
    data = replace(spec, arrays={name: storage.put_bytes((tmp_path / file).read_bytes()) for name, file in spec.arrays.items()})

    loaded = rows.load(data, 0.25, 3, loss_of(data))

    assert not set(ward[loaded.train.tolist()]) & set(ward[loaded.validation.tolist()])
    assert 0.15 < len(loaded.validation) / data.num_train <= 0.25


def test_series_of_a_group_by_which_the_test_was_chosen_stay_together_in_validation(tmp_path):
    values, labels = series_at_hand.waves(60)
    people = [f"person {number // 4}" for number in range(60)]
    given = [
        {**row, "person": people[n // series_at_hand.STEPS]} for n, row in enumerate(series_at_hand.long_rows(values, labels))
    ]
    asked = {"way": "group", "column": "person"}
    spec = series_at_hand.make(tmp_path, series_at_hand.long_csv(given), split=asked).spec
    data = replace(spec, arrays={name: storage.put_bytes((tmp_path / file).read_bytes()) for name, file in spec.arrays.items()})

    loaded = rows.load(data, 0.25, 3, loss_of(data))

    assert len(loaded.validation) and spec.input["split"]["way"] == "group"
    assert not {people[row] for row in loaded.train} & {people[row] for row in loaded.validation}


def test_a_unit_too_large_for_the_share_leaves_the_validation_to_smaller_ones():
    units = np.repeat([0, 1, 2], [90, 6, 4])

    assert np.isin(rows.draw_validation(np.arange(100), None, 0.05, 1, units), np.arange(96, 100)).all()
    assert len(rows.draw_validation(np.arange(90), None, 0.2, 1, units)) == 0
    assert len(rows.draw_validation(np.arange(96), None, 0.02, 1, units)) == 6


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
