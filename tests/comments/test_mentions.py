"""Whom a comment mentions, and who is told of it."""

from __future__ import annotations

import pytest

from mhub_core.accounts.records import User
from mhub_core.comments import mentions
from mhub_core.comments import service as comments
from mhub_core.models import service as models
from mhub_core.notices import service as notices
from mhub_core.projects import invite_service
from mhub_core.projects import service as projects
from mhub_core.sharing import service as sharing
from tests import factories

PEOPLE = {1: "Ada", 2: "Ada Lovelace", 3: "bob", 4: "Ada", 5: "A*(da", 6: "日本"}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("@Ada, look", [1, 4]),
        ("@ada lovelace and @BOB", [2, 3]),
        ("(@bob) @bob @Bob!", [3]),
        ("@Adam, mail ada@bob.org", []),
        ("@A*(da and @日本", [5, 6]),
        ("@everybody @all @", []),
    ],
)
def test_whoever_is_named_behind_an_at_sign_is_mentioned(text, ids):
    assert mentions.mentioned(text, PEOPLE) == ids


def test_no_more_than_some_people_are_mentioned_at_once():
    people = {number: f"p{number}" for number in range(1, 51)}

    assert len(mentions.mentioned(" ".join(f"@{name}" for name in people.values()), people)) == mentions.MAX_MENTIONS
    assert mentions.mentioned("@" * 4000, people) == []


@pytest.fixture
def people(hub):
    return {name: factories.person(name) for name in ("ada", "bob", "eve", "zoe")}


def private_model(ada: User, *readers: User) -> int:
    model_id = models.require_version(ada, factories.model(ada, "private", "Net")).model_id
    for reader in readers:
        sharing.grant(ada, "model", model_id, reader.id, "read")
    return model_id


def told(person: User) -> list[tuple[str, str]]:
    return [(one.kind, one.words) for one in notices.list_notices(person).notices]


def test_the_owner_and_who_took_part_in_the_thread_are_told(people):
    ada, bob, eve, zoe = people.values()
    model_id = private_model(ada, bob, eve, zoe)

    first = comments.write(bob, "model", model_id, "First")
    comments.write(eve, "model", model_id, "Second", first)
    last = comments.write(zoe, "model", model_id, "Third", first)

    assert told(ada) == [("comment", f"{name} commented on your model Net") for name in ("Zoe", "Eve", "Bob")]
    assert told(bob) == [("comment", f"{name} replied to your comment on the model Net") for name in ("Zoe", "Eve")]
    assert told(eve) == [("comment", "Zoe also replied to a comment on the model Net")]
    assert told(zoe) == []
    newest = notices.list_notices(ada).notices[0]
    assert (newest.page, newest.query) == ("Model", {"id": model_id, "comment": last})


def test_a_mention_tells_once_and_only_who_took_part_and_may_read(people):
    ada, bob, eve, zoe = people.values()
    model_id = private_model(ada, bob, eve)
    comments.write(eve, "model", model_id, "I was here")
    sharing.revoke(ada, "model", model_id, eve.id)

    comments.write(bob, "model", model_id, "@Ada @Ada @Eve @Zoe @Bob see this")

    assert told(ada)[0] == ("mention", "Bob mentioned you in a comment on the model Net")
    assert len(told(ada)) == 2  # of Eve's comment, and this
    assert (told(bob), told(eve), told(zoe)) == ([], [], [])


def test_a_reader_does_not_learn_who_else_may_read(people):
    ada, bob, eve, _ = people.values()
    model_id = private_model(ada, bob, eve)

    assert comments.list_mentionable(bob, "model", model_id) == ["Ada"]
    assert comments.list_mentionable(ada, "model", model_id) == ["Bob", "Eve"]
    comments.write(bob, "model", model_id, "@Eve?")
    assert told(eve) == []
    comments.write(ada, "model", model_id, "@Eve!")
    assert told(eve) == [("mention", "Ada mentioned you in a comment on the model Net")]


def test_members_of_a_project_mention_each_other_and_others_learn_of_nobody(people):
    ada, bob, eve, zoe = people.values()
    project_id = projects.create(ada, "Class")
    projects.update(ada, project_id, "Class", "", "public")
    for one in (bob, eve):
        invite_service.invite(ada, "project", project_id, one.email, "read")

    comments.write(bob, "project", project_id, "@Eve hello")

    assert told(eve) == [
        ("mention", "Bob mentioned you in a comment on the project Class"),
        ("invitation", "Ada shared the project Class with you. You can read it."),
    ]
    assert comments.list_mentionable(zoe, "project", project_id) == ["Ada", "Bob"]
    projects.delete(ada, project_id)
    assert [kind for kind, _ in told(eve)] == ["invitation"]


def test_a_change_tells_those_who_are_newly_mentioned(people):
    ada, bob, eve, _ = people.values()
    model_id = private_model(ada, bob, eve)
    comments.write(eve, "model", model_id, "Hello")
    his = comments.write(bob, "model", model_id, "@Ada!")

    comments.edit(bob, his, "@Ada and @Eve!")

    assert [kind for kind, _ in told(ada)] == ["mention", "comment"]
    assert [kind for kind, _ in told(eve)] == ["mention"]


def test_a_notice_goes_with_its_comment(people):
    ada, bob, *_ = people.values()
    model_id = private_model(ada, bob)
    his = comments.write(bob, "model", model_id, "Oops")

    comments.delete(bob, his)

    assert told(ada) == []
