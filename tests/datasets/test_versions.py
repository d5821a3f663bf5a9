"""The history of a dataset: made by steps, gone back to, deleted where nothing hangs on it; on both databases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from db.engine import reading, writing
from db.tables.datasets import DatasetRow, DatasetVersionRow
from mhub_core.datasets import (
    compare_service,
    example_service,
    preview_service,
    service,
    use_service,
    version_service,
    worker_service,
)
from mhub_core.errors import Conflict, Forbidden, Invalid, NotFound, SignInRequired, TooLarge
from mhub_core.runs import service as runs
from mhub_core.sharing import service as sharing
from mhub_core.storage import artifact_service as artifacts
from mhub_core.storage import service as storage
from mhub_core.storage import uploads
from tests import factories

CARS = "weight,color,price\n" + "".join(
    f"{900 + 7 * n if n % 7 else ''},{('red', 'blue')[n % 2]},{20.5 + n}\n" for n in range(60)
)
FILL = {"step": "fill_missing", "params": {"columns": ["weight"], "how": "median"}}
ONLY_RED = {"step": "filter_rows", "params": {"column": "color", "comparison": "equal", "value": "red"}}


@pytest.fixture
def cars(ada) -> Any:
    """Ada's table of 60 cars, as the upload and the worker make it."""
    path = storage.incoming() / "sent"
    path.write_text(CARS)
    receipt = uploads.seal(ada.id, storage.take_file(path, ada.id), "cars.csv", len(CARS))
    dataset_id = service.create(ada, receipt, "Cars", "", "table", "price", "regression")
    worker_service.prepare(service.require_dataset(ada, dataset_id).versions[0].id)
    return service.require_dataset(ada, dataset_id)


def made(user, version_id: int, *recipe: dict[str, Any], note: str = "") -> Any:
    """Make a version and prepare it."""
    new = version_service.process(user, version_id, list(recipe), note)
    worker_service.prepare(new)
    return service.require_version(user, new)


def array(version, name: str) -> np.ndarray:
    return np.load(storage.local_path(version.spec.arrays[name]))


def test_a_recipe_makes_the_next_version_and_the_one_before_stays_as_it_was(cars, ada):
    first = cars.versions[0]

    second = made(ada, first.id, FILL, ONLY_RED, note="  only  red ones ")

    assert (second.state, second.number, second.parent_number, second.note) == ("ready", 2, 1, "only red ones")
    assert second.author_name == "Ada" and first.done == ("Uploaded cars.csv",) and first.author_id == ada.id
    assert second.done == ("Fill missing values of “weight” with the median", "Keep rows whose “color” is red")
    assert second.report["refused"] == 30 and second.spec.num_rows == 30 and "step “Keep rows" in second.report["reasons"][0][1]
    assert (array(second, "split") == array(first, "split")[array(second, "raw_rows")]).all()
    assert service.require_version(ada, first.id) == first
    page = example_service.first_rows(ada, second.id, 0, 50)
    assert set(row["color"] for row in page.rows) == {"red"} and all(row["weight"] is not None for row in page.rows)
    raw = example_service.first_rows(ada, second.id, 0, 50, raw=True)
    assert [row["price"] for row in raw.rows] == [row["price"] for row in page.rows]
    assert any(row["weight"] is None for row in raw.rows)


def test_steps_that_leave_nothing_end_as_a_refused_version_that_says_so(cars, ada):
    none = {"step": "filter_rows", "params": {"column": "color", "comparison": "equal", "value": "green"}}

    refused = made(ada, cars.versions[0].id, none)

    assert refused.state == "refused" and "Only 0 rows for training" in refused.report["error"]["happened"]
    assert service.require_dataset(ada, cars.id).ready_version.number == 1


def test_going_back_is_a_version_that_holds_the_same_at_once(cars, ada):
    first = cars.versions[0]
    made(ada, first.id, ONLY_RED)

    back = service.require_version(ada, version_service.restore(ada, first.id, "too few"))

    assert (back.number, back.state, back.spec, back.report) == (3, "ready", first.spec, first.report)
    assert back.done == ("Restored version 1",) and service.require_dataset(ada, cars.id).ready_version.id == back.id
    with pytest.raises(Conflict, match="already the newest"):
        version_service.restore(ada, back.id)


def test_a_version_that_was_trained_on_stays_and_the_models_are_named(cars, ada, bob):
    first = cars.versions[0]
    second = made(ada, first.id, ONLY_RED)
    run = factories.run_row(ada, factories.model(ada, "private", name="Price net"), first.id)

    with pytest.raises(Conflict, match="Price net"):
        version_service.delete_version(ada, first.id)
    version_service.delete_version(ada, second.id)

    assert [one.number for one in service.require_dataset(ada, cars.id).versions] == [1]
    sharing.grant(ada, "dataset", cars.id, bob.id, "edit")
    assert use_service.uses_by_version(ada, cars.id)[first.id].models[0][1] == "Price net"
    assert use_service.uses_by_version(bob, cars.id)[first.id].num_hidden == 1
    assert run


def test_the_only_version_and_one_that_another_is_made_of_stay(cars, ada):
    first = cars.versions[0]
    with pytest.raises(Conflict, match="only version"):
        version_service.delete_version(ada, first.id)
    waiting = version_service.process(ada, first.id, [ONLY_RED])
    with pytest.raises(Conflict, match="being made of this one"):
        version_service.delete_version(ada, first.id)

    worker_service.prepare(waiting)
    version_service.delete_version(ada, first.id)

    left = service.require_version(ada, waiting)
    assert left.parent_number == 1 and left.state == "ready"


def test_deleting_a_version_leaves_what_others_share_and_lets_the_rest_be_collected(cars, ada):
    first = cars.versions[0]
    second = made(ada, first.id, FILL)
    back = service.require_version(ada, version_service.restore(ada, first.id))

    version_service.delete_version(ada, first.id)
    version_service.delete_version(ada, second.id)
    artifacts.collect(artifacts._MOMENT - artifacts._MOMENT)

    assert all(storage.local_path(key).exists() for key in back.spec.arrays.values())
    gone = set(second.spec.arrays.values()) - set(back.spec.arrays.values())
    assert gone and not gone & set(storage.list_keys())


def test_who_may_make_go_back_and_delete(cars, ada, bob):
    first = cars.versions[0]
    second = made(ada, first.id, ONLY_RED)
    for verb in (lambda who: version_service.process(who, first.id, [FILL]), lambda who: version_service.restore(who, first.id)):
        with pytest.raises((SignInRequired, NotFound)):
            verb(None)
        with pytest.raises(NotFound):
            verb(bob)
    sharing.grant(ada, "dataset", cars.id, bob.id, "edit")
    assert made(bob, second.id, FILL).author_name == "Bob"
    with pytest.raises(Forbidden):
        version_service.delete_version(bob, second.id)


def test_a_wrong_recipe_is_refused_before_anything_is_made(cars, ada):
    with pytest.raises(Invalid, match="is the target"):
        version_service.process(ada, cars.versions[0].id, [{"step": "log", "params": {"columns": ["price"]}}])
    with pytest.raises(Invalid):
        version_service.process(ada, cars.versions[0].id, [FILL], "x" * 301)

    assert len(service.require_dataset(ada, cars.id).versions) == 1


def test_a_person_who_leaves_takes_their_name_from_what_they_made(cars, ada, bob):
    sharing.grant(ada, "dataset", cars.id, bob.id, "edit")
    version = made(bob, cars.versions[0].id, FILL)
    with writing() as session:
        from db.tables.accounts import UserRow

        session.delete(session.get_one(UserRow, bob.id))

    with reading() as session:
        assert session.get_one(DatasetVersionRow, version.id).author_id is None
    assert service.require_version(ada, version.id).author_name is None


def test_a_dataset_with_versions_is_deleted_as_a_whole(cars, ada):
    version_service.restore(ada, cars.versions[0].id) if made(ada, cars.versions[0].id, FILL) else None

    service.delete(ada, cars.id)

    with reading() as session:
        assert session.get(DatasetRow, cars.id) is None


def test_two_versions_are_compared_by_rows_columns_and_test(cars, ada):
    first = cars.versions[0]
    second = made(ada, first.id, FILL, ONLY_RED)
    third = made(ada, second.id, {"step": "drop_columns", "params": {"columns": ["color"]}})
    back = version_service.restore(ada, first.id)

    told = compare_service.compare(ada, first.id, second.id)
    assert (told.rows_added, told.rows_removed, told.test) == (0, 30, "other")
    assert told.rows_changed == sum(
        n % 7 == 0 and n % 2 == 0 for n in range(60)
    )  # whole numbers became fractions, which is no change
    weight = next(pair for pair in told.columns if pair[0] == "weight")
    assert weight[1].missing == 9 and weight[2].missing == 0
    told = compare_service.compare(ada, second.id, third.id)
    assert (told.rows_added, told.rows_removed, told.rows_changed, told.test) == (0, 0, 0, "same")
    assert [pair[0] for pair in told.columns if pair[2] is None] == ["color"]
    assert compare_service.compare(ada, third.id, back).rows_added == 30
    told = compare_service.compare(ada, first.id, back)
    assert (told.rows_added, told.rows_removed, told.rows_changed, told.test) == (0, 0, 0, "same")


def test_repeated_rows_of_rare_classes_count_as_added_and_only_in_the_training_rows(ada, cars):
    path = storage.incoming() / "sent"
    path.write_text("n,kind\n" + "".join(f"{n * 37 % 100},{'rare' if n % 10 == 0 else 'usual'}\n" for n in range(100)))
    size = path.stat().st_size
    receipt = uploads.seal(ada.id, storage.take_file(path, ada.id), "kinds.csv", size)
    dataset_id = service.create(ada, receipt, "Kinds", "", "table", "kind", "classification")
    first = service.require_dataset(ada, dataset_id).versions[0].id
    worker_service.prepare(first)

    second = made(ada, first, {"step": "balance", "params": {"how": "over"}})

    assert second.spec.target["open"] == [72, 72] and second.spec.num_test == 20
    assert second.report["repeated"] == 64 and second.report["refused"] == 0
    told = compare_service.compare(ada, first, second.id)
    assert (told.rows_added, told.rows_removed, told.rows_changed, told.test) == (64, 0, 0, "same")
    assert [row["n"] for row in example_service.first_rows(ada, second.id, 0, 9, raw=True).rows][:3] == [
        row["n"] for row in example_service.first_rows(ada, second.id, 0, 9).rows
    ][:3]


@pytest.mark.slow
def test_a_query_makes_a_version_whose_models_are_asked_with_its_columns(cars, ada):
    sql = "SELECT weight / 2 AS half, color, price FROM data WHERE color = 'red'"
    told = preview_service.preview(ada, cars.versions[0].id, [{"step": "sql", "params": {"sql": sql}}])
    assert told.columns == ("half", "color", "price") and told.bars is None

    second = made(ada, cars.versions[0].id, FILL, {"step": "sql", "params": {"sql": sql}})

    assert second.state == "ready" and second.spec.num_rows == 30 and second.done[1].startswith("SQL: SELECT weight / 2")
    assert second.spec.num_test == (array(cars.versions[0], "split")[::2] == 1).sum()
    assert [column["name"] for column in second.spec.input["columns"]] == ["half", "color"] and "recipe" not in second.spec.input
    refused = made(ada, cars.versions[0].id, {"step": "sql", "params": {"sql": "SELECT * FROM read_text('/etc/passwd')"}})
    assert "cannot open files" in refused.report["error"]["happened"]


@pytest.mark.slow
def test_what_a_column_holds_in_test_rows_alone_is_no_category_and_no_bound_of_a_form(cars, ada):
    sql = "SELECT price, weight, (SELECT string_agg(color || price, ' ') FROM data) AS told, count(*) OVER () AS num FROM data"
    second = made(ada, cars.versions[0].id, {"step": "sql", "params": {"sql": sql}})

    third = made(ada, second.id, FILL)

    told = next(column for column in third.spec.input["raw_columns"] if column["name"] == "told")
    assert len(told["categories"]) == 1 and len(told["categories"][0].split()) == second.spec.num_train
    num = next(column for column in second.spec.input["columns"] if column["name"] == "num")
    assert num["minimum"] == num["maximum"] == second.spec.num_train


def test_a_preview_of_a_query_gives_the_web_process_little(cars, ada):
    wide = ", ".join(f"{n} AS c{n}" for n in range(60))  # 20,000 bytes of Parquet, and 70 million of memory

    with pytest.raises(TooLarge, match="At most 50 MB"):
        asked = {"sql": f"SELECT price, {wide} FROM data, range(3000)"}
        preview_service.preview(ada, cars.versions[0].id, [{"step": "sql", "params": asked}])

    asked = {"sql": "SELECT price, repeat('x', 100000) AS long FROM data"}
    told = preview_service.preview(ada, cars.versions[0].id, [{"step": "sql", "params": asked}])
    assert {row["long"] for row in told.rows} == {"x" * 100}


def test_a_preview_tells_what_steps_do_to_training_rows(cars, ada, bob):
    told = preview_service.preview(ada, cars.versions[0].id, [FILL, ONLY_RED])

    assert told.rows_before == cars.versions[0].spec.num_train and not told.is_part
    assert told.after_each[0] == told.rows_before and told.after_each[1] < told.rows_before
    assert told.missing_before > 0 and told.missing_after == 0
    assert told.bars.column == "color" and dict(zip(told.bars.labels, told.bars.after, strict=True)).keys() == {"red", "blue"}
    with pytest.raises(NotFound):
        preview_service.preview(bob, cars.versions[0].id, [FILL])


def test_where_all_data_is_public_none_can_be_private_and_what_was_becomes_public(cars, ada, bob, monkeypatch):
    run = factories.run_row(ada, factories.model(ada, "public"), cars.versions[0].id)
    with pytest.raises(NotFound):
        service.require_dataset(bob, cars.id)
    worker_service.open_all()
    assert service.require_dataset(ada, cars.id).visibility == "private"
    monkeypatch.setenv("MHUB_OPEN_DATA", "true")

    worker_service.open_all()

    assert service.require_dataset(bob, cars.id).visibility == "public" and runs.require_run(bob, run).id == run
    with pytest.raises(Invalid) as caught:
        service.update(ada, cars.id, "Cars", "", "", "", "private")
    assert "must be public" in caught.value.problems["visibility"]
    with pytest.raises(Invalid):
        service.create(ada, uploads.seal(ada.id, "0" * 64, "cars.csv", 1), "More", "", "table", "price", "regression")
