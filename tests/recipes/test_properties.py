"""What holds for every recipe and every dirty table: drawn by hypothesis, which finds the smallest that breaks a rule."""

from __future__ import annotations

import csv
import hashlib
import io
import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mhub_core.data.splits import TRAIN
from mhub_core.errors import Invalid, MHubError
from mhub_core.kinds.table import Table
from mhub_core.recipes import run
from mhub_core.recipes.fields import DATE, NUMBER, TEXT, Field
from mhub_core.recipes.registry import STEPS
from mhub_core.recipes.step import AnyStep

pytestmark = pytest.mark.slow

CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much]
STEADY = settings(deadline=None, derandomize=True, database=None, suppress_health_check=CHECKS)
WORDS = {"remove": "e", "to": "renamed", "name": "others", "order": "red\nblue\npink"}
NUMBERS = {"lower": 5.0, "upper": 95.0, "share": 10.0, "most": 3.0, "number": 3.0}
NUMBERS |= {"least": 3.0, "steps": 7.0, "window": 3.0, "missing": 40.0, "value": 1.5}  # of texts and series


def nothing(*_: Any) -> None:
    """Nobody looks at the progress."""


@st.composite
def tables(draw: Any) -> pl.DataFrame:
    """A tidy table of 40 rows with missing values, and a target of two classes."""
    seed = draw(st.integers(0, 10**6))
    chance, rows = np.random.default_rng(seed), 40
    number = st.one_of(st.none(), st.integers(-5, 5).map(float), st.floats(-1e6, 1e6, allow_nan=False))
    few = draw(st.lists(number, min_size=1, max_size=8))
    start = datetime(2024, 1, 1)
    return pl.DataFrame(
        {
            "size": pl.Series([few[at % len(few)] for at in range(rows)], dtype=pl.Float64),
            "doors": pl.Series(chance.integers(1, 6, rows), dtype=pl.Int64),
            "color": chance.choice(["red", "Blue ", "blue", "é", ""], rows).tolist(),
            "day": [None if at % 9 == 4 else start + timedelta(hours=int(at * 31)) for at in chance.permutation(rows)],
            "kind": ["yes" if at % 3 else "no" for at in range(rows)],
        }
    ).with_columns(pl.when(pl.col("color") != "").then(pl.col("color")).alias("color"))


def value_of(draw: Any, field: Field, columns: dict[str, str], params: dict[str, Any]) -> Any:
    """Draw what a person may choose for a field."""
    fitting = [name for name, holds in columns.items() if field.of in ("any", holds) and name != "kind"]
    if field.kind == "columns":
        return draw(st.lists(st.sampled_from(fitting), min_size=1, max_size=2, unique=True)) if fitting else []
    if field.kind == "column":
        return draw(st.sampled_from(fitting)) if fitting else None
    if field.kind in ("choice", "choices"):
        one = st.sampled_from([value for value, _ in field.choices])
        return draw(one) if field.kind == "choice" else draw(st.lists(one, min_size=1, max_size=3, unique=True))
    if field.kind == "labels":
        return [draw(st.sampled_from(["no", "yes"]))]
    if field.kind == "number":
        return NUMBERS[field.name]
    value = {NUMBER: "2", DATE: "2024-01-20", TEXT: "blue"}
    return WORDS.get(field.name) or value[columns.get(params.get("column") or (params.get("columns") or [""])[0], TEXT)]


@st.composite
def recipes(draw: Any, columns: dict[str, str], steps: Mapping[str, AnyStep] = STEPS) -> list[dict[str, Any]]:
    """Draw up to four steps that can follow each other. SQL, which starts a process, has tests of its own."""
    recipe: list[dict[str, Any]] = []
    for name in draw(st.lists(st.sampled_from(sorted(steps.keys() - {"sql"})), min_size=1, max_size=4)):
        params: dict[str, Any] = {}
        for field in steps[name].fields:
            params[field.name] = value_of(draw, field, columns, params)
        try:
            part, columns = run.check_step({"step": name, "params": params}, columns, "kind", 1, ("no", "yes"), steps)
        except Invalid:
            continue
        recipe.append(part)
    assume(recipe)
    return recipe


def version_of(frame: pl.DataFrame, folder: Path) -> Any:
    """Read a table from the bytes of a file, as a first version."""
    folder.mkdir()
    (folder / "sent.csv").write_bytes(frame.write_csv().encode())
    request = {"target": "kind", "task": "classification", "file_name": "sent.csv"}
    spec, _ = Table().prepare(folder / "sent.csv", request, folder, nothing)
    return spec, {name: folder / file for name, file in spec.arrays.items()}


def carried_out(made: Any, recipe: list[dict[str, Any]], folder: Path) -> Any:
    """Make the next version, and check that no row is lost."""
    (spec, paths), _ = made, folder.mkdir()
    done, report = Table().recipes.process(spec, paths, recipe, folder, nothing)
    assert spec.num_rows + report["repeated"] == report["accepted"] + report["refused"] == done.num_rows + report["refused"]
    found = {name: folder / file for name, file in done.arrays.items() if (folder / file).exists()}
    return done, {name: found.get(name, paths.get(name, paths["parquet"])) for name in done.arrays}


def fingerprint(made: Any) -> str:
    """Return a hash of what a version holds."""
    spec, paths = made
    content = b"".join(paths[name].read_bytes() for name in ("x", "y", "split", "parquet") if name in paths)
    return hashlib.sha256(content + repr(sorted(spec.input.items())).encode()).hexdigest()


@settings(STEADY, max_examples=40)
@given(st.data())
def test_a_recipe_replayed_from_the_bytes_gives_the_same_version_also_step_by_step(data):
    frame = data.draw(tables())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first, again = version_of(frame, folder / "first"), version_of(frame, folder / "again")
        columns = Table().recipes.before(first[0], lambda array: first[1][array])
        recipe = data.draw(recipes(columns))
        try:
            made = carried_out(first, recipe, folder / "made")
        except Invalid:  # nothing usable is left
            assume(False)
        before = fingerprint(first)

        assert fingerprint(made) == fingerprint(carried_out(again, recipe, folder / "replayed"))
        assert fingerprint(first) == before == fingerprint(again)  # what rolling back gives
        try:
            for number, part in enumerate(recipe):
                again = carried_out(again, [part], folder / f"step{number}")
        except Invalid:  # a version in between has too little
            return
        if all(part["step"] != "target_mean" for part in recipe):  # whose columns count as learned from there on
            assert np.array_equal(np.load(again[1]["x"]), np.load(made[1]["x"]))
        assert np.array_equal(np.load(again[1]["split"]), np.load(made[1]["split"]))


@settings(STEADY, max_examples=300)
@given(st.data())
def test_what_a_recipe_learns_and_makes_of_training_rows_depends_on_no_test_row(data):
    frame = data.draw(tables())
    train = np.arange(frame.height) % 4 != 0
    wild = [pl.when(pl.Series(train)).then(pl.col(name)).otherwise(pl.col(name).shuffle(5)).alias(name) for name in frame.columns]
    other = frame.with_columns(wild).with_columns(pl.when(pl.Series(train)).then("size").otherwise(9e9).alias("size"))
    recipe = data.draw(recipes(run.columns_of(frame.schema)))

    one, two = (run.make(table, train, recipe, target="kind", classes=("no", "yes")) for table in (frame, other))

    assert one.fitted == two.fitted
    assert one.rows[one.train].tolist() == two.rows[two.train].tolist()
    assert one.frame.filter(one.train).equals(two.frame.filter(two.train))


ODD = ["", " ", "NA", "-", "None", "1,234.50", "3,5", "12 %", "2024-05-31", "#", '"', "'", "00012", "1e400", "é", "x" * 50]
CELL = st.one_of(
    st.sampled_from(ODD),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), max_size=6),
    st.floats().map(str),
    st.integers().map(str),
)


@settings(STEADY, max_examples=150)
@given(st.lists(st.lists(CELL, min_size=1, max_size=5), max_size=20), st.sampled_from(["\n", "\r\n"]))
def test_rows_of_a_dirty_table_are_kept_or_refused(dirty, end):
    text = io.StringIO()
    write = csv.writer(text, lineterminator=end)
    write.writerow(["one", "two", "kind"])
    write.writerows([[number % 7, f"word {number % 3}", ("yes", "no")[number % 2]] for number in range(30)])
    write.writerows(dirty)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "sent.csv"
        path.write_bytes(text.getvalue().encode())
        request = {"target": "kind", "task": "classification", "file_name": "sent.csv"}
        request["reading"] = {"separator": ",", "header": True, "skip": 0, "quotes": "doubled", "encoding": "utf-8"}
        try:
            spec, report = Table().prepare(path, request, Path(name), nothing)
        except MHubError as error:
            assert error.happened and len(error.happened) < 1000
            return
        split = np.load(Path(name) / spec.arrays["split"])
        blank = sum(len(row) == 1 and row[0] != "" and not row[0].strip() for row in dirty)  # lines of blanks are no rows

    assert report["accepted"] == len(split) == spec.num_rows and (split == TRAIN).any()
    assert report["accepted"] + report["refused"] == 30 + len(dirty) - blank
