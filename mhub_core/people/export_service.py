"""Everything that is a person's, as files: for the archive that they download. Nothing of other people's is in it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select

from db.engine import reading
from db.tables.accounts import UserRow
from db.tables.comments import CommentRow
from db.tables.datasets import DatasetRow, DatasetVersionRow
from db.tables.models import BlockRow, ModelRow, ModelVersionRow
from db.tables.projects import ProjectRow
from db.tables.runs import RunLogRow, RunRow, RunScoreRow, RunTagRow
from db.tables.sharing import GrantRow
from mhub_core.accounts.records import User
from mhub_core.errors import NotFound
from mhub_core.models.records import KERAS
from mhub_core.runs import course_service
from mhub_core.sharing import policy
from mhub_core.sharing.texts import file_stem
from mhub_core.storage import service as storage
from mhub_core.training.learners.registry import LEARNERS

Content = bytes | Path
File = tuple[str, Content]
_MOST_POINTS = 1_000_000  # of a curve: all of it
_ACCOUNT = (UserRow.id, UserRow.email, UserRow.name, UserRow.about, UserRow.is_admin, UserRow.quota_mb, UserRow.created)


def files(user: User | None) -> Iterator[File]:
    """Give the name and the content of each file, one after the other; nothing is held but the one that is given.

    What the file store has lost is named in the last one, `missing.txt`. Raises SignInRequired, and Unavailable on the way.
    """
    return _files(policy.require_signed_in(user))


def _files(person: User) -> Iterator[File]:
    missing: list[str] = []
    yield from _account(person)
    for part in (_models, _datasets, _runs):
        for name, found in part(person):
            if isinstance(found, str):  # the key of a blob
                try:
                    yield name, storage.local_path(found)
                except NotFound:
                    missing.append(name)
            else:
                yield name, found
    if missing:
        yield "missing.txt", "\n".join(["The file store has lost these files:", *missing, ""]).encode()


def _account(person: User) -> Iterator[File]:
    given = select(GrantRow.thing_kind, GrantRow.thing_id, GrantRow.level, GrantRow.created).where(
        GrantRow.person_id == person.id
    )
    with reading() as session:
        account = _plain(session.execute(select(*_ACCOUNT).where(UserRow.id == person.id)).one())
        account["shared_with_me"] = [_plain(row) for row in session.execute(given)]
        picture = session.scalar(select(UserRow.picture_key).where(UserRow.id == person.id))
        projects = [_plain(row) for row in session.execute(select(*_all(ProjectRow)).where(ProjectRow.owner_id == person.id))]
        blocks = [_plain(row) for row in session.execute(select(*_all(BlockRow)).where(BlockRow.owner_id == person.id))]
        comments = [_plain(row) for row in session.execute(select(*_all(CommentRow)).where(CommentRow.author_id == person.id))]
    yield "account.json", _json(account)
    if comments:
        yield "comments.json", _json(comments)
    if projects:
        yield "projects.json", _json(projects)
    if blocks:
        yield "blocks.json", _json(blocks)
    if picture:
        with suppress(NotFound):
            yield "image.png", storage.local_path(picture)


def _models(person: User) -> Iterator[tuple[str, bytes | str]]:
    for model_id in _ids(select(ModelRow.id).where(ModelRow.owner_id == person.id)):
        model = _one(select(*_all(ModelRow)).where(ModelRow.id == model_id))
        if model is None:  # deleted meanwhile
            continue
        folder = f"models/{model_id}-{file_stem(model['name'])}"
        yield f"{folder}/model.json", _json(model)
        for version_id in _ids(select(ModelVersionRow.id).where(ModelVersionRow.model_id == model_id)):
            version = _one(select(*_all(ModelVersionRow)).where(ModelVersionRow.id == version_id))
            if version is None:
                continue
            yield f"{folder}/version-{version['number']}.json", _json(version)
            if version["model_key"]:
                learner = LEARNERS.get(version["kind"] or KERAS)
                yield f"{folder}/version-{version['number']}{learner.file_ending if learner else '.bin'}", version["model_key"]


def _datasets(person: User) -> Iterator[tuple[str, bytes | str]]:
    for dataset_id in _ids(select(DatasetRow.id).where(DatasetRow.owner_id == person.id)):
        dataset = _one(select(*_all(DatasetRow)).where(DatasetRow.id == dataset_id))
        if dataset is None:
            continue
        folder = f"datasets/{dataset_id}-{file_stem(dataset['name'])}"
        yield f"{folder}/dataset.json", _json(dataset)
        for version_id in _ids(select(DatasetVersionRow.id).where(DatasetVersionRow.dataset_id == dataset_id)):
            version = _one(select(*_all(DatasetVersionRow)).where(DatasetVersionRow.id == version_id))
            if version is None:
                continue
            place = f"{folder}/version-{version['number']}"
            yield f"{place}/version.json", _json(version)
            if upload := version["request"].get("upload_key"):
                yield f"{place}/uploaded-{_file_name(version['request'].get('file_name', 'file'))}", upload
            for name, key in _arrays(version["spec"] or {}).items():
                yield f"{place}/{file_stem(name)}{'.parquet' if name.endswith('parquet') else '.npy'}", key


def _arrays(spec: dict[str, Any]) -> dict[str, str]:
    """Return the blobs that a prepared version consists of, by name, also those of release 0.1."""
    older = {"x": "x_key", "y": "y_key", "split": "split_key", "parquet": "table_key"}
    return spec.get("arrays") or {name: spec[field] for name, field in older.items() if spec.get(field)}


def _runs(person: User) -> Iterator[tuple[str, bytes | str]]:
    for run_id in _ids(select(RunRow.id).where(RunRow.owner_id == person.id)):
        run = _one(select(*_all(RunRow)).where(RunRow.id == run_id))
        if run is None:
            continue
        with reading() as session:
            scores = select(RunScoreRow.name, RunScoreRow.value).where(RunScoreRow.run_id == run_id)
            run["scores"] = dict(session.execute(scores).tuples().all())
            run["tags"] = list(session.scalars(select(RunTagRow.tag).where(RunTagRow.run_id == run_id)))
            log = session.execute(select(RunLogRow.at, RunLogRow.words).where(RunLogRow.run_id == run_id).order_by(RunLogRow.id))
            lines = [f"{at:%Y-%m-%d %H:%M:%S} {words}" for at, words in log]
            curves = course_service.points_of(session, [run_id], _MOST_POINTS)[run_id]
        yield f"runs/{run_id}/run.json", _json(run)
        yield f"runs/{run_id}/log.txt", "\n".join([*lines, ""]).encode()
        if curves:
            yield f"runs/{run_id}/curves.csv", _csv(curves)


def _csv(curves: dict[str, list[tuple[int, float]]]) -> bytes:
    """Return curves as columns beside the epoch."""
    names = sorted(curves)
    rows: dict[int, dict[str, float]] = {}
    for name in names:
        for epoch, value in curves[name]:
            rows.setdefault(epoch, {})[name] = value
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["epoch", *names])
    writer.writerows([epoch, *(rows[epoch].get(name, "") for name in names)] for epoch in sorted(rows))
    return file.getvalue().encode()


def _ids(query: Select[int]) -> list[int]:
    with reading() as session:
        return list(session.scalars(query.order_by(query.selected_columns[0])))


def _one(query: Select[Any]) -> dict[str, Any] | None:
    with reading() as session:
        row = session.execute(query).one_or_none()
        return _plain(row) if row is not None else None


def _all(row: Any) -> Iterable[Any]:
    return tuple(row.__table__.columns)


def _plain(row: Any) -> dict[str, Any]:
    return dict(row._mapping)


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False, default=_text).encode("utf-8", "replace")


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _file_name(name: str) -> str:
    """Return the name of an uploaded file with its ending, and nothing that could be a path."""
    stem, dot, ending = name.rpartition(".")
    return f"{file_stem(stem)}.{file_stem(ending)}" if dot else file_stem(name)
