"""Rows for tests: people, a small real dataset, a small model, runs. Without the cost of passwords and of preparing files."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn import datasets as sklearn_datasets
from sqlalchemy import update

from db.engine import writing
from db.tables.accounts import UserRow
from db.tables.datasets import DatasetRow, DatasetVersionRow
from db.tables.runs import RunRow
from mhub_core.accounts.records import User
from mhub_core.data.records import Column, DataSpec
from mhub_core.data.splits import counts
from mhub_core.graphs import design, edit
from mhub_core.kinds.tables import encoding
from mhub_core.models import service as models
from mhub_core.runs import access_service, setting_service, watch_service, worker_service
from mhub_core.runs.records import Progress
from mhub_core.storage import service as storage
from mhub_core.tasks.registry import require_task
from mhub_core.training import plan as plans
from mhub_core.training.records import Outcome, RunSpec

_numbers = itertools.count(1)


def person(name: str, is_admin: bool = False) -> User:
    """Put a person into the database."""
    with writing() as session:
        row = UserRow(email=f"{name}@example.org", name=name.title(), is_admin=is_admin)
        session.add(row)
        session.flush()
        return User(row.id, row.email, row.name, row.is_admin)


def _blob(array: np.ndarray) -> str:
    file = io.BytesIO()
    np.save(file, array)
    return storage.put_bytes(file.getvalue())


def iris_spec() -> DataSpec:
    """The 150 irises as a ready dataset version says it; every fifth row is hidden."""
    iris = sklearn_datasets.load_iris()
    x = ((iris.data - iris.data.mean(0)) / iris.data.std(0)).astype(np.float32)
    split = (np.arange(len(x)) % 5 == 0).astype(np.uint8)
    return DataSpec(
        kind="table",
        task="classification",
        arrays={"x": _blob(x), "y": _blob(iris.target.astype(np.int32)), "split": _blob(split)},
        input={"shape": [4]},
        target={"name": "species", "classes": [str(name) for name in iris.target_names], "counts": [50, 50, 50]},
        **counts(split),
    )


def table_of_numbers(data: DataSpec, names: Sequence[str]) -> DataSpec:
    """Return a spec whose columns are plain numbers with these names, so that a model of it can be asked."""
    columns = tuple(Column(name, "number", mean=0.0, std=1.0) for name in names)
    given = {"shape": list(data.input_shape), "columns": [asdict(column) for column in columns], "encoder": encoding.fit(columns)}
    return replace(data, input=given)


def report_of(data: DataSpec, truth: np.ndarray, output: np.ndarray) -> dict[str, Any]:
    """What the hub would report of a model that gives `output` where `truth` is true."""
    scorer = require_task(data.task).scorer(data)
    scorer.add(truth, output)
    return scorer.report()


def dataset(owner: User | None = None, visibility: str = "public", name: str = "Iris", spec: DataSpec | None = None) -> int:
    """Put the irises into the database as a ready version, and return its id."""
    data = (spec or iris_spec()).to_json()
    with writing() as session:
        row = DatasetRow(owner_id=owner.id if owner else None, name=name, visibility=visibility)
        session.add(row)
        session.flush()
        version = DatasetVersionRow(dataset_id=row.id, state="ready", request={}, progress={}, spec=data, report={})
        session.add(version)
        session.flush()
        return version.id


def chain(*units: int, shape: tuple[int, ...] = (4,)) -> dict[str, Any]:
    """A design: an input and one Dense layer for each number."""
    graph, last = edit.add_node(design.empty(), "InputLayer", config={"shape": list(shape)})
    for number in units:
        graph, last = edit.add_node(graph, "Dense", config={"units": number}, after=last)
    return graph


def model(owner: User, visibility: str = "public", name: str = "Small net", graph: dict[str, Any] | None = None) -> int:
    """Make a model, and return the id of its first version."""
    model_id = models.create(owner, name, "", graph or chain(8, 3), visibility)
    return models.require_model(owner, model_id).versions[0].id


def run_row(owner: User, model_version_id: int, dataset_version_id: int, **columns: Any) -> int:
    """Put a run into the database as if it had been submitted, and return its id."""
    version = models.require_version(owner, model_version_id)
    plan = {**plans.defaults(iris_spec()), "epochs": 5}
    spec = RunSpec(graph=version.graph, plan=plan, data=iris_spec())
    given = {
        "owner_id": owner.id,
        "model_id": version.model_id,
        "model_version_id": version.id,
        "dataset_version_id": dataset_version_id,
        "submission_key": f"factory-{next(_numbers)}",
        "spec": spec.to_json(),
        "epochs": plan["epochs"],
        **columns,
    }
    with writing() as session:
        row = RunRow(**given)
        row.dataset_id = session.get_one(DatasetVersionRow, dataset_version_id).dataset_id
        row.model_visibility, row.dataset_visibility = access_service.visibilities(session, row.model_id, row.dataset_id)
        session.add(row)
        session.flush()
        setting_service.record(session, row)
        return row.id


def finish_run(run_id: int, scores: dict[str, float]) -> None:
    """End a waiting run with scores, as a worker would have."""
    with writing() as session:
        session.execute(update(RunRow).where(RunRow.id == run_id).values(state="running", attempt=1))
    outcome = Outcome("finished", Path("model.keras"), 67, 1.5, 5, {"task": "classification", "scores": scores}, scores)
    worker_service.finish(run_id, 1, outcome, "0" * 64)


def progress(viewer: User | None, run_id: int) -> Progress:
    """Return how a run goes at this moment, as its page asks for it."""
    watch_service.forget()
    return watch_service.watch_as(viewer, run_id).progress


def images_spec() -> DataSpec:
    """Ten gray images of 8 x 8 pixels in two classes, as a ready dataset version says it."""
    x, y = np.zeros((10, 8, 8, 1), np.uint8), (np.arange(10) % 2).astype(np.int32)
    split = (np.arange(10) % 5 == 0).astype(np.uint8)
    target = {"name": "class", "classes": ["dark", "darker"], "counts": [5, 5]}
    arrays = {"x": _blob(x), "y": _blob(y), "split": _blob(split)}
    return DataSpec("images", "classification", arrays, {"shape": [8, 8, 1]}, target, **counts(split))
