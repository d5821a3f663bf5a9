"""The pages of projects and the sharing of things, under AppTest."""

from __future__ import annotations

import pytest

from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.models import service as models
from mhub_core.projects import join_service
from mhub_core.projects import service as projects
from mhub_core.sharing import belonging_service as belonging
from mhub_core.sharing import service as sharing
from mhub_core.ui.projects import qr
from tests import factories
from tests.pages.building import open_page, press, unfold
from tests.pages.conftest import words
from tests.projects.conftest import model_of

pytestmark = pytest.mark.slow


@pytest.fixture
def project_id(ada: User) -> int:
    made = projects.create(ada, "Class <b>8b", "![spy](http://example.org/a.png) *Welcome*")
    join_service.set_entry(ada, made, True, "edit")
    return made


def code_of(ada: User, project_id: int) -> str:
    return join_service.require_entry(ada, project_id).code


def test_a_teacher_makes_a_project_and_gets_a_code(ada):
    app = open_page("Projects", ada)
    assert "Create one above" in words(app)
    unfold(app, "new_project")
    press(app, "Create the project")
    assert "Must have 1 to" in words(app)
    app.text_input(key="new_project_name").set_value("Class 9").run()
    press(app, "Create the project")
    [made] = projects.list_projects(ada)
    assert (made.name, made.visibility) == ("Class 9", "private")
    app = open_page("Project", ada, id=made.id)
    unfold(app, "entry")
    assert "mhub-join-code" not in words(app)
    next(toggle for toggle in app.toggle if toggle.label == "People can join with a code").set_value(True).run()
    code = code_of(ada, made.id)
    assert f"{code[:4]}-{code[4:]}" in words(app) and f"/Project?join={code}" in words(app)
    assert qr.png("http://hub/Project?join=X").startswith(b"\x89PNG") and b"<svg" in qr.svg("http://hub/Project?join=X")


def test_a_visitor_is_asked_to_sign_in_and_a_student_is_in_with_one_click(ada, bob, project_id):
    code = code_of(ada, project_id)
    app = open_page("Project", join=code)
    press(app, "Join")
    assert "Sign in or sign up to join" in words(app) and projects.require_project(ada, project_id).num_members == 1

    app = open_page("Project", bob, join=code)
    assert "is a project of Ada" in words(app) and not any(element.allow_html for element in app.markdown)
    app.button(key="join_project").click().run()
    assert not app.exception
    assert [one.person_name for one in projects.require_project(bob, project_id).members] == ["Ada", "Bob"]
    assert belonging.chooses_new(bob, project_id)

    assert "leads to no project" in words(open_page("Project", bob, join="BBBBBBBB"))


def test_a_member_sees_the_board_the_things_and_the_members_and_a_stranger_nothing(ada, bob, project_id):
    join_service.join(bob, code_of(ada, project_id), "here", True)
    version = factories.model(bob, "private", "Net of Bob")
    factories.finish_run(factories.run_row(bob, version, factories.dataset()), {"accuracy": 0.875})
    app = open_page("Project", ada, id=project_id)
    said = words(app)
    assert "0.875" in said and "Net of Bob" in said and "*Welcome*" in said and "![spy]" not in said
    assert "<h2 class='mhub-title-bar'>Class &lt;b&gt;8b</h2>" in said
    assert "All 1 model" in said and f"Person?id={bob.id}" in said
    assert "Net of Bob" in words(open_page("Models", ada, project=project_id))
    assert "Net of Bob" in words(open_page("Runs", ada, project=project_id))
    for stranger in (None, factories.person("eve")):
        said = words(open_page("Project", stranger, id=project_id))
        assert "does not exist, or it is private" in said and "8b" not in said


def test_a_student_finds_the_board_of_the_project_from_home_from_a_run_and_on_the_leaderboard(ada, bob, project_id):
    join_service.set_entry(ada, project_id, True, "read")
    join_service.join(bob, code_of(ada, project_id), "here")
    assert f"Project?id={project_id}" in words(open_page("Start", bob))
    data = factories.dataset()
    names = {"Inside": True, "Outside": False}
    for name, is_in in names.items():
        version = factories.model(ada, "public", name)
        factories.finish_run(run_id := factories.run_row(ada, version, data), {"accuracy": 0.9})
        if is_in:
            belonging.put(ada, "model", models.require_version(ada, version).model_id, project_id)
        led = f"Project?board={data}&amp;id={project_id}", f"Project?id={project_id}&amp;board={data}"
        assert any(one in words(open_page("Run", bob, id=run_id)) for one in led) == is_in
        assert not any(one in words(open_page("Run", None, id=run_id)) for one in led)
    [dataset_id] = [card.id for card in datasets.list_datasets(ada)]
    app = open_page("Leaderboard", bob, dataset=dataset_id)
    assert all(name in words(app) for name in names)
    next(box for box in app.selectbox if box.label == "Project").set_value(project_id).run()
    assert {name: f">{name}<" in words(app) for name in names} == names
    app = open_page("Leaderboard", None, dataset=dataset_id, project=project_id)
    assert "8b" not in words(app) and "does not exist, or it is private" in words(app)


def test_a_member_puts_things_in_and_leaves(ada, bob, project_id):
    join_service.join(bob, code_of(ada, project_id), "here")
    model_id = model_of(bob)
    app = open_page("Project", bob, id=project_id)
    assert not {"Save", "Delete the project", "Share"} & {button.label for button in app.button}
    app.multiselect[0].set_value([f"model-{model_id}"]).run()
    press(app, "Put into the project")
    assert models.require_model(ada, model_id)
    press(app, "Yes, leave")
    assert projects.require_project(ada, project_id).num_members == 1
    assert belonging.list_things(ada, project_id) == []


def test_a_model_is_shared_changed_and_handed_over_on_its_page(ada, bob, project_id):
    model_id = model_of(ada)
    app = open_page("Model", ada, id=model_id)
    unfold(app, "people_model")
    app.text_input(key=f"share_model_{model_id}_who_0").set_value("Nobody").run()
    press(app, "Share")
    assert "Is unknown on this hub" in words(app)
    app.text_input(key=f"share_model_{model_id}_who_0").set_value("bob@example.org").run()
    app.radio(key=f"share_model_{model_id}_level").set_value("edit").run()
    press(app, "Share")
    assert "shares this model with you: edit" in words(open_page("Model", bob, id=model_id))
    assert "shared by Ada" in words(open_page("Models", bob, shared=1))
    app.radio(key=f"change_model_{model_id}_level_{bob.id}_edit").set_value("manage").run()
    press(app, "Change")
    assert sharing.get_grant(bob, "model", model_id) == "manage"
    unfold(app, "belonging_model")
    press(app, "Put it into the project")
    assert [one.id for one in belonging.list_projects_of(ada, "model", model_id)] == [project_id]
    press(app, "Take it out")
    assert belonging.list_projects_of(ada, "model", model_id) == []
    press(app, "Yes, hand it over")
    assert models.require_model(bob, model_id).owner_id == bob.id


def test_the_form_says_what_becomes_visible_of_private_data(ada):
    run_id = factories.run_row(ada, factories.model(ada, "private"), factories.dataset(ada, "private"))
    factories.finish_run(run_id, {"accuracy": 0.9})
    app = open_page("Model", ada, id=1)
    unfold(app, "change")
    assert "learned from private data" not in words(app)
    app.radio(key="change_visibility_1").set_value("public").run()
    assert "Version 2 learned from private data" in words(app) and "versicolor" not in words(app)
    app.checkbox(key="change_shares_1").check().run()
    assert "Classes: setosa, versicolor, virginica" in words(app) and "switch off" in words(app)
