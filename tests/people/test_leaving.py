"""A person leaves: what is handed over, what stays, what goes, and who cannot."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from db.engine import reading, writing
from db.tables.accounts import UserRow
from db.tables.all import Base
from db.tables.datasets import DatasetRow
from db.tables.models import BlockRow, ModelRow
from db.tables.runs import LineScoreRow, RunRow
from db.tables.sharing import GrantRow
from mhub_core.accounts import passwords
from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import User
from mhub_core.errors import Conflict, Invalid, NotFound, SignInRequired
from mhub_core.finding import service as finding
from mhub_core.people import leaving_service as leaving
from mhub_core.people import profile_service as profiles
from mhub_core.projects import service as projects
from mhub_core.runs import worker_service
from mhub_core.sharing import service as sharing
from tests import factories
from tests.people.test_profiles import image

PASSWORD = "correct horse battery"


@pytest.fixture
def people(hub) -> tuple[User, User, User]:
    """An administrator, Ada with a password, and Bob."""
    root, ada, bob = factories.person("root", is_admin=True), factories.person("ada"), factories.person("bob")
    with writing() as session:
        session.execute(update(UserRow).where(UserRow.id == ada.id).values(password_hash=passwords.hash_password(PASSWORD)))
    return root, ada, bob


def leave(person: User, password: str = PASSWORD, word: str = "DELETE", **choices: bool) -> None:
    leaving.leave(person, password, word, "here", **choices)


def owners(row) -> dict[str, str]:  # noqa: ANN001
    with reading() as session:
        return dict(session.execute(select(row.name, UserRow.name).outerjoin(UserRow, UserRow.id == row.owner_id)).tuples().all())


def model_of(person: User, name: str, visibility: str = "private") -> int:
    return factories.model(person, visibility, name)


def finished(person: User, version_id: int, dataset_version_id: int) -> None:
    factories.finish_run(factories.run_row(person, version_id, dataset_version_id), {"accuracy": 1})


def things(ada: User, bob: User) -> None:
    """A shared, a public and a private model of Ada's, each trained by her; a dataset that Bob's model learned from, and more."""
    used = factories.dataset(ada, "private", "Used")
    factories.dataset(ada, "private", "Unused")
    for name, visibility in (("Shared", "private"), ("Public", "public"), ("Private", "private")):
        finished(ada, model_of(ada, name, visibility), factories.dataset(name=f"Of {name}"))
    factories.run_row(bob, model_of(bob, "Of Bob"), used, name="learned from it")
    with writing() as session:
        shared = session.scalars(select(ModelRow.id).where(ModelRow.name == "Shared")).one()
        session.add(BlockRow(owner_id=ada.id, name="Block", graph={}))
    reader = factories.person("reader")
    sharing.grant(ada, "model", shared, reader.id, "read")
    sharing.grant(ada, "model", shared, bob.id, "edit")


def test_what_is_shared_is_handed_over_what_is_public_stays_and_all_else_goes(people) -> None:
    root, ada, bob = people
    things(ada, bob)
    profiles.set_picture(ada, image())

    told = leaving.preview(ada)
    leave(ada)

    assert (told.num_models, told.num_datasets, told.num_runs, told.num_public) == (3, 2, 3, 1)
    assert [(one.name, one.to_name) for one in told.handed_over] == [("Shared", "Bob")]
    assert owners(ModelRow) == {"Shared": "Bob", "Public": leaving.LEFT, "Of Bob": "Bob"}
    assert {name: owner for name, owner in owners(DatasetRow).items() if owner} == {"Used": leaving.LEFT}
    with reading() as session:
        runs = (
            select(ModelRow.name, UserRow.name)
            .join(RunRow, RunRow.model_id == ModelRow.id)
            .join(UserRow, UserRow.id == RunRow.owner_id)
        )
        assert dict(session.execute(runs).tuples().all()) == {"Shared": "Bob", "Public": leaving.LEFT, "Of Bob": "Bob"}
        assert session.scalar(select(func.count()).select_from(GrantRow)) == 1  # the reader's
        assert ada.id not in session.scalars(select(LineScoreRow.owner_id)).all()
        assert session.scalar(select(UserRow.id).where(UserRow.id == ada.id)) is None
        assert session.scalar(select(func.count()).select_from(BlockRow)) == 0
    assert finding.find(root, "ada").things == ()


def test_both_can_be_declined_and_what_others_results_hang_on_stays(people) -> None:
    _, ada, bob = people
    things(ada, bob)

    leave(ada, hands_over=False, keeps_public=False)

    assert owners(ModelRow) == {"Of Bob": "Bob"}
    assert "Used" in owners(DatasetRow) and "Unused" not in owners(DatasetRow)


def test_a_project_goes_to_whom_it_is_shared_with_and_one_of_ones_own_is_gone(people) -> None:
    root, ada, bob = people
    shared, own = projects.create(ada, "Class", "", "private"), projects.create(ada, "Alone", "", "private")
    sharing.grant(ada, "project", shared, bob.id, "manage")

    leave(ada)

    assert projects.require_project(bob, shared).owner_name == "Bob"
    with pytest.raises(NotFound):
        projects.require_project(root, own)


def test_a_run_in_the_middle_of_its_training_is_lost_without_a_trace(people) -> None:
    _, ada, bob = people
    run_id = factories.run_row(ada, model_of(ada, "Private"), factories.dataset())
    claim = worker_service.claim("w")
    others = factories.run_row(bob, model_of(bob, "Of Bob"), factories.dataset())

    leave(ada)

    assert claim.run_id == run_id and worker_service.beat(run_id, claim.attempt) == worker_service.LOST
    worker_service.record(run_id, claim.attempt, [(1, {"loss": 0.5})], ["Epochs go by."])
    with reading() as session:
        for name in ("run_logs", "metric_chunks"):
            assert session.scalar(select(func.count()).select_from(Base.metadata.tables[name])) == 0
    assert worker_service.claim("w").run_id == others


def test_nobody_leaves_by_accident(people) -> None:
    _, ada, _ = people
    for password, word, field in ((PASSWORD, "delete", "word"), ("wrong", "DELETE", "password")):
        with pytest.raises(Invalid) as refused:
            leave(ada, password, word)
        assert set(refused.value.problems) == {field}
    with pytest.raises(SignInRequired):
        leaving.leave(None, PASSWORD, "DELETE", "here")
    assert accounts.require_user(ada.id)


def test_the_last_administrator_cannot_leave_others_behind_and_the_last_person_takes_all_along(people) -> None:
    root, ada, bob = people
    finished(ada, model_of(ada, "Public", "public"), factories.dataset(ada))
    with pytest.raises(Conflict, match="only administrator"):
        leave(root)
    leave(ada)
    leave(bob)
    leave(root)

    with reading() as session:
        assert session.scalar(select(func.count()).select_from(UserRow)) == 0
        assert session.scalar(select(func.count()).select_from(RunRow)) == 0
    assert accounts.sign_up("new@example.org", "New", PASSWORD, "here").is_admin


def test_every_key_to_people_is_looked_after() -> None:
    """By the database itself, or by `leave`."""
    keys = {
        table.name: key.ondelete
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "users" and key.ondelete not in ("CASCADE", "SET NULL")
    }
    assert set(keys) == set(leaving.HANDLED)
