"""A further file of texts: what is hidden for the test stays hidden, whatever else of a row changed, and steps are done again."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from mhub_core.datasets import addition_service, refresh_service, service, version_service, worker_service
from mhub_core.datasets.child import APPEND, REPLACE
from mhub_core.storage import service as storage
from tests.datasets.conftest import CARS

CLEAN = {"step": "clean_text", "params": {"columns": ["review"], "ways": ["trim"], "case": "lower"}}
CHOICES = {"kind": "text", "text": "review", "target": "mood", "task": "classification"}


def reviews(first: int = 0, number: int = 60, moods: tuple[str, ...] = ("good", "bad"), head: str = "id,review,mood") -> str:
    lines = (
        f"{n},A {moods[n % len(moods)]} film about number {n} and more,{moods[n % len(moods)]}"
        for n in range(first, first + number)
    )
    return "\n".join([head, *lines]) + "\n"


def array(version: Any, name: str) -> np.ndarray:
    return np.load(storage.local_path(version.spec.arrays[name]))


def table(version: Any, name: str = "parquet") -> pl.DataFrame:
    return pl.read_parquet(storage.local_path(version.spec.arrays[name]))


@pytest.fixture
def added(anna, send) -> Any:
    """Add a file to a version and prepare the next one."""

    def do(version: Any, text: str, adds: str = APPEND) -> Any:
        token = send(text, "more.csv")
        assert not addition_service.look(anna, version.id, token).problems
        new = addition_service.add(anna, version.id, token, adds)
        worker_service.prepare(new)
        return service.require_version(anna, new)

    return do


def test_texts_are_appended_and_those_that_were_there_stay_on_their_side(make, added):
    first = make(reviews(), **CHOICES).versions[0]

    second = added(first, reviews(100, 20))

    assert second.state == "ready" and second.spec.num_rows == 80, second.report
    assert (array(second, "split")[:60] == array(first, "split")).all() and array(second, "split")[60:].sum() == 4
    assert table(second)[:60].equals(table(first)) and second.done == ("Appended more.csv",)


def test_a_hidden_text_that_comes_again_with_another_label_and_number_is_hidden(make, added):
    first = make(reviews(), **CHOICES).versions[0]
    hidden = table(first)["review"].filter(pl.Series(array(first, "split") == 1))
    again = "mood,id,review\n" + "".join(f"odd,{900 + place},{text}\n" for place, text in enumerate(hidden))

    second = added(first, again)
    third = added(first, again + "".join(f"good,{n},An entirely new film number {n}\n" for n in range(20)), REPLACE)

    assert second.spec.num_test == 2 * first.spec.num_test and second.spec.num_train == first.spec.num_train
    assert third.spec.num_rows == 32 and array(third, "split")[:12].all() and 0 < array(third, "split")[12:].sum() < 20


def test_hidden_texts_that_come_again_in_other_groups_are_hidden_and_their_groups_with_them(make, added):
    first = make(reviews(), **CHOICES, split={"way": "group", "column": "id", "share": 0.2}).versions[0]
    hidden = table(first)["review"].filter(pl.Series(array(first, "split") == 1))
    again = "".join(f"{900 + place},{text},good\n" for place, text in enumerate(hidden))
    beside = "900,A film that nobody has seen at all,bad\n"

    for adds in (APPEND, REPLACE):
        second = added(first, reviews(100, 60) + again + beside, adds)
        assert array(second, "split")[-len(hidden) - 1 :].all(), adds
        assert 0 < array(second, "split")[-73:-13].sum() < 30


def test_steps_are_done_again_with_the_texts_that_came(anna, make, added):
    first = make(reviews(), **CHOICES).versions[0]
    new = version_service.process(anna, first.id, [CLEAN])
    worker_service.prepare(new)

    third = added(service.require_version(anna, new), reviews(100, 30, ("good", "bad", "odd")))

    assert third.spec.classes == ("bad", "good", "odd") and table(third)["review"][80].startswith("a ")
    assert table(third, "raw_parquet")["review"][80].startswith("A ") and third.done[1].startswith("Clean")
    assert (array(third, "split")[:60] == array(first, "split")).all() and len(third.spec.input["recipe"]) == 1


def test_a_file_without_the_texts_or_of_another_kind_is_told_before_it_is_added(anna, make, send):
    first = make(reviews(), **CHOICES).versions[0]

    other = addition_service.look(anna, first.id, send(CARS, "cars.csv"))
    renamed = addition_service.look(anna, first.id, send(reviews(head="id,opinion,mood"), "more.csv"))
    new_label = addition_service.look(anna, first.id, send(reviews(moods=("good", "new")), "more.csv"))

    assert other.problems and "no column “review”, which holds the texts" in renamed.problems[0]
    assert not new_label.problems and "New labels: new." in new_label.notes[0]


def test_data_that_was_fetched_again_keeps_what_is_hidden_and_drops_a_label_that_is_gone(anna, make, send):
    first = make(reviews(moods=("good", "bad", "odd")), **CHOICES)
    drop = {"step": "keep_labels", "params": {"how": "drop", "labels": ["odd"]}}
    worker_service.prepare(version_service.process(anna, first.versions[0].id, [drop]))

    new = refresh_service.renew(anna, first.id, send(reviews(0, 80), "again.csv"))
    worker_service.prepare(new)

    made_of_it = service.require_version(anna, new)
    assert made_of_it.state == "ready" and made_of_it.spec.classes == ("bad", "good") and made_of_it.spec.num_rows == 80
    hidden = table(first.versions[0])["review"].filter(pl.Series(array(first.versions[0], "split") == 1))
    is_again = table(made_of_it, "raw_parquet")["review"].is_in(hidden.implode()).to_numpy()
    assert is_again.sum() == 4 and array(made_of_it, "raw_split")[is_again].all()
