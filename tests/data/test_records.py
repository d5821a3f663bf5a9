"""A description of a dataset version survives JSON, is read as release 0.1 wrote it, and is refused in words when broken."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from mhub_core.data.records import DataSpec
from mhub_core.errors import Invalid
from tests import factories
from tests.upgrade import old_hub


@pytest.fixture
def old_rows(hub_home: Path) -> list[dict]:
    """The descriptions that release 0.1 wrote: tables, images, a regression."""
    old_hub.unpack(hub_home)
    rows = sqlite3.connect(hub_home / "mhub.sqlite").execute("SELECT spec FROM dataset_versions WHERE state = 'ready'")
    return [json.loads(spec) for (spec,) in rows]


def test_a_description_survives_json(hub_home):
    data = factories.iris_spec()
    assert DataSpec.from_json(json.loads(json.dumps(data.to_json()))) == data


def test_rows_of_release_0_1_are_read_without_a_loss(old_rows):
    assert len(old_rows) == 5
    for old in old_rows:
        data = DataSpec.from_json(old)
        assert (data.kind, data.task, data.num_rows, data.num_test) == (
            old["kind"],
            old["task"],
            old["num_rows"],
            old["num_test"],
        )
        assert data.input_shape == tuple(old["input_shape"]) and data.classes == tuple(old["classes"])
        assert data.arrays["x"] == old["x_key"] and data.arrays.get("parquet") == old["table_key"]
        assert data.input.get("encoder") == old["encoder"] and data.target["name"] == old["target"]
        assert data.target.get("std", 1.0) == old["y_std"] and data.target.get("counts", []) == old["class_counts"]
        assert DataSpec.from_json(data.to_json()) == data


@pytest.mark.parametrize("field", ["kind", "task", "x_key", "split_key", "input_shape", "classes", "target", "num_rows"])
def test_an_old_row_that_lacks_a_field_is_refused_with_its_name(old_rows, field):
    for old in old_rows:
        with pytest.raises(Invalid, match=field) as caught:
            DataSpec.from_json({name: value for name, value in old.items() if name != field})
        assert caught.value.expected and caught.value.mend


@pytest.mark.parametrize("field", ["kind", "task", "arrays", "input", "target", "num_train"])
def test_a_row_that_lacks_a_field_is_refused_with_its_name(hub_home, field):
    data = factories.iris_spec().to_json()
    with pytest.raises(Invalid, match=field):
        DataSpec.from_json({name: value for name, value in data.items() if name != field})


def test_a_field_that_is_not_known_is_left_out(hub_home, old_rows):
    data = factories.iris_spec()
    assert DataSpec.from_json(data.to_json() | {"colour": "blue"}) == data
    assert DataSpec.from_json(old_rows[0] | {"colour": "blue"}) == DataSpec.from_json(old_rows[0])


@pytest.mark.parametrize("broken", [{"input": {}}, {"input": None}, {"target": "x"}, {"arrays": {"x": "1"}}, {"target": {}}])
def test_a_row_whose_parts_lack_something_is_refused_in_words(hub_home, broken):
    with pytest.raises(Invalid, match="cannot be read"):
        DataSpec.from_json(factories.iris_spec().to_json() | broken)


@pytest.mark.parametrize("broken", [None, [], "text", {"format": 99}, {"format": "two"}, {}, {"classes": 3}])
def test_what_is_no_description_of_this_release_is_refused_in_words(broken):
    with pytest.raises(Invalid, match="cannot be read"):
        DataSpec.from_json(broken)
