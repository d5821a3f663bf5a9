"""Who may do what with a model, and what its draft and its versions keep."""

from __future__ import annotations

import pytest

from mhub_core.errors import Conflict, Forbidden, Invalid, NotFound, SignInRequired
from mhub_core.graphs import edit
from mhub_core.models import draft_service as drafts
from mhub_core.models import service as models


def test_a_new_model_has_its_first_version_and_its_draft(ada, chain):
    model_id = models.create(ada, "  Iris   net ", "Sorts *flowers*.", chain)

    model = models.require_model(ada, model_id)
    assert (model.name, model.owner_name, model.may_edit) == ("Iris net", "Ada", True)
    assert model.draft == chain
    assert [(version.number, version.trained) for version in model.versions] == [(1, False)]
    assert models.require_version(ada, model.versions[0].id).graph == model.draft == chain


def test_a_private_model_exists_only_for_its_owner_and_the_administrator(ada, bob, admin, chain):
    model_id = models.create(ada, "Secret", "", chain)
    version_id = models.require_model(ada, model_id).versions[0].id

    for stranger in (None, bob):
        with pytest.raises(NotFound):
            models.require_model(stranger, model_id)
        with pytest.raises(NotFound):
            models.require_version(stranger, version_id)
        assert models.list_models(stranger) == []
    assert models.require_model(admin, model_id).name == "Secret"
    assert models.require_version(admin, version_id).model_name == "Secret"


def test_a_public_model_may_be_read_by_all_and_changed_by_its_owner_only(ada, bob, chain):
    model_id = models.create(ada, "Open", "", chain, "public")

    assert models.require_model(None, model_id).may_edit is False
    changes = (
        lambda user: models.update(user, model_id, "Mine now", "", "private"),
        lambda user: drafts.save_draft(user, model_id, chain, 0),
        lambda user: drafts.save_version(user, model_id),
        lambda user: models.delete(user, model_id),
    )
    for change in changes:
        with pytest.raises(Forbidden):
            change(bob)
        with pytest.raises(SignInRequired):
            change(None)
    assert models.require_model(ada, model_id).name == "Open"


def test_others_see_the_newest_version_and_not_the_draft(ada, bob, chain):
    model_id = models.create(ada, "Open", "", chain, "public")
    drafts.save_draft(ada, model_id, edit.remove(chain, "n2"), 0)

    assert models.require_model(bob, model_id).draft == chain
    assert len(models.require_model(ada, model_id).draft["nodes"]) == 2


def test_all_wrong_fields_are_told_at_once(ada, chain):
    with pytest.raises(Invalid) as caught:
        models.create(ada, "  ", "x" * 30_000, chain, "secret")

    assert set(caught.value.problems) == {"name", "description", "visibility"}


@pytest.mark.parametrize("unseen", ["a\x00b", "\u200b", "\u200d", "\ud800", "\u202eabc", "\x07"])
def test_what_cannot_be_read_is_no_name(ada, chain, unseen):
    with pytest.raises(Invalid) as caught:
        models.create(ada, unseen, "", chain)
    assert "visible" in caught.value.problems["name"]


def test_a_description_that_no_database_can_keep_is_refused_with_the_place(ada, chain):
    model_id = models.create(ada, "👩\u200d🔬", "", chain)
    for text in ("One.\x00Two.", "One.\ud800Two."):
        with pytest.raises(Invalid) as caught:
            models.update(ada, model_id, "Iris", text, "private")
        assert "position 5" in caught.value.problems["description"]


def test_a_second_tab_cannot_overwrite_a_newer_draft(ada, chain):
    model_id = models.create(ada, "Iris", "", chain)
    newer = edit.remove(chain, "n2")
    revision = drafts.save_draft(ada, model_id, newer, 0)

    with pytest.raises(Conflict, match="another tab"):
        drafts.save_draft(ada, model_id, chain, 0)
    assert models.require_model(ada, model_id).draft == newer
    assert drafts.save_draft(ada, model_id, chain, revision) == revision + 1


def test_a_version_is_made_of_the_design_on_the_screen_or_not_at_all(ada, chain):
    model_id = models.create(ada, "Iris", "", chain)
    revision = drafts.save_draft(ada, model_id, edit.set_config(chain, "n2", {"units": 9}), 0)

    with pytest.raises(Conflict, match="another tab"):
        drafts.save_version(ada, model_id, revision=0)
    assert len(models.require_model(ada, model_id).versions) == 1
    assert models.require_version(ada, drafts.save_version(ada, model_id, revision=revision)).number == 2


HOSTILE = {
    "no graph": "drop table models",
    "an unknown class": {"class": "Lambda"},
    "an unknown argument": {"config": {"units": 3, "__class__": "os"}},
    "a wrong type": {"config": {"units": "many"}},
    "html as a name": {"name": "<script>alert(1)</script>"},
    "a position that is no number": {"position": [float("nan"), 0]},
    "an id that is html": {"id": "<b>"},
    "an unknown key": {"onclick": "alert(1)"},
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_design_is_neither_created_nor_drafted(ada, chain, what):
    model_id = models.create(ada, "Iris", "", chain)
    change = HOSTILE[what]
    nodes = [*chain["nodes"][:2], {**chain["nodes"][2], **change}] if isinstance(change, dict) else change
    hostile = {**chain, "nodes": nodes}

    with pytest.raises(Invalid):
        drafts.save_draft(ada, model_id, hostile, 0)
    with pytest.raises(Invalid):
        models.create(ada, "Two", "", hostile)
    assert models.require_model(ada, model_id).draft == chain


def test_an_unchanged_draft_is_not_a_new_version_and_a_moved_node_is_no_change(ada, chain):
    model_id = models.create(ada, "Iris", "", chain)
    drafts.save_draft(ada, model_id, edit.set_positions(chain, {"n2": [500.0, 10.0]}), 0)

    first = drafts.save_version(ada, model_id)
    drafts.save_draft(ada, model_id, edit.set_config(chain, "n2", {"units": 9}), 1)
    second = drafts.save_version(ada, model_id, "wider")

    versions = models.require_model(ada, model_id).versions
    assert [version.id for version in versions] == [second, first]
    assert (versions[0].number, versions[0].note) == (2, "wider")


def test_a_note_is_never_lost_and_an_older_version_never_stands_for_the_newest(ada, chain):
    model_id = models.create(ada, "Iris", "", chain)
    first = drafts.save_version(ada, model_id, "as it came")
    assert models.require_version(ada, first).note == "as it came"
    assert drafts.save_version(ada, model_id, "as it came") == drafts.save_version(ada, model_id) == first
    assert models.require_version(ada, drafts.save_version(ada, model_id, "the same")).number == 2
    drafts.save_draft(ada, model_id, edit.set_config(chain, "n2", {"units": 9}), 0)
    drafts.save_version(ada, model_id)
    drafts.save_draft(ada, model_id, chain, 1)

    again = drafts.save_version(ada, model_id)
    assert drafts.save_version(ada, model_id, "back\x00 again\n") == again
    version = models.require_version(ada, again)
    assert (version.number, version.note) == (4, "back again")


def test_a_half_drawn_design_is_kept_as_draft_but_is_no_version(ada, chain):
    model_id = models.create(ada, "Iris", "", chain)
    loose, _ = edit.add_node(chain, "Dropout")
    drafts.save_draft(ada, model_id, loose, 0)

    with pytest.raises(Invalid, match="not connected"):
        drafts.save_version(ada, model_id)
    assert models.require_model(ada, model_id).draft == loose


def test_a_copy_is_private_and_ones_own(ada, bob, chain):
    source = models.create(ada, "Open", "text", chain, "public")

    copied = models.require_model(bob, models.copy(bob, source))
    assert (copied.name, copied.owner_id, copied.visibility) == ("Open (copy)", bob.id, "private")
    assert models.require_version(bob, copied.versions[0].id).graph == chain
    with pytest.raises(SignInRequired):
        models.copy(None, source)
    with pytest.raises(NotFound, match="no such version"):
        models.copy(bob, source, copied.versions[0].id)


def test_the_list_finds_words_in_names_and_descriptions(ada, bob, chain):
    models.create(ada, "100% Iris", "for flowers", chain, "public")
    models.create(ada, "Digits", "for mail", chain, "public")
    models.create(bob, "Own", "", chain)

    assert [card.name for card in models.list_models(None)] == ["Digits", "100% Iris"]
    assert [card.name for card in models.list_models(None, search="FLOWERS iris")] == ["100% Iris"]
    assert [card.name for card in models.list_models(None, search="%")] == ["100% Iris"]
    assert [card.name for card in models.list_models(None, search="\x00\ud800digits")] == ["Digits"]
    assert models.list_models(None, search="x" * 60_000) == []
    card = models.list_models(bob, mine=True)[0]
    assert (card.name, card.num_versions, card.trained, card.owner_name) == ("Own", 1, False, "Bob")


def test_a_deleted_model_is_gone_with_its_versions(ada, chain):
    model_id = models.create(ada, "Iris", "", chain)
    version_id = models.require_model(ada, model_id).versions[0].id
    models.delete(ada, model_id)

    for verb, key in ((models.require_model, model_id), (models.require_version, version_id)):
        with pytest.raises(NotFound):
            verb(ada, key)


def test_a_trained_version_gives_its_file_to_who_may_see_it_only(ada, bob, chain):
    from db.engine import writing
    from db.tables.models import ModelVersionRow
    from mhub_core.storage import service as storage

    model_id = models.create(ada, "Iris", "", chain)
    key = storage.put_bytes(b"weights")
    with writing() as session:
        session.add(ModelVersionRow(model_id=model_id, number=2, graph=chain, model_key=key, serving={"num_parameters": 7}))
    trained, untrained = models.require_model(ada, model_id).versions

    assert models.read_trained(ada, trained.id) == b"weights"
    assert (trained.num_parameters, models.list_models(ada)[0].trained) == (7, True)
    with pytest.raises(NotFound, match="no trained weights"):
        models.read_trained(ada, untrained.id)
    with pytest.raises(NotFound):
        models.read_trained(bob, trained.id)
