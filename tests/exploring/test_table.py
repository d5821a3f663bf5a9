"""The profile of tables: figures beside those of other libraries, each warning on a table that has it and one that has not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.stats.contingency import association

from mhub_core.data.records import DataSpec
from mhub_core.datasets.builtins import BUILT_INS
from mhub_core.exploring import table
from mhub_core.exploring.records import NOTE, WARNING, Profile
from mhub_core.kinds.table import Table

ROWS = 400


def profile(frame: pl.DataFrame, target: str, task: str, folder: Path) -> tuple[Profile, DataSpec]:
    """Prepare a frame and look it through."""
    spec, _ = Table().keep(frame, target, task, folder)
    found = table.profile({name: folder / file for name, file in spec.arrays.items()}, spec, lambda *_: None)
    assert Profile.from_json(json.loads(json.dumps(found.to_json()))) == found
    return found, spec


def training_rows(frame: pl.DataFrame, folder: Path) -> pd.DataFrame:
    """The training rows as pandas has them, which read the file by itself."""
    return pd.read_parquet(folder / "table.parquet")[np.load(folder / "split.npy") == 0]


@pytest.mark.parametrize("slug", ["iris", "wine", "diabetes", "cars"])
def test_figures_are_those_of_pandas_for_the_training_rows(slug, tmp_path):
    built_in = next(one for one in BUILT_INS if one.slug == slug)
    frame = built_in.load()
    found, _ = profile(frame, built_in.target, built_in.task, tmp_path)
    train = training_rows(frame, tmp_path)

    for column in found.columns:
        values = train[column.name]
        assert (column.num_rows, column.missing, column.distinct) == (len(values), values.isna().sum(), values.nunique())
        if column.kind == "number":
            told = (column.minimum, column.maximum, column.mean, column.std, *column.quartiles)
            parts = values.quantile([0.25, 0.5, 0.75])
            assert np.allclose(told, (values.min(), values.max(), values.mean(), values.std(ddof=0), *parts))
            assert sum(column.counts) == values.count() and len(column.edges) == len(column.counts) + 1
        else:
            assert dict(column.top) == {value: values.value_counts()[value] for value, _ in column.top}
            assert sum(rows for _, rows in column.top) + column.num_others == values.count()


def test_relations_are_those_of_scipy_and_pandas(tmp_path):
    built_in = next(one for one in BUILT_INS if one.slug == "cars")
    found, spec = profile(built_in.load(), built_in.target, built_in.task, tmp_path)
    names, values = found.relations["names"], found.relations["values"]
    train = training_rows(built_in.load(), tmp_path)
    seen = set()
    for i, one in enumerate(names):
        for j, other in enumerate(names):
            both = train[[one, other]].dropna() if one != other else None
            if both is None:
                continue
            kinds = sorted((one, other), key=lambda name: pd.api.types.is_numeric_dtype(both[name]))
            numeric = [
                pd.api.types.is_numeric_dtype(both[name])
                and name != spec.target["name"]
                or (pd.api.types.is_numeric_dtype(both[name]) and not spec.classes)
                for name in kinds
            ]
            if all(numeric):
                expected = both[one].corr(both[other])
            elif not any(numeric):
                expected = association(pd.crosstab(both[one], both[other]))
            else:
                group, number = kinds if numeric[1] else kinds[::-1]
                means = both.groupby(group)[number].transform("mean")
                expected = np.sqrt(((means - both[number].mean()) ** 2).sum() / ((both[number] - both[number].mean()) ** 2).sum())
            seen.add(tuple(numeric))
            assert values[i][j] == pytest.approx(expected, abs=1e-4), (one, other)
    assert len(seen) >= 2


def good(**more: object) -> pl.DataFrame:
    """A table in which nothing is odd: two columns that tell a part of the class, and what is asked for besides."""
    draw = np.random.default_rng(3)
    label = draw.integers(0, 2, ROWS)
    columns = {"a": draw.normal(size=ROWS) + label, "b": draw.normal(size=ROWS), "label": np.where(label == 1, "yes", "no")}
    return pl.DataFrame(columns | more)


def label() -> np.ndarray:
    return (good()["label"] == "yes").to_numpy().astype(int)


def with_repeated(rows: int) -> pl.DataFrame:
    frame = good()
    return pl.concat([frame[:-rows], frame[:rows]])


def torn() -> pl.DataFrame:
    frame = good()
    other = pl.Series("label", ["no" if value == "yes" else "yes" for value in frame["label"][:40]])
    return pl.concat([frame[:-40], frame[:40].with_columns(other)])


def rare(number: int) -> pl.DataFrame:
    frame = good()
    return frame.with_columns(pl.Series("label", ["rare"] * number + frame["label"].to_list()[number:]))


ODD = {
    "leak": (lambda: good(copy=label() + 0.001 * np.arange(ROWS) % 0.5), WARNING, "copy"),
    "id": (lambda: good(ticket=3 * np.arange(ROWS) + 7), WARNING, "ticket"),
    "missing": (lambda: good(gone=[None if n % 5 else n / 7 for n in range(ROWS)]), WARNING, "gone"),
    "constant": (lambda: good(same=[7] * ROWS), NOTE, "same"),
    "duplicates": (lambda: with_repeated(60), WARNING, ""),
    "across_splits": (lambda: with_repeated(60), WARNING, ""),
    "contradictions": (torn, WARNING, ""),
    "few_examples": (lambda: rare(6), WARNING, ""),
    "imbalance": (lambda: rare(380), WARNING, ""),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_found_with_the_column_and_what_to_do(name, tmp_path):
    make, level, column = ODD[name]
    found, _ = profile(make(), "label", "classification", tmp_path)

    [finding] = [one for one in found.findings if one.name == name]
    assert (finding.level, finding.column) == (level, column) and finding.words and finding.advice


def test_nothing_is_said_of_a_table_in_which_nothing_is_odd(tmp_path):
    found, _ = profile(
        good(text=[f"word {n % 7}" for n in range(ROWS)], whole=range(0, 3 * ROWS, 3)[::-1]), "label", "classification", tmp_path
    )

    assert found.findings == ()


def test_a_column_that_follows_from_a_number_is_a_leak_and_a_related_one_is_not(tmp_path):
    draw = np.random.default_rng(5)
    price = draw.gamma(2, 1000, ROWS)
    frame = pl.DataFrame({"price": price, "tax": price * 0.19, "size": price + draw.normal(0, 900, ROWS)})
    found, _ = profile(frame, "price", "regression", tmp_path)

    assert [one.column for one in found.findings if one.name == "leak"] == ["tax"]
    assert 0.2 < found.column("size").strength < 0.95


def test_an_id_does_not_hide_that_rows_repeat(tmp_path):
    frame = with_repeated(60).with_columns(pl.Series("row_id", np.arange(ROWS) * 3 + 1))
    found, _ = profile(frame, "label", "classification", tmp_path)

    assert {"duplicates", "across_splits"} <= {one.name for one in found.findings}


def test_figures_do_not_change_with_the_values_of_test_rows(tmp_path):
    spec, _ = Table().keep(good(), "label", "classification", tmp_path)
    arrays = {name: tmp_path / file for name, file in spec.arrays.items()}
    before = table.profile(arrays, spec, lambda *_: None)
    is_test = pl.Series(np.load(arrays["split"]) == 1)
    frame = pl.read_parquet(arrays["parquet"])
    wild = frame.with_columns(a=pl.when(is_test).then(1e6 + pl.int_range(pl.len())).otherwise(pl.col("a")))
    wild.write_parquet(arrays["parquet"])

    assert table.profile(arrays, spec, lambda *_: None) == before


def test_columns_of_a_very_wide_table_are_bounded_and_counted(tmp_path):
    draw = np.random.default_rng(1)
    frame = pl.DataFrame({f"c{n}": draw.normal(size=30) for n in range(table.MAX_COLUMNS + 20)} | {"y": draw.normal(size=30)})
    found, _ = profile(frame, "y", "regression", tmp_path)

    assert (len(found.columns), found.left_out, found.columns[-1].name) == (table.MAX_COLUMNS, 21, "y")
    assert len(found.relations["names"]) <= 30


def test_after_a_recipe_the_columns_that_it_left_are_those_that_are_looked_at(tmp_path):
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    spec, _ = Table().keep(good(copy=label()), "label", "classification", before)
    recipe = [{"step": "rename", "params": {"column": "copy", "to": "leak"}}]
    paths = {name: before / file for name, file in spec.arrays.items()}
    made, _ = Table().recipes.process(spec, paths, recipe, after, lambda *_: None)
    files = {
        name: after / file if (after / file).exists() else paths.get(name, before / file) for name, file in made.arrays.items()
    }

    found = table.profile(files, made, lambda *_: None)

    assert [column.name for column in found.columns if not column.unused] == ["a", "b", "leak", "label"]
    assert [one.column for one in found.findings] == ["leak"]


def test_dates_are_described_and_kept_out_of_relations(tmp_path):
    days = pl.date_range(pl.date(2020, 1, 1), pl.date(2021, 2, 3), eager=True)[:ROWS]
    found, spec = profile(good(day=days), "label", "classification", tmp_path)

    assert found.column("day").kind == "date" and "day" not in found.relations["names"]
