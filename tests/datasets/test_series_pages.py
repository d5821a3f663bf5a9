"""Series on the pages: the form of an upload, the view of a dataset, what is given to a model."""

from __future__ import annotations

import io
import time
from zlib import crc32

import numpy as np
import polars as pl
import pytest

from mhub_core.datasets import download_service, series_service, service, worker_service
from mhub_core.errors import Invalid, TooLarge
from mhub_core.exploring import series as profiles
from mhub_core.kinds.signals import pasted
from mhub_core.storage import service as storage
from mhub_core.training import fits
from tests.datasets.series_at_hand import STEPS, long_csv, long_rows, make, waves, wide_csv
from tests.datasets.test_pages import upload_form
from tests.pages.building import open_page, unfold
from tests.pages.conftest import words

VALUES, LABELS = waves()
ROWS = long_rows(VALUES, LABELS)


@pytest.fixture
def prepared(anna, send):
    """A dataset of the long form, made as the page and the worker do."""
    token = send(long_csv(ROWS), "waves.csv")
    found = service.inspect_upload(anna, token)
    asked = {"kind": found.kind, "target": found.guessed_target, "task": found.guessed_tasks[found.guessed_target]}
    dataset_id = service.create(anna, token, "Waves", "", series=found.about["layout"], **asked)
    worker_service.prepare(service.require_dataset(anna, dataset_id).versions[0].id)
    return service.require_dataset(anna, dataset_id)


def test_series_are_shown_in_their_own_unit_without_the_test_series(anna, prepared):
    version = prepared.ready_version
    assert version.spec.kind == "series" and fits.list_stock(version.spec)[0].name == "small_signal_cnn"
    shown = series_service.examples(anna, version.id, limit=100)
    split = np.load(storage.local_path(version.spec.arrays["split"]))
    assert sorted(one.row for one in shown) == np.flatnonzero(split == 0).tolist()
    assert np.allclose(np.array(shown[0].values).T, VALUES[shown[0].row], atol=1e-3)
    assert shown[0].truth == {"class": LABELS[shown[0].row]}
    assert {one.truth["class"] for one in series_service.examples(anna, version.id, group=1)} == {"swing"}
    assert series_service.some(anna, version.id, np.flatnonzero(split == 1).tolist()) == []


def test_the_page_of_series_draws_them_and_tells_their_lengths(anna, prepared):
    page = open_page("Dataset", anna, id=prepared.id)
    assert "24 steps, 2 channels" in words(page) and len(page.get("vega_lite_chart")) == 12
    assert "appears once the data was looked through" in words(open_page("Dataset", anna, id=prepared.id, tab="Mean series"))


def test_the_form_offers_series_and_the_table_and_draws_some(anna, send):
    receipt = send(long_csv(ROWS), "waves.csv")
    app = upload_form(anna, receipt)
    assert "20 series" in words(app) and len(app.get("vega_lite_chart")) == 3
    unfold(app, f"reading_{crc32(receipt.encode())}")
    assert app.selectbox(key="dataset_target").options == ["label"] and app.selectbox(key="reading_id").value == "series_id"
    app.selectbox(key="reading_kind").set_value("table").run()
    assert "series_id" in app.selectbox(key="dataset_target").options and "20 series" not in words(app)


def test_the_form_asks_for_a_test_set_only_where_the_one_that_arrays_bring_is_mixed_with_the_rest(anna, send):
    buffer = io.BytesIO()
    np.savez(buffer, x_train=VALUES[:14], y_train=LABELS[:14], x_test=VALUES[14:], y_test=LABELS[14:])
    app = upload_form(anna, receipt := send(buffer.getvalue(), "waves.npz"))
    assert "The test set is the one that came with the data" in words(app) and "6 series of x_test are the hidden" in words(app)
    unfold(app, f"reading_{crc32(receipt.encode())}")
    app.selectbox(key="reading_splits").set_value("mixed").run()
    unfold(app, "dataset_split")
    assert "came with the data" not in words(app) and app.selectbox(key="split_way").value == "stratified"


def test_the_profile_tells_means_lengths_gaps_and_what_is_there_twice(tmp_path):
    rows = [row for row in ROWS if row["series_id"] != "s3" or row["time"] < 10]
    rows = [{**row, "heat": None} if row["series_id"] == "s5" else row for row in rows]
    rows += [{**row, "series_id": f"again {row['series_id']}"} for row in rows if row["series_id"] != "s5"]
    made = make(tmp_path, long_csv(rows))
    found = profiles.profile({name: tmp_path / file for name, file in made.spec.arrays.items()}, made.spec, lambda *_: None)
    told = found.series
    assert [name for name, *_ in told["means"]] == ["rise", "swing"] and len(told["means"][0][1][0]) == STEPS
    assert (told["lengths"]["shortest"], told["lengths"]["longest"]) == (10, STEPS)
    assert {one.name for one in found.findings} >= {"repeated_across", "repeated", "gaps"}
    rising = np.array(told["means"][0][1][0])
    assert np.allclose(rising, np.linspace(0, 3, STEPS), atol=0.35)


def test_series_are_downloaded_step_by_step_in_their_own_unit(anna, prepared):
    _, files = download_service.download(anna, prepared.ready_version.id, "csv")
    found = {name: b"".join(data) for name, data in files if name.endswith(".csv")}
    assert sorted(found) == ["test.csv", "train.csv"]
    frame = pl.read_csv(found["train.csv"])
    assert frame.columns == ["series", "step", "force", "heat", "label"]
    assert len(frame) == prepared.ready_version.spec.num_train * STEPS
    first = frame.filter(pl.col("series") == frame["series"][0])
    assert np.allclose(first["force"], VALUES[first["series"][0], :, 0], atol=1e-3)


# Pasted numbers


def one_channel(tmp_path):
    return make(tmp_path, wide_csv(VALUES, LABELS)).spec


@pytest.mark.parametrize(
    "text",
    [
        "1\n2.5\n-3\n4e1",
        "1, 2.5, -3, 40",
        "1 2,5 -3 40",
        "1;2,5;-3;40",
        "\ufeff1\r\n2.5\r\n-3\r\n40\r\n",
        "0\t1\n1\t2.5\n2\t-3\n3\t40",
        "signal\n1\n2.5\n-3\n40",
        "1,0\n2,5\n-3,0\n40,0",
    ],
)
def test_numbers_of_one_channel_are_read_however_they_are_pasted(tmp_path, text):
    found = pasted.read(text.encode(), one_channel(tmp_path))
    assert found.series == [{"value": [1.0, 2.5, -3.0, 40.0]}] or found.series == [{"t": [1.0, 2.5, -3.0, 40.0]}]


def test_a_table_with_the_columns_of_the_channels_is_one_series_and_with_ids_several(tmp_path):
    spec = make(tmp_path, long_csv(ROWS)).spec
    assert pasted.read(b"heat;force\n50;1,5\n51;\n", spec).series == [{"force": [1.5, None], "heat": [50.0, 51.0]}]
    assert pasted.read(b"1 50\n2 51\n3 52", spec).series == [{"force": [1.0, 2.0, 3.0], "heat": [50.0, 51.0, 52.0]}]
    found = pasted.read(long_csv(ROWS[: STEPS * 2]).encode(), spec)
    assert found.names == ["Series s0", "Series s1"] and np.allclose(found.series[1]["force"], VALUES[1, :, 0], atol=1e-3)
    wide = pasted.read(wide_csv(VALUES[:3], LABELS[:3]).encode(), one_channel(tmp_path))
    assert len(wide.series) == 3 and wide.names[0] == "Row 1"
    torn = long_csv([{**row, "time": None} if row["time"] in (3, 4) else row for row in ROWS[:STEPS]])
    assert pasted.read(torn.encode(), spec).notes[-1] == "2 rows were left out. The first is row 4: its time (time) is missing."


@pytest.mark.parametrize("text", ["", "  \n ", "hello", "a,b\nx,y\n", "1,2,3,4\n4,5,6,7\n", "1 2 3 4", "{}", "\x00\x01"])
def test_what_is_no_series_of_the_model_is_refused_in_words(tmp_path, text):
    spec = make(tmp_path, long_csv(ROWS)).spec
    with pytest.raises(Invalid) as refused:
        pasted.read(text.encode(), spec)
    assert refused.value.happened and refused.value.mend


def test_what_is_pasted_is_bounded_and_quotes_without_end_are_read_at_once(tmp_path):
    spec = one_channel(tmp_path)
    began = time.process_time()
    with pytest.raises(Invalid):
        pasted.read(b"1\n" + b'"' * 190_000 + b"x\n2\n", spec)
    with pytest.raises(TooLarge, match="200,000"):
        pasted.read(b"1\n" * 100_001, spec)
    assert time.process_time() - began < 2
