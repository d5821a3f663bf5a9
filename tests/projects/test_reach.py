"""How far a member of a project reaches a thing that belongs to it: as far as both were allowed, for one thing and as SQL."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import select

from db.engine import reading
from db.tables.datasets import DatasetRow
from db.tables.models import ModelRow
from mhub_core.datasets import service as datasets
from mhub_core.errors import Forbidden, NotFound
from mhub_core.leaderboards import project_service as boards
from mhub_core.leaderboards import service as leaderboards
from mhub_core.leaderboards.records import Narrow
from mhub_core.models import draft_service as drafts
from mhub_core.models import service as models
from mhub_core.projects import service as projects
from mhub_core.runs import find_service
from mhub_core.runs import service as runs
from mhub_core.runs.found import RunQuery
from mhub_core.sharing import belonging_service as belonging
from mhub_core.sharing import policy
from mhub_core.sharing import service as sharing
from tests import factories
from tests.projects.conftest import model_of

ORDER = (None, "read", "edit", "manage", "own")


def lowest(*levels: str | None) -> str | None:
    return min(levels, key=ORDER.index)


def dataset_of(owner) -> int:  # noqa: ANN001
    return datasets.require_version(owner, factories.dataset(owner, "private")).dataset_id


def test_a_member_reaches_a_thing_as_far_as_the_membership_and_the_grant_to_the_project_both_do(hub):
    owner, head = factories.person("owner"), factories.person("head")
    members = {level: factories.person(level) for level in policy.GRANTABLE}
    stranger, admin = factories.person("stranger"), factories.person("admin", is_admin=True)
    project_id = projects.create(head, "Lab")
    sharing.grant(head, "project", project_id, owner.id, "edit")
    for level, person in members.items():
        sharing.grant(head, "project", project_id, person.id, level)
    things = {}
    for kind, cap in itertools.product(("model", "dataset"), policy.GRANTABLE):
        thing_id = model_of(owner) if kind == "model" else dataset_of(owner)
        belonging.put(owner, kind, thing_id, project_id, cap)
        things[kind, thing_id] = cap

    people = {**{person: level for level, person in members.items()}, head: "own", stranger: None, owner: "all", admin: "all"}
    with reading() as session:
        for (kind, thing_id), cap in things.items():
            row = session.get({"model": ModelRow, "dataset": DatasetRow}[kind], thing_id)
            for person, member in people.items():
                expected = "own" if member == "all" else lowest(member, cap)
                assert sharing.level(session, person, sharing.thing_of(row)) == expected, (kind, cap, member)
                for needs in policy.LEVELS:
                    allowed = session.scalars(select(type(row).id).where(sharing.allowed(person, needs, type(row)))).all()
                    assert (thing_id in allowed) == (ORDER.index(expected) >= ORDER.index(needs)), (kind, cap, member, needs)


def test_a_grant_to_the_person_and_being_public_count_as_before(school):
    model_id = model_of(school.tess)
    school.join(school.ann)
    belonging.put(school.tess, "model", model_id, school.project_id, "read")
    sharing.grant(school.tess, "model", model_id, school.ann.id, "edit")
    assert models.require_model(school.ann, model_id).may_edit

    sharing.revoke(school.ann, "model", model_id, school.ann.id)
    assert not models.require_model(school.ann, model_id).may_edit
    belonging.take_out(school.tess, "model", model_id, school.project_id)
    with pytest.raises(NotFound):
        models.require_model(school.ann, model_id)
    models.update(school.tess, model_id, "Net", "", "public")
    assert models.require_model(school.ann, model_id).name == "Net"


def test_what_belongs_to_a_public_project_is_not_public_by_that(school):
    secret, shown = model_of(school.tess, name="Secret"), model_of(school.tess, "public")
    for model_id in (secret, shown):
        belonging.put(school.tess, "model", model_id, school.project_id)
    projects.update(school.tess, school.project_id, "Class 8b", "", "public")

    for viewer in (None, school.ann):
        assert [card.id for card in models.list_models(viewer, project_id=school.project_id)] == [shown]
        assert projects.require_project(viewer, school.project_id).members == ()
        with pytest.raises(NotFound):
            models.require_model(viewer, secret)


def test_students_see_each_other_on_the_board_of_the_project_and_change_nothing_of_each_other(school):
    data = factories.dataset()
    school.join(school.ann, school.ben, puts_new=True)
    runs_of = {}
    for person, score in ((school.ann, 0.8), (school.ben, 0.9)):
        runs_of[person] = factories.run_row(person, factories.model(person, "private", f"Net of {person.name}"), data)
        factories.finish_run(runs_of[person], {"accuracy": score})
    outside = factories.run_row(school.tess, factories.model(school.tess, "public"), data)
    factories.finish_run(outside, {"accuracy": 0.99})

    for viewer in (school.ann, school.ben, school.tess):
        board = leaderboards.board(viewer, data, narrow=Narrow(project_id=school.project_id))
        assert [(row.run_id, row.rank) for row in board.rows] == [(runs_of[school.ben], 1), (runs_of[school.ann], 2)]
        assert board.total == 2
        assert [(version, name) for _, version, name in boards.list_boards(viewer, school.project_id)] == [(data, "Iris")]
        found = find_service.find(viewer, RunQuery(project_id=school.project_id))
        assert ({run.id for run in found.runs}, found.total) == (set(runs_of.values()), 2)
        by_score = find_service.find(viewer, RunQuery(project_id=school.project_id, sort="score:accuracy"))
        assert [run.id for run in by_score.runs] == [runs_of[school.ben], runs_of[school.ann]]
    ben_model = runs.require_run(school.ann, runs_of[school.ben]).model_id
    for change in (
        lambda: drafts.save_draft(school.ann, ben_model, factories.chain(2), 0),
        lambda: models.update(school.tess, ben_model, "Mine", "", "public"),
        lambda: models.delete(school.tess, ben_model),
        lambda: runs.delete(school.ann, runs_of[school.ben]),
    ):
        with pytest.raises(Forbidden):
            change()
    for viewer in (None, factories.person("eve")):
        for ask in (
            lambda viewer=viewer: leaderboards.board(viewer, data, narrow=Narrow(project_id=school.project_id)),
            lambda viewer=viewer: boards.list_boards(viewer, school.project_id),
            lambda viewer=viewer: find_service.find(viewer, RunQuery(project_id=school.project_id)),
            lambda viewer=viewer: models.list_models(viewer, project_id=school.project_id),
            lambda viewer=viewer: datasets.list_datasets(viewer, project_id=school.project_id),
            lambda viewer=viewer: projects.require_project(viewer, school.project_id),
        ):
            with pytest.raises(NotFound):
                ask()


def test_what_is_shared_with_somebody_is_a_list_of_its_own(school):
    mine, given, of_class = model_of(school.ann), model_of(school.tess, name="Given"), dataset_of(school.tess)
    school.join(school.ann)
    sharing.grant(school.tess, "model", given, school.ann.id, "read")
    belonging.put(school.tess, "dataset", of_class, school.project_id)
    model_of(school.tess, "public")
    factories.dataset()

    assert [(card.id, card.owner_id) for card in models.list_models(school.ann, shared=True)] == [(given, school.tess.id)]
    assert [card.id for card in datasets.list_datasets(school.ann, shared=True)] == [of_class]
    assert [card.id for card in models.list_models(school.ann, mine=True)] == [mine]
    assert [card.name for card in projects.list_projects(school.ann, shared=True)] == ["Class 8b"]
    assert [card.num_members for card in projects.list_projects(school.tess, mine=True)] == [2]
    for viewer in (None, school.ben):
        assert models.list_models(viewer, shared=True) == datasets.list_datasets(viewer, shared=True) == []
        assert projects.list_projects(viewer) == []
