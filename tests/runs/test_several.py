"""Tags of runs, and one thing done with several runs: what happens to each. On SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from mhub_core.accounts.records import User
from mhub_core.errors import Conflict, Forbidden, Invalid, NotFound, SignInRequired
from mhub_core.runs import find_service, several_service, tag_service
from mhub_core.runs import service as runs
from mhub_core.runs.found import RunQuery
from tests import factories


def tags(run_id: int, viewer: User | None = None) -> tuple[str, ...]:
    return next(run.tags for run in find_service.find(viewer, RunQuery()).runs if run.id == run_id)


def test_tags_are_single_lines_in_lower_case_each_once(ada, pair):
    run_id = factories.run_row(ada, *pair)
    tag_service.set_tags(ada, run_id, ["  Paper\n 2 ", "paper 2", "BEST", "", "Ünïcode <b>"])
    assert tags(run_id) == ("best", "paper 2", "ünïcode <b>")
    tag_service.change_tags(ada, run_id, add=["new"], remove=["Best", "never there"])
    assert tags(run_id) == ("new", "paper 2", "ünïcode <b>")
    tag_service.set_tags(ada, run_id, [])
    assert tags(run_id) == ()


@pytest.mark.parametrize(
    "wrong", [["x" * 41], ["a\x00b"], ["\ud800"], ["\u202egpj"], ["\u200b"], ["one,two"], [f"tag {one}" for one in range(11)]]
)
def test_a_tag_that_cannot_be_read_and_too_many_are_refused_and_nothing_changes(ada, pair, wrong):
    run_id = factories.run_row(ada, *pair)
    tag_service.set_tags(ada, run_id, ["kept"])
    for change in (tag_service.set_tags, tag_service.change_tags):
        with pytest.raises(Invalid) as refused:
            change(ada, run_id, wrong)
        assert set(refused.value.problems) == {"tags"}
    assert tags(run_id) == ("kept",)


def test_a_tenth_tag_is_the_last_one(ada, pair):
    run_id = factories.run_row(ada, *pair)
    tag_service.set_tags(ada, run_id, [f"tag {one}" for one in range(10)])
    with pytest.raises(Invalid):
        tag_service.change_tags(ada, run_id, add=["one more"])
    assert type(several_service.tag(ada, [run_id], add=["one more"])[0].error) is Invalid
    tag_service.change_tags(ada, run_id, add=["one more"], remove=["tag 0"])
    assert len(tags(run_id)) == 10


def test_only_who_owns_a_run_changes_its_tags(ada, pair):
    run_id, bob = factories.run_row(ada, *pair), factories.person("bob")
    secret = factories.run_row(ada, factories.model(ada, "private"), pair[1])
    for person, one, refusal in ((None, run_id, SignInRequired), (bob, run_id, Forbidden), (bob, secret, NotFound)):
        with pytest.raises(refusal):
            tag_service.set_tags(person, one, ["mine"])
    assert tags(run_id) == ()
    tag_service.set_tags(ada, run_id, ["mine"])
    assert (tag_service.list_tags(ada), tag_service.list_tags(bob), tag_service.list_tags(None)) == (["mine"], [], [])


def test_what_happened_to_each_of_several_runs_is_told(ada, pair):
    bob = factories.person("bob")
    waiting, training = factories.run_row(ada, *pair), factories.run_row(ada, *pair, state="running")
    others, secret = factories.run_row(bob, *pair), factories.run_row(bob, factories.model(bob, "private"), pair[1])

    told = several_service.delete(ada, [waiting, training, others, secret, 999, waiting])

    kinds = {one.run_id: type(one.error) for one in told}
    assert kinds == {waiting: type(None), training: Conflict, others: Forbidden, secret: NotFound, 999: NotFound}
    assert {run.id for run in find_service.find(bob, RunQuery()).runs} == {training, others, secret}


def test_several_runs_are_stopped_and_tagged_together(ada, pair):
    waiting, training, ended = (factories.run_row(ada, *pair, state=state) for state in ("queued", "running", "finished"))
    several_service.stop(ada, [waiting, training, ended])
    assert [runs.require_run(ada, one).state for one in (waiting, training, ended)] == ["stopped", "stopping", "finished"]
    told = several_service.tag(ada, [waiting, training], add=["sweep"])
    assert [one.error for one in told] == [None, None] and tags(waiting) == tags(training) == ("sweep",)
    with pytest.raises(Invalid):
        several_service.tag(ada, [ended], add=["x" * 41])


@pytest.mark.parametrize("verb", [several_service.stop, several_service.delete, several_service.tag])
def test_a_visitor_and_a_flood_are_refused_as_a_whole(ada, pair, verb):
    with pytest.raises(SignInRequired):
        verb(None, [factories.run_row(ada, *pair)])
    with pytest.raises(Invalid):
        verb(ada, list(range(1, 202)))
