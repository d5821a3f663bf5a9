"""What a person takes along: everything of theirs, nothing of anybody else's, a piece at a time."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from sqlalchemy import update
from starlette.applications import Starlette
from starlette.testclient import TestClient

from db.engine import writing
from db.tables.models import ModelVersionRow
from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import SESSION_COOKIE, User
from mhub_core.comments import service as comments
from mhub_core.errors import MHubError, Unavailable
from mhub_core.people import export_service
from mhub_core.runs import worker_service
from mhub_core.server import zip_stream
from mhub_core.server.answers import answer_error
from mhub_core.server.app import ROUTES
from mhub_core.storage import service as storage
from tests import factories

LARGE = 5_000_000


@pytest.fixture
def ada(hub) -> User:
    """Ada has a model with weights, a dataset and a finished run; Bob has the same, and shares nothing."""
    for name in ("bob", "ada"):
        person = factories.person(name)
        version, data = (
            factories.model(person, "private", f"Net of {name}"),
            factories.dataset(person, "private", f"Data of {name}"),
        )
        run_id = factories.run_row(person, version, data, name="=first")
        worker_service.claim("w")
        worker_service.record(run_id, 1, [(1, {"loss": 0.5}), (2, {"loss": 0.25, "val_loss": 0.5})], ["Epochs go by."])
        factories.finish_run(run_id, {"accuracy": 0.75})
        comments.write(person, "run", run_id, f"Well done, {name}.")
        key = storage.put_bytes(name.encode() * (LARGE // len(name)))
        with writing() as session:
            session.execute(update(ModelVersionRow).where(ModelVersionRow.id == version).values(model_key=key))
    return person


def test_everything_of_a_person_is_in_the_archive_and_nothing_of_others(ada: User) -> None:
    client = TestClient(Starlette(routes=ROUTES, exception_handlers={MHubError: answer_error}), base_url="http://hub.example")
    assert client.get("/api/account/archive").status_code == 401
    client.cookies.set(SESSION_COOKIE, accounts.redeem_ticket(accounts.issue_ticket(ada.id), "test"))

    answer = client.get("/api/account/archive")

    with zipfile.ZipFile(io.BytesIO(answer.content)) as found:
        names, texts = found.namelist(), {name: found.read(name) for name in found.namelist()}
    assert found.testzip is not None and b"bob" not in b"".join(texts.values()).lower()
    assert json.loads(texts["account.json"])["email"] == "ada@example.org"
    assert [one["text"] for one in json.loads(texts["comments.json"])] == ["Well done, ada."]
    assert len(texts["models/2-net-of-ada/version-1.keras"]) == LARGE // 3 * 3
    assert json.loads(texts["models/2-net-of-ada/version-1.json"])["graph"]["nodes"]
    assert {"datasets/2-data-of-ada/version-1/x.npy", "datasets/2-data-of-ada/version-1/split.npy"} <= set(names)
    assert texts["runs/2/curves.csv"].decode().split() == ["epoch,loss,val_loss", "1,0.5,", "2,0.25,0.5"]
    run = json.loads(texts["runs/2/run.json"])
    assert (run["name"], run["scores"], "Epochs go by." in texts["runs/2/log.txt"].decode()) == (
        "=first",
        {"accuracy": 0.75},
        True,
    )
    assert (
        b"hash" not in texts["account.json"] and client.get("/api/account/archive").status_code == 200
    )  # the place is free again


def test_the_archive_comes_in_small_pieces_and_says_what_is_missing(ada: User) -> None:
    with writing() as session:
        lost = session.get_one(ModelVersionRow, 1).model_key
        session.execute(update(ModelVersionRow).where(ModelVersionRow.model_id == 2).values(model_key=lost))
    storage.delete(lost)

    sent = list(zip_stream.pieces(export_service.files(ada)))

    assert max(map(len, sent)) < 2_000_000
    with zipfile.ZipFile(io.BytesIO(b"".join(sent))) as found:
        assert "version-1.keras" in found.read("missing.txt").decode()


def test_what_breaks_off_says_so() -> None:
    def broken():  # noqa: ANN202
        yield "account.json", b"{}"
        raise Unavailable("The database did not answer.")

    with zipfile.ZipFile(io.BytesIO(b"".join(zip_stream.pieces(broken())))) as found:
        assert found.namelist() == ["account.json", "not-complete.txt"]
