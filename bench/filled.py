"""A hub with much in it, for the benches of pages: one real training, copied to as many finished runs as are asked for."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from mhub_core import settings
from mhub_core.accounts.records import User
from tests import factories
from tests.e2e.hub import Hub, started_hub
from tests.services import wait_until

PATIENCE = 180.0  # seconds
SCORES = ("accuracy", "f1", "precision", "recall", "loss")


@dataclass(frozen=True)
class Filled:
    """A running hub. `pages`: what each page's address carries; `tokens`: sessions of people who are signed in."""

    hub: Hub
    pages: dict[str, str]
    tokens: list[str]

    def processes(self, name: str) -> list[int]:
        """Return the ids of the hub's processes whose name begins so: `web`, `quick`, `train`."""
        children = json.loads((self.hub.home / "hub.json").read_text())["children"]
        return [child["pid"] for child in children if child["name"].startswith(name)]


@contextmanager
def filled_hub(folder: Path, num_runs: int, num_people: int, *options: str) -> Iterator[Filled]:
    """Start a hub in a folder, train once, and put that many finished runs beside it."""
    for name in ("DATABASE_URL", "REDIS_URL", "STORAGE_URL"):
        os.environ.pop(name, None)
    os.environ["MHUB_HOME"] = str(folder / "home")
    limits = {"MHUB_MAX_TABS_PER_ADDRESS": "2000", "MHUB_MAX_TABS": "2000"}  # all clients come from this machine
    with started_hub(settings.home(), *options, **limits) as hub:
        people = [factories.person(f"person{number}") for number in range(num_people)]
        pages = {"Start": "", "Datasets": "", "Models": "", "Runs": "", "Help": "", "Account": "", **_train_once(people[0])}
        _copy_runs(int(pages["Run"].removeprefix("id=")), people, num_runs)
        yield Filled(hub, pages, _tokens(people))


def _tokens(people: list[User]) -> list[str]:
    from mhub_core.accounts import service as accounts

    return [accounts.redeem_ticket(accounts.issue_ticket(person.id), "bench") for person in people]


def _train_once(person: User) -> dict[str, str]:
    """Train a stock model on the irises. Returns the addresses of the pages that show something of it."""
    from mhub_core.datasets import service as datasets
    from mhub_core.graphs import stock
    from mhub_core.models import service as models
    from mhub_core.runs import service as runs

    wait_until(lambda: any(card.state == "ready" for card in datasets.list_datasets(None, "Iris")), PATIENCE)
    card = datasets.list_datasets(None, "Iris")[0]
    data = datasets.require_dataset(None, card.id).ready_version
    assert data is not None
    architecture = stock.list_stock(card.kind, card.task)[0]
    model_id = models.create(person, "Network 0", "", architecture.graph(), "public")
    version = models.require_model(person, model_id).versions[0].id
    run_id = runs.submit(person, version, data.id, {"epochs": 30}, "bench-the-first")
    wait_until(lambda: runs.require_run(person, run_id).state == "finished", PATIENCE)
    trained = f"model={model_id}"
    return {
        "Dataset": f"id={card.id}", "Model": f"id={model_id}", "Builder": trained, "Train": f"{trained}&dataset={card.id}",
        "Run": f"id={run_id}", "Predict": trained, "Leaderboard": f"dataset={card.id}",
    }  # fmt: skip


def _copy_runs(run_id: int, people: list[User], num_runs: int) -> None:
    """Put copies of a finished run beside it, over a model of each person, with scores of their own."""
    from db.engine import writing
    from db.tables.models import ModelRow
    from db.tables.runs import LineScoreRow, RunRow, RunScoreRow, RunSettingRow
    from mhub_core.models import service as models

    with writing() as session:
        first = session.get_one(RunRow, run_id)
        kept = {
            column.key: getattr(first, column.key) for column in RunRow.__table__.columns if column.key not in ("id", "seedless")
        }
        graph = first.spec["graph"]
    versions = []
    for number, person in enumerate(people[1:], start=1):
        model_id = models.create(person, f"Network {number}", "", graph, "public")
        versions.append((person.id, model_id, models.require_model(person, model_id).versions[0].id))
    chance = random.Random(1)
    with writing() as session:
        copies: list[dict[str, Any]] = []
        for number in range(num_runs):
            owner_id, model_id, version_id = versions[number % len(versions)]
            mine = {"owner_id": owner_id, "model_id": model_id, "model_version_id": version_id}
            when = kept["finished"] - timedelta(minutes=number)
            copies.append(
                {**kept, **mine, "submission_key": f"bench-copy-{number}", "finished": when, "trained_version_id": None}
            )
        session.execute(insert(RunRow), copies)
        ids = session.execute(select(RunRow.id, RunRow.model_id).where(RunRow.submission_key.like("bench-copy-%"))).all()
        scores = [
            {"run_id": one, "name": name, "dataset_version_id": kept["dataset_version_id"], "model_id": model_id,
             "visibility": "public", "dataset_visibility": "public", "value": chance.random()}
            for one, model_id in ids for name in SCORES
        ]  # fmt: skip
        session.execute(insert(RunScoreRow), scores)
        owners = dict(session.execute(select(RunRow.id, RunRow.owner_id)).all())
        lines = [
            {**one, "owner_id": owners[one["run_id"]], "num_parameters": kept["num_parameters"], "num_runs": 1} for one in scores
        ]
        session.execute(insert(LineScoreRow), lines)
        chosen = session.execute(select(RunSettingRow.name, RunSettingRow.number, RunSettingRow.text)).all()  # of the first run
        settings = [
            {"run_id": one, "name": name, "model_visibility": "public", "dataset_visibility": "public", "number": number,
             "text": words}
            for one, _ in ids for name, number, words in chosen
        ]  # fmt: skip
        session.execute(insert(RunSettingRow), settings)
        session.execute(update(ModelRow).values(visibility="public"))
