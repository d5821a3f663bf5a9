"""A version as files: who gets what, in which form, and that nothing of the hidden test leaves with the rest."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import polars as pl
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import SESSION_COOKIE
from mhub_core.datasets import service, version_service, worker_service
from mhub_core.errors import Forbidden, Invalid, MHubError
from mhub_core.server.answers import answer_error
from mhub_core.server.app import ROUTES
from mhub_core.sharing import service as sharing
from mhub_core.storage import service as storage
from tests import factories
from tests.datasets.conftest import animals, pack

pytestmark = pytest.mark.slow
WILD = "name,weight,=sum(a1),price\n" + "".join(
    f"{('=cmd()', '-5', ' plain', '＝x')[n % 4]},{n if n % 9 else ''},{n % 3},{20.5 + n}\n" for n in range(80)
)


def files(version_id: int, form: str, user=None) -> dict[str, bytes]:
    """Return what comes out of the zip that somebody downloads."""
    client = TestClient(Starlette(routes=ROUTES, exception_handlers={MHubError: answer_error}), base_url="http://hub.example")
    if user:
        client.cookies.set(SESSION_COOKIE, accounts.redeem_ticket(accounts.issue_ticket(user.id), "test"))
    answer = client.get(f"/api/datasets/versions/{version_id}/files?form={form}")
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_owner_gets_all_rows_and_others_those_for_training(make, anna, ben):
    version = make(WILD, visibility="public").versions[0]
    split = np.load(storage.local_path(version.spec.arrays["split"]))
    table = pl.read_parquet(storage.local_path(version.spec.arrays["parquet"]))

    own, others = files(version.id, "parquet", anna), files(version.id, "parquet", ben)

    assert pl.read_parquet(own["test.parquet"]).equals(table.filter(pl.Series(split == 1)))
    assert set(others) == {"data_card.md", "train.parquet"} and set(files(version.id, "csv")) == {"data_card.md", "train.csv"}
    assert pl.read_parquet(others["train.parquet"]).equals(table.filter(pl.Series(split == 0)))
    assert "the test split is left out" in others["data_card.md"].decode()


def test_no_cell_of_a_csv_is_a_formula(make, anna):
    text = files(make(WILD).versions[0].id, "csv", anna)["train.csv"].decode()

    assert text.splitlines()[0] == "name,weight,'=sum(a1),price"
    assert "'=cmd()" in text and "'＝x" in text and "\n=" not in text and "\n-5," in text and "'-5" not in text


def test_the_card_says_what_was_done_from_the_upload_on(make, anna):
    dataset = make(WILD)
    service.update(anna, dataset.id, "Cars | old", "What **it** is.", "CC0", "A shelf", "private")
    fill = {"step": "fill_missing", "params": {"columns": ["weight"], "how": "mean"}}
    made = version_service.process(anna, dataset.versions[0].id, [fill], "gaps")
    worker_service.prepare(made)

    card = files(made, "csv", anna)["data_card.md"].decode()

    for part in ("# Cars | old", "What **it** is.", "Licence: CC0", "Source: A shelf", "Version: 2", "Note: gaps", "## Columns"):
        assert part in card
    assert "Version 1: Uploaded data.csv" in card and "Version 2: Fill missing values of “weight” with the mean" in card


def test_the_card_tells_the_faults_that_people_know_beside_those_that_the_hub_noticed(make, anna):
    dataset = make(WILD)
    service.update(anna, dataset.id, "Cars", "", "", "", "private", "The scale was **broken** in May.")
    service.update(anna, dataset.id, "Cars", "", "CC0", "", "private")

    card = files(dataset.versions[0].id, "csv", anna)["data_card.md"].decode()

    assert "## Known faults\n\nThe scale was **broken** in May.\n" in card and "Licence: CC0" in card


def test_whoever_manages_it_opens_the_test_rows_for_everyone_or_for_nobody(make, anna, ben):
    version = make(WILD, visibility="public").versions[0]

    def get(test_rows: str) -> list[bool]:
        service.update(anna, version.dataset_id, "Mine", "", "", "", "public", test_rows=test_rows)
        return ["test.csv" in files(version.id, "csv", who) for who in (anna, ben, None)]

    assert (get("everyone"), get("nobody"), get("managers")) == ([True] * 3, [False] * 3, [True, False, False])
    with pytest.raises(Invalid, match="was not saved"):
        get("friends")


def test_who_may_only_edit_a_dataset_does_not_open_its_test_rows(make, anna, ben):
    dataset = make(WILD)
    sharing.grant(anna, "dataset", dataset.id, ben.id, "edit")

    service.update(ben, dataset.id, "Mine", "", "", "", "private", "Old.", "managers")
    with pytest.raises(Forbidden):
        service.update(ben, dataset.id, "Mine", "", "", "", "private", "Old.", "everyone")

    assert service.require_dataset(ben, dataset.id).faults == "Old."


def test_images_come_in_folders_of_their_classes(make_images, anna, ben):
    version = make_images(pack(animals()), visibility="public").versions[0]

    own, others = files(version.id, "images", anna), files(version.id, "images", ben)

    assert sum(name.endswith(".png") for name in own) == 12 and {name.split("/")[0] for name in others} == {
        "data_card.md",
        "train",
    }
    assert {tuple(name.split("/")[:2]) for name in others if "/" in name} == {("train", "cat"), ("train", "dog")}


def test_what_is_private_is_not_there_and_other_forms_are_refused(make):
    version = make(WILD).versions[0]
    client = TestClient(Starlette(routes=ROUTES, exception_handlers={MHubError: answer_error}), base_url="http://hub.example")
    assert client.get(f"/api/datasets/versions/{version.id}/files?form=csv").status_code == 404
    assert client.get("/api/datasets/versions/x/files").status_code == 404
    open_one = factories.dataset()
    assert client.get(f"/api/datasets/versions/{open_one}/files?form=images").status_code == 400
