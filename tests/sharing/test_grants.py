"""What a person may do with a thing that was shared with them, and how grants come and go."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select

from db.engine import reading, writing
from db.tables.accounts import UserRow
from db.tables.sharing import GrantRow
from mhub_core.datasets import service as datasets
from mhub_core.errors import Forbidden, Invalid, NotFound, SignInRequired
from mhub_core.leaderboards import service as leaderboards
from mhub_core.models import draft_service as drafts
from mhub_core.models import service as models
from mhub_core.runs import service as runs
from mhub_core.sharing import service as sharing
from mhub_core.training import plan as plans
from tests import factories


@pytest.fixture
def model_id(ada):
    return models.require_version(ada, factories.model(ada, "private", "Secret")).model_id


def data_of(version_id: int, viewer) -> int:  # noqa: ANN001
    return datasets.require_version(viewer, version_id).dataset_id


def num_grants() -> int:
    with reading() as session:
        return len(session.scalars(select(GrantRow.id)).all())


def test_a_reader_sees_a_private_model_and_may_not_change_it(ada, bob, model_id):
    with pytest.raises(NotFound):
        models.require_model(bob, model_id)

    sharing.grant(ada, "model", model_id, bob.id, "read")

    model = models.require_model(bob, model_id)
    assert (model.name, model.may_edit, model.may_manage) == ("Secret", False, False)
    assert [card.id for card in models.list_models(bob)] == [model_id]
    with pytest.raises(Forbidden, match="belongs to another person"):
        drafts.save_draft(bob, model_id, factories.chain(2), model.draft_revision)


def test_an_editor_draws_and_trains_and_may_neither_rename_nor_remove(ada, bob, model_id):
    sharing.grant(ada, "model", model_id, bob.id, "edit")
    model = models.require_model(bob, model_id)

    drafts.save_draft(bob, model_id, factories.chain(8, 8, 3), model.draft_revision)
    version = drafts.save_version(bob, model_id)
    run_id = runs.submit(bob, version, factories.dataset(), plans.defaults(factories.iris_spec()), "key-of-bob")

    assert (model.may_edit, model.may_manage) == (True, False)
    assert runs.require_run(bob, run_id).may_edit
    with pytest.raises(Forbidden):
        models.update(bob, model_id, "Mine now", "", "public")
    with pytest.raises(Forbidden):
        models.delete(bob, model_id)


def test_a_manager_of_a_dataset_changes_what_is_said_about_it_and_shares_it_on(ada, bob):
    dataset_id, eve = data_of(factories.dataset(ada, "private"), ada), factories.person("eve")
    sharing.grant(ada, "dataset", dataset_id, bob.id, "manage")

    datasets.update(bob, dataset_id, "Flowers", "", "", "", "private")
    with pytest.raises(Forbidden):  # only the owner removes a thing
        datasets.delete(bob, dataset_id)
    sharing.grant(bob, "dataset", dataset_id, eve.id, "read")

    assert (datasets.require_dataset(eve, dataset_id).name, datasets.require_dataset(bob, dataset_id).may_edit) == (
        "Flowers",
        True,
    )
    assert [(one.person_name, one.level) for one in sharing.list_grants(ada, "dataset", dataset_id)] == [
        ("Bob", "manage"),
        ("Eve", "read"),
    ]


def test_who_may_edit_a_dataset_describes_it_and_may_neither_rename_it_nor_make_it_public(ada, bob):
    dataset_id = data_of(factories.dataset(ada, "private"), ada)
    sharing.grant(ada, "dataset", dataset_id, bob.id, "edit")

    datasets.update(bob, dataset_id, "Iris", "Three flowers", "CC0", "Fisher", "private")
    for name, visibility in (("Flowers", "private"), ("Iris", "public")):
        with pytest.raises(Forbidden):
            datasets.update(bob, dataset_id, name, "", "", "", visibility)
    found = datasets.require_dataset(bob, dataset_id)
    assert (found.description, found.may_edit, found.may_manage) == ("Three flowers", True, False)


def test_a_second_grant_changes_the_level_of_the_first(ada, bob, model_id):
    for level in ("manage", "read"):
        sharing.grant(ada, "model", model_id, bob.id, level)

    assert [one.level for one in sharing.list_grants(ada, "model", model_id)] == ["read"]
    with pytest.raises(Forbidden):
        sharing.list_grants(bob, "model", model_id)


def test_a_grant_that_is_taken_back_counts_no_longer(ada, bob, model_id):
    sharing.grant(ada, "model", model_id, bob.id, "edit")

    sharing.revoke(ada, "model", model_id, bob.id)

    with pytest.raises(NotFound):
        models.require_model(bob, model_id)
    with pytest.raises(NotFound, match="has no permission"):
        sharing.revoke(ada, "model", model_id, bob.id)


def test_a_kept_statement_of_a_board_knows_grants_of_just_now(ada, bob):
    data = factories.dataset()
    run_id = factories.run_row(ada, factories.model(ada, "private", "Secret"), data)
    factories.finish_run(run_id, {"accuracy": 0.7})
    model_id, dataset_id = runs.require_run(ada, run_id).model_id, data_of(data, ada)
    statement = leaderboards._places(bob, data, "accuracy", 50, 0, leaderboards.EVERYTHING)
    places = []

    for change in (None, sharing.grant, sharing.revoke):
        if change:
            change(ada, "model", model_id, bob.id, *(["read"] if change is sharing.grant else []))
        places.append((leaderboards.board(bob, data).total, len(leaderboards.board(bob, data).rows)))
        seen_as = leaderboards.plainest_viewer(bob, dataset_id)
        assert seen_as == (bob if change is sharing.grant else None)

    assert places == [(0, 0), (1, 1), (0, 0)]
    assert leaderboards._places(bob, data, "accuracy", 50, 0, leaderboards.EVERYTHING) is statement


@pytest.mark.parametrize(
    ("level", "who", "error", "words"),
    [
        ("own", "bob", Invalid, "cannot be granted. One of read, edit, manage"),
        ("see", "bob", Invalid, "cannot be granted"),
        ("read", "ada", Invalid, "already belongs to Ada"),
        ("read", "gone", NotFound, "no account here"),
    ],
)
def test_a_grant_that_makes_no_sense_ends_in_a_sentence(ada, bob, model_id, level, who, error, words):
    gone = factories.person("gone")
    with writing() as session:
        session.execute(delete(UserRow).where(UserRow.id == gone.id))

    with pytest.raises(error, match=words):
        sharing.grant(ada, "model", model_id, {"ada": ada, "bob": bob, "gone": gone}[who].id, level)
    assert num_grants() == 0


def test_nobody_grants_to_themselves_or_on_what_they_do_not_manage(ada, bob, model_id):
    admin, eve = factories.person("admin", is_admin=True), factories.person("eve")

    with pytest.raises(Invalid, match="yourself"):
        sharing.grant(admin, "model", model_id, admin.id, "read")
    with pytest.raises(NotFound, match="This model does not exist, or it is private"):
        sharing.grant(bob, "model", model_id, eve.id, "read")
    with pytest.raises(NotFound, match="This dataset does not exist, or it is private"):
        sharing.grant(ada, "dataset", 4711, eve.id, "read")
    with pytest.raises(Invalid, match="A run cannot be shared on its own"):
        sharing.grant(ada, "run", 1, eve.id, "read")
    with pytest.raises(SignInRequired):
        sharing.grant(None, "model", model_id, eve.id, "read")
    sharing.grant(ada, "model", model_id, bob.id, "edit")
    with pytest.raises(Forbidden):
        sharing.grant(bob, "model", model_id, eve.id, "read")


def test_a_grant_goes_with_the_person_and_with_the_thing(ada, bob, model_id):
    eve, dataset_id = factories.person("eve"), data_of(factories.dataset(ada, "private"), ada)
    for person in (bob, eve):
        sharing.grant(ada, "model", model_id, person.id, "edit")
        sharing.grant(ada, "dataset", dataset_id, person.id, "edit")

    with writing() as session:
        session.execute(delete(UserRow).where(UserRow.id == eve.id))
    assert num_grants() == 2
    models.delete(ada, model_id)
    datasets.delete(ada, dataset_id)

    assert num_grants() == 0
    again = models.create(ada, "Next", "", factories.chain(3))  # on SQLite under the same id
    with pytest.raises(NotFound):
        models.require_model(bob, again)


def test_whoever_was_let_in_may_leave_again_but_turn_nobody_else_out(ada, bob, model_id):
    eve = factories.person("eve")
    for person in (bob, eve):
        sharing.grant(ada, "model", model_id, person.id, "read")

    with pytest.raises(Forbidden):
        sharing.revoke(bob, "model", model_id, eve.id)
    sharing.revoke(bob, "model", model_id, bob.id)

    assert [one.person_id for one in sharing.list_grants(ada, "model", model_id)] == [eve.id]
