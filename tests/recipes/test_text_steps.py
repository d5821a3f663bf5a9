"""What the steps for texts do to a version, and to a text that a model is asked about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from mhub_core.errors import Invalid
from mhub_core.kinds.registry import require_kind
from mhub_core.kinds.texts import prepare, process
from mhub_core.recipes import run
from mhub_core.recipes.registry import TEXT_STEPS

TEXT = require_kind("text")
CLEAN = {
    "step": "clean_text",
    "params": {"columns": ["review"], "ways": ["html", "addresses", "blanks", "trim"], "case": "lower"},
}


def reviews(number: int = 60) -> pl.DataFrame:
    """Reviews with tags and addresses; every seventh has the rare label, and every tenth is short."""
    fine, dull = "<b>Fine</b>  film see https://a.example/x?y=1", "A DULL film &amp; a long evening mail@a.example"
    texts = [fine if n % 2 else dull for n in range(number)]
    texts = ["Fine" if n % 10 == 9 else f"{text} {n}" for n, text in enumerate(texts)]
    return pl.DataFrame({"review": texts, "mood": ["odd" if n % 15 == 7 else "good" if n % 2 else "bad" for n in range(number)]})


def version(folder: Path, frame: pl.DataFrame | None = None) -> Any:
    folder.mkdir()
    wanted = prepare.Wanted("review", "mood", "classification")
    spec, _ = prepare.keep_frame(reviews() if frame is None else frame, wanted, folder, lambda *_: None)
    return spec, {name: folder / file for name, file in spec.arrays.items()}


def made(version: Any, recipe: list[dict[str, Any]], folder: Path) -> Any:
    (spec, paths), _ = version, folder.mkdir()
    columns = TEXT.recipes.before(spec, lambda name: paths[name])
    clean = run.check(recipe, columns, "mood", spec.classes, TEXT_STEPS)
    done, report = TEXT.recipes.process(spec, paths, clean, folder, lambda *_: None)
    found = {name: folder / file for name, file in done.arrays.items() if (folder / file).exists()}
    return (done, {name: found.get(name, paths.get(name, paths["parquet"])) for name in done.arrays}), report


def table(version: Any, name: str = "parquet") -> pl.DataFrame:
    return pl.read_parquet(version[1][name])


def test_cleaned_texts_are_numbered_anew_and_a_text_for_a_prediction_is_cleaned_alike(tmp_path):
    first = version(tmp_path / "first")

    second, report = made(first, [CLEAN], tmp_path / "second")

    assert table(second)["review"][:2].to_list() == ["a dull film & a long evening 0", "fine film see 1"]
    known = second[0].input["words"].split("\n")
    assert "example" in first[0].input["words"].split("\n") and "example" not in known and report["refused"] == 0
    raw = first[1]["parquet"]
    decoded = TEXT.decode(second[0], TEXT.check_inputs(second[0], pl.read_parquet(raw)["review"].to_list()))
    assert np.array_equal(decoded.x, np.load(second[1]["x"])) and second[0].arrays["raw_parquet"] == first[0].arrays["parquet"]


def test_steps_that_drop_texts_and_change_labels_keep_test_texts_in_the_test(tmp_path):
    first = version(tmp_path / "first")
    steps = [
        {"step": "drop_short", "params": {"column": "review", "least": 2}},
        {"step": "drop_duplicates", "params": {"columns": ["review"]}},
        {"step": "group_labels", "params": {"least": 10, "name": "rest"}},
        {"step": "balance", "params": {"how": "over"}},
        {"step": "keep_labels", "params": {"how": "drop", "labels": ["rest"]}},
    ]

    second, report = made(first, steps, tmp_path / "second")

    assert second[0].classes == ("bad", "good") and report["repeated"] > 0 and report["refused"] >= 6
    rows, split = np.load(second[1]["raw_rows"]), np.load(second[1]["split"])
    assert (np.load(first[1]["split"])[rows] == split).all() and (np.diff(rows) >= 0).all()
    assert len(second[0].target["open"]) == 2 and second[0].num_rows == len(rows) == report["accepted"]


def test_a_second_recipe_goes_on_from_the_first_as_if_both_were_one(tmp_path):
    group = {"step": "group_labels", "params": {"least": 10, "name": "rest"}}
    first = version(tmp_path / "first")
    second, _ = made(first, [CLEAN], tmp_path / "second")

    third, _ = made(second, [group], tmp_path / "third")

    at_once, _ = made(first, [CLEAN, group], tmp_path / "at_once")
    assert third[0].input == at_once[0].input and third[0].target == at_once[0].target and len(third[0].input["recipe"]) == 2
    assert np.array_equal(np.load(third[1]["x"]), np.load(at_once[1]["x"]))


def test_texts_of_which_nothing_is_left_are_dropped_and_told(tmp_path):
    gone = {"step": "clean_text", "params": {"columns": ["review"], "ways": [], "case": "keep", "remove": "Fine"}}

    second, report = made(version(tmp_path / "first"), [gone], tmp_path / "second")

    assert report["refused"] == 6 and second[0].num_rows == 54
    assert ("6 texts", "no words are left after the steps") in report["reasons"]
    with pytest.raises(Invalid, match="Nothing of the text is left"):
        TEXT.decode(second[0], TEXT.check_inputs(second[0], ["Fine"]))


def test_a_preview_shows_texts_before_and_after_those_first_that_change(tmp_path):
    frame = reviews().with_columns(review=pl.when(pl.int_range(60) < 40).then(pl.lit("plain words stay 1")).otherwise("review"))
    spec, paths = version(tmp_path / "first", frame)

    told = TEXT.recipes.preview(spec, lambda name: paths[name], lambda _: None, [CLEAN])

    assert (
        told.columns == ("Before", "After", "mood")
        and told.rows_before == spec.num_train
        and told.bars.column == "Words in a text"
    )
    assert told.rows[0]["Before"] != told.rows[0]["After"] and "http" not in told.rows[0]["After"]


@pytest.mark.parametrize(
    ("step", "params", "told"),
    [
        ("drop_short", {"column": "review", "least": 5, "most": 3}, "must not be below"),
        ("drop_short", {"column": "review", "least": None, "most": None}, "give a lower or an upper bound"),
        ("group_labels", {"least": 1.5, "name": "rest"}, "whole number from 2"),
        ("keep_labels", {"how": "drop", "labels": []}, "choose at least one label"),
        ("keep_labels", {"how": "keep", "labels": ["sad"]}, "there is no label “sad”"),
        ("clean_text", {"columns": ["mood"], "ways": [], "case": "lower"}, "is the target, which stays"),
        ("scale", {"columns": ["review"]}, "knows no step"),
    ],
)
def test_steps_that_cannot_be_done_to_texts_are_refused_in_words(tmp_path, step, params, told):
    with pytest.raises(Invalid) as caught:
        run.check([{"step": step, "params": params}], {"review": "text", "mood": "text"}, "mood", ("bad", "good"), TEXT_STEPS)

    assert told in str(caught.value)


def test_steps_that_leave_too_few_texts_are_refused_in_words(tmp_path):
    with pytest.raises(Invalid, match="0 texts for training and 0 for the test are left"):
        made(version(tmp_path / "first"), [{"step": "drop_short", "params": {"column": "review", "least": 50}}], tmp_path / "two")


def test_other_columns_that_a_step_changed_are_not_asked_for(tmp_path):
    both = [CLEAN, {"step": "clean_text", "params": {"columns": ["note"], "ways": ["trim"], "case": "upper"}}]
    frame = reviews().with_columns(pl.lit(" aside ").alias("note"))

    second, _ = made(version(tmp_path / "first", frame), both, tmp_path / "second")

    assert process.replayed(second[0], ["A <i>B</i>"]) == ["a b"] and table(second)["note"][0] == "ASIDE"
