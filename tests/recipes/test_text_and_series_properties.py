"""What holds for every recipe of texts and of series: the same bytes give the same version, and no test example has a say in what
is learned."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mhub_core.errors import Invalid
from mhub_core.kinds.registry import require_kind
from mhub_core.kinds.signals import fitting, gather, roots, writing
from mhub_core.kinds.texts import prepare, vocabulary
from mhub_core.recipes.registry import SIGNAL_STEPS, TEXT_STEPS
from tests.recipes.test_properties import STEADY, nothing, recipes

pytestmark = pytest.mark.slow

ROWS = 48
IS_TEST = np.arange(ROWS) % 4 == 0
SOME_WORDS = ["Blue ", "e", "<b>red</b>", "https://a.example", "été", "ﬁne", "1", "!", "Rot"]
Made = tuple[Any, dict[str, Path]]


def labels(draw: Any) -> list[str]:
    """Labels of two classes, both of which are on both sides of the split."""
    return [("yes", "no")[place % 2 if place < 8 else draw % (place + 2) % 2] for place in range(ROWS)]


@st.composite
def text_tables(draw: Any) -> pl.DataFrame:
    """Short texts of a few words, of which some repeat and some are hardly there."""
    chance = np.random.default_rng(draw(st.integers(0, 10**6)))
    few = draw(st.lists(st.sampled_from(SOME_WORDS), min_size=2, max_size=5))
    texts = [" ".join(chance.choice(few, chance.integers(1, 6))) + " word" for _ in range(ROWS)]
    place = pl.Series("place", chance.choice(["a", "B ", "blue"], ROWS).tolist())
    return pl.DataFrame({"text": texts, "kind": labels(draw(st.integers(1, 99)))}).with_columns(place)


def text_version(frame: pl.DataFrame, folder: Path) -> Made:
    """Write a first version with a split that does not hang on the values."""
    folder.mkdir()
    wanted = prepare.Wanted("text", "kind", "classification")
    split = IS_TEST.astype(np.uint8)
    spec, _ = prepare.write(frame, vocabulary.read(frame["text"], nothing), split, wanted, folder, nothing)
    return spec, {name: folder / file for name, file in spec.arrays.items()}


@st.composite
def signals(draw: Any) -> gather.Gathered:
    """Series of two channels and various lengths with gaps."""
    chance = np.random.default_rng(draw(st.integers(0, 10**6)))
    lengths = chance.integers(2, draw(st.integers(4, 14)), ROWS)
    values = chance.normal(0, draw(st.sampled_from([1e-3, 1.0, 1e4])), (int(lengths.sum()), 2))
    values[chance.random(len(values)) < draw(st.sampled_from([0.0, 0.3])), 0] = np.nan
    ends, told = np.concatenate([[0], np.cumsum(lengths)]), pl.Series("kind", labels(draw(st.integers(1, 99))))
    return gather.Gathered(values, ends, [f"series {n}" for n in range(ROWS)], ("size", "heat"), told)


def signal_version(series: gather.Gathered, folder: Path) -> Made:
    folder.mkdir()
    about, split = {"layout": {"form": "long", "id": "", "time": "", "values": []}}, IS_TEST.astype(np.uint8)
    spec, _ = writing.write(series, split, "kind", "classification", (10, fitting.END), about, folder, nothing)
    arrays = spec.arrays | roots.write(series, folder)
    return type(spec)(**{**spec.__dict__, "arrays": arrays}), {name: folder / file for name, file in arrays.items()}


def carried_out(made: Made, recipe: list[dict[str, Any]], folder: Path) -> Made:
    """Make the next version; none is made where nothing usable is left."""
    (spec, paths), _ = made, folder.mkdir()
    try:
        done, report = require_kind(spec.kind).recipes.process(spec, paths, recipe, folder, nothing)
    except Invalid:
        assume(False)
    assert spec.num_rows + report["repeated"] == report["accepted"] + report["refused"] == done.num_rows + report["refused"]
    own = {name: folder / file for name, file in done.arrays.items() if name == "raw_rows" or not name.startswith("raw_")}
    root = {name: paths.get(name, paths.get(name.removeprefix("raw_"))) for name in done.arrays.keys() - own.keys()}
    return done, {**own, **root}


def same(one: Made, other: Made) -> bool:
    """Tell whether two versions hold the same and would treat what they are asked about alike."""
    names = ("x", "y", "split", "raw_rows")
    arrays = all(np.array_equal(np.load(one[1][name]), np.load(other[1][name])) for name in names)
    return arrays and one[0].input == other[0].input and one[0].target == other[0].target


def training(made: Made) -> list[Any]:
    """Return what a model can learn of, and what is known for predictions."""
    spec, paths = made
    split = np.load(paths["split"])
    y = [spec.classes[number] for number in np.load(paths["y"])[split == 0]]
    return [np.load(paths["x"])[split == 0].tolist(), y, np.load(paths["raw_rows"])[split == 0].tolist(), spec.input]


def replayed(data: Any, first: Made, recipe: list[dict[str, Any]], folder: Path, again: Made) -> None:
    made = carried_out(first, recipe, folder / "made")
    assert same(made, carried_out(again, recipe, folder / "replayed"))
    for number, part in enumerate(recipe):
        again = carried_out(again, [part], folder / f"step{number}")
    assert same(made, again)


@settings(STEADY, max_examples=30)
@given(st.data())
def test_a_recipe_of_texts_gives_the_same_version_again_also_step_by_step(data):
    frame = data.draw(text_tables())
    with tempfile.TemporaryDirectory() as name:
        first, again = text_version(frame, Path(name) / "first"), text_version(frame, Path(name) / "again")
        columns = require_kind("text").recipes.before(first[0], first[1].__getitem__)
        replayed(data, first, data.draw(recipes(columns, TEXT_STEPS)), Path(name), again)


@settings(STEADY, max_examples=30)
@given(st.data())
def test_a_recipe_of_series_gives_the_same_version_again_also_step_by_step(data):
    series = data.draw(signals())
    with tempfile.TemporaryDirectory() as name:
        first, again = signal_version(series, Path(name) / "first"), signal_version(series, Path(name) / "again")
        replayed(data, first, data.draw(recipes({"size": "number", "heat": "number"}, SIGNAL_STEPS)), Path(name), again)


@settings(STEADY, max_examples=50)
@given(st.data())
def test_what_a_recipe_learns_of_texts_depends_on_no_test_text(data):
    frame = data.draw(text_tables())
    wild = frame.with_columns(
        text=pl.when(pl.Series(IS_TEST)).then(pl.format("wild {} word", pl.int_range(ROWS) % 7)).otherwise("text"),
        kind=pl.when(pl.Series(IS_TEST)).then(pl.col("kind").shuffle(3)).otherwise("kind"),
    )
    with tempfile.TemporaryDirectory() as name:
        one, two = (text_version(table, Path(name) / str(number)) for number, table in enumerate((frame, wild)))
        recipe = data.draw(recipes(require_kind("text").recipes.before(one[0], one[1].__getitem__), TEXT_STEPS))
        made = [carried_out(version, recipe, Path(name) / f"made{at}") for at, version in enumerate((one, two))]

        assert training(made[0]) == training(made[1])


@settings(STEADY, max_examples=50)
@given(st.data())
def test_what_a_recipe_learns_of_series_depends_on_no_test_series(data):
    series = data.draw(signals())
    is_wild = np.repeat(IS_TEST, series.lengths)[:, None]
    values = np.where(is_wild, np.arange(len(series.values) * 2).reshape(-1, 2) * 7e5, series.values)
    told = series.labels.to_frame().with_columns(pl.when(pl.Series(IS_TEST)).then(pl.col("kind").shuffle(3)).otherwise("kind"))
    wild = gather.Gathered(values, series.ends, series.names, series.channels, told.to_series().alias("kind"))
    with tempfile.TemporaryDirectory() as name:
        recipe = data.draw(recipes({"size": "number", "heat": "number"}, SIGNAL_STEPS))
        both = [signal_version(one, Path(name) / str(number)) for number, one in enumerate((series, wild))]
        made = [carried_out(version, recipe, Path(name) / f"made{at}") for at, version in enumerate(both)]

        assert training(made[0]) == training(made[1])
