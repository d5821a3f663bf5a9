"""A further file for a dataset: its rows are appended or take the place, the test stays the test, steps are done again."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

from mhub_core.datasets import addition_service, service, version_service, worker_service
from mhub_core.datasets.child import APPEND, REPLACE
from mhub_core.errors import Invalid
from mhub_core.kinds.registry import require_kind
from mhub_core.storage import service as storage
from tests.datasets.conftest import CARS, pack

HEAD, *LINES = CARS.splitlines()
FILL = {"step": "fill_missing", "params": {"columns": ["weight"], "how": "median"}}
SQL = {"step": "sql", "params": {"sql": "SELECT weight * 2 AS double, price FROM data"}}


def array(version: Any, name: str) -> np.ndarray:
    return np.load(storage.local_path(version.spec.arrays[name]))


def table(version: Any, name: str = "parquet") -> pl.DataFrame:
    return pl.read_parquet(storage.local_path(version.spec.arrays[name]))


@pytest.fixture
def added(anna, send) -> Any:
    """Add a file to a version and prepare the next one."""

    def do(version: Any, text: str, adds: str = APPEND) -> Any:
        new = addition_service.add(anna, version.id, send(text, "more.csv"), adds)
        worker_service.prepare(new)
        return service.require_version(anna, new)

    return do


def processed(user: Any, version: Any, *recipe: dict[str, Any]) -> Any:
    new = version_service.process(user, version.id, list(recipe))
    worker_service.prepare(new)
    return service.require_version(user, new)


def test_rows_are_appended_and_the_rows_that_were_there_stay_on_their_side(make, added):
    first = make(CARS).versions[0]

    second = added(first, f"{HEAD}\n" + "".join(f"{2000 + n},blue,{100 + n}\n" for n in range(20)))

    assert second.state == "ready" and second.spec.num_rows == 80 and second.done == ("Appended more.csv",)
    assert (array(second, "split")[:60] == array(first, "split")).all() and array(second, "split")[60:].sum() == 4
    assert table(second)[:60].equals(table(first)) and second.parent_number == 1


def test_a_row_that_repeats_a_test_row_is_for_the_test_too(make, added):
    first = make(CARS).versions[0]
    old_test = [line for line, part in zip(LINES, array(first, "split"), strict=True) if part]

    second = added(first, "\n".join([HEAD, *old_test, *old_test]))

    assert second.spec.num_test == 3 * first.spec.num_test and second.spec.num_train == first.spec.num_train


WEEKS = ("train", "train", "train", "test", "val")


def weekly(first: int, number: int, part: str = "", group: str = "") -> str:
    """Rows of one day each from a day on, with who it was and on which side of the split it is."""
    lines = (
        f"{day},2024-{1 + day // 28:02}-{1 + day % 28:02},{group or f'p{day // 5}'},{part or WEEKS[day % 5]},{day % 7}.5\n"
        for day in range(first, first + number)
    )
    return "weight,day,who,part,price\n" + "".join(lines)


def by(way: str, column: str) -> dict[str, Any]:
    return {"split": {"way": way, "column": column, "share": 0.2}}


@pytest.mark.parametrize(("part", "num_test"), [("test", 10), ("holdout", 10), ("train", 0), ("val", 0), ("other", 0)])
def test_further_rows_are_on_the_side_that_their_column_names_also_where_all_are_of_one(make, added, part, num_test):
    second = added(make(weekly(0, 60), **by("column", "part")).versions[0], weekly(60, 10, part))

    assert array(second, "split")[60:].sum() == num_test
    told = any("of no known split in 'part' ('other')" in one for one in second.report["warnings"])
    assert told == (part == "other")


def test_further_rows_from_the_first_test_time_on_are_for_the_test(make, added):
    first = make(weekly(28, 60), **by("time", "day")).versions[0]
    border = int(np.flatnonzero(array(first, "split"))[0])

    for start, expected in ((88, [1] * 10), (0, [0] * 10), (28 + border - 3, [0, 0, 0, 1, 1, 1, 1, 1, 1, 1])):
        second = added(first, weekly(start, 10, "other"))
        assert array(second, "split")[60:].tolist() == expected


def test_rows_without_a_group_do_not_follow_one_another_and_a_group_that_is_there_keeps_its_side(make, added):
    text = weekly(0, 60).replace(",p0,", ",,").replace(",p1,", ",,")
    first = make(text, **by("group", "who")).versions[0]
    second = added(first, weekly(60, 20, group="x").replace(",x,", ",,"))

    assert 0 < array(second, "split")[60:].sum() < 10
    assert any("Of the new rows: 20 rows are without a value in 'who'" in one for one in second.report["warnings"])
    third = added(first, weekly(60, 9, group="new"))
    assert array(third, "split")[60:].sum() == 0
    assert any("9 rows are new and could not be split as before" in one for one in third.report["warnings"])


def test_rows_in_the_place_of_all_are_split_anew_where_one_side_would_be_empty(make, added):
    second = added(make(weekly(0, 60), **by("time", "day")).versions[0], weekly(100, 40), REPLACE)

    assert array(second, "split").tolist() == [0] * 32 + [1] * 8
    assert any("so the test set is chosen anew" in one for one in second.report["warnings"])


def test_a_file_in_the_place_of_the_rows_keeps_the_side_of_those_that_it_still_has(make, added):
    first = make(CARS).versions[0]
    text = "\n".join([HEAD, *reversed(LINES[10:]), *(f"{3000 + n},red,{n}" for n in range(10))])

    second = added(first, text, REPLACE)

    before = dict(zip(table(first)["weight"], array(first, "split"), strict=True))
    assert second.spec.num_rows == 60 and second.done == ("Replaced the data by more.csv",)
    kept = [before[weight] for weight in table(second)["weight"] if weight in before]
    assert kept == array(second, "split")[:50].tolist() and array(second, "split")[50:].sum() == 2


def seen(on: str, first: int, number: int) -> str:
    lines = (f"{n},{n * 7 % 50},{('red', 'blue')[n % 2]},{on},{n * 3}.5\n" for n in range(first, first + number))
    return "weight,age,color,seen,price\n" + "".join(lines)


def test_hidden_rows_stay_hidden_where_a_column_changed_in_all_rows_of_the_file(make, added):
    first = make(seen("2024-01-01", 0, 100)).versions[0]

    second = added(first, seen("2024-02-02", 0, 110), REPLACE)

    assert (array(second, "split")[:100] == array(first, "split")).all()
    assert not any("hidden" in one for one in second.report["warnings"])


def test_hidden_rows_that_are_not_found_again_are_told_with_their_number(make, added):
    first = make(seen("2024-01-01", 0, 100)).versions[0]

    second = added(first, seen("2024-01-01", 30, 100), REPLACE)

    lost = int(array(first, "split")[:30].sum())
    assert any(f"{lost} of the 20 hidden test rows were not found again" in one for one in second.report["warnings"])


def test_a_hidden_row_that_comes_again_in_another_group_is_hidden(make, added):
    first = make(weekly(0, 60), **by("group", "who")).versions[0]
    old = [line for line, part in zip(weekly(0, 60).splitlines()[1:], array(first, "split"), strict=True) if part]
    again = "\n".join(line.replace(",p", ",q") for line in old)

    second = added(first, weekly(100, 40) + again + "\n")

    assert array(second, "split")[-len(old) :].all() and 0 < array(second, "split")[60:100].sum() < 40


def test_the_steps_of_the_version_are_done_again_with_all_training_rows(anna, make, added):
    first = make(CARS.replace("900,", ",", 1)).versions[0]
    second = processed(anna, first, FILL, {"step": "rename", "params": {"column": "color", "to": "paint"}})

    third = added(second, f"{HEAD}\n" + "".join(f"{9000 if n else ''},blue,{n}\n" for n in range(60)))

    assert third.done[0] == "Appended more.csv" and third.done[1:] == second.done
    assert table(third).null_count().row(0) == (0, 0, 0) and table(third).columns == ["weight", "paint", "price"]
    values = [one.spec.input["recipe"][0]["state"]["values"]["weight"] for one in (second, third)]
    assert values[0] < values[1] and table(third, "raw_parquet").columns == ["weight", "color", "price"]
    fourth = added(third, CARS, REPLACE)
    assert fourth.spec.num_rows == 60 and fourth.done[1:] == second.done


def test_a_file_is_added_to_the_upload_below_a_query(anna, make, added):
    second = processed(anna, make(CARS).versions[0], FILL, SQL)
    third = processed(anna, second, {"step": "log", "params": {"columns": ["double"]}})

    fourth = added(third, CARS)

    assert fourth.state == "ready" and fourth.spec.num_rows == 120 and table(fourth).columns == ["double", "price"]
    assert table(fourth, "source_parquet").columns == ["weight", "color", "price"]
    assert fourth.spec.input["recipe"] == third.spec.input["recipe"] and len(fourth.spec.input["recipe"]) == 1
    asked = {"rows": table(fourth, "raw_parquet")[array(fourth, "raw_rows").tolist()].to_dicts()}
    assert np.allclose(require_kind("table").decode(fourth.spec, asked).x, array(fourth, "x"), atol=1e-5)
    fifth = added(fourth, CARS)
    assert fifth.spec.num_rows == 180 and fifth.spec.input["recipe"] == third.spec.input["recipe"]


def test_differences_are_told_before_and_what_does_not_fit_is_refused(anna, make, send, added):
    first = make(CARS).versions[0]

    told = addition_service.look(anna, first.id, send("weight,price,year\n" + "heavy,3,1999\nlight,4,2000\n" * 9))
    assert told.problems == () and told.notes == (
        "Missing in the file, so empty in its rows: “color”.",
        "Not in the dataset, so left out: “year”.",
        "Column “weight” holds other values than before. Values that are not numbers count as missing.",
    )
    assert addition_service.look(anna, first.id, send("weight,color\n" + "".join(f"{n},red\n" for n in range(9)))).problems == (
        "It has no column “price”, which is the target.",
    )
    assert addition_service.look(anna, first.id, send(CARS)) == addition_service.Differences((), (), 0)
    second = added(first, "color,price,year\nred,3,1999\n,,\nblue,x,5\n")
    assert second.spec.num_rows == 61 and second.report["refused"] == 2
    assert any("“color”" in one or "“weight”" in one for one in second.report["warnings"])
    refused = added(first, "a,b\n1,2\n")
    assert refused.state == "refused" and "no column 'price'" in refused.report["error"]["happened"]
    with pytest.raises(Invalid):
        addition_service.add(anna, first.id, send(CARS), "explode")


def test_a_further_file_that_looks_like_texts_fits_a_table_all_the_same(anna, make, send):
    words = "what a fine and lovely day by the sea is number"
    reviews = "review,weight,price\n" + "".join(f"{words} {n},{n % 9},{n % 5}\n" for n in range(40))
    assert service.inspect_upload(anna, send(reviews)).kind == "text"
    first = make(reviews).versions[0]

    assert addition_service.look(anna, first.id, send(reviews)).problems == ()
    told = addition_service.look(anna, first.id, send(shades(("cat", "dog")), "more.zip"))
    assert told.problems == ("The file does not hold rows of a table.",)


def shades(kinds: tuple[str, ...], first: int = 0, each: int = 8) -> bytes:
    """A zip of images of one shade each, no two alike, sorted into folders."""
    files = {}
    for place, kind in enumerate(kinds):
        for number in range(each):
            file = io.BytesIO()
            Image.new("RGB", (28, 28), (first + number * 5, 60 * place, 90)).save(file, "PNG")
            files[f"{kind}/{number}.png"] = file.getvalue()
    return pack(files)


def test_images_are_appended_with_the_steps_of_the_version_and_a_new_class(anna, make_images, send):
    first = make_images(shades(("cat", "dog"))).versions[0]
    second = processed(
        anna, first, {"step": "grayscale", "params": {}}, {"step": "resize", "params": {"width": 14, "height": 14}}
    )
    more = shades(("ant", "dog"), first=100)

    told = addition_service.look(anna, second.id, send(more, "more.zip"))
    new = addition_service.add(anna, second.id, send(more, "more.zip"))
    worker_service.prepare(new)
    third = service.require_version(anna, new)

    assert told.problems == () and told.num_steps == 2 and "New classes: ant" in told.notes[0]
    assert third.state == "ready" and third.spec.num_rows == 32 and third.spec.classes == ("cat", "dog", "ant")
    assert array(third, "x").shape == (32, 14, 14, 1) and array(third, "raw_x").shape == (32, 28, 28, 3)
    assert (array(third, "split")[:16] == array(first, "split")).all() and third.spec.target["counts"] == [8, 16, 8]
    assert third.done[0] == "Appended more.zip"


def test_images_that_are_there_already_keep_their_side_and_a_table_is_no_further_images(anna, make_images, send):
    first = make_images(shades(("cat", "dog"))).versions[0]
    new = addition_service.add(anna, first.id, send(shades(("cat", "dog")), "same.zip"))
    worker_service.prepare(new)

    split = array(service.require_version(anna, new), "split")

    assert split.tolist() == array(first, "split").tolist() * 2
    assert addition_service.look(anna, first.id, send(CARS)).problems == ("The file does not hold images.",)
