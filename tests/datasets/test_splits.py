"""The split that a person chose: each way keeps its promise, is kept in the version, or is refused in words."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from mhub_core.data import split_ways
from mhub_core.data.split_ways import Split, draw
from mhub_core.data.splits import TEST, split_rows
from mhub_core.datasets import service
from mhub_core.errors import Invalid
from mhub_core.storage import service as storage
from tests.datasets.conftest import FLOWERS, animals, pack

CLASSES = ("cat", "dog")
Y = np.arange(100, dtype=np.int32) % 2


def drawn(values: list[object] | None = None, y: np.ndarray | None = Y, **asked: object) -> tuple[np.ndarray, list[str]]:
    column = None if values is None else pl.Series("by", values)
    num = len(values) if values is not None else len(Y)
    return draw(Split(column="by" if values is not None else "", **asked), num, y, CLASSES, column)


def test_the_usual_split_is_the_one_of_earlier_releases():
    split, notes = drawn()

    assert (split == split_rows(Y, 100)).all() and not notes


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
def test_every_share_gives_each_class_its_part(share):
    split, _ = drawn(share=share)

    assert [int((split[Y == part] == TEST).sum()) for part in (0, 1)] == [round(50 * share)] * 2


def test_a_seed_gives_the_same_rows_again_and_another_seed_others():
    first, again, other = (drawn(way="random", seed=seed)[0] for seed in (1, 1, 2))

    assert (first == again).all() and (first != other).any() and first.sum() == 20


def test_no_group_is_in_both_parts_and_a_row_without_one_is_by_itself():
    patients = [None if row < 3 else f"p{row // 7}" for row in range(100)]
    split, notes = drawn(patients, way="group")

    test = {patients[row] for row in np.flatnonzero(split == TEST)} - {None}
    train = {patients[row] for row in np.flatnonzero(split != TEST)} - {None}
    assert test and not test & train and 10 <= split.sum() <= 20
    assert "groups in 'by' are the test set" in notes[0] and notes[1].startswith("3 rows are without a value")


def test_the_latest_rows_are_the_test_and_a_moment_is_not_torn():
    days = [pl.date(2024, 1, 1)] and [f"2024-{1 + row // 25:02}-{1 + row // 2 % 12:02}" for row in range(100)]
    times = pl.Series("by", days).str.to_date()
    split, notes = draw(Split("time", "by"), 100, None, (), times)

    test, train = times.filter(pl.Series(split == TEST)), times.filter(pl.Series(split != TEST))
    assert test.min() > train.max() and 20 <= len(test) <= 22 and not notes


def test_a_column_says_the_split_in_the_words_that_people_use():
    split, notes = drawn(["Train ", "validation", "test", "TRAIN", None] * 20, way="column")

    assert (split == np.array([0, 0, 1, 0, 0] * 20)).all()
    assert [note.split(" are ")[0] for note in notes] == ["20 rows", "20 rows"]
    for yes, no in ((1, 0), (True, False), (1.0, 0.0), ("val", "train")):
        assert drawn([yes, no, no, no, no] * 20, way="column")[0].sum() == 20


@pytest.mark.parametrize(
    ("asked", "values", "told"),
    [
        ({"way": "group"}, ["a"] * 100, "the same value"),
        ({"way": "time"}, [5] * 100, "the same value"),
        ({"way": "time"}, ["monday", "tuesday"] * 50, "holds text"),
        ({"way": "column"}, ["train", "later"] * 50, "'later'"),
        ({"way": "column"}, ["train"] * 100, "names no test row"),
        ({"way": "column"}, ["test"] * 93 + ["train"] * 7, "Only 7 rows"),
    ],
)
def test_a_column_that_cannot_split_is_refused_in_words(asked, values, told):
    with pytest.raises(Invalid, match=told):
        drawn(values, **asked)


def test_a_class_without_a_test_row_is_refused_by_name():
    late = np.array([0] * 90 + [1] * 10, np.int32)
    with pytest.raises(Invalid, match="no row in the test set.*: cat"):
        drawn(list(range(90)) + [200] * 10, late, way="time", share=0.1)
    with pytest.raises(Invalid, match="no row for training.*: dog"):
        drawn([1] * 90 + [2] * 10, late, way="time", share=0.1)


def test_what_the_data_says_itself_is_told_where_a_class_is_not_tested():
    few = np.array([0] * 90 + [1] * 10, np.int32)
    _, notes = drawn(["test"] * 20 + ["train"] * 80, few, way="column")

    assert notes == ["Classes with no row in the test set, so nothing tells how well they are predicted: dog."]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"way": "magic"}, "split"),
        ("group", "split"),
        ({"rows": 3}, "split"),
        ({"way": "group"}, "split_column"),
        ({"way": "time", "column": "y"}, "split_column"),
        ({"share": 0.9}, "split_share"),
        ({"share": "a fifth"}, "split_share"),
        ({"seed": -1}, "split_seed"),
        ({"seed": True}, "split_seed"),
    ],
)
def test_a_wrong_choice_is_told_beside_its_field(given, field):
    assert split_ways.check(given, tuple(split_ways.WAYS), "y")[1].keys() == {field}


def test_images_offer_no_way_that_needs_a_column():
    assert split_ways.check({"way": "group", "column": "a"}, split_ways.DRAWN, "class")[1].keys() == {"split"}


def test_a_version_keeps_how_it_was_split_and_no_model_sees_the_groups(make):
    groups = "patient," + FLOWERS.replace("\n", "\np0,", 1)
    rows = [f"p{number // 6},{line}" for number, line in enumerate(FLOWERS.splitlines()[1:])]
    groups = "\n".join(["patient,petal,sepal,species", *rows])
    asked = Split("group", "patient", 0.3, 7).to_json()
    spec = make(groups, target="species", task="classification", split=asked).ready_version.spec

    split, table = np.load(storage.local_path(spec.arrays["split"])), pl.read_parquet(storage.local_path(spec.arrays["parquet"]))
    parts = [set(table["patient"].filter(pl.Series(split == part))) for part in (0, 1)]
    assert not parts[0] & parts[1] and spec.num_test == 18 and spec.input["split"] == asked
    assert next(column["kind"] for column in spec.input["columns"] if column["name"] == "patient") == "ignored"


def test_images_are_split_with_the_share_that_was_chosen(make_images):
    spec = make_images(pack(animals(10)), split=Split(share=0.4).to_json()).ready_version.spec

    assert (spec.num_train, spec.num_test) == (12, 8)


def test_a_split_column_that_is_not_there_refuses_the_dataset(make):
    [version] = make(FLOWERS, target="species", task="classification", split=Split("time", "day").to_json()).versions

    assert version.state == "refused" and "no column 'day'" in version.report["error"]["happened"]


def test_all_problems_of_the_split_are_told_with_those_of_the_form(anna, send):
    with pytest.raises(Invalid) as caught:
        service.create(anna, send(FLOWERS), "", "", "table", "species", "classification", split={"share": 2, "way": "time"})

    assert caught.value.problems.keys() == {"name", "split_share", "split_column"}
