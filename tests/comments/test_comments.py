"""What people say about things: who reads it, who changes it, what becomes of it."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import delete as delete_rows
from sqlalchemy import func, select

from db.engine import reading, writing
from db.tables.accounts import UserRow
from db.tables.comments import CommentRow
from mhub_core.accounts import throttle
from mhub_core.comments import service as comments
from mhub_core.datasets import service as datasets
from mhub_core.errors import Conflict, Forbidden, Invalid, MHubError, NotFound, SignInRequired, Throttled
from mhub_core.models import service as models
from mhub_core.runs import service as runs
from mhub_core.sharing import service as sharing
from tests import factories


@pytest.fixture
def model_id(ada):
    return models.require_version(ada, factories.model(ada)).model_id


@pytest.fixture
def private_id(ada):
    return models.require_version(ada, factories.model(ada, "private", "Secret")).model_id


def num_rows() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(CommentRow)) or 0


def said(viewer, model_id: int) -> list[tuple[str, list[str]]]:  # noqa: ANN001
    threads = comments.list_threads(viewer, "model", model_id).threads
    return [(one.comment.text, [reply.text for reply in one.replies]) for one in threads]


def test_everybody_reads_what_people_say_about_a_public_thing(ada, bob, model_id):
    first = comments.write(ada, "model", model_id, "  Which optimizer?  ")
    reply = comments.write(bob, "model", model_id, "Adam.", first)
    comments.write(ada, "model", model_id, "Thanks!", reply)
    comments.write(bob, "model", model_id, "Nice.")

    assert said(None, model_id) == [("Nice.", []), ("Which optimizer?", ["Adam.", "Thanks!"])]
    discussion = comments.list_threads(bob, "model", model_id, limit=1, offset=1)
    assert (discussion.num_threads, discussion.num_comments) == (2, 4)
    (thread,) = discussion.threads
    assert [(one.author_name, one.may_edit, one.may_delete) for one in (thread.comment, *thread.replies)] == [
        ("Ada", False, False),
        ("Bob", True, True),
        ("Ada", False, False),
    ]
    assert [comments.num_threads_before(None, "model", model_id, one) for one in (first, reply, 4711)] == [1, 1, None]
    with pytest.raises(SignInRequired):
        comments.write(None, "model", model_id, "Hello")


def test_a_private_thing_looks_as_if_it_did_not_exist(ada, bob, private_id):
    mine = comments.write(ada, "model", private_id, "For me alone")
    sharing.grant(ada, "model", private_id, bob.id, "read")
    his = comments.write(bob, "model", private_id, "And me")
    sharing.revoke(ada, "model", private_id, bob.id)

    for attempt in (
        lambda: comments.list_threads(None, "model", private_id),
        lambda: comments.list_threads(bob, "model", private_id),
        lambda: comments.num_threads_before(bob, "model", private_id, mine),
        lambda: comments.list_mentionable(bob, "model", private_id),
        lambda: comments.write(bob, "model", private_id, "Anybody here?"),
        lambda: comments.write(bob, "model", private_id, "Anybody here?", mine),
        lambda: comments.edit(bob, his, "Changed"),
        lambda: comments.delete(bob, his),
        lambda: comments.edit(bob, 4711, "Changed"),
    ):
        with pytest.raises(NotFound, match="does not exist, or it is private"):
            attempt()
    assert said(ada, private_id) == [("And me", []), ("For me alone", [])]


def test_nobody_replies_across_things(ada, model_id, private_id):
    elsewhere = comments.write(ada, "model", private_id, "Elsewhere")

    with pytest.raises(Conflict, match="deleted in the meantime"):
        comments.write(ada, "model", model_id, "Here", elsewhere)


def test_only_the_author_changes_a_comment(ada, bob, model_id):
    his = comments.write(bob, "model", model_id, "First")

    comments.edit(bob, his, "Second")

    (thread,) = comments.list_threads(ada, "model", model_id).threads
    assert (thread.comment.text, thread.comment.is_edited) == ("Second", True)
    with pytest.raises(Forbidden, match="written by another person"):
        comments.edit(ada, his, "Third")


def test_who_manages_the_thing_deletes_any_comment_and_others_only_their_own(ada, bob, model_id):
    eve = factories.person("eve")
    his, hers = (comments.write(one, "model", model_id, "Words") for one in (bob, eve))

    with pytest.raises(Forbidden, match="who manages the model"):
        comments.delete(eve, his)
    comments.delete(ada, his)
    comments.delete(eve, hers)

    assert num_rows() == 0


def test_a_deleted_comment_stays_as_an_empty_one_while_there_are_replies(ada, bob, model_id):
    first = comments.write(bob, "model", model_id, "Oops")
    reply = comments.write(ada, "model", model_id, "What?", first)

    comments.delete(bob, first)

    discussion = comments.list_threads(ada, "model", model_id)
    (thread,) = discussion.threads
    assert (thread.comment.text, thread.comment.is_deleted, thread.comment.may_delete) == ("", True, False)
    assert discussion.num_comments == 1
    with pytest.raises(Conflict, match="deleted in the meantime"):
        comments.edit(bob, first, "Again")
    comments.delete(ada, reply)
    assert num_rows() == 0


@pytest.mark.parametrize("text", ["", " \n ", "x" * (comments.LONGEST + 1), "a\x00b", "a\ud800b"])
def test_a_comment_that_cannot_be_kept_is_refused_in_words(ada, model_id, text):
    for attempt in (lambda: comments.write(ada, "model", model_id, text), lambda: comments.edit(ada, 1, text)):
        with pytest.raises(Invalid) as refusal:
            attempt()
        assert refusal.value.problems["text"].startswith(("must", "has an invalid"))


def test_a_flood_of_comments_is_held_up(ada, model_id):
    for number in range(throttle.COMMENTS.free_tries):
        comments.write(ada, "model", model_id, f"Buy {number}")

    with pytest.raises(Throttled, match="many comments"):
        comments.write(ada, "model", model_id, "Buy more")
    with pytest.raises(Throttled, match="many comments"):
        comments.edit(ada, 1, "Buy still more")  # else changes would tell people again and again


def test_a_thread_takes_no_more_replies_than_a_page_can_show(ada, model_id, monkeypatch):
    monkeypatch.setattr(comments, "MAX_REPLIES", 2)
    first = comments.write(ada, "model", model_id, "Count with me")
    for number in range(2):
        comments.write(ada, "model", model_id, str(number), first)

    with pytest.raises(Conflict, match="has 2 replies"):
        comments.write(ada, "model", model_id, "3", first)


def test_comments_go_with_their_thing(ada, bob):
    version_id, data_id = factories.model(ada), factories.dataset(ada)
    model_id = models.require_version(ada, version_id).model_id
    dataset_id = datasets.require_version(ada, data_id).dataset_id
    run_ids = [factories.run_row(ada, version_id, data_id, state="finished") for _ in range(2)]
    for kind, thing_id in (("model", model_id), ("dataset", dataset_id), ("run", run_ids[0]), ("run", run_ids[1])):
        comments.write(ada, kind, thing_id, "Once more", comments.write(bob, kind, thing_id, "Words"))

    runs.delete(ada, run_ids[0])
    assert num_rows() == 6
    models.delete(ada, model_id)
    assert num_rows() == 2
    datasets.delete(ada, dataset_id)
    assert num_rows() == 0


def test_comments_of_a_person_who_left_stay(ada, bob, model_id):
    comments.write(ada, "model", model_id, "Hm", comments.write(bob, "model", model_id, "I leave"))
    with writing() as session:
        session.execute(delete_rows(UserRow).where(UserRow.id == bob.id))

    (thread,) = comments.list_threads(ada, "model", model_id).threads
    assert (thread.comment.author_name, thread.comment.text, thread.comment.may_delete) == (None, "I leave", True)


def test_cards_count_the_comments_that_are_there(ada, bob, model_id):
    data_id = factories.dataset(ada)
    dataset_id = datasets.require_version(ada, data_id).dataset_id
    first = comments.write(bob, "model", model_id, "One")
    comments.write(ada, "model", model_id, "Two", first)
    comments.delete(bob, first)
    comments.write(bob, "dataset", dataset_id, "Three")
    comments.write(bob, "dataset", dataset_id, "Four")

    assert [card.num_comments for card in models.list_models(None)] == [1]
    assert {card.id: card.num_comments for card in datasets.list_datasets(None)}[dataset_id] == 2


def test_nothing_is_left_of_comments_that_come_while_their_thing_is_deleted(ada, bob, model_id):
    refused: list[MHubError] = []

    def comment() -> None:
        try:
            while True:
                comments.write(bob, "model", model_id, "Quick")
        except MHubError as error:
            refused.append(error)

    writers = [threading.Thread(target=comment) for _ in range(2)]
    for writer in writers:
        writer.start()
    models.delete(ada, model_id)
    for writer in writers:
        writer.join()

    assert {type(error) for error in refused} <= {NotFound, Throttled}
    assert num_rows() == 0


def test_a_thread_is_whole_after_replies_and_deletion_at_once(ada, bob, model_id):
    first = comments.write(bob, "model", model_id, "First")
    reply = comments.write(ada, "model", model_id, "Reply", first)
    failed: list[BaseException] = []

    def at_once(attempt) -> threading.Thread:  # noqa: ANN001
        def go() -> None:
            try:
                attempt()
            except (Conflict, NotFound):
                pass
            except BaseException as error:  # noqa: BLE001
                failed.append(error)

        return threading.Thread(target=go)

    attempts = [
        at_once(lambda: comments.delete(bob, first)),
        at_once(lambda: comments.delete(ada, reply)),
        at_once(lambda: comments.write(ada, "model", model_id, "Late", first)),
        at_once(lambda: comments.delete(ada, first)),
    ]
    for one in attempts:
        one.start()
    for one in attempts:
        one.join()

    assert failed == []
    assert said(ada, model_id) in ([], [("", ["Late"])])
