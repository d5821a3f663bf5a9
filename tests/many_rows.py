"""A hub full of rows, written by the database itself: for what must stay quick when there are many. SQLite and PostgreSQL."""

from __future__ import annotations

import json

from sqlalchemy import text
from sqlalchemy.orm import Session

from db.engine import writing
from mhub_core.accounts.records import User

NUM_PEOPLE = 1000
BUSY_MODEL = 2  # public, and trained over and over: every tenth run is one more of it
PERSON = User(8, "p8@example.org", "Person 8", False)
SPEC = {
    "kind": "table",
    "task": "classification",
    "num_rows": 150,
    "target": {"name": "species", "classes": [f"class {number}" for number in range(10)]},
    "input": {"shape": [20], "columns": [{"name": f"column {number}", "kind": "number"} for number in range(20)]},
}
# Every second model and every tenth dataset is private; the newest rows have the greatest numbers. {at}: i seconds after a day.
# Every tenth run is of the busy model. Those that trained on private data did it on data of their own, all others on dataset 1.
# Every second comment is on the busy model, and every fifth of these is a reply.
ROWS = (
    "INSERT INTO users (id, email, name, is_admin, created) {n}"
    " SELECT i, 'p' || i || '@example.org', 'Person ' || i, false, {at} FROM n WHERE i <= {people}",
    "INSERT INTO models (id, owner_id, name, description, visibility, draft_revision, draft_step, created, updated) {n}"
    " SELECT i, i % {people} + 1, 'Net ' || i, 'Words', CASE i % 2 WHEN 0 THEN 'public' ELSE 'private' END, 0, 0, {at}, {at}"
    " FROM n",
    "INSERT INTO datasets (id, owner_id, name, description, licence, source, visibility, created) {n}"
    " SELECT i, i % {people} + 1, 'Data ' || i, '', '', '', CASE i % 10 WHEN 9 THEN 'private' ELSE 'public' END, {at} FROM n",
    "INSERT INTO dataset_versions (id, dataset_id, number, state, request, progress, spec, created) {n}"
    " SELECT i, i, 1, 'ready', '{{}}', '{{}}', '{spec}', {at} FROM n",
    "INSERT INTO model_versions (id, model_id, number, graph, note, created) {n} SELECT i, i, 1, '{{}}', '', {at} FROM n",
    "INSERT INTO runs (id, owner_id, model_id, model_visibility, model_version_id, dataset_id, dataset_visibility,"
    " dataset_version_id, submission_key, name, state, spec, attempt,"
    " deaths, stop_requested, epoch, epochs, queued, started, finished, train_seconds, num_parameters) {n}"
    " SELECT i, i % {people} + 1, CASE i % 10 WHEN 0 THEN {busy} ELSE i END, CASE i % 2 WHEN 0 THEN 'public' ELSE 'private' END,"
    " i, {data}, CASE i % 10 WHEN 9 THEN 'private' ELSE 'public' END, {data}, 'many-' || i, 'rate ' || (i * 31 % 1000),"
    " 'finished', '{run}', 1, 0, false,"
    " 5, 5, {at}, {at}, {at}, i * 37 % 1000 / 10.0, i * 41 % 5000 FROM n",
    "INSERT INTO model_versions (id, model_id, number, run_id, graph, model_key, note, created) {n}"
    " SELECT {num} + i, model_id, i + 1, i, '{{}}', 'key', '', {at} FROM n JOIN runs ON runs.id = i",
    "INSERT INTO run_scores (run_id, name, dataset_version_id, model_id, visibility, dataset_visibility, value) {n}"
    " SELECT i, names.name, {data}, model_id, model_visibility, dataset_visibility, (i * 7919 % {num}) * 1.0 / {num}"
    " FROM n JOIN runs ON runs.id = i"
    " CROSS JOIN (SELECT 'accuracy' AS name UNION SELECT 'loss') AS names",
    "INSERT INTO line_scores (run_id, name, dataset_version_id, model_id, owner_id, num_parameters, visibility,"
    " dataset_visibility, value, num_runs) SELECT run_id, s.name, s.dataset_version_id, s.model_id, owner_id, num_parameters,"
    " visibility, s.dataset_visibility, value, 1 FROM run_scores s JOIN runs ON runs.id = run_id WHERE line_id IS NULL",
    "INSERT INTO run_settings (run_id, name, model_visibility, dataset_visibility, number) {n}"
    " SELECT i, names.name, model_visibility, dataset_visibility, (i * 7919 % names.many) / 10000.0"
    " FROM n JOIN runs ON runs.id = i"
    " CROSS JOIN (SELECT 'learning_rate' AS name, 10000 AS many UNION SELECT 'epochs', 3 UNION SELECT 'seed', 1000003) AS names",
    "INSERT INTO run_tags (run_id, tag) {n} SELECT i, 'tag ' || (i % 1000) FROM n",
    # A project for each ten models, each with a member and some models; some models are shared with a person.
    "INSERT INTO projects (id, owner_id, name, description, visibility, join_level, is_open, created, updated) {n}"
    " SELECT i, (i + 1) % {people} + 1, 'Project ' || i, '', CASE i % 10 WHEN 0 THEN 'public' ELSE 'private' END, 'edit', false,"
    " {at}, {at} FROM n WHERE i <= {projects}",
    "INSERT INTO grants (thing_kind, thing_id, person_id, level, created) {n}"
    " SELECT 'project', i, i % {people} + 1, 'edit', {at} FROM n WHERE i <= {projects}",
    "INSERT INTO grants (thing_kind, thing_id, project_id, level, created) {n}"
    " SELECT 'model', i, (i / 3) % {projects} + 1, 'read', {at} FROM n WHERE i % 3 = 1",
    "INSERT INTO grants (thing_kind, thing_id, person_id, level, created) {n}"
    " SELECT 'model', i, i * 7 % {people} + 1, 'read', {at} FROM n WHERE i % 10 = 1",
    "INSERT INTO comments (id, thing_kind, thing_id, parent_id, author_id, text, created) {n}"
    " SELECT i, CASE i % 4 WHEN 3 THEN 'run' ELSE 'model' END, CASE i % 2 WHEN 0 THEN {busy} ELSE i END,"
    " CASE WHEN i % 10 = 6 THEN i - 2 END, i % {people} + 1, 'Words', {at} FROM n",
    "INSERT INTO notices (id, person_id, kind, thing_kind, thing_id, words, created, read_at) {n}"
    " SELECT i, i % {people} + 1, 'comment', 'model', {busy}, 'Words', {at}, CASE WHEN i % 3 > 0 THEN {at} END FROM n",
)
COUNTED = ("users", "models", "datasets", "dataset_versions", "model_versions", "runs", "projects", "comments", "notices")


def fill(num: int, run_spec: str = "{}") -> None:
    """Put `num` models, datasets and runs into an empty database; a version for each model and for each run.

    `run_spec`: JSON that each run keeps as its spec.
    """
    with writing() as session:
        postgres = session.get_bind().dialect.name == "postgresql"
        at = "timestamp '2026-01-01' + i * interval '1 second'" if postgres else "datetime('2026-01-01', '+' || i || ' seconds')"
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {num})"
        given = {
            "n": numbers,
            "at": at,
            "people": NUM_PEOPLE,
            "busy": BUSY_MODEL,
            "num": num,
            "projects": num // 10,
            "spec": json.dumps(SPEC),
        }
        given |= {"run": run_spec, "data": "CASE i % 10 WHEN 9 THEN i ELSE 1 END"}
        for statement in ROWS:
            session.connection().exec_driver_sql(statement.format(**given).replace("%", "%%" if postgres else "%"))
        if postgres:
            _count_on(session)
    if postgres:
        _look_at(num)


def _count_on(session: Session) -> None:
    """Let rows that come later have the numbers after these."""
    for table in COUNTED:
        session.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"))


def _look_at(num: int) -> None:
    """Do now what PostgreSQL does by itself a minute later: learn what the tables hold."""
    from db.engine import engine

    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
