"""SQL over a dataset: what it gives, and that it reaches nothing else, whatever somebody writes."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from mhub_core.errors import Invalid, TooLarge
from mhub_core.recipes import query, run

CARS = pl.DataFrame({"weight": range(40), "color": ["red", "blue"] * 20, "price": [float(n) for n in range(40)]})
TRAIN = np.arange(40) % 4 != 0


def made(sql: str, frame: pl.DataFrame = CARS, train: Any = TRAIN) -> run.Made:
    recipe = run.check([{"step": "sql", "params": {"sql": sql}}], run.columns_of(frame.schema), "price")
    return run.make(frame, train, recipe, target="price")


def test_rows_stay_for_training_or_the_test_whatever_a_query_does():
    told = made("SELECT color, weight * 2 AS double, price FROM data WHERE weight >= 8 ORDER BY weight DESC")

    assert told.begins_anew and told.frame.columns == ["color", "double", "price"]
    assert sorted(told.frame["price"]) == list(range(8, 40))
    assert told.frame.filter(told.train)["price"].is_sorted(descending=True)
    assert {int(price) % 4 != 0 for price in told.frame.filter(told.train)["price"]} == {True}
    assert {int(price) % 4 != 0 for price in told.frame.filter(~told.train)["price"]} == {False}
    assert told.changes == [(6, 2, 0, 24)]


def test_no_test_row_has_a_part_in_a_training_row_and_train_holds_the_training_rows_both_times():
    sql = "SELECT *, (SELECT avg(price) FROM train) AS mean, count(*) OVER () AS num FROM data"
    wild = CARS.with_columns(pl.when(pl.Series(TRAIN)).then("price").otherwise(1e9).alias("price"))

    one, other = made(sql), made(sql, wild)

    assert one.frame.filter(one.train).equals(other.frame.filter(other.train))
    assert one.frame["mean"].n_unique() == 1 and one.frame["num"].unique().sort().to_list() == [10, 30]


def test_types_of_a_result_are_those_of_tables_and_the_same_comes_again():
    sql = (
        "SELECT price, weight > 3 AS heavy, sum(weight) OVER () AS huge, 1.5::DECIMAL(5,2) AS d, DATE '2024-05-31' AS day, "
        "random() AS chance, NULL AS nothing, '' AS empty FROM data"
    )

    one, other = made(sql).frame, made(sql).frame

    assert one.equals(other) and one["heavy"].unique().sort().to_list() == ["false", "true"]
    assert {str(dtype) for dtype in one.dtypes} == {"Float64", "String", "Datetime(time_unit='us', time_zone=None)"} | (
        {"Int64"} if one["huge"].dtype == pl.Int64 else set()
    )
    with pytest.raises(Invalid, match="holds list"):
        made("SELECT price, [weight] AS many FROM data")
    with pytest.raises(Invalid, match="no column “price”"):
        made("SELECT color FROM data")
    with pytest.raises(Invalid, match="2 columns with the name 'color'"):
        made("SELECT one.color, other.color, one.price FROM data AS one JOIN data AS other ON one.weight = other.weight")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT *, 1 AS price FROM read_csv('{secret}')",
        "SELECT *, 1 AS price FROM read_text('{secret}')",
        "SELECT *, 1 AS price FROM read_blob('{secret}')",
        "SELECT *, 1 AS price FROM '{secret}'",
        "SELECT *, 1 AS price FROM glob('{folder}/*')",
        "SELECT *, 1 AS price FROM sniff_csv('{secret}')",
        "SELECT *, 1 AS price FROM 'https://example.com/data.csv'",
        "SELECT *, 1 AS price FROM read_parquet('s3://bucket/data.parquet')",
        "SELECT *, 1 AS price FROM train_frame",
        "SELECT price, getenv('HOME') AS home FROM data",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "EXPORT DATABASE '{folder}/out'",
        "ATTACH '{folder}/out.db' AS other",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "RESET lock_configuration",
        "PRAGMA database_list",
        "CALL pragma_version()",
        "CREATE TABLE other AS SELECT 1",
        "INSERT INTO data VALUES (1)",
        "DROP VIEW data",
        "SELECT price FROM data; SELECT price FROM data",
        "SELECT price FROM data) UNION (SELECT 1",
        "SELECT price FRM data",
        "-- nothing",
    ],
)
def test_a_query_reaches_its_two_tables_and_nothing_else(sql, tmp_path):
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    for name in ("train", "data0"):
        CARS.write_parquet(tmp_path / f"{name}.parquet")
    asked = sql.format(secret=tmp_path / "secret.csv", folder=tmp_path)

    with pytest.raises(Invalid) as caught:  # as its own process does it, which costs a second each time
        query.answer({"sql": asked, "parts": 1, "most_bytes": query.MOST_BYTES}, tmp_path, lambda *_: None)

    assert "SELECT over the tables data and train" in caught.value.expected
    assert {path.name for path in tmp_path.iterdir()} - {"result0.parquet"} == {"secret.csv", "train.parquet", "data0.parquet"}


@pytest.mark.parametrize(
    "fails",
    [
        "error((SELECT string_agg(color, '|') FROM data))",
        "CAST((SELECT string_agg(color, '|') FROM data) AS INTEGER)",
        "CAST(color || price AS INTEGER)",
    ],
)
def test_a_query_that_fails_on_test_rows_alone_tells_nothing_of_them(fails, tmp_path):
    CARS.filter(TRAIN).write_parquet(tmp_path / "train.parquet")
    for place, part in enumerate((CARS.filter(TRAIN), CARS.filter(~TRAIN))):
        part.write_parquet(tmp_path / f"data{place}.parquet")
    asked = {"parts": 2, "most_bytes": query.MOST_BYTES}
    on_test = f"SELECT CASE WHEN (SELECT count(*) FROM data) < 20 THEN {fails} ELSE 1 END AS price FROM data"

    with pytest.raises(Invalid, match="fails on the test rows") as caught:
        query.answer(asked | {"sql": on_test}, tmp_path, lambda *_: None)
    assert "red" not in str(caught.value) and "blue" not in str(caught.value) and "CAST(" not in str(caught.value)

    with pytest.raises(Invalid, match="cannot be carried out: .*(red|blue)"):  # training rows are no secret
        query.answer(asked | {"sql": on_test.replace("< 20", "> 20")}, tmp_path, lambda *_: None)


def test_classes_of_test_rows_alone_name_no_class(tmp_path):
    words = "CASE WHEN (SELECT count(*) FROM data) < 20 AND weight >= 20 THEN 'hidden ' || price ELSE color END"
    recipe = [{"step": "sql", "params": {"sql": f"SELECT weight, price, {words} AS color FROM data ORDER BY price DESC"}}]

    told = run.make(CARS, TRAIN, recipe, target="color", classes=("blue", "red"))

    assert told.frame["color"].unique().sort().to_list() == ["blue", "red"]
    assert told.frame.filter(~told.train)["weight"].to_list() == [16, 12, 8, 4, 0] and told.train.sum() == 30
    assert told.changes == [(0, 5, 0, 30)]


def test_what_the_database_says_late_is_told_in_its_words(tmp_path):
    frame = pl.DataFrame({"n": range(200_000)})
    for name in ("train", "data0"):
        frame.write_parquet(tmp_path / f"{name}.parquet")
    asked = {"sql": "SELECT CAST(if(n = 199000, 'x', '1') AS INT) AS n FROM data", "parts": 1, "most_bytes": query.MOST_BYTES}

    with pytest.raises(Invalid, match="Could not convert string 'x'"):
        query.answer(asked, tmp_path, lambda *_: None)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t) SELECT count(*) AS price FROM t", "longer than 3"),
        ("SELECT sum(a.r * b.r) AS price FROM range(1000000) a(r), range(1000000) b(r)", "longer than 3"),
        ("SELECT sleep_ms(100000) AS price FROM data", "longer than 3"),
        ("SELECT length(repeat('x', 2000000000)) AS price", "memory"),
        ("SELECT list(r) AS price FROM range(12500000000) t(r)", "memory"),
        ("SELECT string_agg(repeat('x', 100000000)) AS price FROM range(1000)", "memory"),
        ("SELECT r AS price FROM range(1000000) t(r)", "more than 100 rows"),
        ("SELECT " + ", ".join(f"{n} AS c{n}" for n in range(120)), "120 columns"),
    ],
)  # fmt: skip
def test_a_query_that_takes_too_much_ends_with_words(sql, told, monkeypatch):
    # Where not time but something else ends it, a busy machine may take its time.
    monkeypatch.setattr(query, "_SECONDS", 3.0 if told == "longer than 3" else 60.0)
    monkeypatch.setenv("MHUB_MAX_ROWS", "100")
    monkeypatch.setenv("MHUB_MAX_COLUMNS", "100")

    with pytest.raises(TooLarge, match=told):
        query.run(sql, CARS, [CARS])

    monkeypatch.setattr(query, "_SECONDS", 60.0)
    assert query.run("SELECT price FROM data", CARS, [CARS])[0].height == 40


@pytest.mark.parametrize(
    "columns",
    [
        ", ".join(f"{n} AS c{n}" for n in range(60)),
        ", ".join(f"NULL AS c{n}" for n in range(60)),
        ", ".join(f"weight > {n} AS c{n}" for n in range(60)),
        "repeat('x', 2000) AS much",
    ],
    ids=["numbers", "nothing", "truth", "text"],
)
def test_a_result_is_measured_by_the_memory_that_it_takes_before_anybody_reads_it(columns, tmp_path):
    for name in ("train", "data0"):
        CARS.write_parquet(tmp_path / f"{name}.parquet")
    asked = {"sql": f"SELECT price, {columns} FROM data, range(1000)", "parts": 1, "most_bytes": 10_000_000}

    with pytest.raises(TooLarge, match=r"The result of the query takes more memory .* At most 10 MB"):
        query.answer(asked, tmp_path, lambda *_: None)

    query.answer(asked | {"sql": f"SELECT price, {columns} FROM data"}, tmp_path, lambda *_: None)
    written = sum(path.stat().st_size for path in tmp_path.glob("result*"))
    assert written < 1_000_000 and pl.read_parquet(tmp_path / "result0.parquet").height == 40
