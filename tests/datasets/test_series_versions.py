"""A further file of series: what is hidden for the test stays hidden, also when it went on since, and steps are done again."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import polars as pl
import pytest

from mhub_core.datasets import (
    addition_service,
    compare_service,
    download_service,
    refresh_service,
    series_service,
    service,
    version_service,
    worker_service,
)
from mhub_core.datasets.child import APPEND, REPLACE
from mhub_core.storage import service as storage
from tests.datasets.series_at_hand import long_csv, long_rows, waves, wide_csv

LONG = {"kind": "series", "target": "label", "task": "classification"}
LONG["reading"] = {"kind": "series", "layout": "long", "id": "series_id", "time": "time"}
LONG["series"] = {"form": "long", "id": "series_id", "time": "time", "values": ["force", "heat"]}
RESAMPLE = {"step": "series_length", "params": {"how": "resample", "steps": 12}}


def recorded(first: int = 0, number: int = 40, steps: int = 24, seed: int = 1) -> list[dict[str, Any]]:
    """Series with numbers from one on, as one step in each row."""
    rows = long_rows(*waves(number, steps, seed))
    return [{**row, "series_id": f"s{first + int(row['series_id'][1:])}"} for row in rows]


def array(version: Any, name: str) -> np.ndarray:
    return np.load(storage.local_path(version.spec.arrays[name]))


def names(version: Any, prefix: str = "") -> pl.Series:
    return pl.read_parquet(storage.local_path(version.spec.arrays[f"{prefix}examples"]))["name"]


@pytest.fixture
def added(anna, send) -> Any:
    """Add a file to a version and prepare the next one."""

    def do(version: Any, data: str | bytes, adds: str = APPEND, name: str = "more.csv") -> Any:
        token = send(data, name)
        assert not addition_service.look(anna, version.id, token).problems
        new = addition_service.add(anna, version.id, token, adds)
        worker_service.prepare(new)
        return service.require_version(anna, new)

    return do


def test_series_are_appended_and_those_that_were_there_stay_on_their_side(make, added):
    first = make(long_csv(recorded()), **LONG).versions[0]

    second = added(first, long_csv(recorded(100, 20, seed=2)))

    assert second.state == "ready" and second.spec.num_rows == 60, second.report
    assert (array(second, "split")[:40] == array(first, "split")).all() and array(second, "split")[40:].sum() == 4
    assert np.array_equal(array(second, "values")[: 40 * 24], array(first, "values")) and second.spec.input_shape == (24, 2)


def test_a_hidden_series_that_went_on_since_stays_hidden_and_so_does_a_copy_under_another_name(make, added):
    first = make(long_csv(recorded()), **LONG).versions[0]
    hidden = np.flatnonzero(array(first, "split"))
    longer = [row for row in recorded(0, 40, 30, seed=5)]
    copies = [{**row, "series_id": f"copy of {row['series_id']}"} for row in recorded() if int(row["series_id"][1:]) in hidden]

    second = added(first, long_csv([*longer, *copies]), REPLACE)

    shown = names(second).filter(pl.Series(array(second, "split") == 1)).to_list()
    assert shown == [*(f"series s{n}" for n in hidden), *(f"series copy of s{n}" for n in hidden)]


def test_steps_are_done_again_and_raw_series_are_told_to_who_predicts(anna, make, added):
    first = make(long_csv(recorded()), **LONG)
    new = version_service.process(anna, first.versions[0].id, [RESAMPLE])
    worker_service.prepare(new)

    third = added(service.require_version(anna, new), long_csv(recorded(100, 20, seed=2)))

    assert third.spec.input_shape == (12, 2) and len(array(third, "raw_lengths")) == 60 and third.done[0] == "Appended more.csv"
    assert (array(third, "split")[:40] == array(first.versions[0], "split")).all()
    told = compare_service.compare(anna, first.versions[0].id, new)
    assert (told.rows_added, told.rows_removed, told.rows_changed, told.test) == (0, 0, None, "same")
    shown, raw = (series_service.examples(anna, third.id, limit=1, raw=raw)[0] for raw in (False, True))
    assert (len(shown.values[0]), len(raw.values[0])) == (12, 24)
    files = dict(download_service.download(anna, third.id, "csv")[1])
    assert b"".join(files["train.csv"]).count(b"\n") == third.spec.num_train * 12 + 1


def test_data_that_was_fetched_again_keeps_what_is_hidden(anna, make, send):
    first = make(wide_csv(*waves(40)), kind="series", target="label", task="classification", reading={"kind": "series"})
    before = first.versions[0]

    new = refresh_service.renew(
        anna, first.id, send(wide_csv(*waves(40)) + wide_csv(*waves(20, seed=3)).partition("\n")[2], "again.csv")
    )
    worker_service.prepare(new)

    second = service.require_version(anna, new)
    assert second.state == "ready" and second.spec.num_rows == 60
    assert (array(second, "split")[:40] == array(before, "split")).all() and array(second, "split")[40:].sum() == 4


def test_arrays_with_a_test_part_are_added_to_each_side(anna, make, added):
    def packed(seed: int) -> bytes:
        x, y = waves(30, seed=seed)
        buffer = io.BytesIO()
        np.savez(buffer, x_train=x[:20], y_train=y[:20], x_test=x[20:], y_test=y[20:])
        return buffer.getvalue()

    first = make(packed(1), kind="series", target="class", task="classification", reading={"kind": "series"}).versions[0]

    second = added(first, packed(2), name="more.npz")

    assert array(second, "split").tolist() == [0] * 20 + [1] * 10 + [0] * 20 + [1] * 10 and second.spec.input["split"] == "given"


def test_a_file_without_a_channel_or_of_another_kind_is_told_before_it_is_added(anna, make, send):
    first = make(long_csv(recorded()), **LONG).versions[0]
    without = [{name: value for name, value in row.items() if name != "heat"} for row in recorded()]

    told = addition_service.look(anna, first.id, send(long_csv(without), "more.csv"))

    assert "lacks channels of the dataset: heat" in told.problems[0]
    other = addition_service.look(anna, first.id, send("a,b\n1,2\n3,4\n", "more.csv"))
    assert "It has no column “series_id”, which identifies each series." in other.problems
