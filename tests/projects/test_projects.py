"""The life of a project: made, shared, handed over, left, deleted. On SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, func, select

from db.engine import reading, writing
from db.tables.accounts import UserRow
from db.tables.projects import NewThingsRow, ProjectRow
from db.tables.sharing import GrantRow
from mhub_core.accounts import find_service, throttle
from mhub_core.accounts import quota_service as quotas
from mhub_core.datasets import service as datasets
from mhub_core.errors import Forbidden, Invalid, MHubError, NotFound, SignInRequired, Throttled, TooLarge
from mhub_core.finding import service as finding
from mhub_core.models import service as models
from mhub_core.projects import invite_service
from mhub_core.projects import service as projects
from mhub_core.sharing import belonging_service as belonging
from mhub_core.sharing import service as sharing
from tests import factories
from tests.projects.conftest import model_of


def levels(user, project_id: int) -> dict[str, str]:  # noqa: ANN001
    return {one.person_name: one.level for one in projects.require_project(user, project_id).members}


def test_a_project_is_seen_by_its_members_changed_by_managers_and_deleted_by_its_owner(school):
    tess, ann, ben, project_id = school.tess, school.ann, school.ben, school.project_id
    sharing.grant(tess, "project", project_id, ann.id, "manage")
    with pytest.raises(NotFound):
        projects.require_project(ben, project_id)
    sharing.grant(ann, "project", project_id, ben.id, "read")

    assert levels(ben, project_id) == {"Tess": "own", "Ann": "manage", "Ben": "read"}
    projects.update(ann, project_id, "  Class\n 9b ", "**More**", "private")
    assert projects.require_project(ben, project_id).name == "Class 9b"
    for refused in (
        lambda: projects.update(ben, project_id, "Ben's", "", "public"),
        lambda: projects.delete(ann, project_id),
        lambda: sharing.list_grants(ben, "project", project_id),
        lambda: belonging.choose_for_new(ben, project_id, True),
    ):
        with pytest.raises(Forbidden):
            refused()
    projects.delete(tess, project_id)
    with pytest.raises(NotFound):
        projects.require_project(tess, project_id)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        (("", "", "private"), {"name"}),
        (("x" * 121, "y" * 20_001, "secret"), {"name", "description", "visibility"}),
        (("\u202egpj", "a\x00b", "public"), {"name", "description"}),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_problem_for_each_field(school, fields, wrong):
    for save in (projects.create, lambda user, *given: projects.update(user, school.project_id, *given)):
        with pytest.raises(Invalid) as refused:
            save(school.tess, *fields)
        assert set(refused.value.problems) == wrong
    with pytest.raises(SignInRequired):
        projects.create(None, "Nobody's")


def test_a_deleted_project_leaves_everything_with_its_owners_and_nothing_behind(school):
    school.join(school.ann, puts_new=True)
    model_id = model_of(school.ann)
    assert models.require_model(school.tess, model_id).owner_id == school.ann.id

    projects.delete(school.tess, school.project_id)

    with pytest.raises(NotFound):
        models.require_model(school.tess, model_id)
    assert model_of(school.ann, name="Later") and models.require_model(school.ann, model_id)
    with reading() as session:
        assert [session.scalar(select(func.count()).select_from(row)) for row in (GrantRow, NewThingsRow, ProjectRow)] == [
            0,
            0,
            0,
        ]


def test_who_leaves_or_is_removed_takes_their_own_things_along(school):
    school.join(school.ann, school.ben, puts_new=True)
    of_ann, of_ben = model_of(school.ann), model_of(school.ben)

    sharing.revoke(school.ann, "project", school.project_id, school.ann.id)
    assert [one.id for one in belonging.list_things(school.tess, school.project_id)] == [of_ben]
    with pytest.raises(NotFound):
        models.require_model(school.ben, of_ann)
    later = model_of(school.ann, name="Later")
    sharing.revoke(school.tess, "project", school.project_id, school.ben.id)

    assert belonging.list_things(school.tess, school.project_id) == []
    for gone in (of_ann, of_ben, later):
        with pytest.raises(NotFound):
            models.require_model(school.tess, gone)


def test_the_owner_cannot_leave_and_can_hand_over(school):
    tess, ann, project_id = school.tess, school.ann, school.project_id
    sharing.grant(tess, "project", project_id, ann.id, "manage")
    with pytest.raises(Invalid, match="You own this project, so you cannot leave it"):
        sharing.revoke(tess, "project", project_id, tess.id)
    with pytest.raises(Forbidden):
        invite_service.hand_over(ann, "project", project_id, ann.id)
    with pytest.raises(Invalid, match="Share it with the person first"):
        invite_service.hand_over(tess, "project", project_id, school.ben.id)

    invite_service.hand_over(tess, "project", project_id, ann.id)

    assert levels(ann, project_id) == {"Ann": "own", "Tess": "manage"}
    sharing.revoke(tess, "project", project_id, tess.id)
    assert levels(ann, project_id) == {"Ann": "own"}


def test_a_model_and_a_dataset_are_handed_over_if_they_fit(school):
    tess, ann = school.tess, school.ann
    model_id = model_of(tess)
    dataset_id = datasets.require_version(tess, factories.dataset(tess, "private")).dataset_id
    for kind, thing_id in (("model", model_id), ("dataset", dataset_id)):
        sharing.grant(tess, kind, thing_id, ann.id, "read")
    with writing() as session:
        session.get_one(UserRow, ann.id).quota_mb = 0
    factories_bytes = quotas.usage(tess).num_bytes
    assert factories_bytes > 0

    with pytest.raises(TooLarge):
        invite_service.hand_over(tess, "dataset", dataset_id, ann.id)
    invite_service.hand_over(tess, "model", model_id, ann.id)

    assert datasets.require_dataset(ann, dataset_id).owner_id == tess.id
    assert models.require_model(tess, model_id).may_manage
    with pytest.raises(Forbidden):
        models.delete(tess, model_id)
    models.delete(ann, model_id)


def test_people_are_found_by_exact_e_mail_or_by_a_name_that_only_one_has(school):
    tess, ann = school.tess, school.ann
    assert find_service.find_person(tess, " ANN@example.org ") == (ann.id, "Ann")
    assert find_service.find_person(tess, "Ann") == (ann.id, "Ann")
    with writing() as session:  # of people who call themselves so
        session.add(UserRow(email="other@example.org", name="Ann"))
        session.add(UserRow(email="imitates@example.org", name="ann@example.com"))
    with pytest.raises(Invalid, match="Several people"):
        find_service.find_person(tess, "Ann")
    for nobody in ("an", "ann@example.com", "%", "ann@", "A\u0578n"):
        with pytest.raises(NotFound) as refused:
            find_service.find_person(tess, nobody)
        assert "example.org" not in str(refused.value)
    assert invite_service.invite(tess, "project", school.project_id, "ann@example.org", "edit") == "Ann"
    assert levels(ann, school.project_id)["Ann"] == "edit"
    with pytest.raises(SignInRequired):
        find_service.find_person(None, "Ann")


def test_who_guesses_e_mail_addresses_is_stopped(school):
    with pytest.raises(Throttled):
        for number in range(60):
            with pytest.raises(NotFound):
                find_service.find_person(school.tess, f"p{number}@example.org")
    assert find_service.find_person(school.ann, "Ben")[0] == school.ben.id


def test_nobody_is_told_of_invitations_without_end(school, monkeypatch):
    monkeypatch.setattr(throttle, "INVITE", throttle.Limit("invite", 2))
    mine = projects.create(school.tess, "Physics")
    for _ in range(2):
        invite_service.invite(school.tess, "project", mine, school.ann.email, "read")
        sharing.revoke(school.tess, "project", mine, school.ann.id)

    with pytest.raises(Throttled, match="many things with Ann"):
        invite_service.invite(school.tess, "project", mine, school.ann.email, "read")

    invite_service.invite(school.tess, "project", mine, school.ben.email, "read")


def test_a_public_project_does_not_tell_how_many_private_things_belong_to_it(school):
    shown = projects.create(school.tess, "Open day", visibility="public")
    belonging.put(school.tess, "model", model_of(school.tess), shown)

    for viewer, number in ((None, 0), (school.ann, 0), (school.tess, 1)):
        [card] = [one for one in projects.list_projects(viewer) if one.id == shown]
        assert card.num_models == projects.require_project(viewer, shown).num_models == number


def test_two_who_change_levels_at_once_end_in_one_order_and_the_second_is_told(school):
    tess, ann, ben, project_id = school.tess, school.ann, school.ben, school.project_id
    for person in (ann, ben):
        sharing.grant(tess, "project", project_id, person.id, "manage")

    def demote(by, whom) -> str:  # noqa: ANN001
        try:
            sharing.grant(by, "project", project_id, whom.id, "read")
        except MHubError as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(demote, (ann, ben), (ben, ann)))

    assert sorted(told) == ["Forbidden", "done"]
    assert sorted(levels(tess, project_id).values()) == ["manage", "own", "read"]


def test_whoever_comes_while_a_project_is_deleted_finds_none_and_makes_their_model(school):
    school.join(school.ann, puts_new=True)

    def told(verb) -> str:  # noqa: ANN001
        try:
            verb()
        except MHubError as error:
            return type(error).__name__
        return "done"

    for _ in range(3):
        verbs = [
            lambda: projects.delete(school.tess, school.project_id),
            lambda: model_of(school.ann),
            lambda: sharing.grant(school.tess, "project", school.project_id, school.ben.id, "read"),
            lambda: sharing.revoke(school.ann, "project", school.project_id, school.ann.id),
        ]
        with ThreadPoolExecutor(4) as pool:
            deleted, made, granted, left = pool.map(told, verbs)
        assert made == "done" and granted in ("done", "NotFound") and left in ("done", "NotFound")
    with reading() as session:
        assert deleted == "NotFound" and session.scalar(select(func.count()).select_from(GrantRow)) == 0
    assert len(models.list_models(school.ann, mine=True)) == 3


def test_a_thing_is_put_in_by_who_manages_it_and_may_edit_the_project(school):
    tess, ann, ben, project_id = school.tess, school.ann, school.ben, school.project_id
    sharing.grant(tess, "project", project_id, ann.id, "read")
    of_ann, of_ben = model_of(ann), model_of(ben)
    with pytest.raises(Forbidden):  # who only reads the project
        belonging.put(ann, "model", of_ann, project_id)
    with pytest.raises(NotFound):  # who does not see it
        belonging.put(ben, "model", of_ben, project_id)
    with pytest.raises(NotFound):
        belonging.put(tess, "model", of_ben, project_id)
    with pytest.raises(Invalid, match="cannot belong to a project"):
        belonging.put(tess, "project", project_id, project_id)
    with pytest.raises(Invalid, match="cannot be granted"):
        belonging.put(tess, "model", of_ben, project_id, "own")
    sharing.grant(tess, "project", project_id, ann.id, "edit")
    belonging.put(ann, "model", of_ann, project_id)
    sharing.grant(tess, "project", project_id, ben.id, "edit")
    with pytest.raises(Forbidden):
        belonging.take_out(ben, "model", of_ann, project_id)
    belonging.take_out(tess, "model", of_ann, project_id)  # who manages the project may, and changes nothing else of it
    with pytest.raises(NotFound, match="does not belong"):
        belonging.take_out(ann, "model", of_ann, project_id)


def test_a_project_that_the_owner_of_a_thing_may_not_see_has_no_name_there(school):
    model_id = model_of(school.ann)
    sharing.grant(school.ann, "model", model_id, school.tess.id, "manage")
    belonging.put(school.tess, "model", model_id, school.project_id)

    [one] = belonging.list_projects_of(school.ann, "model", model_id)

    assert (one.name, one.owner_name, one.level) == ("", "Tess", "read")
    belonging.take_out(school.ann, "model", model_id, school.project_id)
    assert belonging.list_projects_of(school.tess, "model", model_id) == []


def test_only_an_editor_s_new_things_go_into_a_project_whatever_was_chosen_before(school):
    school.join(school.ann, puts_new=True)
    belonging.choose_for_new(school.tess, school.project_id, True)
    first, of_tess = model_of(school.ann), model_of(school.tess)
    sharing.grant(school.tess, "project", school.project_id, school.ann.id, "read")
    second = models.copy(school.ann, first)
    sharing.grant(school.tess, "project", school.project_id, school.ann.id, "edit")
    third = models.copy(school.ann, of_tess)
    belonging.choose_for_new(school.ann, school.project_id, False)
    fourth = model_of(school.ann)

    there = {one.id: one.level for one in belonging.list_things(school.tess, school.project_id)}
    assert there == {first: "read", of_tess: "read", third: "read"} and not {second, fourth} & set(there)


def test_a_project_is_found_by_who_may_see_it(school):
    for viewer in (None, school.ann):
        assert finding.find(viewer, "class 8b").things == ()
    school.join(school.ann)
    for viewer in (school.tess, school.ann):
        assert [(one.kind, one.id) for one in finding.find(viewer, "class lear").things] == [("project", school.project_id)]
    projects.update(school.tess, school.project_id, "Class 8b", "", "public")
    assert [one.title for one in finding.find(None, "8b").things] == ["Class 8b"]


def test_the_projects_of_an_account_that_is_deleted_go_with_it(school):
    school.join(school.ann, puts_new=True)
    model_id = model_of(school.ann)
    with writing() as session:
        session.execute(delete(UserRow).where(UserRow.id == school.tess.id))
    with pytest.raises(NotFound):
        projects.require_project(school.ann, school.project_id)
    assert models.require_model(school.ann, model_id)
