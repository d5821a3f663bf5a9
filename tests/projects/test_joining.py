"""Joining a project by its code: what a class does, and what somebody does who guesses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mhub_core.accounts import throttle
from mhub_core.errors import Forbidden, Invalid, NotFound, SignInRequired, Throttled
from mhub_core.projects import codes, join_service
from mhub_core.projects import service as projects
from mhub_core.sharing import belonging_service as belonging
from mhub_core.sharing import service as sharing
from tests import factories

WRONG = "BBBBBBBB"


def level_of(school, person) -> str:  # noqa: ANN001
    members = projects.require_project(school.tess, school.project_id).members
    return next((one.level for one in members if one.person_id == person.id), "")


def test_whoever_has_the_code_joins_however_they_type_it(school):
    code = school.code
    offer = join_service.look(None, code, "10.0.0.1")
    assert (offer.name, offer.owner_name, offer.level, offer.is_member) == ("Class 8b", "Tess", "edit", False)

    assert join_service.join(school.ann, f" {code[:4].lower()}-{code[4:].lower()} ", "10.0.0.1", True) == school.project_id
    join_service.join(school.ben, code, "10.0.0.1")

    assert (level_of(school, school.ann), level_of(school, school.ben)) == ("edit", "edit")
    assert join_service.look(school.ann, code, "10.0.0.1").is_member
    assert [belonging.chooses_new(one, school.project_id) for one in (school.ann, school.ben)] == [True, False]
    with pytest.raises(SignInRequired):
        join_service.join(None, code, "10.0.0.1")


def test_a_code_gives_the_level_that_was_chosen_and_changes_nobody_s_who_is_in(school):
    sharing.grant(school.tess, "project", school.project_id, school.ann.id, "manage")
    join_service.set_entry(school.tess, school.project_id, True, "read")
    school.join(school.ann, school.ben, school.tess, puts_new=True)
    assert [level_of(school, one) for one in (school.tess, school.ann, school.ben)] == ["own", "manage", "read"]
    assert not belonging.chooses_new(school.ben, school.project_id)  # who only reads puts nothing in

    join_service.set_entry(school.tess, school.project_id, True, "edit")
    school.join(school.ben)
    assert level_of(school, school.ben) == "read"


def test_a_wrong_code_and_one_that_is_switched_off_or_renewed_are_told_in_the_same_words(school):
    before = school.code
    join_service.renew(school.tess, school.project_id)
    join_service.set_entry(school.tess, school.project_id, False, "edit")
    told = set()
    for code in (WRONG, before, school.code, "", "?", "x" * 1000, "AEIOU123", "\x00\ud800"):
        for ask in (join_service.look, join_service.join):
            person = factories.person(f"asks{len(told)}{code[:3]!r}{ask.__name__}")
            with pytest.raises(Invalid) as refused:
                ask(person, code, "10.0.0.1")
            told.add(str(refused.value))
    assert len(told) == 1

    join_service.set_entry(school.tess, school.project_id, True, "edit")
    assert school.code != before
    school.join(school.ann)


def test_ten_thousand_tries_find_no_code(school):
    """As many guesses a person has in a year of trying at every moment at which they may, of 25,600,000,000 codes."""
    tries: list[datetime] = []
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(10_000):  # one each second
        at += timedelta(seconds=1)
        recent = [one for one in tries if at - one < throttle.WINDOW]
        if throttle.wait(throttle.JOIN_PERSON, recent, at) <= timedelta(0):
            tries.append(at)
    assert len(tries) < 70
    assert len({codes.new() for _ in range(200)}) == 200 and len(codes.LETTERS) ** codes.LENGTH > 10**10

    with pytest.raises(Throttled):
        for _ in range(30):
            with pytest.raises(Invalid):
                join_service.join(school.ann, WRONG, "10.0.0.1")
    with pytest.raises(Throttled):  # also the right one then, so that nothing is learned
        join_service.join(school.ann, school.code, "10.0.0.1")
    join_service.join(school.ben, school.code, "10.0.0.1")  # at the same address, and no worse off for it


def test_a_visitor_who_guesses_keeps_no_class_at_the_same_address_out(school):
    with pytest.raises(Throttled):
        for _ in range(100):
            with pytest.raises(Invalid):
                join_service.look(None, WRONG, "10.0.0.1")
    for number in range(25):
        join_service.join(factories.person(f"student{number}"), school.code, "10.0.0.1", True)
    assert projects.require_project(school.tess, school.project_id).num_members == 26


def test_only_who_manages_a_project_sees_and_changes_its_code(school):
    school.join(school.ann)
    for person, refusal in ((school.ann, Forbidden), (school.ben, NotFound), (None, NotFound)):
        for verb in (
            lambda person=person: join_service.require_entry(person, school.project_id),
            lambda person=person: join_service.set_entry(person, school.project_id, True, "read"),
            lambda person=person: join_service.renew(person, school.project_id),
        ):
            with pytest.raises(refusal):
                verb()
    with pytest.raises(Invalid, match="A code cannot give"):
        join_service.set_entry(school.tess, school.project_id, True, "manage")


def test_a_project_has_no_code_until_somebody_wants_one(school):
    other = projects.create(school.tess, "Lab")
    entry = join_service.require_entry(school.tess, other)
    assert (entry.code, entry.is_open) == ("", False)
    assert codes.read(school.code) == school.code and codes.read(codes.shown(school.code)) == school.code
