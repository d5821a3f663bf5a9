"""How quickly runs are found, beside MLflow's search of as many: `python -m bench.mlflow_search --mlflow PATH [--rows 100000]`.

`--mlflow` is the Python of an environment with MLflow, which is no dependency of the hub: `python3.11 -m venv E` and
`E/bin/pip install mlflow`. Both have a SQLite file with as many finished runs, each with two scores and three settings, filled by
the database itself, and both are asked in their core, without HTTP: `runs.find_service.find` and `leaderboards.service.board`,
and `SqlAlchemyStore.search_runs`, 50 runs a page. One after the other in the same run, the smallest of some tries, milliseconds
of processor. MLflow's search knows no access, and is asked without any; the hub is asked as a person, who may see half of the
models.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

from bench.lists import RUN_SPEC, database, milliseconds
from mhub_core.leaderboards import service as leaderboards
from mhub_core.runs import find_service
from mhub_core.runs.found import RunQuery
from tests import many_rows

FACTOR, GOAL = 10.0, 50.0  # so many times quicker, and milliseconds of the hub
# What is asked: a name, the hub's query, and MLflow's filter, order and number of pages.
ASKED: tuple[tuple[str, RunQuery, dict[str, Any]], ...] = (
    ("newest", RunQuery(), {"order_by": ["attributes.start_time DESC"]}),
    ("by a score", RunQuery(sort="score:accuracy"), {"order_by": ["metrics.accuracy DESC"]}),
    ("by a score, page 100", RunQuery(sort="score:accuracy", offset=4950), {"order_by": ["metrics.accuracy DESC"], "page": 100}),
    ("by a setting", RunQuery(sort="setting:learning_rate"), {"order_by": ["params.learning_rate DESC"]}),
    (
        "of a model, by a score",
        RunQuery(model_id=many_rows.BUSY_MODEL, sort="score:accuracy"),
        {"filter_string": "tags.model = '2'", "order_by": ["metrics.accuracy DESC"]},
    ),
    ("a word in the name", RunQuery(text="rate 31"), {"filter_string": "attributes.run_name LIKE '%rate 31%'"}),
    ("failed ones, of which none", RunQuery(states=("failed",)), {"filter_string": "attributes.status = 'FAILED'"}),
)

# Runs with MLflow's own Python: fills a file where there is none, else answers what is asked as JSON.
_OF_MLFLOW = r"""
import base64, json, os, sys, time
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from mlflow.entities import ViewType
from sqlalchemy import text
folder, rows, tries, asked = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), json.loads(sys.argv[4])
is_new = not os.path.exists(f"{folder}/mlflow.sqlite")
store = SqlAlchemyStore(f"sqlite:///{folder}/mlflow.sqlite", folder)
numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
run = "printf('%032x', i)"
settings = "(SELECT 'learning_rate' AS name, 10000 AS many UNION SELECT 'epochs', 3 UNION SELECT 'seed', 1000003) AS names"
with store.ManagedSessionMaker() as session:
    for statement in () if not is_new else (
        f"INSERT INTO runs (run_uuid, name, user_id, status, start_time, end_time, lifecycle_stage, artifact_uri, experiment_id)"
        f" {numbers} SELECT {run}, 'rate ' || (i * 31 % 1000), 'p' || (i % 1000), 'FINISHED', 1767225600000 + i * 1000,"
        f" 1767225600000 + i * 1000, 'active', '', 0 FROM n",
        f"INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) {numbers}"
        f" SELECT names.name, (i * 7919 % {rows}) * 1.0 / {rows}, 0, 0, 0, {run} FROM n"
        f" CROSS JOIN (SELECT 'accuracy' AS name UNION SELECT 'loss') AS names",
        f"INSERT INTO params (key, value, run_uuid) {numbers}"
        f" SELECT names.name, (i * 7919 % names.many) / 10000.0, {run} FROM n CROSS JOIN {settings}",
        f"INSERT INTO tags (key, value, run_uuid) {numbers}"
        f" SELECT 'model', CASE i % 10 WHEN 0 THEN 2 ELSE i END, {run} FROM n",
        f"INSERT INTO tags (key, value, run_uuid) {numbers} SELECT 'mlflow.runName', 'rate ' || (i * 31 % 1000), {run} FROM n",
        "ANALYZE",
    ):
        session.execute(text(statement))
if not is_new:
    offset = (asked.pop("page", 1) - 1) * 50
    token = base64.b64encode(json.dumps({"offset": offset}).encode()).decode() if offset else None
    asked = {"filter_string": "", **asked, "max_results": 50, "page_token": token, "run_view_type": ViewType.ACTIVE_ONLY}
    taken, found = [], []
    for _ in range(tries):
        began = time.process_time()
        found = store.search_runs(["0"], **asked)
        taken.append(time.process_time() - began)
        if sum(taken) > 10:
            break
    print(json.dumps([min(taken) * 1000, len(found)]), flush=True)
"""
TRIES = 5
PATIENCE = 60.0  # seconds for one question


def of_mlflow(python: str, folder: str, rows: int, asked: dict[str, Any]) -> tuple[float, str]:
    """Return how long MLflow takes to find runs, in milliseconds, and how many it found; or how long it was waited for."""
    command = [python, "-c", _OF_MLFLOW, folder, str(rows), str(TRIES), json.dumps(asked)]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder, timeout=PATIENCE).stdout
    except subprocess.TimeoutExpired:
        return PATIENCE * 1000, "not within a minute"
    taken, number = json.loads(told) if told else (0.0, 0)
    return taken, str(number)


def verbs() -> dict[str, Callable[[], Any]]:
    """Return what the hub is asked, by name."""
    found = {name: lambda query=query: find_service.find(many_rows.PERSON, query).runs for name, query, _ in ASKED}
    return {**found, "leaderboard": lambda: leaderboards.board(many_rows.PERSON, 1).rows}


def main() -> None:
    """Read the command line, fill both, ask both in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mlflow", required=True, metavar="PATH", help="the Python of an environment with MLflow")
    parser.add_argument("--rows", type=int, default=100_000, help="of runs")
    options = parser.parse_args()
    missed = []
    with database(None), tempfile.TemporaryDirectory(prefix="bench-mlflow-") as folder:
        from db import migrate

        migrate.upgrade()
        many_rows.fill(options.rows, RUN_SPEC)
        of_mlflow(options.mlflow, folder, options.rows, {})  # fills
        print(f"SQLite, {options.rows:,} runs. Milliseconds of processor: the hub, MLflow, how many times quicker.")
        theirs = {name: asked for name, _, asked in ASKED} | {"leaderboard": {"order_by": ["metrics.accuracy DESC"]}}
        for name, verb in verbs().items():
            other, number = of_mlflow(options.mlflow, folder, options.rows, theirs[name])
            ours, mine = milliseconds(verb), len(verb())
            print(f"  {name:28} {ours:7.1f} {other:9.1f} {other / ours:7.0f}   runs on the page: {mine}, {number}", flush=True)
            if ours > GOAL or other < FACTOR * ours:
                missed.append(name)
    print(f"{'missed: ' + '; '.join(missed) if missed else 'met'}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
