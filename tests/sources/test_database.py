"""Rows of a query: what comes of PostgreSQL and SQLite, and what a query may not do."""

from __future__ import annotations

import datetime
import sqlite3

import polars as pl
import psycopg2
import pytest

from mhub_core.errors import Forbidden, Invalid, MHubError, TooLarge, Unavailable
from mhub_core.sources.database import Database
from mhub_core.sources.source import FILE
from tests.sources.conftest import limits


def fetch(url: str, query: str, to, password: str = "", **other) -> tuple[str, pl.DataFrame]:  # noqa: ANN001, ANN003
    asked = Database().check({"url": url, "password": password, "query": query})
    assert not asked.problems, asked.problems
    name = Database().fetch(asked.config, asked.secret, to, limits(**other), lambda *_: None)
    return name, pl.read_parquet(to / FILE)


@pytest.fixture
def cars(tmp_path):  # noqa: ANN201
    """A folder that the administrator opened, with a file of SQLite."""
    (tmp_path / "open").mkdir()
    with sqlite3.connect(tmp_path / "open" / "cars.sqlite") as file:
        file.execute("CREATE TABLE cars (id INTEGER, name TEXT, price REAL, odd)")
        rows = [(n, f"0{n}", n / 2, n if n < 2500 else "x") for n in range(3000)]
        file.executemany("INSERT INTO cars VALUES (?, ?, ?, ?)", rows)
    return str(tmp_path / "open")


def test_rows_of_sqlite_keep_their_types(cars, folder):
    name, rows = fetch("sqlite:///cars.sqlite", "SELECT id, name, price, id FROM cars;", folder, folder=cars)

    assert name == "cars.parquet" and rows.columns == ["id", "name", "price", "id_2"] and rows.height == 3000
    assert rows.dtypes == [pl.Int64, pl.String, pl.Float64, pl.Int64] and rows["name"][7] == "07"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("WITH a AS (SELECT 1) INSERT INTO cars SELECT 1, '', 1, 1", "not authorized|readonly|read-only"),
        ("SELECT * FROM cars WHERE name = load_extension('x')", "no such function|not authorized"),
        ("SELECT * FROM pragma_database_list", "not authorized|no such table"),
        ("SELECT odd FROM cars", "several types"),
        ("SELECT CASE WHEN id < 2500 THEN id ELSE id + 0.5 END AS late FROM cars", "CAST\\(late AS REAL\\)"),
        ("SELECT none FROM cars", "no such column"),
        ("SELECT * FROM cars WHERE id < 0", "gives no row"),
        ("SELECT zeroblob(5) AS b", "holds bytes"),
    ],
)
def test_what_a_query_to_sqlite_may_not_do_is_told(cars, folder, query, told):
    with pytest.raises(Invalid, match=told):
        fetch("sqlite:///cars.sqlite", query, folder, folder=cars)
    with sqlite3.connect(f"{cars}/cars.sqlite") as file:
        assert file.execute("SELECT count(*) FROM cars").fetchone() == (3000,)


def test_a_query_without_end_is_ended(cars, folder):
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(Unavailable, match="longer than 1 seconds"):
        fetch("sqlite:///cars.sqlite", endless, folder, folder=cars, seconds=1.0)
    many = endless.replace("count(*)", "x")
    with pytest.raises(TooLarge, match="10,000 rows"):
        fetch("sqlite:///cars.sqlite", many, folder, folder=cars)


@pytest.mark.parametrize("path", ["../secret.sqlite", "/etc/passwd", "link.sqlite"])
def test_a_file_outside_of_the_open_folder_is_refused(cars, folder, path):
    (folder / "secret.sqlite").write_bytes(b"")
    (folder / "open" / "link.sqlite").symlink_to(folder / "secret.sqlite")

    with pytest.raises(Forbidden, match="MHUB_SOURCE_FOLDER"):
        fetch(f"sqlite:///{path}", "SELECT 1", folder, folder=cars)
    with pytest.raises(Forbidden, match="MHUB_SOURCE_FOLDER"):
        fetch("sqlite:///cars.sqlite", "SELECT 1", folder)


WRONG = [
    ({"query": "DELETE FROM cars"}, {"query"}),
    ({"query": "SELECT 1; DROP TABLE cars"}, {"query"}),
    ({"query": "SELECT ';'"}, {"query"}),
    ({"query": ""}, {"query"}),
    ({"url": "mysql://u@h/d"}, {"url"}),
    ({"url": "postgresql://h"}, {"url"}),
    ({"url": "postgresql://u@h/d?host=/var/run"}, {"url"}),
    ({"url": "postgresql://u@h/d?service=x&passfile=/etc/x"}, {"url"}),
    ({"url": "postgresql://u@h,127.0.0.1/d"}, {"url"}),
    ({"url": "postgresql://u@h/d?sslmode=no"}, {"url"}),
    ({"url": "sqlite://"}, {"url"}),
    ({"url": "sqlite:///a.sqlite?mode=rw"}, {"url"}),
    ({"url": "hello"}, {"url"}),
]


@pytest.mark.parametrize(("given", "fields"), WRONG)
def test_wrong_fields_are_told_beside_them(given, fields):
    assert Database().check({"url": "postgresql://u@h/d", "query": "SELECT 1", **given}).problems.keys() == fields


def test_a_password_in_the_address_becomes_part_of_the_secret():
    asked = Database().check({"url": "postgres://u:hid%40den@db.example.org/cars", "query": "SELECT 1"})

    assert asked.secret == {"password": "hid@den"} and asked.config["url"] == "postgresql://u@db.example.org/cars"
    assert Database().words(asked.config) == "Query to the database cars at db.example.org"
    assert Database().public_words(asked.config) == "A database"


@pytest.mark.parametrize("password", ["hid@den", "hid@den/text", "hid@den:5/text", "@@hidden", "hid@den?text", "hid@den/x?text"])
def test_a_password_with_an_at_sign_is_refused_before_part_of_it_is_taken_for_the_server(password):
    asked = Database().check({"url": f"postgresql://u:{password}@db.example.org/cars", "query": "SELECT 1"})

    assert "%40" in asked.problems["url"] and asked.config["url"] == ""
    assert not any(part in repr(asked.problems) for part in ("hid", "den", "text"))


@pytest.fixture(scope="module")
def server(postgres):  # noqa: ANN001, ANN201
    """A PostgreSQL server with a table."""
    with psycopg2.connect(f"{postgres}/postgres") as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS source_cars")
        cursor.execute(
            "CREATE TABLE source_cars AS SELECT n AS id, '0' || n AS zip, n / 2.0 AS price, n % 2 = 0 AS sold, DATE '2024-01-31' "
            "AS day, TIMESTAMPTZ '2024-01-31 12:00:00+02' AS moment, NULL::int AS nothing, ARRAY[n] AS list, '{}'::jsonb AS j "
            "FROM generate_series(1, 5000) AS n"
        )
    return f"{postgres}/postgres"


@pytest.mark.slow
@pytest.mark.xdist_group("source_postgres")
class TestPostgres:
    """Needs a server."""

    def test_rows_keep_the_types_of_the_database(self, server, folder):
        name, rows = fetch(server, "SELECT * FROM source_cars ORDER BY id", folder)

        first = rows.row(0, named=True)
        assert name == "postgres.parquet" and rows.height == 5000
        assert first | {"list": "[1]"} == {
            "id": 1,
            "zip": "01",
            "price": 0.5,
            "sold": False,
            "day": datetime.date(2024, 1, 31),
            "moment": datetime.datetime(2024, 1, 31, 10),
            "nothing": None,
            "list": "[1]",
            "j": "{}",
        }
        assert rows["nothing"].dtype == pl.Int64

    @pytest.mark.parametrize(
        ("query", "error", "told"),
        [
            ("WITH d AS (DELETE FROM source_cars RETURNING 1) SELECT * FROM d", Invalid, "data-modifying"),
            ("SELECT nextval('none')", Invalid, "does not exist"),
            ("SELECT set_config('transaction_read_only', 'off', false)", Invalid, "read-write mode"),
            ("SELECT lo_create(5)", Invalid, "read-only transaction"),
            ("SELECT pg_sleep(60)", Unavailable, "longer than 1 seconds"),
            ("SELECT count(*) FROM generate_series(1, 10000000000)", Unavailable, "longer than 1 seconds"),
            ("SELECT * FROM generate_series(1, 100000)", TooLarge, "10,000 rows"),
            ("SELECT 1 FROM nothing", Invalid, "does not exist"),
            ("SELECT 1 AS a WHERE false", Invalid, "gives no row"),
            ("SELECT '\\x00'::bytea AS b", Invalid, "holds bytes"),
        ],
    )
    def test_what_a_query_may_not_do_is_told(self, server, folder, query, error, told):
        with pytest.raises(error, match=told):
            fetch(server, query, folder, seconds=1.0)
        assert fetch(server, "SELECT count(*) AS n FROM source_cars", folder)[1]["n"][0] == 5000

    def test_a_server_of_the_inside_is_refused_and_an_error_holds_no_password(self, server, folder):
        with pytest.raises(Forbidden, match="not public"):
            fetch(server, "SELECT 1", folder, networks=())
        with pytest.raises(MHubError) as caught:
            fetch(server.replace("/postgres", "/hidden-word"), "SELECT 1", folder, "hidden-word")
        assert "hidden" not in str(caught.value)
