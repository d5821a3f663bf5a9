"""What people read of their notices, and how they choose to be told."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.engine import writing
from mhub_core.errors import Invalid, SignInRequired
from mhub_core.notices import service as notices
from mhub_core.notices.records import Choice
from mhub_core.runs import service as runs
from mhub_core.runs import worker_service as workers
from mhub_core.training.records import Outcome
from tests import factories


def tell(person, *words: str) -> None:  # noqa: ANN001
    with writing() as session:
        for one in words:
            notices.tell(session, [person.id], notices.INVITATION, "model", 7, None, one)


def unread(person) -> list[str]:  # noqa: ANN001
    return [one.words for one in notices.list_notices(person).notices if not one.is_read]


def test_everybody_reads_and_marks_their_own_notices(ada, bob):
    tell(ada, "one", "two", "three")
    tell(bob, "four")
    first, second, third = notices.list_notices(ada).notices

    notices.mark_read(bob, [first.id])
    notices.mark_read(ada, [second.id, 4711])

    assert unread(ada) == ["three", "one"]
    assert [one.words for one in notices.list_notices(ada, limit=1, offset=1).notices] == ["two"]
    assert (notices.list_notices(ada, limit=1).num_unread, notices.list_notices(ada, offset=2).num_unread) == (2, 2)
    notices.mark_read(ada)
    assert (unread(ada), notices.list_notices(ada).num_unread, unread(bob)) == ([], 0, ["four"])


def test_a_visitor_is_told_nothing_and_chooses_nothing(hub):
    assert notices.list_notices(None).notices == ()
    for attempt in (
        lambda: notices.mark_read(None),
        lambda: notices.get_choices(None),
        lambda: notices.choose(None, notices.COMMENT, True, True),
    ):
        with pytest.raises(SignInRequired):
            attempt()


def test_a_kind_that_is_turned_off_is_told_no_more(ada):
    assert notices.get_choices(ada) == dict.fromkeys(notices.KINDS, Choice(True, False))
    for in_hub in (True, False):
        notices.choose(ada, notices.INVITATION, in_hub, by_mail=False)

    tell(ada, "come")

    assert (unread(ada), notices.get_choices(ada)[notices.INVITATION]) == ([], Choice(False, False))
    with pytest.raises(Invalid, match="no such kind"):
        notices.choose(ada, "cake", True, True)


def test_the_owner_of_a_run_is_told_how_it_ended(ada, bob):
    version_id, data_id = factories.model(ada), factories.dataset(ada)
    good, bad, long, stopped = (factories.run_row(bob, version_id, data_id, name=f"rate {n}") for n in range(4))
    factories.finish_run(good, {"accuracy": 0.973, "loss": 0.1})
    claims = [workers.claim("w") for _ in range(3)]
    assert [claim.run_id for claim in claims if claim] == [bad, long, stopped]
    error = Invalid("The loss is not a number.")
    assert [workers.fail(bad, 1, error), workers.fail(bad, 1, error)] == [True, False]
    outcome = Outcome("stopped", Path("model.keras"), 67, 1.5, 2, {}, {"accuracy": 0.5})
    runs.stop(bob, stopped)
    for run_id in (long, long, stopped):
        workers.finish(run_id, 1, outcome, "0" * 64)

    assert [one.words for one in notices.list_notices(bob).notices] == [
        f"Your run {long} (rate 2) was stopped by the hub: Accuracy 0.500",
        f"Your run {bad} (rate 1) failed: The loss is not a number.",
        f"Your run {good} (rate 0) finished: Accuracy 0.973",
    ]
    assert notices.list_notices(bob).notices[0].query == {"id": long}
    assert unread(ada) == []


def test_who_wants_it_is_told_by_mail(ada, bob, mailbox):
    notices.choose(ada, notices.INVITATION, in_hub=False, by_mail=True)

    tell(ada, "Bob invited you to the model Net")
    tell(bob, "Ada invited you")

    letter = mailbox.only()
    assert letter["Subject"] == "Bob invited you to the model Net"
    assert "/Model?id=7" in letter.get_content() and "/Notices" in letter.get_content()
    assert unread(ada) == []
